/*
 * shm_count SEG SEM N TIMES
 *
 * Read the rules for all programs and the section "shm_count" in README.md first. Then, one after the other:
 *   1. Make a segment with an int in it and a set of one semaphore. Both must be new.
 *   2. Make N children. Each adds 1 to the int TIMES times: which lines belong between -1 and +1?
 *   3. Wait for all of them and look how they ended. Then print the number.
 *   4. Remove both, also after a failure.
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "shm_count: not written yet\n");
	return 1;
}
