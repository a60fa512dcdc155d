/* The standard streams of the actors; see streams.h.
 *
 * Nothing here needs a delay. A read from the master side of a terminal first flushes what the slave side has written (n_tty_read() calls
 * tty_buffer_flush_work()), so that reading until EAGAIN after the writer's call has ended gets all of it. In the other direction poll() on our own descriptor of the slave side
 * does the same for what was sent; without it a reader could still look blocked for a moment after its line was sent.
 */
#include "judge/streams.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "judge/match.h"

enum { CHUNK = 65536, VEOF_BYTE = 4, MOST_ENDS_A_TURN = 1000 };

static bool is_terminal(const struct actor *actor)
{
    return actor->has_terminal_input;
}

static bool has_input_left(const struct actor *actor)
{
    return actor->spawned.to_stdin >= 0 && actor->input_done < actor->input.len;
}

size_t streams_poll(struct stage *stage, struct pollfd *polls, size_t room)
{
    size_t count = 0;
    for (size_t i = 0; i < stage->actor_count && count + 4 <= room; i++) {
        const struct actor *actor = &stage->actors[i];
        if (actor->out.fd >= 0)
            polls[count++] = (struct pollfd){.fd = actor->out.fd, .events = POLLIN};
        if (actor->err.fd >= 0)
            polls[count++] = (struct pollfd){.fd = actor->err.fd, .events = POLLIN};
        if (has_input_left(actor))
            polls[count++] = (struct pollfd){.fd = actor->spawned.to_stdin, .events = POLLOUT};
        if (actor->report_fd >= 0)
            polls[count++] = (struct pollfd){.fd = actor->report_fd, .events = POLLIN};
    }
    return count;
}

static void close_outlet(struct actor *actor, struct outlet *outlet)
{
    if (outlet->fd >= 0 && outlet->fd != actor->spawned.to_stdin)
        close(outlet->fd);
    outlet->fd = -1;
}

/* Read until nothing is there. A flood ends the case at the limit. */
static bool drain(struct stage *stage, struct actor *actor, struct outlet *outlet)
{
    char chunk[CHUNK];
    size_t most = (size_t)stage->limits.output_kib * 1024;
    bool any = false;
    while (outlet->fd >= 0) {
        ssize_t got = read(outlet->fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            break;
        if (got <= 0) { /* end of file; EIO on a terminal without a slave side */
            close_outlet(actor, outlet);
            break;
        }
        any = true;
        if (!bytes_add(&outlet->seen, chunk, (size_t)got, most)) {
            stage->limit = "output";
            break;
        }
    }
    return any;
}

static void barrier(const struct actor *actor)
{
    if (is_terminal(actor))
        poll(&(struct pollfd){.fd = actor->spawned.terminal, .events = POLLIN}, 1, 0);
}

static void end_input(struct actor *actor)
{
    if (is_terminal(actor) || actor->spawned.to_stdin < 0)
        return; /* a terminal's end is given again and again: streams_end_again() */
    close(actor->spawned.to_stdin);
    actor->spawned.to_stdin = -1;
}

static bool feed(struct actor *actor)
{
    bool any = false;
    while (has_input_left(actor)) {
        ssize_t put = write(actor->spawned.to_stdin, actor->input.data + actor->input_done,
                            actor->input.len - actor->input_done);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0 && errno == EAGAIN)
            break;
        if (put < 0) { /* nobody reads any more: EPIPE, EIO */
            actor->input_done = actor->input.len;
            break;
        }
        actor->input_done += (size_t)put;
        any = true;
    }
    if (any)
        barrier(actor);
    if (actor->input_ends && !has_input_left(actor))
        end_input(actor);
    return any;
}

bool streams_move(struct stage *stage)
{
    bool any = false;
    for (size_t i = 0; i < stage->actor_count; i++) {
        struct actor *actor = &stage->actors[i];
        any |= drain(stage, actor, &actor->out);
        any |= drain(stage, actor, &actor->err);
        any |= feed(actor);
    }
    return any;
}

/* Does the task wait for input from that terminal? */
static bool waits_for_input(const struct actor *actor, const struct task *task)
{
    struct object_id wanted = {.device = actor->spawned.stdin_id[0], .number = actor->spawned.stdin_id[1]};
    struct object_id id;
    if (task->state != TASK_BLOCKED || !task->now)
        return false;
    const struct call *call = &task->now->call;
    if (call->deed && strcmp(call->deed->word, "read") == 0)
        return object_same(&task->now->object, &wanted);
    struct call_fd watched[CALL_FDS];
    size_t count = task_watched(task, watched, CALL_FDS);
    for (size_t i = 0; i < count; i++)
        if (watched[i].is_read && process_object(task->process, watched[i].fd, &id) &&
            object_same(&id, &wanted))
            return true;
    return false;
}

bool streams_end_again(struct stage *stage)
{
    bool any = false;
    for (size_t i = 0; i < stage->actor_count; i++) {
        struct actor *actor = &stage->actors[i];
        if (!is_terminal(actor) || !actor->input_ends || has_input_left(actor) ||
            actor->ends_given >= MOST_ENDS_A_TURN)
            continue;
        for (size_t t = 0; t < tracer_task_count(stage->tracer); t++) {
            if (!waits_for_input(actor, tracer_task(stage->tracer, t)))
                continue;
            if (write(actor->spawned.to_stdin, &(char){VEOF_BYTE}, 1) == 1) {
                barrier(actor);
                actor->ends_given++;
                any = true;
            }
            break;
        }
    }
    return any;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void streams_close(struct actor *actor)
{
    if (actor->out.fd == actor->spawned.to_stdin)
        actor->out.fd = -1;
    close_fd(&actor->out.fd);
    close_fd(&actor->err.fd);
    close_fd(&actor->spawned.to_stdin);
    close_fd(&actor->spawned.terminal);
    close_fd(&actor->report_fd);
    bytes_free(&actor->out.seen);
    bytes_free(&actor->err.seen);
    bytes_free(&actor->input);
}
