/* Messages between the runner and the sandbox's init: a head, some data, some descriptors, over SOCK_SEQPACKET.
 *
 * A message longer than one packet goes on in further packets; both sides take turns, so nothing is ever interleaved.
 *
 * Layer: sandbox, private to the room. Sources: unix(7) (SCM_RIGHTS, SCM_CREDENTIALS, SOCK_SEQPACKET).
 */
#ifndef IPCGRADE_SANDBOX_WIRE_H
#define IPCGRADE_SANDBOX_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/err.h"

enum wire_kind {
    /* orders of the runner */
    WIRE_START, /* the id maps are written: build the world; answered by WIRE_DONE with `lacks`; number 1: objects are not limited */
    WIRE_PUT,   /* copy the descriptor into the file named in data */
    WIRE_SEAL,  /* hide what is to be hidden, make the root read-only */
    WIRE_TAKE,  /* open the file named in data; WIRE_DONE brings the descriptor */
    WIRE_SPAWN, /* see child.h; the child itself answers, over a socket of its own */
    WIRE_ASK,   /* data is a question for the caller's function; WIRE_DONE brings the reply */
    WIRE_KILL, /* kill all; answered by one WIRE_TASK for each task that may still be there, then WIRE_DONE */
    WIRE_REAP, /* wait for everything that was killed */
    WIRE_CLEAN, /* remove System V objects */
    WIRE_PING,  /* say that you live */
    WIRE_LOOK,  /* WIRE_DONE brings a struct doing */
    /* answers */
    WIRE_DONE,
    WIRE_FAILED, /* data is the text, number the errno, lacks what is missing */
    WIRE_TASK,   /* a task: its number, or 0 and the sender's identity is that of the task */
};

struct wire_head {
    uint32_t kind;
    int32_t number; /* errno, mode, ...: whatever the kind says */
    uint32_t lacks;
    uint32_t unused;
    uint64_t len; /* of the data, all packets together */
};

enum { WIRE_FDS = 4, WIRE_MAX = 8 << 20, WIRE_FOR_EVER = -1 };

struct wire_message {
    struct wire_head head;
    struct bytes data;
    int fds[WIRE_FDS]; /* owned; -1 where there is none */
    pid_t sender;      /* as the receiver counts; 0 when the socket does not pass credentials */
};

/* `fds` may be NULL. Fails when the other side is gone (err->number EPIPE). */
bool wire_send(int socket, const struct wire_head *head, const void *data, const int *fds, size_t fd_count,
               struct err *err);

/* Like wire_send without data, in the name of another task of the sender's pid namespace (needs CAP_SYS_ADMIN there). */
bool wire_send_as(int socket, const struct wire_head *head, pid_t task, struct err *err);

/* Receive one message whole. `patience_ms` guards against a partner that is stopped or broken: it is a safety limit (err->number
 * ETIMEDOUT), not a way to decide anything. Whatever *message held before is overwritten: it is WIRE_EMPTY or was freed. */
bool wire_receive(int socket, struct wire_message *message, int patience_ms, struct err *err);

#define WIRE_EMPTY                                                                                           \
    {                                                                                                        \
        .fds = { -1, -1, -1, -1 }                                                                            \
    }

void wire_message_free(
    struct wire_message *message); /* closes the descriptors that were not taken (set to -1) */

#define cleanup_message __attribute__((cleanup(wire_message_free)))

#endif
