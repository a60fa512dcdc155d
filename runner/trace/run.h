/* The engine of `ipcgrade trace -- COMMAND`: any command, outside of any sandbox, under the tracer.
 *
 * The command keeps the caller's terminal, standard streams, directory and environment. Each call is told when it has ended, as one
 * readable line; signals and ends of processes likewise. What the command has made and left behind is told last.
 *
 * Layer: trace. Takes over SIGCHLD for as long as it runs, and SIGINT, SIGTERM, SIGHUP and SIGQUIT where they are not ignored (run_end.c).
 */
#ifndef IPCGRADE_TRACE_RUN_H
#define IPCGRADE_TRACE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"
#include "trace/ledger.h"
#include "trace/trace.h"

struct trace_run_result;

struct trace_run_options {
    FILE *to;       /* where the lines go; borrowed */
    bool color;     /* escape sequences for colour are wanted */
    bool is_quiet;  /* no lines: only counts, and what the functions below are told */
    bool wants_all; /* also the calls of the dynamic loader and of programs before their entry point */
    bool
        wants_source; /* "at file.c:12" behind calls that failed or waited, where there is line information */
    const char *probe; /* the probe, an absolute path; NULL: library calls are not seen. Borrowed */
    bool
        is_ended_at_rest; /* when nothing can ever happen any more without somebody from outside, everybody is ended */
    /* Further commands, for sh(1), ended by NULL; or NULL. Each is started when nobody who was started before can go on. When the last one was, and nobody goes on, everybody
     * is ended, unless somebody waits for a terminal. Borrowed. */
    char *const *with;
    bool
        is_last; /* signals that ask for an end stay blocked: what is still to be written is not lost to an impatient hand */
    void (*in_child)(void); /* called in each command's process before it is executed; or NULL */
    /* For those who draw conclusions; each may be NULL. */
    void *context;
    void (*stands)(
        void *context, struct tracer *tracer,
        enum scene scene); /* nobody can go on, and all were started: SCENE_TURN_OVER or SCENE_AT_REST */
    void (*ended)(
        void *context, struct tracer *tracer, const struct ledger *before,
        const struct trace_run_result *result); /* the last process has ended, the last line is told */
};

struct trace_run_result {
    int wait_status;       /* of the command itself: wait(2) */
    struct lost lost;      /* the same */
    size_t processes;      /* how many there were */
    size_t calls;          /* how many calls were told */
    size_t failed;         /* of these, how many gave an error */
    size_t left;           /* objects that the command made and that are still there */
    bool is_cut;           /* some task went over the event budget: detail was dropped */
    bool was_ended;        /* not everybody has ended by himself: we have ended the rest */
    bool was_killed_by_us; /* the command itself was, by then */
    int request;           /* the signal by which somebody wanted us to end (ctrl-C, kill); 0: nobody did */
};

/* Run argv[0] (found by PATH) until it and all its descendants have ended. False with *err when it could not be started (err->number is the errno of
 * execve(2)) or when the tracer broke; the command is dead then. */
bool trace_run(char *const argv[], const struct trace_run_options *options, struct trace_run_result *result,
               struct err *err);

#endif
