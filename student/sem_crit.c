/*
 * sem_crit KEY: enter a critical section that a System V semaphore guards, leave it after one line.
 *
 * A way to go:
 *   1. Make a set of one semaphore or find it (semget). Only the process that made it may give it its first
 * value. What happens to a second process that finds the set before that?
 *   2. Enter: semop with -1. What gives the semaphore back if this process is killed inside?
 *   3. Print "in", read a line (or the end of input), leave: semop with +1. With which flag, and why the same
 * one?
 *   4. Each call can fail. Say which one did and why (strerror), and end with a status that is not 0.
 * See semget(2), semop(2), semctl(2).
 */
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/sem.h>

int main(int argc, char *argv[])
{
    (void)argc;
    (void)argv;
    fprintf(stderr, "sem_crit: not written yet\n");
    return 1;
}
