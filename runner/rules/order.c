/* See order.h. */
#include "rules/order.h"

#include "rules/facts.h"
#include "rules/handling.h"

/* Of these and of no others is something known that passes from one process to the other. */
static bool gives(const struct event *event)
{
    static const char *const words[] = {"write", "msgsnd", "mq_send", "semop", "sem_post", NULL};
    return is_any_deed(event, words) && has_succeeded(event);
}

static bool takes(const struct event *event)
{
    static const char *const words[] = {"read", "msgrcv", "mq_receive", "semop", "sem_wait", NULL};
    return is_any_deed(event, words) && has_succeeded(event);
}

/* Calls count by their entry; this one may have been over only when the event of that number was there: it had to wait for it. */
static bool may_end_after(const struct study *study, const struct event *call, uint64_t number)
{
    const struct event *next = call->number > number ? NULL : next_of_task(study, call);
    return call->number > number || (next && next->number > number);
}

/* The last time before `then` that its process has taken from the object: the others were over before. */
static bool is_taken(const struct study *study, const struct event *given, const struct event *then)
{
    for (size_t i = (size_t)then->number; i > 0; i--) {
        const struct event *event = tracer_event(study_tracer(study), i - 1);
        if (event->call.row && event->process == then->process && takes(event) &&
            object_same(&event->object, &given->object))
            return may_end_after(study, event, given->number);
    }
    return false;
}

static bool is_signal_to(const struct study *study, const struct event *event, int process)
{
    return is_deed(event, "kill") && has_succeeded(event) &&
           event->call.value[PARAM_ID] == tracer_process(study_tracer(study), (size_t)process)->inner_pid;
}

/* A message or a signal from the one to the other in between. What both calls are about carries none: to write there is what is to be in order. */
static bool is_passed_on(const struct study *study, const struct event *first, const struct event *then)
{
    enum { MOST = 64 }; /* who gives more than that meanwhile gives to many */
    int gifts = 0;
    for (size_t i = (size_t)first->number + 1; i < then->number && gifts < MOST; i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || event->process != first->process)
            continue;
        if (is_signal_to(study, event, then->process))
            return true;
        if (event->object.kind == OBJECT_NONE || object_same(&event->object, &first->object) || !gives(event))
            continue;
        gifts++;
        if (is_taken(study, event, then))
            return true;
    }
    return false;
}

/* The call by which `process` begins to differ from `ancestor`: the birth of that child of the ancestor from which it comes; NULL: it does not come from there. */
static const struct event *branching(const struct study *study, int process, int ancestor)
{
    while (process >= 0) {
        const struct process *self = tracer_process(study_tracer(study), (size_t)process);
        if (self->parent == ancestor)
            return birth_of(study, self);
        process = self->parent;
    }
    return NULL;
}

/* The end of the first process was waited for by the second, or by one from which the second was made afterwards. */
static bool is_waited_for(const struct study *study, const struct event *first, const struct event *then)
{
    const struct process *giver = tracer_process(study_tracer(study), (size_t)first->process);
    for (size_t i = 0; i < then->number; i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || !is_deed(event, "wait") || !has_succeeded(event) ||
            event->call.result != giver->inner_pid || !may_end_after(study, event, first->number))
            continue;
        const struct event *birth = branching(study, then->process, event->process);
        if (event->process == then->process || (birth && birth->number > event->number))
            return true;
    }
    return false;
}

bool is_in_order(const struct study *study, const struct event *first, const struct event *then)
{
    const struct event *birth = branching(study, then->process, first->process);
    return (birth && birth->number > first->number) || is_waited_for(study, first, then) ||
           is_passed_on(study, first, then);
}
