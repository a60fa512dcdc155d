/* The matrix: every reference passes every case, every broken variant loses exactly the cases that fixtures/matrix.tsv says, every unusual but correct variant loses none;
 * and no rule raises an error against a reference or an unusual variant.
 *
 * The programs are played by the director itself (play_case), all cases of a row in one process, one after the other: so the test also shows that a play leaves nothing
 * behind that could touch the next one. The rows are played side by side, one on each processor.
 */
#include <check.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/run_test.h"
#include "cases/scenario.h"
#include "judge/matrix.h"
#include "judge/side_by_side.h"
#include "result/result.h"
#include "rules/rules.h"

enum { SECONDS = 300 }; /* for the cases of one row */

static struct matrix *the_matrix; /* made once before the forks, then only read */

static struct side_by_side the_plays; /* likewise, and what came of them */

/* The two figures, counted by the forked checks in memory that they share. */
static struct figures {
    atomic_size_t caught;    /* broken variants that lost just what they must */
    atomic_size_t unusual;   /* unusual variants without a lost point */
    atomic_size_t reference; /* cases that the references passed, or that this machine skips */
    atomic_size_t skipped;   /* of these */
    atomic_size_t unjudged;  /* broken variants that would lose nothing but what was skipped */
} * the_figures;

/* ---- playing, before Check begins ---------------------------------------------------------------------------------------- */

static bool hand_in_all(struct handed_in *in, const struct row *row, struct bytes *wrong)
{
    if (hand_in(in, the_matrix, row))
        return true;
    bytes_print(wrong, "%s is not built", in->paths[in->count]);
    return false;
}

/* No rule may raise an error against a correct program. */
static void tell_errors(const struct case_result *result, struct bytes *wrong)
{
    for (size_t i = 0; i < result->finding_count; i++) {
        const struct result_finding *finding = &result->findings[i];
        if (strcmp(finding->severity, severity_word(SEVERITY_ERROR)) == 0)
            bytes_print(wrong, "\n  %s: error %s at %s:%d: %s", result->id, finding->rule,
                        finding->at.file ? finding->at.file : "?", finding->at.line, finding->text);
    }
}

enum came { CAME_FULL, CAME_LOST, CAME_SKIPPED };

/* An ordinary user may be on a machine that has no second user for him; nothing else is ever skipped, and nothing at all for root. */
static bool may_skip(const struct scenario *scenario)
{
    return geteuid() != 0 && scenario_needs_other_user(scenario);
}

/* Plays one case. Anything but passed or failed is no verdict on a variant: that itself is wrong. */
static enum came came_of(const struct handed_in *in, const struct scenario *scenario, bool is_right,
                         char **why, struct bytes *wrong)
{
    struct case_result result;
    handed_in_play(in, the_matrix, scenario, 7, &result);
    bool is_skipped = result.verdict == SKIPPED && may_skip(scenario);
    if (result.verdict != PASSED && result.verdict != FAILED && !is_skipped)
        bytes_print(wrong, "\n  %s: %s: %s", scenario->id, verdict_word(result.verdict),
                    result.reason ? result.reason : "");
    if (is_right)
        tell_errors(&result, wrong);
    bool is_lost = result.score < result.max_score;
    *why = result.reason ? strdup(result.reason) : NULL;
    case_result_free(&result);
    return is_skipped ? CAME_SKIPPED : is_lost ? CAME_LOST : CAME_FULL;
}

static void play_reference(const struct scenario *scenario, struct bytes *wrong)
{
    static struct handed_in in;
    cleanup_free char *why = NULL;
    if (!program_is_wanted(scenario->program) || !hand_in_all(&in, NULL, wrong))
        return;
    enum came came = came_of(&in, scenario, true, &why, wrong);
    the_figures->skipped += came == CAME_SKIPPED;
    if (came == CAME_LOST)
        bytes_print(wrong, "%s is lost by the reference: %s", scenario->id, why ? why : "");
}

static void play_row(const struct row *row, struct bytes *wrong)
{
    static struct handed_in in;
    bool has_lost = false, is_skipped = false; /* of what it must lose */
    if (!hand_in_all(&in, row, wrong))
        return;
    for (size_t i = 0; i < the_matrix->suite->count; i++) {
        const struct scenario *scenario = &the_matrix->suite->scenarios[i];
        cleanup_free char *why = NULL;
        if (!row_plays(row, scenario))
            continue;
        enum came came = came_of(&in, scenario, !row_is_broken(row), &why, wrong);
        bool lost = came == CAME_LOST;
        has_lost = has_lost || lost;
        is_skipped = is_skipped || (came == CAME_SKIPPED && row_loses(row, scenario));
        if (came != CAME_SKIPPED && lost != row_loses(row, scenario))
            bytes_print(wrong, "\n  %s is %s%s%s", scenario->id, lost ? "lost: " : "passed",
                        lost && why ? why : "", lost ? "" : ", but should be lost");
    }
    the_figures->unjudged += is_skipped && !has_lost;
}

/* The references' cases first, then the rows. */
static void play_number(size_t number, struct bytes *wrong)
{
    size_t cases = the_matrix->suite->count;
    if (number < cases)
        play_reference(&the_matrix->suite->scenarios[number], wrong);
    else
        play_row(&the_matrix->rows[number - cases], wrong);
}

/* ---- the tests --------------------------------------------------------------------------------------------------------- */

START_TEST(test_reference)
{
    const char *wrong = side_wrong(&the_plays, (size_t)_i);
    ck_assert_msg(!*wrong, "%s: %s", the_matrix->suite->scenarios[_i].id, wrong);
    the_figures->reference += program_is_wanted(the_matrix->suite->scenarios[_i].program);
}
END_TEST

START_TEST(test_row)
{
    const struct row *row = &the_matrix->rows[_i];
    const char *wrong = side_wrong(&the_plays, the_matrix->suite->count + (size_t)_i);
    ck_assert_msg(!*wrong, "%s/%s/%s: %s", row->kind, row->program, row->variant, wrong);
    *(row_is_broken(row) ? &the_figures->caught : &the_figures->unusual) += 1;
}
END_TEST

/* A broken variant must lose something, and what it loses must exist. */
START_TEST(test_rows_are_sound)
{
    for (size_t i = 0; i < the_matrix->count; i++) {
        const struct row *row = &the_matrix->rows[i];
        cleanup_free char *list = strdup(row->lost);
        char *rest = list, *id;
        bool is_broken = row_is_broken(row);
        ck_assert_msg(is_broken || strcmp(row->kind, "unusual") == 0, "%s is no kind of row", row->kind);
        ck_assert_msg(is_broken || strcmp(row->lost, "-") == 0, "unusual %s/%s loses something", row->program,
                      row->variant);
        while (is_broken && (id = strsep(&rest, ",")))
            ck_assert_msg(suite_find(the_matrix->suite, id), "%s/%s: there is no case '%s'", row->program,
                          row->variant, id);
    }
}
END_TEST

/* For every case there is a broken solution that it catches. */
START_TEST(test_every_case_catches)
{
    for (size_t c = 0; c < the_matrix->suite->count; c++) {
        const char *id = the_matrix->suite->scenarios[c].id;
        bool catches = !program_is_wanted(the_matrix->suite->scenarios[c].program);
        for (size_t i = 0; i < the_matrix->count; i++)
            catches |= id_is_listed(the_matrix->rows[i].lost, id);
        ck_assert_msg(catches, "no broken variant is caught by %s", id);
    }
}
END_TEST

static size_t share(size_t part, size_t whole)
{
    return whole ? 100 * part / whole : 100;
}

static void tell_figures(void)
{
    size_t broken = 0, unusual = 0, cases = 0;
    for (size_t i = 0; i < the_matrix->count; i++)
        *(row_is_broken(&the_matrix->rows[i]) ? &broken : &unusual) += 1;
    for (size_t i = 0; i < the_matrix->suite->count; i++)
        cases += program_is_wanted(the_matrix->suite->scenarios[i].program);
    broken -= the_figures->unjudged;
    cases -= the_figures->skipped;
    size_t caught = the_figures->caught - the_figures->unjudged;
    printf("matrix: variants caught: %zu of %zu (%zu %%)\n", caught, broken, share(caught, broken));
    printf("matrix: correct solutions with full marks: %zu of %zu unusual ones (%zu %%); the references "
           "passed %zu of %zu cases\n",
           the_figures->unusual, unusual, share(the_figures->unusual, unusual),
           the_figures->reference - the_figures->skipped, cases);
    if (the_figures->skipped > 0)
        printf(
            "matrix: not judged, as this machine has no second user: %zu cases, and %zu variants that lose "
            "nothing else\n",
            the_figures->skipped, the_figures->unjudged);
}

int main(void)
{
    static struct matrix matrix;
    the_matrix = &matrix;
    matrix_load(&matrix, getenv("IPCGRADE_BUILD") ? getenv("IPCGRADE_BUILD") : "build");
    the_figures = side_shared(sizeof *the_figures);
    side_by_side(&the_plays, matrix.suite->count + matrix.count, SECONDS, play_number);
    Suite *suite = suite_create("matrix");
    TCase *sound = tcase_create("table"), *reference = tcase_create("reference"),
          *rows = tcase_create("variants");
    tcase_add_test(sound, test_rows_are_sound);
    tcase_add_test(sound, test_every_case_catches);
    tcase_add_loop_test(reference, test_reference, 0, (int)matrix.suite->count);
    tcase_add_loop_test(rows, test_row, 0, (int)matrix.count);
    suite_add_tcase(suite, sound);
    suite_add_tcase(suite, reference);
    suite_add_tcase(suite, rows);
    int status = run_suite(suite);
    tell_figures();
    return status;
}
