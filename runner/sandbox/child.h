/* A process of the sandbox, from fork to execve. All of it runs in init's children.
 *
 * Theory: init forks a leader, the leader opens a session (with a terminal if one is wanted) and forks the process itself, which
 * prepares everything, tells the runner that it is there, and waits. The leader is ours: it keeps the session and its terminal alive and reaps.
 * Between its fork and its execve the process still holds a copy of the runner's memory. Nobody in the sandbox can look into it: it keeps
 * its capabilities as permitted ones, so ptrace_may_access() refuses everyone who has fewer.
 *
 * Layer: sandbox, private to the room. Sources: credentials(7), setsid(2), tty_ioctl(4), capabilities(7), execve(2), seccomp(2).
 */
#ifndef IPCGRADE_SANDBOX_CHILD_H
#define IPCGRADE_SANDBOX_CHILD_H

#include <linux/filter.h>
#include <stddef.h>

#include "sandbox/sandbox.h"
#include "sandbox/wire.h"
#include "sandbox/world.h"

/* The data of WIRE_SPAWN: this, then path, arguments and environment, each ended by a NUL. Its descriptors: the child's socket, then those of
 * the child's ends of stdin, stdout, stderr that are pipes, in that order, then (has_terminal) the slave of a terminal that the runner lends. */
struct child_order {
    enum spawn_stream in, out;
    bool is_other_user;
    bool has_terminal;
    struct spawn_limits {
        rlim_t cpu_seconds, memory_bytes, file_bytes, msgqueue_bytes, nofile, processes;
    } limits;
    size_t arg_count, env_count;
};

/* What the child tells: then it waits for one more message, and executes. Its descriptors: master and slave of the terminal that was opened inside, if there is one. */
struct child_ready {
    pid_t pid; /* as the sandbox counts */
    unsigned long stream_id[3][2];
};

struct child_filter {
    const struct sock_filter *filter;
    size_t length;
};

/* The leader's whole life; never returns. `order` has been received by init; its descriptors are used. `broker` is an end of broker_invite(), or -1. */
_Noreturn void child_lead(const struct world *world, pid_t init, const struct child_filter *filter,
                          int broker, struct wire_message *order);

#endif
