/* Sentences about waits; see words.h. */
#include "diagnosis/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "trace/source.h"

static void who(const struct teller *teller, const struct process *process, struct bytes *to)
{
    teller->who(teller->context, process, to);
}

static void who_is(const struct teller *teller, int process, struct bytes *to)
{
    who(teller, tracer_process(teller->tracer, (size_t)process), to);
}

/* "read()", as the student wrote it. */
static void function_text(const struct event *event, struct bytes *to)
{
    cleanup_free char *call = call_text(&event->call);
    bytes_print(to, "%.*s()", (int)strcspn(call ? call : "", "("), call ? call : "");
}

/* "pipe() at tr.c:18"; without the line when it is not known. */
static void place_text(const struct teller *teller, const struct event *event, struct bytes *to)
{
    struct source_at at;
    function_text(event, to);
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

static void message_text(const struct wait *wait, struct bytes *to)
{
    int64_t type = wait->event->call.value[PARAM_TYPE];
    if (type > 0)
        bytes_print(to, _("for a message of type %lld in "), (long long)type);
    else if (type < 0)
        bytes_print(to, _("for a message of a type up to %lld in "), -(long long)type);
    else
        bytes_print(to, "%s", _("for any message in "));
    object_text(wait, to);
}

static const struct call_op *operation(const struct wait *wait)
{
    const struct call *call = &wait->event->call;
    for (int i = 0; wait->has_state && i < call->op_count; i++) {
        const struct call_op *op = &call->ops[i];
        int value = op->num < wait->state.value_count ? wait->state.values[op->num] : 0;
        if (op->op == 0 ? value != 0 : value + op->op < 0)
            return op;
    }
    return call->op_count > 0 ? &call->ops[0] : NULL;
}

static void value_text(const struct wait *wait, struct bytes *to)
{
    const struct call_op *op = operation(wait);
    if (op && op->op < 0)
        bytes_print(to, _("until semaphore %u has at least the value %d in "), op->num, -op->op);
    else
        bytes_print(to, _("until semaphore %u is 0 in "), op ? op->num : 0);
    object_text(wait, to);
}

static void child_text(const struct wait *wait, struct bytes *to)
{
    int64_t id = wait->event->call.value[PARAM_ID];
    if (id > 0)
        bytes_print(to, _("for its child %lld to end"), (long long)id);
    else
        bytes_print(to, "%s", _("for a child to end"));
}

static void aim_text(const struct wait *wait, struct bytes *to)
{
    switch (wait->wait_for) {
    case WAIT_FOR_BYTES:
        bytes_print(to, "%s", _("for bytes or the end of file from "));
        object_text(wait, to);
        break;
    case WAIT_FOR_ROOM:
        bytes_print(to, "%s", _("for room in "));
        object_text(wait, to);
        break;
    case WAIT_FOR_READER: bytes_print(to, _("for somebody who opens FIFO %s for reading"), wait->name); break;
    case WAIT_FOR_WRITER: bytes_print(to, _("for somebody who opens FIFO %s for writing"), wait->name); break;
    case WAIT_FOR_MESSAGE: message_text(wait, to); break;
    case WAIT_FOR_QUEUE:
        bytes_print(to, "%s", _("for room in "));
        object_text(wait, to);
        break;
    case WAIT_FOR_VALUE:
    case WAIT_FOR_ZERO: value_text(wait, to); break;
    case WAIT_FOR_CHILD: child_text(wait, to); break;
    case WAIT_FOR_LOCK:
        bytes_print(to, "%s", _("for a lock on "));
        object_text(wait, to);
        break;
    case WAIT_FOR_MUTEX: bytes_print(to, "%s", _("for a mutex")); break;
    case WAIT_FOR_THREAD: bytes_print(to, "%s", _("for a thread of its own to end")); break;
    case WAIT_FOR_SIGNAL: bytes_print(to, "%s", _("for a signal")); break;
    case WAIT_FOR_ANY: bytes_print(to, "%s", _("for one of several descriptors")); break;
    case WAIT_FOR_OTHER: bytes_print(to, "%s", _("for something that nobody here is known to give")); break;
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
    const struct object_state *state = &wait->state;
    size_t shown = 0;
    if (!wait->has_state)
        return;
    if (state->count == 0)
        bytes_print(to, "%s", _(" The queue is empty."));
    else
        bytes_print(to, _(" In the queue: %llu messages"), (unsigned long long)state->count);
    for (size_t i = 0; state->are_messages_known && i < state->message_count && shown < 4; i++)
        if (is_first_of_type(state, i))
            bytes_print(to, _("%s %zu of type %ld"), shown++ ? "," : ":",
                        of_type(state, state->messages[i].type), state->messages[i].type);
    if (state->count > 0)
        bytes_print(to, ".");
}

static void semaphore_text(const struct wait *wait, struct bytes *to)
{
    const struct call_op *op = operation(wait);
    if (!wait->has_state || !op || op->num >= wait->state.value_count)
        return;
    bytes_print(to, _(" Its value is %d"), wait->state.values[op->num]);
    if (wait->state.last_pid[op->num] > 0)
        bytes_print(to, _("; process %d was the last to change it"), (int)wait->state.last_pid[op->num]);
    bytes_print(to, ".");
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

/* Where a descriptor comes from: "pipe() at a.c:3", "inherited over fork(); pipe() at a.c:3". */
static void origin_text(const struct teller *teller, const struct helper *helper, struct bytes *to)
{
    if (!helper->origin)
        return;
    bytes_print(to, " (");
    if (helper->origin->process != helper->process)
        bytes_print(to, "%s", _("inherited over fork(); "));
    place_text(teller, helper->origin, to);
    bytes_print(to, ")");
}

/* What the helper does meanwhile. */
static void doing_text(const struct waits *waits, const struct teller *teller, const struct helper *helper,
                       struct bytes *to)
{
    const struct process *process = tracer_process(teller->tracer, (size_t)helper->process);
    if (process->is_dead)
        bytes_print(to, "%s", _(", which has ended"));
    else if (helper->wait >= 0) {
        bytes_print(to, "%s", _(", which waits itself in "));
        place_text(teller, waits->items[helper->wait].event, to);
    } else if (process->is_agent)
        bytes_print(to, "%s", _(", which does nothing until the case says so"));
}

static void end_text(const struct waits *waits, const struct wait *wait, const struct helper *helper,
                     const struct teller *teller, struct bytes *to)
{
    bool is_own = wait->task->process->index == helper->process, is_write = helper->help == HELP_WRITE_END;
    if (is_own)
        bytes_print(to,
                    is_write ? _("the write end is open in the same process, as descriptor %d")
                             : _("the read end is open in the same process, as descriptor %d"),
                    helper->fd);
    else {
        bytes_print(to, "%s", is_write ? _("the write end is open in ") : _("the read end is open in "));
        who_is(teller, helper->process, to);
        bytes_print(to, _(", as descriptor %d"), helper->fd);
    }
    origin_text(teller, helper, to);
    if (!is_own)
        doing_text(waits, teller, helper, to);
    else if (is_write)
        bytes_print(
            to, "%s",
            _(": IT WAITS FOR ITSELF. The end of file comes only when the last write end is closed, the "
              "process's own one, too"));
    else
        bytes_print(to, "%s", _(": nobody but itself could read what it writes"));
}

static void named_text(const struct waits *waits, const struct helper *helper, const struct teller *teller,
                       const char *before, const char *after, struct bytes *to)
{
    bytes_print(to, "%s", before);
    who_is(teller, helper->process, to);
    bytes_print(to, "%s", after);
    if (helper->origin) {
        bytes_print(to, " (");
        place_text(teller, helper->origin, to);
        bytes_print(to, ")");
    }
    doing_text(waits, teller, helper, to);
}

static void helper_text(const struct waits *waits, const struct wait *wait, const struct helper *helper,
                        const struct teller *teller, struct bytes *to)
{
    bytes_print(to, "\n- ");
    switch (helper->help) {
    case HELP_WRITE_END:
    case HELP_READ_END: end_text(waits, wait, helper, teller, to); break;
    case HELP_TAKEN:
        named_text(waits, helper, teller, "", _(" has taken it and not given it back"), to);
        break;
    case HELP_CHILD: named_text(waits, helper, teller, _("this child lives: "), "", to); break;
    case HELP_OWNER: named_text(waits, helper, teller, "", _(" has it"), to); break;
    case HELP_USER:
        named_text(waits, helper, teller, _("probably from "), _(", which has used it before"), to);
        break;
    case HELP_PARTY: named_text(waits, helper, teller, _("probably "), "", to); break;
    case HELP_THREAD: named_text(waits, helper, teller, _("that thread lives, in "), "", to); break;
    }
}

void wait_text(const struct waits *waits, const struct wait *wait, const struct teller *teller,
               struct bytes *to)
{
    who(teller, wait->task->process, to);
    bytes_print(to, "%s", _(" waits in "));
    place_text(teller, wait->event, to);
    bytes_print(to, " ");
    aim_text(wait, to);
    bytes_print(to, ".");
    standing_text(wait, to);
    for (size_t i = 0; i < wait->helper_count; i++)
        helper_text(waits, wait, &wait->helpers[i], teller, to);
    if (wait->is_more)
        bytes_print(to, "\n- ...");
}

void cycle_text(const struct waits *waits, const struct teller *teller, struct bytes *to)
{
    if (waits->cycle_count < 2)
        return;
    bytes_print(to, "%s", waits->is_cycle_probable ? _("Probably a deadlock: ") : _("Deadlock: "));
    for (size_t i = 0; i < waits->cycle_count; i++) {
        const struct wait *from = &waits->items[waits->cycle[i]],
                          *next = &waits->items[waits->cycle[(i + 1) % waits->cycle_count]];
        bytes_print(to, "%s", i ? ", " : "");
        who(teller, from->task->process, to);
        bytes_print(to, "%s", _(" waits for "));
        who(teller, next->task->process, to);
    }
    bytes_print(to, "%s", _(". None of them can go on."));
}
