/*
 * fd_send PATH FILE
 *
 * Read the rules for all programs and the section "fd_send" in README.md first. Then, one after the other:
 *   1. Are there a PATH and a FILE?
 *   2. Open FILE for reading. Connect to PATH.
 *   3. Send one zero byte and with it the descriptor. See sendmsg(2), cmsg(3), SCM_RIGHTS in unix(7).
 *   4. What if the receiver has gone? See send(2).
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "fd_send: not written yet\n");
	return 1;
}
