/* Holding the rules against a log; see rules.h. The log is read when all is over, so that a rule sees each call with its result and what came after it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "rules/rules.h"
#include "trace/source.h"

enum { RULES_MOST = 96, STEPS_MOST = 50000000 };

struct study {
    struct tracer *tracer;
    struct history *history;
    struct finding *findings;
    size_t count, room;
    void *rooms[RULES_MOST]; /* of the rules */
    uint64_t
        *steps; /* owned; how often rules have asked for the log, which they do at each step through it */
    uint64_t used[RULES_MOST];
    bool is_tired; /* some rule has used up its steps */
};

struct study *study_new(struct tracer *tracer)
{
    struct study *study = calloc(1, sizeof *study);
    if (!study)
        abort();
    study->tracer = tracer;
    study->history = history_new(tracer);
    study->steps = calloc(1, sizeof *study->steps);
    if (!study->steps)
        abort();
    return study;
}

void study_free(struct study *study)
{
    if (!study)
        return;
    for (size_t i = 0; i < study->count; i++)
        free(study->findings[i].text);
    for (size_t i = 0; i < RULES_MOST; i++)
        free(study->rooms[i]);
    free(study->findings);
    free(study->steps);
    history_free(study->history);
    free(study);
}

/* Most rules look from a call to others, so that a flood of calls that none of them ends would take them minutes. A count, so that the same log is always treated alike. */
static void hold_against(struct study *study, size_t number, const struct event *event)
{
    uint64_t before = *study->steps;
    if (study->used[number] < STEPS_MOST)
        rules[number]->event(study, event);
    else
        study->is_tired = true;
    study->used[number] += *study->steps - before;
}

static void play_log(struct study *study)
{
    for (size_t i = 0; i < tracer_event_count(study->tracer); i++) {
        const struct event *event = tracer_event(study->tracer, i);
        bool is_theirs = event->call.row && event->counts && !event->is_inner;
        for (size_t k = 0; is_theirs && rules[k]; k++)
            if (rules[k]->event)
                hold_against(study, k, event);
        history_play(study->history, event);
    }
}

void study_stands(struct study *study, const struct waits *waits)
{
    for (size_t i = 0; rules[i]; i++)
        if (rules[i]->stands)
            rules[i]->stands(study, waits);
}

void study_end(struct study *study, const struct ledger *ledger)
{
    play_log(study);
    for (size_t i = 0; rules[i]; i++)
        if (rules[i]->end)
            rules[i]->end(study, ledger);
}

size_t study_count(const struct study *study)
{
    return study->count;
}

const struct finding *study_finding(const struct study *study, size_t index)
{
    return index < study->count ? &study->findings[index] : NULL;
}

const char *severity_word(enum severity severity)
{
    static const char *const words[SEVERITIES] = {"error", "warning", "note"};
    return words[severity];
}

bool study_is_tired(const struct study *study)
{
    return study->is_tired;
}

struct tracer *study_tracer(const struct study *study)
{
    ++*study->steps;
    return study->tracer;
}

const struct history *study_history(const struct study *study)
{
    return study->history;
}

void *study_room(struct study *study, const struct rule *rule, size_t size)
{
    size_t number = 0;
    while (rules[number] && rules[number] != rule)
        number++;
    if (number >= RULES_MOST || !rules[number])
        abort(); /* a rule that is in no table */
    if (!study->rooms[number])
        study->rooms[number] = calloc(1, size);
    if (!study->rooms[number])
        abort();
    return study->rooms[number];
}

/* ---- findings ------------------------------------------------------------------------------------------------------------ */

static bool is_same_program(const struct study *study, int a, int b)
{
    return a == b || (a >= 0 && b >= 0 &&
                      strcmp(tracer_process(study->tracer, (size_t)a)->program,
                             tracer_process(study->tracer, (size_t)b)->program) == 0);
}

/* By the line where there is one; else by the call and its object. */
static bool is_same_call(struct study *study, const struct event *a, const struct event *b)
{
    struct source_at at, bt;
    if (a == b || !a || !b)
        return a == b;
    if (source_is_same(a, b))
        return true;
    bool has_a = a->stack && source_find(study->tracer, a, NULL, &at),
         has_b = b->stack && source_find(study->tracer, b, NULL, &bt);
    if (has_a && has_b)
        return at.line == bt.line && strcmp(at.file, bt.file) == 0;
    return has_a == has_b && a->call.row == b->call.row && a->process == b->process &&
           object_same(&a->object, &b->object);
}

/* It was counted so often that it is taken for the same by process, call and object: to look for the line costs too much then. */
static bool is_one_more(const struct finding *old, const struct event *event)
{
    enum { OFTEN = 64 };
    const struct event *first = old->place.event;
    return old->count >= OFTEN && event && first && first->process == event->process &&
           first->call.row == event->call.row && object_same(&first->object, &event->object);
}

static bool has_line(struct study *study, const struct event *event)
{
    struct source_at at;
    return event && event->stack && source_find(study->tracer, event, NULL, &at);
}

/* How a program of the system is written is nobody's business here, unless what it does has to do with a line of the user's. */
static bool is_of_others(struct study *study, const struct rule *rule, const struct place *place)
{
    return rule->is_of_code && place->event && source_is_of_system(study->tracer, place->event) &&
           !has_line(study, place->event) && !has_line(study, place->other);
}

static struct finding *grow(struct study *study)
{
    if (study->count == study->room) {
        study->room = study->room ? 2 * study->room : 16;
        study->findings = reallocarray(study->findings, study->room, sizeof *study->findings);
        if (!study->findings)
            abort();
    }
    return &study->findings[study->count++];
}

static void translate(char **text)
{
    char *translated = strdup(_(*text));
    if (!translated)
        abort();
    free(*text);
    *text = translated;
}

void finding_add(struct study *study, const struct rule *rule, enum severity severity,
                 const struct place *place, const char *format, ...)
{
    va_list arguments;
    struct finding *same = NULL;
    if (is_of_others(study, rule, place))
        return;
    if (severity == SEVERITY_ERROR && tracer_dropped_detail(study->tracer))
        severity = SEVERITY_WARNING; /* perhaps the call that would make it right was not seen */
    for (size_t i = 0; i < study->count; i++) {
        struct finding *old = &study->findings[i];
        if (old->rule == rule && is_same_program(study, old->place.process, place->process) &&
            (is_one_more(old, place->event) || is_same_call(study, old->place.event, place->event))) {
            old->count++;
            if (severity >= old->severity)
                return;
            same = old; /* the gravest of them is told */
            break;
        }
    }
    struct finding *added = same ? same : grow(study);
    free(same ? same->text : NULL);
    *added = (struct finding){
        .rule = rule, .severity = severity, .place = *place, .count = same ? same->count : 1};
    va_start(arguments, format);
    if (vasprintf(&added->text, _(format), arguments) < 0)
        abort();
    va_end(arguments);
    if (strcmp(format, "%s") == 0) /* a sentence out of a table */
        translate(&added->text);
}
