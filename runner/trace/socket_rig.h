/* For the tests of sockets only: listeners, clients and receivers at a port and a path that are the test's own, and programs without an argument. */
#ifndef IPCGRADE_TRACE_SOCKET_RIG_H
#define IPCGRADE_TRACE_SOCKET_RIG_H

#include "trace/rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

static char directory[] = "/tmp/ipcgrade-socket-XXXXXX";
static char c;
static uint16_t port; /* of the test; free when it began */

static inline struct sockaddr_in at_port(void)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static const struct sockaddr_un door = {.sun_family = AF_UNIX, .sun_path = "door"},
                                post = {.sun_family = AF_UNIX, .sun_path = "post"};

static inline int new_tcp(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    return fd;
}

static inline int tcp_listener(int backlog)
{
    struct sockaddr_in here = at_port();
    int fd = new_tcp();
    if (bind(fd, (struct sockaddr *)&here, sizeof here) != 0 || listen(fd, backlog) != 0)
        _exit(90);
    return fd;
}

static inline int tcp_client(void)
{
    struct sockaddr_in there = at_port();
    int fd = new_tcp();
    if (connect(fd, (struct sockaddr *)&there, sizeof there) != 0)
        _exit(91);
    return fd;
}

static inline int udp_receiver(void)
{
    struct sockaddr_in here = at_port();
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(fd, (struct sockaddr *)&here, sizeof here) != 0)
        _exit(92);
    return fd;
}

static inline int unix_listener(int backlog)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(fd, (const struct sockaddr *)&door, sizeof door) != 0 || listen(fd, backlog) != 0)
        _exit(93);
    return fd;
}

static void (*program)(void); /* for the forked program */

static inline void runs(struct rig_shared *shared)
{
    (void)shared;
    program();
}

static inline struct process *start(struct rig *rig, void (*what)(void))
{
    program = what;
    rig_open(rig);
    return rig_start(rig, runs);
}

static inline void enter_directory(void)
{
    struct sockaddr_in free_one = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof free_one;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&free_one, sizeof free_one), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&free_one, &len), 0);
    port = ntohs(free_one.sin_port);
    close(fd);
}

static inline void leave_directory(void)
{
    unlink("door");
    unlink("post");
    ck_assert_int_eq(chdir("/"), 0);
    rmdir(directory);
}

#endif
