/* The loader against folders of fixtures.
 *
 * fixtures/bad-cases: each NAME.yaml holds a mistake, NAME.txt every line that must be said of it, and no other.
 * fixtures/bad-suites: each folder is a whole suite with mistakes that only show between files, expected.txt likewise.
 * fixtures/good-cases and the project's own cases load without an error.
 */
#include <check.h>
#include <glob.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/run_test.h"
#include "cases/scenario.h"

enum { TEXT_MAX = 64 * 1024 };

static void read_all(const char *path, struct bytes *text)
{
    cleanup_file FILE *file = fopen(path, "re");
    ck_assert_msg(file != NULL, "%s cannot be read", path);
    char block[4096];
    for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;)
        ck_assert(bytes_add(text, block, got, TEXT_MAX));
}

/* "file:line:col: text" for each, the file without `prefix`. */
static void print_all(const struct complaints *complaints, const char *prefix, struct bytes *text)
{
    size_t len = strlen(prefix);
    for (size_t i = 0; i < complaints->count; i++) {
        const struct complaint *item = &complaints->items[i];
        const char *file = item->at.file;
        file += strncmp(file, prefix, len) == 0 ? len : 0;
        file += *file == '/';
        bytes_print(text, "%s:%d:%d: %s%s\n", file, item->at.line, item->at.column,
                    item->is_note ? "note: " : "", item->text);
    }
}

static bool has_error(const struct complaints *complaints)
{
    for (size_t i = 0; i < complaints->count; i++)
        if (!complaints->items[i].is_note)
            return true;
    return false;
}

static void check_one(const char *path, const char *prefix, const char *expected_path, bool is_directory)
{
    struct complaints complaints = {0};
    struct suite *suite = NULL;
    cleanup_bytes struct bytes expected = {0}, seen = {0};
    bool is_right =
        is_directory ? suite_load(&suite, path, &complaints) : suite_load_file(&suite, path, &complaints);
    read_all(expected_path, &expected);
    print_all(&complaints, prefix, &seen);
    ck_assert_str_eq(bytes_text(&seen), bytes_text(&expected));
    ck_assert_int_eq(is_right, !has_error(&complaints));
    ck_assert_int_eq(suite != NULL, is_right);
    suite_free(suite);
    complaints_free(&complaints);
}

START_TEST(every_mistake_is_told)
{
    glob_t found;
    ck_assert_int_eq(glob("fixtures/bad-cases/*.txt", 0, NULL, &found), 0);
    ck_assert_uint_ge(found.gl_pathc, 60 + 25);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char path[256];
        snprintf(path, sizeof path, "%.*s.yaml", (int)strlen(found.gl_pathv[i]) - 4, found.gl_pathv[i]);
        check_one(path, "fixtures/bad-cases", found.gl_pathv[i], false);
    }
    globfree(&found);
}
END_TEST

START_TEST(no_mistake_is_forgotten)
{
    glob_t cases, texts;
    ck_assert_int_eq(glob("fixtures/bad-cases/*.yaml", 0, NULL, &cases), 0);
    ck_assert_int_eq(glob("fixtures/bad-cases/*.txt", 0, NULL, &texts), 0);
    ck_assert_uint_eq(cases.gl_pathc, texts.gl_pathc + 1); /* assignment.yaml holds none */
    globfree(&cases);
    globfree(&texts);
}
END_TEST

START_TEST(mistakes_between_files_are_told)
{
    glob_t found;
    ck_assert_int_eq(glob("fixtures/bad-suites/*/expected.txt", 0, NULL, &found), 0);
    ck_assert_uint_ge(found.gl_pathc, 7);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char path[256];
        snprintf(path, sizeof path, "%.*s", (int)(strrchr(found.gl_pathv[i], '/') - found.gl_pathv[i]),
                 found.gl_pathv[i]);
        check_one(path, path, found.gl_pathv[i], true);
    }
    globfree(&found);
}
END_TEST

static struct suite *load_right(const char *directory)
{
    struct complaints complaints = {0};
    struct suite *suite = NULL;
    cleanup_bytes struct bytes seen = {0};
    bool is_right = suite_load(&suite, directory, &complaints);
    print_all(&complaints, directory, &seen);
    ck_assert_msg(is_right, "%s", bytes_text(&seen));
    complaints_free(&complaints);
    return suite;
}

START_TEST(good_cases_load)
{
    glob_t found;
    struct suite *suite = load_right("fixtures/good-cases");
    ck_assert_int_eq(glob("fixtures/good-cases/*/*.yaml", 0, NULL, &found), 0);
    ck_assert_uint_eq(suite->count, found.gl_pathc);
    for (size_t i = 1; i < suite->count; i++)
        ck_assert_int_lt(strcmp(suite->scenarios[i - 1].id, suite->scenarios[i].id), 0);
    globfree(&found);
    suite_free(suite);
}
END_TEST

START_TEST(the_projects_own_cases_load)
{
    struct suite *suite = load_right("cases");
    ck_assert_uint_ge(suite->count, 40);
    suite_free(suite);
}
END_TEST

START_TEST(a_suite_knows_its_assignment)
{
    struct suite *suite = load_right("fixtures/good-cases");
    const struct assignment *assignment = &suite->assignment;
    ck_assert_str_eq(assignment->title.in[ENGLISH], "Interprocess communication");
    ck_assert_str_eq(assignment->build, "make");
    ck_assert_uint_eq(assignment->program_count, 51);
    ck_assert_str_eq(assignment->programs[6].name, "tellwait");
    ck_assert_str_eq(assignment->programs[6].library, "tellwait.c");
    ck_assert_str_eq(assignment->programs[6].driver, "drivers/tellwait.c");
    ck_assert_uint_eq(assignment->group_count, 6);
    ck_assert_int_eq(assignment->groups[0].points, 2000);
    ck_assert_int_eq(assignment->limits.cpu_seconds, 5);
    ck_assert_int_eq(assignment->limits.nofile, -1);
    ck_assert_ptr_null(suite_find(suite, "fifo/none"));
    const struct scenario *scenario = suite_find(suite, "fifo/enxio");
    ck_assert_str_eq(scenario->group, "fifo");
    ck_assert_str_eq(scenario->program, "fifo_write");
    ck_assert_int_eq(scenario->points, 200);
    /* The assignment's price, and a case that adds its own. */
    ck_assert_uint_eq(scenario->price_count, 1);
    ck_assert_uint_eq(suite_find(suite, "pipe/tidy_ends")->price_count, 3);
    suite_free(suite);
}
END_TEST

START_TEST(one_file_is_loaded_with_the_assignment_above_it)
{
    struct complaints complaints = {0};
    struct suite *suite = NULL;
    ck_assert(suite_load_file(&suite, "fixtures/good-cases/coproc/restart.yaml", &complaints));
    ck_assert_uint_eq(suite->count, 1);
    ck_assert_str_eq(suite->scenarios[0].id, "coproc/restart");
    ck_assert_uint_eq(suite->assignment.program_count, 51);
    suite_free(suite);
    ck_assert(suite_load_file(&suite, "fixtures/good-cases/assignment.yaml", &complaints));
    ck_assert_uint_eq(suite->count, 0);
    suite_free(suite);
    complaints_free(&complaints);
}
END_TEST

START_TEST(a_directory_that_is_not_there)
{
    struct complaints complaints = {0};
    struct suite *suite = NULL;
    ck_assert(!suite_load(&suite, "fixtures/no-such-suite", &complaints));
    ck_assert_uint_eq(complaints.count, 1);
    ck_assert_str_eq(complaints.items[0].text, "cannot be read: No such file or directory");
    complaints_free(&complaints);
    complaints_free(&complaints); /* twice does no harm */
}
END_TEST

/* msync(2) fails for what is not mapped. Under Valgrind a child that lacks it ends with a status of Valgrind's: what it still has leaks, as far as Valgrind can tell. */
static bool child_has(const void *memory)
{
    enum { HAS = 17 };
    const uintptr_t page = 4096;
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        bool has = msync((void *)((const char *)memory - (uintptr_t)memory % page), page, MS_ASYNC) == 0;
        _exit(has ? HAS : 0);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WEXITSTATUS(status) == HAS;
}

START_TEST(children_have_no_copy_of_a_kept_suite)
{
    struct complaints complaints = {0};
    struct suite *suite = NULL;
    ck_assert(suite_load(&suite, "fixtures/good-cases", &complaints));
    const struct scenario *last = &suite->scenarios[suite->count - 1];
    ck_assert(child_has(last) && child_has(last->id) && child_has(last->steps));
    suite_keep_from_children(suite);
    ck_assert(!child_has(last) && !child_has(last->id) && !child_has(last->steps));
    ck_assert_ptr_nonnull(suite_find(suite, last->id)); /* we still have it */
    suite_free(suite);
    complaints_free(&complaints);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("suite");
    TCase *tests = tcase_create("suite");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, every_mistake_is_told);
    tcase_add_test(tests, no_mistake_is_forgotten);
    tcase_add_test(tests, mistakes_between_files_are_told);
    tcase_add_test(tests, good_cases_load);
    tcase_add_test(tests, the_projects_own_cases_load);
    tcase_add_test(tests, a_suite_knows_its_assignment);
    tcase_add_test(tests, one_file_is_loaded_with_the_assignment_above_it);
    tcase_add_test(tests, children_have_no_copy_of_a_kept_suite);
    tcase_add_test(tests, a_directory_that_is_not_there);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
