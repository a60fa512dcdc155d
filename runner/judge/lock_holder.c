/* Who has the lock that somebody waits for, in words; see lock_holder.h. */
#include "judge/lock_holder.h"

#include <string.h>

#include "base/text.h"
#include "diagnosis/lock_table.h"

static const struct process *process_of(const struct stage *stage, pid_t pid)
{
    for (size_t i = tracer_process_count(stage->tracer); pid > 0 && i > 0; i--) {
        const struct process *process = tracer_process(stage->tracer, i - 1);
        if (process->pid == pid)
            return process;
    }
    return NULL;
}

static bool waits_for_lock(const struct task *task)
{
    const struct deed_row *deed = task->now ? task->now->call.deed : NULL;
    return deed && task->state == TASK_BLOCKED &&
           (strcmp(deed->word, "lock") == 0 || strcmp(deed->word, "flock") == 0);
}

void lock_holder_text(struct stage *stage, const struct task *task, struct bytes *to)
{
    if (!waits_for_lock(task))
        return;
    const struct process *holder = process_of(stage, lock_holder_of(task->process->pid));
    if (!holder || holder->actor < 0 || (size_t)holder->actor >= stage->actor_count)
        return;
    bytes_print(to, _("; %s (pid %d) has locked it"), stage->actors[holder->actor].word,
                (int)holder->inner_pid);
    if (holder->is_dead)
        bytes_print(to, "%s", _(" and has ended; somebody else still has its descriptor"));
}
