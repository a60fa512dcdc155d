/* written-twice, text-lost, unlocked-too-early: text that a stream still held when its process was copied, or ended, or had let go of a lock. What streams held is a fact (trace/unwritten.h): nothing is guessed from the text. */
#include "rules/facts.h"

#include <sched.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "trace/unwritten.h"

/* This write carries the text: it begins where the stream kept it, and with the same bytes. */
static bool carries(const struct event *event, const struct unwritten *text)
{
    size_t known = event->call.data.len < text->shown ? event->call.data.len : text->shown;
    return is_call(event, "write") && has_succeeded(event) && event->call.arg[1] == text->address &&
           event->call.arg[2] >= text->len && known > 0 &&
           memcmp(event->call.data.data, text->text, known) == 0;
}

/* The write by which the process carries it, behind `after`; NULL: it never does, or executes another program first. */
static const struct event *carried_by(const struct study *study, int process, const struct event *after,
                                      const struct unwritten *text)
{
    for (size_t i = (size_t)after->number + 1; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || event->process != process)
            continue;
        if (is_deed(event, "exec") && event->call.error == 0)
            return NULL;
        if (carries(event, text))
            return event;
    }
    return NULL;
}

/* ---- written-twice ------------------------------------------------------------------------------------------------------- */

static void twice_event(struct study *study, const struct event *event);

const struct rule rule_written_twice = {
    .id = "written-twice",
    .is_of_code = true,
    .severity = SEVERITY_WARNING,
    .law = "Nothing waits in the buffer of a stream when the process forks.",
    .see = "fork(2), fflush(3), setvbuf(3)",
    .silent = "Text that only one of the two has written: who leaves by _exit() or executes another program "
              "does not write it.",
    .event = twice_event,
};

static const struct process *child_of(const struct study *study, const struct event *fork)
{
    for (size_t i = 0; i < tracer_process_count(study_tracer(study)); i++) {
        const struct process *child = tracer_process(study_tracer(study), i);
        if (child->parent == fork->process && child->inner_pid == fork->call.result)
            return child;
    }
    return NULL;
}

static void look_at_copy(struct study *study, const struct event *fork, const struct process *child,
                         const struct unwritten *text)
{
    const struct event *first = carried_by(study, fork->process, fork, text);
    const struct event *second = first ? carried_by(study, child->index, fork, text) : NULL;
    if (!second)
        return;
    cleanup_free char *shown = text_printable(text->text, text->shown, UNWRITTEN_SHOWN);
    finding_add(
        study, &rule_written_twice, SEVERITY_WARNING,
        &(struct place){fork->process, fork, second, "the child writes it in"},
        "the stream of descriptor %d still held %zu bytes (\"%s%s\"), and the child has got a copy of "
        "them: both have written them; fflush() before fork() is missing",
        text->fd, text->len, shown, text->len > text->shown ? "..." : "");
}

static void twice_event(struct study *study, const struct event *event)
{
    const struct process *child =
        event->unwritten && is_deed(event, "fork") && has_succeeded(event) ? child_of(study, event) : NULL;
    for (size_t i = 0; child && i < event->unwritten->count; i++)
        look_at_copy(study, event, child, &event->unwritten->items[i]);
}

/* ---- text-lost ----------------------------------------------------------------------------------------------------------- */

static void lost_event(struct study *study, const struct event *event);

const struct rule rule_text_lost = {
    .id = "text-lost",
    .is_of_code = true,
    .severity = SEVERITY_WARNING,
    .law = "What was given to a stream is written before the process ends by _exit() or executes another "
           "program.",
    .see = "_exit(2), execve(2), fflush(3)",
    .silent =
        "Text that was there before the fork, which is the parent's to write; children of vfork(); text "
        "that somebody has written, or tried to.",
    .event = lost_event,
};

/* Its streams are its parent's until it executes something. */
static bool shares_memory(const struct event *birth)
{
    return birth && !is_call(birth, "fork") &&
           (!is_call(birth, "clone") || (birth->call.arg[0] & CLONE_VM) != 0);
}

static bool was_there(const struct event *birth, const struct unwritten *text)
{
    for (size_t i = 0; birth && birth->unwritten && i < birth->unwritten->count; i++) {
        const struct unwritten *old = &birth->unwritten->items[i];
        if (old->address == text->address && old->len == text->len && old->sum == text->sum)
            return true;
    }
    return false;
}

/* Some process has written it from there, or has tried to in vain. */
static bool is_written(const struct study *study, const struct unwritten *text)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && is_call(event, "write") && event->call.arg[1] == text->address &&
            (event->call.error != 0 || carries(event, text)))
            return true;
    }
    return false;
}

static void look_at_end(struct study *study, const struct event *end, const struct unwritten *text)
{
    if (is_written(study, text))
        return;
    cleanup_free char *shown = text_printable(text->text, text->shown, UNWRITTEN_SHOWN);
    const char *more = text->len > text->shown ? "..." : "";
    finding_add(study, &rule_text_lost, SEVERITY_WARNING,
                &(struct place){.process = end->process, .event = end},
                is_deed(end, "exec")
                    ? "the stream of descriptor %d still holds %zu bytes (\"%s%s\"), which the new program "
                      "knows nothing of: they are lost"
                    : "it ends while the stream of descriptor %d still holds %zu bytes (\"%s%s\"): they are "
                      "lost, since _exit() does not write them",
                text->fd, text->len, shown, more);
}

static void lost_event(struct study *study, const struct event *event)
{
    bool is_end = is_deed(event, "exit") || (is_deed(event, "exec") && event->call.error == 0);
    const struct event *birth =
        event->unwritten && is_end
            ? birth_of(study, tracer_process(study_tracer(study), (size_t)event->process))
            : NULL;
    for (size_t i = 0; event->unwritten && is_end && !shares_memory(birth) && i < event->unwritten->count;
         i++)
        if (!was_there(birth, &event->unwritten->items[i]))
            look_at_end(study, event, &event->unwritten->items[i]);
}

/* ---- unlocked-too-early -------------------------------------------------------------------------------------------------- */

static void unlocked_event(struct study *study, const struct event *event);

const struct rule rule_unlocked_too_early = {
    .id = "unlocked-too-early",
    .is_of_code = true,
    .severity = SEVERITY_WARNING,
    .law = "What is written under a lock has left the buffer of its stream when the lock is given back.",
    .see = "flock(2), fcntl(2) (F_SETLK), fflush(3)",
    .silent = "Streams of other files than the one that was locked; files that only one process has locked.",
    .event = unlocked_event,
};

static bool is_locked_by_others(const struct study *study, const struct event *unlock)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && event->process != unlock->process && has_succeeded(event) &&
            (is_deed(event, "flock") || is_deed(event, "lock")) &&
            object_same(&event->object, &unlock->object))
            return true;
    }
    return false;
}

static void unlocked_event(struct study *study, const struct event *event)
{
    bool is_unlock = (is_deed(event, "flock") || is_deed(event, "lock")) && has_succeeded(event);
    for (size_t i = 0; event->unwritten && is_unlock && i < event->unwritten->count; i++) {
        const struct unwritten *text = &event->unwritten->items[i];
        const struct descriptor *own = history_find(study_history(study), event->process, text->fd);
        if (own && object_same(&own->object, &event->object) && is_locked_by_others(study, event))
            finding_add(
                study, &rule_unlocked_too_early, SEVERITY_WARNING,
                &(struct place){.process = event->process, .event = event},
                "the lock is given back, and the stream of descriptor %d still holds %zu bytes for the "
                "file: they are written without the lock; fflush() before is missing",
                text->fd, text->len);
    }
}
