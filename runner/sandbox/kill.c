/* Killing and reaping; see kill.h for the theory. */
#include "sandbox/kill.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/pids.h"
#include "sandbox/procs.h"
#include "sandbox/sandbox.h"
#include "sandbox/wire.h"

/* Against a fork bomb that outruns us; each round kills all that it sees. */
enum { ROUNDS = 10000 };

bool kill_is_ending(pid_t pid)
{
    enum { EXITING = 0x4 }; /* PF_EXITING */
    struct proc_stat stat;
    return procs_stat(pid, 0, &stat) && (stat.flags & EXITING);
}

/* A tracee that stops on its way out (PTRACE_EVENT_EXIT) waits for its tracer; the signal has done what it can. */
static bool is_as_good_as_dead(char state)
{
    return state == 'Z' || state == 'X' || state == 't';
}

/* Without a pid namespace: send every descendant the signal once. Returns how many may still do something. */
static size_t signal_descendants(int signal_number)
{
    cleanup_pids struct pids all = pids_of("/proc");
    size_t count = 0;
    pid_t pid;
    struct proc_stat stat;
    while ((pid = pids_next(&all)))
        if (pid != getpid() && procs_stat(pid, 0, &stat) && procs_descends(pid, getpid())) {
            bool is_still =
                is_as_good_as_dead(stat.state) || (signal_number == SIGSTOP && strchr("TD", stat.state));
            if (!is_still || signal_number == SIGKILL)
                kill(pid, signal_number);
            count += !is_still;
        }
    return count;
}

/* Who is killed makes room for another under RLIMIT_NPROC, and a fork bomb has more of the processor than we. Who is stopped keeps his place and does nothing with it. Whoever waits in D, for a
 * child of vfork(2), say, forks nobody until that one goes on. */
static void stop_descendants(void)
{
    for (int round = 0; round < ROUNDS && signal_descendants(SIGSTOP) > 0; round++)
        ;
}

bool kill_all(const struct ground *ground)
{
    if (ground->flags & CLONE_NEWPID)
        return kill(-1, SIGKILL) == 0 || errno == ESRCH;
    stop_descendants();
    for (int round = 0; round < ROUNDS && signal_descendants(SIGKILL) > 0; round++)
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
    return true;
}

/* In its own name where the kernel translates numbers between namespaces, else by number. One that is gone already needs no name. */
static void name_task(int socket, pid_t tid, bool has_namespace)
{
    struct wire_head head = {.kind = WIRE_TASK, .number = has_namespace ? 0 : tid};
    if (has_namespace)
        wire_send_as(socket, &head, tid, NULL);
    else
        wire_send(socket, &head, NULL, NULL, 0, NULL);
}

static void name_process(int socket, pid_t pid, bool has_namespace)
{
    cleanup_pids struct pids tasks = pids_of_tasks(pid);
    pid_t tid;
    while ((tid = pids_next(&tasks)))
        if (tid != pid)
            name_task(socket, tid, has_namespace);
    name_task(socket, pid, has_namespace);
}

bool kill_name_rest(const struct ground *ground, int socket)
{
    bool has_namespace = ground->flags & CLONE_NEWPID;
    if (has_namespace && (ground->lacks & LACKS_PROC))
        return false;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    cleanup_pids struct pids all = pids_of("/proc");
    pid_t pid;
    while ((pid = pids_next(&all)))
        if (pid != getpid() && (has_namespace || procs_descends(pid, getpid())))
            name_process(socket, pid, has_namespace);
    return pids_are_told(&all);
}

void kill_reap(const struct ground *ground)
{
    for (;;) {
        if (waitpid(-1, NULL, 0) < 0 && errno == ECHILD)
            return;
        if (!(ground->flags & CLONE_NEWPID))
            signal_descendants(SIGKILL); /* an orphan may have become ours only now */
    }
}

/* One status of a tracee that was killed. It may stop on its way out (PTRACE_EVENT_EXIT), or have stopped there and not been told to go on, for want of a request that failed: then no
 * status of it will ever come. So it is told before each wait; who is not stopped does not mind. Who cannot be told is left to PTRACE_O_EXITKILL. */
static pid_t take_status(pid_t tid, int options)
{
    int status;
    if (ptrace(PTRACE_CONT, tid, 0, 0) < 0 && errno != ESRCH)
        return -1;
    pid_t got = waitpid(tid, &status, __WALL | options);
    return got > 0 && WIFSTOPPED(status) ? 0 : got;
}

void kill_reap_tracee(pid_t tid)
{
    pid_t got;
    do /* ECHILD: not ours, or the tracer has waited already */
        got = take_status(tid, 0);
    while (got == 0 || (got < 0 && errno == EINTR));
}

size_t kill_reap_tracees(void)
{
    cleanup_pids struct pids all = pids_of("/proc");
    size_t left = 0;
    pid_t pid, tid;
    while ((pid = pids_next(&all))) {
        cleanup_pids struct pids tasks = pids_of_tasks(pid);
        while ((tid = pids_next(&tasks)))
            if (procs_tracer(pid, tid) == getpid())
                left += take_status(tid, WNOHANG) == 0;
    }
    return left;
}
