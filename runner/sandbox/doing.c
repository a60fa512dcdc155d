/* Working or sleeping; see doing.h. */
#include "sandbox/doing.h"

#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/pids.h"
#include "sandbox/procs.h"
#include "sandbox/sandbox.h"

/* S is a sleep that a signal may end, T and t are stops. Who is gone does nothing. D is a disk's, but for a few places: who waits for the child of its vfork is asleep when that
 * child is, which is looked at like all others: while it waits for a disk itself, it is not. */
static bool is_task_asleep(pid_t pid, pid_t tid)
{
    struct proc_stat stat;
    return !procs_stat(pid, tid, &stat) || strchr("StTZX", stat.state) != NULL ||
           (stat.state == 'D' && procs_is_own_wait(pid, tid));
}

static bool is_asleep(pid_t pid)
{
    bool is = true;
    cleanup_pids struct pids tasks = pids_of_tasks(pid);
    for (pid_t tid; is && (tid = pids_next(&tasks));)
        is = is_task_asleep(pid, tid);
    return is;
}

static uint64_t cpu_of_the_living_ms(pid_t pid)
{
    struct proc_stat stat;
    return procs_stat(pid, 0, &stat) ? stat.cpu_ticks * 1000 / (uint64_t)sysconf(_SC_CLK_TCK) : 0;
}

static uint64_t cpu_of_the_dead_ms(void)
{
    struct rusage used;
    if (getrusage(RUSAGE_CHILDREN, &used) < 0)
        return 0;
    return (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
           (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
}

void doing_look(const struct ground *ground, struct doing *doing)
{
    bool has_namespace = ground->flags & CLONE_NEWPID;
    *doing = (struct doing){.cpu_ms = cpu_of_the_dead_ms()};
    bool is_foreign = has_namespace && (ground->lacks & LACKS_PROC); /* /proc is of another namespace */
    cleanup_pids struct pids all = pids_of(is_foreign ? "" : "/proc");
    doing->is_asleep = pids_are_told(&all);
    for (pid_t pid; (pid = pids_next(&all));)
        if (pid != getpid() && (has_namespace || procs_descends(pid, getpid()))) {
            doing->is_asleep = doing->is_asleep && is_asleep(pid);
            doing->cpu_ms += cpu_of_the_living_ms(pid);
        }
}
