/* Inside the engine of `ipcgrade trace`: what its files share. Nobody but run*.c includes this. */
#ifndef IPCGRADE_TRACE_RUN_PRIVATE_H
#define IPCGRADE_TRACE_RUN_PRIVATE_H

#include <linux/filter.h>
#include <signal.h>
#include <stdint.h>

#include "trace/run.h"

struct line_cache;
struct source_at;

enum ending {
    ENDING_NOT,
    ENDING_ASKED, /* whoever has a handler was sent the signal that it is for */
    ENDING_KILLED,
};

struct run {
    const struct trace_run_options *options;
    struct trace_run_result *result;
    struct tracer *tracer;
    struct process *main;
    struct sock_filter *filter; /* that every command loads; owned */
    size_t filter_length;
    sigset_t mask;         /* of the caller; the commands get it */
    void (*on_child)(int); /* the caller's disposition of SIGCHLD: SIG_IGN or SIG_DFL */
    size_t with_begun;     /* how many of options->with have been started */
    enum ending ending;
    unsigned requests;        /* signals that were sent to us alone: we are to come to an end */
    bool was_interrupted;     /* by the terminal: the command got that signal, too */
    pid_t senders[_NSIG];     /* of signals that the command was seen to get; 0: none */
    struct object_id *system; /* files of the system that were opened for reading; owned */
    size_t system_count;
    struct line_cache *lines; /* owned; NULL until it is needed */
    struct search {           /* for a program along PATH, of a task: its last try, which has failed */
        pid_t tid;            /* 0: none */
        const struct event *event;
        size_t tries;
    } searches[64];
    uint64_t told; /* events up to this number were told as waiting; one more than the last */
};

/* run_lines.c: the lines */
struct trace_hooks lines_hooks(struct run *run);
void lines_of_waiting(struct run *run);                       /* whoever waits is told, each wait once */
void lines_note(const struct run *run, const char *sentence); /* of our own doing */

/* run_source.c: source_find() for lines that come again and again */
bool run_source(struct run *run, const struct event *event, struct source_at *at);

/* run_start.c: a command, under the tracer before its first instruction */
bool start_command(struct run *run, char *const argv[], struct process **process, int *report,
                   struct err *err);

/* run_end.c: how a run comes to an end that does not end by itself */
int end_listen(sigset_t *taken);               /* the signals that ask us to end; -1: none can be heard */
bool end_on_signal(struct run *run, int from); /* take in those that have come; false: none has */
bool end_is_due(const struct run *run,
                enum scene scene); /* nobody goes on, all were started: is that the end? */
void end_all(struct run *run);     /* first those with handlers are asked, next time all are killed */

#endif
