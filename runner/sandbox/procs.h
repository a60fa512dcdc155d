/* What /proc says of the processes that init can see: whose child, in which state. Who there is: base/pids.h. Wants no memory, as that does not.
 *
 * Layer: sandbox, private to the room. Sources: proc_pid_stat(5).
 */
#ifndef IPCGRADE_SANDBOX_PROCS_H
#define IPCGRADE_SANDBOX_PROCS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct proc_stat {
    char state; /* 'R', 'S', ... */
    pid_t parent;
    unsigned flags;     /* PF_* of the kernel */
    uint64_t cpu_ticks; /* of it and of its children that it has waited for; of a task: of the task */
};

/* Of the process, or with `tid` not 0 of one of its tasks. False: it is gone, or /proc is closed. */
bool procs_stat(pid_t pid, pid_t tid, struct proc_stat *stat);

/* Of a task in state D: it waits in none of the places where a disk is waited for (calls/own_wait.h). False, too, where /proc does not tell. */
bool procs_is_own_wait(pid_t pid, pid_t tid);

/* The system call that it sleeps in, and where in the kernel ("0": that is not told); -1: in none, or /proc does not tell. */
enum { PROCS_PLACE = 256 };
long procs_call(pid_t pid, pid_t tid, char place[PROCS_PLACE]);

/* How often it has left the processor; 0 where /proc does not tell. */
uint64_t procs_sleeps(pid_t pid, pid_t tid);

/* By their parents: `pid` is below `ancestor`. */
bool procs_descends(pid_t pid, pid_t ancestor);

/* Who traces it; 0: nobody, it is gone, or /proc is closed. */
pid_t procs_tracer(pid_t pid, pid_t tid);

#endif
