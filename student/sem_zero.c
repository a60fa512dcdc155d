/*
 * sem_zero KEY
 *
 * Read the rules for all programs and the section "sem_zero" in README.md first. Then, one after the other:
 *   1. Find the set. This program never makes one. See semget(2).
 *   2. Wait. Which value of sem_op means "wait until it is zero"? See semop(2).
 *   3. Print "zero".
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "sem_zero: not written yet\n");
	return 1;
}
