/* A call that is to move fewer bytes than it was asked to.
 *
 * Theory of operation. A plain count is lowered in its register. Where the bytes lie in pieces (readv, sendmsg), the pieces that hold the first `bytes` of them are written below the stack of the
 * task, behind the red zone, and the call is shown these instead: those that are empty are left out, the last is cut. A message gets a header of its own there, since that of the program may be constant, or
 * used by another thread. At the exit the registers and that piece of stack are as they were, and what the kernel has said in our header stands in the program's. Of several messages only the first goes.
 *
 * Only what may come short by itself is shortened: bytes of a stream, or of a file. What lies in packets would lose its rest (datagrams, pipes with O_DIRECT), a file with O_DIRECT takes no odd counts, a counter
 * (eventfd) no part of a number; MSG_PEEK takes nothing, and MSG_WAITALL promises all.
 */
#include "trace/tracer.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { RED_ZONE = 128, ALIGNMENT = 16, MOST_GIVEN = UIO_MAXIOV, MOST_PIECES = 32, SYSCALL_ARGS = 6 };

enum carrier {
    CARRIER_COUNT,    /* the argument `index` says how many bytes */
    CARRIER_PIECES,   /* it is the address of a vector, and its length comes next */
    CARRIER_MESSAGE,  /* ... of a header */
    CARRIER_MESSAGES, /* ... of several, and how many comes next */
};

struct shape {
    const char *name;
    enum carrier carrier;
    int index;
    int flags; /* the argument that says how something is received, or 0 */
};

static const struct shape shapes[] = {
    {"read", CARRIER_COUNT, 2, 0},       {"pread64", CARRIER_COUNT, 2, 0},
    {"write", CARRIER_COUNT, 2, 0},      {"pwrite64", CARRIER_COUNT, 2, 0},
    {"recvfrom", CARRIER_COUNT, 2, 3},   {"sendto", CARRIER_COUNT, 2, 0},
    {"tee", CARRIER_COUNT, 2, 0},        {"sendfile", CARRIER_COUNT, 3, 0},
    {"splice", CARRIER_COUNT, 4, 0},     {"copy_file_range", CARRIER_COUNT, 4, 0},
    {"readv", CARRIER_PIECES, 1, 0},     {"writev", CARRIER_PIECES, 1, 0},
    {"preadv", CARRIER_PIECES, 1, 0},    {"pwritev", CARRIER_PIECES, 1, 0},
    {"preadv2", CARRIER_PIECES, 1, 0},   {"pwritev2", CARRIER_PIECES, 1, 0},
    {"vmsplice", CARRIER_PIECES, 1, 0},  {"recvmsg", CARRIER_MESSAGE, 1, 2},
    {"sendmsg", CARRIER_MESSAGE, 1, 0},  {"recvmmsg", CARRIER_MESSAGES, 1, 3},
    {"sendmmsg", CARRIER_MESSAGES, 1, 0}};

static const struct shape *shape_of(const struct call *call)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (call_is(call, shapes[i].name))
            return &shapes[i];
    return NULL;
}

/* ---- may it come short? ------------------------------------------------------------------------------------------------ */

/* Where it cannot be borrowed, what the tracer knows of it has to do. */
static bool is_stream_socket(const struct task *task, const struct event *event, int fd)
{
    int type = 0;
    socklen_t len = sizeof type;
    cleanup_fd int own = task_borrow(task, fd);
    if (own >= 0 && getsockopt(own, SOL_SOCKET, SO_TYPE, &type, &len) == 0)
        return type == SOCK_STREAM;
    return event->object.kind != OBJECT_UDP && event->object.kind != OBJECT_UNIX_DGRAM;
}

/* Of a pipe the end that is written to tells it by its flags, of the other we know how it was made. */
static bool is_packet_pipe(const struct task *task, int fd)
{
    struct tracee *tracee = (struct tracee *)(uintptr_t)task; // NOLINT: looking changes nothing
    struct object_id id;
    object_of_fd(tracee, fd, &id);
    const struct known_object *known = object_known(tracee->tracer, &id);
    return known && known->is_packets;
}

static bool has_no_packets(const struct task *task, const struct event *event, int fd)
{
    struct tracer *tracer = ((const struct tracee *)task)->tracer;
    struct stat info;
    if (!procfs_stat(tracer, task->tid, fd, &info))
        return false;
    if (S_ISSOCK(info.st_mode))
        return is_stream_socket(task, event, fd);
    return (S_ISREG(info.st_mode) || S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode)) &&
           !(procfs_open_flags(tracer, task->tid, fd) & O_DIRECT) && !is_packet_pipe(task, fd);
}

static bool are_streams(const struct task *task, const struct event *event)
{
    const struct call *call = &event->call;
    bool are = call->fd_count > 0 || has_no_packets(task, event, call->fd);
    for (int i = 0; i < call->fd_count; i++)
        are = are && has_no_packets(task, event, call->fds[i].fd);
    return are;
}

static bool takes_what_is_there(const struct task *task, const struct event *event, const struct shape *shape)
{
    int flags = shape->flags ? (int)event->call.arg[shape->flags] : 0;
    return !(flags & (MSG_PEEK | MSG_ERRQUEUE)) && (!(flags & MSG_WAITALL) || !task_would_wait(task, event));
}

/* ---- the first bytes of what was asked for ------------------------------------------------------------------------------ */

struct shorter {
    struct mmsghdr message;
    struct iovec pieces[MOST_PIECES];
};
static_assert(sizeof(struct shorter) <= SHORTENED_ROOM, "the tracee has room to keep what lies there");

/* False when that is all of it, or cannot be read, or lies in too many pieces. */
static bool take_pieces(const struct call *call, uint64_t address, uint64_t number, uint64_t most,
                        struct shorter *to, size_t *count)
{
    struct iovec given[MOST_GIVEN];
    bool is_more = false;
    *count = 0;
    if (number == 0 || number > MOST_GIVEN || !call_read(call, address, given, number * sizeof *given))
        return false;
    for (size_t i = 0; i < number && !is_more; i++) {
        size_t len = given[i].iov_len < most ? given[i].iov_len : (size_t)most;
        is_more = given[i].iov_len > len;
        if (len == 0)
            continue;
        if (*count == MOST_PIECES)
            return false;
        to->pieces[(*count)++] = (struct iovec){given[i].iov_base, len};
        most -= len;
    }
    return is_more;
}

/* Of several messages the first alone is less than all, too. */
static bool take_message(const struct call *call, const struct shape *shape, uint64_t most,
                         struct shorter *to, size_t *count)
{
    bool are_several = shape->carrier == CARRIER_MESSAGES;
    size_t size = are_several ? sizeof to->message : sizeof to->message.msg_hdr;
    const struct msghdr *header = &to->message.msg_hdr;
    if ((are_several && call->arg[2] == 0) || !call_read(call, call->arg[1], &to->message, size))
        return false;
    return take_pieces(call, (uint64_t)(uintptr_t)header->msg_iov, header->msg_iovlen, most, to, count) ||
           (are_several && call->arg[2] > 1 && *count > 0 && *count < MOST_PIECES);
}

static bool take_first(const struct call *call, const struct shape *shape, uint64_t most, struct shorter *to,
                       size_t *count)
{
    switch (shape->carrier) {
    case CARRIER_COUNT: return call->arg[shape->index] > most;
    case CARRIER_PIECES: return take_pieces(call, call->arg[1], call->arg[2], most, to, count);
    case CARRIER_MESSAGE:
    case CARRIER_MESSAGES: return take_message(call, shape, most, to, count);
    }
    return false;
}

bool task_may_come_short(const struct task *task, const struct event *event, int64_t bytes)
{
    const struct shape *shape = shape_of(&event->call);
    struct shorter first = {0};
    size_t count = 0;
    return shape && bytes > 0 && take_first(&event->call, shape, (uint64_t)bytes, &first, &count) &&
           takes_what_is_there(task, event, shape) && are_streams(task, event);
}

/* ---- and only these are shown to the call -------------------------------------------------------------------------------- */

static bool write_below_stack(struct tracee *tracee, struct shorter *first)
{
    struct shortened *shortened = &tracee->shortened;
    uint64_t place = (tracee->sp - RED_ZONE - sizeof *first) & ~(uint64_t)(ALIGNMENT - 1);
    uint64_t pieces = place + offsetof(struct shorter, pieces);
    first->message.msg_hdr.msg_iov = (struct iovec *)(uintptr_t)pieces; // NOLINT: not in our memory
    if (!memory_read(tracee, place, shortened->below, sizeof *first) ||
        !memory_write(tracee, place, first, sizeof *first))
        return false;
    shortened->place = place;
    return true;
}

static bool show(struct tracee *tracee, const struct shape *shape, struct shorter *first, size_t count)
{
    first->message.msg_hdr.msg_iovlen = count;
    if (!write_below_stack(tracee, first))
        return false;
    uint64_t place = tracee->shortened.place;
    if (shape->carrier == CARRIER_PIECES)
        return registers_set_arg(tracee, 1, place + offsetof(struct shorter, pieces)) &&
               registers_set_arg(tracee, 2, count);
    return registers_set_arg(tracee, 1, place) &&
           (shape->carrier == CARRIER_MESSAGE || registers_set_arg(tracee, 2, 1));
}

bool shorten_call(struct tracee *tracee, struct event *event)
{
    const struct shape *shape = shape_of(&event->call);
    uint64_t most = (uint64_t)tracee->ruling.bytes;
    struct shorter first = {0};
    size_t count = 0;
    tracee->shortened.place = 0;
    if (!task_may_come_short(&tracee->pub, event, tracee->ruling.bytes) ||
        !take_first(&event->call, shape, most, &first, &count))
        return false;
    memcpy(tracee->shortened.arg, event->call.arg, sizeof tracee->shortened.arg);
    event->is_injected = shape->carrier == CARRIER_COUNT ? registers_set_arg(tracee, shape->index, most)
                                                         : show(tracee, shape, &first, count);
    return event->is_injected;
}

/* ---- and nothing of it stays ----------------------------------------------------------------------------------------------- */

/* What recvmsg(2) and its like say in the header. */
static void tell_program(struct tracee *tracee, const struct shape *shape, const struct mmsghdr *ours)
{
    enum { NAME = offsetof(struct msghdr, msg_namelen), CONTROL = offsetof(struct msghdr, msg_controllen) };
    uint64_t header = tracee->shortened.arg[1];
    if (shape->carrier == CARRIER_MESSAGES)
        memory_write(tracee, header + offsetof(struct mmsghdr, msg_len), &ours->msg_len,
                     sizeof ours->msg_len);
    if (shape->flags == 0)
        return;
    memory_write(tracee, header + NAME, &ours->msg_hdr.msg_namelen, sizeof ours->msg_hdr.msg_namelen);
    memory_write(tracee, header + CONTROL, &ours->msg_hdr.msg_controllen,
                 sizeof ours->msg_hdr.msg_controllen);
    memory_write(tracee, header + offsetof(struct msghdr, msg_flags), &ours->msg_hdr.msg_flags,
                 sizeof ours->msg_hdr.msg_flags);
}

static bool has_come_short(const struct tracee *tracee, const struct shape *shape, int64_t result)
{
    return shape->carrier == CARRIER_MESSAGES ? result > 0 : result >= tracee->ruling.bytes;
}

void shorten_restore(struct tracee *tracee, struct event *event, int64_t result)
{
    if (tracee->ruling.kind != RULING_SHORTEN)
        return;
    const struct shape *shape = shape_of(&event->call);
    const struct shortened *shortened = &tracee->shortened;
    struct mmsghdr ours;
    bool is_message = shape->carrier == CARRIER_MESSAGE || shape->carrier == CARRIER_MESSAGES;
    bool is_told = is_message && result >= 0 && memory_read(tracee, shortened->place, &ours, sizeof ours);
    if (shortened->place)
        memory_write(tracee, shortened->place, shortened->below, sizeof(struct shorter));
    if (is_told)
        tell_program(tracee, shape, &ours);
    for (int i = 0; i < SYSCALL_ARGS; i++)
        registers_set_arg(tracee, i, shortened->arg[i]);
    event->is_injected = has_come_short(tracee, shape, result);
}
