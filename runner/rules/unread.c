/* unread-bytes, unread-messages, read-past-end: what one side has sent and the other has not taken, and asking on where nothing comes any more. */
#include "rules/facts.h"
#include "rules/handling.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/socket.h>

#include "trace/source.h"

/* Somebody has ended otherwise than by itself and with success: then that may be why things were left. */
static bool has_ended_well(const struct study *study, int process)
{
    const struct process *who = tracer_process(study_tracer(study), (size_t)process);
    return who->is_dead && who->wait_status == 0;
}

static bool has_line(const struct study *study, const struct event *event)
{
    struct source_at at;
    return event->stack && source_find(study_tracer(study), event, NULL, &at);
}

/* ---- unread-bytes -------------------------------------------------------------------------------------------------------- */

static void bytes_end(struct study *study, const struct ledger *ledger);

const struct rule rule_unread_bytes = {
    .id = "unread-bytes",
    .is_of_code = true,
    .severity = SEVERITY_WARNING,
    .law = "Who reads a pipe reads until all has come that he needs: one read gives what is there, not one "
           "write, and the end has come when it gives 0.",
    .see = "read(2), pipe(7)",
    .silent = "Pipes of which nothing was read at all, with several readers or writers, or whose ends one "
              "process uses both, and pipes of packets (O_DIRECT); a reader that is another program, has "
              "ended with a failure, or was ended; "
              "a writer that was told (EPIPE, SIGPIPE); a reader that has met a NUL, or looks for the end of "
              "a line byte by byte. A note where it reads by the block and has had enough.",
    .end = bytes_end,
};

enum { BLOCK = 4096, OBJECTS_MOST = 64 };

/* What has passed through one pipe, or in one direction of a socket pair, each end of which is an object. */
struct flow {
    struct object_id from, to; /* what is written to and read from */
    uint64_t in, out;
    int writer, reader; /* index; -1: nobody yet, -2: several */
    bool is_unsure; /* something went in or out that is not counted, or somebody was told that nobody reads */
    const struct event *last_read;
};

static void note_party(int *party, int process)
{
    *party = *party == -1 || *party == process ? process : -2;
}

/* MSG_PEEK and the like: what came may come again. */
static bool has_flags(const struct event *event)
{
    return (is_call(event, "recvfrom") && event->call.arg[3] != 0) ||
           (is_call(event, "recvmsg") && event->call.arg[2] != 0);
}

static bool is_counted(const struct event *event)
{
    static const char *const plain[] = {"read", "readv", "recvfrom", "recvmsg", "write", "writev", "sendto"};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (is_call(event, plain[i]))
            return event->into.kind == OBJECT_NONE && !has_flags(event);
    return false;
}

static void flow_note(struct flow *flow, const struct event *event)
{
    bool is_read = is_deed(event, "read") && object_same(&event->object, &flow->to);
    bool is_write = is_deed(event, "write") && object_same(&event->object, &flow->from);
    if (!is_read && !is_write)
        return;
    flow->is_unsure |= !is_counted(event) || !event->call.is_done || (is_write && event->call.error != 0);
    if (event->call.error != 0 || !event->call.is_done)
        return;
    uint64_t moved = (uint64_t)event->call.result;
    note_party(is_read ? &flow->reader : &flow->writer, event->process);
    *(is_read ? &flow->out : &flow->in) += moved;
    if (is_read && moved > 0)
        flow->last_read = event;
}

static struct flow flow_of(const struct study *study, const struct object_id *from,
                           const struct object_id *to)
{
    struct flow flow = {.from = *from, .to = *to, .writer = -1, .reader = -1};
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row)
            continue;
        flow.is_unsure |= object_same(&event->into, from) || object_same(&event->into, to);
        flow_note(&flow, event);
    }
    return flow;
}

/* The write of which something was not read. */
static const struct event *first_unread(const struct study *study, const struct flow *flow)
{
    uint64_t in = 0;
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || !is_deed(event, "write") || !has_succeeded(event) ||
            !object_same(&event->object, &flow->from))
            continue;
        in += (uint64_t)event->call.result;
        if (in > flow->out)
            return event;
    }
    return NULL;
}

/* A text that ends in a NUL; an int has NULs, too, but no text in front of them. */
static bool ends_a_string(const struct bytes *data)
{
    size_t len = 0;
    while (len < data->len && (isprint((unsigned char)data->data[len]) || data->data[len] == '\n'))
        len++;
    return len > 0 && len < data->len && data->data[len] == '\0';
}

/* It has found what it looked for: the end of a string, or of a line. */
static bool has_met_its_end(const struct event *read)
{
    const struct bytes *data = &read->call.data;
    if (data->len == 0 || data->len != (size_t)read->call.result)
        return false;
    if (read->call.arg[2] == 1)
        return data->data[0] == '\n' || data->data[0] == '\0';
    return ends_a_string(data);
}

/* It says that what came was not what it wanted. The read itself has not failed. */
static bool has_complained(const struct study *study, const struct event *read)
{
    const struct event asked = {
        .number = read->number, .process = read->process, .tid = read->tid, .call.error = EPROTO};
    return is_failure_said(study, &asked);
}

/* A pipe of packets (O_DIRECT): what a read has no room for is gone, as with a datagram, and whoever asks for packets knows that. */
static bool has_packets(const struct study *study, const struct object_id *pipe)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && is_deed(event, "pipe") && object_same(&event->made[0], pipe))
            return is_call(event, "pipe2") && (event->call.arg[1] & O_DIRECT);
    }
    return false;
}

static void look_at_flow(struct study *study, const struct object_id *from, const struct object_id *to)
{
    struct flow flow = flow_of(study, from, to);
    const struct event *read = flow.last_read;
    if (flow.is_unsure || flow.reader < 0 || flow.writer < 0 || flow.reader == flow.writer || !read ||
        flow.in <= flow.out)
        return;
    if (has_packets(study, to) || !has_ended_well(study, flow.reader) || has_complained(study, read) ||
        has_met_its_end(read) || !has_line(study, read))
        return;
    bool is_by_block = read->call.arg[2] >= BLOCK;
    finding_add(study, &rule_unread_bytes, is_by_block ? SEVERITY_NOTE : SEVERITY_WARNING,
                &(struct place){flow.reader, read, first_unread(study, &flow), "what was not read begins in"},
                "%llu bytes were written, and its only reader has ended after %llu of them: the rest is lost",
                (unsigned long long)flow.in, (unsigned long long)flow.out);
}

static bool makes_stream(const struct event *event)
{
    bool is_pair = is_deed(event, "socketpair") && (event->call.arg[1] & 0xf) == SOCK_STREAM;
    return (is_pair || is_deed(event, "pipe")) && has_succeeded(event);
}

static void bytes_end(struct study *study, const struct ledger *ledger)
{
    (void)ledger;
    if (tracer_dropped_detail(study_tracer(study)))
        return;      /* then nothing can be counted */
    size_t seen = 0; /* the log is read once for each */
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)) && seen < OBJECTS_MOST; i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || !event->counts || !makes_stream(event))
            continue;
        look_at_flow(study, &event->made[1], &event->made[0]);
        if (!is_deed(event, "pipe"))
            look_at_flow(study, &event->made[0], &event->made[1]);
        seen++;
    }
}

/* ---- unread-messages ----------------------------------------------------------------------------------------------------- */

static void messages_end(struct study *study, const struct ledger *ledger);

const struct rule rule_unread_messages = {
    .id = "unread-messages",
    .severity = SEVERITY_WARNING,
    .law = "A message queue is removed when all messages have been received.",
    .see = "msgop(2), msgctl(2) (IPC_RMID), mq_unlink(3)",
    .silent =
        "Queues that nobody has received from, or that were there before; where a process that used the "
        "queue was ended or has ended with a failure, or a signal or an error came to one of its calls.",
    .end = messages_end,
};

struct traffic {
    size_t sent, received;
    bool is_unsure;
    const struct event *removal, *last_sending;
};

static bool is_removal_of_queue(const struct event *event)
{
    return is_deed(event, "mq_unlink") ||
           (is_deed(event, "msgctl") && event->call.value[PARAM_CMD] == IPC_RMID);
}

static void traffic_note(const struct study *study, struct traffic *traffic, const struct event *event)
{
    bool is_sending = is_deed(event, "msgsnd") || is_deed(event, "mq_send");
    bool is_receiving = is_deed(event, "msgrcv") || is_deed(event, "mq_receive");
    traffic->is_unsure |= event->signal != 0 || !has_ended_well(study, event->process) ||
                          (is_deed(event, "msgrcv") && (event->call.value[PARAM_FLAGS] & MSG_COPY)) ||
                          ((is_sending || is_receiving) && !has_succeeded(event));
    if (!has_succeeded(event))
        return;
    traffic->sent += is_sending;
    traffic->received += is_receiving;
    traffic->last_sending = is_sending ? event : traffic->last_sending;
    traffic->removal = is_removal_of_queue(event) ? event : traffic->removal;
}

static void look_at_queue(struct study *study, const struct object_id *queue)
{
    struct traffic traffic = {0};
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && (object_same(&event->object, queue) || object_same(&event->made[0], queue)))
            traffic_note(study, &traffic, event);
    }
    if (!traffic.is_unsure && traffic.removal && traffic.received > 0 && traffic.sent > traffic.received)
        finding_add(study, &rule_unread_messages, SEVERITY_WARNING,
                    &(struct place){traffic.removal->process, traffic.removal, traffic.last_sending,
                                    "the last one was sent in"},
                    "%zu messages were sent and %zu received: the rest goes with the queue", traffic.sent,
                    traffic.received);
}

/* It has made the queue new. */
static bool makes_queue(const struct event *event)
{
    return is_deed(event, "msgget") && event->call.ipc_key == IPC_PRIVATE && has_succeeded(event);
}

static void messages_end(struct study *study, const struct ledger *ledger)
{
    (void)ledger;
    if (tracer_dropped_detail(study_tracer(study)))
        return;
    size_t seen = 0;
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)) && seen < OBJECTS_MOST; i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || !event->counts || !makes_queue(event))
            continue;
        look_at_queue(study, &event->object);
        seen++;
    }
}

/* ---- read-past-end ------------------------------------------------------------------------------------------------------- */

static void past_event(struct study *study, const struct event *event);

const struct rule rule_read_past_end = {
    .id = "read-past-end",
    .is_of_code = true,
    .severity = SEVERITY_WARNING,
    .law = "A read that gives 0 is the last one: the end of a pipe or connection does not go away.",
    .see = "read(2), pipe(7), recv(2)",
    .silent =
        "Fewer than three in a row; files, terminals, and datagram sockets; FIFOs, which another writer "
        "may open.",
    .event = past_event,
};

struct
    ends_met { /* of each task the last read, and how often in a row it gave 0; tasks share a place by their number */
    struct {
        pid_t tid;
        int fd;
        struct object_id object;
        size_t count;
    } last[64];
};

/* At its end for ever once it has come. */
static bool has_one_end(const struct object_id *object)
{
    return object->kind == OBJECT_PIPE || object->kind == OBJECT_TCP || object->kind == OBJECT_UNIX;
}

static void past_event(struct study *study, const struct event *event)
{
    enum { IN_A_ROW = 3 };
    if (!is_deed(event, "read") || event->call.wait == WAIT_TIME)
        return;
    struct ends_met *met = study_room(study, &rule_read_past_end, sizeof *met);
    size_t slot = (size_t)event->tid % (sizeof met->last / sizeof *met->last);
    bool is_same = met->last[slot].tid == event->tid && met->last[slot].fd == event->call.fd &&
                   object_same(&met->last[slot].object, &event->object);
    bool is_end = has_succeeded(event) && event->call.result == 0 && event->call.arg[2] > 0 &&
                  has_one_end(&event->object);
    size_t before = is_same ? met->last[slot].count : 0;
    size_t count = is_end ? before + 1 + event->repeats : 0;
    met->last[slot].tid = event->tid;
    met->last[slot].fd = event->call.fd;
    met->last[slot].object = event->object;
    met->last[slot].count = count;
    if (before < IN_A_ROW && count >= IN_A_ROW)
        finding_add(study, &rule_read_past_end, SEVERITY_WARNING,
                    &(struct place){.process = event->process, .event = event},
                    "the end was met (read gives 0), and it reads again and again");
}
