/* Ports: whether one is taken, and taking one. A given port stays taken as long as init lives, which holds its socket. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "inspect/question.h"

/* A socket bound to the port on all addresses; -1 with errno. */
static int bind_port(const struct identity_of *which, bool is_looking)
{
    bool is_stream = which->kind == OBJECT_TCP;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)which->key), .sin_addr.s_addr = htonl(INADDR_ANY)};
    cleanup_fd int fd = socket(AF_INET, (is_stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
    int yes = 1;
    /* A connection that is only remembered (TIME_WAIT) does not take the port. */
    if (fd >= 0 && is_stream && is_looking)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return -1;
    if (is_stream && listen(fd, 1) < 0) /* also one that listens is in the way of SO_REUSEADDR */
        return -1;
    return steal_fd(&fd);
}

static bool port_look(const struct identity_of *which, struct object_state *state, struct err *err)
{
    cleanup_fd int fd = bind_port(which, true);
    state->is_there = fd < 0;
    state->id = (struct object_id){which->kind, 0, (uint64_t)which->key};
    return fd >= 0 || errno == EADDRINUSE || err_sys(err, "look at port %d", which->key);
}

static bool port_make(const struct identity_of *which, const struct object_state *state, mode_t mode,
                      struct object_id *id, struct err *err)
{
    (void)state, (void)mode;
    *id = (struct object_id){which->kind, 0, (uint64_t)which->key};
    return bind_port(which, false) >= 0 || err_sys(err, "take port %d", which->key);
}

const struct object_ways port_ways = {OBJECT_TCP, port_look, port_make, NULL};
