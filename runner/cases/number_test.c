/* Numbers, ranges, modes and points as texts. */
#include "cases/number.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/run_test.h"
#include "cases/complaint.h"

static struct arena *arena;
static struct complaints complaints;

static void set_up(void)
{
    arena = arena_new();
    complaints = (struct complaints){0};
}

static void tear_down(void)
{
    complaints_free(&complaints);
    arena_free(arena);
}

/* The value under `k` in the text. */
static const struct node *value_of(struct reader *reader, const char *text)
{
    struct document document;
    *reader = (struct reader){.arena = arena, .complaints = &complaints, .file = "x.yaml"};
    const char *yaml = arena_print(arena, "k: %s\n", text);
    ck_assert(document_parse(&document, arena, &complaints, "x.yaml", yaml, strlen(yaml)));
    return node_get(document.root, "k");
}

static const char *last_error(void)
{
    ck_assert_uint_gt(complaints.count, 0);
    return complaints.items[complaints.count - 1].text;
}

START_TEST(numbers_are_as_c_writes_them)
{
    static const struct {
        const char *text;
        long long value;
    } rows[] = {{"0", 0},     {"-2", -2},     {"42", 42},
                {"0x2a", 42}, {"-0x10", -16}, {"9223372036854775807", 9223372036854775807LL}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reader reader;
        struct number number;
        ck_assert(number_read(&reader, value_of(&reader, rows[i].text), &number));
        ck_assert_int_eq(number.value, rows[i].value);
        ck_assert(!number.is_ref);
    }
}
END_TEST

START_TEST(other_things_are_no_numbers)
{
    static const char *const texts[] = {"no",  "1e3", "1_000", "0600", "0x",       "\"-\"", "+1",
                                        "1.5", "0b1", "~",     "\"\"", "\"1\\0\"", "1:30"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct reader reader;
        struct number number;
        ck_assert_msg(!number_read(&reader, value_of(&reader, texts[i]), &number), "%s", texts[i]);
        ck_assert_ptr_nonnull(strstr(last_error(), "is not a number as C writes it"));
    }
    struct reader reader;
    struct number number;
    ck_assert(!number_read(&reader, value_of(&reader, "9223372036854775808"), &number));
    ck_assert_str_eq(last_error(), "'9223372036854775808' is too large a number");
}
END_TEST

START_TEST(a_range_is_one_several_or_bounds)
{
    struct reader reader;
    struct range range;
    ck_assert(range_read(&reader, value_of(&reader, "3"), false, &range));
    ck_assert_uint_eq(range.count, 1);
    ck_assert_int_eq(range.one_of[0].value, 3);
    ck_assert(range_read(&reader, value_of(&reader, "[1, 2, 5]"), false, &range));
    ck_assert_uint_eq(range.count, 3);
    ck_assert_int_eq(range.one_of[2].value, 5);
    ck_assert(range_read(&reader, value_of(&reader, "{min: 2}"), false, &range));
    ck_assert(range.has_min && !range.has_max);
    ck_assert_int_eq(range.min.value, 2);
    ck_assert_ptr_null(range.one_of);
    ck_assert(range_read(&reader, value_of(&reader, "{min: 2, max: 2}"), false, &range));
    ck_assert_uint_eq(complaints.count, 0);
    ck_assert(!range_read(&reader, value_of(&reader, "[1, 2]"), true, &range));
    ck_assert_str_eq(last_error(), "one number is expected here");
    ck_assert(!range_read(&reader, value_of(&reader, "[]"), false, &range));
    ck_assert(!range_read(&reader, value_of(&reader, "{}"), false, &range));
    ck_assert(!range_read(&reader, value_of(&reader, "{least: 1}"), false, &range));
    ck_assert_str_eq(last_error(), "'least' is not min or max");
}
END_TEST

START_TEST(modes_are_octal_with_their_zero)
{
    struct reader reader;
    int64_t mode = -1;
    ck_assert(mode_read(&reader, value_of(&reader, "0640"), &mode));
    ck_assert_int_eq(mode, 0640);
    ck_assert(mode_read(&reader, value_of(&reader, "0000"), &mode));
    ck_assert_int_eq(mode, 0);
    ck_assert(mode_read(&reader, value_of(&reader, "04755"), &mode));
    ck_assert_int_eq(mode, 04755);
    static const char *const wrong[] = {"600", "0o600", "0888", "rw", "077777", "-0600", "0x180"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(!mode_read(&reader, value_of(&reader, wrong[i]), &mode), "%s", wrong[i]);
}
END_TEST

START_TEST(points_are_hundredths)
{
    static const struct {
        const char *text;
        int hundredths;
        const char *back;
    } rows[] = {{"3", 300, "3"}, {"0.5", 50, "0.5"}, {"7.1", 710, "7.1"}, {"0", 0, "0"}, {"2.0", 200, "2"}};
    struct reader reader;
    int hundredths = -1;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert(hundredths_read(&reader, value_of(&reader, rows[i].text), "points are", &hundredths));
        ck_assert_int_eq(hundredths, rows[i].hundredths);
        ck_assert_str_eq(hundredths_text(arena, hundredths), rows[i].back);
    }
    static const char *const wrong[] = {"1.25", "-1", "many", ".5", "1.", "1e2", "0x10", "99999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(!hundredths_read(&reader, value_of(&reader, wrong[i]), "points are", &hundredths), "%s",
                      wrong[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("number");
    TCase *tests = tcase_create("number");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, numbers_are_as_c_writes_them);
    tcase_add_test(tests, other_things_are_no_numbers);
    tcase_add_test(tests, a_range_is_one_several_or_bounds);
    tcase_add_test(tests, modes_are_octal_with_their_zero);
    tcase_add_test(tests, points_are_hundredths);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
