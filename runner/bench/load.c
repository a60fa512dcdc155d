/* The loads that the tracers are compared on. Each prints nanoseconds per round of its inner loop; the start and end of the process are not in it.
 *
 *     load pipe ROUNDS      two processes hand one byte to and fro over two pipes: four traced calls and two changes of process per round
 *     load getppid ROUNDS   a system call that nobody traces
 *     load cpu ROUNDS       no system call at all
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/argument.h"

static void check(int is_well, const char *what)
{
    if (is_well)
        return;
    perror(what);
    exit(1);
}

static void answer(int from, int to)
{
    char byte;
    while (read(from, &byte, 1) == 1)
        check(write(to, &byte, 1) == 1, "write");
}

static void pipe_rounds(long rounds)
{
    static int there[2], back[2]; /* the second call is the measured one */
    char byte = 'x';
    if (rounds == 0) {
        check(pipe(there) == 0 && pipe(back) == 0, "pipe");
        pid_t pid = fork();
        check(pid >= 0, "fork");
        if (pid == 0) {
            close(there[1]);
            close(back[0]);
            answer(there[0], back[1]);
            _exit(0);
        }
        close(there[0]);
        close(back[1]);
        rounds = 1;
    }
    for (long i = 0; i < rounds; i++)
        check(write(there[1], &byte, 1) == 1 && read(back[0], &byte, 1) == 1, "pipe round");
}

static void getppid_rounds(long rounds)
{
    for (long i = 0; i < rounds; i++)
        syscall(SYS_getppid);
}

static void cpu_rounds(long rounds)
{
    volatile uint64_t seen;
    uint64_t state = 88172645463325252u;
    for (long i = 0; i < rounds; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
    }
    seen = state;
    (void)seen;
}

/* With 0 rounds each makes ready whatever it needs. */
static const struct {
    const char *name;
    void (*run)(long rounds);
} loads[] = {{"pipe", pipe_rounds}, {"getppid", getppid_rounds}, {"cpu", cpu_rounds}};

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

int main(int argc, char **argv)
{
    long rounds = argc == 3 ? argument_number(argv[2]) : 0;
    for (size_t i = 0; rounds > 0 && i < sizeof loads / sizeof loads[0]; i++) {
        if (strcmp(argv[1], loads[i].name) != 0)
            continue;
        loads[i].run(0);
        double begun = now_ns();
        loads[i].run(rounds);
        printf("%.3f\n", (now_ns() - begun) / (double)rounds);
        return 0;
    }
    fprintf(stderr, "usage: load pipe|getppid|cpu ROUNDS\n");
    return 2;
}
