/* Sockets by their names: which address a socket is bound or connected to, learned from the calls that say so.
 *
 * A case speaks of a port or a path, and means the listening socket, every connection that is accepted there, and the other end of each. The kernel gives each
 * of these an inode of its own; what they have in common is the name. So a socket is told by the name that it is bound to, else by the name that it is connected to (or, a
 * datagram socket, sends to); the connection that accept(2) gives has the listener's name. A socket that a descriptor is passed with, or that is inherited, keeps
 * its inode, and so its name.
 */
#include "trace/tracer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

bool socket_learn_device(struct tracer *tracer)
{
    int ends[2];
    struct stat info;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    bool is_known = fstat(ends[0], &info) == 0;
    close(ends[0]);
    close(ends[1]);
    tracer->socket_device = info.st_dev;
    return is_known;
}

void socket_free(struct tracer *tracer)
{
    socket_names_free(tracer);
    free(tracer->sockets);
}

/* The newest first: numbers of inodes come again. */
static struct known_socket *find(const struct tracer *tracer, uint64_t device, uint64_t number)
{
    for (size_t i = tracer->socket_count; i-- > 0;)
        if (tracer->sockets[i].device == device && tracer->sockets[i].number == number)
            return &tracer->sockets[i];
    return NULL;
}

static bool is_socket(const struct tracee *tracee, int fd, struct stat *info)
{
    return procfs_stat(tracee->tracer, tracee->pub.tid, fd, info) && S_ISSOCK(info->st_mode);
}

static struct known_socket *of_fd(struct tracee *tracee, int fd)
{
    struct stat info;
    if (!is_socket(tracee, fd, &info))
        return NULL;
    return find(tracee->tracer, info.st_dev, info.st_ino);
}

/* A new socket; NULL: it is none, or memory is out (then it is a socket without a name). */
static struct known_socket *add(struct tracee *tracee, int fd)
{
    struct tracer *tracer = tracee->tracer;
    struct stat info;
    if (!is_socket(tracee, fd, &info) || !tasks_grow(&tracer->sockets, tracer->socket_count + 1,
                                                     &tracer->socket_room, sizeof *tracer->sockets))
        return NULL;
    struct known_socket *made = &tracer->sockets[tracer->socket_count++];
    *made = (struct known_socket){.device = info.st_dev, .number = info.st_ino, .kind = OBJECT_OTHER};
    return made;
}

void socket_resolve(struct tracer *tracer, struct object_id *id)
{
    const struct known_socket *known = id->kind != OBJECT_NONE && id->device == tracer->socket_device
                                           ? find(tracer, id->device, id->number)
                                           : NULL;
    if (!known)
        return;
    if (known->own.kind != OBJECT_NONE)
        *id = known->own;
    else if (known->peer.kind != OBJECT_NONE)
        *id = known->peer;
    else
        id->kind = known->kind;
}

/* ---- names ------------------------------------------------------------------------------------------------------------ */

static enum object_kind kind_of(int family, int type)
{
    bool is_stream = type == SOCK_STREAM || type == SOCK_SEQPACKET;
    if (family == AF_UNIX)
        return is_stream ? OBJECT_UNIX : OBJECT_UNIX_DGRAM;
    if (family == AF_INET || family == AF_INET6)
        return is_stream ? OBJECT_TCP : type == SOCK_DGRAM ? OBJECT_UDP : OBJECT_OTHER;
    return OBJECT_OTHER;
}

static bool is_datagram(const struct known_socket *known)
{
    return known->kind == OBJECT_UDP || known->kind == OBJECT_UNIX_DGRAM;
}

/* The name that a call gives; OBJECT_NONE: none (AF_UNSPEC; port 0, which the kernel chooses). */
static struct object_id name_of(struct tracee *tracee, const struct known_socket *known,
                                const struct call *call)
{
    struct object_id id = {.kind = known->kind};
    if (call->family == AF_UNIX && call->path[0] != '\0')
        id.number = socket_number(tracee, call);
    else if (call->family == AF_INET || call->family == AF_INET6)
        id.number = (uint64_t)call->port;
    if (id.number == 0)
        id.kind = OBJECT_NONE;
    return id;
}

bool socket_print_name(const struct tracer *tracer, const struct object_id *id, char *to, size_t room)
{
    static const char *const nameless[OBJECT_KINDS] = {[OBJECT_TCP] = "TCP socket",
                                                       [OBJECT_UDP] = "UDP socket",
                                                       [OBJECT_UNIX] = "UNIX socket",
                                                       [OBJECT_UNIX_DGRAM] = "UNIX datagram socket"};
    if (!nameless[id->kind] || (id->device != 0 && id->device != tracer->socket_device))
        return false;
    const char *path = tracer_socket_path(tracer, id, 0), *slash = strrchr(path, '/');
    if (id->device != 0)
        snprintf(to, room, "%s", nameless[id->kind]);
    else if (id->kind == OBJECT_TCP || id->kind == OBJECT_UDP)
        snprintf(to, room, "port %d", (int)id->number);
    else
        snprintf(to, room, "%s", slash && slash[1] ? slash + 1 : path);
    return true;
}

/* ---- calls ------------------------------------------------------------------------------------------------------------ */

/* A datagram socket that has a name itself has two when it speaks to another: a case may mean either. */
static void speak_to(struct event *event, const struct known_socket *known)
{
    bool is_named = known->own.kind != OBJECT_NONE && known->peer.kind != OBJECT_NONE;
    if (is_named && is_datagram(known) && event->call.deed && event->call.fd_count == 0 &&
        !object_same(&known->own, &known->peer))
        event->into = known->peer;
}

void socket_of_entry(struct tracee *tracee, struct event *event)
{
    const struct call *call = &event->call;
    bool is_socket = event->object.device == tracee->tracer->socket_device ||
                     (event->object.device == 0 && event->object.kind >= OBJECT_TCP &&
                      event->object.kind <= OBJECT_UNIX_DGRAM);
    struct known_socket *known = is_socket ? of_fd(tracee, call->fd) : NULL;
    if (!known || known->kind == OBJECT_PIPE)
        return;
    struct object_id named = name_of(tracee, known, call);
    bool is_bind = call_is(&event->call, "bind"), is_connect = call_is(&event->call, "connect");
    if (is_connect && !is_datagram(known))
        known->own =
            (struct object_id){0}; /* whatever it was bound to: a connection is whose it is connected to */
    if (named.kind != OBJECT_NONE && !is_bind)
        known->peer = named;
    if (named.kind != OBJECT_NONE && (is_bind || is_connect || known->own.kind == OBJECT_NONE))
        event->object = named;
    speak_to(event, known);
}

static void note_made(struct tracee *tracee, const struct event *event)
{
    int type = (int)event->call.value[PARAM_FLAGS] & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct known_socket *made = add(tracee, event->call.made[0]);
    if (!made)
        return;
    made->kind = kind_of(event->call.family, type);
    tracee->tracer->has_internet |= made->kind == OBJECT_TCP || made->kind == OBJECT_UDP;
}

static void note_accepted(struct tracee *tracee, const struct event *event)
{
    const struct known_socket *listener = of_fd(tracee, event->call.fd);
    struct object_id name = listener ? listener->own : (struct object_id){0};
    enum object_kind kind = listener ? listener->kind : OBJECT_OTHER;
    struct known_socket *made = add(tracee, event->call.made[0]); /* may move the listener */
    if (!made)
        return;
    made->kind = kind;
    made->own = name;
}

/* Of an end of a socketpair nothing else is to be known, so it is learned when it is given a limit. It stays what it is without: a pipe. */
static struct known_socket *limited_socket(struct tracee *tracee, int fd)
{
    struct known_socket *known = of_fd(tracee, fd);
    if (!known && (known = add(tracee, fd)))
        known->kind = OBJECT_PIPE;
    return known;
}

static void note_limit(struct tracee *tracee, const struct event *event)
{
    int64_t option = event->call.value[PARAM_OP];
    bool is_reading = option == SO_RCVTIMEO || option == SO_RCVTIMEO_NEW,
         is_writing = option == SO_SNDTIMEO || option == SO_SNDTIMEO_NEW;
    bool is_limit = (int)event->call.arg[1] == SOL_SOCKET && (is_reading || is_writing);
    struct known_socket *known = is_limit ? limited_socket(tracee, event->call.fd) : NULL;
    if (known)
        *(is_reading ? &known->limits_reading : &known->limits_writing) = event->call.value[PARAM_LEN] > 0;
}

/* task_borrow(); that we have no room for it is trouble of ours, and nothing that the program may be told. */
static int borrow(const struct tracee *tracee, int fd)
{
    int own = task_borrow(&tracee->pub, fd);
    if (own < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM))
        tracer_set_trouble(tracee->tracer, "borrow a socket of task %d: %m", (int)tracee->pub.tid);
    return own;
}

/* What is open may be not to be borrowed all the same: before Linux 6.9 when the first thread has ended, and where a container's filter refuses it. There nobody has set it to linger, so nothing has to be
 * done for a wait; what else was wanted of it could not be done. */
static int linger_unborrowed(const struct tracee *tracee, int fd, bool is_wait)
{
    struct stat info;
    int error = errno;
    if (!procfs_stat(tracee->tracer, tracee->pub.tid, fd, &info))
        return EBADF;
    if (!S_ISSOCK(info.st_mode))
        return ENOTSOCK;
    errno = error;
    if (!is_wait)
        tracer_set_trouble(tracee->tracer, "set SO_LINGER for task %d: %m", (int)tracee->pub.tid);
    return 0;
}

static int set_linger(const struct tracee *tracee, const struct call *call)
{
    struct linger wanted = {0};
    const struct linger none = {0};
    if (!call_read(call, call->arg[3], &wanted, sizeof wanted))
        return EFAULT;
    bool is_wait = wanted.l_onoff && wanted.l_linger != 0;
    cleanup_fd int own = borrow(tracee, call->fd);
    if (own < 0)
        return linger_unborrowed(tracee, call->fd, is_wait);
    return setsockopt(own, SOL_SOCKET, SO_LINGER, is_wait ? &none : &wanted, sizeof wanted) == 0 ? 0 : errno;
}

/* Done by us, and not by the call: another thread could change in its memory what we have looked at. That a connection is reset (a wait of 0 seconds) stays, a wait does not: it
 * would keep the kernel from closing what others have left (garbage.c), of the whole machine. */
void socket_linger(struct tracee *tracee, const struct event *event)
{
    const struct call *call = &event->call;
    if (tracee->tracer->config.is_not_graded || !call_is(&event->call, "setsockopt") ||
        (int)call->arg[1] != SOL_SOCKET || (int)call->arg[2] != SO_LINGER ||
        (int)call->arg[4] < (int)sizeof(struct linger)) /* the kernel refuses that */
        return;
    registers_void_call(tracee, -(int64_t)set_linger(tracee, call));
}

/* The port that the kernel has chosen for a socket which was bound to port 0; 0: it cannot be asked. */
static uint64_t chosen_port(const struct tracee *tracee, int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof address;
    cleanup_fd int own = borrow(tracee, fd);
    if (own < 0 || getsockname(own, (struct sockaddr *)&address, &len) != 0)
        return 0;
    return address.ss_family == AF_INET    ? ntohs(((struct sockaddr_in *)&address)->sin_port)
           : address.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)&address)->sin6_port)
                                           : 0;
}

static void note_bound(struct tracee *tracee, const struct event *event)
{
    struct known_socket *known = of_fd(tracee, event->call.fd);
    bool is_internet = event->call.family == AF_INET || event->call.family == AF_INET6;
    if (!known || known->kind == OBJECT_PIPE)
        return;
    known->own = name_of(tracee, known, &event->call);
    if (known->own.kind == OBJECT_NONE && is_internet && event->call.error == 0)
        known->own.number = chosen_port(tracee, event->call.fd);
    if (known->own.number != 0)
        known->own.kind = known->kind;
    if (event->call.family == AF_UNIX && event->call.error == 0)
        socket_name_bound(tracee, event->call.path);
}

void socket_of_exit(struct tracee *tracee, const struct event *event)
{
    if (call_is(&event->call, "socket"))
        note_made(tracee, event);
    else if (call_is(&event->call, "accept") || call_is(&event->call, "accept4"))
        note_accepted(tracee, event);
    else if (call_is(&event->call, "setsockopt"))
        note_limit(tracee, event);
    else if (call_is(&event->call, "bind"))
        note_bound(tracee, event);
}

void socket_made_file(struct tracee *tracee, struct event *event)
{
    const struct call *call = &event->call;
    bool is_made = call_is(&event->call, "bind") && object_of_path(tracee, call, call->path, &event->made[0]);
    struct known_object *known = is_made ? object_learn(tracee->tracer, &event->made[0]) : NULL;
    if (!known || known->is_made)
        return;
    object_name_path(known, tracee, call->dirfd, call->path);
    known->is_made = true;
    known->event = event->number;
}

bool socket_is_limited(struct tracee *tracee, const struct call *call)
{
    const struct known_socket *known =
        call->deed && tracee->tracer->socket_count > 0 ? of_fd(tracee, call->fd) : NULL;
    bool writes =
        call->deed && (strcmp(call->deed->word, "write") == 0 || strcmp(call->deed->word, "connect") == 0);
    return known && (writes ? known->limits_writing : known->limits_reading);
}
