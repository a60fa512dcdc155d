/*
 * sem_zero KEY: wait until a System V semaphore is zero.
 *
 * A way to go:
 *   1. Find the set (semget). This program never makes one.
 *   2. Wait (semop). Which value of sem_op means "wait until it is zero"? Do not ask again and again.
 *   3. Print "zero".
 *   4. Each call can fail. Say which one did and why (strerror), and end with a status that is not 0.
 * See semget(2), semop(2).
 */
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/sem.h>

int main(int argc, char *argv[])
{
    (void)argc;
    (void)argv;
    fprintf(stderr, "sem_zero: not written yet\n");
    return 1;
}
