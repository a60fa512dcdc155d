/*
 * msg_recv [-n] KEY TYPE
 *
 * Read the rules for all programs and the section "msg_recv" in README.md first. Then, one after the other:
 *   1. Read the arguments. TYPE may be negative: do not let -2 be taken for an option.
 *   2. Set a handler for SIGUSR1. What may a handler call? See sigaction(2), signal-safety(7).
 *   3. Find the queue. This program never makes one. See msgget(2).
 *   4. Receive. Which flag means "do not wait"? What does msgrcv(2) return when a handler has run?
 *   5. Print the type and the text. Is there a zero byte at the end of what you have received?
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "msg_recv: not written yet\n");
	return 1;
}
