/* Which cases are run, and in which order; see plan.h. */
#include "commands/plan.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

static bool is_meant(const struct scenario *scenario, const char *pattern)
{
    return fnmatch(pattern, scenario->id, 0) == 0 || fnmatch(pattern, scenario->program, 0) == 0 ||
           strcmp(pattern, scenario->group) == 0;
}

static size_t index_of(const struct suite *suite, const char *id)
{
    const struct scenario *scenario = suite_find(suite, id);
    return scenario ? (size_t)(scenario - suite->scenarios) : suite->count;
}

/* `upper_tr` may be meant as pipe/upper_tr, and `pipe_upper.c` as the program. */
static bool is_part(const struct scenario *scenario, const char *pattern)
{
    const char *name = strrchr(scenario->id, '/');
    return (name && strcmp(name + 1, pattern) == 0) ||
           (strncmp(scenario->program, pattern, strlen(scenario->program)) == 0 &&
            strcmp(pattern + strlen(scenario->program), ".c") == 0);
}

/* The case, program or group that the pattern is like; NULL: none. Borrowed from the suite. */
static const char *nearest_name(const struct suite *suite, const char *pattern)
{
    enum { WORDS = 3 };
    cleanup_free const char **words = calloc(WORDS * suite->count + 1, sizeof *words);
    for (size_t i = 0; words && i < suite->count; i++) {
        const struct scenario *one = &suite->scenarios[i];
        if (is_part(one, pattern))
            return strchr(pattern, '.') ? one->program : one->id;
        words[WORDS * i] = one->program;
        words[WORDS * i + 1] = one->group;
        words[WORDS * i + 2] = one->id;
    }
    return words ? text_nearest(pattern, words) : NULL;
}

static bool matches_nothing(const struct suite *suite, const char *pattern, struct err *err)
{
    const char *nearest = nearest_name(suite, pattern);
    if (nearest)
        return err_set(err, _("no case, program or group matches '%s'; did you mean '%s'?"), pattern,
                       nearest);
    return err_set(err, _("no case, program or group matches '%s'; `ipcgrade list` shows them"), pattern);
}

static bool choose(struct plan *plan, const char *pattern, struct err *err)
{
    bool found = false;
    for (size_t i = 0; i < plan->suite->count; i++) {
        if (!is_meant(&plan->suite->scenarios[i], pattern))
            continue;
        plan->states[i] = PLAN_WAITING;
        found = true;
    }
    return found || matches_nothing(plan->suite, pattern, err);
}

/* There are no cycles (the loader sees to it), so as many rounds as cases are enough. */
static void choose_needed(struct plan *plan)
{
    bool has_grown = true;
    while (has_grown) {
        has_grown = false;
        for (size_t i = 0; i < plan->suite->count; i++) {
            const struct scenario *scenario = &plan->suite->scenarios[i];
            for (size_t k = 0; plan->states[i] != PLAN_LEFT_OUT && k < scenario->need_count; k++) {
                size_t needed = index_of(plan->suite, scenario->needs[k]);
                if (needed == plan->suite->count || plan->states[needed] != PLAN_LEFT_OUT)
                    continue;
                plan->states[needed] = PLAN_WAITING;
                has_grown = true;
            }
        }
    }
}

bool plan_new(struct plan *plan, const struct suite *suite, const char *const *patterns, size_t pattern_count,
              struct err *err)
{
    *plan = (struct plan){suite, calloc(suite->count + 1, sizeof *plan->states),
                          calloc(suite->count + 1, sizeof *plan->verdicts), false};
    if (!plan->states || !plan->verdicts)
        return err_sys(err, "make room for the plan");
    for (size_t i = 0; pattern_count == 0 && i < suite->count; i++)
        plan->states[i] = PLAN_WAITING;
    for (size_t i = 0; i < pattern_count; i++)
        if (!choose(plan, patterns[i], err))
            return false;
    choose_needed(plan);
    return true;
}

void plan_free(struct plan *plan)
{
    free(plan->states);
    free(plan->verdicts);
    *plan = (struct plan){0};
}

size_t plan_count(const struct plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->suite->count; i++)
        count += plan->states[i] != PLAN_LEFT_OUT;
    return count;
}

/* What the needs of a waiting case say: a needed case that failed decides at once, whatever the others will say. */
static struct plan_step judge_needs(const struct plan *plan, size_t index)
{
    const struct scenario *scenario = &plan->suite->scenarios[index];
    struct plan_step step = {PLAN_PLAY, index, 0, PASSED};
    for (size_t k = 0; k < scenario->need_count; k++) {
        size_t needed = index_of(plan->suite, scenario->needs[k]);
        if (needed == plan->suite->count)
            continue;
        bool is_done = plan->states[needed] == PLAN_DONE;
        if (is_done && plan->verdicts[needed] == FAILED)
            return (struct plan_step){PLAN_NOT_RUN, index, needed, FAILED};
        if (!is_done)
            step = (struct plan_step){PLAN_WAIT, index, needed, PASSED};
        else if (plan->verdicts[needed] != PASSED && step.kind == PLAN_PLAY)
            step = (struct plan_step){PLAN_NOT_RUN, index, needed, SKIPPED};
    }
    return step;
}

static bool is_somebodys_turn(const struct plan *plan)
{
    for (size_t i = 0; i < plan->suite->count; i++)
        if (plan->states[i] == PLAN_RUNNING && scenario_names_queue(&plan->suite->scenarios[i]))
            return true;
    return false;
}

static bool is_any(const struct plan *plan, enum plan_state state)
{
    for (size_t i = 0; i < plan->suite->count; i++)
        if (plan->states[i] == state)
            return true;
    return false;
}

/* There is one that is to be played alone: as soon as nobody runs any more. */
static struct plan_step next_alone(struct plan *plan)
{
    size_t index = 0;
    if (is_any(plan, PLAN_RUNNING))
        return (struct plan_step){PLAN_WAIT, 0, 0, PASSED};
    while (plan->states[index] != PLAN_AGAIN)
        index++;
    plan->states[index] = PLAN_ALONE;
    return (struct plan_step){PLAN_PLAY, index, 0, PASSED};
}

struct plan_step plan_next(struct plan *plan)
{
    if (is_any(plan, PLAN_ALONE))
        return (struct plan_step){PLAN_WAIT, 0, 0, PASSED};
    bool has_waiting = false, is_taken = plan->has_turns && is_somebodys_turn(plan);
    for (size_t i = 0; i < plan->suite->count; i++) {
        if (plan->states[i] != PLAN_WAITING)
            continue;
        struct plan_step step = judge_needs(plan, i);
        has_waiting = true;
        bool must_wait =
            step.kind == PLAN_PLAY && is_taken && scenario_names_queue(&plan->suite->scenarios[i]);
        if (step.kind == PLAN_WAIT || must_wait)
            continue;
        plan->states[i] = PLAN_RUNNING;
        if (step.kind == PLAN_NOT_RUN)
            plan_done(plan, i, step.verdict);
        return step;
    }
    if (is_any(plan, PLAN_AGAIN))
        return next_alone(plan);
    return (struct plan_step){has_waiting ? PLAN_WAIT : PLAN_FINISHED, 0, 0, PASSED};
}

void plan_done(struct plan *plan, size_t index, enum verdict verdict)
{
    plan->states[index] = PLAN_DONE;
    plan->verdicts[index] = verdict;
}

void plan_again(struct plan *plan, size_t index)
{
    plan->states[index] = PLAN_AGAIN;
}
