/*
 * mq_bell NAME [N]
 *
 * Read the rules for all programs and the section "mq_bell" in README.md first. Then, one after the other:
 *   1. Open the queue so that emptying it comes to an end by itself. See O_NONBLOCK in mq_open(3).
 *   2. Choose how you want to be told: by a signal or by a thread. See mq_notify(3), sigevent(7). With a signal: what if it
 *      comes a moment before you wait for it? See sigprocmask(2), sigwait(3).
 *   3. Register. Then take what is there. Then wait to be told. In this order, each time: why?
 *   4. Print each message and count it. Stop at N.
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "mq_bell: not written yet\n");
	return 1;
}
