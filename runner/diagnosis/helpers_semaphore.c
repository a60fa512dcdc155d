/* Who could end a wait for a semaphore, of System V or POSIX.
 *
 * What a set holds is asked of the kernel; a POSIX semaphore's value lies in the memory of whoever waits (glibc: struct new_sem, the value in the low half of its first
 * eight bytes, the number of those who wait in the high half). Who owes something is counted (accounts.h); of POSIX semaphores that needs the probe.
 */
#include <string.h>
#include <sys/uio.h>

#include "diagnosis/accounts.h"
#include "diagnosis/helpers.h"

static bool is_alive(const struct search *search, const struct account *account)
{
    for (size_t i = 0; i < tracer_task_count(search->tracer); i++)
        if (tracer_task(search->tracer, i)->tid == account->tid)
            return true;
    return false;
}

/* Whoever waits for what he took himself may yet be given it by somebody who has not been met: that he waits for himself is only probable. */
static void add_taker(struct wait *wait, const struct account *account)
{
    helper_add(wait, &(struct helper){.help = HELP_TAKEN,
                                      .process = account->process,
                                      .tid = account->tid,
                                      .fd = -1,
                                      .through = -1,
                                      .origin = account->taking,
                                      .is_probable = account->tid == wait->task->tid,
                                      .is_undone = account->undo > 0});
}

static void add_user(const struct search *search, struct wait *wait, const struct account *account)
{
    bool is_self = account->tid == wait->task->tid;
    if (!is_self && is_alive(search, account))
        helper_add(wait, &(struct helper){.help = HELP_USER,
                                          .process = account->process,
                                          .tid = account->tid,
                                          .fd = -1,
                                          .through = -1,
                                          .origin = account->giving ? account->giving : account->using,
                                          .is_probable = true});
}

/* It lies in memory that a process has for itself. */
static bool is_private(const struct wait *wait)
{
    return wait->object.kind == OBJECT_OTHER && wait->object.device == 0;
}

static bool has_other_threads(const struct search *search, const struct wait *wait)
{
    for (size_t i = 0; i < tracer_task_count(search->tracer); i++)
        if (tracer_task(search->tracer, i) != wait->task &&
            tracer_task(search->tracer, i)->process == wait->task->process)
            return true;
    return false;
}

/* Of a set, the kernel tells whose last change was the last. A POSIX semaphore that is 0 was taken last; by whom is known when only one has ever taken. NULL: not known. */
static const struct event *last_change(const struct search *search, const struct wait *wait,
                                       unsigned short num, const struct accounts *accounts)
{
    const struct event *change = NULL;
    size_t candidates = 0;
    for (size_t i = 0; i < accounts->count; i++) {
        const struct account *account = &accounts->items[i];
        const struct process *process = tracer_process(search->tracer, (size_t)account->process);
        bool is_told = wait->has_state && num < wait->state.value_count &&
                       process->inner_pid == wait->state.last_pid[num] && account->change;
        bool is_taker = wait->has_amount && wait->amount == 0 && account->taking;
        if (!is_told && !is_taker)
            continue;
        change = is_told ? account->change : account->taking;
        candidates++;
    }
    return candidates == 1 ? change : NULL;
}

static const struct accounts *accounts_of(struct search *search, const struct wait *wait, unsigned short num,
                                          int process)
{
    bool is_same = search->has_accounts && search->num == num && search->process == process &&
                   object_same(&search->object, &wait->object);
    if (is_same)
        return &search->accounts;
    accounts_free(&search->accounts);
    accounts_read(&search->accounts, search->tracer, &wait->object, num, process);
    search->has_accounts = true;
    search->object = wait->object;
    search->num = num;
    search->process = process;
    return &search->accounts;
}

/* Those who owe something; when nobody does, those who have used it are told as a guess. */
static void add_accounts(struct search *search, struct wait *wait, unsigned short num, bool is_more_wanted)
{
    const struct accounts *accounts =
        accounts_of(search, wait, num, is_private(wait) ? wait->task->process->index : -1);
    wait->change = last_change(search, wait, num, accounts);
    for (size_t i = 0; is_more_wanted && !accounts->tells_events && i < accounts->count; i++)
        if (accounts->items[i].balance < 0)
            add_taker(wait, &accounts->items[i]);
    bool is_owed = wait->helper_count > 0;
    for (size_t i = 0; !is_owed && i < accounts->count && !wait->is_more; i++)
        add_user(search, wait, &accounts->items[i]);
    if (wait->helper_count == 0 && !is_private(wait)) /* who has made it, or set its value */
        helpers_add_users(search, wait, "semop", false);
}

/* ---- System V ------------------------------------------------------------------------------------------------------------ */

static void ask_state(const struct search *search, struct wait *wait)
{
    struct err err = {0};
    struct identity_of which = {
        .kind = OBJECT_SEMAPHORES, .id = (int)wait->object.number, .is_private = true};
    if (search->inspector)
        wait->has_state =
            inspect_state(search->inspector, &which, &wait->state, &err) && wait->state.is_there;
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

void helpers_of_semop(struct search *search, struct wait *wait)
{
    ask_state(search, wait);
    const struct call_op *op = wait->hindered = hindered(wait);
    wait->wait_for = op && op->op == 0 ? WAIT_FOR_ZERO : WAIT_FOR_VALUE;
    if (!op)
        return;
    add_accounts(search, wait, op->num, op->op < 0);
}

/* ---- POSIX --------------------------------------------------------------------------------------------------------------- */

void helpers_of_sem(struct search *search, struct wait *wait)
{
    enum { VALUE, WAITING, WORDS };
    unsigned words[WORDS] = {0};
    struct iovec local = {words, sizeof words},
                 remote = {(void *)(uintptr_t)wait->event->call.arg[0], sizeof words}; // NOLINT: an address
    wait->wait_for = WAIT_FOR_POST;
    wait->has_amount = process_vm_readv(wait->task->tid, &local, 1, &remote, 1, 0) == (ssize_t)sizeof words;
    wait->amount = (int)words[VALUE];
    wait->room = (int)words[WAITING];
    add_accounts(search, wait, 0, true);
    wait->is_alone = is_private(wait) && !has_other_threads(search, wait);
}
