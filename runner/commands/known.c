/* What is known of a folder's cases from the runs before; see known.h. */
#include "commands/known.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "result/result_json.h"
#include "sandbox/build.h"

enum { MOST_TEXT = 256 << 20 };

bool known_new(struct known *known, const struct suite *suite, struct err *err)
{
    *known = (struct known){.suite = suite};
    known->cases = calloc(suite->count + 1, sizeof *known->cases);
    known->states = calloc(suite->count + 1, sizeof *known->states);
    known->programs = calloc(suite->assignment.program_count + 1, sizeof *known->programs);
    return (known->cases && known->states && known->programs) || err_set(err, "no memory for the cases");
}

static void forget_run(struct known *known)
{
    for (size_t i = 0; i < known->machine_note_count; i++)
        free(known->machine_notes[i]);
    free(known->machine_notes);
    free(known->build.output);
    known->machine_notes = NULL;
    known->machine_note_count = 0;
    known->build = (struct build_result){0};
}

void known_free(struct known *known)
{
    for (size_t i = 0; known->cases && i < known->suite->count; i++)
        case_result_free(&known->cases[i]);
    forget_run(known);
    free(known->cases);
    free(known->states);
    free(known->programs);
    *known = (struct known){0};
}

size_t known_due(const struct known *known, const struct plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < known->suite->count; i++)
        count += plan->states[i] != PLAN_LEFT_OUT && known->states[i] == KNOWN_NOT;
    return count;
}

/* ---- in the run ------------------------------------------------------------------------------------------------------------ */

/* The whole of an executable; empty: it is not there. */
static struct bytes program_bytes(const struct submission *submission, size_t index)
{
    struct bytes bytes = {0};
    char part[65536];
    off_t at = 0;
    ssize_t got;
    int fd = submission->descriptors[index];
    while (fd >= 0 && (got = pread(fd, part, sizeof part, at)) > 0 &&
           bytes_add(&bytes, part, (size_t)got, BUILD_PROGRAM))
        at += got;
    return bytes;
}

/* Each program's own digest, with those of the programs that it names behind it. */
static bool digest_programs(const struct submission *submission, uint64_t *digests)
{
    size_t count = submission->program_count;
    cleanup_free struct bytes *all = calloc(count + 1, sizeof *all);
    cleanup_free uint64_t *own = calloc(count + 1, sizeof *own);
    for (size_t i = 0; all && own && i < count; i++) {
        all[i] = program_bytes(submission, i);
        own[i] = all[i].len ? digest_add(DIGEST_EMPTY, all[i].data, all[i].len) : 0;
    }
    for (size_t i = 0; all && own && i < count; i++) {
        digests[i] = own[i];
        for (size_t k = 0; k < count && own[i]; k++) {
            const char *name = submission->programs[k].name;
            if (k != i && memmem(all[i].data, all[i].len, name, strlen(name)))
                digests[i] = digest_add(digests[i], &own[k], sizeof own[k]);
        }
    }
    for (size_t i = 0; all && i < count; i++)
        bytes_free(&all[i]);
    return all && own;
}

static bool starts_changed(const struct known *known, const struct scenario *scenario,
                           const uint64_t *digests)
{
    const struct assignment *assignment = &known->suite->assignment;
    for (size_t i = 0; i < assignment->program_count; i++)
        if (known->programs[i] != digests[i] && scenario_starts(scenario, assignment->programs[i].name))
            return true;
    return false;
}

/* What is told of a case beside its play: that the program is still the skeleton, is not there, or does not build. */
static bool is_told_alike(const struct known *known, const struct submission *submission, size_t index)
{
    const struct case_result *one = &known->cases[index];
    const struct scenario *scenario = &known->suite->scenarios[index];
    const char *lacks = submission_lacks(submission, scenario);
    cleanup_free char *why = lacks ? submission_lack_text(submission, lacks) : NULL;
    if (why && !one->is_hidden)
        return one->reason && strcmp(one->reason, why) == 0;
    bool is_skeleton = submission_skeleton(submission, known->suite, scenario) != NULL;
    return one->verdict == PASSED || one->is_hidden || one->is_skeleton == is_skeleton;
}

/* With each case all that need it. There are no cycles. */
static void spread_to_needing(const struct suite *suite, bool *marked)
{
    for (bool has_grown = true; has_grown;) {
        has_grown = false;
        for (size_t i = 0; i < suite->count; i++) {
            const struct scenario *scenario = &suite->scenarios[i];
            for (size_t k = 0; !marked[i] && k < scenario->need_count; k++) {
                const struct scenario *needed = suite_find(suite, scenario->needs[k]);
                marked[i] = needed && marked[needed - suite->scenarios];
                has_grown = has_grown || marked[i];
            }
        }
    }
}

/* With each case all that it needs and that are due themselves. */
static void spread_to_needed(const struct suite *suite, const bool *is_due, bool *marked)
{
    for (bool has_grown = true; has_grown;) {
        has_grown = false;
        for (size_t i = 0; i < suite->count; i++) {
            const struct scenario *scenario = &suite->scenarios[i];
            for (size_t k = 0; marked[i] && k < scenario->need_count; k++) {
                const struct scenario *needed = suite_find(suite, scenario->needs[k]);
                size_t at = needed ? (size_t)(needed - suite->scenarios) : i;
                has_grown = has_grown || (is_due[at] && !marked[at]);
                marked[at] = marked[at] || is_due[at];
            }
        }
    }
}

/* Leave in the plan what is due, or of that what is urgent, if anything is. */
static void settle(struct known *known, struct plan *plan, const bool *is_due, const bool *is_urgent)
{
    bool has_urgent = false;
    for (size_t i = 0; i < known->suite->count; i++)
        has_urgent = has_urgent || (plan->states[i] == PLAN_WAITING && is_urgent[i]);
    for (size_t i = 0; i < known->suite->count; i++) {
        known->states[i] = KNOWN_NOT;
        if (plan->states[i] != PLAN_WAITING)
            continue;
        if (!is_due[i]) {
            known->states[i] = KNOWN_LEFT;
            plan_done(plan, i, known->cases[i].verdict);
        } else if (has_urgent && !is_urgent[i]) {
            plan->states[i] = PLAN_LEFT_OUT;
        }
    }
}

bool known_settle(struct known *known, const struct submission *submission, struct plan *plan)
{
    const struct suite *suite = known->suite;
    cleanup_free bool *is_due = calloc(suite->count + 1, sizeof *is_due),
                      *is_urgent = calloc(suite->count + 1, sizeof *is_urgent);
    cleanup_free uint64_t *digests = calloc(submission->program_count + 1, sizeof *digests);
    if (!is_due || !is_urgent || !digests || !digest_programs(submission, digests))
        return false;
    for (size_t i = 0; i < suite->count; i++) {
        if (plan->states[i] == PLAN_LEFT_OUT)
            continue;
        bool has_changed = starts_changed(known, &suite->scenarios[i], digests) ||
                           (known->cases[i].id && !is_told_alike(known, submission, i));
        is_due[i] = known->states[i] == KNOWN_NOT || has_changed || known->cases[i].verdict == BROKEN;
        is_urgent[i] = has_changed && known->has_built;
    }
    spread_to_needing(suite, is_due);
    spread_to_needed(suite, is_due, is_urgent);
    settle(known, plan, is_due, is_urgent);
    memcpy(known->programs, digests, submission->program_count * sizeof *digests);
    return true;
}

bool known_write(struct known *known, const struct grading *grading, FILE *to)
{
    const struct suite *suite = known->suite;
    size_t programs = suite->assignment.program_count;
    for (size_t i = 0; i < suite->count; i++)
        if (grading->cases[i].id)
            known->states[i] = KNOWN_NOW;
    cleanup_free char *text = result_to_json(&grading->result);
    return text && fwrite(known->programs, sizeof *known->programs, programs, to) == programs &&
           fwrite(known->states, 1, suite->count, to) == suite->count && fputs(text, to) >= 0 &&
           fflush(to) == 0;
}

/* ---- behind it ------------------------------------------------------------------------------------------------------------- */

static bool read_text(FILE *from, struct bytes *text)
{
    char part[65536];
    size_t got;
    while ((got = fread(part, 1, sizeof part, from)) > 0)
        if (!bytes_add(text, part, got, MOST_TEXT))
            return false;
    return !ferror(from);
}

/* The result's cases are those that were judged, in the order of the suite; they are moved. */
static bool take_cases(struct known *known, struct result *result)
{
    size_t next = 0;
    for (size_t i = 0; i < known->suite->count; i++) {
        if (known->states[i] != KNOWN_NOW)
            continue;
        if (next == result->count)
            return false;
        case_result_free(&known->cases[i]);
        known->cases[i] = result->cases[next];
        result->cases[next++] = (struct case_result){0};
    }
    return next == result->count;
}

bool known_read(struct known *known, FILE *from, struct err *err)
{
    size_t programs = known->suite->assignment.program_count, count = known->suite->count;
    cleanup_bytes struct bytes text = {0};
    struct result result;
    int first = getc(from);
    if (first == EOF)
        return !ferror(from) || err_sys(err, "read what a run has found");
    ungetc(first, from);
    if (fread(known->programs, sizeof *known->programs, programs, from) != programs ||
        fread(known->states, 1, count, from) != count || !read_text(from, &text))
        return err_set(err, "a run has not written all that it has found");
    if (!result_from_json(&result, bytes_text(&text), text.len, err))
        return false;
    bool is_taken = take_cases(known, &result);
    forget_run(known);
    known->has_built = true;
    known->build = result.build;
    known->machine_notes = result.machine_notes;
    known->machine_note_count = result.machine_note_count;
    result.build.output = NULL;
    result.machine_notes = NULL;
    result.machine_note_count = 0;
    result_free(&result);
    return is_taken || err_set(err, "a run has found other cases than it was to play");
}
