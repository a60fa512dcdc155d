/* vfork-misused: a child that has its parent's memory, and uses it. */
#include "rules/facts.h"

static void vfork_event(struct study *study, const struct event *event);

const struct rule rule_vfork_misused = {
    .id = "vfork-misused",
    .is_of_code = true,
    .severity = SEVERITY_WARNING,
    .law =
        "A child of vfork() does nothing but execute another program or leave by _exit(): its memory is the "
        "parent's.",
    .see = "vfork(2), fork(2)",
    .silent =
        "What such a child prepares for the new program (close, dup2, ..); telling that exec has failed, on "
        "standard error or by a pipe.",
    .event = vfork_event,
};

/* To speak with others needs buffers, and is what a child of fork() is for. */
static bool is_work(const struct event *event)
{
    static const char *const words[] = {"read", "write", "msgsnd", "msgrcv", "semop", "wait", "accept", NULL};
    return is_any_deed(event, words) && event->call.fd != 2;
}

static void vfork_event(struct study *study, const struct event *event)
{
    const struct process *process = tracer_process(study_tracer(study), (size_t)event->process);
    const struct event *birth = process->parent >= 0 && is_work(event) ? birth_of(study, process) : NULL;
    if (birth && is_call(birth, "vfork") && !has_executed(study, event->process, event, false) &&
        !has_executed(study, event->process, event, true))
        finding_add(
            study, &rule_vfork_misused, SEVERITY_WARNING,
            &(struct place){event->process, event, birth, "it was made by"},
            "a child of vfork() does this in the memory of its parent, who waits meanwhile; meant was "
            "probably fork()");
}
