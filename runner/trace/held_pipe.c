/* Pipes that somebody would hold.
 *
 * Theory of operation. The kernel locks a pipe while splice(2) or sendfile(2) waits at the other end for what is no plain file: for bytes of a socket or a terminal, or for room in one. Whoever then reads
 * from that pipe, writes, closes it or asks how much is in it sleeps until that wait ends, which no signal shortens: O_NONBLOCK is no help, nor is SIGKILL. That may be anybody who has the pipe,
 * ourselves too, and so no program that is graded waits like that: it is told that the file cannot be spliced, as programs are of many kinds of files, and its report says why.
 */
#include "trace/tracer.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* Nobody keeps him waiting who reads from these, or writes. */
static bool gives_at_once(const struct stat *file)
{
    enum { MEMORY = 1 }; /* null(4), zero */
    return S_ISREG(file->st_mode) || S_ISBLK(file->st_mode) || S_ISFIFO(file->st_mode) ||
           (S_ISCHR(file->st_mode) && major(file->st_rdev) == MEMORY);
}

static bool would_hold(const struct tracee *tracee, int in, int out)
{
    struct stat from, to;
    struct tracer *tracer = tracee->tracer;
    return procfs_stat(tracer, tracee->pub.tid, in, &from) &&
           procfs_stat(tracer, tracee->pub.tid, out, &to) &&
           ((S_ISFIFO(from.st_mode) && !gives_at_once(&to)) ||
            (S_ISFIFO(to.st_mode) && !gives_at_once(&from)));
}

static bool moves_within_the_kernel(const struct event *event)
{
    return call_is(&event->call, "splice") || call_is(&event->call, "sendfile");
}

bool held_pipe_refuse(struct tracee *tracee, struct event *event)
{
    const struct call *call = &event->call;
    if (tracee->tracer->config.is_not_graded || !moves_within_the_kernel(event) || call->fd_count < 2 ||
        !would_hold(tracee, call->fds[0].fd, call->fds[1].fd))
        return false;
    event->is_refused = true;
    registers_void_call(tracee, -EINVAL);
    return true;
}

bool tracer_may_hold_pipes(const struct tracer *tracer)
{
    for (size_t i = 0; i < tracer->task_count; i++) {
        const struct event *now = tracer->tasks[i]->pub.now;
        if (now && moves_within_the_kernel(now))
            return true;
    }
    return false;
}
