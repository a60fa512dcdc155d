/* Keeps the machine busy until its parent ends: what plays are repeated beside (soak.sh).
 *
 *     burden KIND COUNT FOLDER
 *
 * COUNT processes of one kind: `cores` computes, `disk` writes, syncs and removes files in FOLDER, `memory` takes, touches and gives back a quarter of a GiB, `forks` lets sixteen
 * children at a time end and begin, `switches` hands a byte to and fro between two processes; `all` is COUNT of each. Whatever it makes is bounded, and dies with it.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/argument.h"

enum { FILE_BYTES = 32 << 20, PART = 1 << 20, MEMORY_BYTES = 256 << 20, PAGE = 4096, CHILDREN = 16 };

static void check(int is_well, const char *what)
{
    if (is_well)
        return;
    perror(what);
    exit(1);
}

/* Of whoever forked us; who has ended meanwhile sends no signal. */
static void die_with(pid_t parent)
{
    check(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0, "die with the parent");
    if (getppid() != parent)
        exit(0);
}

static void burden_cores(const char *folder)
{
    volatile uint64_t seen = 88172645463325252u;
    (void)folder;
    for (;;)
        seen = seen * 6364136223846793005u + 1;
}

static void burden_disk(const char *folder)
{
    static char part[PART];
    memset(part, 'x', sizeof part);
    char name[512];
    snprintf(name, sizeof name, "%s/burden-%d", folder, (int)getpid());
    for (;;) {
        int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        check(fd >= 0, name);
        check(unlink(name) == 0, name); /* nothing is left, whenever we are killed */
        for (size_t len = 0; len < FILE_BYTES; len += PART)
            check(write(fd, part, PART) == PART && fsync(fd) == 0, "write to the disk");
        close(fd);
    }
}

static void burden_memory(const char *folder)
{
    (void)folder;
    for (;;) {
        char *memory = mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        check(memory != MAP_FAILED, "take memory");
        for (size_t at = 0; at < MEMORY_BYTES; at += PAGE)
            memory[at] = 'x';
        check(munmap(memory, MEMORY_BYTES) == 0, "give memory back");
    }
}

static void burden_forks(const char *folder)
{
    (void)folder;
    for (int children = 0;;) {
        pid_t pid = children < CHILDREN ? fork() : -1;
        if (pid == 0)
            _exit(0);
        children += pid > 0;
        if (pid < 0 && waitpid(-1, NULL, 0) > 0)
            children--;
    }
}

static void burden_switches(const char *folder)
{
    int there[2], back[2];
    pid_t parent = getpid();
    char byte = 'x';
    (void)folder;
    check(pipe(there) == 0 && pipe(back) == 0, "pipe");
    pid_t pid = fork();
    check(pid >= 0, "fork");
    if (pid == 0) {
        die_with(parent);
        while (read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1)
            ;
        exit(0);
    }
    while (write(there[1], &byte, 1) == 1 && read(back[0], &byte, 1) == 1)
        ;
}

static const struct {
    const char *kind;
    void (*run)(const char *folder); /* never returns while all is well */
} kinds[] = {{"cores", burden_cores},
             {"disk", burden_disk},
             {"memory", burden_memory},
             {"forks", burden_forks},
             {"switches", burden_switches}};

static long start(const char *kind, long count, const char *folder)
{
    pid_t parent = getpid();
    long started = 0;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (long i = 0; i < count && (strcmp(kind, "all") == 0 || strcmp(kind, kinds[k].kind) == 0);
             i++, started++) {
            pid_t pid = fork();
            check(pid >= 0, "fork");
            if (pid > 0)
                continue;
            die_with(parent);
            kinds[k].run(folder);
            exit(1);
        }
    return started;
}

int main(int argc, char **argv)
{
    long count = argc == 4 ? argument_number(argv[2]) : -1;
    pid_t parent = getppid();
    signal(SIGINT, SIG_IGN); /* Ctrl-C reaches us too, while the last plays are still waited for */
    signal(SIGTERM, SIG_IGN);
    die_with(parent);
    if (count <= 0 || start(argv[1], count, argv[3]) == 0) {
        fputs("usage: burden KIND COUNT FOLDER\n", stderr);
        return 2;
    }
    int status = 0;
    while (wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        ;
    fprintf(stderr, "burden: %s has ended (wait status 0x%x)\n", argv[1], (unsigned)status);
    return 1;
}
