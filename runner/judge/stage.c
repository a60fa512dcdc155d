/* Look-ups on the stage; see stage.h. */
#include "judge/stage.h"

#include <string.h>
#include <time.h>

bool stage_broke(struct stage *stage, const struct err *err)
{
    if (!stage->trouble.text[0])
        stage->trouble = *err;
    stage->is_over = true;
    return false;
}

uint64_t stage_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

bool stage_had(const struct stage *stage, const struct object_id *id)
{
    for (size_t i = 0; i < stage->before.count; i++)
        if (object_same(&stage->before.items[i].id, id))
            return true;
    return false;
}

struct actor *stage_actor(struct stage *stage, int name)
{
    int number = stage->actor_of[name];
    return number < 0 ? NULL : &stage->actors[number];
}

struct process *stage_main(const struct stage *stage, const struct actor *actor)
{
    return actor->main < 0 ? NULL : tracer_process(stage->tracer, (size_t)actor->main);
}

static bool is_who(const struct stage *stage, const struct who *who, const struct process *process,
                   int belongs)
{
    int number = stage->actor_of[who->name];
    if (number < 0 || belongs != number)
        return false;
    const struct actor *actor = &stage->actors[number];
    switch (who->part) {
    case WHO_ALL: return true;
    case WHO_PARENT: return process->index == actor->main;
    case WHO_CHILD: return process->index != actor->main;
    case WHO_HELD:
        for (size_t i = 0; i < tracer_task_count(stage->tracer); i++) {
            const struct task *task = tracer_task(stage->tracer, i);
            if (task->tid == actor->held)
                return task->process == process;
        }
        return false;
    }
    return false;
}

bool stage_is_who(const struct stage *stage, const struct who *who, const struct process *process)
{
    return is_who(stage, who, process, process->actor);
}

bool stage_made_by(const struct stage *stage, const struct who *who, const struct event *event)
{
    return is_who(stage, who, tracer_process(stage->tracer, (size_t)event->process), event->actor);
}

struct process *stage_one(const struct stage *stage, const struct who *who)
{
    int number = stage->actor_of[who->name];
    if (number < 0)
        return NULL;
    if (who->part == WHO_ALL || who->part == WHO_PARENT)
        return stage_main(stage, &stage->actors[number]);
    struct process *first = NULL;
    for (size_t i = 0; i < tracer_process_count(stage->tracer); i++) {
        struct process *process = tracer_process(stage->tracer, i);
        if (!stage_is_who(stage, who, process))
            continue;
        if (!process->is_dead)
            return process;
        first = first ? first : process;
    }
    return first;
}
