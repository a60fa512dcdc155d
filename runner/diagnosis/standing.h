/* For the tests of this room only: a program runs until nobody can go on, then its wait-for graph is there to be looked at. Processes are called P0, P1 .. in order of birth. */
#ifndef IPCGRADE_DIAGNOSIS_STANDING_H
#define IPCGRADE_DIAGNOSIS_STANDING_H

#include "base/bytes.h"
#include "base/cleanup.h"
#include "diagnosis/waits.h"
#include "diagnosis/words.h"
#include "trace/rig.h"

struct scene_of {
    struct rig rig;
    struct process *main;
    struct history *history;
    struct waits waits;
};

static inline void stand(struct scene_of *scene, rig_program *program)
{
    *scene = (struct scene_of){.rig.config.wants_stacks = true};
    rig_open(&scene->rig);
    scene->main = rig_start(&scene->rig, program);
    ck_assert_int_eq(rig_turn(&scene->rig), SCENE_AT_REST);
    scene->history = history_new(scene->rig.tracer);
    history_play_all(scene->history);
    waits_find(&scene->waits, scene->rig.tracer, scene->history, &inspector_here);
}

static inline void leave(struct scene_of *scene)
{
    waits_free(&scene->waits);
    history_free(scene->history);
    for (size_t i = 0; i < tracer_process_count(scene->rig.tracer); i++)
        if (!tracer_process(scene->rig.tracer, i)->is_dead)
            kill(tracer_process(scene->rig.tracer, i)->pid, SIGKILL);
    rig_finish(&scene->rig);
    rig_close(&scene->rig);
}

/* The wait of the process that stands for `nth` in order of birth. */
static inline const struct wait *wait_of(const struct scene_of *scene, size_t nth)
{
    const struct wait *wait = waits_of(&scene->waits, tracer_process(scene->rig.tracer, nth));
    ck_assert_msg(wait != NULL, "process %zu does not wait", nth);
    return wait;
}

static inline const struct helper *helper_of(const struct wait *wait, enum help help, int process)
{
    for (size_t i = 0; i < wait->helper_count; i++)
        if (wait->helpers[i].help == help && wait->helpers[i].process == process)
            return &wait->helpers[i];
    ck_abort_msg("process %d is no helper of that kind", process);
    return NULL;
}

static inline void by_number(void *context, const struct process *process, struct bytes *to)
{
    (void)context;
    bytes_print(to, "P%d", process->index);
}

/* The words of one wait contain this text, with processes named P0, P1 .. */
static inline void says(struct scene_of *scene, const struct wait *wait, const char *text)
{
    cleanup_bytes struct bytes words = {0};
    const struct teller teller = {scene->rig.tracer, NULL, by_number, NULL};
    wait_text(&scene->waits, wait, &teller, &words);
    ck_assert_msg(strstr(bytes_text(&words), text) != NULL, "'%s' is not in: %s", text, bytes_text(&words));
}

static inline void knot_says(struct scene_of *scene, const char *text)
{
    cleanup_bytes struct bytes words = {0};
    const struct teller teller = {scene->rig.tracer, NULL, by_number, NULL};
    cycle_text(&scene->waits, &teller, &words);
    ck_assert_str_eq(bytes_text(&words), text);
}

#endif
