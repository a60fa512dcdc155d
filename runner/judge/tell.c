/* The result in the result's own terms; see tell.h. */
#include "judge/tell.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "judge/injected.h"
#include "judge/process_text.h"
#include "judge/timeline.h"

enum { PROCESSES_OF_AN_ACTOR = 4 };

static void set_words(char *to[2], const struct words *words)
{
    result_set(&to[0], words->in[ENGLISH]);
    result_set(&to[1], words->in[KOREAN]);
}

void tell_case(const struct play_request *request, struct case_result *result)
{
    const struct scenario *scenario = request->scenario;
    *result =
        (struct case_result){.is_hidden = scenario->visibility != VISIBLE, .max_score = scenario->points};
    result_set(&result->id, scenario->id);
    result_set(&result->group, scenario->group);
    result_set(&result->program, scenario->program);
    result_set(&result->file, scenario->at.file);
    set_words(result->title, &scenario->title);
    set_words(result->hint, &scenario->hint);
    result->see = calloc(scenario->see_count + 1, sizeof *result->see);
    for (size_t i = 0; result->see && i < scenario->see_count; i++)
        result->see[result->see_count++] = strdup(scenario->see[i]);
}

void tell_note(struct case_result *result, const char *text)
{
    char **notes = reallocarray(result->notes, result->note_count + 1, sizeof *notes);
    if (!notes)
        abort();
    result->notes = notes;
    result->notes[result->note_count++] = strdup(text);
}

/* ---- actors ------------------------------------------------------------------------------------------------------------ */

static void tell_process(struct stage *stage, const struct process *process, struct result_process *row)
{
    cleanup_bytes struct bytes state = {0};
    const struct task *task = process->is_dead ? NULL : process_task(stage, process);
    *row = (struct result_process){.pid = (int)process->inner_pid};
    process_text(stage, process, &state);
    result_set(&row->program, process->program[0] ? process->program : NULL);
    result_set(&row->state, bytes_text(&state));
    source_set(stage, task ? task->now : NULL, &row->at);
}

static bool is_of(const struct stage *stage, const struct process *process, const struct actor *actor)
{
    return process->actor >= 0 && &stage->actors[process->actor] == actor;
}

/* The first process, those that live, and of those that have ended the last ones. */
static void tell_processes(struct stage *stage, const struct actor *actor, struct result_actor *row)
{
    size_t count = tracer_process_count(stage->tracer), of_actor = 0, met = 0;
    for (size_t i = 0; i < count; i++)
        of_actor += is_of(stage, tracer_process(stage->tracer, i), actor);
    if (of_actor < 2)
        return;
    row->processes = calloc(of_actor, sizeof *row->processes);
    for (size_t i = 0; row->processes && i < count; i++) {
        const struct process *process = tracer_process(stage->tracer, i);
        if (!is_of(stage, process, actor))
            continue;
        met++;
        if (process->index == actor->main || !process->is_dead || of_actor - met < PROCESSES_OF_AN_ACTOR)
            tell_process(stage, process, &row->processes[row->process_count++]);
    }
}

static void tell_actor(struct stage *stage, const struct actor *actor, struct result_actor *row)
{
    cleanup_bytes struct bytes state = {0};
    const struct process *main = stage_main(stage, actor);
    *row = (struct result_actor){0};
    result_set(&row->name, actor->word);
    result_set(&row->program, actor->start                 ? actor->start->program
                              : actor->role == ROLE_PUPPET ? _("puppet")
                                                           : _("stand-in"));
    if (!main) {
        result_set(&row->state, actor->role == ROLE_STUDENT ? _("not started") : _("never executed"));
        return;
    }
    row->pid = (int)main->inner_pid;
    process_text(stage, main, &state);
    result_set(&row->state, bytes_text(&state));
    const struct task *task = main->is_dead ? NULL : process_task(stage, main);
    source_set(stage, task ? task->now : NULL, &row->at);
    tell_processes(stage, actor, row);
}

/* A puppet that the case never told to do anything tells nobody anything. */
static bool has_played(const struct actor *actor)
{
    return actor->role != ROLE_PUPPET || actor->order;
}

/* ---- the whole ---------------------------------------------------------------------------------------------------------- */

/* Its shadow memory finds no room below the limit of a case, and the search for leaks works under no tracer: it ends before main(), or with an error of the sanitizer's own. */
static void note_sanitizer(struct stage *stage)
{
    for (size_t i = 0; i < tracer_process_count(stage->tracer); i++) {
        const struct process *process = tracer_process(stage->tracer, i);
        if (!process->is_sanitized)
            continue;
        cleanup_bytes struct bytes note = {0};
        bytes_print(
            &note,
            _("%s is built with a sanitizer (-fsanitize), which wants more memory than a case has, and "
              "does not work while it is watched: build it without"),
            process->program);
        tell_note(stage->result, bytes_text(&note));
        return;
    }
}

/* Once, however often it was tried. */
static void note_refused(struct stage *stage)
{
    for (size_t i = 0; i < tracer_event_count(stage->tracer); i++) {
        const struct event *event = tracer_event(stage->tracer, i);
        if (!event || !event->is_refused)
            continue;
        tell_note(stage->result,
                  _("splice() and sendfile() between a pipe and a socket or terminal are refused here with "
                    "EINVAL: the kernel would lock the pipe, for everybody, as long as they wait"));
        return;
    }
}

static void tell_unreached(struct stage *stage, const struct injection *injection, const char *what,
                           struct bytes *note)
{
    bytes_print(note, _("the injected fault (%s in %s) was never reached"), what, injection->deed.row->word);
    unseen_text(stage, &injection->who, &injection->deed, ": ", note);
}

/* A trap that nobody has come to, perhaps because nobody could be seen to. Often an earlier step than its release has failed. */
static void note_unseen_hold(struct stage *stage, const struct actor *actor)
{
    cleanup_bytes struct bytes note = {0};
    if (actor->trap && actor->trap->deed)
        unseen_text(stage, &actor->trap->who, actor->trap->deed, "", &note);
    if (note.len > 0)
        tell_note(stage->result, bytes_text(&note));
}

static void tell_notes(struct stage *stage)
{
    note_sanitizer(stage);
    note_refused(stage);
    for (size_t i = 0; i < stage->actor_count; i++)
        note_unseen_hold(stage, &stage->actors[i]);
    for (size_t i = 0; i < stage->scenario->injection_count; i++) {
        const struct injection *injection = &stage->scenario->injections[i];
        cleanup_bytes struct bytes note = {0};
        const char *what = injection->error ? errno_name(injection->error) : _("a short count");
        if (injected_was_reached(stage, i))
            bytes_print(&note, _("injected: %s in %s"), what, injection->deed.row->word);
        else
            tell_unreached(stage, injection, what, &note);
        tell_note(stage->result, bytes_text(&note));
    }
    if (tracer_dropped_detail(stage->tracer))
        tell_note(stage->result, _("the program made so many calls that their details were dropped"));
}

void tell_scene(struct stage *stage)
{
    struct case_result *result = stage->result;
    result->actors = calloc(stage->actor_count + 1, sizeof *result->actors);
    cleanup_free int *rows = calloc(stage->actor_count + 1, sizeof *rows);
    if (!result->actors || !rows)
        abort();
    for (size_t i = 0; i < stage->actor_count; i++) {
        rows[i] = has_played(&stage->actors[i]) ? (int)result->actor_count : -1;
        if (rows[i] >= 0)
            tell_actor(stage, &stage->actors[i], &result->actors[result->actor_count++]);
    }
    timeline_tell(stage, rows);
    tell_notes(stage);
}

/* ---- verdict ----------------------------------------------------------------------------------------------------------- */

static void set_reason(struct case_result *result)
{
    const struct failure *last = &result->failures[result->failure_count - 1];
    cleanup_bytes struct bytes reason = {0}, expected = {0};
    const char *seen = last->seen ? last->seen : "";
    for (const char *line = last->expected; *line;
         line += strcspn(line, "\n") + (line[strcspn(line, "\n")] != '\0'))
        bytes_print(&expected, "%s%.*s", expected.len ? ", " : "", (int)strcspn(line, "\n"), line);
    bytes_print(&reason, _("expected: %s; seen: %.*s"), bytes_text(&expected), (int)strcspn(seen, "\n"),
                seen);
    result_set(&result->reason, bytes_text(&reason));
}

/* The skeletons that are handed out say of themselves that they are ones. */
static const char *unwritten_program(const struct stage *stage)
{
    for (size_t i = 0; i < stage->actor_count; i++) {
        const struct actor *actor = &stage->actors[i];
        cleanup_bytes struct bytes words = {0};
        if (!actor->start || !actor->start->program)
            continue;
        bytes_print(&words, "%s: not written yet\n", actor->start->program);
        if (strcmp(bytes_text(&actor->err.seen), bytes_text(&words)) == 0)
            return actor->start->program;
    }
    return NULL;
}

void tell_verdict(struct stage *stage)
{
    struct case_result *result = stage->result;
    if (stage->trouble.text[0]) {
        result->verdict = BROKEN;
        result->score = 0;
        result_set(&result->reason, stage->trouble.text);
        return;
    }
    result->score = stage->points > 0 ? stage->points : 0;
    bool is_failed = result->failure_count > 0 && result->score == 0;
    for (size_t i = 0; i < result->failure_count; i++)
        is_failed |= result->failures[i].cost > 0;
    result->verdict = is_failed ? FAILED : PASSED;
    if (result->failure_count > 0)
        set_reason(result);
    const char *unwritten = result->verdict == FAILED ? unwritten_program(stage) : NULL;
    if (unwritten)
        result_skeleton(result, unwritten);
}
