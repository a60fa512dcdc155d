/* What tracees made and left behind, by the tracer's own account: for runs outside of a sandbox, where others make objects too.
 *
 * Layer: trace.
 */
#ifndef IPCGRADE_TRACE_LEDGER_H
#define IPCGRADE_TRACE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"
#include "calls/vocabulary.h"

struct tracer;
struct event;

struct ledger { /* the System V objects that were there before; owned, ledger_free() */
    struct object_id *before;
    size_t count, room;
};

bool ledger_begin(struct ledger *ledger, struct err *err);

enum { LEFT_NAME = 256 };

struct left_object { /* what a tracee made and that is still there */
    struct object_id id;
    char name[LEFT_NAME];      /* its path where it has one; printable, in one line */
    const struct event *event; /* that made it, or NULL; the tracer's */
};

/* Fill *left with what is left now (caller frees); returns how many. */
size_t ledger_find(const struct ledger *ledger, const struct tracer *tracer, struct left_object **left);

size_t ledger_count(const struct ledger *ledger, const struct tracer *tracer);

/* Print one line for each object that a tracee made and that is still there; returns how many. */
size_t ledger_tell(const struct ledger *ledger, const struct tracer *tracer, FILE *to);

void ledger_free(struct ledger *ledger);
#define cleanup_ledger __attribute__((cleanup(ledger_free)))

#endif
