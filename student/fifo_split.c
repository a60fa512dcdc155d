/*
 * fifo_split A B
 *
 * Read the rules for all programs and the section "fifo_split" in README.md first. Then, one after the other:
 *   1. Are there exactly two paths?
 *   2. Open both FIFOs for writing. What does open(2) wait for?
 *   3. Whatever read(2) gives goes into both, all of it, before you read again.
 *   4. A reader may leave: see "SIGPIPE" and "EPIPE" in pipe(7). Who still wants the rest?
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "fifo_split: not written yet\n");
	return 1;
}
