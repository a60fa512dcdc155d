/* What a task waits for: how much of it is timers that run, and of how much nobody can say.
 *
 * A timerfd is known by what fdinfo says of its number. An epoll keeps hold of what it was given, whatever becomes of the number: so that the number still leads to
 * the same is asked of kcmp(2). Where it does not, or where it was closed, the thing may be a timer; unless its device, which the kernel tells too, is another than the one
 * that all timers lie on. An epoll that is watched in turn counts as what it watches.
 *
 * Sources: proc(5), fdinfo; kcmp(2), KCMP_EPOLL_TFD; fs/eventpoll.c (ep_show_fdinfo, EP_MAX_NESTS).
 */
#include "trace/tracer.h"

#include <errno.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { DEEPEST = 6, LINE = 256, FDS_MOST = 1024 };

struct target { /* one line of an epoll's fdinfo */
    int epoll, fd;
    unsigned same_before; /* lines with that number before it */
    unsigned device;      /* as the kernel numbers it; 0: it does not tell */
};

static void look_at_fd(struct tracee *tracee, int fd, int depth, struct watched *sum);

/* Signal descriptors, timers and epolls have no device but that of all anonymous files. */
static bool may_be_timer(const struct tracer *tracer, const struct target *target)
{
    struct stat own;
    if (target->device == 0 || fstat(tracer->signal_fd, &own) != 0)
        return true;
    return target->device == (major(own.st_dev) << 20 | minor(own.st_dev));
}

/* Where kcmp is not to be had, the number is believed. */
static bool is_behind_number(const struct tracee *tracee, const struct target *target)
{
    struct kcmp_epoll_slot slot = {
        .efd = (unsigned)target->epoll, .tfd = (unsigned)target->fd, .toff = target->same_before};
    pid_t tid = tracee->pub.tid;
    long order = syscall(SYS_kcmp, tid, tid, KCMP_EPOLL_TFD, target->fd, &slot);
    return order == 0 || (order < 0 && errno != EBADF);
}

static void look_at_target(struct tracee *tracee, const struct target *target, int depth, struct watched *sum)
{
    if (!may_be_timer(tracee->tracer, target))
        sum->count++;
    else if (is_behind_number(tracee, target))
        look_at_fd(tracee, target->fd, depth, sum);
    else {
        sum->count++;
        sum->unknown++;
    }
}

static bool runs(const char *value)
{
    char *end;
    bool has_seconds = strtoul(value, &end, 10) > 0;
    return has_seconds || (*end == ',' && strtoul(end + 1, NULL, 10) > 0);
}

/* The kernel lists those of one number in the order in which kcmp counts them; several stand together nearly never. */
static unsigned same_before(const struct target *last, int fd)
{
    return last->fd == fd ? last->same_before + 1 : 0;
}

static void look_at_fd(struct tracee *tracee, int fd, int depth, struct watched *sum)
{
    static const char value[] = "it_value: (";
    char name[32], line[LINE];
    int watched;
    bool is_epoll = false;
    struct target target = {.epoll = fd, .fd = -1};
    snprintf(name, sizeof name, "fdinfo/%d", fd);
    cleanup_file FILE *file = procfs_open(tracee->tracer, tracee->pub.tid, name);
    if ((!file && errno == ENOENT) || depth == 0)
        sum->unknown++;
    while (depth > 0 && procfs_next_line(tracee->tracer, file, line, sizeof line)) {
        if (strncmp(line, value, sizeof value - 1) == 0)
            sum->timers += runs(line + sizeof value - 1);
        unsigned device = 0;
        // NOLINTNEXTLINE(cert-err34-c): the kernel wrote it
        if (sscanf(line, "tfd: %d %*[^\n]", &watched) < 1)
            continue;
        const char *at = strstr(line, "sdev:");
        device = at ? (unsigned)strtoul(at + strlen("sdev:"), NULL, 16) : 0;
        is_epoll = true;
        target.same_before = same_before(&target, watched);
        target.fd = watched;
        target.device = device;
        look_at_target(tracee, &target, depth - 1, sum);
    }
    sum->count += !is_epoll;
}

static void look_at_number(struct tracee *tracee, int fd, struct watched *sum)
{
    struct object_id id;
    object_of_fd(tracee, fd, &id);
    if (fd >= 0 && (id.kind == OBJECT_OTHER || id.kind == OBJECT_NONE))
        look_at_fd(tracee, fd, DEEPEST, sum);
    else
        sum->count++;
}

/* Somebody may have closed, meanwhile, the number that a read began with. */
static void look_at_read(struct tracee *tracee, const struct event *event, struct watched *sum)
{
    struct object_id id;
    object_of_fd(tracee, event->call.fd, &id);
    if (object_same(&id, &event->object))
        look_at_fd(tracee, event->call.fd, DEEPEST, sum);
    else
        sum->unknown++;
}

struct watched watched_by(struct tracee *tracee, const struct event *event)
{
    const struct call *call = &event->call;
    struct watched sum = {0};
    if (strncmp(call->row->name, "epoll", 5) == 0)
        look_at_fd(tracee, call->fd, DEEPEST, &sum);
    else if (event->object.kind == OBJECT_OTHER && call->deed && strcmp(call->deed->word, "read") == 0)
        look_at_read(tracee, event, &sum);
    for (int i = 0; i < call->fd_count; i++)
        look_at_number(tracee, call->fds[i].fd, &sum);
    sum.unknown += call->fd_count == CALL_FDS; /* of more than so many nothing is known */
    return sum;
}

/* It runs, so it may close them meanwhile: what is not there any more is nothing. */
bool watched_may_have_timer(struct tracee *tracee)
{
    int fds[FDS_MOST];
    struct object_id id;
    struct watched sum = {0};
    size_t count = process_fds(tracee->pub.process, fds, FDS_MOST);
    for (size_t i = 0; i < count && sum.timers + sum.unknown == 0; i++) {
        object_of_fd(tracee, fds[i], &id);
        if (id.kind == OBJECT_OTHER)
            look_at_fd(tracee, fds[i], DEEPEST, &sum);
    }
    return sum.timers + sum.unknown > 0;
}
