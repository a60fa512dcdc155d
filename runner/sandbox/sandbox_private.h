/* The runner's side of a sandbox, for the modules of this room.
 *
 * Layer: sandbox, private to the room.
 */
#ifndef IPCGRADE_SANDBOX_SANDBOX_PRIVATE_H
#define IPCGRADE_SANDBOX_SANDBOX_PRIVATE_H

#include "sandbox/init.h"
#include "sandbox/sandbox.h"
#include "sandbox/wire.h"

/* Far more than any answer takes, even on a loaded machine: who does not answer by then is stopped or broken. Nothing is decided by it. */
enum { PATIENCE_MS = 60000 };

struct waiting { /* a process that was spawned and waits to be let go */
    pid_t inner_pid;
    int socket; /* owned */
};

struct sandbox {
    pid_t init;      /* 0: not there */
    int control;     /* our end; passes credentials */
    bool is_started; /* the world is built: it obeys */
    struct ground ground;
    struct place place; /* init's, after the fork */
    char directory[512];
    char *own_directory; /* the case's directory on the host, without a mount namespace; owned */
    struct waiting *waiting;
    size_t waiting_count;
};

/* Give an order and wait for its answer. WIRE_FAILED becomes *err. *got is WIRE_EMPTY or was freed; the caller frees it. */
bool sandbox_order(struct sandbox *sandbox, const struct wire_head *head, const void *data, const int *fds,
                   size_t fd_count, struct wire_message *got, struct err *err);

/* Fill *err from a WIRE_FAILED message; returns false. */
bool sandbox_failed(const struct wire_message *message, struct err *err);

#endif
