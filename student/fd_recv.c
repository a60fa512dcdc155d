/*
 * fd_recv PATH
 *
 * Read the rules for all programs and the section "fd_recv" in README.md first. Then, one after the other:
 *   1. Is there exactly one PATH?
 *   2. Bind, listen, accept one client. See unix(7).
 *   3. Receive the byte and the descriptor that comes with it. See recvmsg(2), cmsg(3). What if none came?
 *   4. Remove PATH, on every way out once you have made it.
 *   5. Print what can be read from the descriptor, at once, to its end.
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "fd_recv: not written yet\n");
	return 1;
}
