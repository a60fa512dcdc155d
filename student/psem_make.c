/*
 * psem_make NAME VALUE
 * psem_make -v NAME
 * psem_make -u NAME
 *
 * Read the rules for all programs and the section "psem_make" in README.md first. Then, one after the other:
 *   1. Make a new semaphore. Which two flags together say "new, or not at all"? See sem_open(3).
 *   2. -v: open the semaphore, which must be there, and print its value. See sem_getvalue(3).
 *   3. -u: remove the name. See sem_unlink(3).
 *
 * sem_open gives SEM_FAILED, not NULL, when it fails. Say which call failed and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "psem_make: not written yet\n");
	return 1;
}
