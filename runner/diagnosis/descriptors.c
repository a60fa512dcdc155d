/* Tables of descriptors, played from the log; see descriptors.h.
 *
 * A child gets a copy of its parent's table when the call that made it is played; its own events have higher numbers. A child whose maker was killed inside
 * the call is given its copy at its first event. A child that was made with CLONE_FILES has no table of its own, but its parent's, until it executes a program.
 */
#include "diagnosis/descriptors.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct table {
    bool is_known;   /* it has begun: copied from its parent, or empty */
    bool is_parents; /* it is the parent's table that counts, not this one */
    struct descriptor *items;
    size_t count, room;
};

struct history {
    const struct tracer *tracer;
    struct table *tables; /* by process index */
    size_t count;
    size_t next;               /* of the log: play_all has met all before it */
    const struct event **late; /* of these, those that had not ended yet; owned */
    size_t late_count, late_room;
};

struct history *history_new(const struct tracer *tracer)
{
    struct history *history = calloc(1, sizeof *history);
    if (!history)
        abort();
    history->tracer = tracer;
    return history;
}

void history_free(struct history *history)
{
    for (size_t i = 0; history && i < history->count; i++)
        free(history->tables[i].items);
    if (history) {
        free(history->tables);
        free(history->late);
    }
    free(history);
}

/* ---- tables ------------------------------------------------------------------------------------------------------------- */

static struct descriptor *find(struct table *table, int fd)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->items[i].fd == fd)
            return &table->items[i];
    return NULL;
}

static void put(struct table *table, const struct descriptor *descriptor)
{
    struct descriptor *old = find(table, descriptor->fd);
    if (!old && table->count == table->room) {
        table->room = table->room ? 2 * table->room : 16;
        table->items = reallocarray(table->items, table->room, sizeof *table->items);
        if (!table->items)
            abort();
    }
    if (!old)
        old = &table->items[table->count++];
    *old = *descriptor;
}

static void drop(struct table *table, const struct descriptor *descriptor)
{
    table->items[descriptor - table->items] = table->items[--table->count];
}

static void copy(struct table *to, const struct table *from)
{
    to->count = 0;
    for (size_t i = 0; i < from->count; i++)
        put(to, &from->items[i]);
}

static void grow(struct history *history, size_t index)
{
    if (index < history->count)
        return;
    size_t count = 2 * index + 8;
    history->tables = reallocarray(history->tables, count, sizeof *history->tables);
    if (!history->tables)
        abort();
    memset(history->tables + history->count, 0, (count - history->count) * sizeof *history->tables);
    history->count = count;
}

/* Whose table it is: its own, or that of one from which it comes. */
static int owner_of(const struct history *history, int index)
{
    while (index >= 0 && (size_t)index < history->count && history->tables[index].is_parents)
        index = tracer_process(history->tracer, (size_t)index)->parent;
    return index;
}

static struct table *table_of(struct history *history, int process)
{
    int index = owner_of(history, process);
    grow(history, (size_t)index);
    struct table *table = &history->tables[index];
    if (!table->is_known) {
        int parent = tracer_process(history->tracer, (size_t)index)->parent;
        table->is_known = true;
        if (parent >= 0) {
            const struct table *from = table_of(history, parent);
            table = &history->tables[index]; /* it may have moved */
            copy(table, from);
        }
    }
    return table;
}

/* ---- what calls do ------------------------------------------------------------------------------------------------------ */

static bool is_call(const struct call *call, const char *name)
{
    return strcmp(call->row->name, name) == 0;
}

static bool is_deed(const struct call *call, const char *word)
{
    return call->deed && strcmp(call->deed->word, word) == 0;
}

static unsigned ends_of(const struct call *call, int which)
{
    if (is_deed(call, "pipe"))
        return which == 0 ? END_READ : END_WRITE;
    if (!is_deed(call, "open"))
        return END_READ | END_WRITE; /* sockets and what has no ends */
    switch (call->value[PARAM_FLAGS] & O_ACCMODE) {
    case O_RDONLY: return END_READ;
    case O_WRONLY: return END_WRITE;
    default: return END_READ | END_WRITE;
    }
}

static bool makes_cloexec(const struct call *call)
{
    if (is_deed(call, "socketpair") || is_call(call, "socket"))
        return (call->arg[1] & SOCK_CLOEXEC) != 0;
    if (is_call(call, "accept4"))
        return (call->arg[3] & SOCK_CLOEXEC) != 0;
    if (is_call(call, "dup3"))
        return (call->arg[2] & O_CLOEXEC) != 0;
    if (is_call(call, "fcntl"))
        return call->value[PARAM_CMD] == F_DUPFD_CLOEXEC;
    return call_knows(call, PARAM_FLAGS) && (call->value[PARAM_FLAGS] & O_CLOEXEC) != 0;
}

static void play_made(struct table *table, const struct event *event)
{
    const struct call *call = &event->call;
    const struct descriptor *source = is_deed(call, "dup") ? find(table, call->fd) : NULL;
    for (int which = 0; which < 2; which++) {
        if (call->made[which] < 0)
            continue;
        if (source && source->fd == call->made[which])
            return; /* dup2() onto itself */
        struct descriptor made = {.fd = call->made[which],
                                  .object = event->made[which],
                                  .ends = source ? source->ends : ends_of(call, which),
                                  .is_cloexec = makes_cloexec(call),
                                  .origin = event};
        put(table, &made);
    }
}

static void play_close_range(struct table *table, const struct call *call)
{
    int64_t first = call->value[PARAM_START], last = call->value[PARAM_LEN];
    bool only_marks = (call->value[PARAM_FLAGS] & CLOSE_RANGE_CLOEXEC) != 0;
    for (size_t i = table->count; i > 0; i--) {
        struct descriptor *descriptor = &table->items[i - 1];
        if (descriptor->fd < first || descriptor->fd > last)
            continue;
        if (only_marks)
            descriptor->is_cloexec = true;
        else
            drop(table, descriptor);
    }
}

static void play_close(struct table *table, const struct call *call)
{
    const struct descriptor *descriptor = find(table, call->fd);
    if (is_call(call, "close_range"))
        play_close_range(table, call);
    else if (descriptor)
        drop(table, descriptor);
}

static void play_exec(struct table *table)
{
    for (size_t i = table->count; i > 0; i--)
        if (table->items[i - 1].is_cloexec)
            drop(table, &table->items[i - 1]);
}

static void play_mark(struct table *table, const struct call *call)
{
    struct descriptor *descriptor = find(table, call->fd);
    if (descriptor && call->value[PARAM_CMD] == F_SETFD)
        descriptor->is_cloexec = (call->arg[2] & FD_CLOEXEC) != 0;
}

static void play_fork(struct history *history, const struct event *event)
{
    for (size_t i = 0; i < tracer_process_count(history->tracer); i++) {
        const struct process *child = tracer_process(history->tracer, i);
        if (child->parent != event->process || child->inner_pid != event->call.result)
            continue;
        grow(history, i);
        if (is_call(&event->call, "clone") && (event->call.arg[0] & CLONE_FILES))
            history->tables[i].is_known = history->tables[i].is_parents = true;
        table_of(history, child->index); /* it begins now */
    }
}

/* execve(2): "the file descriptor table is unshared". */
static void unshare_table(struct history *history, int process)
{
    grow(history, (size_t)process);
    if (!history->tables[process].is_parents)
        return;
    history->tables[process].is_parents = history->tables[process].is_known = false;
    table_of(history, process);
}

void history_play(struct history *history, const struct event *event)
{
    const struct call *call = &event->call;
    if (!call->row || event->process < 0)
        return;
    struct table *table = table_of(history, event->process);
    bool is_exec =
        is_deed(call, "exec"); /* its exit may not be told apart from the new program's beginning */
    if (call->error != 0 || (!call->is_done && !is_exec))
        return;
    if (is_exec) {
        unshare_table(history, event->process);
        play_exec(table_of(history, event->process));
    } else if (is_deed(call, "close"))
        play_close(table, call);
    else if (is_deed(call, "fork"))
        play_fork(history, event);
    else if (is_call(call, "fcntl") && !is_deed(call, "dup"))
        play_mark(table, call);
    else
        play_made(table, event);
}

static bool may_end_later(const struct event *event)
{
    return event->call.row && !event->call.is_done && !event->is_cut && !is_deed(&event->call, "exec");
}

static void keep_late(struct history *history, const struct event *event)
{
    if (history->late_count == history->late_room) {
        history->late_room = history->late_room ? 2 * history->late_room : 16;
        history->late = reallocarray(history->late, history->late_room, sizeof(void *));
        if (!history->late)
            abort();
    }
    history->late[history->late_count++] = event;
}

/* What had not ended last time is played as soon as it has, before what has begun since. */
static void play_late(struct history *history)
{
    size_t kept = 0;
    for (size_t i = 0; i < history->late_count; i++) {
        if (may_end_later(history->late[i]))
            history->late[kept++] = history->late[i];
        else
            history_play(history, history->late[i]);
    }
    history->late_count = kept;
}

void history_play_all(struct history *history)
{
    play_late(history);
    for (; history->next < tracer_event_count(history->tracer); history->next++) {
        const struct event *event = tracer_event(history->tracer, history->next);
        history_play(history, event);
        if (may_end_later(event))
            keep_late(history, event);
    }
}

/* ---- asking ------------------------------------------------------------------------------------------------------------- */

const struct descriptor *history_table(const struct history *history, int index, size_t *count)
{
    index = owner_of(history, index);
    bool is_known = index >= 0 && (size_t)index < history->count;
    *count = is_known ? history->tables[index].count : 0;
    return is_known ? history->tables[index].items : NULL;
}

const struct descriptor *history_find(const struct history *history, int index, int fd)
{
    size_t count;
    const struct descriptor *items = history_table(history, index, &count);
    for (size_t i = 0; i < count; i++)
        if (items[i].fd == fd)
            return &items[i];
    return NULL;
}
