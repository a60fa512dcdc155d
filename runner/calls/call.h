/* One system call of a traced task, as the kernel saw it and as the vocabulary understands it.
 *
 * The tracer fills in the raw part, then calls the row's decoder, which reads the tracee's memory through `memory` and fills
 * in the decoded part. Rows with CALL_BY_EXIT are decoded a second time at the exit stop (is_done is true then).
 *
 * Layer: calls.
 */
#ifndef IPCGRADE_CALLS_CALL_H
#define IPCGRADE_CALLS_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "calls/vocabulary.h"

/* How long a call can wait. */
enum wait_kind {
    WAIT_NONE,    /* it does not wait (not a waiting call, or non-blocking by its flags) */
    WAIT_EVENT,   /* for a process, the runner, a signal: untimed */
    WAIT_LIMITED, /* the same with a time limit */
    WAIT_TIME,    /* for time alone */
};

/* Reading a tracee's memory: false when nothing is there. */
struct memory {
    bool (*read)(void *context, uint64_t address, void *to, size_t len);
    void *context;
};

enum { CALL_DATA_SHOWN = 256, CALL_FDS = 64, CALL_OPS = 32, CALL_REST = 16 };

struct call_op { /* one semaphore operation */
    unsigned short num;
    short op;
    short flags;
};

struct call_fd { /* one descriptor of poll, select, epoll */
    int fd;
    bool is_read, is_write; /* what is waited for */
};

struct call {
    /* raw: set by the tracer before decoding */
    const struct call_row *row;
    const struct deed_row
        *deed; /* the family it belongs to now; a decoder may change it (fcntl is dup, lock, or nothing) */
    uint64_t arg[6];
    int64_t result; /* valid when is_done; a negative errno on failure */
    bool is_done;
    struct memory memory;

    /* decoded */
    int error; /* positive errno, 0 on success or while not done */
    enum wait_kind wait;
    int64_t
        wait_ns; /* how long it waits at most, from its entry; 0: without end, or by a clock that can be set */
    int fd;      /* the descriptor it works on, or -1 */
    int made[2];     /* descriptors that it made (open, dup, pipe, accept), or -1 */
    char path[256];  /* the path it names, as the tracee wrote it (cut), or "" */
    char path2[128]; /* rename's new name, exec's first argument, ... */
    int dirfd;       /* for relative paths; AT_FDCWD */
    int family;      /* of the socket address that it names: AF_UNIX (the path; "@.." is abstract),
                                 * AF_INET, AF_INET6 (the port; path2 is the whole for people); 0: none */
    int port;
    bool has_ipc;               /* System V: */
    int ipc_id;                 /* ... the identifier, or -1 */
    int ipc_key;                /* ... msgget, semget, shmget */
    int64_t value[PARAM_COUNT]; /* decoded numbers, flags, types, ... */
    uint64_t known;             /* bit (1 << PARAM_x) set where value[] holds */
    struct call_op ops[CALL_OPS];
    int op_count;
    struct call_fd fds[CALL_FDS];
    int fd_count;
    struct bytes data; /* the bytes that moved (message text without its type): owned; call_free() */
    size_t data_len;   /* how many bytes moved in all (data may hold fewer) */
    char rest
        [CALL_REST]; /* of a write or sendto that took only a part: how that goes on which it did not take */
    size_t rest_len;
    size_t data_wanted; /* how many bytes of data to keep; set by the tracer */
};

void call_init(struct call *call);
void call_free(struct call *call);

static inline bool call_is(const struct call *call, const char *name)
{
    return strcmp(call->row->name, name) == 0;
}

/* For decoders. */
void call_set(struct call *call, enum param param, int64_t value);
bool call_read(const struct call *call, uint64_t address, void *to, size_t len);
void call_read_string(const struct call *call, uint64_t address, char *to, size_t room);
void call_read_data(struct call *call, uint64_t address,
                    size_t len); /* appends to data up to data_wanted; counts data_len */
static inline bool call_knows(const struct call *call, enum param param)
{
    return (call->known >> param) & 1;
}

/* Does it only ask who has locked a file (F_GETLK, F_OFD_GETLK)? */
bool call_asks_for_lock(const struct call *call);

/* One readable line: `open("box", O_WRONLY|O_NONBLOCK) = -1 ENXIO (No such device or address)`; flags by name, the first
 * bytes of data, message types, semaphore operations. An unfinished call ends in `...`. Caller frees. */
char *call_text(const struct call *call);

#endif
