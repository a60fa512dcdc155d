/* option-too-late: an option of a socket that counts only before bind(). */
#include "rules/facts.h"

#include <sys/socket.h>

static void reuse_event(struct study *study, const struct event *event);

const struct rule rule_option_too_late = {
    .id = "option-too-late",
    .is_of_code = true,
    .severity = SEVERITY_WARNING,
    .law = "SO_REUSEADDR is set before bind(), which is what it is for.",
    .see = "socket(7), ip(7), bind(2)",
    .silent =
        "Sockets that were not bound by the process itself; a socket that is bound again afterwards; UNIX "
        "sockets, which the option means nothing to.",
    .event = reuse_event,
};

/* The successful bind of that very socket: since it was made. */
static const struct event *bind_before(const struct study *study, const struct event *option)
{
    for (size_t i = (size_t)option->number; i > 0; i--) {
        const struct event *event = tracer_event(study_tracer(study), i - 1);
        if (!event->call.row || event->process != option->process)
            continue;
        if (event->call.made[0] == option->call.fd || event->call.made[1] == option->call.fd)
            return NULL; /* the descriptor begins here */
        if (is_deed(event, "bind") && event->call.fd == option->call.fd && has_succeeded(event))
            return event;
    }
    return NULL;
}

static void reuse_event(struct study *study, const struct event *event)
{
    bool is_reuse = is_call(event, "setsockopt") && has_succeeded(event) &&
                    event->call.arg[1] == SOL_SOCKET && event->call.arg[2] == SO_REUSEADDR;
    bool is_internet = event->object.kind == OBJECT_TCP || event->object.kind == OBJECT_UDP;
    const struct event *bound = is_reuse && is_internet ? bind_before(study, event) : NULL;
    if (bound)
        finding_add(study, &rule_option_too_late, SEVERITY_WARNING,
                    &(struct place){event->process, event, bound, "bound by"},
                    "SO_REUSEADDR is set when the socket is bound already: the next start of the server may "
                    "still fail with EADDRINUSE");
}
