/* The diagnosis of a failed case; see why.h. What is found is the diagnosis room's; here it gets the case's names and becomes a part of the result. */
#include "judge/why.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "diagnosis/waits.h"
#include "diagnosis/words.h"
#include "judge/process_text.h"

static void name_process(void *context, const struct process *process, struct bytes *to)
{
    const struct stage *stage = context;
    const struct actor *actor = process->actor >= 0 ? &stage->actors[process->actor] : NULL;
    if (actor && process->is_agent)
        bytes_print(to, "%s", actor->word);
    else
        bytes_print(to, _("%s (%s, pid %d)"), actor ? actor->word : "?", process->program,
                    (int)process->inner_pid);
}

static void set_who(struct stage *stage, const struct process *process, int *pid, char **who)
{
    struct bytes name = {0};
    name_process(stage, process, &name);
    *pid = (int)process->inner_pid;
    *who = name.data;
}

static void tell_helper(struct stage *stage, const struct helper *helper, struct result_helper *row)
{
    *row = (struct result_helper){
        .fd = helper->fd, .wait = helper->wait + 1, .is_probable = helper->is_probable};
    set_who(stage, tracer_process(stage->tracer, (size_t)helper->process), &row->pid, &row->who);
    result_set(&row->help, help_word(helper->help));
    source_set(stage, helper->origin, &row->at);
}

/* The step that failed tells this agent to do something. */
static bool is_in_failed_step(const struct stage *stage, const struct actor *actor)
{
    int number = stage->result->failures[stage->result->failure_count - 1].step;
    const struct step *step = number >= 0 ? &stage->scenario->steps[number] : NULL;
    for (size_t i = 0; step && step->kind == STEP_DO && i < step->count; i++)
        if (step->acts[i].who.name == actor->name)
            return true;
    return false;
}

/* A puppet that waits because the case made it wait explains nothing; the one whose deed failed does, and every program of the student. */
static bool is_of_interest(const struct stage *stage, const struct wait *wait)
{
    const struct process *process = wait->task->process;
    if (process->actor < 0)
        return false;
    return !process->is_agent || is_in_failed_step(stage, &stage->actors[process->actor]);
}

static void tell_wait(struct stage *stage, const struct waits *waits, const struct wait *wait,
                      const struct teller *teller, struct result_wait *row)
{
    struct bytes text = {0};
    *row = (struct result_wait){.is_told = is_of_interest(stage, wait)};
    set_who(stage, wait->task->process, &row->pid, &row->who);
    result_set(&row->call, wait->event->call.row->name);
    result_set(&row->object, wait->name[0] ? wait->name : NULL);
    wait_text(waits, wait, teller, &text);
    row->text = text.data;
    source_set(stage, wait->event, &row->at);
    row->helpers = calloc(wait->helper_count + 1, sizeof *row->helpers);
    if (!row->helpers)
        abort();
    for (size_t i = 0; i < wait->helper_count; i++)
        tell_helper(stage, &wait->helpers[i], &row->helpers[row->helper_count++]);
}

static void tell_waits(struct stage *stage, const struct waits *waits)
{
    const struct teller teller = {stage->tracer, stage->request->source_root, name_process, stage};
    struct case_result *result = stage->result;
    struct bytes deadlock = {0};
    result->waits = calloc(waits->count + 1, sizeof *result->waits);
    if (!result->waits)
        abort();
    for (size_t i = 0; i < waits->count; i++)
        tell_wait(stage, waits, &waits->items[i], &teller, &result->waits[result->wait_count++]);
    for (size_t i = 0; i < waits->cycle_count; i++)
        result->waits[waits->cycle[i]].is_in_cycle = true;
    cycle_text(waits, &teller, &deadlock);
    result->deadlock = deadlock.data;
}

void why_tell(struct stage *stage)
{
    struct waits waits;
    if (stage->scene != SCENE_TURN_OVER && stage->scene != SCENE_AT_REST)
        return;
    struct history *history = history_new(stage->tracer);
    history_play_all(history);
    waits_find(&waits, stage->tracer, history, &stage->inspector);
    tell_waits(stage, &waits);
    waits_free(&waits);
    history_free(history);
}
