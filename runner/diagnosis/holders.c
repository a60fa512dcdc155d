/* Reading who has what open; see holders.h. */
#include "diagnosis/holders.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "diagnosis/descriptors.h"

enum { MOST_FDS = 1024 };

uint64_t socket_of_fd(const struct task *task, int fd)
{
    static const char start[] = "socket:[";
    char path[64], target[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)task->tid, fd);
    ssize_t len = fd < 0 ? -1 : readlink(path, target, sizeof target - 1);
    target[len > 0 ? len : 0] = '\0';
    return strncmp(target, start, sizeof start - 1) == 0 ? strtoull(target + sizeof start - 1, NULL, 10) : 0;
}

static unsigned read_ends(const struct task *task, int fd)
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

unsigned holder_ends(struct holder *holder)
{
    if (!holder->has_ends)
        holder->ends = read_ends(holder->task, holder->fd);
    holder->has_ends = true;
    return holder->ends;
}

static void add(struct holders *holders, const struct holder *holder)
{
    if (holders->count == holders->room) {
        holders->room = holders->room ? 2 * holders->room : 64;
        holders->items = reallocarray(holders->items, holders->room, sizeof *holders->items);
        if (!holders->items)
            abort();
    }
    holders->items[holders->count++] = *holder;
}

static void read_process(struct holders *holders, struct tracer *tracer, const struct process *process,
                         int *fds)
{
    struct holder holder = {.task = tracer_main_task(tracer, process)};
    size_t count = holder.task ? process_fds(process, fds, MOST_FDS) : 0;
    for (size_t i = 0; i < count; i++) {
        holder.fd = fds[i];
        if (!process_object(process, fds[i], &holder.object))
            continue;
        holder.socket = socket_of_fd(holder.task, fds[i]);
        add(holders, &holder);
    }
}

void holders_read(struct holders *holders, struct tracer *tracer)
{
    cleanup_free int *fds = calloc(MOST_FDS, sizeof *fds);
    *holders = (struct holders){0};
    if (!fds)
        abort();
    for (size_t i = 0; i < tracer_process_count(tracer); i++)
        if (!tracer_process(tracer, i)->is_dead)
            read_process(holders, tracer, tracer_process(tracer, i), fds);
}

void holders_free(struct holders *holders)
{
    free(holders->items);
    *holders = (struct holders){0};
}
