/* sent-to-nobody: what is sent to a peer that has closed its end. The call succeeds all the same: TCP learns of it only by the answer. */
#include "rules/facts.h"

#include <errno.h>

static void sent_event(struct study *study, const struct event *event);

const struct rule rule_sent_to_nobody = {
    .id = "sent-to-nobody",
    .is_of_code = true,
    .severity = SEVERITY_WARNING,
    .law = "What is sent over a connection has a reader: the call succeeds although the other end is closed.",
    .see = "tcp(7), send(2) (EPIPE, ECONNRESET), recv(2)",
    .silent =
        "Who meets the end of file or an error of that connection afterwards, and so hears of it; ports "
        "that more than one connection was made to; an end that was copied, or may still be open.",
    .event = sent_event,
};

enum { PROCESSES_MOST = 4096 };

struct ended {
    bool has_ended[PROCESSES_MOST]; /* by index */
    struct object_id port; /* that was asked for last, and what came out: who sends much asks often */
    const struct event *accept;
};

enum side { SIDE_UNKNOWN, SIDE_CLIENT, SIDE_SERVER };

static enum side side_of(const struct descriptor *descriptor)
{
    const struct event *origin = descriptor->origin;
    if (!origin)
        return SIDE_UNKNOWN;
    return is_deed(origin, "accept") ? SIDE_SERVER : is_call(origin, "socket") ? SIDE_CLIENT : SIDE_UNKNOWN;
}

/* By whom the connection was accepted; NULL: there are several at that port, or none. */
static const struct event *only_accept(const struct study *study, const struct object_id *port)
{
    const struct event *accept = NULL;
    size_t connections = 0, accepts = 0;
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || !has_succeeded(event))
            continue;
        connections += is_deed(event, "connect") && object_same(&event->object, port);
        if (!is_deed(event, "accept") || !object_same(&event->object, port))
            continue;
        accepts++;
        accept = event;
    }
    return connections == 1 && accepts == 1 ? accept : NULL;
}

/* Some process that goes on has an end of the connection that may be the other one; a socket that listens is none, but is not told from the client's here. */
static bool is_other_end_open(const struct study *study, const struct ended *ended,
                              const struct object_id *port, enum side own)
{
    for (size_t i = 0; i < tracer_process_count(study_tracer(study)); i++) {
        size_t count;
        const struct descriptor *items = history_table(study_history(study), (int)i, &count);
        if (i >= PROCESSES_MOST || ended->has_ended[i])
            continue;
        for (size_t k = 0; k < count; k++)
            if (object_same(&items[k].object, port) && side_of(&items[k]) != own)
                return true;
    }
    return false;
}

/* It hears later that nobody reads. */
static bool is_told_later(const struct study *study, const struct event *sending)
{
    for (size_t i = (size_t)sending->number + 1; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || event->process != sending->process ||
            !object_same(&event->object, &sending->object))
            continue;
        bool meets_end = is_deed(event, "read") && has_succeeded(event) && event->call.result == 0;
        if (meets_end || event->call.error == EPIPE || event->call.error == ECONNRESET)
            return true;
    }
    return false;
}

static void look_at_sending(struct study *study, struct ended *ended, const struct event *event)
{
    const struct descriptor *own = history_find(study_history(study), event->process, event->call.fd);
    if (!object_same(&ended->port, &event->object))
        ended->accept = only_accept(study, &event->object);
    ended->port = event->object;
    const struct event *accept = own ? ended->accept : NULL;
    if (!accept || side_of(own) != SIDE_CLIENT || accept->number > event->number ||
        is_other_end_open(study, ended, &event->object, SIDE_CLIENT) || is_told_later(study, event))
        return;
    finding_add(study, &rule_sent_to_nobody, SEVERITY_WARNING,
                &(struct place){event->process, event, accept, "the connection was accepted in"},
                "%lld bytes were sent, but the other end was closed already: nobody has got them",
                (long long)event->call.result);
}

static void sent_event(struct study *study, const struct event *event)
{
    struct ended *ended = study_room(study, &rule_sent_to_nobody, sizeof *ended);
    if (is_deed(event, "exit") && event->process < PROCESSES_MOST)
        ended->has_ended[event->process] = true;
    if (is_deed(event, "write") && event->object.kind == OBJECT_TCP && has_succeeded(event) &&
        event->call.result > 0)
        look_at_sending(study, ended, event);
}
