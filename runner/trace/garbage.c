/* Garbage of sockets: what the kernel has still to close when everybody is blocked.
 *
 * Theory of operation. A descriptor that was sent over a UNIX socket and not received is held by the message. If the message waits at a socket that itself only lies in
 * messages, nobody can reach it any more: a cycle, which the kernel's collector finds. It is called when a socket is closed, but works by itself, and what it lets go of is closed by yet another
 * worker, in batches. Whoever reads from a pipe whose last write end lies there is woken after all that, and no task shows it.
 *
 * So where descriptors were sent, before rest is told: we make a cycle of our own, with the write end of a pipe in it, and wait for the end of file. One collection finds all the
 * garbage that is there, so the one that has freed ours has seen theirs. Ours may be the first that it frees: the second time, it is over. And the batch may close ours first:
 * the third time, that is over, too. Neither worker runs twice at the same time.
 *
 * What was closed may have held more garbage. Each such layer is at least one socket that vanishes; when none has, that was the last, and there are no more layers than messages with
 * descriptors were sent.
 *
 * Sources: unix(7); net/unix/garbage.c (one collector for all network namespaces; in the call of close(2) before Linux 6.8), fs/file_table.c (delayed_fput()).
 */
#include "trace/tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ancillary.h"
#include "base/cleanup.h"

enum { ROUNDS = 3, MOST_LAYERS = 1000, KICK_MS = 200, PASSED = 2 };
#define PATIENCE_NS                                                                                          \
    60000000000ull /* then the kernel is at fault, and the case is broken: no verdict hangs on it */

struct sockets { /* numbers of inodes, sorted */
    uint64_t *numbers;
    size_t count, room;
    bool is_known;
};

void garbage_note(struct tracer *tracer, const struct call *call)
{
    bool is_sent = strncmp(call->row->name, "send", strlen("send")) == 0;
    bool has_descriptors = call_knows(call, PARAM_FDS) && call->value[PARAM_FDS] > 0;
    /* Of many messages in one call the control data is not looked at. */
    if ((is_sent && has_descriptors) || strcmp(call->row->name, "sendmmsg") == 0)
        tracer->garbage.messages++;
}

/* ---- a cycle of our own ------------------------------------------------------------------------------------------------- */

static bool send_descriptors(int to, const int *fds)
{
    char byte = 0;
    struct iovec piece = {&byte, 1};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    union ancillary control;
    ancillary_add(&message, &control, SCM_RIGHTS, fds, PASSED * sizeof *fds);
    return sendmsg(to, &message, MSG_NOSIGNAL) == 1;
}

/* The read end of the pipe whose write end is garbage when this returns; -1 with errno. */
static int make_garbage(void)
{
    int pair[2], ends[2] = {-1, -1};
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) != 0)
        return -1;
    bool is_made = pipe2(ends, O_CLOEXEC) == 0 && send_descriptors(pair[1], (int[PASSED]){ends[1], pair[0]});
    int error = errno, left = is_made ? steal_fd(&ends[0]) : -1;
    for (size_t i = 0; i < 2; i++)
        if (ends[i] >= 0)
            close(ends[i]);
    close(pair[0]);
    close(pair[1]); /* this one is in no message: its end calls the collector */
    errno = error;
    return left;
}

/* A collector that was just at work when the cycle was closed may not come again by itself, in older kernels; the end of any socket calls it. */
static void call_collector(void)
{
    cleanup_fd int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static bool wait_for_end(int reader)
{
    const uint64_t until = now_ns() + PATIENCE_NS;
    while (now_ns() < until) {
        int count = poll(&(struct pollfd){.fd = reader, .events = POLLIN}, 1, KICK_MS);
        if (count > 0)
            return true;
        if (count < 0 && errno != EINTR)
            return false;
        call_collector();
    }
    errno = ETIMEDOUT;
    return false;
}

/* False with errno. */
static bool collect(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        cleanup_fd int reader = make_garbage();
        if (reader < 0 || !wait_for_end(reader))
            return false;
    }
    return true;
}

/* ---- what has vanished -------------------------------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;
    return (one > other) - (one < other);
}

/* Num RefCount Protocol Flags Type St Inode Path: proc_pid_net(5). Where it cannot be read, a socket may have vanished; that costs time alone. */
static void see_sockets(struct tracer *tracer, struct sockets *sockets)
{
    char line[256];
    unsigned long number;
    cleanup_file FILE *file = procfs_open_of_any(tracer, "net/unix");
    while (file && fgets(line, sizeof line, file)) {
        // NOLINTNEXTLINE(cert-err34-c): the kernel wrote it
        if (sscanf(line, "%*x: %*x %*x %*x %*x %*x %lu", &number) != 1)
            continue;
        if (!tasks_grow(&sockets->numbers, sockets->count + 1, &sockets->room, sizeof number))
            return;
        sockets->numbers[sockets->count++] = number;
    }
    sockets->is_known = file && !ferror(file);
    if (sockets->count > 0)
        qsort(sockets->numbers, sockets->count, sizeof *sockets->numbers, by_number);
}

static bool has_any_vanished(const struct sockets *before, const struct sockets *after)
{
    if (!before->is_known || !after->is_known)
        return true;
    for (size_t i = 0; i < before->count; i++)
        if (after->count == 0 ||
            !bsearch(&before->numbers[i], after->numbers, after->count, sizeof *after->numbers, by_number))
            return true;
    return false;
}

static bool collect_layer(struct tracer *tracer, bool *has_vanished)
{
    struct sockets before = {0}, after = {0};
    see_sockets(tracer, &before);
    bool is_collected = collect();
    int error = errno;
    see_sockets(tracer, &after);
    *has_vanished = has_any_vanished(&before, &after);
    free(before.numbers);
    free(after.numbers);
    errno = error;
    return is_collected;
}

/* As long as no status has come, nobody has sent or closed anything. */
enum garbage_look garbage_look(struct tracer *tracer)
{
    struct garbage *garbage = &tracer->garbage;
    bool is_new = garbage->statuses != tracer->statuses, has_vanished = false;
    if (garbage->messages == 0 || (!is_new && garbage->is_gone))
        return GARBAGE_NONE;
    garbage->layers = is_new ? 0 : garbage->layers;
    garbage->is_gone = false;
    garbage->statuses = tracer->statuses;
    if (!collect_layer(tracer, &has_vanished)) {
        /* Others of this user have as many descriptors under way as he may have. */
        if (errno == ETOOMANYREFS)
            return GARBAGE_MAY_BE;
        tracer_set_trouble(tracer, "wait until the kernel has closed what sockets held: %m");
        return GARBAGE_LEFT;
    }
    garbage->layers++;
    garbage->is_gone =
        !has_vanished || garbage->layers >= garbage->messages || garbage->layers >= MOST_LAYERS;
    return garbage->is_gone ? GARBAGE_NONE : GARBAGE_LEFT;
}
