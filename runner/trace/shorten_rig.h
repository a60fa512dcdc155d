/* For the tests of shortening only: a call that is to move SHORT bytes of the LETTERS, and what its program is given. */
#ifndef IPCGRADE_TRACE_SHORTEN_RIG_H
#define IPCGRADE_TRACE_SHORTEN_RIG_H

#include "trace/rig.h"

#include <sys/socket.h>
#include <sys/uio.h>

enum { SHORT = 3, LETTERS = 8 };

struct trap {
    const char *call;
    int left;
    const struct event *event; /* the one that was to come short */
};

static inline struct ruling trap_entry(void *context, struct task *task, const struct event *event)
{
    struct trap *trap = context;
    (void)task;
    if (strcmp(event->call.row->name, trap->call) != 0 || trap->left == 0)
        return (struct ruling){RULING_GO, 0, 0};
    trap->left--;
    trap->event = event;
    return (struct ruling){RULING_SHORTEN, 0, SHORT};
}

/* ---- what the programs share -------------------------------------------------------------------------------------------- */

static char letters[] = "abcdefgh";

static inline void streams(int ends[2])
{
    if (pipe(ends) != 0)
        _exit(1);
}

static inline void sockets(int type, int ends[2])
{
    if (socketpair(AF_UNIX, type, 0, ends) != 0)
        _exit(1);
}

static inline int with_letters(int type)
{
    int ends[2];
    sockets(type, ends);
    return write(ends[0], letters, LETTERS) == LETTERS ? ends[1] : -1;
}

/* What was moved, where the result is a count of bytes. */
static inline void tell(struct rig_shared *shared, ssize_t result, const char *text)
{
    shared->number[0] = result < 0 ? -errno : (int)result;
    memcpy(shared->text, text, LETTERS);
}

static inline void tell_arrived(struct rig_shared *shared, ssize_t result, int fd)
{
    char text[LETTERS + 1] = "";
    int error = errno;
    shared->number[1] = (int)recv(fd, text, LETTERS, MSG_DONTWAIT);
    errno = error;
    tell(shared, result, text);
}

/* Pieces of 0, 2, 0 and 6 bytes. */
static inline void pieces_of(char *text, struct iovec pieces[4])
{
    pieces[0] = (struct iovec){NULL, 0};
    pieces[1] = (struct iovec){text, 2};
    pieces[2] = (struct iovec){text + 2, 0};
    pieces[3] = (struct iovec){text + 2, LETTERS - 2};
}

typedef ssize_t vector_call(int fd, const struct iovec *pieces, int count, off_t at);

static inline ssize_t call_readv(int fd, const struct iovec *pieces, int count, off_t at)
{
    return (void)at, readv(fd, pieces, count);
}

static inline void gather(struct rig_shared *shared, vector_call *call, int fd, off_t at)
{
    char text[LETTERS + 1] = "";
    struct iovec pieces[4];
    pieces_of(text, pieces);
    tell(shared, call(fd, pieces, 4, at), text);
}

static inline void open_trap(struct rig *rig, struct trap *trap)
{
    rig->config.hooks.context = trap;
    rig->config.hooks.entry = trap_entry;
    rig_open(rig);
}

#endif
