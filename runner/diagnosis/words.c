/* Sentences about waits; see words.h. Each sentence is one format, so that another language can put its parts in another order. */
#include "diagnosis/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "trace/source.h"

/* ---- names and places ------------------------------------------------------------------------------------------------------ */

static void who(const struct teller *teller, int process, struct bytes *to)
{
    teller->who(teller->context, tracer_process(teller->tracer, (size_t)process), to);
}

/* "pipe() at tr.c:18", the function as the student wrote it; without the line when it is not known. */
static void place_text(const struct teller *teller, const struct event *event, struct bytes *to)
{
    cleanup_free char *call = call_text(&event->call);
    struct source_at at;
    bytes_print(to, "%.*s()", (int)strcspn(call ? call : "", "("), call ? call : "");
    if (event->stack && source_find(teller->tracer, event, teller->source_root, &at))
        bytes_print(to, _(" at %s:%d"), at.file, at.line);
}

static void object_text(const struct wait *wait, struct bytes *to)
{
    cleanup_free char *name = text_printable(wait->name, strlen(wait->name), 64);
    if (wait->object.kind == OBJECT_PIPE)
        bytes_print(to, "%s", strcmp(wait->name, "socket pair") == 0 ? _("the socket pair") : _("the pipe"));
    else
        bytes_print(to, "%s %s", _(object_kind_noun(wait->object.kind)), name);
}

/* ---- what is waited for ---------------------------------------------------------------------------------------------------- */

static void message_aim(const struct wait *wait, const char *object, struct bytes *to)
{
    int64_t type = wait->event->call.value[PARAM_TYPE];
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

static void aim_text(const struct wait *wait, struct bytes *to)
{
    cleanup_bytes struct bytes object = {0};
    object_text(wait, &object);
    const char *name = bytes_text(&object);
    switch (wait->wait_for) {
    case WAIT_FOR_BYTES: bytes_print(to, _("for bytes or the end of file from %s"), name); break;
    case WAIT_FOR_QUEUE:
    case WAIT_FOR_ROOM: bytes_print(to, _("for room in %s"), name); break;
    case WAIT_FOR_READER: bytes_print(to, _("for somebody who opens %s for reading"), name); break;
    case WAIT_FOR_WRITER: bytes_print(to, _("for somebody who opens %s for writing"), name); break;
    case WAIT_FOR_MESSAGE: message_aim(wait, name, to); break;
    case WAIT_FOR_VALUE:
    case WAIT_FOR_ZERO: value_aim(wait, name, to); break;
    case WAIT_FOR_POST:
        if (wait->object.kind == OBJECT_SEM)
            bytes_print(to, _("until somebody posts %s"), name);
        else
            bytes_print(to, "%s", _("until somebody posts the unnamed semaphore"));
        break;
    case WAIT_FOR_CHILD: child_aim(wait, to); break;
    case WAIT_FOR_LOCK: bytes_print(to, _("for a lock on %s"), name); break;
    case WAIT_FOR_MUTEX: bytes_print(to, "%s", _("for a mutex")); break;
    case WAIT_FOR_THREAD: bytes_print(to, "%s", _("for a thread of its own to end")); break;
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

static void queue_text(const struct wait *wait, struct bytes *to)
{
    enum { TYPES_SHOWN = 4 };
    const struct object_state *state = &wait->state;
    size_t shown = 0;
    if (!wait->has_state)
        return;
    if (state->count == 0) {
        bytes_print(to, "%s", _(" The queue is empty."));
        return;
    }
    bytes_print(to, _(" Messages in the queue: %llu"), (unsigned long long)state->count);
    for (size_t i = 0; state->are_messages_known && i < state->message_count && shown < TYPES_SHOWN; i++)
        if (is_first_of_type(state, i))
            bytes_print(to, _("%s%zu of type %ld"), shown++ ? ", " : " (",
                        of_type(state, state->messages[i].type), state->messages[i].type);
    bytes_print(to, shown ? ")." : ".");
}

static void semaphore_text(const struct wait *wait, struct bytes *to)
{
    const struct call_op *op = wait->hindered;
    if (!wait->has_state || !op || op->num >= wait->state.value_count)
        return;
    bytes_print(to, _(" Its value is %d."), wait->state.values[op->num]);
    if (wait->state.last_pid[op->num] > 0)
        bytes_print(to, _(" Process %d was the last to change it."), (int)wait->state.last_pid[op->num]);
}

static void standing_text(const struct wait *wait, struct bytes *to)
{
    amount_text(wait, to);
    if (wait->wait_for == WAIT_FOR_MESSAGE || wait->wait_for == WAIT_FOR_QUEUE)
        queue_text(wait, to);
    if (wait->wait_for == WAIT_FOR_VALUE || wait->wait_for == WAIT_FOR_ZERO)
        semaphore_text(wait, to);
}

/* ---- who could end it ------------------------------------------------------------------------------------------------------ */

/* Where a descriptor comes from, or where it took: " (pipe() at a.c:3)", " (inherited over fork(); pipe() at a.c:3)". */
static void origin_text(const struct teller *teller, const struct helper *helper, struct bytes *to)
{
    cleanup_bytes struct bytes place = {0};
    if (!helper->origin)
        return;
    place_text(teller, helper->origin, &place);
    if (helper->origin->process != helper->process)
        bytes_print(to, _(" (inherited over fork(); %s)"), bytes_text(&place));
    else
        bytes_print(to, " (%s)", bytes_text(&place));
}

/* What the helper does meanwhile. */
static void doing_text(const struct waits *waits, const struct teller *teller, const struct helper *helper,
                       struct bytes *to)
{
    const struct process *process = tracer_process(teller->tracer, (size_t)helper->process);
    cleanup_bytes struct bytes place = {0};
    if (process->is_dead)
        bytes_print(to, "%s", _(", which has ended"));
    else if (helper->wait >= 0) {
        place_text(teller, waits->items[helper->wait].event, &place);
        bytes_print(to, _(", which waits itself in %s"), bytes_text(&place));
    } else if (process->is_agent)
        bytes_print(to, "%s", _(", which does nothing until the case says so"));
}

static void own_end_text(const struct helper *helper, const char *origin, struct bytes *to)
{
    if (helper->help == HELP_WRITE_END)
        bytes_print(to,
                    _("the write end is open in the same process, as descriptor %d%s: IT WAITS FOR ITSELF. "
                      "The end of "
                      "file comes only when the last write end is closed, the process's own one, too"),
                    helper->fd, origin);
    else
        bytes_print(to,
                    _("the read end is open in the same process, as descriptor %d%s: nobody but itself could "
                      "read what "
                      "it writes"),
                    helper->fd, origin);
}

static void helper_text(const struct waits *waits, const struct wait *wait, const struct helper *helper,
                        const struct teller *teller, struct bytes *to)
{
    cleanup_bytes struct bytes name = {0}, origin = {0}, doing = {0};
    bool is_own = wait->task->process->index == helper->process;
    who(teller, helper->process, &name);
    origin_text(teller, helper, &origin);
    doing_text(waits, teller, helper, &doing);
    const char *n = bytes_text(&name), *o = bytes_text(&origin), *d = bytes_text(&doing);
    bytes_print(to, "\n- ");
    switch (helper->help) {
    case HELP_WRITE_END:
    case HELP_READ_END:
        if (is_own)
            own_end_text(helper, o, to);
        else if (helper->help == HELP_WRITE_END)
            bytes_print(to, _("the write end is open in %s, as descriptor %d%s%s"), n, helper->fd, o, d);
        else
            bytes_print(to, _("the read end is open in %s, as descriptor %d%s%s"), n, helper->fd, o, d);
        break;
    case HELP_TAKEN: bytes_print(to, _("%s has taken it and not given it back%s%s"), n, o, d); break;
    case HELP_CHILD: bytes_print(to, _("this child lives: %s%s"), n, d); break;
    case HELP_OWNER: bytes_print(to, _("%s has it%s%s"), n, o, d); break;
    case HELP_USER: bytes_print(to, _("probably %s could: it has used the same object%s%s"), n, o, d); break;
    case HELP_PARTY: bytes_print(to, _("probably %s should%s"), n, d); break;
    case HELP_THREAD: bytes_print(to, _("that thread of %s lives%s"), n, d); break;
    }
}

void wait_text(const struct waits *waits, const struct wait *wait, const struct teller *teller,
               struct bytes *to)
{
    cleanup_bytes struct bytes name = {0}, place = {0}, aim = {0}, standing = {0};
    who(teller, wait->task->process->index, &name);
    place_text(teller, wait->event, &place);
    aim_text(wait, &aim);
    standing_text(wait, &standing);
    bytes_print(to, _("%s waits in %s %s.%s"), bytes_text(&name), bytes_text(&place), bytes_text(&aim),
                bytes_text(&standing));
    for (size_t i = 0; i < wait->helper_count; i++)
        helper_text(waits, wait, &wait->helpers[i], teller, to);
    if (wait->is_more)
        bytes_print(to, "\n- ...");
}

/* ---- the deadlock ---------------------------------------------------------------------------------------------------------- */

void cycle_text(const struct waits *waits, const struct teller *teller, struct bytes *to)
{
    cleanup_bytes struct bytes links = {0};
    if (waits->cycle_count < 2)
        return;
    for (size_t i = 0; i < waits->cycle_count; i++) {
        cleanup_bytes struct bytes from = {0}, next = {0};
        size_t after = waits->cycle[(i + 1) % waits->cycle_count];
        who(teller, waits->items[waits->cycle[i]].task->process->index, &from);
        who(teller, waits->items[after].task->process->index, &next);
        bytes_print(&links, "%s", i ? ", " : "");
        bytes_print(&links, _("%s waits for %s"), bytes_text(&from), bytes_text(&next));
    }
    if (waits->is_cycle_probable)
        bytes_print(to, _("Probably a deadlock: %s. None of them can go on."), bytes_text(&links));
    else
        bytes_print(to, _("Deadlock: %s. None of them can go on."), bytes_text(&links));
}
