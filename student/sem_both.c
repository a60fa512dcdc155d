/*
 * sem_both [-n] KEY
 *
 * Read the rules for all programs and the section "sem_both" in README.md first. Then, one after the other:
 *   1. Find the set; a set that is missing is an error, and none is made.
 *   2. Take one from semaphore 0 and one from semaphore 1, both at once: how many calls of semop(2) is that?
 *      What would another process see between two calls?
 *   3. Print "both". With -n: which operations need IPC_NOWAIT?
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "sem_both: not written yet\n");
	return 1;
}
