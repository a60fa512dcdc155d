/* Which segment or mapping a call detaches: of an attachment only the address is known, and what was attached there stands in the event that did it.
 *
 * Of those events there may be a hundred thousand, and a program can ask as often for what was never attached. So they are found by process and address, in a table whose places no program
 * can foresee: multiplied by an odd number that nobody knows, few of any keys fall together.
 */
#include "trace/tracer.h"

#include <string.h>
#include <sys/random.h>

static bool attaches(const struct call *call)
{
    return call_is(call, "shmat") || call_is(call, "mmap");
}

bool attached_ends(const struct call *call)
{
    return call_is(call, "shmdt") || call_is(call, "munmap");
}

static uint32_t *bucket_of(struct attachments *all, int process, int64_t at)
{
    enum { ADDRESS_BITS = 47, HASH_BITS = 64 };
    uint64_t key = (uint64_t)at ^ (uint64_t)process << ADDRESS_BITS;
    return &all->buckets[key * all->factor >> (HASH_BITS - ATTACHED_BITS)];
}

/* One more round of a task that idles is as the round that is in the log. */
void attached_note(struct tracer *tracer, const struct event *event)
{
    struct attachments *all = &tracer->attachments;
    if (event->number == EVENT_NOT_LOGGED || event->call.error != 0 || !attaches(&event->call) ||
        !tasks_grow(&all->items, all->count + 1, &all->room, sizeof *all->items))
        return;
    if (all->factor == 0 && getrandom(&all->factor, sizeof all->factor, GRND_NONBLOCK) < 0)
        all->factor = now_ns();
    all->factor |= 1;
    uint32_t *bucket = bucket_of(all, event->process, event->call.value[PARAM_AT]);
    all->items[all->count++] = (struct attachment){.event = event->number, .older = *bucket};
    *bucket = (uint32_t)all->count;
}

/* The last one. Most calls of munmap are about something else. */
void attached_find(struct tracer *tracer, struct event *event)
{
    struct attachments *all = &tracer->attachments;
    int64_t at = event->call.value[PARAM_AT];
    for (uint32_t place = *bucket_of(all, event->process, at); place > 0;
         place = all->items[place - 1].older) {
        const struct event *old = tracer_event(tracer, all->items[place - 1].event);
        if (old->process != event->process || old->call.value[PARAM_AT] != at)
            continue;
        event->object = old->object;
        memcpy(event->object_name, old->object_name, sizeof event->object_name);
        return;
    }
}
