/* zombie, orphan: parents and children that lose each other. */
#include "rules/facts.h"
#include "rules/handling.h"
#include "rules/stranded.h"

#include <signal.h>

/* ---- zombie -------------------------------------------------------------------------------------------------------------- */

static void zombie_stands(struct study *study, const struct waits *waits);
static void zombie_end(struct study *study, const struct ledger *ledger);

const struct rule rule_zombie = {
    .id = "zombie",
    .severity = SEVERITY_WARNING,
    .law = "Every child that ends is waited for.",
    .see = "waitpid(2), \"NOTES\"; sigaction(2) (SA_NOCLDWAIT)",
    .silent =
        "Processes that ignore SIGCHLD (the kernel leaves no zombies then); a process that was killed, or "
        "has executed another program, which knows nothing of these children; children that are left to "
        "init on purpose (as in orphan). While it stands: who has "
        "ever waited for a child, or handles SIGCHLD, or hangs on its way to its first wait.",
    .stands = zombie_stands,
    .end = zombie_end,
};

/* It has left the session of its parent, or that one has: a daemon. */
static bool is_daemon(const struct study *study, const struct process *child)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && is_call(event, "setsid") &&
            (event->process == child->index || event->process == child->parent))
            return true;
    }
    return false;
}

/* Behind `birth` the process does nothing any more but close and end. */
static bool only_ends_after(const struct study *study, const struct event *birth)
{
    for (size_t i = (size_t)birth->number + 1; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && event->process == birth->process && !is_deed(event, "close") &&
            !is_deed(event, "exit"))
            return false;
    }
    return true;
}

static bool is_shell(const struct process *process)
{
    static const char *const shells[] = {"sh", "bash", "dash", "ksh", "zsh"};
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(process->program, shells[i]) == 0)
            return true;
    return false;
}

/* Its parent has left it to init on purpose: it is a daemon; its parent was forked for nothing but that ("fork twice"); a shell was told so (&). */
static bool is_let_go(const struct study *study, const struct process *child)
{
    const struct process *parent = tracer_process(study_tracer(study), (size_t)child->parent);
    const struct event *birth = birth_of(study, child);
    return is_daemon(study, child) || is_shell(parent) ||
           (parent->parent >= 0 && birth && only_ends_after(study, birth));
}

/* The first fork of the process that gave a child. */
static const struct event *first_fork(const struct study *study, const struct process *process)
{
    const struct event *event = NULL;
    for (size_t i = 0; i < tracer_process_count(study_tracer(study)) && !event; i++)
        if (tracer_process(study_tracer(study), i)->parent == process->index)
            event = birth_of(study, tracer_process(study_tracer(study), i));
    return event;
}

/* Some call of that family by the process, behind `after` (NULL: any). */
static bool has_done(const struct study *study, const struct process *process, const char *deed,
                     const struct event *after)
{
    for (size_t i = after ? (size_t)after->number + 1 : 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && event->process == process->index && is_deed(event, deed) &&
            event->call.error == 0)
            return true;
    }
    return false;
}

/* It made its children as another program than it is now. */
static bool has_changed_since(const struct study *study, const struct process *process,
                              const struct event *fork)
{
    return fork && has_done(study, process, "exec", fork);
}

/* It serves: it waits for somebody outside, and has done so before, or has several children behind it. Whoever hangs elsewhere may have had its wait before it. */
static bool is_server(const struct study *study, const struct wait *wait, int zombies)
{
    bool has_served = false;
    for (size_t i = 0; i < wait->event->number && !has_served; i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        has_served = event->call.row && event->process == wait->event->process && has_succeeded(event) &&
                     event->call.deed && event->call.deed == wait->event->call.deed;
    }
    return reach_of(study, wait) != REACH_NOBODY && (zombies > 1 || has_served);
}

static void zombie_stands(struct study *study, const struct waits *waits)
{
    for (size_t i = 0; i < waits->count; i++) {
        const struct wait *wait = &waits->items[i];
        const struct process *process = wait->task->process;
        int zombies = process->counts ? process_zombies(study_tracer(study), process) : 0;
        if (zombies == 0 || wait->wait_for == WAIT_FOR_CHILD || has_done(study, process, "wait", NULL) ||
            catches(process, SIGCHLD) || !is_server(study, wait, zombies))
            continue;
        const struct event *fork = first_fork(study, process);
        if (!has_changed_since(study, process, fork))
            finding_add(study, &rule_zombie, SEVERITY_WARNING,
                        &(struct place){process->index, fork, wait->event, "now it waits in"},
                        "it has never waited for a child, and %d that have ended are still there", zombies);
    }
}

/* Some of its children are left to init on purpose: as many zombies as these may be of them. */
static int count_let_go(const struct study *study, const struct process *process)
{
    int count = 0;
    for (size_t i = 0; i < tracer_process_count(study_tracer(study)); i++) {
        const struct process *child = tracer_process(study_tracer(study), i);
        count += child->parent == process->index && is_let_go(study, child);
    }
    return count;
}

static void zombie_end(struct study *study, const struct ledger *ledger)
{
    (void)ledger;
    for (size_t i = 0; i < tracer_process_count(study_tracer(study)); i++) {
        const struct process *process = tracer_process(study_tracer(study), i);
        if (!process->counts || !process->is_dead || (process->wait_status & 0x7f) ||
            process->zombies_at_end <= count_let_go(study, process))
            continue;
        const struct event *fork = first_fork(study, process);
        if (!has_changed_since(study, process, fork))
            finding_add(study, &rule_zombie, SEVERITY_WARNING,
                        &(struct place){.process = process->index, .event = fork},
                        process->zombies_at_end == 1
                            ? "it ends without having waited for %d child that has ended"
                            : "it ends without having waited for %d children that have ended",
                        process->zombies_at_end);
    }
}

/* ---- orphan -------------------------------------------------------------------------------------------------------------- */

static void orphan_stands(struct study *study, const struct waits *waits);
static void orphan_end(struct study *study, const struct ledger *ledger);

const struct rule rule_orphan = {
    .id = "orphan",
    .severity = SEVERITY_WARNING,
    .law = "No process outlives the one that has made it.",
    .see = "waitpid(2), daemon(3)",
    .silent =
        "Parents that end at once on purpose (a daemon calls setsid, or is forked twice; a shell has been "
        "told so by &); parents that were killed; children for whom somebody else waits "
        "(PR_SET_CHILD_SUBREAPER). A note where the child waits "
        "for the end of a pipe without data, which may be its parent's end.",
    .stands = orphan_stands,
    .end = orphan_end,
};

/* The last call of the process; `but_exit`: its end aside. */
static const struct event *last_of(const struct study *study, int process, bool but_exit)
{
    for (size_t i = tracer_event_count(study_tracer(study)); i > 0; i--) {
        const struct event *event = tracer_event(study_tracer(study), i - 1);
        if (event->call.row && event->process == process && !(but_exit && is_deed(event, "exit")))
            return event;
    }
    return NULL;
}

/* The parent that has left it by ending of itself; NULL: none. */
static const struct process *parent_that_left(const struct study *study, const struct process *child)
{
    const struct process *parent =
        child->parent >= 0 ? tracer_process(study_tracer(study), (size_t)child->parent) : NULL;
    bool has_left = parent && child->counts && parent->is_dead && (parent->wait_status & 0x7f) == 0;
    return has_left && !is_let_go(study, child) ? parent : NULL;
}

/* Somebody else takes it in, and has waited for it (PR_SET_CHILD_SUBREAPER). */
static bool is_taken_in(const struct study *study, const struct process *child)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && is_deed(event, "wait") && event->process != child->parent &&
            event->call.result == child->inner_pid)
            return true;
    }
    return false;
}

static bool carries_data(const struct study *study, const struct object_id *pipe)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && is_deed(event, "write") && has_succeeded(event) &&
            object_same(&event->object, pipe))
            return true;
    }
    return false;
}

/* The end of its parent may be what it has waited for: as the end of a pipe through which nothing ever went. */
static bool hears_of_end(const struct study *study, const struct process *child, const struct event *end)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        bool is_its = event->call.row && event->process == child->index && is_deed(event, "read");
        if (is_its && has_succeeded(event) && event->call.result == 0 && event->object.kind == OBJECT_PIPE &&
            (event->number > end->number || event->call.wait != WAIT_NONE) &&
            !carries_data(study, &event->object))
            return true;
    }
    return false;
}

/* A child that only ends, but after its parent, which has waited for others of its children: it was forgotten. */
static bool is_forgotten(const struct study *study, const struct process *child, const struct event *end)
{
    const struct event *last = last_of(study, child->index, false);
    const struct process *parent = tracer_process(study_tracer(study), (size_t)child->parent);
    return last && is_deed(last, "exit") && last->number > end->number &&
           has_done(study, parent, "wait", NULL) && !has_done(study, child, "exec", NULL) &&
           !has_changed_since(study, parent, birth_of(study, child)) && !hears_of_end(study, child, end);
}

static void tell_orphan(struct study *study, const struct process *child, const struct event *end)
{
    bool is_meant = end && hears_of_end(study, child, end);
    finding_add(study, &rule_orphan, is_meant ? SEVERITY_NOTE : SEVERITY_WARNING,
                &(struct place){.process = child->index,
                                .event = birth_of(study, child),
                                .other = end,
                                .other_words = "the parent had ended in"},
                "the child goes on when its parent has ended");
}

static void orphan_stands(struct study *study, const struct waits *waits)
{
    for (size_t i = 0; i < waits->count; i++) {
        const struct process *child = waits->items[i].task->process;
        const struct process *parent = parent_that_left(study, child);
        if (parent)
            tell_orphan(study, child, last_of(study, parent->index, false));
    }
}

static void orphan_end(struct study *study, const struct ledger *ledger)
{
    (void)ledger;
    for (size_t i = 0; i < tracer_process_count(study_tracer(study)); i++) {
        const struct process *child = tracer_process(study_tracer(study), i);
        const struct process *parent = parent_that_left(study, child);
        const struct event *end = parent ? last_of(study, parent->index, false) : NULL,
                           *last = last_of(study, child->index, true);
        if (!end || !is_deed(end, "exit") || is_taken_in(study, child))
            continue;
        /* It still did something after its parent's last call, which was its end. */
        if ((last && last->number > end->number) || is_forgotten(study, child, end))
            tell_orphan(study, child, end);
    }
}
