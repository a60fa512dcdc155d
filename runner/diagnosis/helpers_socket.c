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

static bool ask(const struct search *search, const struct wait *wait, uint64_t inode,
                struct socket_facts *facts)
{
    struct err err = {0};
    *facts = (struct socket_facts){0};
    return search->inspector && inode != 0 &&
           inspect_socket(search->inspector, wait->object.kind, inode, facts, &err) && facts->is_there;
}

/* Everybody who has the socket open. */
static void add_peers(struct search *search, struct wait *wait, uint64_t inode, int through)
{
    const struct holders *holders = search_holders(search);
    for (size_t i = 0; i < holders->count && !wait->is_more; i++)
        if (holders->items[i].socket == inode)
            helper_add_holder(search, wait, &holders->items[i], HELP_PEER, through);
}

/* Everybody who has a listening socket of that name open; what the kernel says of it becomes wait->peer. */
static void add_listeners(struct search *search, struct wait *wait, int through)
{
    const struct holders *holders = search_holders(search);
    for (size_t i = 0; i < holders->count && !wait->is_more; i++) {
        const struct holder *holder = &holders->items[i];
        struct socket_facts facts;
        bool is_same = holder->socket != 0 && object_same(&holder->object, &wait->object);
        if (!is_same || !ask(search, wait, holder->socket, &facts) || !facts.is_listening)
            continue;
        wait->peer = facts;
        wait->has_peer = true;
        helper_add_holder(search, wait, holder, HELP_LISTENER, through);
    }
}

static bool is_datagram(const struct wait *wait)
{
    return wait->object.kind == OBJECT_UDP || wait->object.kind == OBJECT_UNIX_DGRAM;
}

void socket_wait(struct search *search, struct wait *wait, int fd, unsigned wanted, int through)
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

void helpers_of_accept(struct search *search, struct wait *wait)
{
    socket_wait(search, wait, wait->event->call.fd, END_WRITE, -1);
    wait->wait_for = WAIT_FOR_CONNECTION;
    wait->is_open = true;
}

void helpers_of_connect(struct search *search, struct wait *wait)
{
    wait->wait_for = WAIT_FOR_ACCEPT;
    add_listeners(search, wait, -1);
}
