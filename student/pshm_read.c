/*
 * pshm_read [-u] NAME
 *
 * Read the rules for all programs and the section "pshm_read" in README.md first. Then, one after the other:
 *   1. Open the object. You may not be allowed to write to it: do not ask for that. See shm_open(3).
 *   2. How large is it? See fstat(2). It may be empty, and nothing of size 0 can be mapped.
 *   3. Map it for reading. What does mmap(2) return when it fails?
 *   4. Print the text. It ends at the first zero byte or, if there is none, with the object.
 *   5. With -u, and only when everything was printed: shm_unlink(3).
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "pshm_read: not written yet\n");
	return 1;
}
