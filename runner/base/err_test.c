/* Errors that are passed upwards. */
#include "base/err.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/memory.h"
#include "base/run_test.h"

static void check_printed(const struct err *err, const char *want)
{
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);
    ck_assert_ptr_nonnull(to);
    err_print(to, err);
    fclose(to);
    ck_assert_str_eq(text, want);
    free(text);
}

START_TEST(without_a_place)
{
    struct err err = {0};
    ck_assert(!err_set(&err, "there is no '%s'", "box"));
    ck_assert_str_eq(err.text, "there is no 'box'");
    ck_assert_int_eq(err.number, 0);
    ck_assert_int_eq(err.at.line, 0);
    check_printed(&err, "ipcgrade: there is no 'box'\n");
}
END_TEST

START_TEST(with_a_place)
{
    struct err err = {0};
    ck_assert(!err_at(&err, (struct where){"cases/a.yaml", 3, 14}, "unknown key '%s'", "step"));
    ck_assert_str_eq(err.text, "unknown key 'step'");
    check_printed(&err, "cases/a.yaml:3:14: unknown key 'step'\n");
}
END_TEST

START_TEST(what_the_system_says)
{
    struct err err = {0};
    errno = EPERM;
    ck_assert(!err_sys(&err, "mount %s", "/proc"));
    ck_assert_int_eq(err.number, EPERM);
    char want[200];
    snprintf(want, sizeof want, "mount /proc: %s", strerror(EPERM));
    ck_assert_str_eq(err.text, want);
    /* filled again, nothing of the first is left */
    ck_assert(!err_set(&err, "other"));
    ck_assert_int_eq(err.number, 0);
    ck_assert_str_eq(err.text, "other");
}
END_TEST

START_TEST(a_place_does_not_stay)
{
    struct err err = {0};
    ck_assert(!err_at(&err, (struct where){"a", 1, 1}, "one"));
    errno = ENOENT;
    ck_assert(!err_sys(&err, "two"));
    ck_assert_int_eq(err.at.line, 0);
}
END_TEST

START_TEST(nobody_wants_to_know)
{
    errno = ENOENT;
    ck_assert(!err_set(NULL, "x"));
    ck_assert(!err_at(NULL, (struct where){0}, "x"));
    ck_assert(!err_sys(NULL, "x"));
}
END_TEST

START_TEST(long_texts_are_cut)
{
    struct err err = {0};
    errno = EPERM;
    ck_assert(!err_sys(&err, "%*d", 5000, 1));
    ck_assert_uint_eq(strlen(err.text), sizeof err.text - 1);
    ck_assert_int_eq(err.number, EPERM);
    /* the text fits, what the system says does not */
    ck_assert(!err_sys(&err, "%*d", (int)sizeof err.text - 3, 1));
    ck_assert_uint_eq(strlen(err.text), sizeof err.text - 1);
}
END_TEST

/* Who opens what is not there has named it; a full table of files is nobody's name. Nothing is both, and what is neither is left to the caller. */
START_TEST(whose_matter_it_is)
{
    ck_assert_int_eq(open("/nowhere/at/all", O_RDONLY), -1);
    ck_assert(err_is_of_name(errno) && !err_is_of_machine(errno) && err_is_absence(errno));
    struct rlimit few = {0, 0}, usual;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &usual), 0);
    few.rlim_max = usual.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    int fd = open("/", O_RDONLY), error = errno;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &usual), 0);
    ck_assert_int_eq(fd, -1);
    ck_assert(err_is_of_machine(error) && !err_is_of_name(error));
    for (int number = 0; number < 4096; number++)
        ck_assert((!err_is_of_name(number) || !err_is_of_machine(number)) &&
                  (!err_is_absence(number) || err_is_of_name(number)));
    ck_assert(!err_is_of_name(0) && !err_is_of_machine(0));
    ck_assert(!err_is_absence(EACCES)); /* what is shut may be there */
}
END_TEST

START_TEST(memory_was_refused_before)
{
    struct err err = {0}, upper = {0};
    err_set(&err, "the shell ended");
    ck_assert_str_eq(err.text, "the shell ended");
    memory_note(NULL, 1);
    err_set(&err, "the shell ended");
    ck_assert_str_eq(err.text, "the shell ended (memory was short)");
    err_set(&upper, "build: %s", err.text);
    ck_assert_str_eq(upper.text, "build: the shell ended (memory was short)");
    err_set(&err, "no shared memory of that name"); /* another one is meant */
    ck_assert_str_eq(err.text, "no shared memory of that name (memory was short)");
    errno = ENOMEM;
    err_sys(&err, "read");
    ck_assert_str_eq(err.text, "read: Cannot allocate memory");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("err");
    tcase_add_test(tests, without_a_place);
    tcase_add_test(tests, with_a_place);
    tcase_add_test(tests, what_the_system_says);
    tcase_add_test(tests, a_place_does_not_stay);
    tcase_add_test(tests, nobody_wants_to_know);
    tcase_add_test(tests, long_texts_are_cut);
    tcase_add_test(tests, whose_matter_it_is);
    tcase_add_test(tests, memory_was_refused_before);
    Suite *suite = suite_create("err");
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
