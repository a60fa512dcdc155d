/* A fourteenth trap: large writes that come up short because of a signal that nobody is to notice.
 *
 * A write of more than a pipe or socket holds waits in the middle, and a signal that comes then ends it with what has moved so far. Untraced, an
 * ignored signal (a child that ends) never gets there; to a traced task it is delivered all the same (again.c), and a correct program that
 * writes once would lose the rest. So when such a write comes up short, and all that is waiting for delivery is ignored, the call is made again for
 * the rest, and the sum is given to the program as the result of the one call that it made.
 */
#include "trace/tracer.h"

#include <string.h>

enum { BUFFER = 1, COUNT = 2, RESTART_FIRST = -512, RESTART_LAST = -516 };

static bool is_plain_write(const struct call *call)
{
    return strcmp(call->row->name, "write") == 0 || strcmp(call->row->name, "sendto") == 0;
}

bool partial_goes_on(struct tracee *tracee, struct event *event, int64_t result)
{
    const struct call *call = &event->call;
    bool is_interrupted = result <= RESTART_FIRST && result >= RESTART_LAST;
    if (!is_plain_write(call) || event->is_injected ||
        (result <= 0 && !(is_interrupted && tracee->moved > 0)))
        return false;
    uint64_t moved = tracee->moved + (result > 0 ? (uint64_t)result : 0);
    if (moved >= call->arg[COUNT] || !procfs_only_ignored(tracee->tracer, tracee->pub.tid))
        return false;
    registers_set_arg(tracee, BUFFER, call->arg[BUFFER] + moved);
    registers_set_arg(tracee, COUNT, call->arg[COUNT] - moved);
    registers_step_back(tracee);
    tracee->again = (struct again){.event = event,
                                   .ip = tracee->ip,
                                   .sp = tracee->sp,
                                   .nr = tracee->nr,
                                   .is_held = true,
                                   .moved = moved};
    tracee->pub.now = NULL;
    return true;
}

int64_t partial_total(struct tracee *tracee, const struct event *event, int64_t result)
{
    if (tracee->moved == 0)
        return result;
    int64_t total = (int64_t)tracee->moved + (result > 0 ? result : 0);
    registers_set_arg(tracee, BUFFER, event->call.arg[BUFFER]);
    registers_set_arg(tracee, COUNT, event->call.arg[COUNT]);
    registers_set_result(tracee, total);
    tracee->moved = 0;
    return total;
}
