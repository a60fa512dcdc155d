/* The list of complaints: order, limits, one line each. */
#include "cases/complaint.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/run_test.h"

START_TEST(sorted_by_file_line_and_column)
{
    static const struct where places[] = {{"b", 1, 1}, {"a", 2, 1}, {"a", 1, 9},
                                          {"a", 1, 2}, {"a", 1, 9}, {"a", 10, 1}};
    static const char *const order[] = {"3", "2", "4", "1", "5", "0"};
    struct complaints complaints = {0};
    for (size_t i = 0; i < 6; i++)
        complain(&complaints, places[i], "%zu", i);
    complaints_sort(&complaints);
    for (size_t i = 0; i < 6; i++)
        ck_assert_str_eq(complaints.items[i].text, order[i]);
    complaints_free(&complaints);
}
END_TEST

START_TEST(a_hundred_errors_of_each_file)
{
    struct complaints complaints = {0};
    for (int i = 0; i < 1000; i++)
        complain(&complaints, (struct where){"a", i + 1, 1}, "error %d", i);
    ck_assert_uint_eq(complaints.count, 101);
    ck_assert_str_eq(complaints.items[99].text, "error 99");
    ck_assert_str_eq(complaints.items[100].text, "more than 100 errors in this file; the rest is not told");
    complain(&complaints, (struct where){"b", 1, 1}, "another file");
    ck_assert_uint_eq(complaints.count, 102);
    complaints_free(&complaints);
}
END_TEST

START_TEST(file_names_are_kept)
{
    struct complaints complaints = {0};
    char name[] = "a.yaml";
    complain(&complaints, (struct where){name, 1, 1}, "x");
    name[0] = 'b';
    ck_assert_str_eq(complaints.items[0].at.file, "a.yaml");
    complaints_free(&complaints);
}
END_TEST

START_TEST(one_line_each)
{
    struct complaints complaints = {0};
    char longer[2000];
    /* Korean letters of three bytes, so that the end falls into one. */
    for (size_t i = 0; i + 3 < sizeof longer; i += 3)
        memcpy(longer + i, "\xea\xb0\x80", 4);
    complain(&complaints, (struct where){"a", 1, 1}, "'%s' is wrong", "x\n\x1b[31m\x7f");
    complain(&complaints, (struct where){"a", 1, 1}, "%s", longer);
    complain(&complaints, (struct where){"a", 1, 1}, "x%s", longer);
    complain(&complaints, (struct where){"a", 1, 1}, "xx%s", longer);
    ck_assert_str_eq(complaints.items[0].text, "'x??[31m?' is wrong");
    for (size_t i = 1; i < 4; i++) {
        const char *text = complaints.items[i].text + i - 1; /* without the x */
        size_t len = strlen(text);
        ck_assert_str_eq(text + len - 3, "...");
        ck_assert_uint_eq((len - 3) % 3, 0); /* whole letters */
        ck_assert_uint_gt(len, sizeof complaints.items[i].text - 8);
    }
    complaints_free(&complaints);
}
END_TEST

START_TEST(notes_are_no_errors)
{
    struct complaints complaints = {0};
    ck_assert(!complaints_have_error(&complaints, 0));
    complain(&complaints, (struct where){"a", 1, 1}, "x");
    complaints.items[0].is_note = true;
    ck_assert(!complaints_have_error(&complaints, 0));
    complain(&complaints, (struct where){"a", 1, 1}, "y");
    ck_assert(complaints_have_error(&complaints, 0));
    ck_assert(!complaints_have_error(&complaints, 2));
    complaints_free(&complaints);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("complaint");
    TCase *tests = tcase_create("complaint");
    tcase_add_test(tests, sorted_by_file_line_and_column);
    tcase_add_test(tests, a_hundred_errors_of_each_file);
    tcase_add_test(tests, file_names_are_kept);
    tcase_add_test(tests, one_line_each);
    tcase_add_test(tests, notes_are_no_errors);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
