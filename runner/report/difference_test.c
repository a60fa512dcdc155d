/* Where two quoted texts part. */
#include "report/difference.h"

#include <check.h>
#include <string.h>

#include "base/run_test.h"

static const struct {
    const char *expected, *seen;
    const char *expected_rest, *seen_rest; /* from the place on; NULL: nothing to point at */
} rows[] = {
    {"peer reads \"hello\"", "peer read \"help\"", "lo\"", "p\""},
    {"\"ab\"", "\"abc\"", "\"", "c\""},
    {"\"abc\"", "\"ab\"", "c\"", "\""},
    {"\"a\\n\"", "\"a\\0\"", "\\n\"", "\\0\""}, /* an escape is one character */
    {"\"a\\\"b\"", "\"a\\\"c\"", "b\"", "c\""}, /* a quote inside is no end */
    {"\"x한국\"", "\"x한글\"", "국\"", "글\""}, /* both begin with the same byte */
    {"\"same\"", "\"same\"", NULL, NULL},
    {"\"xyz\"", "\"abc\"", NULL, NULL}, /* from their beginning */
    {"no quotes", "\"abc\"", NULL, NULL},
    {"\"open", "\"opex\"", NULL, NULL},
    {"", "", NULL, NULL},
};

START_TEST(texts_part_where_they_part)
{
    struct difference difference = {0};
    bool is_found = difference_find(rows[_i].expected, rows[_i].seen, &difference);
    ck_assert_int_eq(is_found, rows[_i].seen_rest != NULL);
    if (!is_found)
        return;
    ck_assert_str_eq(rows[_i].expected + difference.expected_at, rows[_i].expected_rest);
    ck_assert_str_eq(rows[_i].seen + difference.seen_at, rows[_i].seen_rest);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("difference");
    TCase *tests = tcase_create("difference");
    suite_add_tcase(suite, tests);
    tcase_add_loop_test(tests, texts_part_where_they_part, 0, (int)(sizeof rows / sizeof *rows));
    return run_suite(suite);
}
