/* Holds, injections and nevers; see rulings.h.
 *
 * Theory of operation. A process is about to wait when none of its threads goes on and one at least stands in front of its wait. Where there is only one thread, that is known as soon
 * as it comes there. Of several, no order says which of them is the last, and none may be let pass: the one that does would wait already when the case sends its signal. So the trap
 * *gathers*: it takes each thread that comes to a wait, and whose process has come to the point is seen when the turn is over, since then nobody goes on.
 *
 * What a thread waits for may have been given by another one after it was taken (the end that pthread_join() wants, a mutex). That would be no wait, so it is let go, to be taken again
 * further on. A thread that waits for what the runner gives may go on, and so its process has come to the point only if nothing better is known when the case asks for it.
 */
#include "judge/rulings.h"

#include <errno.h>

#include "judge/claims.h"
#include "judge/injected.h"
#include "judge/match.h"

static bool is_plain(enum object_kind kind)
{
    return kind == OBJECT_FILE || kind == OBJECT_DIR || kind == OBJECT_SHM;
}

static bool is_for_others(const struct stage *stage, const struct event *event)
{
    return !is_plain(event->object.kind) && match_stream_of(stage, &event->object) == OBJECT_NONE;
}

/* The first call that may block, on anything but plain files and the runner's streams. */
static bool may_block(const struct stage *stage, const struct task *task, const struct event *event)
{
    return (event->call.row->traits & CALL_WAITS) && task_would_wait(task, event) &&
           is_for_others(stage, event);
}

static bool has_other_threads(const struct stage *stage, const struct task *task)
{
    for (size_t i = 0; i < tracer_task_count(stage->tracer); i++) {
        const struct task *other = tracer_task(stage->tracer, i);
        if (other != task && other->process == task->process)
            return true;
    }
    return false;
}

static bool is_trapped(struct stage *stage, struct actor *actor, const struct task *task,
                       const struct event *event, bool is_before)
{
    const struct hold *trap = actor->trap;
    if (!trap || trap->is_before != is_before || !event->counts ||
        !stage_is_who(stage, &trap->who, task->process))
        return false;
    bool caught = trap->any_blocking ? may_block(stage, task, event)
                  : is_before        ? match_begun(stage, trap->deed, event)
                                     : match_done(stage, trap->deed, event);
    if (!caught)
        return false;
    actor->gathers |= trap->any_blocking && has_other_threads(stage, task);
    if (actor->gathers)
        return true;
    actor->trap = NULL;
    actor->held = task->tid;
    return true;
}

/* ---- who is held ------------------------------------------------------------------------------------------------------ */

struct task *rulings_held(const struct stage *stage, const struct actor *actor)
{
    for (size_t i = 0; actor->held && i < tracer_task_count(stage->tracer); i++) {
        struct task *task = tracer_task(stage->tracer, i);
        if (task->tid == actor->held)
            return task->state == TASK_HELD ? task : NULL;
    }
    return NULL;
}

/* An actor has one trap at a time, so whoever of it is held was taken by that. */
static bool is_taken(const struct stage *stage, const struct actor *actor, const struct task *task)
{
    const struct process *process = task->process;
    return task->state == TASK_HELD && !process->is_agent && process->actor >= 0 &&
           &stage->actors[process->actor] == actor;
}

typedef bool meant(const struct task *task, const void *context);

/* Who was taken in front of a call makes it now. */
static bool may_go_on(struct stage *stage, const struct task *task)
{
    return task->is_held_after || !task->now || claims_expect(stage, task, task->now);
}

/* Of those that the actor's trap has taken; true when there were any. */
static bool let_go(struct stage *stage, const struct actor *actor, meant *is_meant, const void *context)
{
    bool any = false;
    for (size_t i = 0; i < tracer_task_count(stage->tracer); i++) {
        struct task *task = tracer_task(stage->tracer, i);
        if (!is_taken(stage, actor, task) || !is_meant(task, context) || !may_go_on(stage, task))
            continue;
        tracer_release(stage->tracer, task);
        any = true;
    }
    return any;
}

static bool is_any(const struct task *task, const void *context)
{
    (void)task, (void)context;
    return true;
}

void rulings_release(struct stage *stage, struct actor *actor)
{
    actor->trap = NULL;
    actor->gathers = false;
    actor->held = 0;
    let_go(stage, actor, is_any, NULL);
}

/* ---- which process has come to the point -------------------------------------------------------------------------------- */

/* The turn is over, so whoever is not held waits, or nothing of it is left; what the runner gives may still come. */
static bool is_at_point(const struct stage *stage, const struct process *process)
{
    for (size_t i = 0; i < tracer_task_count(stage->tracer); i++) {
        const struct task *task = tracer_task(stage->tracer, i);
        if (task->process == process && task->state == TASK_BLOCKED && task->now &&
            !is_for_others(stage, task->now))
            return false;
    }
    return true;
}

/* The last of its process that was taken: with that one the process came to the point. */
static bool is_last(const struct stage *stage, const struct actor *actor, const struct task *task)
{
    for (size_t i = 0; i < tracer_task_count(stage->tracer); i++) {
        const struct task *other = tracer_task(stage->tracer, i);
        if (other->process == task->process && is_taken(stage, actor, other) &&
            other->now->number > task->now->number)
            return false;
    }
    return true;
}

/* Of the processes that have come to the point the first; of none, the first that has a thread there. */
static struct task *first_there(const struct stage *stage, const struct actor *actor)
{
    struct task *first = NULL;
    for (size_t i = 0; i < tracer_task_count(stage->tracer); i++) {
        struct task *task = tracer_task(stage->tracer, i);
        if (!is_taken(stage, actor, task) || !is_last(stage, actor, task))
            continue;
        bool is_there = is_at_point(stage, task->process), was = first && is_at_point(stage, first->process);
        if (!first || is_there > was || (is_there == was && task->now->number < first->now->number))
            first = task;
    }
    return first;
}

static bool need_not_wait(const struct task *task, const void *context)
{
    (void)context;
    return task_wait_is_over(task);
}

static bool is_of_other(const struct task *task, const void *process)
{
    return task->process != process;
}

/* The trap is spent only on who is at the point for certain. */
static bool settle(struct stage *stage, struct actor *actor)
{
    if (let_go(stage, actor, need_not_wait, NULL))
        return true;
    const struct task *first = first_there(stage, actor);
    actor->held = first ? first->tid : 0;
    if (!first || !is_at_point(stage, first->process))
        return false;
    actor->trap = NULL;
    actor->gathers = false;
    return let_go(stage, actor, is_of_other, first->process);
}

bool rulings_settle(struct stage *stage)
{
    bool any = false;
    for (size_t i = 0; i < stage->actor_count; i++)
        any |= stage->actors[i].gathers && settle(stage, &stage->actors[i]);
    return any;
}

/* ---- hooks ------------------------------------------------------------------------------------------------------------- */

static struct ruling rule(struct stage *stage, const struct task *task, const struct event *event)
{
    if (task->process->actor < 0 || !event->counts)
        return (struct ruling){RULING_GO, 0, 0};
    struct ruling ruling = injected_entry(stage, task, event);
    if (is_trapped(stage, &stage->actors[task->process->actor], task, event, true))
        ruling.kind = RULING_HOLD; /* and then what was to be injected */
    return ruling;
}

/* What nobody could take away again is not made. */
struct ruling rulings_entry(void *context, struct task *task, const struct event *event)
{
    struct ruling ruling = rule(context, task, event);
    bool is_made_now = ruling.kind == RULING_GO || ruling.kind == RULING_SHORTEN;
    if (is_made_now && !claims_expect(context, task, event))
        return (struct ruling){RULING_FAIL, ENOMEM, 0};
    return ruling;
}

static void note_nevers(struct stage *stage, const struct task *task, const struct event *event)
{
    for (size_t i = 0; i < stage->scenario->never_count && !stage->has_never; i++) {
        const struct never *never = &stage->scenario->nevers[i];
        if (!stage_is_who(stage, &never->who, task->process) || !match_done(stage, &never->deed, event))
            continue;
        stage->has_never = true;
        stage->never = i;
        stage->never_event = event->number;
    }
}

bool rulings_exit(void *context, struct task *task, const struct event *event)
{
    struct stage *stage = context;
    claims_settle(stage, task, event);
    if (task->process->actor < 0 || !event->counts)
        return false;
    injected_exit(stage, task, event);
    note_nevers(stage, task, event);
    return is_trapped(stage, &stage->actors[task->process->actor], task, event, false);
}
