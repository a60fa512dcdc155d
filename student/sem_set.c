/*
 * sem_set [-n NUM] KEY [VALUE...]
 * sem_set -r KEY
 *
 * Read the rules for all programs and the section "sem_set" in README.md first. Then, one after the other:
 *   1. Look at all arguments first. getopt(3) with a "+" in front leaves -1 behind the key alone.
 *   2. Without VALUE show: IPC_STAT tells how many semaphores there are, GETALL and GETVAL their values.
 *   3. With VALUEs set them: SETALL takes unsigned short. What becomes of 65537 in one?
 *   4. With -r remove the set.
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "sem_set: not written yet\n");
	return 1;
}
