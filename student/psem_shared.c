/*
 * psem_shared N
 *
 * Read the rules for all programs and the section "psem_shared" in README.md first. Then, one after the other:
 *   1. Get memory that parent and children share. See mmap(2), MAP_SHARED and MAP_ANONYMOUS.
 *   2. Make the semaphores in it. What does the second argument say, and with which value does each begin? See sem_init(3).
 *   3. Make all N children, and only then let the first one print.
 *   4. Each child waits for its turn, prints its line, and hands the turn on. The parent comes last. See sem_post(3).
 *   5. Wait for all children. See waitpid(2).
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "psem_shared: not written yet\n");
	return 1;
}
