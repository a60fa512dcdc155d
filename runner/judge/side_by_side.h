/* For tests only: many plays that have nothing to do with each other are played before Check begins, by one worker for each processor, and each in a process of its
 * own. Check then says one by one what came of them. Check itself runs one after the other, and a play is pinned to one processor, so the others would stand idle.
 *
 * Check says nothing before all have been played, which can take hours: with IPCGRADE_PROGRESS in the environment, what goes wrong is told on standard error as soon as it
 * is known, and how far they have come each time another twentieth of them has been played.
 */
#ifndef IPCGRADE_JUDGE_SIDE_BY_SIDE_H
#define IPCGRADE_JUDGE_SIDE_BY_SIDE_H

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/places_test.h"

enum { SIDE_TEXT = 4096, SIDE_WORKERS = 256 };

/* Plays number `number` and says in *wrong what is not as it should be; nothing: all is well. */
typedef void side_play(size_t number, struct bytes *wrong);

struct side_outcome {
    bool is_played;
    char wrong[SIDE_TEXT]; /* "": all is well */
};

struct side_progress {
    atomic_size_t next, played, wrong;
};

struct side_by_side {
    size_t count;
    unsigned seconds; /* that one play may take */
    side_play *play;
    bool tells;                     /* while they are played */
    struct side_progress *progress; /* shared */
    struct side_outcome *outcomes;  /* shared */
};

static inline void *side_shared(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    return memory;
}

static inline void side_pin(int number)
{
    cpu_set_t set, allowed;
    sched_getaffinity(0, sizeof allowed, &allowed);
    CPU_ZERO(&set);
    for (int cpu = 0, seen = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &allowed) && seen++ == number)
            CPU_SET(cpu, &set);
    sched_setaffinity(0, sizeof set, &set);
}

/* In a process of its own: whatever happens there, the others are played. */
static inline void side_play_one(const struct side_by_side *all, size_t number)
{
    struct side_outcome *outcome = &all->outcomes[number];
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        struct bytes wrong = {0};
        alarm(all->seconds); /* its SIGALRM kills, and the tracees go with their tracer */
        all->play(number, &wrong);
        snprintf(outcome->wrong, sizeof outcome->wrong, "%s", bytes_text(&wrong));
        outcome->is_played = true;
        fflush(NULL);
        _exit(0);
    }
    bool has_ended = pid > 0 && waitpid(pid, &status, 0) == pid;
    if (has_ended && WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        snprintf(outcome->wrong, sizeof outcome->wrong, "it took more than %u seconds", all->seconds);
    else if (!has_ended || !outcome->is_played)
        snprintf(outcome->wrong, sizeof outcome->wrong,
                 "the process that played it ended with wait status %#x", (unsigned)status);
    outcome->is_played = true;
}

/* One write each, which the workers do not mix. */
static inline void side_tell(const struct side_by_side *all, size_t number)
{
    enum { TIMES = 20 };
    const char *wrong = all->outcomes[number].wrong;
    if (*wrong) {
        atomic_fetch_add(&all->progress->wrong, 1);
        if (all->tells)
            dprintf(STDERR_FILENO, "%zu of %zu: %s\n", number + 1, all->count, wrong);
    }
    size_t played = atomic_fetch_add(&all->progress->played, 1) + 1;
    bool is_another = played * TIMES / all->count > (played - 1) * TIMES / all->count;
    if (all->tells && is_another)
        dprintf(STDERR_FILENO, "%zu of %zu played, %zu not as they should be\n", played, all->count,
                atomic_load(&all->progress->wrong));
}

static inline pid_t side_worker(const struct side_by_side *all, int number)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    side_pin(number);
    for (size_t next; (next = atomic_fetch_add(&all->progress->next, 1)) < all->count;) {
        side_play_one(all, next);
        side_tell(all, next);
    }
    fflush(NULL);
    _exit(0);
}

/* Plays all; `seconds` for each are multiplied by CK_TIMEOUT_MULTIPLIER, as Check does with its own limits. */
static inline void side_by_side(struct side_by_side *all, size_t count, unsigned seconds, side_play *play)
{
    const char *multiplier = getenv("CK_TIMEOUT_MULTIPLIER");
    long times = multiplier ? strtol(multiplier, NULL, 10) : 1;
    cpu_set_t allowed;
    *all = (struct side_by_side){.count = count,
                                 .seconds = seconds * (unsigned)(times > 0 ? times : 1),
                                 .play = play,
                                 .tells = getenv("IPCGRADE_PROGRESS"),
                                 .progress = side_shared(sizeof *all->progress),
                                 .outcomes = side_shared((count + 1) * sizeof *all->outcomes)};
    sched_getaffinity(0, sizeof allowed, &allowed);
    pid_t workers[SIDE_WORKERS];
    int most = CPU_COUNT(&allowed) < SIDE_WORKERS ? CPU_COUNT(&allowed) : SIDE_WORKERS;
    fflush(NULL);
    places_guard();
    for (int i = 0; i < most; i++)
        workers[i] = side_worker(all, i);
    for (int i = 0; i < most; i++)
        if (workers[i] > 0)
            waitpid(workers[i], NULL, 0);
}

/* "" when all is well; a play that no worker came to is told too. */
static inline const char *side_wrong(const struct side_by_side *all, size_t number)
{
    const struct side_outcome *outcome = &all->outcomes[number];
    return outcome->is_played ? outcome->wrong : "it was not played";
}

#endif
