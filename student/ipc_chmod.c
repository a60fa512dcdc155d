/*
 * ipc_chmod KEY [MODE]
 *
 * Read the rules for all programs and the section "ipc_chmod" in README.md first. Then, one after the other:
 *   1. Is KEY a number? Is MODE an octal one, up to 0777? See strtol(3), base 8. Where did it stop?
 *   2. Find the queue. This program never makes one. See msgget(2).
 *   3. Without MODE: print what IPC_STAT says. See msgctl(2), struct msqid_ds.
 *   4. With MODE: what else does IPC_SET set? How does all of that stay as it is?
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "ipc_chmod: not written yet\n");
	return 1;
}
