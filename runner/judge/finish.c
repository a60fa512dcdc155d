/* The end of a case; see finish.h. Leftovers are in leftovers.c. */
#include "judge/finish.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "judge/cast.h"
#include "judge/failures.h"
#include "judge/leftovers.h"
#include "judge/process_text.h"
#include "judge/turn.h"

int finish_price(const struct stage *stage, const char *rule, int usual)
{
    const struct scenario *scenario = stage->scenario;
    const struct assignment *assignment = &stage->request->suite->assignment;
    for (size_t i = 0; i < scenario->price_count; i++)
        if (strcmp(scenario->prices[i].rule, rule) == 0)
            return scenario->prices[i].cost;
    for (size_t i = 0; i < assignment->price_count; i++)
        if (strcmp(assignment->prices[i].rule, rule) == 0)
            return assignment->prices[i].cost;
    return usual;
}

static void fail(struct stage *stage, int price, const char *expected, const char *seen)
{
    if (price < 0)
        return;
    int cost = price < stage->points ? price : stage->points;
    failure_add(stage, AT_THE_END, cost, false, expected, seen);
    stage->points -= cost;
}

/* ---- puppets leave ----------------------------------------------------------------------------------------------------- */

/* An agent without orders is told to exit, so that who waits for it sees status 0; one that still waits in a call is killed. */
static void dismiss(struct stage *stage, struct process *process)
{
    struct order order = {.deed = "exit", .id = -1, .fd = -1};
    struct task *task = tracer_main_task(stage->tracer, process);
    struct err err = {0};
    if (task && task->is_ready) {
        stage->actors[process->actor].is_busy = false;
        if (!tracer_order(stage->tracer, task, &order, "", &err))
            stage_broke(stage, &err);
        return;
    }
    process->is_group_killed_by_us = true;
    kill(process->pid, SIGKILL);
}

static bool puppets_leave(struct stage *stage)
{
    bool any = false;
    for (size_t i = 0; i < tracer_process_count(stage->tracer); i++) {
        struct process *process = tracer_process(stage->tracer, i);
        if (!process->is_agent || process->is_dead || process->actor < 0)
            continue;
        dismiss(stage, process);
        any = true;
    }
    return any;
}

static bool anybody_lives(const struct stage *stage)
{
    return tracer_task_count(stage->tracer) > 0;
}

/* A program may start a stand-in again when its filter leaves: that one leaves too. Each round is a further turn, so a program that restarts for ever meets the wall
 * limit. */
static bool run_to_rest(struct stage *stage)
{
    turn_act(stage, _("the last step, with puppets and stand-ins gone,"));
    do {
        puppets_leave(stage);
        if (!turn_run(stage))
            return false;
        while (stage->scene != SCENE_AT_REST && anybody_lives(stage))
            if (!turn_wait(stage))
                return false;
        bool is_waiting_agent = false;
        for (size_t i = 0; i < tracer_process_count(stage->tracer); i++) {
            const struct process *process = tracer_process(stage->tracer, i);
            is_waiting_agent |= process->is_agent && !process->is_dead;
        }
        if (!is_waiting_agent)
            return true;
    } while (true);
}

/* ---- the checks -------------------------------------------------------------------------------------------------------- */

static bool is_students(const struct stage *stage, const struct process *process)
{
    return process->actor >= 0 && stage->actors[process->actor].role == ROLE_STUDENT;
}

/* 1: every actor has ended, with all its processes. */
static bool check_ended(struct stage *stage)
{
    bool all = true;
    for (size_t i = 0; i < tracer_process_count(stage->tracer); i++) {
        const struct process *process = tracer_process(stage->tracer, i);
        struct bytes expected = {0}, seen = {0};
        if (process->is_dead || !is_students(stage, process))
            continue;
        const struct actor *actor = &stage->actors[process->actor];
        bool is_main = process->index == actor->main;
        bytes_print(&expected, is_main ? _("%s ends by itself") : _("%s leaves no process behind"),
                    actor->word);
        bytes_print(&seen, "%s (%s, pid %d) ", actor->word, process->program, (int)process->inner_pid);
        process_text(stage, process, &seen);
        fail(stage, stage->points, bytes_text(&expected), bytes_text(&seen));
        bytes_free(&expected);
        bytes_free(&seen);
        all = false;
    }
    return all;
}

/* 2: an end that no step asked for is status 0, or a signal that the case sent. */
static void check_status(struct stage *stage, const struct actor *actor)
{
    const struct process *process = stage_main(stage, actor);
    struct bytes expected = {0}, seen = {0};
    if (actor->role != ROLE_STUDENT || !process || !process->is_dead || actor->end_is_asked)
        return;
    int status = process->wait_status;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return;
    if (WIFSIGNALED(status) && WTERMSIG(status) < 64 && (actor->signals_sent >> WTERMSIG(status) & 1))
        return;
    bytes_print(&expected, _("%s ends with status 0"), actor->word);
    bytes_print(&seen, "%s ", actor->word);
    process_text(stage, process, &seen);
    if (actor->err.seen.len > 0) {
        char *text = text_printable(actor->err.seen.data, actor->err.seen.len, 400);
        bytes_print(&seen, _("; it printed on standard error \"%s\""), text);
        free(text);
    }
    fail(stage, stage->points, bytes_text(&expected), bytes_text(&seen));
    bytes_free(&expected);
    bytes_free(&seen);
}

/* 3: nobody crashed, unless a look asked for it or the case sent that signal. */
static void check_crash(struct stage *stage, const struct process *process)
{
    if (!process->is_dead || !process->counts || !is_students(stage, process) ||
        !WIFSIGNALED(process->wait_status))
        return;
    int signal = WTERMSIG(process->wait_status);
    struct actor *actor = &stage->actors[process->actor];
    if (!is_crash_signal(signal) || (actor->killed_asked >> signal & 1) ||
        (actor->signals_sent >> signal & 1))
        return;
    struct bytes seen = {0};
    bytes_print(&seen, "%s (%s, pid %d) ", actor->word, process->program, (int)process->inner_pid);
    process_text(stage, process, &seen);
    actor->is_crash_told |= process->index == actor->main;
    fail(stage, finish_price(stage, "crash", stage->points), _("no process of the program crashes"),
         bytes_text(&seen));
    bytes_free(&seen);
}

/* 4: what must never be called was called by nobody; of a static program nobody knows, and it gains nothing by that. */
static void check_unseen(struct stage *stage, const struct never *never)
{
    cleanup_bytes struct bytes expected = {0}, seen = {0};
    if (!unseen_in_any(stage, &never->who, &never->deed, &seen))
        return;
    never_text(stage, never, &expected);
    fail(stage, stage->points, bytes_text(&expected), bytes_text(&seen));
}

void finish_judge(struct stage *stage)
{
    if (!run_to_rest(stage)) {
        stage->step = stage->scenario->step_count;
        failure_of_stop(stage);
        stage->points = 0;
        return;
    }
    stage->step = stage->scenario->step_count;
    if (!check_ended(stage))
        return; /* the rest would only repeat it: who lives has neither status nor tidied up */
    for (size_t i = 0; i < tracer_process_count(stage->tracer); i++)
        check_crash(stage, tracer_process(stage->tracer, i));
    for (size_t i = 0; i < stage->actor_count; i++)
        if (!stage->actors[i].is_crash_told)
            check_status(stage, &stage->actors[i]);
    for (size_t i = 0; i < stage->scenario->never_count; i++)
        check_unseen(stage, &stage->scenario->nevers[i]);
    leftovers_judge(stage);
}
