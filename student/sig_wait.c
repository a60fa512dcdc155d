/*
 * sig_wait
 *
 * Read the rules for all programs and the section "sig_wait" in README.md first. Then, one after the other:
 *   1. Get ready for SIGUSR1 and SIGINT.
 *   2. Wait for the first of them. A signal may come between looking and waiting: see sigsuspend(2).
 *   3. Print "got it" or "bye".
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "sig_wait: not written yet\n");
	return 1;
}
