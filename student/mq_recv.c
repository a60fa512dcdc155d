/*
 * mq_recv [-n] NAME
 *
 * Read the rules for all programs and the section "mq_recv" in README.md first. Then, one after the other:
 *   1. Install the handler for SIGUSR1. Which functions may it call? See signal-safety(7).
 *   2. Open the queue for receiving. Where does O_NONBLOCK belong? See mq_open(3).
 *   3. How much room does a message need? Not the text decides, the queue does. See mq_getattr(3).
 *   4. Receive one message. What does a signal do to the wait? See mq_receive(3).
 *   5. Print priority and text. The message brings no zero byte.
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "mq_recv: not written yet\n");
	return 1;
}
