/* The history of descriptors: which process had which descriptor open, since which call, from whom.
 *
 * The kernel says what is open now (/proc), not how it came to be. So the event log is played again, in its order: what opens, duplicates, closes,
 * forks and executes changes the tables. Whatever was open before the first event has no origin.
 *
 * Layer: diagnosis (may name base, calls, trace, inspect).
 * Sources: open(2), pipe(2), dup(2), fcntl(2) (FD_CLOEXEC), close_range(2), fork(2), execve(2).
 */
#ifndef IPCGRADE_DIAGNOSIS_DESCRIPTORS_H
#define IPCGRADE_DIAGNOSIS_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>

#include "trace/trace.h"

enum { END_READ = 1, END_WRITE = 2 }; /* what a descriptor is open for */

struct descriptor {
    int fd;
    struct object_id object;
    unsigned ends; /* END_ bits; 0: not known */
    bool is_cloexec;
    const struct event
        *origin; /* the call that made it, in this process or an ancestor; NULL: it was there at the start */
};

struct history;

/* The tables as they stand before the first event. Caller frees with history_free(). Ends the process when there is no memory. */
struct history *history_new(const struct tracer *tracer);
void history_free(struct history *history); /* safe on NULL */

/* Play one more event; in order of event->number, each once. A call that has failed or has not ended changes nothing. */
void history_play(struct history *history, const struct event *event);

/* Play the log as far as it goes now, each event once; may be called again when it has grown. */
void history_play_all(struct history *history);

/* What process `index` has open as `fd`, or NULL. Borrowed until the next event is played. */
const struct descriptor *history_find(const struct history *history, int index, int fd);

/* All of them, in no order. */
const struct descriptor *history_table(const struct history *history, int index, size_t *count);

#endif
