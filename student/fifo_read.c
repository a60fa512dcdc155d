/*
 * fifo_read [-n] PATH
 *
 * Read the rules for all programs and the section "fifo_read" in README.md first. Then, one after the other:
 *   1. Is there exactly one PATH?
 *   2. Make the FIFO, or find that it is there already. Remember which. See mkfifo(3).
 *   3. Open it for reading. What did you open: is it a FIFO? See open(2), fstat(2).
 *   4. Print what comes, at once, until end of file. What does read(2) return then?
 *   5. Remove the FIFO if you have made it, on every way out. See unlink(2).
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "fifo_read: not written yet\n");
	return 1;
}
