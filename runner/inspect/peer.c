/* One socket, found by its inode: who is at the other end, and what lies in between.
 *
 * UNIX sockets are asked for over netlink, which tells the other end. Of internet sockets /proc/net tells the two addresses; the other end is the socket
 * that has them the other way round. Both show what is in the network namespace of whoever asks.
 *
 * Sources: sock_diag(7), unix(7); proc(5), "/proc/net/tcp"; the kernel's net/unix/diag.c and net/ipv4/tcp_ipv4.c (tcp4_seq_show).
 */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "inspect/question.h"

enum { LISTENS = 10 /* TCP_LISTEN, of UNIX sockets, too */ };

/* ---- UNIX ------------------------------------------------------------------------------------------------------------------ */

static void take_attribute(const struct rtattr *attribute, struct socket_facts *facts)
{
    struct unix_diag_rqlen lengths;
    uint32_t peer;
    if (attribute->rta_type == UNIX_DIAG_PEER) {
        memcpy(&peer, RTA_DATA(attribute), sizeof peer);
        facts->peer = peer;
    } else if (attribute->rta_type == UNIX_DIAG_RQLEN) {
        memcpy(&lengths, RTA_DATA(attribute), sizeof lengths);
        facts->unread = facts->is_listening ? 0 : lengths.udiag_rqueue;
        facts->waiting = facts->is_listening ? lengths.udiag_rqueue : 0;
        facts->backlog = facts->is_listening ? lengths.udiag_wqueue : 0;
    }
}

static void take_reply(const struct nlmsghdr *head, struct socket_facts *facts)
{
    const struct unix_diag_msg *found = NLMSG_DATA(head);
    int len = (int)head->nlmsg_len - (int)NLMSG_LENGTH(sizeof *found);
    facts->is_there = true;
    facts->is_listening = found->udiag_state == LISTENS;
    for (const struct rtattr *at = (const struct rtattr *)(found + 1); RTA_OK(at, len);
         at = RTA_NEXT(at, len))
        take_attribute(at, facts);
}

static bool look_unix(uint64_t inode, struct socket_facts *facts, struct err *err)
{
    struct {
        struct nlmsghdr head;
        struct unix_diag_req wanted;
    } request = {.head = {.nlmsg_len = sizeof request,
                          .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                          .nlmsg_flags = NLM_F_REQUEST},
                 .wanted = {.sdiag_family = AF_UNIX,
                            .udiag_states = UINT32_MAX,
                            .udiag_ino = (uint32_t)inode,
                            .udiag_show = UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN,
                            .udiag_cookie = {UINT32_MAX, UINT32_MAX}}};
    _Alignas(struct nlmsghdr) char reply[4096];
    cleanup_fd int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (fd < 0 || send(fd, &request, sizeof request, 0) != (ssize_t)sizeof request)
        return err_sys(err, "ask for a UNIX socket");
    ssize_t len = recv(fd, reply, sizeof reply, 0); /* the kernel has answered before send() returned */
    if (len < 0)
        return err_sys(err, "ask for a UNIX socket");
    const struct nlmsghdr *head = (const struct nlmsghdr *)reply;
    if (NLMSG_OK(head, (size_t)len) && head->nlmsg_type == SOCK_DIAG_BY_FAMILY)
        take_reply(head, facts);
    return true;
}

/* ---- internet -------------------------------------------------------------------------------------------------------------- */

struct line { /* of /proc/net/tcp */
    char local[40], remote[40];
    unsigned local_port, remote_port, state;
    unsigned long unread, inode;
};

static bool read_line(const char *text, struct line *line)
{
    // NOLINTNEXTLINE(cert-err34-c): the kernel wrote it
    return sscanf(text, " %*d: %39[0-9A-F]:%x %39[0-9A-F]:%x %x %*x:%lx %*x:%*x %*x %*u %*u %lu", line->local,
                  &line->local_port, line->remote, &line->remote_port, &line->state, &line->unread,
                  &line->inode) == 7;
}

/* An IPv4 address inside of IPv6 ends in the same eight digits. */
static bool is_same_address(const char *a, const char *b)
{
    enum { DIGITS = 8 };
    return strcmp(a + strlen(a) - DIGITS, b + strlen(b) - DIGITS) == 0;
}

static bool is_other_end(const struct line *own, const struct line *other)
{
    return own->local_port == other->remote_port && own->remote_port == other->local_port &&
           is_same_address(own->local, other->remote) && is_same_address(own->remote, other->local);
}

static const char *const tables[OBJECT_KINDS][2] = {
    [OBJECT_TCP] = {"/proc/net/tcp", "/proc/net/tcp6"}, [OBJECT_UDP] = {"/proc/net/udp", "/proc/net/udp6"}};

/* The first line that is the socket's own (`own` NULL), or of its other end. */
static bool find_line(enum object_kind kind, uint64_t inode, const struct line *own, struct line *found)
{
    char text[512];
    for (int i = 0; i < 2; i++) {
        cleanup_file FILE *file = fopen(tables[kind][i], "re");
        while (file && fgets(text, sizeof text, file))
            if (read_line(text, found) && (own ? is_other_end(own, found) : found->inode == inode))
                return true;
    }
    return false;
}

static void look_internet(enum object_kind kind, uint64_t inode, struct socket_facts *facts)
{
    struct line own, other;
    if (!find_line(kind, inode, NULL, &own))
        return;
    facts->is_there = true;
    facts->is_listening = kind == OBJECT_TCP && own.state == LISTENS;
    facts->waiting = facts->is_listening ? own.unread : 0; /* there the column counts connections */
    facts->unread = facts->is_listening ? 0 : own.unread;
    if (own.remote_port != 0 && find_line(kind, inode, &own, &other))
        facts->peer = other.inode;
}

bool socket_look(enum object_kind kind, uint64_t inode, struct socket_facts *facts, struct err *err)
{
    if (kind == OBJECT_UNIX || kind == OBJECT_UNIX_DGRAM || kind == OBJECT_PIPE)
        return look_unix(inode, facts, err);
    if (kind == OBJECT_TCP || kind == OBJECT_UDP)
        look_internet(kind, inode, facts);
    return true;
}
