/* Processes that have ended and that nobody has waited for: to the kernel each is still one (RLIMIT_NPROC, pids.max), so to a limit of ours, too.
 *
 * Else whether a fork is refused would hang on how soon the children before it have ended. Those whose maker has ended are init's, which waits for them in its own time: they do not
 * count.
 */
#include "trace/tracer.h"

#include <errno.h>

static bool is_zombie(struct member *member)
{
    struct tracer *tracer = member->tracer;
    pid_t ppid = 0;
    if (!member->pub.is_dead || member->is_gone)
        return false;
    char state = procfs_state(tracer, member->pub.pid, &ppid);
    member->is_gone = state == '\0' && (errno == ENOENT || errno == ESRCH);
    return state == 'Z' && tasks_member(tracer, ppid);
}

static size_t count_dead(const struct tracer *tracer)
{
    size_t count = 0;
    for (size_t i = 0; i < tracer->member_count; i++)
        count += tracer->members[i]->pub.is_dead && !tracer->members[i]->is_gone;
    return count;
}

static size_t count(const struct tracer *tracer, unsigned until_turn)
{
    size_t zombies = 0;
    for (size_t i = 0; i < tracer->member_count; i++)
        zombies += tracer->members[i]->died_in_turn <= until_turn && is_zombie(tracer->members[i]);
    return zombies;
}

bool zombies_fill(const struct tracer *tracer, size_t room, int *zombies)
{
    *zombies = 0;
    if (tracer->task_count < room && tracer->task_count + count_dead(tracer) < room)
        return false; /* the kernel need not be asked */
    const size_t all = count(tracer, tracer->turn);
    if (tracer->task_count + all < room)
        return false;
    *zombies = (int)all;
    return true;
}

static size_t count_living(const struct tracer *tracer)
{
    size_t living = 0;
    for (size_t i = 0; i < tracer->task_count; i++)
        living += !tracer->tasks[i]->pub.process->is_agent;
    return living;
}

/* Refused by the kernel, on a machine with little room. It is the program's doing if it asks for more than the case promises; or if zombies from before this turn stand in its way, when it had all
 * the time in the world to wait for them. Who has not had it may be about to. */
bool zombies_are_to_blame(const struct tracer *tracer, int *zombies)
{
    const size_t promised = (size_t)tracer->config.tasks_promised, all = count(tracer, tracer->turn);
    bool are_too_many = promised > 0 && count_living(tracer) + all >= promised;
    bool are_left = tracer->turn > 0 && count(tracer, tracer->turn - 1) > 0;
    *zombies = all > 0 && (are_too_many || are_left) ? (int)all : 0;
    return *zombies > 0;
}
