/* port-byte-order, connection-kept, datagram-cut, and the part of unchecked-failure that is about bind() and connect(). */
#include "rules/facts.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* ---- unchecked-failure: bind, connect -------------------------------------------------------------------------------------- */

static bool is_pending(int error) /* it goes on behind the program's back, or is done already */
{
    return error == EINPROGRESS || error == EALREADY || error == EINTR || error == EISCONN || error == EAGAIN;
}

/* The last bind or connect of that descriptor in the process, if it has failed and nothing has been done about it. */
static const struct event *failed_step(const struct study *study, const struct event *use)
{
    for (size_t i = (size_t)use->number; i > 0; i--) {
        const struct event *event = tracer_event(study_tracer(study), i - 1);
        if (!event->call.row || event->process != use->process)
            continue;
        bool is_step = is_deed(event, "bind") || is_deed(event, "connect");
        if (is_step && event->call.fd == use->call.fd)
            return event->call.is_done && event->call.error && !is_pending(event->call.error) ? event : NULL;
        if (event->call.made[0] == use->call.fd || event->call.made[1] == use->call.fd)
            return NULL; /* the descriptor begins here */
    }
    return NULL;
}

/* The kernel has bound the socket itself, and that was of use: it has sent something since, or somebody was let in (ip(7)). */
static bool is_bound_otherwise(const struct study *study, const struct event *use, const struct event *step)
{
    for (size_t i = (size_t)step->number + 1; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        bool is_own = event->call.row && event->call.fd == step->call.fd && has_succeeded(event) &&
                      (event->process == step->process ||
                       tracer_process(study_tracer(study), (size_t)event->process)->parent == step->process);
        if (is_own && (is_deed(event, "accept") || (is_deed(event, "write") && event->number < use->number)))
            return true;
    }
    return false;
}

/* Is it what bind() or connect() should have made possible? A socket may send without a bind. */
static bool needs_step(const struct event *use, const struct event *step)
{
    if (is_deed(step, "bind"))
        return is_deed(use, "listen") || is_deed(use, "accept") || is_deed(use, "read");
    return is_deed(use, "read") || (is_deed(use, "write") && use->call.family == 0);
}

void failed_step_event(struct study *study, const struct event *event)
{
    static const char *const words[] = {"listen", "accept", "read", "write", NULL};
    extern const struct rule rule_unchecked_failure, rule_port_byte_order;
    bool *has_failed = study_room(study, &rule_port_byte_order, sizeof *has_failed);
    *has_failed |= (is_deed(event, "bind") || is_deed(event, "connect")) && event->call.error != 0;
    if (!*has_failed)
        return; /* the usual case, at no cost */
    const struct descriptor *own =
        is_any_deed(event, words) ? history_find(study_history(study), event->process, event->call.fd) : NULL;
    if (!own || !own->origin || !is_call(own->origin, "socket"))
        return;
    const struct event *step = failed_step(study, event);
    if (step && needs_step(event, step) && !(is_deed(step, "bind") && is_bound_otherwise(study, event, step)))
        finding_add(study, &rule_unchecked_failure, SEVERITY_ERROR,
                    &(struct place){event->process, event, step, "that has failed"},
                    "it goes on with a socket whose %s() has failed (%s)", step->call.row->name,
                    errno_name(step->call.error));
}

/* ---- port-byte-order ------------------------------------------------------------------------------------------------------- */

static void port_event(struct study *study, const struct event *event);

const struct rule rule_port_byte_order = {
    .id = "port-byte-order",
    .severity = SEVERITY_ERROR,
    .law = "A port stands in a socket address in network byte order: htons(port).",
    .see = "ip(7), htons(3)",
    .silent = "Whenever somebody is at the port that was named, or nobody at the one with its two bytes "
              "exchanged; a process that names that one, too: it looks for a port that is open.",
    .event = port_event,
};

static const struct event *user_of_port(const struct study *study, enum object_kind kind, int port)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        bool is_server = event->call.row && (is_deed(event, "bind") || is_deed(event, "listen"));
        bool receives = event->call.row && kind == OBJECT_UDP && is_deed(event, "read");
        if (((is_server && has_succeeded(event)) || receives) && event->object.kind == kind &&
            event->object.number == (uint64_t)port)
            return event; /* who has bound port 0 is known by what he uses it for */
    }
    return NULL;
}

static bool reaches_for(const struct study *study, int process, int port)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->process == process && event->call.row && event->call.port == port &&
            (is_deed(event, "connect") || is_call(event, "sendto")))
            return true;
    }
    return false;
}

static void port_event(struct study *study, const struct event *event)
{
    const struct call *call = &event->call;
    bool is_stream = is_deed(event, "connect") && call->error == ECONNREFUSED;
    bool is_datagram = is_call(event, "sendto") && has_succeeded(event);
    if ((!is_stream && !is_datagram) || (call->family != AF_INET && call->family != AF_INET6))
        return;
    enum object_kind kind = is_stream ? OBJECT_TCP : OBJECT_UDP;
    int other = htons((uint16_t)call->port);
    if (other == call->port || other == 0 || user_of_port(study, kind, call->port) ||
        reaches_for(study, event->process, other))
        return;
    const struct event *server = user_of_port(study, kind, other);
    if (server)
        finding_add(study, &rule_port_byte_order, SEVERITY_ERROR,
                    &(struct place){event->process, event, server, "that port was taken by"},
                    "nobody is at port %d; %d, the same with its two bytes exchanged, is there: htons() is "
                    "missing, or is there twice",
                    call->port, other);
}

/* ---- connection-kept ------------------------------------------------------------------------------------------------------- */

static void kept_event(struct study *study, const struct event *event);
static void kept_stands(struct study *study, const struct waits *waits);

const struct rule rule_connection_kept = {
    .id = "connection-kept",
    .severity = SEVERITY_ERROR,
    .law =
        "A server that gives a connection to a child closes its own copy: the client meets the end of file "
        "only when all copies are closed.",
    .see = "accept(2), fork(2), close(2)",
    .silent =
        "Connections that the process itself has used in any way since it accepted them, uses later, or "
        "closes when the child that served them has ended; servers that make no children. An error only when "
        "a client is seen to wait for that end of file, and nobody "
        "else has the connection; else a warning.",
    .event = kept_event,
    .stands = kept_stands,
};

static bool is_about(const struct event *event, int fd)
{
    if (event->call.fd == fd && event->call.deed)
        return true;
    for (int i = 0; i < event->call.fd_count; i++)
        if (event->call.fds[i].fd == fd)
            return true;
    return is_call(event, "epoll_ctl") && (int)event->call.arg[2] == fd;
}

static bool is_forked_after(const struct study *study, const struct event *accept,
                            const struct process *child)
{
    for (size_t i = (size_t)accept->number + 1; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->process == accept->process && event->call.row && is_deed(event, "fork") &&
            event->call.result == child->inner_pid)
            return true;
    }
    return false;
}

/* The child of the server that has inherited the connection and reads from the connection or writes to it, before the server waits for the next one or later; NULL: none does. */
static const struct process *server_of(const struct study *study, const struct event *accept, int fd)
{
    for (size_t i = (size_t)accept->number + 1; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || event->call.fd != fd || (!is_deed(event, "read") && !is_deed(event, "write")))
            continue;
        const struct process *process = tracer_process(study_tracer(study), (size_t)event->process);
        if (process->parent == accept->process && is_forked_after(study, accept, process))
            return process;
    }
    return NULL;
}

/* Since it was accepted the process has forked, and done nothing else with the connection; the child has. */
static bool is_given_away(const struct study *study, const struct event *accept, int fd, uint64_t until)
{
    bool has_forked = false;
    for (size_t i = (size_t)accept->number + 1; i < until; i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || event->process != accept->process)
            continue;
        if (is_about(event, fd))
            return false;
        has_forked |= is_deed(event, "fork");
    }
    return has_forked && server_of(study, accept, fd);
}

/* It does something with the connection later, or closes it when the child that served it has been waited for. */
static bool is_kept_on_purpose(const struct study *study, const struct event *accept, int fd)
{
    const struct process *child = server_of(study, accept, fd);
    bool has_reaped = false;
    for (size_t i = (size_t)accept->number + 1; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || event->process != accept->process)
            continue;
        if (is_about(event, fd))
            return !is_deed(event, "close") || has_reaped;
        has_reaped |=
            child && is_deed(event, "wait") && has_succeeded(event) && event->call.result == child->inner_pid;
    }
    return false;
}

static void kept_event(struct study *study, const struct event *event)
{
    bool *is_told = study_room(study, &rule_connection_kept, sizeof *is_told);
    size_t count;
    const struct descriptor *items = history_table(study_history(study), event->process, &count);
    if (!is_deed(event, "accept") || *is_told)
        return;
    for (size_t i = 0; i < count && !*is_told; i++) {
        const struct event *origin = items[i].origin;
        *is_told = origin && is_deed(origin, "accept") && origin->process == event->process &&
                   is_given_away(study, origin, items[i].fd, event->number) &&
                   !is_kept_on_purpose(study, origin, items[i].fd);
        if (*is_told)
            finding_add(
                study, &rule_connection_kept, SEVERITY_WARNING,
                &(struct place){event->process, origin, event, "still open when it waits for the next in"},
                "the server keeps descriptor %d of a connection that its child serves: the client never "
                "meets the end of file",
                items[i].fd);
    }
}

/* The only one who has the other end is a server that waits for the next client. */
static const struct helper *keeper_of(const struct study *study, const struct waits *waits,
                                      const struct wait *wait)
{
    const struct helper *keeper = wait->helper_count == 1 ? &wait->helpers[0] : NULL;
    if (wait->wait_for != WAIT_FOR_BYTES || !keeper || keeper->help != HELP_PEER || !keeper->origin ||
        keeper->wait < 0 || waits->items[keeper->wait].wait_for != WAIT_FOR_CONNECTION)
        return NULL;
    bool is_own = is_deed(keeper->origin, "accept") && keeper->origin->process == keeper->process;
    return is_own &&
                   is_given_away(study, keeper->origin, keeper->fd, waits->items[keeper->wait].event->number)
               ? keeper
               : NULL;
}

static void kept_stands(struct study *study, const struct waits *waits)
{
    for (size_t i = 0; i < waits->count; i++) {
        const struct wait *wait = &waits->items[i];
        const struct helper *keeper = keeper_of(study, waits, wait);
        if (keeper)
            finding_add(
                study, &rule_connection_kept, SEVERITY_ERROR,
                &(struct place){keeper->process, keeper->origin, wait->event, "the client waits in"},
                "the server keeps descriptor %d of a connection that its child has served: the client "
                "waits for the end of file for ever",
                keeper->fd);
    }
}

/* ---- datagram-cut ---------------------------------------------------------------------------------------------------------- */

static void cut_event(struct study *study, const struct event *event);

const struct rule rule_datagram_cut = {
    .id = "datagram-cut",
    .severity = SEVERITY_WARNING,
    .law = "A datagram is received into a buffer that holds all of it: the rest is lost.",
    .see = "recv(2), udp(7), unix(7)",
    .silent = "Looking with MSG_PEEK or MSG_TRUNC; datagrams that nobody of the program has sent.",
    .event = cut_event,
};

static bool is_datagram_socket(const struct study *study, const struct event *event)
{
    if (event->object.kind == OBJECT_UDP || event->object.kind == OBJECT_UNIX_DGRAM)
        return true;
    const struct descriptor *own = history_find(study_history(study), event->process, event->call.fd);
    if (!own || !own->origin || (!is_deed(own->origin, "socketpair") && !is_call(own->origin, "socket")))
        return false;
    int type = (int)own->origin->call.arg[1] & 0xf; /* without SOCK_CLOEXEC, SOCK_NONBLOCK */
    return type == SOCK_DGRAM || type == SOCK_SEQPACKET;
}

/* A datagram that begins with what was received: 0 no, 1 the very same, 2 a longer one. */
static int is_sent_as(const struct event *sent, const struct event *received)
{
    if (!sent->call.row)
        return 0;
    const struct bytes *data = &sent->call.data, *got = &received->call.data;
    size_t len = (size_t)received->call.result;
    bool goes_elsewhere = sent->object.kind == OBJECT_PIPE || sent->object.kind == OBJECT_FIFO ||
                          sent->object.kind == OBJECT_FILE || sent->object.kind == OBJECT_OTHER ||
                          sent->object.kind == OBJECT_STDOUT || sent->object.kind == OBJECT_STDERR;
    bool may_be_datagram =
        is_call(sent, "sendto") || strcmp(sent->object_name, "socket pair") == 0 || !goes_elsewhere;
    if (!is_deed(sent, "write") || !may_be_datagram || !has_succeeded(sent) || data->len == 0 ||
        got->len == 0 || sent->call.data_len < len)
        return 0;
    size_t common = data->len < got->len ? data->len : got->len;
    if (memcmp(data->data, got->data, common) != 0)
        return 0;
    return sent->call.data_len > len ? 2 : 1;
}

static void cut_event(struct study *study, const struct event *event)
{
    bool is_receive = is_call(event, "recvfrom") || is_call(event, "read");
    bool only_looks = is_call(event, "recvfrom") && (event->call.arg[3] & (MSG_PEEK | MSG_TRUNC)) != 0;
    if (!is_receive || only_looks || !has_succeeded(event) || event->call.result <= 0 ||
        (uint64_t)event->call.result != event->call.arg[2] || !is_datagram_socket(study, event))
        return;
    const struct event *longer = NULL;
    for (size_t i = 0; i < tracer_event_count(study_tracer(study));
         i++) { /* who receives may have waited before it was sent */
        const struct event *sent = tracer_event(study_tracer(study), i);
        int how = is_sent_as(sent, event);
        if (how == 1)
            return;
        if (how == 2)
            longer = sent;
    }
    if (longer)
        finding_add(study, &rule_datagram_cut, SEVERITY_WARNING,
                    &(struct place){event->process, event, longer, "sent by"},
                    "it receives %lld bytes of a datagram of %zu; the rest is lost",
                    (long long)event->call.result, longer->call.data_len);
}
