/* wait-for-nobody: who waits for a process that is not his child, or asks for it when it has been waited for; and whose child waits, or makes children, as if it were its parent. */
#include "rules/facts.h"
#include "rules/handling.h"

#include <errno.h>
#include <string.h>

#include "trace/source.h"

/* ---- wait-for-nobody ------------------------------------------------------------------------------------------------------- */

static void nobody_event(struct study *study, const struct event *event);

const struct rule rule_wait_for_nobody = {
    .id = "wait-for-nobody",
    .severity = SEVERITY_WARNING,
    .law =
        "A process waits for its own children only: for others waitpid() fails (ECHILD) and does not wait.",
    .see = "waitpid(2)",
    .silent =
        "Any child (-1), children that were waited for already, and processes that are not of the "
        "program. Where exec() has failed before and the child goes on as its parent would: an error of "
        "unchecked-failure.",
    .event = nobody_event,
};

/* The exec that has failed in this child, after which it goes on with the program of its parent; NULL: none. */
static const struct event *failed_exec(const struct study *study, const struct event *wait)
{
    const struct event *found = NULL;
    for (size_t i = 0; i < wait->number; i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || event->process != wait->process)
            continue;
        if (is_deed(event, "fork"))
            return NULL; /* it has children of its own */
        if (is_deed(event, "exec"))
            found = event->call.error ? event : NULL;
    }
    return found;
}

/* It asks for the status of its own child, which nobody has waited for before: ignored children leave none. */
static bool loses_status(const struct study *study, const struct event *wait, const struct process *child)
{
    bool wants_status = is_call(wait, "wait4") && wait->call.arg[1] != 0;
    for (size_t i = 0; i < wait->number; i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && is_deed(event, "wait") && has_succeeded(event) &&
            (event->call.result == child->inner_pid || is_call(event, "waitid")))
            return false;
    }
    return wants_status && !is_failure_told(study, wait);
}

extern const struct rule rule_unchecked_failure;

/* exec() has failed, and the child makes a child at the very line that has made it. */
static void fork_event(struct study *study, const struct event *event)
{
    const struct process *self = tracer_process(study_tracer(study), (size_t)event->process);
    const struct event *exec = self->parent >= 0 ? failed_exec(study, event) : NULL,
                       *birth = exec ? birth_of(study, self) : NULL;
    struct source_at here, there;
    if (birth && source_find(study_tracer(study), event, NULL, &here) &&
        source_find(study_tracer(study), birth, NULL, &there) && here.line == there.line &&
        strcmp(here.file, there.file) == 0)
        finding_add(study, &rule_unchecked_failure, SEVERITY_ERROR,
                    &(struct place){event->process, event, exec, "that has failed"},
                    "exec has failed (%s), and the child goes on as if it were its parent",
                    errno_name(exec->call.error));
}

/* A signal to a child that was waited for: its number may be another's by now. */
static void kill_event(struct study *study, const struct event *event)
{
    const struct process *whom = event->call.error == ESRCH && event->call.value[PARAM_SIG] > 0
                                     ? process_by_pid(study, event->call.value[PARAM_ID])
                                     : NULL;
    for (size_t i = 0; whom && i < event->number; i++) {
        const struct event *wait = tracer_event(study_tracer(study), i);
        if (wait->call.row && wait->process == event->process && is_deed(wait, "wait") &&
            has_succeeded(wait) && wait->call.result == whom->inner_pid) {
            finding_add(study, &rule_wait_for_nobody, SEVERITY_WARNING,
                        &(struct place){event->process, event, wait, "it was waited for in"},
                        "it sends a signal to process %d, for which it has waited already: the number may be "
                        "another's by now",
                        (int)whom->pid);
            return;
        }
    }
}

/* It ends with a failure: to wait for whatever children there are may be what everybody does who ends. */
static bool has_given_up(const struct study *study, int process)
{
    const struct process *self = tracer_process(study_tracer(study), (size_t)process);
    return self->is_dead && self->wait_status != 0;
}

static void nobody_event(struct study *study, const struct event *event)
{
    if (is_deed(event, "fork") && has_succeeded(event) && !event->is_inner)
        fork_event(study, event);
    if (is_deed(event, "kill"))
        kill_event(study, event);
    if (!is_deed(event, "wait") || event->call.error != ECHILD)
        return;
    const struct event *exec = failed_exec(study, event);
    const struct process *whom =
        event->call.value[PARAM_ID] > 0 ? process_by_pid(study, event->call.value[PARAM_ID]) : NULL;
    if (exec && has_given_up(study, event->process))
        return;
    if (exec && tracer_process(study_tracer(study), (size_t)event->process)->parent >= 0)
        finding_add(study, &rule_unchecked_failure, SEVERITY_ERROR,
                    &(struct place){event->process, event, exec, "that has failed"},
                    "exec has failed (%s), and the child goes on as if it were its parent",
                    errno_name(exec->call.error));
    else if (whom && whom->parent == event->process && loses_status(study, event, whom))
        finding_add(study, &rule_wait_for_nobody, SEVERITY_WARNING,
                    &(struct place){event->process, event, birth_of(study, whom), "made by"},
                    "process %d was its child, and nothing is left of it: who ignores SIGCHLD gets no status "
                    "of its children",
                    (int)whom->pid);
    else if (whom && whom->parent != event->process)
        finding_add(study, &rule_wait_for_nobody, SEVERITY_WARNING,
                    &(struct place){.process = event->process, .event = event},
                    "process %d is not its child: nothing is waited for", (int)whom->pid);
}
