/* Who could end a wait for a System V message queue or semaphore.
 *
 * What lies in the queue and what the semaphores are is asked of the kernel. Who has taken from a semaphore and not given back is counted from the event log, which
 * holds every completed operation; who uses a queue, likewise, but that is no promise that he will send.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "diagnosis/helpers.h"

static void ask_state(const struct search *search, struct wait *wait, enum object_kind kind)
{
    struct err err = {0};
    struct identity_of which = {.kind = kind, .id = (int)wait->object.number, .is_private = true};
    if (!search->inspector)
        return;
    wait->has_state = inspect_state(search->inspector, &which, &wait->state, &err) && wait->state.is_there;
}

/* Living processes, other than its own, that have completed a call on the same object. */
static void add_users(const struct search *search, struct wait *wait, const char *word)
{
    for (size_t i = 0; i < tracer_event_count(search->tracer); i++) {
        const struct event *event = tracer_event(search->tracer, i);
        const struct process *user = tracer_process(search->tracer, (size_t)event->process);
        if (!event->call.row || !event->call.deed || user->is_dead || user == wait->task->process ||
            !object_same(&event->object, &wait->object))
            continue;
        bool is_fitting = !word || strcmp(event->call.deed->word, word) == 0;
        if (is_fitting)
            helper_add(wait, &(struct helper){.help = HELP_USER,
                                              .process = user->index,
                                              .fd = -1,
                                              .origin = event,
                                              .is_probable = true});
    }
}

void helpers_of_msgrcv(const struct search *search, struct wait *wait)
{
    wait->wait_for = WAIT_FOR_MESSAGE;
    ask_state(search, wait, OBJECT_QUEUE);
    add_users(search, wait, NULL);
}

void helpers_of_msgsnd(const struct search *search, struct wait *wait)
{
    wait->wait_for = WAIT_FOR_QUEUE;
    ask_state(search, wait, OBJECT_QUEUE);
    add_users(search, wait, NULL);
}

/* The operation of the call that cannot be done: the first that the values do not allow, else the first. */
static const struct call_op *hindered(const struct wait *wait)
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

/* What a process has added to one semaphore, all its completed operations together, and its last taking. */
static int balance_of(const struct search *search, const struct wait *wait, const struct process *process,
                      unsigned short num, const struct event **taking)
{
    int balance = 0;
    *taking = NULL;
    for (size_t i = 0; i < tracer_event_count(search->tracer); i++) {
        const struct event *event = tracer_event(search->tracer, i);
        const struct call *call = &event->call;
        if (!call->row || event->process != process->index || !call->is_done || call->error != 0 ||
            !object_same(&event->object, &wait->object))
            continue;
        for (int k = 0; k < call->op_count; k++) {
            if (call->ops[k].num != num)
                continue;
            balance += call->ops[k].op;
            if (call->ops[k].op < 0)
                *taking = event;
        }
    }
    return balance;
}

/* A semaphore that somebody has given more than he took tells of events (an item is there, your turn): whoever took from it has nothing to give back. */
static bool tells_events(const struct search *search, const struct wait *wait, unsigned short num)
{
    const struct event *taking;
    for (size_t i = 0; i < tracer_process_count(search->tracer); i++)
        if (balance_of(search, wait, tracer_process(search->tracer, i), num, &taking) > 0)
            return true;
    return false;
}

static void add_takers(const struct search *search, struct wait *wait, unsigned short num)
{
    const struct event *taking;
    for (size_t i = 0; i < tracer_process_count(search->tracer); i++) {
        const struct process *process = tracer_process(search->tracer, i);
        if (balance_of(search, wait, process, num, &taking) < 0)
            helper_add(wait, &(struct helper){
                                 .help = HELP_TAKEN, .process = process->index, .fd = -1, .origin = taking});
    }
}

void helpers_of_semop(const struct search *search, struct wait *wait)
{
    ask_state(search, wait, OBJECT_SEMAPHORES);
    const struct call_op *op = wait->hindered = hindered(wait);
    wait->wait_for = op && op->op == 0 ? WAIT_FOR_ZERO : WAIT_FOR_VALUE;
    if (op && op->op < 0 && !tells_events(search, wait, op->num))
        add_takers(search, wait, op->num);
    if (wait->helper_count == 0)
        add_users(search, wait, "semop");
}
