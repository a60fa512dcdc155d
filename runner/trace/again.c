/* Calls that are interrupted, or held in front of, and come again.
 *
 * A call that a signal interrupts exits with -512, -513, -514 or -516: no errno, but a note to the kernel itself. What the program will see is only
 * decided when the signal is delivered: without a handler the call comes again as a new entry (or as restart_syscall); with one it gives
 * EINTR, or comes again behind the handler (SA_RESTART). So the event stays open, the signal is delivered with PTRACE_SINGLESTEP, and at the
 * first instruction of the handler the frame that it will return to tells which of the two it is.
 *
 * A thirteenth trap. To a traced task even an ignored signal is delivered, so that its tracer can see it, and interrupts what it is in. Most calls
 * come again by themselves; semop, epoll_wait and sigtimedwait give -EINTR at once. A process that waits in semop while one of its children ends
 * would get an EINTR that it never gets untraced. When such a call exits with -EINTR and the signal that follows is ignored, the result is
 * turned into -514 (again unless there is a handler) before the signal is delivered.
 */
#include "trace/tracer.h"

#include <errno.h>

enum { AGAIN_WITHOUT_HANDLER = -514 };

bool again_matches(const struct tracee *tracee, const struct __ptrace_syscall_info *info)
{
    const struct again *again = &tracee->again;
    return again->event && again->nr == info->seccomp.nr && again->ip == info->instruction_pointer &&
           again->sp == info->stack_pointer;
}

void again_note(struct tracee *tracee, int64_t result)
{
    tracee->again = (struct again){.event = tracee->pub.now,
                                   .ip = tracee->ip,
                                   .sp = tracee->sp,
                                   .nr = tracee->nr,
                                   .is_hard = result == -EINTR};
    tracee->pub.now = NULL;
}

static void end_with_eintr(struct tracee *tracee)
{
    struct event *event = tracee->again.event;
    struct trace_hooks *hooks = &tracee->tracer->config.hooks;
    tracee->again.event = NULL;
    finish_event(tracee, event, -EINTR);
    idle_note(tracee, event);
    /* It stands at a signal, not at an exit: it cannot be held here. */
    if (hooks->exit)
        (void)hooks->exit(hooks->context, &tracee->pub, event);
}

/* The task is about to get `signal`. */
int again_signal(struct tracee *tracee, int signal)
{
    struct again *again = &tracee->again;
    if (!again->event || again->is_held)
        return PTRACE_CONT;
    again->event->signal = signal;
    if (!again->is_hard)
        return PTRACE_SINGLESTEP;
    if (signals_ignored(tracee) >> (signal - 1) & 1) {
        registers_set_result(tracee, AGAIN_WITHOUT_HANDLER);
        again->event->signal = 0;
        again->is_hard = false;
        return PTRACE_CONT;
    }
    end_with_eintr(tracee);
    return PTRACE_CONT;
}

/* At the first instruction of a handler. */
void again_stepped(struct tracee *tracee)
{
    int64_t result = 0;
    if (!tracee->again.event || tracee->again.is_held)
        return;
    if (registers_handler_result(tracee, &result) && result == -EINTR)
        end_with_eintr(tracee);
    else
        tracee->again.event =
            NULL; /* begins anew behind the handler: another event; this one stays without a result */
}

/* Another call has come. */
void again_settle(struct tracee *tracee)
{
    struct again *again = &tracee->again;
    if (!again->event || again->is_held)
        return; /* a handler runs before the held call */
    if (again->is_hard)
        end_with_eintr(tracee);
    again->event = NULL;
}
