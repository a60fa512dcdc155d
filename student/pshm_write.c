/*
 * pshm_write NAME TEXT
 *
 * Read the rules for all programs and the section "pshm_write" in README.md first. Then, one after the other:
 *   1. Make the object, and make sure that it was you who made it. See shm_open(3), O_EXCL.
 *   2. A new object has no bytes at all. What happens to whoever writes into them all the same? See ftruncate(2).
 *   3. Map it so that others see what you write. See mmap(2); what does it return when it fails?
 *   4. Copy the text, with its zero byte.
 *   5. Who removes the object when one of the steps 2 to 4 fails?
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "pshm_write: not written yet\n");
	return 1;
}
