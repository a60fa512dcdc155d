/*
 * fifo_write [-n] PATH WORD...
 *
 * Read the rules for all programs and the section "fifo_write" in README.md first. Then, one after the other:
 *   1. Is there a PATH and at least one word? -n stands in front of them, if at all.
 *   2. What is to happen when SIGUSR1 comes, and what when nobody reads any more? See sigaction(2).
 *   3. Open PATH. What did you open: is it a FIFO? See open(2), fstat(2).
 *   4. Send the words, the blanks between them, and one NUL byte. See write(2): how much did it write?
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "fifo_write: not written yet\n");
	return 1;
}
