/*
 * msg_send [-n] KEY TYPE TEXT
 *
 * Read the rules for all programs and the section "msg_send" in README.md first. Then, one after the other:
 *   1. Are there three arguments? -n stands in front of them, if at all. KEY and TYPE are numbers:
 *      see strtoul(3), strtol(3), base 0. Where did they stop?
 *   2. Declare a structure: first a long for the type, then room for the text.
 *   3. Find the queue, or make it with mode 0600. See msgget(2).
 *   4. Send. What does the third argument of msgsnd(2) count, and what does it not count?
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "msg_send: not written yet\n");
	return 1;
}
