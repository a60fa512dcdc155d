/* Who is at the other end of a socket.
 *
 * The kernel tells which socket is the other end (inspect_socket()), /proc who has it open. A connection that nobody has accepted yet has no other end: what it waits for is
 * whoever has the listening socket. Who sends datagrams is known by what he has sent before, and so only probable.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "diagnosis/helpers.h"

/* The inode behind a descriptor of any process, 0: it is no socket. */
static uint64_t socket_at(pid_t pid, int fd)
{
    static const char start[] = "socket:[";
    char path[64], target[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, fd);
    ssize_t len = fd < 0 ? -1 : readlink(path, target, sizeof target - 1);
    target[len > 0 ? len : 0] = '\0';
    return strncmp(target, start, sizeof start - 1) == 0 ? strtoull(target + sizeof start - 1, NULL, 10) : 0;
}

uint64_t socket_of_fd(const struct task *task, int fd)
{
    return socket_at(task->tid, fd);
}

static bool ask(const struct search *search, const struct wait *wait, uint64_t inode,
                struct socket_facts *facts)
{
    struct err err = {0};
    *facts = (struct socket_facts){0};
    return search->inspector && inode != 0 &&
           inspect_socket(search->inspector, wait->object.kind, inode, facts, &err) && facts->is_there;
}

/* Everybody who has the socket open. */
static void add_peers(const struct search *search, struct wait *wait, uint64_t inode, int through)
{
    cleanup_free int *fds = calloc(MOST_FDS, sizeof *fds);
    for (size_t i = 0; fds && i < tracer_process_count(search->tracer); i++) {
        const struct process *process = tracer_process(search->tracer, i);
        const struct task *task = process->is_dead ? NULL : tracer_main_task(search->tracer, process);
        size_t count = task ? process_fds(process, fds, MOST_FDS) : 0;
        for (size_t k = 0; k < count; k++)
            if (socket_at(task->tid, fds[k]) == inode)
                helper_add_holder(search, wait, task, fds[k], HELP_PEER, through);
    }
}

/* Everybody who has a listening socket of that name open; what the kernel says of it becomes wait->peer. */
static void add_listeners(const struct search *search, struct wait *wait, int through)
{
    cleanup_free int *fds = calloc(MOST_FDS, sizeof *fds);
    for (size_t i = 0; fds && i < tracer_process_count(search->tracer); i++) {
        const struct process *process = tracer_process(search->tracer, i);
        const struct task *task = process->is_dead ? NULL : tracer_main_task(search->tracer, process);
        size_t count = task ? process_fds(process, fds, MOST_FDS) : 0;
        for (size_t k = 0; k < count; k++) {
            struct socket_facts facts;
            struct object_id object;
            bool is_same = process_object(process, fds[k], &object) && object_same(&object, &wait->object);
            if (!is_same || !ask(search, wait, socket_at(task->tid, fds[k]), &facts) || !facts.is_listening)
                continue;
            wait->peer = facts;
            wait->has_peer = true;
            helper_add_holder(search, wait, task, fds[k], HELP_LISTENER, through);
        }
    }
}

static bool is_datagram(const struct wait *wait)
{
    return wait->object.kind == OBJECT_UDP || wait->object.kind == OBJECT_UNIX_DGRAM;
}

void socket_wait(const struct search *search, struct wait *wait, int fd, unsigned wanted, int through)
{
    uint64_t inode = socket_of_fd(wait->task, fd);
    bool is_known = process_object(wait->task->process, fd, &wait->object);
    wait->wait_for = wanted == END_WRITE ? WAIT_FOR_BYTES : WAIT_FOR_ROOM;
    wait->has_socket = is_known && ask(search, wait, inode, &wait->socket);
    if (!wait->has_socket)
        return;
    if (wait->socket.is_listening) {
        wait->wait_for = WAIT_FOR_CONNECTION;
        wait->is_open = true;
        helpers_add_users(search, wait, "connect", true);
        return;
    }
    wait->has_peer = ask(search, wait, wait->socket.peer, &wait->peer);
    if (wait->has_peer)
        add_peers(search, wait, wait->socket.peer, through);
    else if (is_datagram(wait))
        helpers_add_users(search, wait, wanted == END_WRITE ? "write" : "read", true);
    else
        add_listeners(search, wait, through);
}

void helpers_of_accept(const struct search *search, struct wait *wait)
{
    socket_wait(search, wait, wait->event->call.fd, END_WRITE, -1);
    wait->wait_for = WAIT_FOR_CONNECTION;
    wait->is_open = true;
}

void helpers_of_connect(const struct search *search, struct wait *wait)
{
    wait->wait_for = WAIT_FOR_ACCEPT;
    add_listeners(search, wait, -1);
}
