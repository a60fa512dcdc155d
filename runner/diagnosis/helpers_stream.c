/* Who holds the other end of a pipe, FIFO or socket pair.
 *
 * Which processes have it open, and for what, is read from /proc/TID/fd and fdinfo; where their descriptor comes from, from the history. How much is in a pipe is asked through a
 * duplicate of the waiting task's own descriptor (pidfd_getfd(2)): opening the /proc entry would make a new end.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "diagnosis/helpers.h"

enum { MOST_FDS = 1024 };

/* What the descriptor is open for; 0 when it is not there. */
static unsigned ends_of(const struct task *task, int fd)
{
    char path[64], line[128];
    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", (int)task->tid, fd);
    cleanup_file FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "flags:", 6) == 0)
            switch (strtoul(line + 6, NULL, 8) & O_ACCMODE) {
            case O_RDONLY: return END_READ;
            case O_WRONLY: return END_WRITE;
            default: return END_READ | END_WRITE;
            }
    return 0;
}

static void add_holder(const struct search *search, struct wait *wait, const struct task *task, int fd,
                       enum help help)
{
    const struct descriptor *known = history_find(search->history, task->process->index, fd);
    bool is_same = known && object_same(&known->object, &wait->object);
    helper_add(wait, &(struct helper){.help = help,
                                      .process = task->process->index,
                                      .fd = fd,
                                      .origin = is_same ? known->origin : NULL});
}

/* Everybody who has the object open for `end`. */
static void add_holders(const struct search *search, struct wait *wait, unsigned end)
{
    cleanup_free int *fds = calloc(MOST_FDS, sizeof *fds);
    for (size_t i = 0; fds && i < tracer_process_count(search->tracer); i++) {
        const struct process *process = tracer_process(search->tracer, i);
        const struct task *task = process->is_dead ? NULL : tracer_main_task(search->tracer, process);
        size_t count = task ? process_fds(process, fds, MOST_FDS) : 0;
        struct object_id object;
        for (size_t k = 0; k < count; k++)
            if (process_object(process, fds[k], &object) && object_same(&object, &wait->object) &&
                (ends_of(task, fds[k]) & end))
                add_holder(search, wait, task, fds[k], end == END_WRITE ? HELP_WRITE_END : HELP_READ_END);
    }
}

static void measure(struct wait *wait, int fd)
{
    cleanup_fd int pidfd = (int)syscall(SYS_pidfd_open, wait->task->process->pid, 0);
    cleanup_fd int own = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
    if (own < 0 || ioctl(own, FIONREAD, &wait->amount) != 0)
        return;
    wait->room = fcntl(own, F_GETPIPE_SZ);
    wait->has_amount = wait->room > 0;
}

static bool is_stream(const struct object_id *id)
{
    return id->kind == OBJECT_PIPE || id->kind == OBJECT_FIFO;
}

static void at_end(const struct search *search, struct wait *wait, int fd, unsigned wanted)
{
    if (!is_stream(&wait->object))
        return;
    wait->wait_for = wanted == END_WRITE ? WAIT_FOR_BYTES : WAIT_FOR_ROOM;
    measure(wait, fd);
    add_holders(search, wait, wanted);
}

void helpers_of_read(const struct search *search, struct wait *wait)
{
    at_end(search, wait, wait->event->call.fd, END_WRITE);
}

void helpers_of_write(const struct search *search, struct wait *wait)
{
    bool is_between = wait->event->into.kind != OBJECT_NONE; /* splice: what is written to */
    if (is_between)
        wait->object = wait->event->into;
    at_end(search, wait, is_between ? wait->event->call.fds[1].fd : wait->event->call.fd, END_READ);
}

/* Whoever waits for a partner at another FIFO, or at this one in the same way, may be the partner that is missing here; that is no fact. */
static void add_parties(const struct search *search, struct wait *wait)
{
    for (size_t i = 0; i < tracer_task_count(search->tracer); i++) {
        const struct task *other = tracer_task(search->tracer, i);
        bool is_opening = other->now && other->state == TASK_BLOCKED && other->now->call.deed &&
                          strcmp(other->now->call.deed->word, "open") == 0 &&
                          other->now->object.kind == OBJECT_FIFO;
        if (is_opening && other->process != wait->task->process)
            helper_add(wait, &(struct helper){.help = HELP_PARTY,
                                              .process = other->process->index,
                                              .fd = -1,
                                              .is_probable = true});
    }
}

void helpers_of_open(const struct search *search, struct wait *wait)
{
    bool is_writing = (wait->event->call.value[PARAM_FLAGS] & O_ACCMODE) == O_WRONLY;
    if (wait->object.kind != OBJECT_FIFO)
        return;
    wait->wait_for = is_writing ? WAIT_FOR_READER : WAIT_FOR_WRITER;
    add_parties(search, wait);
}

void helpers_of_poll(const struct search *search, struct wait *wait)
{
    cleanup_free struct call_fd *watched = calloc(MOST_FDS, sizeof *watched);
    size_t count = watched ? task_watched(wait->task, watched, MOST_FDS) : 0;
    if (count == 0) {
        wait->wait_for = WAIT_FOR_SIGNAL;
        return;
    }
    wait->wait_for = WAIT_FOR_ANY;
    for (size_t i = 0; i < count; i++) {
        if (!process_object(wait->task->process, watched[i].fd, &wait->object) || !is_stream(&wait->object))
            continue;
        if (watched[i].is_read)
            add_holders(search, wait, END_WRITE);
        if (watched[i].is_write)
            add_holders(search, wait, END_READ);
        if (count == 1) {
            wait->wait_for = watched[i].is_read ? WAIT_FOR_BYTES : WAIT_FOR_ROOM;
            measure(wait, watched[i].fd);
        }
    }
}
