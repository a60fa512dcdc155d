/* Would a call wait, if it were made now?
 *
 * Theory of operation. That a call may wait is known from its kind; here the kernel is asked whether it would. An open waits only for the other end of a FIFO. Who reads from what has something,
 * or writes a little into a pipe that has room, does not wait: poll(2) says so of a descriptor that is borrowed for the question (pidfd_getfd(2)), takes nothing, and locks no pipe. What cannot be
 * asked may wait: a signalfd, which answers for whoever asks; who wants all of many bytes or messages; a name that leads us elsewhere.
 *
 * Somebody else may take meanwhile what was there. Then the call waits after all, as the proof will show (proof.c).
 *
 * Sources: fifo(7), pipe(7) on PIPE_BUF; recv(2), MSG_WAITALL; fs/pipe.c, fs/signalfd.c, drivers/tty/n_tty.c.
 */
#include "trace/tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

static struct tracer *tracer_of(const struct task *task)
{
    return ((const struct tracee *)task)->tracer;
}

/* ---- open ----------------------------------------------------------------------------------------------------------------- */

static bool opens(const struct call *call)
{
    return call_is(call, "open") || call_is(call, "openat") || call_is(call, "openat2") ||
           call_is(call, "creat");
}

/* A FIFO, or what we cannot follow. What is not there yet is none, nor is an unnamed pipe, both of whose ends are there. */
static bool may_be_fifo(const struct task *task, const struct event *event)
{
    const struct tracee *tracee = (const struct tracee *)task;
    const struct call *call = &event->call;
    if (event->object.kind != OBJECT_NONE)
        return event->object.kind == OBJECT_FIFO;
    if (strlen(call->path) + 1 == sizeof call->path) /* cut */
        return true;
    cleanup_fd int device = path_open(tracee, call->path, call->dirfd, true);
    return device < 0 && object_is_link(tracee, call);
}

static bool open_waits(const struct task *task, const struct event *event)
{
    int64_t flags = event->call.value[PARAM_FLAGS];
    bool is_new = (flags & O_CREAT) && (flags & O_EXCL);
    return (flags & O_ACCMODE) != O_RDWR && !(flags & O_DIRECTORY) && !is_new && may_be_fifo(task, event);
}

/* ---- what is there ---------------------------------------------------------------------------------------------------------- */

static bool is_word(const struct call *call, const char *word)
{
    return call->deed && strcmp(call->deed->word, word) == 0;
}

/* It is content with what is there. */
static bool takes_any(const struct call *call)
{
    bool is_socket_call = strncmp(call->row->name, "recv", 4) == 0;
    if (is_word(call, "read"))
        return call->fd_count == 0 && !call_is(call, "recvmmsg") &&
               !(is_socket_call && call->value[PARAM_FLAGS] & MSG_WAITALL);
    return is_word(call, "accept") || is_word(call, "mq_receive");
}

static bool gives_little(const struct call *call)
{
    bool is_write = call_is(call, "write") || call_is(call, "writev");
    return is_write && call_knows(call, PARAM_SIZE) && call->value[PARAM_SIZE] <= PIPE_BUF;
}

static bool is_pipe_or_device(int fd)
{
    struct stat info;
    return fstat(fd, &info) == 0 && (S_ISFIFO(info.st_mode) || (S_ISCHR(info.st_mode) && !isatty(fd)));
}

static bool is_signalfd(const struct task *task, int fd)
{
    char path[64], target[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)task->tid, fd);
    ssize_t len = readlink(path, target, sizeof target - 1);
    target[len > 0 ? len : 0] = '\0';
    return len < 0 || strcmp(target, "anon_inode:[signalfd]") == 0;
}

/* Who may not be asked, or has the descriptor no more, may wait; what fails for want of room is no answer. */
static bool was_asked(const struct task *task, bool is_answered)
{
    if (!is_answered && err_is_of_machine(errno))
        tracer_set_trouble(tracer_of(task), "look whether task %d would wait: %m", (int)task->tid);
    return is_answered;
}

/* While somebody may hold a pipe, our copy of an end must not become the last. */
static bool finds_it(const struct task *task, const struct call *call)
{
    short in = takes_any(call) ? POLLIN : 0, out = gives_little(call) ? POLLOUT : 0;
    if ((!in && !out) || tracer_may_hold_pipes(tracer_of(task)) || is_signalfd(task, call->fd))
        return false;
    cleanup_fd int own = task_borrow(task, call->fd);
    struct pollfd look = {.fd = own, .events = (short)(in | out)};
    if (!was_asked(task, own >= 0) || (!in && !is_pipe_or_device(own)))
        return false;
    int ready = poll(&look, 1, 0);
    return was_asked(task, ready >= 0) && ready == 1;
}

static bool is_non_blocking(const struct task *task, int fd)
{
    return procfs_open_flags(tracer_of(task), task->tid, fd) & O_NONBLOCK;
}

bool task_would_wait(const struct task *task, const struct event *event)
{
    const struct call *call = &event->call;
    if (!(call->row->traits & CALL_WAITS) || call->wait == WAIT_NONE)
        return false;
    if (opens(call))
        return open_waits(task, event);
    return call->fd < 0 || (!is_non_blocking(task, call->fd) && !finds_it(task, call));
}

/* ---- what has come since ------------------------------------------------------------------------------------------------------ */

static bool waits_for_word(const struct call *call)
{
    int operation = (int)call->arg[1] & FUTEX_CMD_MASK;
    return strcmp(call->row->name, "futex") == 0 &&
           (operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET);
}

bool task_wait_is_over(const struct task *task)
{
    void *tracee = (void *)(uintptr_t)task; // NOLINT: looking changes nothing
    const struct call *call = task->now ? &task->now->call : NULL;
    uint32_t word; /* of a sem_t it is the value */
    if (!call || task->state != TASK_HELD || task->is_held_after)
        return false;
    bool is_futex = waits_for_word(call), is_sem = is_word(call, "sem_wait");
    if (!is_futex && !is_sem)
        return call->fd >= 0 && finds_it(task, call);
    if (!memory_read(tracee, call->arg[0], &word, sizeof word))
        return false;
    return is_futex ? word != (uint32_t)call->arg[2] : word > 0;
}
