/* Names in texts and numbers, and ranges. */
#include "base/cleanup.h"
#include "judge/expand.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/run_test.h"
#include "base/text.h"
#include "judge/by_hand.h"

static struct by_hand hand;

static void set_up(void)
{
    by_hand(&hand);
}

START_TEST(parts_are_joined)
{
    cleanup_bytes struct bytes to = {0};
    ck_assert(expand_text(&hand.stage, &TEXT(BYTES("a\0b"), FILL(3), REF(BOX, REF_VALUE)), &to, NULL));
    const char want[] = {'a', '\0', 'b', text_fill(0), text_fill(1), text_fill(2), 'a', '.', 'b', '+', 'c'};
    ck_assert_uint_eq(to.len, sizeof want);
    ck_assert_mem_eq(to.data, want, sizeof want);
}
END_TEST

START_TEST(what_names_stand_for)
{
    cleanup_bytes struct bytes to = {0};
    ck_assert(expand_ref(&hand.stage, Q, REF_VALUE, &to, NULL));
    ck_assert_str_eq(to.data, "0x00001234");
    bytes_clear(&to);
    ck_assert(expand_ref(&hand.stage, Q, REF_DEC, &to, NULL));
    ck_assert_str_eq(to.data, "4660"); /* 0x1234 */
    bytes_clear(&to);
    ck_assert(expand_ref(&hand.stage, BOX, REF_VALUE, &to, NULL));
    ck_assert_str_eq(to.data, "a.b+c");
    struct err err = {0};
    ck_assert(!expand_ref(&hand.stage, PEER, REF_VALUE, &to, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "peer"));
}
END_TEST

START_TEST(wildcards_cannot_be_sent)
{
    cleanup_bytes struct bytes to = {0};
    struct err err = {0};
    ck_assert(!expand_text(&hand.stage, &TEXT(WILD(WILD_ANY)), &to, &err));
    ck_assert_str_ne(err.text, "");
}
END_TEST

START_TEST(numbers)
{
    int64_t value = 0;
    ck_assert(expand_number(&hand.stage, &NUMBER(-5), &value, NULL));
    ck_assert_int_eq(value, -5);
    const struct number key = {.is_ref = true, .name = Q};
    ck_assert(expand_number(&hand.stage, &key, &value, NULL));
    ck_assert_int_eq(value, 0x1234);
    const struct number path = {.is_ref = true, .name = BOX};
    struct err err = {0};
    ck_assert(!expand_number(&hand.stage, &path, &value, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "box"));
}
END_TEST

static const struct number unknown = {.is_ref = true, .name = PEER};

START_TEST(ranges)
{
    const struct range list = ONE_OF(NUMBER(3), unknown, NUMBER(-7));
    ck_assert(range_holds(&hand.stage, &list, 3));
    ck_assert(range_holds(&hand.stage, &list, -7));
    ck_assert(!range_holds(&hand.stage, &list, 0));
    ck_assert(!range_holds(&hand.stage, &list, 5));
    const struct range both = {.has_min = true, .has_max = true, .min = NUMBER(2), .max = NUMBER(4)};
    ck_assert(!range_holds(&hand.stage, &both, 1));
    ck_assert(range_holds(&hand.stage, &both, 2));
    ck_assert(range_holds(&hand.stage, &both, 4));
    ck_assert(!range_holds(&hand.stage, &both, 5));
    const struct range least = {.has_min = true, .min = NUMBER(1)},
                       most = {.has_max = true, .max = NUMBER(0)};
    ck_assert(range_holds(&hand.stage, &least, INT64_MAX));
    ck_assert(!range_holds(&hand.stage, &least, 0));
    ck_assert(range_holds(&hand.stage, &most, INT64_MIN));
    ck_assert(!range_holds(&hand.stage, &most, 1));
    const struct range lost = {.has_min = true, .min = unknown};
    ck_assert(!range_holds(&hand.stage, &lost, 1));
}
END_TEST

START_TEST(ranges_in_words)
{
    cleanup_bytes struct bytes some = {0}, between = {0};
    prose_range(&some, stage_prose(&hand.stage), &ONE_OF(NUMBER(1), NUMBER(2), unknown));
    ck_assert_str_eq(bytes_text(&some), "1, 2 or <peer>");
    prose_range(&between, stage_prose(&hand.stage),
                &(struct range){.has_min = true, .has_max = true, .min = NUMBER(2), .max = NUMBER(4)});
    ck_assert_str_eq(bytes_text(&between), "at least 2, at most 4");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("expand");
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, parts_are_joined);
    tcase_add_test(tests, what_names_stand_for);
    tcase_add_test(tests, wildcards_cannot_be_sent);
    tcase_add_test(tests, numbers);
    tcase_add_test(tests, ranges);
    tcase_add_test(tests, ranges_in_words);
    Suite *suite = suite_create("expand");
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
