/* The engine of `ipcgrade trace -- COMMAND`: any command, outside of any sandbox, under the tracer.
 *
 * The command keeps the caller's terminal, standard streams, directory and environment. Each call is told when it has ended, as one
 * readable line; signals and ends of processes likewise. What the command has made and left behind is told last.
 *
 * Layer: trace. Takes over SIGCHLD for as long as it runs, and ignores SIGINT and SIGQUIT meanwhile (the command gets them, as
 * under system(3)).
 */
#ifndef IPCGRADE_TRACE_RUN_H
#define IPCGRADE_TRACE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"
#include "trace/ledger.h"
#include "trace/trace.h"

struct trace_run_options {
    FILE *to;       /* where the lines go; borrowed */
    bool color;     /* escape sequences for colour are wanted */
    bool wants_all; /* also the calls of the dynamic loader and of programs before their entry point */
    bool
        wants_source; /* "at file.c:12" behind calls that failed or waited, where there is line information */
    const char *probe; /* the probe, an absolute path; NULL: library calls are not seen. Borrowed */
    bool
        is_ended_at_rest; /* when nothing can ever happen any more without somebody from outside, everybody is killed */
    /* For those who draw conclusions; each may be NULL. */
    void *context;
    void (*stands)(void *context, struct tracer *tracer,
                   enum scene scene); /* nobody can go on: SCENE_TURN_OVER or SCENE_AT_REST */
    void (*ended)(void *context, struct tracer *tracer,
                  const struct ledger *before); /* the last process has ended; before what is left is told */
};

struct trace_run_result {
    int wait_status;  /* of the command itself: wait(2) */
    size_t processes; /* how many there were */
    size_t calls;     /* how many calls were told */
    size_t failed;    /* of these, how many gave an error */
    size_t left;      /* objects that the command made and that are still there */
    bool is_cut;      /* some task went over the event budget: detail was dropped */
    bool was_ended;   /* it came to rest and was ended: is_ended_at_rest */
};

/* Run argv[0] (found by PATH) until it and all its descendants have ended. False with *err when it could not be started (err->number is the errno of
 * execve(2)) or when the tracer broke; the command is dead then. */
bool trace_run(char *const argv[], const struct trace_run_options *options, struct trace_run_result *result,
               struct err *err);

#endif
