/* Who could end a wait for a POSIX semaphore. Whoever has taken more than it gave is to give it back; but a semaphore that somebody has given more
 * than it took tells of events, and there nobody owes anything: then those who have used it are told, as a guess. Both is seen by the probe only.
 */
#include <string.h>

#include "diagnosis/helpers.h"

static bool is_deed(const struct event *event, const char *word)
{
    return event->call.deed && strcmp(event->call.deed->word, word) == 0;
}

struct account { /* of one process with the semaphore */
    int balance;
    const struct event *taking, *using;
};

static struct account account_of(const struct search *search, const struct wait *wait, int process)
{
    struct account account = {0};
    for (size_t i = 0; i < tracer_event_count(search->tracer); i++) {
        const struct event *event = tracer_event(search->tracer, i);
        if (!event || !event->call.row || event->process != process || !event->call.is_done ||
            event->call.error || event->object.kind != wait->object.kind ||
            !object_same(&event->object, &wait->object))
            continue;
        bool takes = is_deed(event, "sem_wait") || is_deed(event, "sem_trywait");
        if (takes)
            account.taking = event;
        if (takes || is_deed(event, "sem_post") || is_deed(event, "sem_open"))
            account.using = event;
        account.balance += is_deed(event, "sem_post") - takes;
    }
    return account;
}

void helpers_of_sem(const struct search *search, struct wait *wait)
{
    size_t count = tracer_process_count(search->tracer);
    bool tells_events = false;
    wait->wait_for = WAIT_FOR_POST;
    for (size_t i = 0; i < count; i++)
        tells_events |= account_of(search, wait, (int)i).balance > 0;
    for (size_t i = 0; i < count; i++) {
        const struct account account = account_of(search, wait, (int)i);
        struct helper helper = {.help = HELP_TAKEN, .process = (int)i, .fd = -1, .origin = account.taking};
        if (!tells_events && account.balance < 0) {
            helper_add(wait, &helper);
            continue;
        }
        helper.help = HELP_USER;
        helper.origin = account.using;
        helper.is_probable = true;
        if (account.using && (int)i != wait->task->process->index &&
            !tracer_process(search->tracer, i)->is_dead)
            helper_add(wait, &helper);
    }
}
