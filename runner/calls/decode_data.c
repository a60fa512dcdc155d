/* Decoders of calls that move bytes: read, write, their vector and socket forms, splice and its sisters.
 *
 * What is written is read at the entry (it may be looked at while the writer waits) and cut at the exit to what really moved; what is
 * read exists only at the exit.
 */
#include "calls/decode.h"

#include <sys/socket.h>
#include <sys/uio.h>

enum { MOST_PIECES = 64 };

static size_t moved(const struct call *call)
{
    return call->is_done && call->result > 0 ? (size_t)call->result : 0;
}

static size_t take_vector(const struct call *call, uint64_t address, uint64_t count, struct iovec *pieces)
{
    size_t known = count < MOST_PIECES ? (size_t)count : MOST_PIECES;
    return known > 0 && call_read(call, address, pieces, known * sizeof *pieces) ? known : 0;
}

static size_t vector_size(const struct iovec *pieces, size_t count)
{
    size_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += pieces[i].iov_len;
    return sum;
}

static void read_pieces(struct call *call, const struct iovec *pieces, size_t count, size_t len)
{
    for (size_t i = 0; i < count && len > 0; i++) {
        size_t take = pieces[i].iov_len < len ? pieces[i].iov_len : len;
        call_read_data(call, (uint64_t)(uintptr_t)pieces[i].iov_base, take);
        len -= take;
    }
    call->data_len += len; /* what lies in pieces beyond those that we know */
}

/* At the exit of a writing call: what did not move is no data. */
static void cut_data(struct call *call)
{
    call->data_len = moved(call);
    if (call->data.len > call->data_len) {
        call->data.len = call->data_len;
        call->data.data[call->data.len] = '\0';
    }
}

/* So that whoever continues can be known by the contents. */
static void read_rest(struct call *call)
{
    size_t done = moved(call), left = call->arg[2] > done ? call->arg[2] - done : 0;
    size_t len = left < sizeof call->rest ? left : sizeof call->rest;
    if (call->error == 0 && done > 0 && call_read(call, call->arg[1] + done, call->rest, len))
        call->rest_len = len;
}

static void take_flags(struct call *call, int flags)
{
    call_set(call, PARAM_FLAGS, flags);
    call->wait = flags & MSG_DONTWAIT ? WAIT_NONE : WAIT_EVENT;
}

void decode_read(struct call *call)
{
    call->fd = (int)call->arg[0];
    call->wait = WAIT_EVENT;
    call_set(call, PARAM_SIZE, (int64_t)call->arg[2]);
    call_read_data(call, call->arg[1], moved(call));
}

void decode_readv(struct call *call)
{
    struct iovec pieces[MOST_PIECES];
    size_t count = take_vector(call, call->arg[1], call->arg[2], pieces);
    call->fd = (int)call->arg[0];
    call->wait = WAIT_EVENT;
    call_set(call, PARAM_SIZE, (int64_t)vector_size(pieces, count));
    read_pieces(call, pieces, count, moved(call));
}

void decode_recvfrom(struct call *call)
{
    decode_read(call);
    take_flags(call, (int)call->arg[3]);
}

static void read_message(struct call *call, uint64_t address, size_t len)
{
    struct msghdr header;
    struct iovec pieces[MOST_PIECES];
    if (!call_read(call, address, &header, sizeof header))
        return;
    size_t count = take_vector(call, (uint64_t)(uintptr_t)header.msg_iov, header.msg_iovlen, pieces);
    call_set(call, PARAM_SIZE, (int64_t)vector_size(pieces, count));
    read_pieces(call, pieces, count, len);
}

/* To whom it goes or from whom it came is asked of what is sent only: a receiver gets its answer there. */
static void take_header(struct call *call, uint64_t address, bool is_sent)
{
    struct msghdr header;
    if (!call_read(call, address, &header, sizeof header))
        return;
    decode_passed(call, (uint64_t)(uintptr_t)header.msg_control, header.msg_controllen);
    if (is_sent)
        decode_address(call, (uint64_t)(uintptr_t)header.msg_name, header.msg_namelen);
}

void decode_recvmsg(struct call *call)
{
    call->fd = (int)call->arg[0];
    take_flags(call, (int)call->arg[2]);
    read_message(call, call->arg[1], moved(call));
    if (call->is_done && call->error == 0)
        take_header(call, call->arg[1], false);
}

void decode_recvmmsg(struct call *call)
{
    struct mmsghdr message;
    call->fd = (int)call->arg[0];
    take_flags(call, (int)call->arg[3]);
    if (call->wait == WAIT_EVENT && call->arg[4] != 0)
        call->wait = WAIT_LIMITED;
    for (size_t i = 0; i < moved(call) && i < MOST_PIECES; i++) {
        uint64_t address = call->arg[1] + i * sizeof message;
        if (call_read(call, address, &message, sizeof message))
            read_message(call, address, message.msg_len);
    }
}

static void from_to(struct call *call, int from, int to, uint64_t size)
{
    call->fd = from;
    call->wait = WAIT_EVENT;
    call->fds[0] = (struct call_fd){.fd = from, .is_read = true};
    call->fds[1] = (struct call_fd){.fd = to, .is_write = true};
    call->fd_count = 2;
    call->data_len = moved(call);
    call_set(call, PARAM_SIZE, (int64_t)size);
}

/* splice and copy_file_range have offsets behind each descriptor, tee has none. */
void decode_splice(struct call *call)
{
    bool is_tee = call->row->name[0] == 't';
    from_to(call, (int)call->arg[0], (int)call->arg[is_tee ? 1 : 2], call->arg[is_tee ? 2 : 4]);
    call_set(call, PARAM_FLAGS, (int)call->arg[is_tee ? 3 : 5]);
}

void decode_sendfile(struct call *call)
{
    from_to(call, (int)call->arg[1], (int)call->arg[0], call->arg[3]);
}

void decode_write(struct call *call)
{
    call->fd = (int)call->arg[0];
    call->wait = WAIT_EVENT;
    call_set(call, PARAM_SIZE, (int64_t)call->arg[2]);
    if (call->is_done) {
        cut_data(call);
        read_rest(call);
    } else {
        call_read_data(call, call->arg[1], call->arg[2]);
    }
}

void decode_writev(struct call *call)
{
    struct iovec pieces[MOST_PIECES];
    call->fd = (int)call->arg[0];
    call->wait = WAIT_EVENT;
    if (call->is_done) {
        cut_data(call);
        return;
    }
    size_t count = take_vector(call, call->arg[1], call->arg[2], pieces);
    call_set(call, PARAM_SIZE, (int64_t)vector_size(pieces, count));
    read_pieces(call, pieces, count, vector_size(pieces, count));
}

void decode_vmsplice(struct call *call)
{
    decode_writev(call);
    call_set(call, PARAM_FLAGS, (int)call->arg[3]);
}

void decode_sendto(struct call *call)
{
    decode_write(call);
    take_flags(call, (int)call->arg[3]);
    decode_address(call, call->arg[4], (uint32_t)call->arg[5]);
}

void decode_sendmsg(struct call *call)
{
    call->fd = (int)call->arg[0];
    take_flags(call, (int)call->arg[2]);
    if (call->is_done) {
        cut_data(call);
        return;
    }
    take_header(call, call->arg[1], true);
    read_message(call, call->arg[1], 0);
    if (call_knows(call, PARAM_SIZE))
        read_message(call, call->arg[1], (size_t)call->value[PARAM_SIZE]);
}

void decode_sendmmsg(struct call *call)
{
    call->fd = (int)call->arg[0];
    take_flags(call, (int)call->arg[3]);
    struct mmsghdr message;
    for (size_t i = 0; i < moved(call) && i < MOST_PIECES; i++) {
        uint64_t address = call->arg[1] + i * sizeof message;
        if (call_read(call, address, &message, sizeof message))
            read_message(call, address, message.msg_len);
    }
}
