/* Deeds on sockets: names, connections, datagrams, and descriptors that are passed. Reading and writing a connection is stream.c. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/deeds.h"

enum { CONTROL = CMSG_SPACE(AGENT_FDS * sizeof(int)) };

union address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_un local;
};

static int is_internet(const struct order *order)
{
    return order->kind == OBJECT_TCP || order->kind == OBJECT_UDP;
}

static socklen_t local_address(const char *path, union address *address)
{
    address->local = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(address->local.sun_path, sizeof address->local.sun_path, "%.107s", path);
    return sizeof address->local;
}

static socklen_t address_of(const struct order *order, union address *address)
{
    if (!is_internet(order))
        return local_address(order->path, address);
    address->in = (struct sockaddr_in){.sin_family = AF_INET,
                                       .sin_port = htons((uint16_t)order->key),
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return sizeof address->in;
}

/* -1 after the reply was set. */
static int new_socket(struct agent *agent)
{
    const struct order *order = &agent->box->order;
    int type = order->kind == OBJECT_TCP || order->kind == OBJECT_UNIX ? SOCK_STREAM : SOCK_DGRAM;
    int fd = socket(is_internet(order) ? AF_INET : AF_UNIX, type | SOCK_CLOEXEC, 0), yes = 1;
    if (order->kind == OBJECT_TCP) /* a connection of the step before may not be forgotten yet */
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    agent_result(agent, fd);
    return fd;
}

/* What was tried with a new socket has this result: keep it, or close it again. */
static void keep_or_close(struct agent *agent, int fd, int result)
{
    if (agent_result(agent, result) == 0)
        agent_keep_fd(agent, 0, fd);
    else
        close(fd);
}

static int bind_to(const struct order *order, int fd)
{
    union address address;
    socklen_t len = address_of(order, &address);
    return bind(fd, &address.any, len);
}

static void do_bind(struct agent *agent)
{
    int fd = new_socket(agent);
    if (fd >= 0)
        keep_or_close(agent, fd, bind_to(&agent->box->order, fd));
}

static void do_listen(struct agent *agent)
{
    int fd = new_socket(agent);
    if (fd < 0)
        return;
    int result = bind_to(&agent->box->order, fd);
    keep_or_close(agent, fd, result < 0 ? result : listen(fd, (int)agent_value(agent, PARAM_SIZE)));
}

static void do_connect(struct agent *agent)
{
    const struct order *order = &agent->box->order;
    union address address, own;
    int fd = new_socket(agent), result = 0;
    if (fd < 0)
        return;
    if (agent_is_written(agent, PARAM_TO) && !is_internet(order))
        result = bind(fd, &own.any, local_address(order->path2, &own));
    socklen_t len = address_of(order, &address);
    keep_or_close(agent, fd, result < 0 ? result : connect(fd, &address.any, len));
}

static void do_accept(struct agent *agent)
{
    int fd = agent_fd(agent);
    if (fd >= 0)
        agent_keep_fd(agent, 0, (int)agent_result(agent, accept4(fd, NULL, NULL, SOCK_CLOEXEC)));
}

static void do_shutdown(struct agent *agent)
{
    int fd = agent_fd(agent);
    if (fd >= 0)
        agent_result(agent, shutdown(fd, (int)agent_value(agent, PARAM_HOW)));
}

/* ---- messages ---------------------------------------------------------------------------------------------------------- */

static int is_datagram(int fd)
{
    int type = 0;
    socklen_t len = sizeof type;
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
           (type == SOCK_DGRAM || type == SOCK_SEQPACKET);
}

int agent_sends_messages(const struct agent *agent, int fd)
{
    return agent->box->order.fd_count > 0 || is_datagram(fd);
}

/* Names for what came; what has no name is closed, and counted. */
static void take_fds(struct agent *agent, struct msghdr *message)
{
    const struct order *order = &agent->box->order;
    struct reply *reply = &agent->box->reply;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
            if (reply->fd_count < order->fd_count)
                agent_keep_as(agent, order->fds[reply->fd_count], fd);
            else
                close(fd);
            reply->fd_count++;
        }
    }
}

static void keep_sender(struct agent *agent, const struct msghdr *message)
{
    struct end *end = ends_find(&agent->ends, agent->box->order.end);
    if (!end || message->msg_namelen > sizeof end->sender)
        return;
    memcpy(end->sender, message->msg_name, message->msg_namelen);
    end->sender_len = message->msg_namelen;
}

static ssize_t receive_one(struct agent *agent, int fd, int is_message)
{
    const struct order *order = &agent->box->order;
    struct reply *reply = &agent->box->reply;
    _Alignas(struct cmsghdr) char control[CONTROL];
    char name[AGENT_NAME_OF_SOCKET];
    size_t most = AGENT_DATA - reply->got_len;
    if (!is_message && order->want_len > reply->total && order->want_len - reply->total < most)
        most = order->want_len - reply->total;
    struct iovec room = {agent->box->got + reply->got_len, most};
    struct msghdr message = {.msg_iov = &room,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control,
                             .msg_name = name,
                             .msg_namelen = sizeof name};
    ssize_t got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    if (got < 0)
        return got;
    reply->got_len += (uint64_t)got;
    reply->total += (uint64_t)got;
    take_fds(agent, &message);
    if (is_message)
        keep_sender(agent, &message);
    return got;
}

void agent_receive(struct agent *agent, int fd)
{
    const struct order *order = &agent->box->order;
    struct reply *reply = &agent->box->reply;
    int is_message = is_datagram(fd);
    for (;;) {
        ssize_t got = receive_one(agent, fd, is_message);
        agent_result(agent, got < 0 ? -1 : (long)reply->total);
        reply->met_eof = got == 0 && !is_message;
        if (got <= 0 || is_message || reply->got_len == AGENT_DATA)
            return;
        if (!order->until_eof && reply->total >= order->want_len)
            return;
    }
}

/* Puts the named descriptors into the control part; -1 after the reply was set. */
static int add_fds(struct agent *agent, struct msghdr *message)
{
    const struct order *order = &agent->box->order;
    if (order->fd_count == 0)
        return 0;
    message->msg_controllen = CMSG_SPACE(order->fd_count * sizeof(int));
    struct cmsghdr *part = CMSG_FIRSTHDR(message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(order->fd_count * sizeof(int));
    for (uint32_t i = 0; i < order->fd_count; i++) {
        const struct end *end = ends_find(&agent->ends, order->fds[i]);
        if (!end || end->fd < 0) {
            agent_trouble(agent, "no descriptor is called", order->fds[i]);
            return -1;
        }
        memcpy(CMSG_DATA(part) + i * sizeof end->fd, &end->fd, sizeof end->fd);
    }
    return 0;
}

/* Whoever is connected needs no name; else it goes to whom the socket last heard from. */
static void add_receiver(struct agent *agent, int fd, struct msghdr *message)
{
    struct end *end = ends_find(&agent->ends, agent->box->order.end);
    char name[AGENT_NAME_OF_SOCKET];
    socklen_t len = sizeof name;
    if (!end || end->sender_len == 0 || getpeername(fd, (struct sockaddr *)name, &len) == 0)
        return;
    message->msg_name = end->sender;
    message->msg_namelen = end->sender_len;
}

void agent_send(struct agent *agent, int fd)
{
    _Alignas(struct cmsghdr) char control[CONTROL] = {0};
    size_t len = agent->box->order.data_len, done = 0;
    int is_message = is_datagram(fd);
    /* Descriptors travel with at least one byte of a stream (unix(7)). */
    struct iovec data = {agent->box->data, len > 0 || is_message ? len : 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control};
    if (add_fds(agent, &message) < 0)
        return;
    if (message.msg_controllen == 0)
        message.msg_control = NULL;
    if (is_message)
        add_receiver(agent, fd, &message);
    if (len == 0)
        agent->box->data[0] = '\0';
    do {
        ssize_t put = sendmsg(fd, &message, MSG_NOSIGNAL);
        if (agent_result(agent, put) < 0)
            return;
        done += (size_t)put;
        data = (struct iovec){agent->box->data + done, done < len ? len - done : 0};
        message.msg_control = NULL;
        message.msg_controllen = 0;
    } while (!is_message && done < len);
    agent->box->reply.result = (int64_t)len;
}

const struct agent_deed agent_socket_deeds[] = {{"bind", do_bind},         {"listen", do_listen},
                                                {"connect", do_connect},   {"accept", do_accept},
                                                {"shutdown", do_shutdown}, {0}};
