/* misused-call, select-nfds, lost-write: calls that cannot do what they are made for. */
#include "base/text.h"
#include "rules/facts.h"
#include "rules/handling.h"

#include <errno.h>
#include <stdio.h>

/* ---- misused-call ---------------------------------------------------------------------------------------------------------- */

static void misused_event(struct study *study, const struct event *event);

const struct rule rule_misused_call = {
    .id = "misused-call",
    .severity = SEVERITY_WARNING,
    .law = "No call is made that cannot succeed, whatever the others do.",
    .see = "accept(2), send(2), bind(2), listen(2), EFAULT in the page of each call",
    .silent = "Sockets that are being connected without waiting, or that were shut down before; who asks the "
              "kernel: is this a socket (and goes on with it as with a pipe), is this byte there (and writes "
              "that one byte to a pipe).",
    .event = misused_event,
};

static const struct misuse {
    const char *deed; /* NULL: any */
    int error;
    const char *words;
} misuses[] = {
    {"accept", EINVAL, N_("the socket does not listen: listen() is missing")},
    {"accept", EOPNOTSUPP, N_("a datagram socket has nothing to accept")},
    {"listen", EOPNOTSUPP, N_("a datagram socket cannot listen")},
    {"listen", EDESTADDRREQ, N_("the socket has no address: bind() is missing")},
    {"bind", EINVAL, N_("the socket is bound already, or the length of the address is wrong")},
    {"bind", EAFNOSUPPORT, N_("the address is of another family than the socket")},
    {"connect", EAFNOSUPPORT, N_("the address is of another family than the socket")},
    {"read", ENOTCONN, N_("the socket is not connected")},
    {"write", ENOTCONN, N_("the socket is not connected")},
    {"write", EPIPE, N_("the socket is not connected: connect() is missing")},
    {"write", EDESTADDRREQ, N_("the socket is not connected, and no address is given")},
    {NULL, ENOTSOCK, N_("the descriptor is no socket")},
    {NULL, EFAULT, N_("what it points to is not the program's memory")},
};

static const struct misuse on_listener = {
    "read", 0, N_("it is the listening socket: what accept() gives is the connection")};
static const struct misuse of_length = {
    "read", EINVAL, N_("the length of the address has to be set to its room before the call")};

/* The process has made that descriptor listen. */
static bool is_listener(const struct study *study, const struct event *use)
{
    for (size_t i = (size_t)use->number; i > 0; i--) {
        const struct event *event = tracer_event(study_tracer(study), i - 1);
        if (!event->call.row || event->process != use->process)
            continue;
        if (event->call.made[0] == use->call.fd ||
            (is_deed(event, "close") && event->call.fd == use->call.fd))
            return false;
        if (is_deed(event, "listen") && event->call.fd == use->call.fd)
            return true;
    }
    return false;
}

/* Reading and writing where only accept() makes sense, and a wrong length: the error alone does not tell them. */
static const struct misuse *misuse_by_use(const struct study *study, const struct event *event)
{
    int error = event->call.error;
    bool is_data = is_deed(event, "read") || is_deed(event, "write");
    if (!is_data || (error != EINVAL && error != ENOTCONN && error != EPIPE))
        return NULL;
    if (is_listener(study, event))
        return &on_listener;
    return error == EINVAL && is_call(event, "recvfrom") && event->call.arg[5] != 0 ? &of_length : NULL;
}

static const struct misuse *misuse_of(const struct event *event)
{
    for (size_t i = 0; i < sizeof misuses / sizeof *misuses; i++)
        if (misuses[i].error == event->call.error && event->call.deed &&
            (misuses[i].deed ? is_deed(event, misuses[i].deed) : event->call.fd >= 0))
            return &misuses[i];
    return NULL;
}

/* The socket was connected (perhaps it is not yet), shut down or made to listen once: then the error has another reason. */
static bool has_other_reason(const struct study *study, const struct event *event)
{
    if (event->call.error == EFAULT || event->call.error == ENOTSOCK)
        return false;
    const struct descriptor *own = history_find(study_history(study), event->process, event->call.fd);
    if (event->call.error == EPIPE && !(own && own->origin && is_call(own->origin, "socket")))
        return true;
    for (size_t i = 0; i < event->number; i++) {
        const struct event *old = tracer_event(study_tracer(study), i);
        if (old->call.row && old->call.fd == event->call.fd &&
            (is_deed(old, "connect") || is_deed(old, "shutdown") ||
             (is_deed(old, "listen") && is_deed(event, "accept"))))
            return true;
    }
    return false;
}

/* The failure is the answer to a question: the next call does to the same descriptor what is right for a pipe, or a single byte at an address that no number is by mistake was to be
 * written to a pipe. */
static bool is_question(const struct study *study, const struct event *event)
{
    enum { NUMBERS_END = 1 << 16 };
    const struct event *next = next_of_task(study, event);
    if (event->call.error == EFAULT)
        return is_call(event, "write") && event->object.kind == OBJECT_PIPE && event->call.arg[2] == 1 &&
               event->call.arg[1] >= NUMBERS_END;
    return event->call.error == ENOTSOCK && next && next->call.fd == event->call.fd && has_succeeded(next) &&
           (is_deed(next, "read") || is_deed(next, "write"));
}

static void misused_event(struct study *study, const struct event *event)
{
    const struct misuse *by_use = event->call.error ? misuse_by_use(study, event) : NULL;
    const struct misuse *misuse = by_use || !event->call.error ? by_use : misuse_of(event);
    if (misuse && (by_use || (!has_other_reason(study, event) && !is_question(study, event))))
        finding_add(study, &rule_misused_call, SEVERITY_WARNING,
                    &(struct place){.process = event->process, .event = event}, "it fails with %s: %s",
                    errno_name(event->call.error), _(misuse->words));
}

/* ---- select-nfds ----------------------------------------------------------------------------------------------------------- */

static void nfds_event(struct study *study, const struct event *event);

const struct rule rule_select_nfds = {
    .id = "select-nfds",
    .severity = SEVERITY_WARNING,
    .law = "The first argument of select() is the highest descriptor of all sets, plus 1.",
    .see = "select(2)",
    .silent = "Sets whose members all lie below it.",
    .event = nfds_event,
};

static void nfds_event(struct study *study, const struct event *event)
{
    bool is_select = is_call(event, "select") || is_call(event, "pselect6");
    if (is_select && call_knows(&event->call, PARAM_NUM))
        finding_add(study, &rule_select_nfds, SEVERITY_WARNING,
                    &(struct place){.process = event->process, .event = event},
                    "descriptor %d is in a set, but the first argument is %d: it is not looked at",
                    (int)event->call.value[PARAM_NUM], (int)event->call.arg[0]);
}

/* ---- lost-write ------------------------------------------------------------------------------------------------------------ */

static void lost_event(struct study *study, const struct event *event);

const struct rule rule_lost_write = {
    .id = "lost-write",
    .severity = SEVERITY_WARNING,
    .law = "What a write that does not wait could not take (EAGAIN) is written again later.",
    .see = "write(2), poll(2)",
    .silent = "Single bytes, by which a program wakes itself or others; where a later write to the same "
              "succeeds; a pipe that nobody reads; who tells of it.",
    .event = lost_event,
};

/* Anything was written to it later: then probably this, too. */
static bool is_written_later(const struct study *study, const struct event *lost)
{
    for (size_t i = (size_t)lost->number + 1; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && event->process == lost->process && is_deed(event, "write") &&
            (object_same(&event->object, &lost->object) ? has_succeeded(event) : event->call.fd == 2))
            return true;
    }
    return false;
}

static bool has_ended(const struct process *process) /* by itself: who was killed may have been about to */
{
    return process->is_dead && (process->wait_status & 0x7f) == 0;
}

static void lost_event(struct study *study, const struct event *event)
{
    bool *is_told = study_room(study, &rule_lost_write, sizeof *is_told);
    bool is_stream = event->object.kind == OBJECT_PIPE || event->object.kind == OBJECT_FIFO ||
                     event->object.kind == OBJECT_TCP || event->object.kind == OBJECT_UNIX;
    if (*is_told || !is_call(event, "write") || event->call.error != EAGAIN || !is_stream ||
        event->call.arg[2] <= 1 || !has_ended(tracer_process(study_tracer(study), (size_t)event->process)) ||
        is_written_later(study, event) || is_failure_said(study, event) || is_never_read(study, event))
        return;
    *is_told = true;
    finding_add(study, &rule_lost_write, SEVERITY_WARNING,
                &(struct place){.process = event->process, .event = event},
                "%llu bytes could not be written (EAGAIN), and nothing was written there later",
                (unsigned long long)event->call.arg[2]);
}
