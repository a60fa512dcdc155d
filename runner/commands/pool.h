/* Worker processes: each does one piece of work in a process of its own, pinned to one core, and sends a text back.
 *
 * A worker that dies, hangs or sends too much harms nobody but its own piece. Workers die with the parent (PR_SET_PDEATHSIG), are in process groups of
 * their own, so that Ctrl-C reaches the parent alone, and have no other children when they begin.
 *
 * Layer: commands. Sources: pidfd_open(2), signalfd(2), sched_setaffinity(2), prctl(2).
 */
#ifndef IPCGRADE_COMMANDS_POOL_H
#define IPCGRADE_COMMANDS_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/err.h"

enum {
    POOL_TEXT = 16 << 20,
    POOL_SECONDS = 900
};                         /* most bytes of an answer; a worker is killed after so long */
enum { POOL_NO_TEXT = 2 }; /* the status of a worker that had no text to send */

/* Runs in the worker. Returns an allocated text, or NULL. */
typedef char *pool_work_fn(void *context, size_t index);

struct pool;

/* Cores that this process may use. */
int pool_cores(void);

/* `jobs` workers at a time; pool_free() kills those that still run. Blocks SIGINT, SIGTERM and SIGHUP until then. */
bool pool_new(struct pool **pool, int jobs, pool_work_fn *work, void *context, struct err *err);
void pool_free(struct pool *pool); /* safe on NULL */

bool pool_has_room(const struct pool *pool);
size_t pool_running(const struct pool *pool);
bool pool_start(struct pool *pool, size_t index, struct err *err);

enum pool_event { POOL_ENDED, POOL_SIGNALLED, POOL_DUE, POOL_NOTHING };

struct pool_end {
    size_t index;
    struct bytes text; /* what it sent; the caller's, bytes_free() */
    int status;        /* of wait(2) */
    bool is_late;      /* it was killed after POOL_SECONDS */
    bool is_held;      /* it was killed, since what it played held it, sandbox_holds() */
    bool is_too_long;  /* it was killed because it sent more than POOL_TEXT */
    int error;         /* errno: what it sent could not be read to its end; 0: it could */
    int signal;        /* POOL_SIGNALLED: which one this process was sent */
};

/* pool_wait() would not wait: a worker has ended, or this process was asked to end. */
bool pool_has_news(const struct pool *pool);

/* Wait until a worker has ended, or this process was asked to end, or (POOL_DUE) `most_ms` have passed; -1: however long. POOL_NOTHING: none is running. */
enum pool_event pool_wait(struct pool *pool, int most_ms, struct pool_end *end);

#endif
