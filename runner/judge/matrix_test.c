/* The matrix: every reference passes every case, every broken variant loses exactly the cases that fixtures/matrix.tsv says, every unusual but correct variant loses none.
 *
 * The programs are played by the director itself (play_case), in this process, one case after the other: so the test also shows that a play leaves nothing behind that
 * could touch the next one.
 */
#include <check.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "cases/scenario.h"
#include "judge/play.h"
#include "result/result.h"

enum { MOST_ROWS = 1024, MOST_PROGRAMS = 64, SECONDS = 300 };

struct row {
    char *kind, *program, *variant, *lost, *sentence;
};

struct matrix {
    struct row rows[MOST_ROWS];
    size_t count;
    struct suite *suite;
    const char *build;
};

static struct matrix *the_matrix; /* made once before the forks, then only read */

/* ---- loading ----------------------------------------------------------------------------------------------------------- */

static bool read_row(char *line, struct row *row)
{
    char **fields[] = { &row->kind, &row->program, &row->variant, &row->lost, &row->sentence };
    line[strcspn(line, "\n")] = '\0';
    if (line[0] == '#' || line[0] == '\0')
        return false;
    for (size_t i = 0; i < 5; i++) {
        char *field = strsep(&line, "\t");
        if (!field) {
            fprintf(stderr, "matrix.tsv: a row has %zu fields, not 5\n", i);
            exit(1);
        }
        *fields[i] = strdup(field);
    }
    return true;
}

static void load(struct matrix *matrix)
{
    struct complaints complaints = { 0 };
    cleanup_free char *line = NULL;
    size_t room = 0;
    cleanup_file FILE *file = fopen("fixtures/matrix.tsv", "re");
    if (!file || !suite_load(&matrix->suite, "cases", &complaints)) {
        for (size_t i = 0; i < complaints.count; i++)
            fprintf(stderr, "%s:%d: %s\n", complaints.items[i].at.file, complaints.items[i].at.line, complaints.items[i].text);
        exit(1);
    }
    while (getline(&line, &room, file) > 0 && matrix->count < MOST_ROWS)
        matrix->count += read_row(line, &matrix->rows[matrix->count]);
    complaints_free(&complaints);
    matrix->build = getenv("IPCGRADE_BUILD") ? getenv("IPCGRADE_BUILD") : "build";
}

/* ---- playing ----------------------------------------------------------------------------------------------------------- */

static bool uses(const struct scenario *scenario, const char *program)
{
    for (size_t i = 0; i < scenario->step_count; i++)
        for (size_t k = 0; scenario->steps[i].kind == STEP_START && k < scenario->steps[i].count; k++)
            if (strcmp(scenario->steps[i].starts[k].program, program) == 0)
                return true;
    return false;
}

struct handed_in {
    struct play_program programs[MOST_PROGRAMS];
    char paths[MOST_PROGRAMS][512];
    size_t count;
};

/* The references, with `variant` (a path below fixtures/, or NULL) in the place of `program`. */
static void hand_in(struct handed_in *in, const char *program, const char *variant)
{
    const struct assignment *assignment = &the_matrix->suite->assignment;
    in->count = assignment->program_count;
    for (size_t i = 0; i < in->count; i++) {
        const char *name = assignment->programs[i].name;
        if (variant && strcmp(name, program) == 0)
            snprintf(in->paths[i], sizeof in->paths[i], "%s/fixtures/%s", the_matrix->build, variant);
        else
            snprintf(in->paths[i], sizeof in->paths[i], "%s/fixtures/reference/%s", the_matrix->build, name);
        ck_assert_msg(access(in->paths[i], X_OK) == 0, "%s is not built", in->paths[i]);
        in->programs[i] = (struct play_program){ name, in->paths[i] };
    }
}

/* Plays one case. Anything but passed or failed is no verdict on a variant: the test itself fails. */
static bool is_lost(const struct handed_in *in, const struct scenario *scenario, char **why)
{
    static const char *const hidden[] = { NULL };
    char agent[512];
    struct case_result result;
    snprintf(agent, sizeof agent, "%s/ipcgrade-agent", the_matrix->build);
    const struct play_request request = { the_matrix->suite, scenario, in->programs, in->count, agent, "/submission", hidden, 7 };
    play_case(&request, &result);
    ck_assert_msg(result.verdict == PASSED || result.verdict == FAILED, "%s: %s: %s", scenario->id, verdict_word(result.verdict),
                  result.reason ? result.reason : "");
    bool lost = result.score < result.max_score;
    if (why && result.reason && !*why)
        *why = strdup(result.reason);
    case_result_free(&result);
    return lost;
}

static bool is_listed(const char *list, const char *id)
{
    size_t len = strlen(id);
    for (const char *at = list; (at = strstr(at, id)); at += len)
        if ((at == list || at[-1] == ',') && (at[len] == ',' || at[len] == '\0'))
            return true;
    return false;
}

/* Cases whose needed case is lost are not run, and lost. */
static bool needs_one_of(const struct scenario *scenario, const char *lost)
{
    for (size_t i = 0; i < scenario->need_count; i++)
        if (is_listed(lost, scenario->needs[i]))
            return true;
    return false;
}

static void pin(int number)
{
    cpu_set_t set, allowed;
    sched_getaffinity(0, sizeof allowed, &allowed);
    CPU_ZERO(&set);
    for (int cpu = 0, seen = 0, most = CPU_COUNT(&allowed); cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &allowed) && seen++ == number % most)
            CPU_SET(cpu, &set);
    sched_setaffinity(0, sizeof set, &set);
}

/* ---- the tests --------------------------------------------------------------------------------------------------------- */

START_TEST(test_reference)
{
    const struct scenario *scenario = &the_matrix->suite->scenarios[_i];
    static struct handed_in in;
    cleanup_free char *why = NULL;
    pin(_i);
    hand_in(&in, "", NULL);
    ck_assert_msg(!is_lost(&in, scenario, &why), "%s is lost by the reference: %s", scenario->id, why ? why : "");
}
END_TEST

START_TEST(test_row)
{
    const struct row *row = &the_matrix->rows[_i];
    static struct handed_in in;
    char variant[256];
    struct bytes wrong = { 0 };
    bool is_broken = strcmp(row->kind, "broken") == 0;
    pin(_i);
    snprintf(variant, sizeof variant, "%s/%s/%s", row->kind, row->program, row->variant);
    hand_in(&in, row->program, variant);
    for (size_t i = 0; i < the_matrix->suite->count; i++) {
        const struct scenario *scenario = &the_matrix->suite->scenarios[i];
        bool is_meant = is_broken && is_listed(row->lost, scenario->id);
        cleanup_free char *why = NULL;
        if (!uses(scenario, row->program) || (is_broken && needs_one_of(scenario, row->lost)))
            continue;
        bool lost = is_lost(&in, scenario, &why);
        if (lost != is_meant)
            bytes_print(&wrong, "\n  %s is %s%s%s", scenario->id, lost ? "lost: " : "passed", lost && why ? why : "",
                        lost ? "" : ", but should be lost");
    }
    ck_assert_msg(wrong.len == 0, "%s: %s", variant, bytes_text(&wrong));
}
END_TEST

/* A broken variant must lose something, and what it loses must exist. */
START_TEST(test_rows_are_sound)
{
    for (size_t i = 0; i < the_matrix->count; i++) {
        const struct row *row = &the_matrix->rows[i];
        cleanup_free char *list = strdup(row->lost);
        char *rest = list, *id;
        bool is_broken = strcmp(row->kind, "broken") == 0;
        ck_assert_msg(is_broken || strcmp(row->kind, "unusual") == 0, "%s is no kind of row", row->kind);
        ck_assert_msg(is_broken || strcmp(row->lost, "-") == 0, "unusual %s/%s loses something", row->program, row->variant);
        while (is_broken && (id = strsep(&rest, ",")))
            ck_assert_msg(suite_find(the_matrix->suite, id), "%s/%s: there is no case '%s'", row->program, row->variant, id);
    }
}
END_TEST

/* For every case there is a broken solution that it catches. */
START_TEST(test_every_case_catches)
{
    for (size_t c = 0; c < the_matrix->suite->count; c++) {
        const char *id = the_matrix->suite->scenarios[c].id;
        bool catches = false;
        for (size_t i = 0; i < the_matrix->count; i++)
            catches |= is_listed(the_matrix->rows[i].lost, id);
        ck_assert_msg(catches, "no broken variant is caught by %s", id);
    }
}
END_TEST

int main(void)
{
    static struct matrix matrix;
    the_matrix = &matrix;
    load(&matrix);
    Suite *suite = suite_create("matrix");
    TCase *sound = tcase_create("table"), *reference = tcase_create("reference"), *rows = tcase_create("variants");
    tcase_set_timeout(reference, SECONDS);
    tcase_set_timeout(rows, SECONDS);
    tcase_add_test(sound, test_rows_are_sound);
    tcase_add_test(sound, test_every_case_catches);
    tcase_add_loop_test(reference, test_reference, 0, (int)matrix.suite->count);
    tcase_add_loop_test(rows, test_row, 0, (int)matrix.count);
    suite_add_tcase(suite, sound);
    suite_add_tcase(suite, reference);
    suite_add_tcase(suite, rows);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
