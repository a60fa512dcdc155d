/* What went wrong; see failures.h. */
#include "judge/failures.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "judge/expand.h"
#include "judge/facts.h"
#include "judge/looks.h"
#include "judge/process_text.h"
#include "judge/turn.h"

static void set_hint(struct failure *failure, const struct step *step)
{
    for (size_t i = 0; i < step->hint.count && i < 2; i++) {
        const struct text *text = &step->hint.texts[i];
        if (text->count > 0 && text->parts[0].kind == PART_BYTES)
            result_set(&failure->hint[i], text->parts[0].data);
    }
}

static const char *rest_text(const struct stage *stage)
{
    return stage->scene == SCENE_AT_REST ? _(" everything came to rest.") : ":";
}

/* Several facts may have been met by the same sight: each line once. Caller frees. */
static char *unique_lines(const char *text)
{
    struct bytes unique = {0};
    for (const char *line = text; *line; line += strcspn(line, "\n") + (line[strcspn(line, "\n")] != '\0')) {
        size_t len = strcspn(line, "\n");
        bool is_told = false;
        for (const char *old = text; old < line && !is_told; old += strcspn(old, "\n") + 1)
            is_told = strcspn(old, "\n") == len && strncmp(old, line, len) == 0;
        if (!is_told)
            bytes_print(&unique, "%s%.*s", unique.len ? "\n" : "", (int)len, line);
    }
    return unique.data;
}

/* Whoever leaves zombies and is refused a process wonders: so few live. Once for a case. */
static void tell_zombies(const struct stage *stage, struct bytes *to)
{
    int most = 0;
    for (size_t i = 0; stage->result->failure_count == 0 && i < tracer_event_count(stage->tracer); i++)
        if (tracer_event(stage->tracer, i)->zombies > most)
            most = tracer_event(stage->tracer, i)->zombies;
    if (most > 0)
        bytes_print(to, _("\nfork() was refused: %d that had ended and were not waited for count, too"),
                    most);
}

void failure_add(struct stage *stage, int step, int cost, bool is_limit, const char *expected,
                 const char *seen)
{
    struct case_result *result = stage->result;
    cleanup_bytes struct bytes all_seen = {0};
    bytes_print(&all_seen, "%s", seen);
    tell_zombies(stage, &all_seen);
    struct failure *failures = reallocarray(result->failures, result->failure_count + 1, sizeof *failures);
    if (!failures)
        abort();
    result->failures = failures;
    struct failure *failure = &failures[result->failure_count++];
    *failure = (struct failure){.step = step, .is_limit = is_limit, .cost = cost};
    result_set(&failure->expected, expected);
    cleanup_free char *sights = unique_lines(bytes_text(&all_seen));
    result_set(&failure->seen, sights ? sights : seen);
    if (stage->cause.len > 0) {
        cleanup_bytes struct bytes cause = {0};
        if (step >= 0 && step == stage->cause_step)
            bytes_print(&cause, "%s", _("After this step"));
        else
            bytes_print(&cause, _("After %s"), bytes_text(&stage->cause));
        bytes_print(&cause, "%s", rest_text(stage));
        result_set(&failure->cause, bytes_text(&cause));
    }
    if (step < 0)
        return;
    const struct step *row = &stage->scenario->steps[step];
    failure->line = row->at.line;
    failure->step_text = scenario_step_text(stage->scenario, (size_t)step);
    set_hint(failure, row);
}

/* ---- stops ------------------------------------------------------------------------------------------------------------ */

/* The step that is being played. */
static int step_now(const struct stage *stage)
{
    return stage->step < stage->scenario->step_count ? (int)stage->step : AT_THE_END;
}

void never_text(struct stage *stage, const struct never *never, struct bytes *to)
{
    bytes_print(to, "%s ", _("at no time:"));
    prose_who(to, stage_prose(stage), &never->who);
    bytes_print(to, " ");
    prose_deed(to, stage_prose(stage), &never->deed, false);
}

static void tell_never(struct stage *stage)
{
    const struct never *never = &stage->scenario->nevers[stage->never];
    const struct event *event = tracer_event(stage->tracer, stage->never_event);
    cleanup_bytes struct bytes expected = {0}, seen = {0};
    cleanup_free char *call = call_text(&event->call);
    never_text(stage, never, &expected);
    bytes_print(&seen, "%s", call);
    source_text(stage, event, &seen);
    failure_add(stage, step_now(stage), stage->points, false, bytes_text(&expected), bytes_text(&seen));
}

static void limit_text(const struct stage *stage, struct bytes *to)
{
    const struct limits *limits = &stage->limits;
    if (strcmp(stage->limit, "cpu") == 0)
        bytes_print(to, _("a process used up its %ld seconds of processor time"), limits->cpu_seconds);
    else if (strcmp(stage->limit, "cpu of all") == 0)
        bytes_print(to,
                    _("all processes together used up %ld seconds of processor time (%d times cpu_seconds "
                      "for each program that is started)"),
                    turn_cpu_seconds(stage), TURN_CPU_SHARES);
    else if (strcmp(stage->limit, "following") == 0)
        bytes_print(to,
                    _("to follow the calls of all processes took %ld seconds of processor time, more than %d "
                      "times what they used themselves"),
                    turn_cpu_seconds(stage), TURN_FOLLOWING);
    else if (strcmp(stage->limit, "output") == 0)
        bytes_print(to, _("more than %ld KiB were printed"), limits->output_kib);
    else if (strcmp(stage->limit, "made") == 0)
        bytes_print(to, _("more than %d processes and threads were made"), TURN_MOST_MADE);
    else if (strcmp(stage->limit, "spin") == 0)
        bytes_print(to,
                    _("a process goes round and round without waiting: it has asked more than %d times, and "
                      "changed nothing"),
                    TURN_MOST_LOOKS);
    else if (strcmp(stage->limit, "sleep") == 0)
        bytes_print(
            to, _("nothing more would happen in the %ld seconds that a case may take: a wait lasts longer"),
            limits->wall_seconds);
    else
        bytes_print(to, _("after %ld seconds the program had still not come to rest"), limits->wall_seconds);
}

/* Whoever lives, in words: a limit alone explains nothing. */
static void tell_living(struct stage *stage, struct bytes *to)
{
    for (size_t i = 0; i < stage->actor_count; i++) {
        const struct process *main = stage_main(stage, &stage->actors[i]);
        if (!main || stage->actors[i].role == ROLE_PUPPET)
            continue;
        bytes_print(to, "\n");
        living_text(stage, &(struct who){.name = stage->actors[i].name}, to);
    }
}

/* What the step was waiting for in vain: that is what the student needs to know, more than the limit. */
static void tell_look(struct stage *stage, struct bytes *expected)
{
    cleanup_bytes struct bytes seen = {0};
    if (stage->step >= stage->scenario->step_count || stage->scenario->steps[stage->step].kind != STEP_EXPECT)
        return;
    looks_tell(stage, &stage->scenario->steps[stage->step], expected, &seen);
    if (expected->len > 0)
        bytes_print(expected, "\n");
}

bool failure_of_stop(struct stage *stage)
{
    struct err err = {0};
    if (stage->trouble.text[0])
        return true;
    if (stage->has_never) {
        tell_never(stage);
        return true;
    }
    if (!stage->limit)
        return false;
    cleanup_bytes struct bytes seen = {0};
    limit_text(stage, &seen);
    if (stage->limit_is_ours) {
        err_set(&err, _("safety limit: %s, but the processor was not free for it"), bytes_text(&seen));
        stage_broke(stage, &err);
        return true;
    }
    cleanup_bytes struct bytes expected = {0};
    tell_look(stage, &expected);
    bytes_print(&expected, "%s", _("the program stays within the safety limits"));
    tell_living(stage, &seen);
    bool is_proved = strcmp(stage->limit, "sleep") == 0;
    failure_add(stage, step_now(stage), stage->points, !is_proved, bytes_text(&expected), bytes_text(&seen));
    return true;
}
