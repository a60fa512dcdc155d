/*
 * mq_put [-n] NAME PRIO TEXT
 *
 * Read the rules for all programs and the section "mq_put" in README.md first. Then, one after the other:
 *   1. Look at all arguments before you open anything. See strtoul(3).
 *   2. Open the queue, or make it: which two arguments does mq_open(3) take then?
 *   3. Send the message. How long is it, if the zero byte is no part of it? See mq_send(3).
 *
 * Each call can fail. Say which one did and why, and end with a status other than 0.
 */
#include <stdio.h>

int main(void)
{
	fprintf(stderr, "mq_put: not written yet\n");
	return 1;
}
