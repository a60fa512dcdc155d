/* `ipcgrade schema` and the loader judge alike, as a validator finds that is not ours (tools/schema.py); and that validator would tell if they did not. */
#include <check.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/run_test.h"

enum { MOST_OUTPUT = 1 << 20, MOST_BEYOND = 80 };

#define TOOL "python3 -W ignore runner/tools/schema.py"

static const char *build_folder(void)
{
    const char *build = getenv("IPCGRADE_BUILD");
    return build ? build : "build";
}

/* What a command line prints; its exit status. */
static int run(struct bytes *out, const char *line)
{
    char chunk[4096];
    size_t got = 0;
    FILE *from = popen(line, "r");
    ck_assert_ptr_nonnull(from);
    while ((got = fread(chunk, 1, sizeof chunk, from)) > 0)
        bytes_add(out, chunk, got, MOST_OUTPUT);
    return WEXITSTATUS(pclose(from));
}

static int judge(struct bytes *out, const char *folders)
{
    char line[PATH_MAX * 2];
    snprintf(line, sizeof line, TOOL " '%s'/ipcgrade %s 2>&1", build_folder(), folders);
    return run(out, line);
}

static size_t count_files(const char *pattern)
{
    glob_t found;
    size_t count = glob(pattern, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
    globfree(&found);
    return count;
}

/* Every file is one of: taken by both, refused by both, or with a mistake that no schema can see. Anything else is a further line. */
START_TEST(the_schema_and_the_loader_judge_alike)
{
    static const char *const patterns[] = {
        "cases/*.yaml",
        "cases/*/*.yaml",
        "fixtures/good-cases/*.yaml",
        "fixtures/good-cases/*/*.yaml",
        "fixtures/bad-cases/*.yaml",
        "fixtures/bad-cases/*/*.yaml",
        "fixtures/bad-suites/*/*.yaml",
        "fixtures/bad-suites/*/*/*.yaml",
    };
    cleanup_bytes struct bytes out = {0};
    int good = 0, bad = 0, beyond = 0;
    size_t files = 0;
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        files += count_files(patterns[i]);
    ck_assert_int_eq(judge(&out, "cases fixtures/good-cases fixtures/bad-cases fixtures/bad-suites"), 0);
    const char *text = bytes_text(&out), *line_end = strchr(text, '\n');
    ck_assert_msg(line_end && !line_end[1], "%s", text);
    // NOLINTNEXTLINE(cert-err34-c): what was read is counted
    ck_assert_msg(sscanf(text, "%d good, %d bad, %d beyond", &good, &bad, &beyond) == 3, "%s", text);
    ck_assert_uint_eq((size_t)(good + bad + beyond), files);
    ck_assert_int_ge(bad, beyond);
    ck_assert_int_le(beyond, MOST_BEYOND);
}
END_TEST

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

/* The judge is not blind: a right case that is said to be wrong, and a wrong one that is said to be right. */
START_TEST(a_difference_is_told)
{
    static const char right[] = "title: t\nsteps:\n  - start: {p: [prog]}\n";
    static const char wrong[] = "title: t\nstep:\n  - start: {p: [prog]}\n";
    char folder[] = "/tmp/ipcgrade-schema-XXXXXX", line[PATH_MAX];
    cleanup_bytes struct bytes out = {0};
    ck_assert_ptr_nonnull(mkdtemp(folder));
    write_file(folder, "right.yaml", right);
    write_file(folder, "right.txt", "right.yaml:1:1: something that a schema can see\n");
    write_file(folder, "wrong.yaml", wrong);
    judge(&out, folder);
    ck_assert_msg(strstr(bytes_text(&out), "right.yaml: the schema takes it: "), "%s", bytes_text(&out));
    ck_assert_msg(strstr(bytes_text(&out), "wrong.yaml: the loader takes it, the schema does not: "), "%s",
                  bytes_text(&out));
    snprintf(line, sizeof line, "rm -r '%s'", folder);
    ck_assert_int_eq(run(&out, line), 0);
}
END_TEST

START_TEST(a_wrong_name_is_told)
{
    char line[PATH_MAX];
    cleanup_bytes struct bytes out = {0};
    snprintf(line, sizeof line, "'%s'/ipcgrade schema cases 2>&1", build_folder());
    ck_assert_int_eq(run(&out, line), 2);
    ck_assert_str_eq(bytes_text(&out),
                     "ipcgrade schema: there is no schema 'cases'; there are: case, assignment\n"
                     "usage: ipcgrade schema [OPTION...] [case|assignment]\n");
}
END_TEST

/* A report that could not be written is no success: /dev/full. */
START_TEST(a_full_disk_is_told)
{
    char line[PATH_MAX];
    cleanup_bytes struct bytes out = {0};
    snprintf(line, sizeof line, "'%s'/ipcgrade schema 2>&1 >/dev/full", build_folder());
    ck_assert_int_eq(run(&out, line), 3);
    ck_assert_str_eq(bytes_text(&out), "ipcgrade schema: write it: No space left on device\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schema");
    TCase *tests = tcase_create("schema");
    tcase_set_timeout(tests, 300); /* a safety net: no test waits for it */
    tcase_add_test(tests, the_schema_and_the_loader_judge_alike);
    tcase_add_test(tests, a_difference_is_told);
    tcase_add_test(tests, a_wrong_name_is_told);
    tcase_add_test(tests, a_full_disk_is_told);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
