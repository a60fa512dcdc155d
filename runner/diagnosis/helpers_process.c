/* Who could end a wait for a child, a lock, a signal.
 *
 * The lock that is in the way is read from the kernel's table (lock_table.h). A record lock belongs to the process that the table names; one of flock(2) or F_OFD_SETLK belongs to an
 * open file description, and everybody who has that open holds it: fdinfo tells.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "diagnosis/helpers.h"
#include "diagnosis/lock_table.h"

static bool is_call(const struct call *call, const char *name)
{
    return strcmp(call->row->name, name) == 0;
}

/* Does the call wait for this child? wait4: -1 any, 0 and below -1 a group (taken for any); waitid likewise. */
static bool is_waited_for(const struct call *call, const struct process *child)
{
    int64_t id = call->value[PARAM_ID];
    if (is_call(call, "waitid"))
        return call->value[PARAM_TYPE] != P_PID || id == child->inner_pid;
    return id <= 0 || id == child->inner_pid;
}

void helpers_of_wait(struct search *search, struct wait *wait)
{
    wait->wait_for = WAIT_FOR_CHILD;
    for (size_t i = 0; i < tracer_process_count(search->tracer) && !wait->is_more; i++) {
        const struct process *child = tracer_process(search->tracer, i);
        if (child->is_dead || child->parent != wait->task->process->index ||
            !is_waited_for(&wait->event->call, child))
            continue;
        helper_add(wait,
                   &(struct helper){.help = HELP_CHILD, .process = child->index, .fd = -1, .through = -1});
    }
}

void helpers_of_pause(struct search *search, struct wait *wait)
{
    (void)search;
    wait->wait_for = WAIT_FOR_SIGNAL;
}

/* ---- locks --------------------------------------------------------------------------------------------------------------- */

static const struct event *last_lock(const struct search *search, const struct process *owner,
                                     const struct object_id *object)
{
    for (size_t i = tracer_event_count(search->tracer); i > 0; i--) {
        const struct event *event = tracer_event(search->tracer, i - 1);
        bool is_lock =
            event->call.row && event->call.deed &&
            (strcmp(event->call.deed->word, "lock") == 0 || strcmp(event->call.deed->word, "flock") == 0);
        if (is_lock && event->process == owner->index && event->call.is_done && event->call.error == 0 &&
            object_same(&event->object, object))
            return event;
    }
    return NULL;
}

static const struct process *process_of_pid(const struct search *search, pid_t pid)
{
    for (size_t i = 0; i < tracer_process_count(search->tracer); i++)
        if (!tracer_process(search->tracer, i)->is_dead && tracer_process(search->tracer, i)->pid == pid)
            return tracer_process(search->tracer, i);
    return NULL;
}

/* A small file of /proc. */
static bool reads_file(const char *path, struct bytes *to)
{
    enum { MOST_TEXT = 1 << 16 };
    char piece[1024];
    size_t got;
    cleanup_file FILE *file = fopen(path, "re");
    while (file && (got = fread(piece, 1, sizeof piece, file)) > 0)
        if (!bytes_add(to, piece, got, MOST_TEXT))
            return false;
    return file && to->len > 0;
}

static void add_owner(const struct search *search, struct wait *wait, const struct process *owner, int fd)
{
    helper_add(wait, &(struct helper){.help = HELP_OWNER,
                                      .process = owner->index,
                                      .fd = fd,
                                      .through = -1,
                                      .origin = last_lock(search, owner, &wait->object)});
}

static bool has_lock(const struct wait *wait, const struct holder *holder)
{
    char path[64];
    cleanup_bytes struct bytes text = {0};
    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", (int)holder->task->tid, holder->fd);
    return reads_file(path, &text) && lock_is_of(&wait->lock, bytes_text(&text));
}

/* Everybody who has the open file description that the lock belongs to. */
static void add_descriptions(struct search *search, struct wait *wait)
{
    const struct holders *holders = search_holders(search);
    for (size_t i = 0; i < holders->count && !wait->is_more; i++)
        if (object_same(&holders->items[i].object, &wait->object) && has_lock(wait, &holders->items[i]))
            add_owner(search, wait, holders->items[i].task->process, holders->items[i].fd);
}

void helpers_of_lock(struct search *search, struct wait *wait)
{
    wait->wait_for = WAIT_FOR_LOCK;
    if (!lock_in_way(wait->task->process->pid, wait->object.number, &wait->lock))
        return;
    const struct process *owner = process_of_pid(search, wait->lock.pid);
    if (wait->lock.is_posix && owner)
        add_owner(search, wait, owner, -1);
    if (!wait->lock.is_posix)
        add_descriptions(search, wait);
}
