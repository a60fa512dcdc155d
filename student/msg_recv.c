/*
 * msg_recv [-n] KEY TYPE: take one message from a System V queue and print it.
 *
 * A way to go:
 *   1. Read the arguments. TYPE may be negative: do not let -2 be taken for an option.
 *   2. Install a handler for SIGUSR1 (sigaction). What may a handler call? See signal-safety(7).
 *   3. Find the queue. This program never makes one.
 *   4. Receive (msgrcv). Which flag means "do not wait"? What does msgrcv return when a handler has run?
 *   5. Print the type and the text. Is there a zero byte at the end of what you have received?
 *   6. Each call can fail. Say which one did and why (strerror), and end with a status that is not 0.
 * See msgget(2), msgrcv(2), signal(7).
 */
#include <signal.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>

int main(int argc, char *argv[])
{
    (void)argc;
    (void)argv;
    fprintf(stderr, "msg_recv: not written yet\n");
    return 1;
}
