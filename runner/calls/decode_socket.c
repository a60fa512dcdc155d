/* Decoders of calls on sockets: the addresses that they name, what they make, what is passed along. Data is decode_data.c. */
#include "calls/decode.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

union address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un local;
};

/* A name that begins with a NUL is abstract: nothing stands in the file system (unix(7)). */
static void take_local(struct call *call, const struct sockaddr_un *address, size_t len)
{
    size_t room =
        len > offsetof(struct sockaddr_un, sun_path) ? len - offsetof(struct sockaddr_un, sun_path) : 0;
    bool is_abstract = room > 1 && address->sun_path[0] == '\0';
    int skip = is_abstract ? 1 : 0;
    snprintf(call->path, sizeof call->path, "%s%.*s", is_abstract ? "@" : "",
             (int)(room > 0 ? room - (size_t)skip : 0), address->sun_path + skip);
}

static void take_internet(struct call *call, int family, const void *host, in_port_t port)
{
    char text[INET6_ADDRSTRLEN] = "";
    inet_ntop(family, host, text, sizeof text);
    call->port = ntohs(port);
    snprintf(call->path2, sizeof call->path2, family == AF_INET ? "%s:%d" : "[%s]:%d", text, call->port);
}

void decode_address(struct call *call, uint64_t address, uint64_t len)
{
    union address is = {0};
    size_t known = len < sizeof is ? (size_t)len : sizeof is;
    if (call->is_done || address == 0 || known < sizeof is.any.sa_family ||
        !call_read(call, address, &is, known))
        return;
    call->family = is.any.sa_family;
    if (call->family == AF_UNIX)
        take_local(call, &is.local, known);
    else if (call->family == AF_INET)
        take_internet(call, AF_INET, &is.in.sin_addr, is.in.sin_port);
    else if (call->family == AF_INET6)
        take_internet(call, AF_INET6, &is.in6.sin6_addr, is.in6.sin6_port);
}

static void take_made(struct call *call)
{
    call->made[0] = call->is_done && call->error == 0 ? (int)call->result : -1;
}

enum { MOST_HEADERS = 64, MOST_PASSED = 253 /* SCM_MAX_FD, of one message */ };

void decode_socket(struct call *call)
{
    call->family = (int)call->arg[0];
    call_set(call, PARAM_FLAGS, (int)call->arg[1]);
    take_made(call);
}

void decode_bind(struct call *call)
{
    call->fd = (int)call->arg[0];
    decode_address(call, call->arg[1], (uint32_t)call->arg[2]);
}

void decode_listen(struct call *call)
{
    call->fd = (int)call->arg[0];
    call_set(call, PARAM_SIZE, (int)call->arg[1]);
}

void decode_accept(struct call *call)
{
    call->fd = (int)call->arg[0];
    call->wait = WAIT_EVENT;
    take_made(call);
}

void decode_connect(struct call *call)
{
    call->fd = (int)call->arg[0];
    call->wait = WAIT_EVENT;
    decode_address(call, call->arg[1], (uint32_t)call->arg[2]);
}

void decode_shutdown(struct call *call)
{
    call->fd = (int)call->arg[0];
    call_set(call, PARAM_HOW, (int)call->arg[1]);
}

void decode_setsockopt(struct call *call)
{
    struct timeval limit = {0};
    call->fd = (int)call->arg[0];
    call_set(call, PARAM_OP, (int)call->arg[2]);
    if (call_read(call, call->arg[3], &limit, sizeof limit))
        call_set(call, PARAM_LEN, decode_ns(limit.tv_sec, limit.tv_usec, NS_PER_US));
}

void decode_passed(struct call *call, uint64_t control, uint64_t len)
{
    struct cmsghdr head;
    int64_t count = 0;
    /* Any length may stand in them, also one with which the walk would never end. */
    for (int i = 0; i < MOST_HEADERS && len >= sizeof head && call_read(call, control, &head, sizeof head);
         i++) {
        if (head.cmsg_len < CMSG_LEN(0) || head.cmsg_len > len)
            break;
        uint64_t passed = (head.cmsg_len - CMSG_LEN(0)) / sizeof(int);
        if (head.cmsg_level == SOL_SOCKET && head.cmsg_type == SCM_RIGHTS)
            count += (int64_t)(passed < MOST_PASSED ? passed : MOST_PASSED);
        uint64_t step = CMSG_ALIGN(head.cmsg_len);
        if (step >= len)
            break;
        control += step;
        len -= step;
    }
    call_set(call, PARAM_FDS, count);
}
