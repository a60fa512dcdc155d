/* Counting who has taken from a semaphore; see accounts.h. */
#include "diagnosis/accounts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>

/* What calls of POSIX semaphores add. */
static const struct {
    const char *deed;
    int change;
} deeds[] = {{"sem_wait", -1}, {"sem_trywait", -1}, {"sem_post", 1}, {"sem_open", 0}, {"semop", 0}};

static struct account *account_of(struct accounts *accounts, const struct event *event)
{
    for (size_t i = 0; i < accounts->count; i++)
        if (accounts->items[i].process == event->process && accounts->items[i].tid == event->tid)
            return &accounts->items[i];
    accounts->items = reallocarray(accounts->items, accounts->count + 1, sizeof *accounts->items);
    if (!accounts->items)
        abort();
    struct account *added = &accounts->items[accounts->count++];
    *added = (struct account){.process = event->process, .tid = event->tid};
    return added;
}

static void book(struct accounts *accounts, const struct event *event, int change, int undo)
{
    struct account *account = account_of(accounts, event);
    account->using = event;
    account->balance += change;
    account->undo += undo;
    if (change < 0)
        account->taking = event;
    if (change > 0)
        account->giving = event;
    if (change != 0)
        account->change = event;
}

static void book_operations(struct accounts *accounts, const struct event *event, unsigned short num)
{
    int change = 0, undo = 0;
    for (int i = 0; i < event->call.op_count; i++) {
        const struct call_op *op = &event->call.ops[i];
        if (op->num != num)
            continue;
        change += op->op;
        undo -= op->flags & SEM_UNDO ? op->op : 0;
    }
    book(accounts, event, change, undo);
}

/* semctl() sets the value: then nobody owes anything for what was before. */
static bool is_setting(const struct event *event, unsigned short num)
{
    int64_t command = call_knows(&event->call, PARAM_CMD) ? event->call.value[PARAM_CMD] : -1;
    bool is_this = !call_knows(&event->call, PARAM_NUM) || event->call.value[PARAM_NUM] == num;
    return strcmp(event->call.row->name, "semctl") == 0 &&
           (command == SETALL || (command == SETVAL && is_this));
}

static void settle(struct accounts *accounts, const struct event *event)
{
    for (size_t i = 0; i < accounts->count; i++)
        accounts->items[i].balance = accounts->items[i].undo = 0;
    account_of(accounts, event)->change = event;
}

static void take_in(struct accounts *accounts, const struct event *event, unsigned short num)
{
    if (is_setting(event, num)) {
        settle(accounts, event);
        return;
    }
    for (size_t i = 0; event->call.deed && i < sizeof deeds / sizeof *deeds; i++) {
        if (strcmp(event->call.deed->word, deeds[i].deed) != 0)
            continue;
        if (event->call.op_count > 0)
            book_operations(accounts, event, num);
        else
            book(accounts, event, deeds[i].change, 0);
    }
}

void accounts_read(struct accounts *accounts, struct tracer *tracer, const struct object_id *object,
                   unsigned short num, int process)
{
    *accounts = (struct accounts){0};
    for (size_t i = 0; i < tracer_event_count(tracer); i++) {
        const struct event *event = tracer_event(tracer, i);
        bool is_over = event && event->call.row && event->call.is_done && event->call.error == 0;
        bool is_meant = is_over && (process < 0 || event->process == process);
        if (is_meant && event->object.kind == object->kind && object_same(&event->object, object))
            take_in(accounts, event, num);
    }
    for (size_t i = 0; i < accounts->count; i++) {
        struct account *account = &accounts->items[i];
        if (tracer_process(tracer, (size_t)account->process)->is_dead) {
            account->balance += account->undo; /* the kernel has given it back */
            account->undo = 0;
        }
        accounts->tells_events |= account->balance > 0;
    }
}

void accounts_free(struct accounts *accounts)
{
    free(accounts->items);
    *accounts = (struct accounts){0};
}
