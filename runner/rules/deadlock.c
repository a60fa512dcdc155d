/* deadlock, self-held-end: what the wait-for graph shows when nobody can go on. */
#include "rules/facts.h"

#include <signal.h>
#include <stdio.h>

#include "base/bytes.h"
#include "diagnosis/words.h"
#include "rules/stranded.h"

static void name_process(void *context, const struct process *process, struct bytes *to)
{
    (void)context;
    bytes_print(to, "[%s %d]", process->program, (int)process->inner_pid);
}

/* Signals by which programs talk, as against those that end them. */
static bool catches_messages(const struct process *process)
{
    if (catches(process, SIGUSR1) || catches(process, SIGUSR2) || catches(process, SIGALRM) ||
        catches(process, SIGIO))
        return true;
    for (int signal = SIGRTMIN; signal <= SIGRTMAX; signal++)
        if (catches(process, signal))
            return true;
    return false;
}

/* A filter (sort, say) reads its standard input, and a shell waits for what it was told to run: what they do on signals is to tidy up, and they know nothing of other ends. */
static bool is_filter(const struct study *study, const struct wait *wait)
{
    bool is_standard = wait->event->call.fd >= 0 && wait->event->call.fd <= 2;
    return is_another_program(study, wait->task->process) &&
           (is_standard || wait->wait_for == WAIT_FOR_CHILD);
}

/* Somebody outside may end it, by a signal that one of those in the circle handles. A parent that waits for a child which lives until a signal comes may be meant so; else only signals
 * by which programs talk count. */
static bool may_be_meant(const struct study *study, const struct waits *waits)
{
    bool has_parent = false;
    for (size_t i = 0; i < waits->cycle_count; i++) {
        has_parent |= waits->items[waits->cycle[i]].wait_for == WAIT_FOR_CHILD;
        if (waits->items[waits->cycle[i]].object.kind == OBJECT_FIFO)
            return true; /* by its name others can open it */
    }
    for (size_t i = 0; i < waits->cycle_count; i++) {
        const struct wait *wait = &waits->items[waits->cycle[i]];
        bool is_ready =
            has_parent ? catches_signals(wait->task->process) : catches_messages(wait->task->process);
        if (is_ready && !is_filter(study, wait))
            return true;
    }
    return false;
}

/* ---- deadlock ------------------------------------------------------------------------------------------------------------ */

static void deadlock_stands(struct study *study, const struct waits *waits);

const struct rule rule_deadlock = {
    .id = "deadlock",
    .severity = SEVERITY_ERROR,
    .law = "No set of processes waits for each other.",
    .see = "pipe(7), semop(2), waitpid(2)",
    .silent = "An error only when everything is at rest, no process of it catches a signal that could free "
              "it, and either each link of the circle is a fact or nobody outside can reach what is waited "
              "for; else a warning.",
    .stands = deadlock_stands,
};

/* No circle is known, but all wait, and nobody is left. The first who waits for something else than a process is named: the others wait for him. */
static void stranded_stands(struct study *study, const struct waits *waits)
{
    const struct wait *root = NULL;
    const struct event *taking;
    enum stranded how = how_stranded(study, waits);
    if (how == STRANDED_NOT)
        return;
    for (size_t i = waits->count; i > 0; i--) {
        const struct wait *wait = &waits->items[i - 1];
        if (dead_owner(study, wait, &taking))
            return; /* left-locked says more */
        if (!root || (wait->wait_for != WAIT_FOR_CHILD && wait->wait_for != WAIT_FOR_THREAD))
            root = wait;
    }
    if (!root)
        return;
    size_t count = tracer_task_count(study_tracer(study));
    char all[96] = "";
    if (count > 1)
        snprintf(all, sizeof all, ": all %zu processes and threads of the program wait", count);
    finding_add(study, &rule_deadlock, how == STRANDED_FOR_EVER ? SEVERITY_ERROR : SEVERITY_WARNING,
                &(struct place){.process = root->task->process->index, .event = root->event},
                how == STRANDED_FOR_EVER
                    ? "it waits, and nobody is left who could end that%s; nobody outside can reach what is "
                      "waited for"
                    : "it waits, and probably nobody is left who could end that%s",
                all);
}

static bool is_own_lock(const struct wait *wait)
{
    return wait->wait_for == WAIT_FOR_MUTEX || wait->wait_for == WAIT_FOR_LOCK ||
           wait->wait_for == WAIT_FOR_VALUE || wait->wait_for == WAIT_FOR_POST;
}

/* A circle that is only probable, and one of whose objects waits for anybody: those are workers who wait for clients. */
static bool may_come_from_outside(const struct study *study, const struct waits *waits)
{
    for (size_t i = 0; waits->is_cycle_probable && i < waits->cycle_count; i++) {
        const struct wait *wait = &waits->items[waits->cycle[i]];
        bool is_object = wait->wait_for == WAIT_FOR_MESSAGE || wait->wait_for == WAIT_FOR_VALUE ||
                         wait->wait_for == WAIT_FOR_ZERO || wait->wait_for == WAIT_FOR_POST;
        if (is_object && reach_of(study, wait) == REACH_ANYBODY)
            return true;
    }
    return false;
}

static void deadlock_stands(struct study *study, const struct waits *waits)
{
    const struct teller teller = {study_tracer(study), NULL, name_process, NULL};
    cleanup_bytes struct bytes text = {0};
    /* That nobody is left is certain where a circle is only probable. */
    if (waits->cycle_count == 0 ||
        (waits->is_cycle_probable && how_stranded(study, waits) == STRANDED_FOR_EVER)) {
        stranded_stands(study, waits);
        return;
    }
    const struct wait *first = &waits->items[waits->cycle[0]];
    bool is_certain = !waits->is_cycle_probable && !may_be_meant(study, waits);
    if (!is_certain && may_come_from_outside(study, waits))
        return;
    if (waits->cycle_count == 1) {
        if (is_own_lock(first))
            finding_add(study, &rule_deadlock, is_certain ? SEVERITY_ERROR : SEVERITY_WARNING,
                        &(struct place){.process = first->task->process->index, .event = first->event},
                        "it waits for what it holds itself");
        return;
    }
    cycle_text(waits, &teller, &text);
    finding_add(study, &rule_deadlock, is_certain ? SEVERITY_ERROR : SEVERITY_WARNING,
                &(struct place){first->task->process->index, first->event,
                                waits->items[waits->cycle[1]].event, "the next one waits in"},
                "%s", bytes_text(&text));
}

/* ---- self-held-end ------------------------------------------------------------------------------------------------------- */

static void held_end_stands(struct study *study, const struct waits *waits);

const struct rule rule_self_held_end = {
    .id = "self-held-end",
    .severity = SEVERITY_ERROR,
    .law = "Nobody waits for the end of a pipe whose write end is open in the same process, or for room in a "
           "pipe that only he himself could read.",
    .see = "pipe(7), POSIX read()",
    .silent = "Only when everything is at rest and nobody in the scene can end the wait: a pipe that another "
              "thread writes to is left alone. A warning for a FIFO, which others may open, and where the "
              "process handles a signal and the pipe was always its own: a handler may write to it.",
    .stands = held_end_stands,
};

/* Another process has had the pipe open: it is no channel of the process to itself. */
static bool was_shared(const struct study *study, const struct wait *wait)
{
    const struct tracer *tracer = study_tracer(study);
    for (size_t i = 0; i < wait->helper_count; i++)
        if (wait->helpers[i].process != wait->task->process->index)
            return true;
    for (size_t i = 0; i < tracer_event_count(tracer); i++) {
        const struct event *event = tracer_event(tracer, i);
        if (event->call.row && event->process != wait->task->process->index &&
            (is_deed(event, "read") || is_deed(event, "write")) && object_same(&event->object, &wait->object))
            return true;
    }
    return false;
}

static enum severity held_severity(const struct study *study, const struct wait *wait)
{
    bool may_be_woken = catches_signals(wait->task->process) && !is_filter(study, wait) &&
                        (!was_shared(study, wait) || catches_messages(wait->task->process));
    return wait->object.kind == OBJECT_FIFO || may_be_woken ? SEVERITY_WARNING : SEVERITY_ERROR;
}

/* The end of its own by which it hinders itself, or NULL. */
static const struct helper *own_end(const struct wait *wait)
{
    enum help own = wait->wait_for == WAIT_FOR_BYTES ? HELP_WRITE_END : HELP_READ_END;
    if (!wait->is_doomed || (wait->wait_for != WAIT_FOR_BYTES && wait->wait_for != WAIT_FOR_ROOM))
        return NULL;
    for (size_t i = 0; i < wait->helper_count; i++)
        if ((wait->helpers[i].help == own || wait->helpers[i].help == HELP_PEER) &&
            wait->helpers[i].process == wait->task->process->index)
            return &wait->helpers[i];
    return NULL;
}

static void tell_held(struct study *study, const struct wait *wait, const struct helper *own)
{
    bool is_reader = wait->wait_for == WAIT_FOR_BYTES, is_peer = own->help == HELP_PEER;
    finding_add(study, &rule_self_held_end, held_severity(study, wait),
                &(struct place){own->process, wait->event, own->origin,
                                is_peer     ? "the other end was made by"
                                : is_reader ? "the write end was made by"
                                            : "the read end was made by"},
                !is_reader ? "it writes to what is full and only it itself could read, by descriptor %d"
                : is_peer
                    ? "it reads from a socket whose other end it has open itself, as descriptor %d: the "
                      "end of file never comes"
                    : "it reads from a pipe or FIFO whose write end it has open itself, as descriptor "
                      "%d: the end of file never comes",
                own->fd);
}

static void held_end_stands(struct study *study, const struct waits *waits)
{
    for (size_t i = 0; i < waits->count; i++) {
        const struct wait *wait = &waits->items[i];
        const struct helper *own = own_end(wait);
        bool is_alone = wait->helper_count == 1; /* else others could read: that is a deadlock with them */
        if (own && (wait->wait_for == WAIT_FOR_BYTES || is_alone))
            tell_held(study, wait, own);
    }
}
