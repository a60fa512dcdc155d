/* closed-descriptor, double-close, dup2-reversed: descriptors after their end, and copies in the wrong direction. */
#include "rules/facts.h"
#include "rules/handling.h"

#include <errno.h>

/* The last close of each process and descriptor; a place is taken over by the next one that falls on it. */
struct closes {
    struct {
        int process, fd;
        const struct event *event;
    } last[1024];
};

static size_t place_of(const struct closes *closes, int process, int fd)
{
    return ((size_t)process * 31 + (size_t)fd) % (sizeof closes->last / sizeof *closes->last);
}

static const struct event *own_close(const struct closes *closes, int process, int fd)
{
    size_t place = place_of(closes, process, fd);
    bool is_it =
        closes->last[place].event && closes->last[place].process == process && closes->last[place].fd == fd;
    return is_it ? closes->last[place].event : NULL;
}

/* The close by which the process, or the one that it was forked from, has lost the descriptor. */
static const struct event *last_close(const struct study *study, const struct closes *closes, int process,
                                      int fd)
{
    for (int who = process; who >= 0; who = tracer_process(study_tracer(study), (size_t)who)->parent)
        if (own_close(closes, who, fd))
            return own_close(closes, who, fd);
    return NULL;
}

/* ---- closed-descriptor --------------------------------------------------------------------------------------------------- */

static void closed_event(struct study *study, const struct event *event);

const struct rule rule_closed_descriptor = {
    .id = "closed-descriptor",
    .is_of_code = true,
    .severity = SEVERITY_ERROR,
    .law = "Nobody reads from or writes to a descriptor that he has closed.",
    .see = "close(2), read(2), write(2) (EBADF)",
    .silent =
        "Descriptors that were never open, or that executing a program has closed; a read or write of 0 "
        "bytes, which asks whether it is open. A warning only for "
        "descriptors 0, 1 and 2, where another thread has closed it, and where the program tells of "
        "the failure and ends well: then it may show what happens.",
    .event = closed_event,
};

static void use_closed(struct study *study, const struct closes *closes, const struct event *event)
{
    int fd = event->call.fd;
    const struct event *close = last_close(study, closes, event->process, fd);
    if (!close || history_find(study_history(study), event->process, fd))
        return;
    bool is_other_thread = close->process == event->process && close->tid != event->tid;
    bool is_certain = fd > 2 && !is_other_thread && !is_shown(study, event);
    finding_add(study, &rule_closed_descriptor, is_certain ? SEVERITY_ERROR : SEVERITY_WARNING,
                &(struct place){event->process, event, close, "closed by"},
                is_deed(event, "read") ? "it reads from descriptor %d, which it has closed before"
                                       : "it writes to descriptor %d, which it has closed before",
                fd);
}

static void closed_event(struct study *study, const struct event *event)
{
    struct closes *closes = study_room(study, &rule_closed_descriptor, sizeof *closes);
    int fd = event->call.fd;
    if (fd < 0)
        return;
    if (event->call.error == EBADF && (is_deed(event, "read") || is_deed(event, "write")) &&
        !is_of_nothing(event))
        use_closed(study, closes, event);
    if (is_call(event, "close") && has_succeeded(event)) {
        size_t place = place_of(closes, event->process, fd);
        closes->last[place].process = event->process;
        closes->last[place].fd = fd;
        closes->last[place].event = event;
    }
}

/* ---- double-close -------------------------------------------------------------------------------------------------------- */

static void double_event(struct study *study, const struct event *event);

const struct rule rule_double_close = {
    .id = "double-close",
    .is_of_code = true,
    .severity = SEVERITY_WARNING,
    .law = "A descriptor is closed once: its number may belong to something else by the second time.",
    .see = "close(2), fclose(3)",
    .silent =
        "Loops that close whatever may be open: what they close was in part never open; what the parent has "
        "closed before the fork.",
    .event = double_event,
};

/* Among the closes right around it is one of a descriptor that was never open: a loop over all numbers. */
static bool is_sweep(const struct study *study, const struct closes *closes, const struct event *event)
{
    const struct event *near = event;
    for (int before = 0; before < 8 && near && is_call(near, "close"); before++)
        near = previous_of_task(study, near);
    if (!near)
        near = event;
    for (int calls = 0; calls < 32 && near; calls++, near = next_of_task(study, near))
        if (is_call(near, "close") && near->call.error == EBADF &&
            !last_close(study, closes, near->process, near->call.fd))
            return true;
    return false;
}

static void double_event(struct study *study, const struct event *event)
{
    const struct closes *closes = study_room(study, &rule_closed_descriptor, sizeof *closes);
    int fd = event->call.fd;
    if (!is_call(event, "close") || event->call.error != EBADF || fd < 0 ||
        history_find(study_history(study), event->process, fd))
        return;
    const struct event *close = own_close(closes, event->process, fd);
    if (close && !is_sweep(study, closes, event))
        finding_add(study, &rule_double_close, SEVERITY_WARNING,
                    &(struct place){event->process, event, close, "closed by"},
                    "it closes descriptor %d, which is closed already", fd);
}

/* ---- dup2-reversed ------------------------------------------------------------------------------------------------------- */

static void reversed_event(struct study *study, const struct event *event);

const struct rule rule_dup2_reversed = {
    .id = "dup2-reversed",
    .is_of_code = true,
    .severity = SEVERITY_WARNING,
    .law = "dup2(pipe end, 0 or 1) puts the pipe in the place of a standard stream; the other way round the "
           "pipe is closed.",
    .see = "dup2(2)",
    .silent = "Where the number that is taken was no end of a pipe, or an end in the other direction; where "
              "the process reads or writes by that number, before or afterwards: then another is to take its "
              "place.",
    .event = reversed_event,
};

/* The process reads or writes by the number that is taken, before or behind that: the number is what matters to it, not the standard stream. */
static bool is_used_there(const struct study *study, const struct event *dup, int fd)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || event->process != dup->process)
            continue;
        if (event->number > dup->number && is_deed(event, "exec") && has_succeeded(event))
            return false;
        if (event->call.fd == fd && (is_deed(event, "read") || is_deed(event, "write")))
            return true;
    }
    return false;
}

static void reversed_event(struct study *study, const struct event *event)
{
    bool is_dup = is_call(event, "dup2") || is_call(event, "dup3");
    int from = (int)event->call.arg[0], onto = (int)event->call.arg[1];
    if (!is_dup || !has_succeeded(event) || from < 0 || from > 2 || onto <= 2)
        return;
    const struct descriptor *lost = history_find(study_history(study), event->process, onto);
    unsigned fits = from == 0 ? END_READ : END_WRITE;
    if (lost && lost->object.kind == OBJECT_PIPE && lost->ends == fits && lost->origin &&
        !object_same(&lost->object, &event->object) && !is_used_there(study, event, onto))
        finding_add(
            study, &rule_dup2_reversed, SEVERITY_WARNING,
            &(struct place){event->process, event, lost->origin, "the end that is lost was made by"},
            "dup2(%d, %d) closes the pipe's end and makes %d a copy of the standard stream; meant was "
            "probably dup2(%d, %d)",
            from, onto, onto, onto, from);
}
