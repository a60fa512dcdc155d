/* A runner who is kept waiting by what it runs. See sandbox.h.
 *
 * Theory of operation. The kernel locks a pipe while splice(2) waits at the other end of it (trace/held_pipe.c). The tracer refuses that, but who swaps a descriptor in another thread between the
 * tracer's look and the call gets through. The runner then sleeps in state D as soon as it touches the pipe: only somebody else can see it, and only the end of who holds the pipe ends it.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/pids.h"
#include "sandbox/procs.h"
#include "sandbox/sandbox.h"

/* Init, its child, stays, to clear up when it has gone. */
static bool is_below_init(pid_t pid, pid_t runner)
{
    struct proc_stat stat;
    return procs_stat(pid, 0, &stat) && stat.parent != runner && procs_descends(pid, runner);
}

/* Where a splice waits for a pipe itself it has let go of it. Anywhere else it waits for what is at the other end. */
static bool is_at_other_end(const char *place)
{
    static const char *const own[] = {"0",      "splice_",        "do_splice", "ipipe_",
                                      "opipe_", "wait_for_space", "pipe_",     "anon_pipe_",
                                      "do_tee", "mutex_"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strncmp(place, own[i], strlen(own[i])) == 0)
            return false;
    return true;
}

/* Where the kernel tells that he waits for something else, a slow disk or a child, nobody holds him. */
static bool may_be_behind_pipe(pid_t runner)
{
    static const char *const pipes[] = {"pipe_", "anon_pipe_", "fifo_open", "splice_", "do_splice"};
    char place[PROCS_PLACE] = "";
    (void)procs_call(runner, runner, place);
    for (size_t i = 0; i < sizeof pipes / sizeof *pipes; i++)
        if (strncmp(place, pipes[i], strlen(pipes[i])) == 0)
            return true;
    return place[0] == '\0' || strcmp(place, "0") == 0;
}

static bool holds(pid_t pid, pid_t tid)
{
    struct proc_stat stat;
    char place[PROCS_PLACE];
    long call = procs_call(pid, tid, place);
    return (call == SYS_splice || call == SYS_sendfile) && is_at_other_end(place) &&
           procs_stat(pid, tid, &stat) && stat.state == 'S';
}

/* How often its tasks have gone to sleep that hold a pipe; 0: none does. */
static uint64_t sleeps_of_holders(pid_t pid)
{
    cleanup_pids struct pids tasks = pids_of_tasks(pid);
    uint64_t sleeps = 0;
    pid_t tid;
    while ((tid = pids_next(&tasks)))
        if (holds(pid, tid))
            sleeps += procs_sleeps(pid, tid);
    return sleeps;
}

bool sandbox_holds(pid_t runner, uint64_t *sleeps)
{
    struct proc_stat stat;
    uint64_t holders = 0;
    pid_t pid;
    if (!procs_stat(runner, 0, &stat) || stat.state != 'D' || !may_be_behind_pipe(runner))
        return false;
    cleanup_pids struct pids all = pids_of("/proc");
    while ((pid = pids_next(&all)))
        if (is_below_init(pid, runner))
            holders += sleeps_of_holders(pid);
    *sleeps = holders + procs_sleeps(runner, runner);
    return holders > 0;
}

void sandbox_free_killed(pid_t runner)
{
    cleanup_pids struct pids all = pids_of("/proc");
    pid_t pid;
    while ((pid = pids_next(&all)))
        if (is_below_init(pid, runner))
            kill(pid, SIGKILL);
}
