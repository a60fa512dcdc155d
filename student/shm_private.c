/*
 * shm_private TEXT
 *
 * Read the rules for all programs and the section "shm_private" in README.md first. Then, one after the other:
 *   1. Make a segment that has no key. See shmget(2), IPC_PRIVATE. How large must it be?
 *   2. Attach it and put the text there. See shmat(2): how does it tell a failure?
 *   3. Make a child. See fork(2): what does it inherit, and what does it only get a copy of?
 *   4. The child prints the text and turns it into capitals where it stands.
 *   5. The parent waits for the child, looks how it ended, and prints the text.
 *   6. Whatever fails after step 1: who removes the segment? See shmctl(2).
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "shm_private: not written yet\n");
	return 1;
}
