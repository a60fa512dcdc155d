/* Messages over a sequenced-packet socket pair. Packets keep their boundaries, so a message needs no framing beyond the length of
 * what follows; descriptors travel with the first packet.
 */
#include "sandbox/wire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/ancillary.h"
#include "base/cleanup.h"

enum { PACKET = 64 << 10 };

_Static_assert((int)WIRE_FDS <= (int)ANCILLARY_FDS, "all of them go along with one packet");

static bool send_packet(int socket, const struct msghdr *message, struct err *err)
{
    while (sendmsg(socket, message, MSG_NOSIGNAL) < 0)
        if (errno != EINTR)
            return err_sys(err, "send to the other side of the sandbox");
    return true;
}

bool wire_send(int socket, const struct wire_head *head, const void *data, const int *fds, size_t fd_count,
               struct err *err)
{
    size_t first = head->len < PACKET ? head->len : PACKET;
    struct iovec parts[2] = {{(void *)head, sizeof *head}, {(void *)data, first}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = first ? 2 : 1};
    union ancillary control;
    if (fds && fd_count)
        ancillary_add(&message, &control, SCM_RIGHTS, fds, fd_count * sizeof *fds);
    if (!send_packet(socket, &message, err))
        return false;
    for (size_t at = first; at < head->len; at += PACKET) {
        size_t len = head->len - at < PACKET ? head->len - at : PACKET;
        struct iovec more = {(char *)data + at, len};
        struct msghdr next = {.msg_iov = &more, .msg_iovlen = 1};
        if (!send_packet(socket, &next, err)) {
            shutdown(socket, SHUT_WR); /* what would come next would be taken for the rest */
            return false;
        }
    }
    return true;
}

bool wire_send_as(int socket, const struct wire_head *head, pid_t task, struct err *err)
{
    struct ucred identity = {.pid = task, .uid = geteuid(), .gid = getegid()};
    struct iovec part = {(void *)head, sizeof *head};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    union ancillary control;
    ancillary_add(&message, &control, SCM_CREDENTIALS, &identity, sizeof identity);
    return send_packet(socket, &message, err);
}

/* Wait until something is there, then receive one packet. Returns its length, or -1 with *err. */
static ssize_t receive_packet(int socket, struct msghdr *message, int patience_ms, struct err *err)
{
    struct pollfd wait = {.fd = socket, .events = POLLIN};
    int ready;
    while ((ready = poll(&wait, 1, patience_ms)) < 0 && errno == EINTR)
        ;
    if (ready == 0) {
        errno = ETIMEDOUT;
        err_sys(err, "wait for the other side of the sandbox");
        return -1;
    }
    ssize_t len; /* after a reset, which is told once, comes what the other side has said before it ended */
    while ((len = recvmsg(socket, message, MSG_CMSG_CLOEXEC)) < 0 && (errno == EINTR || errno == ECONNRESET))
        ;
    if (len > 0)
        return len;
    if (len == 0)
        errno = EPIPE;
    err_sys(err, "hear from the other side of the sandbox");
    return -1;
}

static void take_control(struct msghdr *packet, struct wire_message *message)
{
    for (struct cmsghdr *at = CMSG_FIRSTHDR(packet); at; at = CMSG_NXTHDR(packet, at)) {
        if (at->cmsg_level != SOL_SOCKET)
            continue;
        size_t len = at->cmsg_len - CMSG_LEN(0);
        if (at->cmsg_type == SCM_RIGHTS)
            memcpy(message->fds, CMSG_DATA(at), len < sizeof message->fds ? len : sizeof message->fds);
        if (at->cmsg_type == SCM_CREDENTIALS) {
            struct ucred identity;
            memcpy(&identity, CMSG_DATA(at), sizeof identity);
            message->sender = identity.pid;
        }
    }
}

static bool receive_first(int socket, struct wire_message *message, char *packet, int patience_ms,
                          struct err *err)
{
    struct iovec parts[2] = {{&message->head, sizeof message->head}, {packet, PACKET}};
    union ancillary control;
    struct msghdr header = {.msg_iov = parts,
                            .msg_iovlen = 2,
                            .msg_control = control.bytes,
                            .msg_controllen = sizeof control.bytes};
    ssize_t len = receive_packet(socket, &header, patience_ms, err);
    if (len < 0)
        return false;
    take_control(&header, message);
    if ((size_t)len < sizeof message->head || message->head.len > WIRE_MAX)
        return err_set(err, "a message in the sandbox is malformed");
    if (!bytes_add(&message->data, packet, (size_t)len - sizeof message->head, WIRE_MAX))
        return err_set(err, "no memory for a message of the sandbox");
    return true;
}

bool wire_receive(int socket, struct wire_message *message, int patience_ms, struct err *err)
{
    *message = (struct wire_message)WIRE_EMPTY;
    char packet[PACKET];
    if (!receive_first(socket, message, packet, patience_ms, err))
        return false;
    while (message->data.len < message->head.len) {
        size_t rest = message->head.len - message->data.len, wanted = rest < PACKET ? rest : PACKET;
        struct iovec part = {packet, PACKET};
        struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
        ssize_t len = receive_packet(socket, &header, patience_ms, err);
        if (len < 0)
            return false;
        if ((size_t)len != wanted)
            return err_set(err, "a message in the sandbox is malformed");
        if (!bytes_add(&message->data, packet, (size_t)len, WIRE_MAX))
            return err_set(err, "no memory for a message of the sandbox");
    }
    return true;
}

void wire_message_free(struct wire_message *message)
{
    for (size_t i = 0; i < WIRE_FDS; i++) {
        if (message->fds[i] >= 0)
            close(message->fds[i]);
        message->fds[i] = -1;
    }
    bytes_free(&message->data);
}
