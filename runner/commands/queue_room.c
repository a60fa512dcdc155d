/* Who has how much of the user's queues; see queue_room.h. */
#include "commands/queue_room.h"

#include <sys/resource.h>

#include "sandbox/sandbox.h"

struct queue_room queue_room_of(uint64_t limit, int jobs)
{
    uint64_t neighbours = jobs > 1 ? (uint64_t)jobs - 1 : 0;
    if (neighbours == 0 || limit == RLIM_INFINITY)
        return (struct queue_room){0};
    uint64_t part = limit / (neighbours + 1);
    if (part >= SANDBOX_QUEUE_BYTES)
        return (struct queue_room){false, part, part};
    return (struct queue_room){true, limit / 4 * 3, limit / 4 / neighbours};
}

struct queue_room queue_room_here(int jobs)
{
    struct rlimit limit;
    if (!sandbox_is_shared() || getrlimit(RLIMIT_MSGQUEUE, &limit) < 0)
        return (struct queue_room){0};
    return queue_room_of(limit.rlim_max, jobs);
}

bool queue_room_is_named(const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->name_count; i++)
        if (scenario->names[i].kind && scenario->names[i].kind->kind == OBJECT_MQ)
            return true;
    return false;
}
