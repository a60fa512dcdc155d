/*
 * sem_crit KEY
 *
 * Read the rules for all programs and the section "sem_crit" in README.md first. Then, one after the other:
 *   1. Make a set of one semaphore, or find it. Only the process that made it may give it its first
 *      value. What happens to a second process that finds the set before that? See semget(2).
 *   2. Enter: semop(2) with -1. What gives the semaphore back if this process is killed inside?
 *   3. Print "in" at once, then read a line, or the end of the input.
 *   4. Leave: semop with +1. With which flag, and why the same one?
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "sem_crit: not written yet\n");
	return 1;
}
