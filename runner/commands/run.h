/* A run of `ipcgrade watch`: building and playing what is due, in a process of its own, which can be cut short at any moment without losing what it has found so far.
 *
 * The process dies with its parent, and takes all that it has started with it.
 *
 * Layer: commands.
 */
#ifndef IPCGRADE_COMMANDS_RUN_H
#define IPCGRADE_COMMANDS_RUN_H

#include <sys/types.h>

#include "commands/known.h"
#include "commands/session.h"

struct run {
    pid_t pid; /* 0: there is none */
    int pidfd; /* readable when it has ended, poll(2); -1: there is none */
    int found; /* the file that it writes to */
};
#define RUN_NONE ((struct run){0, -1, -1})

/* Begin. The session and what is known are the run's own copies from here on. */
bool run_start(struct run *run, const struct session *session, const struct known *known, struct err *err);

/* Wait for its end, having asked for that if it `is_cut`, and take in what it has found. False when it has broken: what there was to say it has said on standard error.
 * Safe where there is none. */
bool run_end(struct run *run, bool is_cut, struct known *known, struct err *err);

#endif
