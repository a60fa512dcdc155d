/* unclosed-end, fd-leak-exec, wrong-end: descriptors of pipes that are where nobody needs them. */
#include "base/text.h"
#include "rules/facts.h"
#include "rules/handling.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- unclosed-end -------------------------------------------------------------------------------------------------------- */

static void unclosed_event(struct study *study, const struct event *event);

const struct rule rule_unclosed_end = {
    .id = "unclosed-end",
    .is_of_code = true,
    .severity = SEVERITY_WARNING,
    .law =
        "Who reads from a pipe that others write to has closed its own write end, and the other way round.",
    .see = "pipe(7), POSIX pipe()",
    .silent = "Pipes that only one process has; pipes at both ends of which the process itself reads and "
              "writes; FIFOs and socket pairs; a writer whose read end is closed on exec; an end that is "
              "closed before the process reads or writes there again, or that a child has still to get.",
    .event = unclosed_event,
};

/* Reads and writes of the process on both ends of the pipe: a channel to itself, or one that it uses in turns. */
static bool uses_both_ends(const struct study *study, const struct event *event)
{
    bool has_read = false, has_written = false;
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *other = tracer_event(study_tracer(study), i);
        if (!other->call.row || other->process != event->process ||
            !object_same(&other->object, &event->object))
            continue;
        has_read |= is_deed(other, "read");
        has_written |= is_deed(other, "write");
    }
    return has_read && has_written;
}

static const struct descriptor *other_end(const struct study *study, const struct event *event, unsigned end)
{
    size_t count;
    const struct descriptor *items = history_table(study_history(study), event->process, &count);
    for (size_t i = 0; i < count; i++)
        if (object_same(&items[i].object, &event->object) && items[i].ends == end)
            return &items[i];
    return NULL;
}

/* It closes the other end before it reads (or writes) there again: the end comes late, but it comes. */
static bool is_closed_in_time(const struct study *study, const struct event *use,
                              const struct descriptor *other)
{
    bool is_closed = false;
    for (size_t i = (size_t)use->number + 1; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || event->process != use->process)
            continue;
        is_closed |= is_deed(event, "close") && event->call.fd == other->fd && has_succeeded(event);
        if (is_closed && event->call.deed == use->call.deed && object_same(&event->object, &use->object))
            return true;
    }
    return false;
}

/* A child that it makes only later uses the other end: it has to keep it for that one. */
static bool is_for_later_child(const struct study *study, const struct event *use)
{
    const char *word = is_deed(use, "read") ? "write" : "read";
    for (size_t i = (size_t)use->number + 1; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || event->process == use->process || !is_deed(event, word) ||
            !object_same(&event->object, &use->object))
            continue;
        const struct process *child = tracer_process(study_tracer(study), (size_t)event->process);
        const struct event *birth = child->parent == use->process ? birth_of(study, child) : NULL;
        if (birth && birth->number > use->number)
            return true;
    }
    return false;
}

/* What was said of a process and a pipe last is not asked again for each of its calls. */
struct asked {
    struct {
        int process;
        uint64_t pipe;
        bool is_read, is_decided;
    } last[64];
};

static bool is_decided(struct study *study, const struct event *event, bool is_read)
{
    struct asked *asked = study_room(study, &rule_unclosed_end, sizeof *asked);
    size_t place = ((size_t)event->process * 31 + (size_t)event->object.number * 2 + is_read) %
                   (sizeof asked->last / sizeof *asked->last);
    bool is_known = asked->last[place].is_decided && asked->last[place].process == event->process &&
                    asked->last[place].pipe == event->object.number && asked->last[place].is_read == is_read;
    asked->last[place].process = event->process;
    asked->last[place].pipe = event->object.number;
    asked->last[place].is_read = is_read;
    asked->last[place].is_decided = true;
    return is_known;
}

/* The process hangs because of that very end: it is told so already. */
static bool is_self_held(const struct study *study, int process, const struct descriptor *other)
{
    extern const struct rule rule_self_held_end;
    for (size_t i = 0; i < study_count(study); i++) {
        const struct finding *finding = study_finding(study, i);
        if (finding->rule == &rule_self_held_end && finding->place.process == process &&
            finding->place.other == other->origin)
            return true;
    }
    return false;
}

static void unclosed_event(struct study *study, const struct event *event)
{
    bool is_read = is_deed(event, "read"), is_write = is_deed(event, "write");
    if ((!is_read && !is_write) || event->object.kind != OBJECT_PIPE || event->call.error == EBADF)
        return; /* EBADF: wrong-end tells it */
    const struct descriptor *other = other_end(study, event, is_read ? END_WRITE : END_READ);
    /* Writing of its exec's failure, say: what is closed on exec was meant to be gone by now. */
    if (other && is_write && other->is_cloexec)
        return;
    if (!other || is_self_held(study, event->process, other) || !is_shared(study, &event->object) ||
        is_decided(study, event, is_read) || uses_both_ends(study, event) ||
        is_closed_in_time(study, event, other) || is_for_later_child(study, event))
        return;
    finding_add(study, &rule_unclosed_end, SEVERITY_WARNING,
                &(struct place){event->process, event, other->origin, "made by"},
                is_read ? "it reads from a pipe and still has its write end open, as descriptor %d: as long "
                          "as that is so, it never meets the end"
                        : "it writes to a pipe and still has its read end open, as descriptor %d: when the "
                          "reader goes away it will not be told (SIGPIPE, EPIPE)",
                other->fd);
}

/* ---- fd-leak-exec -------------------------------------------------------------------------------------------------------- */

static void leak_event(struct study *study, const struct event *event);

const struct rule rule_fd_leak_exec = {
    .id = "fd-leak-exec",
    .is_of_code = true,
    .severity = SEVERITY_WARNING,
    .law = "A program that is executed inherits no end of a pipe that it cannot know of.",
    .see = "execve(2), fcntl(2) (FD_CLOEXEC)",
    .silent = "Descriptors 0, 1 and 2; descriptors whose number stands in the arguments of the new program; "
              "what the new program, or a child of it, uses under that number: it has been told, by its "
              "environment or by custom.",
    .event = leak_event,
};

static bool is_in_arguments(const struct call *call, int fd)
{
    char number[16];
    int len = snprintf(number, sizeof number, "%d", fd);
    for (size_t at = 0; at < call->data.len; at += strlen(call->data.data + at) + 1) {
        const char *argument = call->data.data + at;
        for (const char *found = argument; (found = strstr(found, number)); found++) {
            bool begins = found == argument || found[-1] < '0' || found[-1] > '9';
            if (begins && (found[len] < '0' || found[len] > '9'))
                return true;
        }
    }
    return false;
}

/* The process, or one that comes from it. */
static bool is_of(const struct study *study, int process, int ancestor)
{
    while (process >= 0 && process != ancestor)
        process = tracer_process(study_tracer(study), (size_t)process)->parent;
    return process == ancestor;
}

/* The new program uses what it has inherited under that very number. */
static bool is_known_there(const struct study *study, const struct event *exec,
                           const struct descriptor *inherited)
{
    for (size_t i = (size_t)exec->number + 1; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        bool is_use = event->call.row && event->call.fd == inherited->fd && !is_deed(event, "close") &&
                      has_succeeded(event) && object_same(&event->object, &inherited->object);
        if (is_use && is_of(study, event->process, exec->process))
            return true;
    }
    return false;
}

static void leak_event(struct study *study, const struct event *event)
{
    size_t count;
    const struct descriptor *items = history_table(study_history(study), event->process, &count);
    if (!is_deed(event, "exec") || event->call.error != 0)
        return;
    for (size_t i = 0; i < count; i++)
        if (items[i].fd > 2 && !items[i].is_cloexec && items[i].object.kind == OBJECT_PIPE &&
            items[i].origin && !is_in_arguments(&event->call, items[i].fd) &&
            !is_known_there(study, event, &items[i]))
            finding_add(study, &rule_fd_leak_exec, SEVERITY_WARNING,
                        &(struct place){event->process, event, items[i].origin, "made by"},
                        "the new program inherits descriptor %d, the %s of a pipe", items[i].fd,
                        items[i].ends == END_READ    ? _("read end")
                        : items[i].ends == END_WRITE ? _("write end")
                                                     : _("end"));
}

/* ---- wrong-end ----------------------------------------------------------------------------------------------------------- */

static void wrong_event(struct study *study, const struct event *event);

const struct rule rule_wrong_end = {
    .id = "wrong-end",
    .severity = SEVERITY_ERROR,
    .law = "Nobody reads from the write end of a pipe or writes to its read end.",
    .see = "pipe(2), read(2), write(2) (EBADF)",
    .silent =
        "Descriptors that are not open at all: unchecked-failure and closing twice have other causes; a read "
        "or write of 0 bytes, which asks what it is open for. A "
        "warning only where the program tells of the failure and ends well: then it may show what "
        "happens.",
    .event = wrong_event,
};

static void wrong_event(struct study *study, const struct event *event)
{
    bool is_read = is_deed(event, "read"), is_write = is_deed(event, "write");
    if ((!is_read && !is_write) || event->call.error != EBADF || is_of_nothing(event))
        return;
    const struct descriptor *own = history_find(study_history(study), event->process, event->call.fd);
    if (own && own->ends == (is_read ? END_WRITE : END_READ))
        finding_add(study, &rule_wrong_end, is_shown(study, event) ? SEVERITY_WARNING : SEVERITY_ERROR,
                    &(struct place){event->process, event, own->origin, "made by"},
                    is_read ? "it reads from descriptor %d, which is open for writing only"
                            : "it writes to descriptor %d, which is open for reading only",
                    own->fd);
}
