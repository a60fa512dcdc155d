/* sleep-sync, busy-wait, nonatomic-write: habits that work by luck. */
#include "rules/facts.h"
#include "rules/handling.h"
#include "rules/order.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>

#include "base/text.h"

/* ---- sleep-sync ----------------------------------------------------------------------------------------------------------- */

static void sleep_event(struct study *study, const struct event *event);

const struct rule rule_sleep_sync = {
    .id = "sleep-sync",
    .severity = SEVERITY_WARNING,
    .law = "The order of two processes does not rest on a sleep.",
    .see = "semop(2), pipe(7)",
    .silent =
        "A sleep after which the process only writes, posts or sends, or uses what nobody else has done "
        "something to meanwhile; who has asked for the same just before, in vain, and tasks that sleep three "
        "times and more: a loop that asks again, or has a rate.",
    .event = sleep_event,
};

/* What depends on what another process has done by then. To write, post or send relies on nothing: the other one waits for it. */
static bool relies_on_others(const struct event *event)
{
    static const char *const words[] = {"open",   "connect", "msgget",     "semget",    "shmget",
                                        "shmat",  "mq_open", "msgctl",     "semctl",    "shmctl",
                                        "unlink", "kill",    "sem_open",   "shm_open",  "sem_unlink",
                                        "read",   "msgrcv",  "shm_unlink", "mq_unlink", NULL};
    return is_any_deed(event, words);
}

static bool is_private_object(const struct event *event)
{
    return event->object.kind == OBJECT_NONE || event->object.kind == OBJECT_OTHER ||
           event->object.kind == OBJECT_FILE || event->object.kind == OBJECT_STDIN ||
           event->object.kind == OBJECT_STDOUT || event->object.kind == OBJECT_STDERR;
}

/* By such a call a process hears of others, or begins to have them. */
static bool hears_of_others(const struct event *event)
{
    static const char *const words[] = {"fork",   "wait",     "read",       "msgrcv",     "semop",
                                        "accept", "sem_wait", "mq_receive", "sigsuspend", NULL};
    return is_any_deed(event, words) || (is_deed(event, "open") && event->object.kind == OBJECT_FIFO);
}

/* Where the time begins that only the sleep orders: the number of what the process has last heard of others before it, or of its own birth. */
static size_t beginning_of(const struct study *study, const struct event *sleep)
{
    const struct process *self = tracer_process(study_tracer(study), (size_t)sleep->process);
    for (size_t i = (size_t)sleep->number; i > 0; i--) {
        const struct event *event = tracer_event(study_tracer(study), i - 1);
        if (!event->call.row)
            continue;
        if (event->process == sleep->process && hears_of_others(event))
            return i - 1;
        if (event->process == self->parent && is_deed(event, "fork") && event->call.result == self->inner_pid)
            return i - 1;
    }
    return 0;
}

/* In that time another process has made the object: the first thing that anybody does with it. */
static const struct event *made_meanwhile(const struct study *study, const struct event *sleep,
                                          const struct event *use)
{
    size_t begin = beginning_of(study, sleep);
    for (size_t i = 0; i < use->number; i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && object_same(&event->object, &use->object))
            return i > begin && event->process != sleep->process ? event : NULL;
    }
    return NULL;
}

/* In that time another process does something to the object, or is the one that the signal is for. */
static const struct event *done_meanwhile(const struct study *study, const struct event *sleep,
                                          const struct event *use)
{
    const struct process *whom =
        is_deed(use, "kill") ? process_by_pid(study, use->call.value[PARAM_ID]) : NULL;
    for (size_t i = beginning_of(study, sleep) + 1; i < use->number; i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || event->process == sleep->process)
            continue;
        if (whom ? event->process == whom->index : object_same(&event->object, &use->object))
            return event;
    }
    return NULL;
}

/* Signals that are messages, not the end of a process that has had its time. */
static bool is_message_signal(int64_t signal)
{
    return signal == SIGUSR1 || signal == SIGUSR2 || signal == SIGCONT || signal >= SIGRTMIN;
}

static const struct event *relied_on(const struct study *study, const struct event *sleep,
                                     const struct event *use)
{
    if (is_deed(use, "kill"))
        return is_message_signal(use->call.value[PARAM_SIG]) ? done_meanwhile(study, sleep, use) : NULL;
    if (is_private_object(use))
        return NULL;
    const struct event *made = made_meanwhile(study, sleep, use);
    return made || use->call.wait != WAIT_NONE ? made : done_meanwhile(study, sleep, use);
}

/* A loop that sleeps in each of its rounds has a rate, or asks again. */
static bool sleeps_often(const struct study *study, const struct event *sleep)
{
    size_t count = 0;
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)) && count < 3; i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        count += event->call.row && event->tid == sleep->tid && is_deed(event, "sleep");
    }
    return count >= 3;
}

/* The first use of an object, or signal, behind the sleep: printing comes between. */
static const struct event *first_use(const struct study *study, const struct event *sleep)
{
    const struct event *next = next_of_task(study, sleep);
    for (int i = 0; i < 6 && next; i++, next = next_of_task(study, next))
        if (is_deed(next, "kill") || !is_private_object(next))
            return next;
    return NULL;
}

/* Before the sleep it has asked for the same in vain: the sleep is the pause between two questions. */
static bool asks_again(const struct study *study, const struct event *sleep, const struct event *use)
{
    const struct event *before = previous_of_task(study, sleep);
    for (int i = 0; i < 6 && before; i++, before = previous_of_task(study, before))
        if (before->call.deed == use->call.deed && before->call.error != 0)
            return true;
    return false;
}

static void sleep_event(struct study *study, const struct event *event)
{
    const struct event *use =
        is_deed(event, "sleep") && !sleeps_often(study, event) ? first_use(study, event) : NULL;
    const struct event *other = use && relies_on_others(use) ? relied_on(study, event, use) : NULL;
    if (other && !asks_again(study, event, use))
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
    .silent = "Fewer than 100 fruitless calls in a row; loops that sleep in between; who gives up asking "
              "without an answer: then it asks while it works.",
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
        int error, fd;
        size_t path; /* sum_of() it */
        size_t count;
    } last[64];
};

static bool is_refusal(int error)
{
    return error == EAGAIN || error == ENOMSG || error == ENXIO || error == ENOENT || error == EEXIST;
}

static bool asks(const struct event *event)
{
    static const char *const asking[] = {"poll", "ppoll", "select", "pselect6", "epoll_wait"};
    for (size_t i = 0; i < sizeof asking / sizeof *asking; i++)
        if (is_call(event, asking[i]))
            return true;
    return false;
}

/* Asked, and told at once that there is nothing yet; or told that something is ready, and behind it comes no other call but the same one again. */
static bool is_fruitless(const struct event *event)
{
    const struct call *call = &event->call;
    if (is_refusal(call->error))
        return true;
    bool has_nothing = call->result == 0 && call->wait == WAIT_NONE;
    if (!asks(event) && !is_call(event, "wait4"))
        return false;
    return has_succeeded(event) && (has_nothing || (asks(event) && call->result > 0));
}

static const char *answer_to(const struct event *event)
{
    if (event->call.error)
        return errno_name(event->call.error);
    return event->call.result > 0
               ? N_("that something is ready (perhaps the end, POLLHUP), which it does not take")
               : N_("that there is nothing");
}

/* Enough to tell one path from the next. */
static size_t sum_of(const char *path)
{
    size_t sum = 5381;
    for (; *path; path++)
        sum = sum * 33 + (unsigned char)*path;
    return sum;
}

/* The answer never comes, and the process ends well without it: it has not waited for that. */
static bool goes_without(const struct study *study, const struct event *asked)
{
    const struct process *process = tracer_process(study_tracer(study), (size_t)asked->process);
    for (const struct event *next = next_of_task(study, asked); next; next = next_of_task(study, next))
        if (next->call.row == asked->call.row && next->call.fd == asked->call.fd && !is_fruitless(next))
            return false;
    return process->is_dead && process->wait_status == 0;
}

static void busy_event(struct study *study, const struct event *event)
{
    struct busy *busy = study_room(study, &rule_busy_wait, sizeof *busy);
    size_t slot = (size_t)event->tid % (sizeof busy->last / sizeof *busy->last);
    int error = event->call.error;
    size_t path = sum_of(event->call.path);
    bool is_same = busy->last[slot].tid == event->tid && busy->last[slot].row == event->call.row &&
                   busy->last[slot].error == error && busy->last[slot].fd == event->call.fd &&
                   busy->last[slot].path == path;
    size_t before = is_same ? busy->last[slot].count : 0;
    bool counts = is_fruitless(event);
    busy->last[slot].tid = event->tid;
    busy->last[slot].row = event->call.row;
    busy->last[slot].error = error;
    busy->last[slot].fd = event->call.fd;
    busy->last[slot].path = path;
    busy->last[slot].count = counts ? before + 1 + event->repeats : 0;
    if (counts && before < ROUNDS && busy->last[slot].count >= ROUNDS && !has_slept(study, event) &&
        (event->call.result > 0 || !goes_without(study, event)))
        finding_add(study, &rule_busy_wait, SEVERITY_WARNING,
                    &(struct place){.process = event->process, .event = event},
                    "it has asked again and again, %d times and more, and each time the answer was %s",
                    ROUNDS, _(answer_to(event)));
}

/* ---- nonatomic-write ------------------------------------------------------------------------------------------------------ */

static void atomic_event(struct study *study, const struct event *event);

const struct rule rule_nonatomic_write = {
    .id = "nonatomic-write",
    .severity = SEVERITY_WARNING,
    .law = "Where several processes write to one pipe or FIFO, no write is larger than PIPE_BUF.",
    .see = "pipe(7), \"PIPE_BUF\"",
    .silent =
        "Pipes and FIFOs that only one process writes to, or several one behind the other: by birth, end, "
        "message or signal; a writer who has a lock, has taken from a semaphore, or has memory in "
        "common with others, in which a lock may lie.",
    .event = atomic_event,
};

/* Of each other process its last write before this one, and its first behind it: those beyond them are further away. The first that nothing orders. */
static const struct event *another_writer(const struct study *study, const struct event *event)
{
    const struct tracer *tracer = study_tracer(study);
    for (size_t who = 0; who < tracer_process_count(tracer); who++) {
        const struct event *before = NULL, *behind = NULL;
        for (size_t i = 0; who != (size_t)event->process && i < tracer_event_count(tracer) && !behind; i++) {
            const struct event *other = tracer_event(tracer, i);
            if (other->call.row && other->process == (int)who && is_deed(other, "write") &&
                object_same(&other->object, &event->object))
                *(i < event->number ? &before : &behind) = other;
        }
        if (before && !is_in_order(study, before, event))
            return before;
        if (behind && !is_in_order(study, event, behind))
            return behind;
    }
    return NULL;
}

/* The process has memory that others have, too. A lock may lie there, and nobody sees it being taken where nobody has to wait. */
static bool has_shared_memory(const struct study *study, int process)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        bool is_shared_map =
            event->call.row && has_succeeded(event) &&
            ((is_call(event, "mmap") && (event->call.arg[3] & MAP_SHARED)) || is_deed(event, "shmat"));
        for (int who = process; is_shared_map && who >= 0;
             who = tracer_process(study_tracer(study), (size_t)who)->parent)
            if (event->process == who)
                return true;
    }
    return false;
}

/* What the process has done last about any lock, or semaphore, was to take it. */
static bool has_lock(const struct study *study, const struct event *event)
{
    for (size_t i = (size_t)event->number; i > 0; i--) {
        const struct event *old = tracer_event(study_tracer(study), i - 1);
        if (!old->call.row || old->process != event->process || !has_succeeded(old))
            continue;
        if (is_deed(old, "flock"))
            return (old->call.value[PARAM_OP] & LOCK_EX) != 0;
        if (is_deed(old, "lock"))
            return old->call.value[PARAM_TYPE] == F_WRLCK;
        if (is_deed(old, "semop"))
            return old->call.op_count > 0 && old->call.ops[0].op < 0;
        if (is_deed(old, "sem_wait") || is_deed(old, "sem_post"))
            return is_deed(old, "sem_wait");
    }
    return false;
}

struct looked_at { /* last: of whoever writes much only so many writes in a row are asked about */
    struct object_id pipe;
    int process;
    size_t count;
};

enum { LARGE_WRITES = 32 };

static void atomic_event(struct study *study, const struct event *event)
{
    bool is_pipe = event->object.kind == OBJECT_PIPE || event->object.kind == OBJECT_FIFO;
    if (!is_pipe || !is_call(event, "write") || event->call.arg[2] <= PIPE_BUF ||
        strcmp(event->object_name, "socket pair") == 0)
        return;
    struct looked_at *looked_at = study_room(study, &rule_nonatomic_write, sizeof *looked_at);
    if (!object_same(&looked_at->pipe, &event->object) || looked_at->process != event->process)
        *looked_at = (struct looked_at){.pipe = event->object, .process = event->process};
    if (looked_at->count++ >= LARGE_WRITES)
        return;
    const struct event *other = another_writer(study, event);
    if (other && !(has_lock(study, event) && has_lock(study, other)) &&
        !has_shared_memory(study, event->process))
        finding_add(study, &rule_nonatomic_write, SEVERITY_WARNING,
                    &(struct place){event->process, event, other, "the other one writes in"},
                    "it writes %llu bytes at once to a pipe that another process writes to: beyond %d bytes "
                    "the kernel may mix them",
                    (unsigned long long)event->call.arg[2], PIPE_BUF);
}
