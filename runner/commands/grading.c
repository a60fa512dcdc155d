/* Running the chosen cases; see grading.h.
 *
 * Theory of operation: the plan says what may start, the pool runs it, and every case ends in case_ended(), whether it was played, broke, could not be
 * run because of another, or misses its program. A worker sends its case as JSON; the parent scales its points and hides what is to be hidden. It has the
 * live reports written when it would wait: so what came while they were written goes into the next ones together, and a long run does not write all cases
 * anew for each.
 */
#include "commands/grading.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands/machine_lock.h"
#include "commands/no_verdict.h"
#include "commands/queue_room.h"
#include "commands/submission.h"
#include "judge/shared.h"
#include "result/result_json.h"
#include "result/score.h"
#include "trace/trace.h"

bool grading_new(struct grading *grading, const struct grading_request *request, struct err *err)
{
    const struct suite *suite = request->suite;
    *grading = (struct grading){.request = request};
    if (!plan_new(&grading->plan, suite, request->only, request->only_count, err))
        return false;
    grading->cases = calloc(suite->count + 1, sizeof *grading->cases);
    grading->shares = calloc(suite->count + 1, sizeof *grading->shares);
    grading->result.cases = calloc(suite->count + 1, sizeof *grading->result.cases);
    if (!grading->cases || !grading->shares || !grading->result.cases || !suite_share(suite, grading->shares))
        return err_sys(err, "make room for the cases");
    grading->result.planned = plan_count(&grading->plan);
    for (size_t i = 0; i < suite->count; i++)
        if (grading->plan.states[i] != PLAN_LEFT_OUT)
            grading->result.max_score += grading->shares[i];
    grading->result.seed = request->seed;
    for (int language = 0; language < LANGUAGES; language++)
        result_set(&grading->result.assignment[language], suite->assignment.title.in[language]);
    return true;
}

void grading_free(struct grading *grading)
{
    for (size_t i = 0; grading->cases && i < grading->request->suite->count; i++)
        case_result_free(&grading->cases[i]);
    grading->result.count = 0; /* they were copies of these */
    result_free(&grading->result);
    plan_free(&grading->plan);
    free(grading->cases);
    free(grading->shares);
    *grading = (struct grading){0};
}

/* ---- the end of a case ----------------------------------------------------------------------------------------------------- */

static bool is_hidden(const struct grading *grading, const struct scenario *scenario)
{
    return scenario->visibility == HIDDEN ||
           (scenario->visibility == AFTER_DUE_DATE && !grading->request->is_after_due);
}

/* Counted over the suite, so that a hidden case has the same number in every run. */
static int hidden_number(const struct grading *grading, size_t index)
{
    const struct suite *suite = grading->request->suite;
    int number = 1;
    for (size_t i = 0; i < index; i++)
        number += is_hidden(grading, &suite->scenarios[i]) &&
                  strcmp(suite->scenarios[i].group, suite->scenarios[index].group) == 0;
    return number;
}

/* What is known of a case without playing it. */
static struct case_result unplayed(const struct scenario *scenario, enum verdict verdict)
{
    struct case_result one = {.verdict = verdict, .max_score = scenario->points};
    result_set(&one.id, scenario->id);
    result_set(&one.group, scenario->group);
    result_set(&one.program, scenario->program);
    result_set(&one.file, scenario->at.file);
    for (int language = 0; language < LANGUAGES; language++) {
        result_set(&one.title[language], scenario->title.in[language]);
        result_set(&one.hint[language], scenario->hint.in[language]);
    }
    return one;
}

/* The cases that are done, in order, into the result. */
static void collect(struct grading *grading)
{
    struct result *result = &grading->result;
    result->count = 0;
    for (size_t i = 0; i < grading->request->suite->count; i++)
        if (grading->plan.states[i] == PLAN_DONE && grading->cases[i].id)
            result->cases[result->count++] = grading->cases[i];
    result->is_partial = result->count < result->planned;
    result_total(result);
}

static void case_ended(struct grading *grading, size_t index, struct case_result *one)
{
    const struct scenario *scenario = &grading->request->suite->scenarios[index];
    one->is_hidden = is_hidden(grading, scenario);
    const char *skeleton = one->verdict == FAILED && one->failure_count > 0
                               ? submission_skeleton(grading->submission, grading->request->suite, scenario)
                               : NULL;
    if (skeleton)
        result_skeleton(one, skeleton);
    plan_done(&grading->plan, index, one->verdict);
    case_result_scale(one, grading->shares[index]);
    if (one->is_hidden && !grading->request->shows_hidden)
        case_result_hide(one, hidden_number(grading, index));
    grading->cases[index] = *one;
    grading->progress.done++;
    grading->has_untold = true;
}

static void end_unplayed(struct grading *grading, size_t index, enum verdict verdict, const char *reason)
{
    struct case_result one = unplayed(&grading->request->suite->scenarios[index], verdict);
    result_set(&one.reason, reason);
    case_ended(grading, index, &one);
}

static void end_lacking(struct grading *grading, size_t index, const char *program)
{
    struct case_result one = unplayed(&grading->request->suite->scenarios[index], FAILED);
    one.reason = submission_lack_text(grading->submission, program);
    result_set(&one.lacks, program);
    case_ended(grading, index, &one);
}

static void end_not_run(struct grading *grading, const struct plan_step *step)
{
    const struct case_result *because = &grading->cases[step->because];
    char reason[512];
    const struct scenario *scenarios = grading->request->suite->scenarios;
    const char *needed = scenarios[step->because].id;
    const char *lacks = submission_lacks(grading->submission, &scenarios[step->index]);
    if (lacks) { /* that its program is not there says more */
        end_lacking(grading, step->index, lacks);
        return;
    }
    if (because->is_skeleton && !because->is_hidden) {
        struct case_result one = unplayed(&scenarios[step->index], step->verdict);
        result_set(&one.reason, because->reason);
        result_set(&one.lacks, because->lacks);
        one.is_skeleton = true;
        case_ended(grading, step->index, &one);
        return;
    }
    snprintf(reason, sizeof reason,
             step->verdict == FAILED ? _("not run: needs %s")
                                     : _("not run: needs %s, which could not be judged"),
             needed);
    end_unplayed(grading, step->index, step->verdict, reason);
}

static void end_without_verdict(struct grading *grading, const struct pool_end *end, const struct err *err)
{
    char reason[1024];
    no_verdict_text(end, err, reason, sizeof reason);
    end_unplayed(grading, end->index, end->is_held ? FAILED : BROKEN, reason);
}

/* A case that is played alone has all that was there when it was measured; if it is not there any more, nobody knows by what the case has failed. */
static bool has_lost_queues(const struct grading *grading, size_t index)
{
    struct rlimit limit;
    return grading->plan.states[index] == PLAN_ALONE && getrlimit(RLIMIT_MSGQUEUE, &limit) == 0 &&
           queue_room_left(limit.rlim_max) < grading->queues.alone;
}

static void case_played(struct grading *grading, struct pool_end *end)
{
    struct case_result one;
    struct err err = {0};
    const char *id = grading->request->suite->scenarios[end->index].id;
    size_t refusals = memory_refusals();
    bool is_read = WIFEXITED(end->status) && !end->is_late && !end->is_held && !end->is_too_long &&
                   !end->error && case_result_from_json(&one, bytes_text(&end->text), end->text.len, &err);
    if (is_read && (!one.id || strcmp(one.id, id) != 0)) {
        case_result_free(&one);
        is_read = err_set(&err, "it is not of this case");
    }
    if (is_read && memory_refusals() > refusals) {
        case_result_free(&one);
        is_read = err_set(&err, "there was no memory to read it");
    }
    if (is_read && one.is_crowded) {
        case_result_free(&one);
        plan_again(&grading->plan, end->index);
    } else if (is_read && one.verdict == FAILED && has_lost_queues(grading, end->index)) {
        case_result_free(&one);
        end_unplayed(grading, end->index, BROKEN,
                     _("other programs of this user have taken POSIX queues meanwhile (ulimit -q)"));
    } else if (is_read)
        case_ended(grading, end->index, &one);
    else
        end_without_verdict(grading, end, &err);
}

/* ---- running ---------------------------------------------------------------------------------------------------------------- */

/* In a worker. An answer without a text: the turn has come. */
static char *play(void *context, size_t index)
{
    const struct grading *grading = context;
    if (grading->turn.is_awaited)
        return machine_lock_wait(grading->turn.lock, NULL) ? strdup("") : NULL;
    const struct grading_request *request = grading->request;
    const struct scenario *scenario = &request->suite->scenarios[index];
    const struct queue_room *queues = &grading->queues;
    bool is_alone = grading->plan.states[index] == PLAN_ALONE;
    const struct play_request play_request = {
        .suite = request->suite,
        .scenario = scenario,
        .programs = grading->submission->programs,
        .program_count = grading->submission->program_count,
        .agent_path = request->agent_path,
        .source_root = grading->submission->source_root,
        .hidden = request->hidden,
        .seed = request->seed + index * 1000003, /* cases that run side by side choose different things */
        .queue_bytes = is_alone                         ? queues->alone
                       : scenario_names_queue(scenario) ? queues->own
                                                        : queues->rest,
        .has_neighbours = !is_alone && queues->own != queues->alone,
        .filter = grading->filter,
        .filter_length = grading->filter_length,
        .held = grading->turn.lock,
    };
    struct case_result result;
    suite_keep_from_children(request->suite);
    play_case(&play_request, &result);
    char *text = case_result_to_json(&result);
    if (memory_was_short() &&
        (result.verdict != BROKEN || !result.reason || !result.id)) { /* while it was told */
        free(text);
        text = strdup("memory was short");
    }
    case_result_free(&result);
    return text;
}

static bool start_worker(struct grading *grading, struct pool *pool, size_t index, const char *what)
{
    struct err err = {0};
    if (pool_start(pool, index, &err)) {
        progress_show(&grading->progress, what);
        return true;
    }
    end_unplayed(grading, index, BROKEN, err.text);
    return false;
}

/* From now on the worker and its sandbox hold the lock: so it lasts until the last of the case is gone, whoever is killed meanwhile. */
static void end_turn(struct grading *grading)
{
    if (grading->turn.lock > 0)
        close(grading->turn.lock);
    grading->turn = (struct turn){0};
}

/* A worker apart waits for the lock: so we hear meanwhile what we are asked, and the wait is no part of the time that a case has. If he got it, whatever became of him, it is ours. */
static void take_turn(struct grading *grading, struct pool *pool, size_t index)
{
    struct turn *turn = &grading->turn;
    struct err err = {0};
    bool is_ours = machine_lock_try(turn->lock, &err), is_busy = !is_ours && err.number == EWOULDBLOCK;
    turn->is_awaited = is_busy && turn->waits++ < MACHINE_LOCK_WAITS;
    if (turn->is_awaited && start_worker(grading, pool, index, _("waiting for another run on this machine")))
        return;
    if (is_ours)
        start_worker(grading, pool, index, grading->request->suite->scenarios[index].id);
    else if (!turn->is_awaited)
        end_unplayed(grading, index, BROKEN,
                     is_busy ? _("others hold what this machine shares with them (ipcgrade doctor)")
                             : err.text);
    end_turn(grading);
}

static void start(struct grading *grading, struct pool *pool, size_t index)
{
    struct err err = {0};
    const struct scenario *scenario = &grading->request->suite->scenarios[index];
    const char *lacks = submission_lacks(grading->submission, scenario);
    if (lacks)
        end_lacking(grading, index, lacks);
    else if (!shared_is_named(scenario, grading->request->lacks))
        start_worker(grading, pool, index, scenario->id);
    else if ((grading->turn.lock = machine_lock_open(&err)) > 0)
        take_turn(grading, pool, index);
    else
        end_unplayed(grading, index, BROKEN, err.text);
}

static void worker_ended(struct grading *grading, struct pool *pool, struct pool_end *end)
{
    if (grading->turn.is_awaited)
        take_turn(grading, pool, end->index);
    else
        case_played(grading, end);
    bytes_free(&end->text);
}

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Before we wait; returns how many milliseconds until it is to be tried again, -1: not before something happens. A run that has come to its end is told of by whoever began it. Reports grow
 * with each case and are written as a whole, so that takes a tenth of our time at most. */
static int tell(struct grading *grading, const struct pool *pool)
{
    enum { SHARE = 10 };
    double began = now_seconds();
    if (!grading->has_untold || pool_running(pool) == 0 || pool_has_news(pool))
        return -1;
    if (began < grading->next_tell)
        return 1 + (int)((grading->next_tell - began) * 1000);
    collect(grading);
    grading->has_untold = false;
    if (grading->request->ended)
        grading->request->ended(grading->request->context, &grading->result);
    double ended = now_seconds();
    grading->next_tell = ended + (SHARE - 1) * (ended - began);
    return -1;
}

/* One thing: start a case, note one that cannot be run, or wait for one to end. False when there is nothing left to do. */
static bool advance(struct grading *grading, struct pool *pool)
{
    struct pool_end end;
    struct plan_step step = {PLAN_WAIT, 0, 0, PASSED};
    if (pool_has_room(pool))
        step = plan_next(&grading->plan);
    if (step.kind == PLAN_PLAY) {
        start(grading, pool, step.index);
        return true;
    }
    if (step.kind == PLAN_NOT_RUN) {
        end_not_run(grading, &step);
        return true;
    }
    switch (pool_wait(pool, tell(grading, pool), &end)) {
    case POOL_DUE: return true;
    case POOL_ENDED: worker_ended(grading, pool, &end); return true;
    case POOL_SIGNALLED: grading->signal = end.signal; return false;
    case POOL_NOTHING: break;
    }
    return false;
}

bool grading_run(struct grading *grading, const struct submission *submission, struct err *err)
{
    struct pool *pool = NULL;
    double begun = now_seconds();
    grading->submission = submission;
    if (!pool_new(&pool, grading->request->jobs, play, grading, err))
        return false;
    grading->plan.has_turns = grading->queues.takes_turns;
    tracer_filter(&grading->filter, &grading->filter_length, NULL); /* else each play says what is wrong */
    progress_begin(&grading->progress, grading->result.planned);
    while (advance(grading, pool))
        ;
    progress_end(&grading->progress);
    pool_free(pool);
    end_turn(grading);
    free(grading->filter);
    grading->filter = NULL;
    grading->result.seconds = now_seconds() - begun;
    collect(grading);
    return true;
}
