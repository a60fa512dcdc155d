/*
 * sig_count [-a|-q] N
 * sig_count [-q] N PID
 *
 * Read the rules for all programs and the section "sig_count" in README.md first. Then, one after the other:
 *   1. Get ready for the signal before anything else: block it, or install a handler.
 *   2. Receiving: wait for N signals, see sigsuspend(2) or sigwaitinfo(2). With -a answer the sender (si_pid).
 *   3. Sending: kill(2), then wait for the answer. Could it have come before you wait?
 *   4. With -q: sigqueue(3) and SIGRTMIN, no answers.
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "sig_count: not written yet\n");
	return 1;
}
