/* Questions about processes: their children, their descriptors. */
#include "trace/tracer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/cleanup.h"

/* Whoever has made it is its parent as long as he lives; only then is the kernel asked. Of the dead it is asked no more once they have gone: where thousands follow each other, each end
 * would else ask for all that were before. */
static bool is_child(struct member *child, const struct process *process, char *state)
{
    pid_t ppid = 0;
    int maker = child->pub.parent;
    if (child->is_gone || maker < 0 || child->pub.pid == process->pid ||
        (maker != process->index && !child->tracer->members[maker]->pub.is_dead))
        return false;
    *state = procfs_state(child->tracer, child->pub.pid, &ppid);
    child->is_gone = child->pub.is_dead && *state == '\0' && (errno == ENOENT || errno == ESRCH);
    return *state != '\0' && ppid == process->pid;
}

int process_zombies(const struct tracer *tracer, const struct process *process)
{
    int count = 0;
    char state = '\0';
    for (size_t i = 0; !process->is_dead && i < tracer->member_count; i++)
        if (tracer->members[i]->pub.is_dead && is_child(tracer->members[i], process, &state) && state == 'Z')
            count++;
    return count;
}

int process_children(const struct tracer *tracer, const struct process *process)
{
    int count = 0;
    char state = '\0';
    for (size_t i = 0; !process->is_dead && i < tracer->member_count; i++)
        if (!tracer->members[i]->pub.is_dead && is_child(tracer->members[i], process, &state))
            count++;
    return count;
}

/* A living one: a leader that has gone has no descriptors any more. */
static struct task *any_task(const struct process *process)
{
    return tracer_main_task(((const struct member *)process)->tracer, process);
}

static struct tracer *tracer_of(const struct task *task)
{
    return ((const struct tracee *)task)->tracer;
}

static int by_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

size_t process_fds(const struct process *process, int *fds, size_t room)
{
    size_t count = 0;
    const struct task *task = any_task(process);
    if (!task)
        return 0;
    struct tracer *tracer = tracer_of(task);
    cleanup_dir DIR *directory = procfs_descriptors(tracer, task->tid);
    for (int fd;
         directory && count < room && (fd = procfs_next_descriptor(tracer, task->tid, directory)) >= 0;)
        fds[count++] = fd;
    qsort(fds, count, sizeof *fds, by_number);
    return count;
}

bool process_object(const struct process *process, int fd, struct object_id *id)
{
    struct task *task = any_task(process);
    *id = (struct object_id){0};
    if (task)
        object_of_fd((struct tracee *)task, fd, id);
    return id->kind != OBJECT_NONE;
}

bool task_would_wait(const struct task *task, const struct event *event)
{
    if (!(event->call.row->traits & CALL_WAITS) || event->call.wait == WAIT_NONE)
        return false;
    if (event->call.fd < 0)
        return true;
    return !(procfs_open_flags(tracer_of(task), task->tid, event->call.fd) & O_NONBLOCK);
}

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
    bool is_futex = waits_for_word(call), is_sem = call->deed && strcmp(call->deed->word, "sem_wait") == 0;
    if ((!is_futex && !is_sem) || !memory_read(tracee, call->arg[0], &word, sizeof word))
        return false;
    return is_futex ? word != (uint32_t)call->arg[2] : word > 0;
}

static size_t watched_by_epoll(const struct task *task, int epoll, struct call_fd *watched, size_t room)
{
    char name[64], line[256];
    size_t count = 0;
    unsigned events;
    int fd;
    snprintf(name, sizeof name, "fdinfo/%d", epoll);
    cleanup_file FILE *file = procfs_open(tracer_of(task), task->tid, name);
    while (count < room && procfs_next_line(tracer_of(task), file, line, sizeof line))
        // NOLINTNEXTLINE(cert-err34-c): the kernel wrote it
        if (sscanf(line, "tfd: %d events: %x", &fd, &events) == 2)
            watched[count++] = (struct call_fd){
                .fd = fd, .is_read = events & (EPOLLIN | EPOLLPRI), .is_write = (events & EPOLLOUT) != 0};
    return count;
}

size_t task_watched(const struct task *task, struct call_fd *watched, size_t room)
{
    const struct call *call = &task->now->call;
    if (strncmp(call->row->name, "epoll_", strlen("epoll_")) == 0)
        return watched_by_epoll(task, call->fd, watched, room);
    size_t count = (size_t)call->fd_count < room ? (size_t)call->fd_count : room;
    memcpy(watched, call->fds, count * sizeof *watched);
    return count;
}
