/* deadlock, self-held-end: what the wait-for graph shows when nobody can go on. */
#include "rules/facts.h"

#include "base/bytes.h"
#include "diagnosis/words.h"
#include "rules/stranded.h"

static void name_process(void *context, const struct process *process, struct bytes *to)
{
    (void)context;
    bytes_print(to, "[%s %d]", process->program, (int)process->pid);
}

/* Somebody outside may end it, by a signal that one of them catches. */
static bool may_be_meant(const struct waits *waits)
{
    for (size_t i = 0; i < waits->count; i++)
        if (catches_signals(waits->items[i].task->process))
            return true;
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
    if (!is_stranded(study, waits))
        return;
    for (size_t i = waits->count; i > 0; i--) {
        const struct wait *wait = &waits->items[i - 1];
        if (dead_owner(study, wait, &taking))
            return; /* left-locked says more */
        if (!root || (wait->wait_for != WAIT_FOR_CHILD && wait->wait_for != WAIT_FOR_THREAD))
            root = wait;
    }
    finding_add(study, &rule_deadlock, SEVERITY_ERROR,
                &(struct place){.process = root->task->process->index, .event = root->event},
                "it waits, and nobody is left who could end that: all %zu processes and threads of the "
                "program wait, and nobody outside can reach what they wait for",
                tracer_task_count(study_tracer(study)));
}

static bool is_own_lock(const struct wait *wait)
{
    return wait->wait_for == WAIT_FOR_MUTEX || wait->wait_for == WAIT_FOR_LOCK ||
           wait->wait_for == WAIT_FOR_VALUE || wait->wait_for == WAIT_FOR_POST;
}

static void deadlock_stands(struct study *study, const struct waits *waits)
{
    const struct teller teller = {study_tracer(study), NULL, name_process, NULL};
    cleanup_bytes struct bytes text = {0};
    if (waits->cycle_count == 0) {
        stranded_stands(study, waits);
        return;
    }
    const struct wait *first = &waits->items[waits->cycle[0]];
    bool is_certain = (!waits->is_cycle_probable && !may_be_meant(waits)) || is_stranded(study, waits);
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
    .law = "Nobody waits for the end of a pipe whose write end is open in the same process.",
    .see = "pipe(7), POSIX read()",
    .silent = "Only when everything is at rest and nobody in the scene can end the wait: a pipe that a "
              "signal handler or another thread writes to is left alone.",
    .stands = held_end_stands,
};

static void held_end_stands(struct study *study, const struct waits *waits)
{
    for (size_t i = 0; i < waits->count; i++) {
        const struct wait *wait = &waits->items[i];
        if (wait->wait_for != WAIT_FOR_BYTES || !wait->is_doomed || catches_signals(wait->task->process))
            continue;
        for (size_t k = 0; k < wait->helper_count; k++) {
            const struct helper *helper = &wait->helpers[k];
            if (helper->help == HELP_WRITE_END && helper->process == wait->task->process->index)
                finding_add(study, &rule_self_held_end, SEVERITY_ERROR,
                            &(struct place){helper->process, wait->event, helper->origin,
                                            "the write end was made by"},
                            "it reads from a pipe or FIFO whose write end it has open itself, as descriptor "
                            "%d: the end of file never comes",
                            helper->fd);
        }
    }
}
