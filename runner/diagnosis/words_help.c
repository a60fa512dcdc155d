/* Who could end a wait, how he came by that power, and what he does meanwhile. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "diagnosis/words_parts.h"

/* ---- the parts of a line --------------------------------------------------------------------------------------------------- */

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

static const struct task *task_of(const struct teller *teller, const struct helper *helper)
{
    for (size_t i = 0; i < tracer_task_count(teller->tracer); i++) {
        const struct task *task = tracer_task(teller->tracer, i);
        if (task->process->index == helper->process && (helper->tid == 0 || task->tid == helper->tid))
            return task;
    }
    return NULL;
}

static void state_text(const struct teller *teller, const struct task *task, struct bytes *to)
{
    cleanup_bytes struct bytes place = {0};
    if (task->now)
        place_text(teller, task->now, &place);
    switch (task->state) {
    case TASK_STOPPED: bytes_print(to, "%s", _(", which is stopped by a signal")); break;
    case TASK_SLEEPING: bytes_print(to, _(", which sleeps in %s"), bytes_text(&place)); break;
    case TASK_IDLING: bytes_print(to, "%s", _(", which asks again and again whether it can go on")); break;
    case TASK_RUNNING:
    case TASK_BLOCKED:
    case TASK_HELD:
    case TASK_DEAD: break;
    }
}

/* What the helper does meanwhile. */
static void doing_text(const struct waits *waits, const struct teller *teller, const struct helper *helper,
                       struct bytes *to)
{
    const struct process *process = tracer_process(teller->tracer, (size_t)helper->process);
    const struct task *task = task_of(teller, helper);
    cleanup_bytes struct bytes place = {0};
    if (process->is_dead || !task)
        bytes_print(to, "%s", _(", which has ended"));
    else if (helper->wait >= 0) {
        wait_place_text(teller, &waits->items[helper->wait], &place);
        bytes_print(to, _(", which waits itself in %s"), bytes_text(&place));
    } else if (process->is_agent)
        bytes_print(to, "%s", _(", which does nothing until the case says so"));
    else
        state_text(teller, task, to);
}

/* ---- a line ---------------------------------------------------------------------------------------------------------------- */

/* It holds itself what it waits for. */
static void own_text(const struct wait *wait, const struct helper *helper, const char *origin,
                     struct bytes *to)
{
    switch (helper->help) {
    case HELP_WRITE_END:
        bytes_print(to,
                    wait->wait_for == WAIT_FOR_ANY
                        ? _("the write end is open in the same process, as descriptor %d%s")
                        : _("the write end is open in the same process, as descriptor %d%s: IT WAITS FOR "
                            "ITSELF. The end of "
                            "file comes only when the last write end is closed, the process's own one, too"),
                    helper->fd, origin);
        break;
    case HELP_READ_END:
        bytes_print(to,
                    _("the read end is open in the same process, as descriptor %d%s: nobody but itself could "
                      "read what "
                      "it writes"),
                    helper->fd, origin);
        break;
    case HELP_PEER:
        bytes_print(to, _("the other end is open in the same process, as descriptor %d%s"), helper->fd,
                    origin);
        break;
    case HELP_TAKEN: bytes_print(to, _("it has taken it itself and not given it back%s"), origin); break;
    case HELP_OWNER: bytes_print(to, _("it has it already, itself%s: IT WAITS FOR ITSELF"), origin); break;
    case HELP_LISTENER:
        bytes_print(to, _("it listens there itself, as descriptor %d%s: nobody but itself could accept"),
                    helper->fd, origin);
        break;
    case HELP_CHILD:
    case HELP_USER:
    case HELP_PARTY:
    case HELP_THREAD:
    case HELP_SIBLING: break;
    }
}

static void other_text(const struct helper *helper, const char *name, const char *origin, const char *doing,
                       struct bytes *to)
{
    switch (helper->help) {
    case HELP_WRITE_END:
        bytes_print(to, _("the write end is open in %s, as descriptor %d%s%s"), name, helper->fd, origin,
                    doing);
        break;
    case HELP_READ_END:
        bytes_print(to, _("the read end is open in %s, as descriptor %d%s%s"), name, helper->fd, origin,
                    doing);
        break;
    case HELP_PEER:
        bytes_print(to, _("the other end is open in %s, as descriptor %d%s%s"), name, helper->fd, origin,
                    doing);
        break;
    case HELP_LISTENER:
        bytes_print(to, _("nobody has accepted the connection: %s listens, as descriptor %d%s%s"), name,
                    helper->fd, origin, doing);
        break;
    case HELP_TAKEN:
        bytes_print(to, _("%s has taken it and not given it back%s%s"), name, origin, doing);
        break;
    case HELP_CHILD: bytes_print(to, _("this child lives: %s%s"), name, doing); break;
    case HELP_OWNER: bytes_print(to, _("%s has it%s%s"), name, origin, doing); break;
    case HELP_USER:
        bytes_print(to, _("probably %s could: it has used the same object%s%s"), name, origin, doing);
        break;
    case HELP_PARTY: bytes_print(to, _("probably %s should%s"), name, doing); break;
    case HELP_THREAD: bytes_print(to, _("that is %s%s"), name, doing); break;
    case HELP_SIBLING: bytes_print(to, _("probably %s could%s"), name, doing); break;
    }
}

/* Is the helper the waiting task itself? A process has a descriptor with all its threads. */
static bool is_own(const struct wait *wait, const struct helper *helper)
{
    bool is_process = wait->task->process->index == helper->process;
    bool is_thread = helper->tid == 0 || helper->tid == wait->task->tid;
    return is_process && is_thread && helper->help != HELP_CHILD && helper->help != HELP_USER &&
           helper->help != HELP_PARTY;
}

static void helper_text(const struct waits *waits, const struct wait *wait, const struct helper *helper,
                        const struct teller *teller, struct bytes *to)
{
    cleanup_bytes struct bytes name = {0}, origin = {0}, doing = {0};
    who_text(teller, helper->process, helper->tid, &name);
    origin_text(teller, helper, &origin);
    doing_text(waits, teller, helper, &doing);
    bytes_print(to, "\n- ");
    if (helper->through >= 0)
        bytes_print(to, _("descriptor %d: "), helper->through);
    if (is_own(wait, helper))
        own_text(wait, helper, bytes_text(&origin), to);
    else
        other_text(helper, bytes_text(&name), bytes_text(&origin), bytes_text(&doing), to);
    if (helper->unwritten > 0)
        bytes_print(to,
                    ngettext(". %zu byte that it has printed is still in the buffer of its stream of that "
                             "descriptor (fflush() writes it)",
                             ". %zu bytes that it has printed are still in the buffer of its stream of that "
                             "descriptor (fflush() writes them)",
                             helper->unwritten),
                    helper->unwritten);
    if (helper->is_undone)
        bytes_print(to, "%s", _(" (with SEM_UNDO: the kernel gives it back when that process ends)"));
}

/* ---- nobody ---------------------------------------------------------------------------------------------------------------- */

static bool has_opened(const struct teller *teller, const struct process *process,
                       const struct object_id *object)
{
    for (size_t i = 0; i < tracer_event_count(teller->tracer); i++) {
        const struct event *event = tracer_event(teller->tracer, i);
        if (event->call.row && event->call.deed && event->process == process->index &&
            strcmp(event->call.deed->word, "open") == 0 && object_same(&event->object, object))
            return true;
    }
    return false;
}

/* Whoever has ended without opening the FIFO cannot do it any more: that may be the mistake. */
static void ended_text(const struct wait *wait, const struct teller *teller, struct bytes *to)
{
    enum { ENDED_TOLD = 3 };
    size_t told = 0;
    for (size_t i = 0; i < tracer_process_count(teller->tracer) && told < ENDED_TOLD; i++) {
        const struct process *process = tracer_process(teller->tracer, i);
        cleanup_bytes struct bytes name = {0};
        if (!process->is_dead || has_opened(teller, process, &wait->object))
            continue;
        who_text(teller, process->index, 0, &name);
        bytes_print(to, "\n- ");
        bytes_print(to, _("%s has ended without opening it"), bytes_text(&name));
        told++;
    }
}

/* Nobody is known who could end the wait: what is a fact about that. */
static void nobody_text(const struct wait *wait, const struct teller *teller, struct bytes *to)
{
    const char *fact = NULL;
    bool is_connected = wait->has_socket && wait->socket.peer != 0;
    if (wait->wait_for == WAIT_FOR_WRITER)
        fact = _("nobody has it open for writing, and nobody is opening it");
    else if (wait->wait_for == WAIT_FOR_READER)
        fact = _("nobody has it open for reading, and nobody is opening it");
    else if (wait->is_lost)
        fact = _("nobody has locked it now, but this one was not woken when it was unlocked");
    else if (wait->is_alone && wait->wait_for == WAIT_FOR_POST)
        fact = _("it lies in memory that no other process has, and its process has no other thread");
    else if (wait->is_alone)
        fact = _("its process has no other thread that could do it");
    else if ((wait->wait_for == WAIT_FOR_BYTES || wait->wait_for == WAIT_FOR_ROOM) && is_connected)
        fact = _("the other end is open in no process that is watched");
    if (fact)
        bytes_print(to, "\n- %s", fact);
    if (wait->wait_for == WAIT_FOR_MUTEX && wait->gone_owner > 0) {
        bytes_print(to, "\n- ");
        bytes_print(to, _("probably thread %d has locked it last, which is not there any more"),
                    wait->gone_owner);
    }
    if (wait->wait_for == WAIT_FOR_READER || wait->wait_for == WAIT_FOR_WRITER)
        ended_text(wait, teller, to);
}

void helpers_text(const struct waits *waits, const struct wait *wait, const struct teller *teller,
                  struct bytes *to)
{
    if (wait->helper_count == 0)
        nobody_text(wait, teller, to);
    for (size_t i = 0; i < wait->helper_count; i++)
        helper_text(waits, wait, &wait->helpers[i], teller, to);
    if (wait->is_more)
        bytes_print(to, "\n- ...");
}
