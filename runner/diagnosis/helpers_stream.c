/* Who holds the other end of a pipe or FIFO; of sockets, see helpers_socket.c.
 *
 * Which processes have it open, and for what, is read from /proc/TID/fd and fdinfo; where their descriptor comes from, from the history. How much is in a pipe is asked through a
 * duplicate of the waiting task's own descriptor (pidfd_getfd(2)): opening the /proc entry would make a new end.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "diagnosis/helpers.h"
#include "trace/unwritten.h"

struct holders *search_holders(struct search *search)
{
    if (!search->has_holders)
        holders_read(&search->holders, search->tracer);
    search->has_holders = true;
    return &search->holders;
}

/* Bytes that the helper has meant to send, and that wait in the buffer of its own stream. */
static size_t unwritten_for(const struct holder *holder, enum help help)
{
    struct unwritten_list list;
    if (help != HELP_WRITE_END && help != HELP_PEER)
        return 0;
    unwritten_find(holder->task, &list);
    for (size_t i = 0; i < list.count; i++)
        if (list.items[i].fd == holder->fd)
            return list.items[i].len;
    return 0;
}

void helper_add_holder(const struct search *search, struct wait *wait, const struct holder *holder,
                       enum help help, int through)
{
    int process = holder->task->process->index;
    const struct descriptor *known = history_find(search->history, process, holder->fd);
    bool is_same =
        known && (help == HELP_PEER || help == HELP_LISTENER || object_same(&known->object, &wait->object));
    helper_add(wait, &(struct helper){.help = help,
                                      .process = process,
                                      .fd = holder->fd,
                                      .through = through,
                                      .origin = is_same ? known->origin : NULL,
                                      .unwritten = unwritten_for(holder, help)});
}

/* Everybody who has the object open for `end`. */
static void add_holders(struct search *search, struct wait *wait, unsigned end, int through)
{
    struct holders *holders = search_holders(search);
    for (size_t i = 0; i < holders->count && !wait->is_more; i++)
        if (object_same(&holders->items[i].object, &wait->object) && (holder_ends(&holders->items[i]) & end))
            helper_add_holder(search, wait, &holders->items[i],
                              end == END_WRITE ? HELP_WRITE_END : HELP_READ_END, through);
}

static void measure(const struct search *search, struct wait *wait, int fd)
{
    if (tracer_may_hold_pipes(search->tracer))
        return;
    cleanup_fd int own = task_borrow(wait->task, fd);
    if (own < 0 || ioctl(own, FIONREAD, &wait->amount) != 0)
        return;
    wait->room = fcntl(own, F_GETPIPE_SZ);
    wait->has_amount = wait->room > 0;
}

static bool is_stream(const struct object_id *id)
{
    return id->kind == OBJECT_PIPE || id->kind == OBJECT_FIFO;
}

static void at_end(struct search *search, struct wait *wait, int fd, unsigned wanted)
{
    if (socket_of_fd(wait->task, fd) != 0) {
        socket_wait(search, wait, fd, wanted, -1);
        return;
    }
    if (!is_stream(&wait->object))
        return;
    wait->wait_for = wanted == END_WRITE ? WAIT_FOR_BYTES : WAIT_FOR_ROOM;
    measure(search, wait, fd);
    add_holders(search, wait, wanted, -1);
}

void helpers_of_read(struct search *search, struct wait *wait)
{
    at_end(search, wait, wait->event->call.fd, END_WRITE);
}

void helpers_of_write(struct search *search, struct wait *wait)
{
    bool is_between = wait->event->into.kind != OBJECT_NONE && wait->event->call.fd_count > 1; /* splice */
    if (is_between)
        wait->object = wait->event->into;
    at_end(search, wait, is_between ? wait->event->call.fds[1].fd : wait->event->call.fd, END_READ);
}

/* ---- FIFOs --------------------------------------------------------------------------------------------------------------- */

static bool is_opening_fifo(const struct task *task)
{
    const struct event *now = task->state == TASK_BLOCKED ? task->now : NULL;
    return now && now->call.deed && strcmp(now->call.deed->word, "open") == 0 &&
           now->object.kind == OBJECT_FIFO;
}

static void add_party(struct wait *wait, const struct process *process)
{
    helper_add(
        wait,
        &(struct helper){
            .help = HELP_PARTY, .process = process->index, .fd = -1, .through = -1, .is_probable = true});
}

/* Whoever waits for a partner at another FIFO, or at this one in the same way, may be the partner that is missing here; that is no fact. */
static void add_parties(const struct search *search, struct wait *wait)
{
    for (size_t i = 0; i < tracer_task_count(search->tracer) && !wait->is_more; i++) {
        const struct task *other = tracer_task(search->tracer, i);
        if (is_opening_fifo(other) && other->process != wait->task->process)
            add_party(wait, other->process);
    }
}

void helpers_of_open(struct search *search, struct wait *wait)
{
    bool is_writing = (wait->event->call.value[PARAM_FLAGS] & O_ACCMODE) == O_WRONLY;
    if (wait->object.kind != OBJECT_FIFO)
        return;
    wait->wait_for = is_writing ? WAIT_FOR_READER : WAIT_FOR_WRITER;
    add_parties(search, wait);
    if (wait->helper_count == 0)
        helpers_add_users(search, wait, "open", true);
}

/* ---- several at once ----------------------------------------------------------------------------------------------------- */

/* It was open before the first call that is known: whoever has the other end may be no process of the scene. */
static bool is_from_outside(const struct search *search, const struct wait *wait, int fd)
{
    const struct descriptor *known = history_find(search->history, wait->task->process->index, fd);
    return !known || !known->origin;
}

/* One of the descriptors that poll, select or epoll watches. */
static void add_watched(struct search *search, struct wait *wait, const struct call_fd *watched)
{
    wait->is_open |= is_from_outside(search, wait, watched->fd);
    if (socket_of_fd(wait->task, watched->fd) != 0) {
        socket_wait(search, wait, watched->fd, watched->is_read ? END_WRITE : END_READ, watched->fd);
        return;
    }
    if (!process_object(wait->task->process, watched->fd, &wait->object) || !is_stream(&wait->object)) {
        wait->is_open = true; /* a terminal, a timer, an eventfd */
        return;
    }
    if (watched->is_read)
        add_holders(search, wait, END_WRITE, watched->fd);
    if (watched->is_write)
        add_holders(search, wait, END_READ, watched->fd);
}

/* As a call on the object itself has named it; "" when there was none. Borrowed. */
static const char *name_of(const struct search *search, const struct object_id *object)
{
    for (size_t i = tracer_event_count(search->tracer); i > 0; i--) {
        const struct event *event = tracer_event(search->tracer, i - 1);
        if (event->object.kind != OBJECT_NONE && event->object_name[0] && object_same(&event->object, object))
            return event->object_name;
    }
    return object->kind == OBJECT_PIPE ? "pipe" : "";
}

/* One alone is a wait for that one. */
static void narrow(struct search *search, struct wait *wait, const struct call_fd *watched)
{
    if (process_object(wait->task->process, watched->fd, &wait->object))
        wait->name = name_of(search, &wait->object);
    if (socket_of_fd(wait->task, watched->fd) != 0) {
        socket_wait(search, wait, watched->fd, watched->is_read ? END_WRITE : END_READ, -1);
    } else {
        at_end(search, wait, watched->fd, watched->is_read ? END_WRITE : END_READ);
    }
}

void helpers_of_poll(struct search *search, struct wait *wait)
{
    cleanup_free struct call_fd *watched = calloc(MOST_FDS, sizeof *watched);
    size_t count = watched ? task_watched(wait->task, watched, MOST_FDS) : 0;
    wait->wait_for = count == 0 ? WAIT_FOR_SIGNAL : WAIT_FOR_ANY;
    if (count == 1)
        narrow(search, wait, &watched[0]);
    for (size_t i = 0; count > 1 && i < count; i++) {
        add_watched(search, wait, &watched[i]);
        wait->wait_for = WAIT_FOR_ANY;
    }
}
