/* Sharing, scaling and adding up of points. */
#include "result/score.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/run_test.h"
#include "result/result_json.h"

#define ROUNDS 3000

START_TEST(shares_of_equal_cases)
{
    int weights[] = {100, 100, 100}, shares[3];
    ck_assert(score_share(weights, 3, 1000, shares));
    ck_assert_int_eq(shares[0], 334); /* the remaining hundredth goes to the earliest of equals */
    ck_assert_int_eq(shares[1], 333);
    ck_assert_int_eq(shares[2], 333);
}
END_TEST

START_TEST(largest_remainder_comes_first)
{
    /* 10 x 1/6, 2/6, 3/6 hundredths: 1.67, 3.33, 5 */
    int weights[] = {100, 200, 300}, shares[3];
    ck_assert(score_share(weights, 3, 10, shares));
    ck_assert_int_eq(shares[0], 2);
    ck_assert_int_eq(shares[1], 3);
    ck_assert_int_eq(shares[2], 5);
}
END_TEST

START_TEST(weights_of_nothing_count_as_equal)
{
    int weights[] = {0, 0}, shares[2];
    ck_assert(score_share(weights, 2, 5, shares));
    ck_assert_int_eq(shares[0] + shares[1], 5);
    ck_assert_int_eq(shares[0], 3);
    ck_assert(score_share(weights, 0, 5, shares));
}
END_TEST

/* Whatever the weights: the sum is exact, and no share is a whole hundredth or more away from its exact part. */
START_TEST(random_shares_add_up)
{
    unsigned seed = 20;
    for (int round = 0; round < ROUNDS; round++) {
        int weights[40], shares[40], count = 1 + rand_r(&seed) % 40, total = rand_r(&seed) % 100000;
        int64_t sum = 0, given = 0;
        for (int i = 0; i < count; i++)
            sum += weights[i] = 1 + rand_r(&seed) % 2000;
        ck_assert(score_share(weights, (size_t)count, total, shares));
        for (int i = 0; i < count; i++) {
            int64_t off = shares[i] * sum - (int64_t)total * weights[i];
            given += shares[i];
            ck_assert_int_lt(llabs(off), sum);
        }
        ck_assert_int_eq(given, total);
    }
}
END_TEST

START_TEST(scaled_scores)
{
    ck_assert_int_eq(score_scale(200, 300, 300), 200);
    ck_assert_int_eq(score_scale(200, 300, 100), 67);
    ck_assert_int_eq(score_scale(100, 300, 100), 33);
    ck_assert_int_eq(score_scale(0, 300, 100), 0);
    ck_assert_int_eq(score_scale(300, 300, 7), 7);
    ck_assert_int_eq(score_scale(299, 300, 7), 6); /* never the whole for less than the whole */
    ck_assert_int_eq(score_scale(0, 0, 0), 0);
    ck_assert_int_eq(score_scale(INT32_MAX - 1, INT32_MAX, INT32_MAX), INT32_MAX - 1);
}
END_TEST

static struct case_result a_case(const char *group, enum verdict verdict, int score, int max_score)
{
    struct case_result one = {.verdict = verdict, .score = score, .max_score = max_score};
    result_set(&one.id, "g/c");
    result_set(&one.group, group);
    return one;
}

static struct result of_cases(const struct case_result *cases, size_t count)
{
    struct result result = {.count = count, .planned = count, .cases = calloc(count + 1, sizeof *cases)};
    memcpy(result.cases, cases, count * sizeof *cases);
    return result;
}

START_TEST(a_scaled_case)
{
    struct case_result one = a_case("g", PASSED, 150, 200);
    one.failures = calloc(1, sizeof *one.failures);
    one.failure_count = 1;
    one.failures[0].cost = 50;
    case_result_scale(&one, 100);
    ck_assert_int_eq(one.score, 75);
    ck_assert_int_eq(one.max_score, 100);
    ck_assert_int_eq(one.failures[0].cost, 25);
    case_result_free(&one);

    one = a_case("g", FAILED, 150, 200); /* a failed case gives nothing, whatever it says */
    case_result_scale(&one, 100);
    ck_assert_int_eq(one.score, 0);
    case_result_free(&one);
}
END_TEST

START_TEST(broken_and_skipped_cost_nothing)
{
    struct case_result cases[] = {a_case("a", PASSED, 300, 300), a_case("b", BROKEN, 0, 200),
                                  a_case("a", SKIPPED, 0, 100), a_case("b", PASSED, 50, 50)};
    struct result result = of_cases(cases, 4);
    ck_assert(result_total(&result));
    ck_assert_int_eq(result.score, 350);
    ck_assert_int_eq(result.unjudged, 300);
    ck_assert_int_eq(result.verdict, BROKEN);
    ck_assert_uint_eq(result.group_count, 2);
    ck_assert_str_eq(result.groups[0].name, "a");
    ck_assert_int_eq(result.groups[0].score, 300);
    ck_assert_int_eq(result.groups[0].max_score, 400);
    ck_assert_int_eq(result.groups[0].unjudged, 100);
    ck_assert_int_eq(result.groups[1].counts[BROKEN], 1);
    ck_assert_int_eq(result.groups[1].counts[PASSED], 1);

    result.cases[1].verdict = SKIPPED; /* what was judged is perfect */
    ck_assert(result_total(&result));
    ck_assert_int_eq(result.verdict, PASSED);

    result.cases[3].score = 49;
    ck_assert(result_total(&result));
    ck_assert_int_eq(result.verdict, FAILED);
    result_free(&result);
}
END_TEST

START_TEST(nothing_judged_is_not_green)
{
    struct case_result cases[] = {a_case("a", SKIPPED, 0, 300)};
    struct result result = of_cases(cases, 1), empty = of_cases(cases, 0);
    ck_assert(result_total(&result));
    ck_assert_int_eq(result.verdict, SKIPPED);
    ck_assert(result_total(&empty));
    ck_assert_int_eq(empty.verdict, BROKEN);
    result_free(&result);
    result_free(&empty);
}
END_TEST

START_TEST(what_was_judged_makes_up_the_whole)
{
    struct case_result cases[] = {a_case("a", PASSED, 300, 300), a_case("b", FAILED, 0, 100),
                                  a_case("b", SKIPPED, 0, 200)};
    struct result result = of_cases(cases, 3);
    result.max_score = 600;
    ck_assert(result_total(&result));
    ck_assert_int_eq(result_scaled(&result), 450); /* three quarters */
    result.is_partial = true;
    ck_assert_int_eq(result_scaled(&result), 300);
    result.is_partial = false;
    result.cases[1].verdict = BROKEN;
    ck_assert(result_total(&result));
    ck_assert_int_eq(result_scaled(&result), 600); /* full marks */
    result.cases[0].verdict = BROKEN;
    ck_assert(result_total(&result));
    ck_assert_int_eq(result_scaled(&result), -1);
    result.cases[0].max_score = 0; /* what is worth nothing does not make a score */
    result.cases[0].verdict = PASSED;
    result.max_score = 300;
    ck_assert(result_total(&result));
    ck_assert_int_eq(result_scaled(&result), -1);
    for (int i = 0; i < 3; i++) {
        result.cases[i].verdict = FAILED;
        result.cases[i].score = 0;
    }
    ck_assert(result_total(&result));
    ck_assert_int_eq(result_scaled(&result), 0);
    result_free(&result);
}
END_TEST

START_TEST(a_hidden_case_is_told_only_as_such)
{
    struct case_result one = a_case("a", FAILED, 0, 300);
    result_set(&one.program, "secret");
    result_set(&one.title[1], "secret");
    result_set(&one.reason, "secret");
    result_set(&one.hint[0], "secret");
    result_set(&one.file, "secret");
    one.events = calloc(1, sizeof *one.events);
    one.event_count = 1;
    result_set(&one.events[0].text, "secret");
    case_result_hide(&one, 2);
    ck_assert_str_eq(one.id, "a/hidden-2");
    ck_assert_str_eq(one.group, "a");
    ck_assert_int_eq(one.verdict, FAILED);
    ck_assert_int_eq(one.max_score, 300);
    ck_assert(one.is_hidden && !one.program && !one.reason && !one.hint[0] && !one.file && !one.events);
    ck_assert_uint_eq(one.event_count, 0);
    char *text = case_result_to_json(&one);
    ck_assert_ptr_null(strstr(text, "secret"));
    free(text);
    case_result_free(&one);
}
END_TEST

START_TEST(points_are_exact_for_people)
{
    static const struct {
        int hundredths;
        const char *text;
    } rows[] = {{0, "0"},     {1, "0.01"},   {10, "0.1"},   {100, "1"},
                {710, "7.1"}, {705, "7.05"}, {-50, "-0.5"}, {INT32_MAX, "21474836.47"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_str_eq(points_text(rows[i].hundredths).text, rows[i].text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("score");
    TCase *tests = tcase_create("score");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, shares_of_equal_cases);
    tcase_add_test(tests, largest_remainder_comes_first);
    tcase_add_test(tests, weights_of_nothing_count_as_equal);
    tcase_add_test(tests, random_shares_add_up);
    tcase_add_test(tests, scaled_scores);
    tcase_add_test(tests, a_scaled_case);
    tcase_add_test(tests, broken_and_skipped_cost_nothing);
    tcase_add_test(tests, nothing_judged_is_not_green);
    tcase_add_test(tests, what_was_judged_makes_up_the_whole);
    tcase_add_test(tests, a_hidden_case_is_told_only_as_such);
    tcase_add_test(tests, points_are_exact_for_people);
    return run_suite(suite);
}
