/* Who has how much of the user's queues; see queue_room.h. */
#include "commands/queue_room.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
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

/* Under which `pid` tries. */
static const char *name_of(pid_t pid)
{
    static char name[64];
    snprintf(name, sizeof name, "/ipcgrade-room-%d", (int)pid);
    return name;
}

/* A queue that has no name any more; -1: not to be had. */
static mqd_t take(void)
{
    const char *name = name_of(getpid());
    struct mq_attr attr = {.mq_maxmsg = TRY_MESSAGES, .mq_msgsize = TRY_SIZE};
    mqd_t queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600, &attr);
    int error = errno;
    if (queue >= 0)
        mq_unlink(name);
    errno = error;
    return queue;
}

/* The last of the tries fails in any case, since a queue takes some bytes of its own. */
static uint64_t try_room(uint64_t limit)
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

static _Noreturn void try_and_tell(uint64_t limit, int to_parent)
{
    uint64_t left = try_room(limit);
    _exit(write(to_parent, &left, sizeof left) != (ssize_t)sizeof left);
}

/* False: nobody has told. */
static bool ask_child(uint64_t limit, uint64_t *left)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    pid_t pid = fork();
    if (pid == 0)
        try_and_tell(limit, ends[1]);
    close(ends[1]);
    bool is_told = pid > 0 && read(ends[0], left, sizeof *left) == (ssize_t)sizeof *left;
    close(ends[0]);
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    if (pid > 0)
        mq_unlink(name_of(pid)); /* if it was killed; else there is none */
    return is_told;
}

/* Each of the queues has a name for a moment, and who is killed just then leaves it on the machine. So it is tried in a process of its own, which outlives us if it must, and whose name we take
 * away if it does not outlive us. */
uint64_t queue_room_left(uint64_t limit)
{
    sigset_t asking, old;
    uint64_t left;
    sigemptyset(&asking);
    sigaddset(&asking, SIGINT);
    sigaddset(&asking, SIGTERM);
    sigaddset(&asking, SIGHUP);
    sigprocmask(SIG_BLOCK, &asking, &old);
    bool is_told = ask_child(limit, &left);
    left = is_told ? left : try_room(limit);
    sigprocmask(SIG_SETMASK, &old, NULL);
    return left;
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
