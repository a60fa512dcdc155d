/* What is injected into calls; see injected.h. */
#include "judge/injected.h"

#include "judge/match.h"

static bool is_meant(struct stage *stage, size_t number, const struct task *task, const struct event *event)
{
    const struct injection *injection = &stage->scenario->injections[number];
    return stage_is_who(stage, &injection->who, task->process) && match_begun(stage, &injection->deed, event);
}

static bool is_each(const struct injection *injection)
{
    return injection->nth == 0;
}

static bool is_alive(const struct stage *stage, pid_t tid)
{
    for (size_t i = 0; i < tracer_task_count(stage->tracer); i++)
        if (tracer_task(stage->tracer, i)->tid == tid)
            return true;
    return false;
}

/* A task is in one call at a time: what it was given in another one, which a signal has ended, it gives back. */
static void give_back(struct stage *stage, const struct task *task)
{
    for (size_t i = 0; i < stage->scenario->injection_count; i++)
        if (stage->injected[i].taker == task->tid)
            stage->injected[i].taker = 0;
}

static bool is_failed_now(struct injected *injected, const struct injection *injection)
{
    bool is_now = is_each(injection) || ++injected->met == injection->nth;
    injected->is_done |= is_now;
    return is_now;
}

static bool is_short_now(const struct stage *stage, size_t number)
{
    const struct injection *injection = &stage->scenario->injections[number];
    const struct injected *injected = &stage->injected[number];
    return is_each(injection) || (!injected->is_done && injected->met + 1 >= injection->nth &&
                                  !(injected->taker && is_alive(stage, injected->taker)));
}

struct ruling injected_entry(struct stage *stage, const struct task *task, const struct event *event)
{
    give_back(stage, task);
    for (size_t i = 0; i < stage->scenario->injection_count; i++) {
        const struct injection *injection = &stage->scenario->injections[i];
        struct injected *injected = &stage->injected[i];
        if (!is_meant(stage, i, task, event))
            continue;
        if (injection->error && is_failed_now(injected, injection))
            return (struct ruling){RULING_FAIL, injection->error, 0};
        if (injection->error || !is_short_now(stage, i) ||
            !task_may_come_short(task, event, injection->short_bytes))
            continue;
        injected->taker = task->tid;
        return (struct ruling){RULING_SHORTEN, 0, injection->short_bytes};
    }
    return (struct ruling){RULING_GO, 0, 0};
}

/* One that comes before the nth: it counts when it has moved something, and could have come short as well. */
static bool counts(struct stage *stage, size_t number, const struct task *task, const struct event *event)
{
    const struct injection *injection = &stage->scenario->injections[number];
    return stage->injected[number].met + 1 < injection->nth && event->call.error == 0 &&
           event->call.result > 0 && is_meant(stage, number, task, event) &&
           task_may_come_short(task, event, injection->short_bytes);
}

void injected_exit(struct stage *stage, const struct task *task, const struct event *event)
{
    for (size_t i = 0; i < stage->scenario->injection_count; i++) {
        struct injected *injected = &stage->injected[i];
        if (stage->scenario->injections[i].error)
            continue;
        if (injected->taker == task->tid)
            injected->is_done |= event->is_injected;
        else if (counts(stage, i, task, event))
            injected->met++;
    }
    give_back(stage, task);
}

bool injected_was_reached(const struct stage *stage, size_t injection)
{
    return stage->injected[injection].is_done;
}
