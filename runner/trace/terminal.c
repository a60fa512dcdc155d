/* Terminals: what is on its way through one, and whether a read from one ends by itself.
 *
 * What is written to one side of a pair of pseudo terminals is taken to the other side by a worker of the kernel, which no task shows. Where a program has made a pair
 * itself, everybody may be blocked while that worker has still to run. But poll(2) on a terminal waits for it (n_tty_poll() calls tty_buffer_flush_work()): so each
 * terminal that a task holds is polled between the two passes of the proof, twice, since what arrives may be echoed. Whom that wakes has run when the second pass looks.
 *
 * Their descriptors are borrowed with pidfd_getfd(2): to open the file again would, at a master, make a new pair. Where that is not allowed, nothing is proved.
 *
 * Sources: pty(7), termios(3) on VMIN and VTIME; drivers/tty/n_tty.c, drivers/tty/tty_buffer.c.
 */
#include "trace/tracer.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { MASTER_MAJOR = 5, MASTER_MINOR = 2, FIRST_SLAVE = 136, LAST_SLAVE = 143, MOST_FDS = 1024, ROUNDS = 2 };

bool terminal_is_master(const struct stat *info)
{
    return S_ISCHR(info->st_mode) && info->st_rdev == makedev(MASTER_MAJOR, MASTER_MINOR);
}

static bool is_slave(const struct stat *info)
{
    return S_ISCHR(info->st_mode) && major(info->st_rdev) >= FIRST_SLAVE &&
           major(info->st_rdev) <= LAST_SLAVE;
}

/* A slave side can be opened by its name, too, as long as somebody holds it. */
static int borrow_slave(const struct tracee *tracee, int fd)
{
    char path[64];
    int own = task_borrow(&tracee->pub, fd);
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)tracee->pub.tid, fd);
    return own >= 0 ? own : open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

/* VTIME: how long a read waits for the first byte, where it may end without any (VMIN 0). */
bool terminal_ends_read(const struct tracee *tracee, const struct event *event)
{
    const struct call *call = &event->call;
    struct termios mode;
    struct stat info;
    bool is_read = event->object.kind == OBJECT_OTHER && call->deed && strcmp(call->deed->word, "read") == 0;
    if (!is_read || !procfs_stat(tracee->tracer, tracee->pub.tid, call->fd, &info) || !is_slave(&info))
        return false;
    cleanup_fd int own = borrow_slave(tracee, call->fd);
    return own >= 0 && tcgetattr(own, &mode) == 0 && !(mode.c_lflag & ICANON) && mode.c_cc[VMIN] == 0 &&
           mode.c_cc[VTIME] > 0;
}

static bool flush_one(const struct tracee *tracee, int fd)
{
    struct stat info;
    if (!procfs_stat(tracee->tracer, tracee->pub.tid, fd, &info) ||
        (!terminal_is_master(&info) && !is_slave(&info)))
        return true;
    cleanup_fd int own = is_slave(&info) ? borrow_slave(tracee, fd) : task_borrow(&tracee->pub, fd);
    return own >= 0 && poll(&(struct pollfd){.fd = own, .events = POLLIN}, 1, 0) >= 0;
}

static bool flush_held(const struct tracee *tracee)
{
    int fds[MOST_FDS];
    size_t count = process_fds(tracee->pub.process, fds, MOST_FDS);
    bool is_done = count < MOST_FDS;
    for (size_t i = 0; i < count; i++)
        is_done &= flush_one(tracee, fds[i]);
    return is_done;
}

static bool is_first_of_process(const struct tracer *tracer, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (tracer->tasks[i]->pub.process == tracer->tasks[index]->pub.process)
            return false;
    return true;
}

bool terminals_flush(struct tracer *tracer)
{
    bool is_done = true;
    for (int round = 0; tracer->has_terminals && is_done && round < ROUNDS; round++)
        for (size_t i = 0; i < tracer->task_count; i++)
            if (is_first_of_process(tracer, i))
                is_done &= flush_held(tracer->tasks[i]);
    return is_done;
}
