/* For the tests of report formats: a result that has everything in it, with one text in every field that somebody else wrote. */
#ifndef IPCGRADE_REPORT_EVERYTHING_H
#define IPCGRADE_REPORT_EVERYTHING_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "result/result.h"
#include "result/score.h"

/* The cases: one of each verdict, one that passed and lost points, one that failed without a line, two that failed alike, and a hidden one. */
enum everything_case {
    EVERY_PASSED,
    EVERY_COSTLY,
    EVERY_FAILED,
    EVERY_LINELESS,
    EVERY_MISSING,
    EVERY_MISSING_TOO,
    EVERY_BROKEN,
    EVERY_SKIPPED,
    EVERY_HIDDEN,
    EVERY_CASES
};

static const enum verdict every_verdict[EVERY_CASES] = {
    [EVERY_PASSED] = PASSED,   [EVERY_COSTLY] = PASSED,   [EVERY_FAILED] = FAILED,
    [EVERY_LINELESS] = FAILED, [EVERY_MISSING] = FAILED,  [EVERY_MISSING_TOO] = FAILED,
    [EVERY_BROKEN] = BROKEN,   [EVERY_SKIPPED] = SKIPPED, [EVERY_HIDDEN] = FAILED,
};

enum { EVERY_POINTS = 250, EVERY_COST = 105 };

static inline void everything_fill_place(struct source_line *at, const char *text)
{
    result_set(&at->file, text);
    result_set(&at->function, text);
    at->line = 7;
}

/* A failure, and whatever goes with one. */
static inline void everything_fill_failure(struct case_result *one, const char *text, bool has_line)
{
    one->failure_count = one->actor_count = one->event_count = one->wait_count = one->left_count =
        one->note_count = 1;
    one->failures = calloc(1, sizeof *one->failures);
    one->actors = calloc(1, sizeof *one->actors);
    one->events = calloc(1, sizeof *one->events);
    one->waits = calloc(1, sizeof *one->waits);
    one->left = calloc(1, sizeof *one->left);
    one->notes = calloc(1, sizeof *one->notes);
    one->failures[0].line = 3;
    one->failures[0].cost = EVERY_COST;
    one->waits[0].is_told = true;
    char **const texts[] = {&one->failures[0].step_text,
                            &one->failures[0].cause,
                            &one->failures[0].expected,
                            &one->failures[0].seen,
                            &one->actors[0].name,
                            &one->actors[0].program,
                            &one->actors[0].state,
                            &one->events[0].text,
                            &one->events[0].call,
                            &one->waits[0].who,
                            &one->waits[0].call,
                            &one->waits[0].object,
                            &one->waits[0].text,
                            &one->left[0].kind,
                            &one->left[0].name,
                            &one->left[0].about,
                            &one->left[0].made_by,
                            &one->notes[0],
                            &one->deadlock};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        result_set(texts[i], text);
    if (has_line) {
        everything_fill_place(&one->events[0].at, text);
        everything_fill_place(&one->waits[0].at, text);
        everything_fill_place(&one->actors[0].at, text);
    }
}

/* What a rule has found: an error has a line, the others have none. */
static inline void everything_add_finding(struct case_result *one, const char *severity, const char *text)
{
    struct result_finding *findings =
        realloc(one->findings, (one->finding_count + 1) * sizeof *one->findings);
    struct result_finding *finding = &findings[one->finding_count++];
    one->findings = findings;
    *finding = (struct result_finding){.count = 1};
    result_set(&finding->rule, severity);
    result_set(&finding->severity, severity);
    char **const texts[] = {&finding->law,     &finding->see,  &finding->text,
                            &finding->program, &finding->call, &finding->other};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        result_set(texts[i], text);
    if (strcmp(severity, "error") == 0)
        everything_fill_place(&finding->at, text);
}

static inline void everything_fill_case(struct case_result *one, int number, const char *text)
{
    char id[32];
    snprintf(id, sizeof id, "group/case%d", number);
    result_set(&one->id, id);
    char **const texts[] = {&one->group, &one->title[0], &one->title[1], &one->program,
                            &one->file,  &one->hint[0],  &one->hint[1]};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        result_set(texts[i], text);
    one->verdict = every_verdict[number % EVERY_CASES];
    one->max_score = EVERY_POINTS;
    one->score = one->verdict == PASSED ? EVERY_POINTS : 0;
    one->seconds = 0.25;
    if (one->verdict != PASSED)
        result_set(&one->reason, text);
    switch ((enum everything_case)(number % EVERY_CASES)) {
    case EVERY_COSTLY:
        one->score -= EVERY_COST;
        everything_fill_failure(one, text, true);
        break;
    case EVERY_FAILED:
        everything_fill_failure(one, text, true);
        everything_add_finding(one, "warning", text);
        everything_add_finding(one, "note", text);
        break;
    case EVERY_LINELESS: everything_fill_failure(one, text, false); break;
    case EVERY_HIDDEN:
        everything_fill_failure(one, text, true);
        case_result_hide(one, number);
        break;
    case EVERY_PASSED: everything_add_finding(one, "error", text); break;
    case EVERY_MISSING:
    case EVERY_MISSING_TOO:
    case EVERY_BROKEN:
    case EVERY_SKIPPED:
    case EVERY_CASES: break;
    }
}

/* `count` cases, in the order above and again from its beginning; as many are planned. */
static inline struct result everything_of(int count, const char *text)
{
    struct result result = {
        .count = (size_t)count, .planned = (size_t)count, .max_score = count * EVERY_POINTS};
    result_set(&result.submission, "sub");
    result_set(&result.assignment[0], text);
    result_set(&result.assignment[1], text);
    result.build.is_ok = true;
    result_set(&result.build.output, text);
    result.machine_notes = calloc(1, sizeof *result.machine_notes);
    result.machine_note_count = 1;
    result_set(&result.machine_notes[0], text);
    result.cases = calloc((size_t)count + 1, sizeof *result.cases);
    for (int i = 0; i < count; i++)
        everything_fill_case(&result.cases[i], i, text);
    ck_assert(result_total(&result));
    result.seconds = 1.5;
    return result;
}

#endif
