/*
 * msg_send [-n] KEY TYPE TEXT: put one message into a System V queue.
 *
 * A way to go:
 *   1. Is the first argument "-n"? Are three arguments left? KEY and TYPE are numbers (strtoul, strtol with
 * base 0).
 *   2. Declare a structure: first a long for the type, then room for the text.
 *   3. Find the queue, or make it with mode 0600 (msgget).
 *   4. Send (msgsnd). What does its third argument count, and what does it not count?
 *   5. Each call can fail. Say which one did and why (strerror), and end with a status that is not 0.
 * See msgget(2), msgsnd(2).
 */
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>

int main(int argc, char *argv[])
{
    (void)argc;
    (void)argv;
    fprintf(stderr, "msg_send: not written yet\n");
    return 1;
}
