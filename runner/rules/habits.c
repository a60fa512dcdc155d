/* sleep-sync, busy-wait, nonatomic-write, sigpipe-kills-server: habits that work by luck. */
#include "rules/facts.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- sleep-sync ----------------------------------------------------------------------------------------------------------- */

static void sleep_event(struct study *study, const struct event *event);

const struct rule rule_sleep_sync = {
    .id = "sleep-sync",
    .severity = SEVERITY_WARNING,
    .law = "The order of two processes does not rest on a sleep.",
    .see = "semop(2), pipe(7)",
    .silent = "Programs of one process; a sleep after which the process does nothing that another process "
              "has to do with; repeated sleeps of a loop that asks again (busy-wait looks at those).",
    .event = sleep_event,
};

static bool is_ipc(const struct event *event)
{
    static const char *const words[] = {
        "open",       "read",     "write",    "mkfifo",   "unlink",   "msgget",  "msgsnd",  "msgrcv",
        "semget",     "semop",    "shmget",   "shmat",    "kill",     "connect", "mq_open", "mq_send",
        "mq_receive", "sem_open", "sem_post", "sem_wait", "shm_open", "msgctl",  "shmctl",  "semctl"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (is_deed(event, words[i]))
            return true;
    return false;
}

static bool is_private_object(const struct event *event)
{
    return event->object.kind == OBJECT_NONE || event->object.kind == OBJECT_OTHER ||
           event->object.kind == OBJECT_FILE || event->object.kind == OBJECT_STDIN ||
           event->object.kind == OBJECT_STDOUT || event->object.kind == OBJECT_STDERR;
}

/* Another process does something to the object while this one sleeps. */
static const struct event *meanwhile(const struct study *study, const struct event *sleep,
                                     const struct event *use)
{
    for (size_t i = (size_t)sleep->number + 1; i < use->number; i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && event->process != sleep->process && object_same(&event->object, &use->object))
            return event;
    }
    return NULL;
}

static const struct event *next_of_process(const struct study *study, const struct event *event)
{
    for (size_t i = (size_t)event->number + 1; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *next = tracer_event(study_tracer(study), i);
        if (next->call.row && next->process == event->process)
            return next;
    }
    return NULL;
}

static void sleep_event(struct study *study, const struct event *event)
{
    const struct event *use = is_deed(event, "sleep") ? next_of_process(study, event) : NULL;
    if (!use || !is_ipc(use) || is_private_object(use) || use->call.wait != WAIT_NONE)
        return;
    const struct event *other = meanwhile(study, event, use);
    if (other)
        finding_add(study, &rule_sleep_sync, SEVERITY_WARNING,
                    &(struct place){event->process, event, other, "the other process does meanwhile"},
                    "it sleeps until another process has done something, and hopes that the time is enough");
}

/* ---- busy-wait ------------------------------------------------------------------------------------------------------------ */

enum { ROUNDS = 100 };

static void busy_event(struct study *study, const struct event *event);

const struct rule rule_busy_wait = {
    .id = "busy-wait",
    .severity = SEVERITY_WARNING,
    .law = "Who waits does so in a call that waits.",
    .see = "poll(2), semop(2)",
    .silent = "Fewer than 100 fruitless calls in a row; loops that sleep in between.",
    .event = busy_event,
};

/* The task has slept shortly before: then its rounds have a pause. */
static bool has_slept(const struct study *study, const struct event *event)
{
    int seen = 0;
    for (size_t i = (size_t)event->number; i > 0 && seen < 8; i--) {
        const struct event *old = tracer_event(study_tracer(study), i - 1);
        if (!old->call.row || old->tid != event->tid)
            continue;
        if (is_deed(old, "sleep"))
            return true;
        seen++;
    }
    return false;
}

struct
    busy { /* of each task its last fruitless call, and how often it was made in a row; tasks share a place by their number */
    struct {
        pid_t tid;
        const struct call_row *row;
        int error;
        size_t count;
    } last[64];
};

static bool is_fruitless(int error)
{
    return error == EAGAIN || error == ENOMSG || error == ENXIO || error == ENOENT || error == EEXIST;
}

static void busy_event(struct study *study, const struct event *event)
{
    struct busy *busy = study_room(study, &rule_busy_wait, sizeof *busy);
    size_t slot = (size_t)event->tid % (sizeof busy->last / sizeof *busy->last);
    int error = event->call.error;
    bool is_same = busy->last[slot].tid == event->tid && busy->last[slot].row == event->call.row &&
                   busy->last[slot].error == error;
    size_t before = is_same ? busy->last[slot].count : 0;
    busy->last[slot].tid = event->tid;
    busy->last[slot].row = event->call.row;
    busy->last[slot].error = error;
    busy->last[slot].count = before + 1 + event->repeats;
    if (is_fruitless(error) && before < ROUNDS && busy->last[slot].count >= ROUNDS &&
        !has_slept(study, event))
        finding_add(study, &rule_busy_wait, SEVERITY_WARNING,
                    &(struct place){.process = event->process, .event = event},
                    "it has asked again and again, %d times and more, and was told %s each time", ROUNDS,
                    errno_name(error));
}

/* ---- nonatomic-write ------------------------------------------------------------------------------------------------------ */

static void atomic_event(struct study *study, const struct event *event);

const struct rule rule_nonatomic_write = {
    .id = "nonatomic-write",
    .severity = SEVERITY_WARNING,
    .law = "Where several processes write to one pipe or FIFO, no write is larger than PIPE_BUF.",
    .see = "pipe(7), \"PIPE_BUF\"",
    .silent = "Pipes and FIFOs that only one process writes to.",
    .event = atomic_event,
};

static const struct event *another_writer(const struct study *study, const struct event *event)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *other = tracer_event(study_tracer(study), i);
        if (other->call.row && is_deed(other, "write") && other->process != event->process &&
            object_same(&other->object, &event->object))
            return other;
    }
    return NULL;
}

static void atomic_event(struct study *study, const struct event *event)
{
    bool is_pipe = event->object.kind == OBJECT_PIPE || event->object.kind == OBJECT_FIFO;
    if (!is_pipe || !is_call(event, "write") || event->call.arg[2] <= PIPE_BUF ||
        strcmp(event->object_name, "socket pair") == 0)
        return;
    const struct event *other = another_writer(study, event);
    if (other)
        finding_add(study, &rule_nonatomic_write, SEVERITY_WARNING,
                    &(struct place){event->process, event, other, "the other one writes in"},
                    "it writes %llu bytes at once to a pipe that another process writes to: beyond %d bytes "
                    "the kernel may mix them",
                    (unsigned long long)event->call.arg[2], PIPE_BUF);
}

/* ---- sigpipe-kills-server ------------------------------------------------------------------------------------------------- */

static void sigpipe_end(struct study *study, const struct ledger *ledger);

const struct rule rule_sigpipe_kills_server = {
    .id = "sigpipe-kills-server",
    .severity = SEVERITY_ERROR,
    .law = "A server lives on when one of its clients goes away.",
    .see = "signal(7) (SIGPIPE), write(2) (EPIPE)",
    .silent = "Filters that die of SIGPIPE because the reader of their output has had enough: what they "
              "wrote to was a plain pipe. For a FIFO it is a warning.",
    .end = sigpipe_end,
};

static bool has_accepted(const struct study *study, int process)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && event->process == process &&
            (is_call(event, "accept") || is_call(event, "accept4") || is_call(event, "listen")))
            return true;
    }
    return false;
}

static const struct event *last_write(const struct study *study, int process)
{
    for (size_t i = tracer_event_count(study_tracer(study)); i > 0; i--) {
        const struct event *event = tracer_event(study_tracer(study), i - 1);
        if (event->call.row && event->process == process && is_deed(event, "write"))
            return event;
    }
    return NULL;
}

static void sigpipe_end(struct study *study, const struct ledger *ledger)
{
    (void)ledger;
    for (size_t i = 0; i < tracer_process_count(study_tracer(study)); i++) {
        const struct process *process = tracer_process(study_tracer(study), i);
        if (!process->is_dead || !process->counts || (process->wait_status & 0x7f) != SIGPIPE)
            continue;
        const struct event *write = last_write(study, process->index);
        bool is_server = has_accepted(study, process->index);
        if (is_server || (write && write->object.kind == OBJECT_FIFO))
            finding_add(study, &rule_sigpipe_kills_server, is_server ? SEVERITY_ERROR : SEVERITY_WARNING,
                        &(struct place){.process = process->index, .event = write},
                        "SIGPIPE has killed it when it wrote to somebody who had gone away");
    }
}
