/* Findings of the rules in a play; see findings.h.
 *
 * What keeps a finding silent here, beyond what the rule itself says: the call was not made by a program of the student; the other call that belongs to it was made by a puppet, a stand-in
 * or the runner, or (`quiet`) by a program that the case has set against it on purpose; the process did not end by itself, and the rule judges what it left undone. Leftovers are judged by the case itself
 * (leftovers.c), which knows what was given and what may be left.
 */
#include "judge/findings.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "diagnosis/descriptors.h"
#include "diagnosis/waits.h"
#include "judge/failures.h"
#include "judge/finish.h"
#include "judge/process_text.h"
#include "judge/tell.h"
#include "rules/rules.h"

enum { MOST_PROCESSES = 512 };

enum {
    OF_ONE_PROGRAM = 1,  /* both calls by the same executable: two exercises may be meant to meet so */
    OF_ONE_ACTOR = 2,    /* both within what one `start` has brought to life */
    ENDED_BY_ITSELF = 4, /* a process that was killed had no time to do it */
    HAS_FAILED = 8,      /* the case may have asked for it, and been content with what came of it */
    NOT_SIGNALLED = 16,  /* the case may have told it to stop */
    OF_THE_FIRST = 32    /* a child may go so that its parent lives on: only the started process */
};

static const struct {
    const char *rule;
    unsigned asks;
} quiet[] = {
    {"init-race", OF_ONE_PROGRAM}, /* an exercise may be there to set values */
    {"rmid-early",
     OF_ONE_ACTOR | NOT_SIGNALLED},         /* a server that is told to stop removes what its clients use */
    {"sigpipe-kills-server", OF_THE_FIRST}, /* its children serve one client each */
    {"short-io-ignored", ENDED_BY_ITSELF},  /* the rest might have followed */
    {"eintr-ignored", ENDED_BY_ITSELF},     /* the call might have been made again */
    {"zombie", ENDED_BY_ITSELF},            /* the wait might have followed */
    {"detach-missing", ENDED_BY_ITSELF},    /* likewise */
    {"refused-call", HAS_FAILED},           /* it was asked for what is refused, and has said so */
    {"fifo-no-writer", HAS_FAILED},         /* to open without waiting may be the exercise */
};

static unsigned asks_of(const struct rule *rule)
{
    for (size_t i = 0; i < sizeof quiet / sizeof *quiet; i++)
        if (strcmp(quiet[i].rule, rule->id) == 0)
            return quiet[i].asks;
    return 0;
}

static bool is_students(const struct stage *stage, int actor)
{
    return actor >= 0 && stage->actors[actor].role == ROLE_STUDENT;
}

static const struct process *process_of(const struct stage *stage, int index)
{
    return index < 0 ? NULL : tracer_process(stage->tracer, (size_t)index);
}

/* A look asked for this end, or the case sent the signal. */
static bool is_wanted_end(const struct stage *stage, const struct process *process)
{
    int signal = WIFSIGNALED(process->wait_status) ? WTERMSIG(process->wait_status) : 0;
    if (!process->is_dead || signal == 0 || signal >= 32 || process->actor < 0)
        return false;
    const struct actor *actor = &stage->actors[process->actor];
    return (actor->killed_asked >> signal & 1) || (actor->signals_sent >> signal & 1);
}

static bool is_other_students(const struct stage *stage, const struct place *place, unsigned asks)
{
    const struct event *other = place->other;
    if (!other)
        return true;
    if (!other->counts || !is_students(stage, other->actor))
        return false;
    const struct process *one = process_of(stage, place->process), *two = process_of(stage, other->process);
    bool is_one_actor = !place->event || place->event->actor == other->actor;
    if (asks & OF_ONE_ACTOR)
        return is_one_actor;
    return !(asks & OF_ONE_PROGRAM) || is_one_actor || !one || !two ||
           strcmp(one->program, two->program) == 0;
}

static bool is_students_own(const struct stage *stage, const struct finding *finding)
{
    const struct place *place = &finding->place;
    const struct process *process = process_of(stage, place->process);
    unsigned asks = asks_of(finding->rule);
    if (!process || !is_students(stage, place->event ? place->event->actor : process->actor) ||
        (place->event && !place->event->counts))
        return false;
    bool is_killed = process->is_dead && WIFSIGNALED(process->wait_status);
    if ((asks & ENDED_BY_ITSELF) && (is_killed || !process->is_dead))
        return false;
    if ((asks & HAS_FAILED) && stage->result->failure_count == 0)
        return false;
    const struct actor *actor = &stage->actors[place->event ? place->event->actor : process->actor];
    if (((asks & NOT_SIGNALLED) && actor->signals_sent) ||
        ((asks & OF_THE_FIRST) && process->index != actor->main))
        return false;
    bool judges_end = strncmp(finding->rule->id, "sigpipe-kills", strlen("sigpipe-kills")) == 0 ||
                      strcmp(finding->rule->id, "fatal-signal") == 0;
    if (judges_end && is_wanted_end(stage, process))
        return false;
    return is_other_students(stage, place, asks);
}

/* ---- telling ------------------------------------------------------------------------------------------------------------- */

static void call_words(struct stage *stage, const struct event *event, struct bytes *to)
{
    cleanup_free char *call = call_text(&event->call);
    bytes_print(to, "%s", call ? call : "");
    if (event->object_name[0] && call && !strstr(call, event->object_name))
        bytes_print(to, "  (%s)", event->object_name);
    source_text(stage, event, to);
}

static struct result_finding *grow(struct case_result *result)
{
    struct result_finding *rows = reallocarray(result->findings, result->finding_count + 1, sizeof *rows);
    if (!rows)
        abort();
    result->findings = rows;
    rows[result->finding_count] = (struct result_finding){0};
    return &rows[result->finding_count++];
}

/* The line is in a driver, which the grader has put beside the student's file ("." .. "-driver.c"). */
static bool is_in_driver(struct stage *stage, const struct event *event)
{
    struct source_at at;
    return event && source_find(stage->tracer, event, stage->request->source_root, &at) &&
           at.file[0] == '.' && strstr(at.file, "-driver.");
}

/* The failure tells of it already: somebody waits in this very call, or is kept waiting by what the other call has made. */
static bool is_explained(const struct waits *waits, const struct finding *finding)
{
    const struct place *place = &finding->place;
    bool is_found = waits->count > 0 && finding->rule->stands;
    for (size_t i = 0; i < waits->count; i++) {
        const struct wait *wait = &waits->items[i];
        is_found |= place->event && wait->event == place->event;
        for (size_t k = 0; k < wait->helper_count; k++)
            is_found |= place->other && wait->helpers[k].origin == place->other;
    }
    return is_found;
}

static bool is_handed_in(const struct stage *stage, const char *program)
{
    for (size_t i = 0; i < stage->request->program_count; i++)
        if (strcmp(stage->request->programs[i].name, program) == 0)
            return true;
    return false;
}

/* The student's program, whatever its process executes by now: a program of the system, a copy that has no name. */
static const char *program_of(const struct stage *stage, const struct finding *finding)
{
    const struct process *process = process_of(stage, finding->place.process);
    const struct event *event = finding->place.event;
    const struct actor *actor = &stage->actors[event ? event->actor : process->actor];
    bool is_named = process->counts && is_handed_in(stage, process->program);
    return actor->start && !is_named ? actor->start->program : process->program;
}

static void tell(struct stage *stage, const struct waits *waits, const struct finding *finding,
                 struct result_finding *row)
{
    const struct place *place = &finding->place;
    cleanup_bytes struct bytes other = {0};
    result_set(&row->rule, finding->rule->id);
    result_set(&row->severity, severity_word(finding->severity));
    result_set(&row->law, _(finding->rule->law));
    result_set(&row->see, finding->rule->see);
    result_set(&row->text, finding->text);
    result_set(&row->program, program_of(stage, finding));
    row->count = finding->count;
    row->is_told = is_explained(waits, finding);
    if (place->event) {
        cleanup_free char *call = call_text(&place->event->call);
        result_set(&row->call, call);
        source_set(stage, place->event, &row->at);
    }
    if (!place->other)
        return;
    bytes_print(&other, "%s ", place->other_words ? _(place->other_words) : _("see also"));
    call_words(stage, place->other, &other);
    result_set(&row->other, bytes_text(&other));
}

/* What it costs is a failure like any other that has a price. */
static void charge(struct stage *stage, const struct finding *finding, struct result_finding *row, int price)
{
    cleanup_bytes struct bytes seen = {0};
    int cost = price < stage->points ? price : stage->points;
    if (cost <= 0)
        return;
    bytes_print(&seen, "%s: %s", row->program, finding->text);
    if (finding->place.event)
        source_text(stage, finding->place.event, &seen);
    failure_add(stage, AT_THE_END, cost, false, row->law, bytes_text(&seen));
    stage->points -= cost;
    row->price = cost;
    row->is_told = true;
}

static void take(struct stage *stage, const struct waits *waits, const struct finding *finding)
{
    int price = finish_price(stage, finding->rule->id, 0);
    if (price < 0 || !is_students_own(stage, finding) || is_in_driver(stage, finding->place.event))
        return;
    struct result_finding *row = grow(stage->result);
    tell(stage, waits, finding, row);
    charge(stage, finding, row, price);
}

/* ---- asking -------------------------------------------------------------------------------------------------------------- */

/* A circle that leads through a puppet or a stand-in is of the play's making. */
static bool is_students_circle(const struct waits *waits)
{
    for (size_t i = 0; i < waits->cycle_count; i++)
        if (!waits->items[waits->cycle[i]].task->process->counts)
            return false;
    return true;
}

/* Who hangs at the end of a play that went well is held by it, or is to be killed; so only what has failed is looked at. */
static void find_standing(struct stage *stage, const struct history *history, struct waits *waits)
{
    *waits = (struct waits){0};
    if (stage->scene != SCENE_AT_REST || stage->result->failure_count == 0)
        return;
    waits_find(waits, stage->tracer, history, &stage->inspector);
    if (!is_students_circle(waits))
        waits->cycle_count = 0;
}

/* Rules hold calls and processes against each other, which takes minutes where somebody has made thousands of both. A count, so that the same play is always treated alike. */
static bool is_too_much(const struct stage *stage)
{
    return tracer_process_count(stage->tracer) > MOST_PROCESSES;
}

void findings_judge(struct stage *stage)
{
    if (is_too_much(stage)) {
        tell_note(stage->result, _("the program made so many processes that no rules were held against it"));
        return;
    }
    struct study *study = study_new(stage->tracer);
    struct history *history = history_new(stage->tracer);
    struct waits waits;
    history_play_all(history);
    find_standing(stage, history, &waits);
    if (waits.count > 0)
        study_stands(study, &waits);
    study_end(study, NULL);
    if (study_is_tired(study))
        tell_note(stage->result,
                  _("the program made so many calls that not each was held against every rule"));
    for (int severity = 0; severity < SEVERITIES; severity++)
        for (size_t i = 0; i < study_count(study); i++)
            if (study_finding(study, i)->severity == (enum severity)severity)
                take(stage, &waits, study_finding(study, i));
    waits_free(&waits);
    history_free(history);
    study_free(study);
}
