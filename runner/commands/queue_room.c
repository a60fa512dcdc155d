/* Who has how much of the user's queues; see queue_room.h. */
#include "commands/queue_room.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sandbox/sandbox.h"

struct queue_room queue_room_of(uint64_t limit, int jobs)
{
    uint64_t neighbours = jobs > 1 ? (uint64_t)jobs - 1 : 0;
    if (neighbours == 0 || limit == RLIM_INFINITY)
        return (struct queue_room){0};
    uint64_t part = limit / (neighbours + 1);
    if (part >= SANDBOX_QUEUE_BYTES)
        return (struct queue_room){false, part, part, limit};
    return (struct queue_room){true, limit / 4 * 3, limit / 4 / neighbours, limit};
}

enum { TRY_MESSAGES = 10, TRY_SIZE = 8192, TRIES = SANDBOX_QUEUE_BYTES / (TRY_MESSAGES * TRY_SIZE) };

/* A queue that has no name any more; -1: not to be had. */
static mqd_t take(void)
{
    char name[64];
    struct mq_attr attr = {.mq_maxmsg = TRY_MESSAGES, .mq_msgsize = TRY_SIZE};
    snprintf(name, sizeof name, "/ipcgrade-room-%d", (int)getpid());
    mqd_t queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600, &attr);
    int error = errno;
    if (queue >= 0)
        mq_unlink(name);
    errno = error;
    return queue;
}

/* The last of the tries fails in any case, since a queue takes some bytes of its own. */
uint64_t queue_room_left(uint64_t limit)
{
    mqd_t queues[TRIES];
    uint64_t count = 0;
    while (count < TRIES && (queues[count] = take()) >= 0)
        count++;
    bool is_short = count < TRIES - 1 && errno == EMFILE;
    for (uint64_t i = 0; i < count; i++)
        mq_close(queues[i]);
    return is_short && count * TRY_MESSAGES * TRY_SIZE < limit ? count * TRY_MESSAGES * TRY_SIZE : limit;
}

struct queue_room queue_room_here(int jobs)
{
    struct rlimit limit;
    if (!sandbox_is_shared() || getrlimit(RLIMIT_MSGQUEUE, &limit) < 0)
        return (struct queue_room){0};
    uint64_t left = queue_room_left(limit.rlim_max);
    struct queue_room room = queue_room_of(left, jobs);
    if (left < limit.rlim_max && room.own == 0)
        room.own = room.rest = room.alone = left;
    room.own += left == 0; /* 0 would be no bound */
    room.rest += left == 0;
    room.alone += left == 0;
    return room;
}
