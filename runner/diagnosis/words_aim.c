/* What a task waits for, and how that stands now. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "diagnosis/words_parts.h"

static bool is_pair(const struct wait *wait)
{
    return wait->object.kind == OBJECT_PIPE && wait->has_socket;
}

/* Whose port the kernel has chosen, or that was never bound. */
static bool is_nameless(const struct wait *wait)
{
    size_t len = strlen(wait->name);
    return len > 7 && strcmp(wait->name + len - 7, " socket") == 0;
}

static void object_text(const struct wait *wait, struct bytes *to)
{
    const char *after =
        strncmp(wait->name, "port ", 5) == 0 ? wait->name + 5 : wait->name; /* the noun says it */
    cleanup_free char *name = text_printable(after, strlen(after), 64);
    bool is_connection = wait->has_socket && !wait->socket.is_listening &&
                         (wait->object.kind == OBJECT_TCP || wait->object.kind == OBJECT_UNIX);
    if (is_pair(wait) || strcmp(wait->name, "socket pair") == 0)
        bytes_print(to, "%s", _("the socket pair"));
    else if (wait->object.kind == OBJECT_PIPE)
        bytes_print(to, "%s", _("the pipe"));
    else if (is_connection && is_nameless(wait))
        bytes_print(to, "%s", _("the connection"));
    else if (is_connection)
        bytes_print(to, _("the connection to %s %s"), _(object_kind_noun(wait->object.kind)), name);
    else if (wait->has_socket && is_nameless(wait))
        bytes_print(to, "%s", _("its socket"));
    else
        bytes_print(to, "%s %s", _(object_kind_noun(wait->object.kind)), name);
}

/* ---- what is waited for ---------------------------------------------------------------------------------------------------- */

static void message_aim(const struct wait *wait, const char *object, struct bytes *to)
{
    int64_t type = wait->object.kind == OBJECT_QUEUE ? wait->event->call.value[PARAM_TYPE] : 0;
    if (type > 0)
        bytes_print(to, _("for a message of type %lld in %s"), (long long)type, object);
    else if (type < 0)
        bytes_print(to, _("for a message of a type up to %lld in %s"), -(long long)type, object);
    else
        bytes_print(to, _("for any message in %s"), object);
}

static void value_aim(const struct wait *wait, const char *object, struct bytes *to)
{
    const struct call_op *op = wait->hindered;
    if (op && op->op < 0)
        bytes_print(to, _("until semaphore %u of %s has at least the value %d"), op->num, object, -op->op);
    else
        bytes_print(to, _("until semaphore %u of %s is 0"), op ? op->num : 0, object);
}

static void child_aim(const struct wait *wait, struct bytes *to)
{
    int64_t id = wait->event->call.value[PARAM_ID];
    if (id > 0)
        bytes_print(to, _("for its child %lld to end"), (long long)id);
    else
        bytes_print(to, "%s", _("for a child to end"));
}

static void post_aim(const struct wait *wait, const char *name, struct bytes *to)
{
    if (wait->object.kind == OBJECT_SEM)
        bytes_print(to, _("until somebody posts %s"), name);
    else if (wait->variable[0] != '\0')
        bytes_print(to, _("until somebody posts the semaphore %s"), wait->variable);
    else
        bytes_print(to, "%s", _("until somebody posts the unnamed semaphore"));
}

/* Things of the thread library, by the variable's name where it is known. */
static void named_aim(const struct wait *wait, struct bytes *to)
{
    const char *name = wait->variable;
    if (wait->wait_for == WAIT_FOR_MUTEX)
        bytes_print(to, _("for the mutex %s"), name);
    else if (wait->wait_for == WAIT_FOR_RWLOCK)
        bytes_print(to, _("for the read-write lock %s"), name);
    else if (wait->wait_for == WAIT_FOR_CONDITION)
        bytes_print(to, _("until somebody signals the condition variable %s"), name);
    else
        bytes_print(to, _("until enough threads have come to the barrier %s"), name);
}

static void thread_aim(const struct wait *wait, struct bytes *to)
{
    if (wait->variable[0] != '\0')
        named_aim(wait, to);
    else if (wait->wait_for == WAIT_FOR_MUTEX)
        bytes_print(to, "%s", _("for a mutex"));
    else if (wait->wait_for == WAIT_FOR_RWLOCK)
        bytes_print(to, "%s", _("for a read-write lock"));
    else if (wait->wait_for == WAIT_FOR_CONDITION)
        bytes_print(to, "%s", _("until somebody signals a condition variable"));
    else
        bytes_print(to, "%s", _("until enough threads have come to a barrier"));
}

static void bytes_aim(const struct wait *wait, const char *name, struct bytes *to)
{
    if (wait->object.kind == OBJECT_UDP || wait->object.kind == OBJECT_UNIX_DGRAM)
        bytes_print(to, _("for a datagram to %s"), name);
    else
        bytes_print(to, _("for bytes or the end of file from %s"), name);
}

void aim_text(const struct wait *wait, struct bytes *to)
{
    cleanup_bytes struct bytes object = {0};
    object_text(wait, &object);
    const char *name = bytes_text(&object);
    switch (wait->wait_for) {
    case WAIT_FOR_BYTES: bytes_aim(wait, name, to); break;
    case WAIT_FOR_QUEUE:
    case WAIT_FOR_ROOM: bytes_print(to, _("for room in %s"), name); break;
    case WAIT_FOR_READER: bytes_print(to, _("for somebody who opens %s for reading"), name); break;
    case WAIT_FOR_WRITER: bytes_print(to, _("for somebody who opens %s for writing"), name); break;
    case WAIT_FOR_MESSAGE: message_aim(wait, name, to); break;
    case WAIT_FOR_VALUE:
    case WAIT_FOR_ZERO: value_aim(wait, name, to); break;
    case WAIT_FOR_POST: post_aim(wait, name, to); break;
    case WAIT_FOR_CHILD: child_aim(wait, to); break;
    case WAIT_FOR_LOCK: bytes_print(to, _("for a lock on %s"), name); break;
    case WAIT_FOR_MUTEX:
    case WAIT_FOR_RWLOCK:
    case WAIT_FOR_CONDITION:
    case WAIT_FOR_BARRIER: thread_aim(wait, to); break;
    case WAIT_FOR_THREAD: bytes_print(to, "%s", _("for a thread of its own to end")); break;
    case WAIT_FOR_CONNECTION: bytes_print(to, _("for somebody who connects to %s"), name); break;
    case WAIT_FOR_ACCEPT: bytes_print(to, _("for %s to take its connection"), name); break;
    case WAIT_FOR_SIGNAL: bytes_print(to, "%s", _("for a signal")); break;
    case WAIT_FOR_ANY: bytes_print(to, "%s", _("for one of several descriptors")); break;
    case WAIT_FOR_OTHER: bytes_print(to, "%s", _("for something from outside")); break;
    }
}

/* ---- how it stands --------------------------------------------------------------------------------------------------------- */

static void amount_text(const struct wait *wait, struct bytes *to)
{
    if (!wait->has_amount)
        return;
    if (wait->wait_for == WAIT_FOR_ROOM)
        bytes_print(to, _(" It is full: %d bytes lie in it, and it holds %d."), wait->amount, wait->room);
    else if (wait->amount == 0)
        bytes_print(to, "%s", _(" It is empty."));
    else
        bytes_print(to, _(" %d bytes lie in it."), wait->amount);
}

static void socket_text(const struct wait *wait, struct bytes *to)
{
    if (wait->wait_for == WAIT_FOR_BYTES && wait->has_socket && wait->socket.unread == 0)
        bytes_print(to, "%s", _(" Nothing has come."));
    if (wait->wait_for == WAIT_FOR_ROOM && wait->has_peer)
        bytes_print(to, _(" It is full: %llu bytes lie unread at the other end."),
                    (unsigned long long)wait->peer.unread);
    if (wait->wait_for == WAIT_FOR_CONNECTION && wait->has_socket && wait->socket.waiting == 0)
        bytes_print(to, "%s", _(" No connection waits to be accepted."));
    if (wait->wait_for == WAIT_FOR_ACCEPT && wait->has_peer && wait->peer.waiting > 0)
        bytes_print(to,
                    _(" Connections that wait there to be accepted: %llu; the backlog of listen() is %llu."),
                    (unsigned long long)wait->peer.waiting, (unsigned long long)wait->peer.backlog);
}

static size_t of_type(const struct object_state *state, long type)
{
    size_t count = 0;
    for (size_t i = 0; i < state->message_count; i++)
        count += state->messages[i].type == type;
    return count;
}

static bool is_first_of_type(const struct object_state *state, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (state->messages[i].type == state->messages[at].type)
            return false;
    return true;
}

static void messages_text(const struct object_state *state, struct bytes *to)
{
    enum { TYPES_SHOWN = 4 };
    size_t shown = 0;
    bytes_print(to, _(" Messages in the queue: %llu"), (unsigned long long)state->count);
    for (size_t i = 0; state->are_messages_known && i < state->message_count && shown < TYPES_SHOWN; i++)
        if (is_first_of_type(state, i))
            bytes_print(to, _("%s%zu of type %ld"), shown++ ? ", " : " (",
                        of_type(state, state->messages[i].type), state->messages[i].type);
    bytes_print(to, shown ? ")." : ".");
}

static void queue_text(const struct wait *wait, struct bytes *to)
{
    const struct object_state *state = &wait->state;
    if (wait->has_amount) /* POSIX */
        bytes_print(to, _(" Messages in it: %d; it holds %d."), wait->amount, wait->room);
    if (!wait->has_state)
        return;
    if (state->count == 0) {
        bytes_print(to, "%s", _(" The queue is empty."));
        return;
    }
    messages_text(state, to);
    if (wait->wait_for == WAIT_FOR_QUEUE)
        bytes_print(to, _(" They take %llu of its %llu bytes."), (unsigned long long)state->size,
                    (unsigned long long)state->capacity);
    else if (state->are_messages_known) /* else it would not wait */
        bytes_print(to, "%s", _(" None of them is of the type that it asks for."));
}

static void change_text(const struct wait *wait, const struct teller *teller, struct bytes *to)
{
    cleanup_bytes struct bytes name = {0}, place = {0};
    if (!wait->change)
        return;
    who_text(teller, wait->change->process, wait->change->tid, &name);
    place_text(teller, wait->change, &place);
    bytes_print(to, _(" %s was the last to change it, in %s."), bytes_text(&name), bytes_text(&place));
}

static void semaphore_text(const struct wait *wait, const struct teller *teller, struct bytes *to)
{
    const struct call_op *op = wait->hindered;
    if (!wait->has_state || !op || op->num >= wait->state.value_count)
        return;
    bytes_print(to, _(" Its value is %d."), wait->state.values[op->num]);
    if (wait->change)
        change_text(wait, teller, to);
    else if (wait->state.last_pid[op->num] > 1) /* 1: what a case was given is made by its init */
        bytes_print(to, _(" Process %d was the last to change it."), (int)wait->state.last_pid[op->num]);
    else if (wait->state.last_pid[op->num] == 0)
        bytes_print(to, "%s", _(" Nobody has changed it since it was made."));
    int waiting = wait->state.waiting_more[op->num] + wait->state.waiting_zero[op->num];
    if (waiting > 1)
        bytes_print(to, _(" Processes that wait for it: %d."), waiting);
}

static void post_text(const struct wait *wait, const struct teller *teller, struct bytes *to)
{
    if (wait->has_amount)
        bytes_print(to, _(" Its value is %d."), wait->amount);
    change_text(wait, teller, to);
    if (wait->has_amount && wait->room > 1)
        bytes_print(to, _(" Processes or threads that wait for it: %d."), wait->room);
}

static void lock_text(const struct wait *wait, struct bytes *to)
{
    const struct lock_held *lock = &wait->lock;
    if (lock->pid == 0)
        return;
    const char *kind = lock->is_shared ? _("a shared lock") : _("an exclusive lock");
    if (lock->start == 0 && lock->end == LOCK_TO_END)
        bytes_print(to, _(" In its way is %s on the whole file."), kind);
    else if (lock->end == LOCK_TO_END)
        bytes_print(to, _(" In its way is %s from byte %lld to the end."), kind, (long long)lock->start);
    else
        bytes_print(to, _(" In its way is %s on bytes %lld to %lld."), kind, (long long)lock->start,
                    (long long)lock->end);
}

void standing_text(const struct wait *wait, const struct teller *teller, struct bytes *to)
{
    switch (wait->wait_for) {
    case WAIT_FOR_BYTES:
    case WAIT_FOR_ROOM:
        amount_text(wait, to);
        socket_text(wait, to);
        break;
    case WAIT_FOR_CONNECTION:
    case WAIT_FOR_ACCEPT: socket_text(wait, to); break;
    case WAIT_FOR_MESSAGE:
    case WAIT_FOR_QUEUE: queue_text(wait, to); break;
    case WAIT_FOR_VALUE:
    case WAIT_FOR_ZERO: semaphore_text(wait, teller, to); break;
    case WAIT_FOR_POST: post_text(wait, teller, to); break;
    case WAIT_FOR_LOCK: lock_text(wait, to); break;
    case WAIT_FOR_READER:
    case WAIT_FOR_WRITER:
    case WAIT_FOR_CHILD:
    case WAIT_FOR_MUTEX:
    case WAIT_FOR_RWLOCK:
    case WAIT_FOR_CONDITION:
    case WAIT_FOR_BARRIER:
    case WAIT_FOR_THREAD:
    case WAIT_FOR_SIGNAL:
    case WAIT_FOR_ANY:
    case WAIT_FOR_OTHER: break;
    }
}
