/*
 * msg_small [-t] KEY
 *
 * Read the rules for all programs and the section "msg_small" in README.md first. Then, one after the other:
 *   1. Find the queue. This program never makes one. See msgget(2).
 *   2. Take the oldest message. What does the third argument of msgrcv(2) count, and what does it not count?
 *      Which flag cuts a message that is too long, and what happens without it?
 *   3. Print the text. Who puts a zero byte behind it?
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "msg_small: not written yet\n");
	return 1;
}
