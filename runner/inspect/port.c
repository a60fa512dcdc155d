/* Ports: whether one is taken, and taking one. A given port stays taken as long as init lives, which holds its socket. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "inspect/question.h"

/* A socket bound to the port on all addresses, be a connection of it remembered (TIME_WAIT) or not; -1 with errno. Nobody else can bind it then, whatever he says: it listens. */
static int bind_port(const struct identity_of *which, bool may_be_remembered)
{
    bool is_stream = which->kind == OBJECT_TCP;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)which->key), .sin_addr.s_addr = htonl(INADDR_ANY)};
    cleanup_fd int fd = socket(AF_INET, (is_stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
    int yes = 1;
    if (fd >= 0 && is_stream && may_be_remembered)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return -1;
    if (is_stream && listen(fd, 1) < 0) /* also one that listens is in the way of SO_REUSEADDR */
        return -1;
    return steal_fd(&fd);
}

/* Can it be bound? False with *err where nobody can tell. */
static bool try_port(const struct identity_of *which, bool may_be_remembered, bool *is_free, struct err *err)
{
    cleanup_fd int fd = bind_port(which, may_be_remembered);
    *is_free = fd >= 0;
    return fd >= 0 || errno == EADDRINUSE || err_sys(err, "look at port %d", which->key);
}

static bool port_look(const struct identity_of *which, struct object_state *state, struct err *err)
{
    bool is_free, is_quite_free;
    if (!try_port(which, true, &is_free, err) || !try_port(which, false, &is_quite_free, err))
        return false;
    state->is_there = !is_free;
    state->is_remembered = is_free && !is_quite_free;
    state->id = (struct object_id){which->kind, 0, (uint64_t)which->key};
    return true;
}

static bool port_make(const struct identity_of *which, const struct object_state *state, mode_t mode,
                      struct object_id *id, struct err *err)
{
    (void)state, (void)mode;
    *id = (struct object_id){which->kind, 0, (uint64_t)which->key};
    return bind_port(which, true) >= 0 || err_sys(err, "take port %d", which->key);
}

const struct object_ways port_ways = {OBJECT_TCP, port_look, port_make, NULL};
