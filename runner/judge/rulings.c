/* Holds, injections and nevers; see rulings.h. */
#include "judge/rulings.h"

#include "judge/match.h"

struct task *rulings_held(const struct stage *stage, const struct actor *actor)
{
    for (size_t i = 0; actor->held && i < tracer_task_count(stage->tracer); i++) {
        struct task *task = tracer_task(stage->tracer, i);
        if (task->tid == actor->held)
            return task->state == TASK_HELD ? task : NULL;
    }
    return NULL;
}

static bool is_plain(enum object_kind kind)
{
    return kind == OBJECT_FILE || kind == OBJECT_DIR || kind == OBJECT_SHM;
}

/* The first call that may block, on anything but plain files and the runner's streams. */
static bool may_block(const struct stage *stage, const struct task *task, const struct event *event)
{
    if (!(event->call.row->traits & CALL_WAITS) || !task_would_wait(task, event))
        return false;
    if (is_plain(event->object.kind))
        return false;
    return match_stream_of(stage, &event->object) == OBJECT_NONE;
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
    actor->trap = NULL;
    actor->held = task->tid;
    return true;
}

static struct ruling inject(struct stage *stage, const struct task *task, const struct event *event)
{
    for (size_t i = 0; i < stage->scenario->injection_count; i++) {
        const struct injection *injection = &stage->scenario->injections[i];
        if (!stage_is_who(stage, &injection->who, task->process) ||
            !match_begun(stage, &injection->deed, event))
            continue;
        if (++stage->injected[i] != injection->nth)
            continue;
        if (injection->error)
            return (struct ruling){RULING_FAIL, injection->error, 0};
        return (struct ruling){RULING_SHORTEN, 0, injection->short_bytes};
    }
    return (struct ruling){RULING_GO, 0, 0};
}

struct ruling rulings_entry(void *context, struct task *task, const struct event *event)
{
    struct stage *stage = context;
    if (task->process->actor < 0 || !event->counts)
        return (struct ruling){RULING_GO, 0, 0};
    struct ruling ruling = inject(stage, task, event);
    if (is_trapped(stage, &stage->actors[task->process->actor], task, event, true))
        ruling.kind = RULING_HOLD; /* and then what was to be injected */
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
    if (task->process->actor < 0 || !event->counts)
        return false;
    note_nevers(stage, task, event);
    return is_trapped(stage, &stage->actors[task->process->actor], task, event, false);
}
