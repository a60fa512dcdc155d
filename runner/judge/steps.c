/* The steps of a case; see steps.h.
 *
 * Every step begins at the end of a turn: an act is done, then everything runs until nobody can go on without the case. What does not hold then fails if the scene is
 * at rest, since then nothing will ever change it; otherwise time may, and it is tried again at the end of every further turn.
 */
#include "judge/steps.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "judge/cast.h"
#include "judge/expand.h"
#include "judge/facts.h"
#include "judge/failures.h"
#include "judge/looks.h"
#include "judge/orders.h"
#include "judge/process_text.h"
#include "judge/rulings.h"
#include "judge/turn.h"

/* The step has failed for good. Returns false. */
static bool fail(struct stage *stage, const char *expected, const char *seen)
{
    failure_add(stage, (int)stage->step, stage->points, false, expected, seen);
    stage->points = 0;
    stage->is_over = true;
    return false;
}

static bool stopped(struct stage *stage)
{
    failure_of_stop(stage);
    stage->points = 0;
    stage->is_over = true;
    return false;
}

static bool run(struct stage *stage)
{
    return turn_run(stage) || stopped(stage);
}

/* Something has not happened yet: wait for the end of a further turn. False when it never can, and `is_stopped` says whether the play was stopped instead. */
static bool may_still_happen(struct stage *stage, bool *is_stopped)
{
    *is_stopped = false;
    if (stage->scene == SCENE_AT_REST)
        return false;
    if (turn_wait(stage))
        return true;
    *is_stopped = true;
    return stopped(stage);
}

enum { PHRASE = 100 };

static void begin_act(struct stage *stage)
{
    cleanup_free char *text = scenario_step_text(stage->scenario, stage->step);
    cleanup_bytes struct bytes what = {0};
    size_t cut = PHRASE; /* a long step is only begun: this stands in the middle of a sentence */
    if (text && strlen(text) > PHRASE + strlen(" ...")) {
        while (((unsigned char)text[cut] & 0xc0) == 0x80)
            cut--;
        memcpy(text + cut, " ...", sizeof " ...");
    }
    bytes_print(&what, _("step %zu (%s)"), stage->step + 1, text ? text : "");
    turn_act(stage, bytes_text(&what));
    stage->cause_step = (int)stage->step;
}

/* ---- start ------------------------------------------------------------------------------------------------------------ */

static bool check_executed(struct stage *stage, const struct step *step)
{
    for (size_t i = 0; i < step->count; i++) {
        const struct actor *actor = stage_actor(stage, step->starts[i].actor);
        const struct process *main = stage_main(stage, actor);
        cleanup_bytes struct bytes seen = {0}, why = {0};
        if (main && main->lost.error != 0)
            lost_text(&main->lost, &why);
        else if (actor->exec_error)
            bytes_print(&why, "%s", error_words(actor->exec_error));
        else
            continue;
        bytes_print(&seen, _("%s cannot be executed: %s"), step->starts[i].program, bytes_text(&why));
        return fail(stage, _("the program is an executable"), bytes_text(&seen));
    }
    return true;
}

static bool play_start(struct stage *stage, const struct step *step)
{
    const char *missing = NULL;
    struct err err = {0};
    begin_act(stage);
    if (!cast_start(stage, step, &missing, &err))
        return stage_broke(stage, &err);
    if (missing) {
        cleanup_bytes struct bytes seen = {0};
        bytes_print(&seen, _("%s was not handed in"), missing);
        return fail(stage, _("the program is handed in"), bytes_text(&seen));
    }
    return run(stage) && check_executed(stage, step);
}

/* ---- do --------------------------------------------------------------------------------------------------------------- */

static void act_expected(struct stage *stage, const struct act *act, struct bytes *to)
{
    prose_who(to, stage_prose(stage), &act->who);
    bytes_print(to, " ");
    prose_deed(to, stage_prose(stage), &act->deed, false);
    if (act->must_block)
        bytes_print(to, "%s", _(", which has to wait"));
}

static bool fail_act(struct stage *stage, const struct act *act, const char *why)
{
    cleanup_bytes struct bytes expected = {0}, seen = {0};
    act_expected(stage, act, &expected);
    bytes_print(&seen, "%s", why);
    for (size_t i = 0; i < stage->actor_count; i++) {
        const struct actor *actor = &stage->actors[i];
        if (actor->role == ROLE_PUPPET || actor->main < 0 || actor->name == act->who.name)
            continue;
        bytes_print(&seen, "\n");
        living_text(stage, &(struct who){.name = actor->name}, &seen);
    }
    return fail(stage, bytes_text(&expected), bytes_text(&seen));
}

/* Wait until the agent can take an order: a stand-in may not have been executed yet. */
static bool await_agent(struct stage *stage, const struct act *act)
{
    const struct actor *actor = stage_actor(stage, act->who.name);
    bool is_stopped;
    while (!cast_ready_task(stage, actor)) {
        if (may_still_happen(stage, &is_stopped))
            continue;
        if (is_stopped)
            return false;
        cleanup_bytes struct bytes why = {0};
        const struct process *main = stage_main(stage, actor);
        bytes_print(&why, "%s ", actor->word);
        if (main)
            process_text(stage, main, &why);
        else
            bytes_print(&why, "%s", _("was never executed"));
        return fail_act(stage, act, bytes_text(&why));
    }
    return true;
}

/* What came of one act at the end of a turn: 1 as it should be, 0 not yet, -1 failed (and told). */
static int judge_act(struct stage *stage, const struct act *act)
{
    const struct actor *actor = stage_actor(stage, act->who.name);
    cleanup_bytes struct bytes seen = {0}, told = {0};
    struct err err = {0};
    enum outcome outcome = order_outcome(stage, actor, &act->deed, &seen);
    if (act->must_block && outcome == OUTCOME_WAITING)
        return 1;
    if (act->must_block && outcome == OUTCOME_DONE)
        return fail_act(stage, act, _("it did not wait: it succeeded at once")) ? 1 : -1;
    switch (outcome) {
    case OUTCOME_DONE: order_note_removal(stage, &act->deed); return 1;
    case OUTCOME_WAITING: return 0;
    case OUTCOME_OTHER:
        bytes_print(&told, "%s: %s", actor->word, bytes_text(&seen));
        fail_act(stage, act, bytes_text(&told));
        return -1;
    case OUTCOME_DEAD:
        bytes_print(&seen, "%s ", actor->word);
        process_text(stage, stage_main(stage, actor), &seen);
        fail_act(stage, act, bytes_text(&seen));
        return -1;
    case OUTCOME_BROKEN:
        err_set(&err, "%s could not do step %zu: %s", actor->word, stage->step + 1, bytes_text(&seen));
        stage_broke(stage, &err);
        return -1;
    }
    return -1;
}

static bool fail_waiting(struct stage *stage, const struct act *act)
{
    const struct process *main = stage_main(stage, stage_actor(stage, act->who.name));
    cleanup_bytes struct bytes why = {0};
    bytes_print(&why, _("%s is not done: it "), stage_actor(stage, act->who.name)->word);
    process_text(stage, main, &why);
    return fail_act(stage, act, bytes_text(&why));
}

static bool await_acts(struct stage *stage, const struct step *step)
{
    for (size_t i = 0; i < step->count;) {
        bool is_stopped;
        int judged = judge_act(stage, &step->acts[i]);
        if (judged < 0)
            return false;
        if (judged > 0) {
            i++;
            continue;
        }
        if (!may_still_happen(stage, &is_stopped))
            return is_stopped ? false : fail_waiting(stage, &step->acts[i]);
    }
    return true;
}

static bool play_do(struct stage *stage, const struct step *step)
{
    struct err err = {0};
    for (size_t i = 0; i < step->count; i++)
        if (!await_agent(stage, &step->acts[i]))
            return false;
    begin_act(stage);
    for (size_t i = 0; i < step->count; i++) {
        struct actor *actor = stage_actor(stage, step->acts[i].who.name);
        if (!order_give(stage, actor, &step->acts[i].deed, &err))
            return stage->trouble.text[0] ? false : fail_act(stage, &step->acts[i], err.text);
    }
    return run(stage) && await_acts(stage, step);
}

/* ---- expect ----------------------------------------------------------------------------------------------------------- */

static bool fail_look(struct stage *stage, const struct step *step)
{
    cleanup_bytes struct bytes expected = {0}, seen = {0};
    looks_tell(stage, step, &expected, &seen);
    if (!step->has_cost)
        return fail(stage, bytes_text(&expected), bytes_text(&seen));
    int cost = step->cost < stage->points ? step->cost : stage->points;
    failure_add(stage, (int)stage->step, cost, false, bytes_text(&expected), bytes_text(&seen));
    stage->points -= cost;
    return true;
}

static bool play_expect(struct stage *stage, const struct step *step)
{
    bool is_stopped;
    looks_ask(stage, step);
    while (!looks_hold(stage, step)) {
        if (stage->trouble.text[0])
            return false;
        if (!may_still_happen(stage, &is_stopped))
            return is_stopped ? false : fail_look(stage, step);
    }
    return true;
}

/* ---- send, eof, signal, hold, release ---------------------------------------------------------------------------------- */

static bool play_send(struct stage *stage, const struct step *step)
{
    struct err err = {0};
    begin_act(stage);
    for (size_t i = 0; i < step->count; i++) {
        struct actor *actor = stage_actor(stage, step->sends[i].who.name);
        if (!expand_text(stage, &step->sends[i].data, &actor->input, &err))
            return fail(stage, _("the input can be sent"), err.text);
    }
    return run(stage);
}

static bool play_eof(struct stage *stage, const struct step *step)
{
    begin_act(stage);
    for (size_t i = 0; i < step->count; i++)
        stage_actor(stage, step->whos[i].name)->input_ends = true;
    return run(stage);
}

/* A signal to p is one to the started process, to p.child one to each descendant. Returns how many were meant. */
static size_t send_signal(struct stage *stage, const struct signal_act *act)
{
    size_t sent = 0;
    struct who who = act->who;
    who.part = who.part == WHO_ALL ? WHO_PARENT : who.part;
    for (size_t i = 0; i < tracer_process_count(stage->tracer); i++) {
        const struct process *process = tracer_process(stage->tracer, i);
        if (process->is_dead || !stage_is_who(stage, &who, process))
            continue;
        sent += kill(process->pid, act->signal) == 0 || errno == ESRCH;
    }
    if (act->signal < 64)
        stage_actor(stage, who.name)->signals_sent |= 1ull << act->signal;
    return sent;
}

static bool play_signal(struct stage *stage, const struct step *step)
{
    begin_act(stage);
    for (size_t i = 0; i < step->count; i++) {
        const struct signal_act *act = &step->signals[i];
        if (send_signal(stage, act) > 0)
            continue;
        cleanup_bytes struct bytes expected = {0}, seen = {0};
        prose_who(&expected, stage_prose(stage), &act->who);
        bytes_print(&expected, _(" lives, to be sent %s"), signal_name(act->signal));
        living_text(stage, &act->who, &seen);
        return fail(stage, bytes_text(&expected), bytes_text(&seen));
    }
    return run(stage);
}

static bool play_hold(struct stage *stage, const struct step *step)
{
    for (size_t i = 0; i < step->count; i++) {
        struct actor *actor = stage_actor(stage, step->holds[i].who.name);
        actor->trap = &step->holds[i];
        actor->trapped = &step->holds[i];
        actor->gathers = false;
        actor->held = 0;
    }
    return true;
}

static bool fail_release(struct stage *stage, const struct who *who)
{
    const struct hold *trap = stage_actor(stage, who->name)->trapped;
    cleanup_bytes struct bytes expected = {0}, seen = {0};
    prose_who(&expected, stage_prose(stage), trap ? &trap->who : who);
    if (trap && trap->deed) {
        bytes_print(&expected, trap->is_before ? _(" comes to the point before it ")
                                               : _(" comes to the point after it "));
        prose_deed(&expected, stage_prose(stage), trap->deed, false);
    } else {
        bytes_print(&expected, "%s", _(" comes to the point before it waits"));
    }
    bytes_print(&seen, "%s\n",
                stage_actor(stage, who->name)->held
                    ? _("it came there, but did not live until it was released")
                    : _("it never came there"));
    living_text(stage, who, &seen);
    return fail(stage, bytes_text(&expected), bytes_text(&seen));
}

static bool play_release(struct stage *stage, const struct step *step)
{
    begin_act(stage);
    for (size_t i = 0; i < step->count; i++) {
        struct actor *actor = stage_actor(stage, step->whos[i].name);
        bool is_stopped;
        while (!rulings_held(stage, actor))
            if (!may_still_happen(stage, &is_stopped))
                return is_stopped ? false : fail_release(stage, &step->whos[i]);
        rulings_release(stage, actor);
    }
    return run(stage);
}

/* ---- all -------------------------------------------------------------------------------------------------------------- */

void steps_play(struct stage *stage)
{
    static bool (*const plays[])(struct stage *, const struct step *) = {
        [STEP_START] = play_start, [STEP_DO] = play_do,           [STEP_EXPECT] = play_expect,
        [STEP_SEND] = play_send,   [STEP_EOF] = play_eof,         [STEP_SIGNAL] = play_signal,
        [STEP_HOLD] = play_hold,   [STEP_RELEASE] = play_release,
    };
    for (stage->step = 0; stage->step < stage->scenario->step_count; stage->step++) {
        const struct step *step = &stage->scenario->steps[stage->step];
        if (!plays[step->kind](stage, step)) {
            stage->is_over = true;
            return;
        }
    }
}
