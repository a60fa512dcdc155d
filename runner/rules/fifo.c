/* fifo-read-write, fifo-no-writer: FIFOs that are opened as they should not be. */
#include "rules/facts.h"

#include <fcntl.h>

/* ---- fifo-read-write ----------------------------------------------------------------------------------------------------- */

static void both_event(struct study *study, const struct event *event);

const struct rule rule_fifo_read_write = {
    .id = "fifo-read-write",
    .severity = SEVERITY_WARNING,
    .law = "A FIFO is opened for reading or for writing; what O_RDWR does is said by Linux only, and such a "
           "reader never meets the end of file.",
    .see = "fifo(7), POSIX open()",
    .silent = "Never: who does so on purpose, to have no end of file between two clients, knows why.",
    .event = both_event,
};

static void both_event(struct study *study, const struct event *event)
{
    if (is_deed(event, "open") && has_succeeded(event) && event->made[0].kind == OBJECT_FIFO &&
        (event->call.value[PARAM_FLAGS] & O_ACCMODE) == O_RDWR)
        finding_add(study, &rule_fifo_read_write, SEVERITY_WARNING,
                    &(struct place){.process = event->process, .event = event},
                    "it opens the FIFO for reading and writing: that does not wait for the other side, and a "
                    "read never meets the end of file");
}

/* ---- fifo-no-writer ------------------------------------------------------------------------------------------------------ */

static void nobody_event(struct study *study, const struct event *event);

const struct rule rule_fifo_no_writer = {
    .id = "fifo-no-writer",
    .severity = SEVERITY_WARNING,
    .law = "A read of 0 bytes from a FIFO that was opened with O_NONBLOCK is no end of file while nobody has "
           "opened it for writing yet.",
    .see = "fifo(7), read(2)",
    .silent = "FIFOs that somebody of the program has had open for writing before; who reads again later.",
    .event = nobody_event,
};

static bool had_writer(const struct study *study, const struct event *read)
{
    for (size_t i = 0; i < read->number; i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && is_deed(event, "open") && has_succeeded(event) &&
            object_same(&event->made[0], &read->object) &&
            (event->call.value[PARAM_FLAGS] & O_ACCMODE) != O_RDONLY)
            return true;
    }
    return false;
}

static bool is_read_again(const struct study *study, const struct event *read)
{
    for (size_t i = (size_t)read->number + 1; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && event->process == read->process && is_deed(event, "read") &&
            object_same(&event->object, &read->object))
            return true;
    }
    return false;
}

static void nobody_event(struct study *study, const struct event *event)
{
    if (!is_deed(event, "read") || !has_succeeded(event) || event->call.result != 0 ||
        event->object.kind != OBJECT_FIFO || event->call.arg[2] == 0)
        return;
    const struct descriptor *own = history_find(study_history(study), event->process, event->call.fd);
    bool is_nonblocking = own && own->origin && is_deed(own->origin, "open") &&
                          (own->origin->call.value[PARAM_FLAGS] & O_NONBLOCK);
    if (is_nonblocking && !is_read_again(study, event) && !had_writer(study, event))
        finding_add(study, &rule_fifo_no_writer, SEVERITY_WARNING,
                    &(struct place){event->process, event, own->origin, "opened without waiting by"},
                    "it takes 0 bytes for the end, but nobody of the program has opened the FIFO for writing "
                    "yet");
}
