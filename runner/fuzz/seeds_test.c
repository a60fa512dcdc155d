/* Every seed of the fuzz targets is taken once by its target, as built without a fuzzer (fuzz.h): what fuzzing has found stays mended wherever `make check` runs. And there is a seed for each
 * call that has a decoder, and for each format of reports.
 */
#include <check.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/run_test.h"
#include "calls/call.h"
#include "report/writer.h"
#include "result/result_json.h"

static const struct {
    const char *target, *seeds;
} rows[] = {
    {"assignment", "runner/fuzz/seeds/assignment/*"}, {"assignment", "cases/assignment.yaml"},
    {"calls", "runner/fuzz/seeds/calls/*"},           {"image", "runner/fuzz/seeds/image/*"},
    {"load", "fixtures/good-cases/*/*.yaml"},         {"load", "fixtures/bad-cases/*.yaml"},
    {"preload", "runner/fuzz/seeds/preload/*"},       {"report", "runner/fuzz/seeds/report/*"},
    {"result", "runner/fuzz/seeds/result/*"},
};

static int take(const char *target, const char *seed)
{
    char program[PATH_MAX], victim[PATH_MAX];
    const char *build = getenv("IPCGRADE_BUILD");
    int status = 0;
    snprintf(program, sizeof program, "%s/fuzz/%s_fuzz", build ? build : "build", target);
    snprintf(victim, sizeof victim, "%s/fuzz/victim", build ? build : "build");
    pid_t pid = fork();
    if (pid == 0) {
        setenv("IPCGRADE_VICTIM", victim, 1);
        execl(program, program, seed, NULL);
        _exit(127);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return status;
}

START_TEST(a_seed_is_taken)
{
    glob_t found = {0};
    ck_assert_int_eq(glob(rows[_i].seeds, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        ck_assert_msg(take(rows[_i].target, found.gl_pathv[i]) == 0, "%s: %s", rows[_i].target,
                      found.gl_pathv[i]);
    printf("%s: %zu\n", rows[_i].seeds, found.gl_pathc);
    globfree(&found);
}
END_TEST

/* Its first bytes; 0 where there is none. */
static size_t head_of(const char *folder, const char *name, char *head, size_t room)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "runner/fuzz/seeds/%s/%s", folder, name);
    cleanup_file FILE *file = fopen(path, "re");
    size_t len = file ? fread(head, 1, room - 1, file) : 0;
    head[len] = '\0';
    return len;
}

static void assert_seed(const struct call_row *rows_of_calls)
{
    char head[64], wanted[64];
    for (const struct call_row *row = rows_of_calls; row && row->name; row++) {
        snprintf(wanted, sizeof wanted, "\xff%s\n", row->name);
        ck_assert_msg(!row->decode || (head_of("calls", row->name, head, sizeof head) > 0 &&
                                       strncmp(head, wanted, strlen(wanted)) == 0),
                      "runner/fuzz/seeds/calls/%s is not there, or does not begin with \\xff%s and a newline",
                      row->name, row->name);
    }
}

START_TEST(each_decoder_has_a_seed)
{
    for (const struct mechanism *const *mechanism = vocabulary; *mechanism; mechanism++) {
        assert_seed((*mechanism)->calls);
        for (const struct deed_row *deed = (*mechanism)->deeds; deed && deed->word; deed++)
            assert_seed(deed->calls);
    }
}
END_TEST

START_TEST(each_format_has_a_seed)
{
    size_t count = 0;
    char head[16];
    while (writers[count])
        count++;
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(
            head_of("report", writers[i]->name, head, sizeof head) > 0 && (unsigned char)*head % count == i,
            "runner/fuzz/seeds/report/%s is not there, or does not begin with %zu", writers[i]->name, i);
}
END_TEST

/* ... and not refused in its first line. */
START_TEST(the_seeds_of_results_are_results)
{
    glob_t found = {0};
    ck_assert_int_eq(glob("runner/fuzz/seeds/result/*", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        static char text[1 << 16];
        struct case_result result;
        struct err err = {0};
        size_t len = head_of("result", strrchr(found.gl_pathv[i], '/') + 1, text, sizeof text);
        ck_assert_msg(case_result_from_json(&result, text, len, &err), "%s: %s", found.gl_pathv[i], err.text);
        case_result_free(&result);
    }
    globfree(&found);
}
END_TEST

int main(void)
{
    enum { SECONDS = 300 };
    Suite *suite = suite_create("seeds");
    TCase *tests = tcase_create("seeds");
    tcase_set_timeout(tests, SECONDS);
    tcase_add_loop_test(tests, a_seed_is_taken, 0, sizeof rows / sizeof *rows);
    tcase_add_test(tests, each_decoder_has_a_seed);
    tcase_add_test(tests, each_format_has_a_seed);
    tcase_add_test(tests, the_seeds_of_results_are_results);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
