/* Inside the diagnosis room: everything that is open in the scene now, read once for all waits.
 *
 * Which descriptors a process has, and what they lead to, is the kernel's word (/proc/PID/fd, fdinfo).
 */
#ifndef IPCGRADE_DIAGNOSIS_HOLDERS_H
#define IPCGRADE_DIAGNOSIS_HOLDERS_H

#include "trace/trace.h"

struct holder {
    const struct task *task; /* any of its process */
    int fd;
    struct object_id object;
    uint64_t socket; /* its inode, when it is one; else 0 */
    unsigned ends;   /* END_ bits; ask holder_ends() */
    bool has_ends;
};

struct holders {
    struct holder *items; /* owned */
    size_t count, room;
};

/* Ends the process when there is no memory; let go with holders_free(). */
void holders_read(struct holders *holders, struct tracer *tracer);
void holders_free(struct holders *holders);

/* What the descriptor is open for; 0 when it is not there any more. */
unsigned holder_ends(struct holder *holder);

/* The inode when descriptor `fd` of the task is a socket, else 0. */
uint64_t socket_of_fd(const struct task *task, int fd);

#endif
