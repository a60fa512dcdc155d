/* Which cases are run, in which order, and what a failed need means. Also what each is worth. */
#include "commands/plan.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/run_test.h"
#include "commands/grading.h"

static const char *const needs_a[] = {"g/a"};
static const char *const needs_b[] = {"g/b"};
static const char *const needs_both[] = {"g/a", "h/e"};

/* Sorted by id. b needs a, c needs b, f needs a and e; d and e stand alone. */
static const struct scenario scenarios[] = {
    {.id = "g/a", .group = "g", .program = "one", .points = 100},
    {.id = "g/b", .group = "g", .program = "one", .points = 100, .needs = needs_a, .need_count = 1},
    {.id = "g/c", .group = "g", .program = "two", .points = 100, .needs = needs_b, .need_count = 1},
    {.id = "g/d", .group = "g", .program = "two", .points = 400},
    {.id = "h/e", .group = "h", .program = "three", .points = 250},
    {.id = "h/f", .group = "h", .program = "three", .points = 50, .needs = needs_both, .need_count = 2},
};
enum { A, B, C, D, E, F, COUNT };
static const struct group groups[] = {{"g", 1000}};
static const struct suite suite = {
    .scenarios = scenarios, .count = COUNT, .assignment = {.groups = groups, .group_count = 1}};

static struct plan made(const char *const *patterns, size_t count)
{
    struct plan plan;
    struct err err = {0};
    ck_assert_msg(plan_new(&plan, &suite, patterns, count, &err), "%s", err.text);
    return plan;
}

static void assert_next(struct plan *plan, enum plan_next_kind kind, size_t index)
{
    struct plan_step step = plan_next(plan);
    ck_assert_int_eq(step.kind, kind);
    if (kind == PLAN_PLAY || kind == PLAN_NOT_RUN)
        ck_assert_uint_eq(step.index, index);
}

START_TEST(a_case_waits_for_what_it_needs)
{
    struct plan plan = made(NULL, 0);
    ck_assert_uint_eq(plan_count(&plan), COUNT);
    assert_next(&plan, PLAN_PLAY, A);
    assert_next(&plan, PLAN_PLAY, D); /* b and c wait for a */
    assert_next(&plan, PLAN_PLAY, E);
    assert_next(&plan, PLAN_WAIT, 0);
    plan_done(&plan, D, FAILED);
    assert_next(&plan, PLAN_WAIT, 0);
    plan_done(&plan, A, PASSED);
    assert_next(&plan, PLAN_PLAY, B);
    assert_next(&plan, PLAN_WAIT, 0); /* f waits for e still */
    plan_done(&plan, E, PASSED);
    assert_next(&plan, PLAN_PLAY, F);
    plan_done(&plan, B, PASSED);
    assert_next(&plan, PLAN_PLAY, C);
    assert_next(&plan, PLAN_FINISHED, 0);
    plan_free(&plan);
}
END_TEST

START_TEST(a_failed_need_fails_the_chain)
{
    struct plan plan = made(NULL, 0);
    assert_next(&plan, PLAN_PLAY, A);
    plan_done(&plan, A, FAILED);
    struct plan_step step = plan_next(&plan);
    ck_assert_int_eq(step.kind, PLAN_NOT_RUN);
    ck_assert_uint_eq(step.index, B);
    ck_assert_uint_eq(step.because, A);
    ck_assert_int_eq(step.verdict, FAILED);
    step = plan_next(&plan); /* c, because b failed by not being run */
    ck_assert_uint_eq(step.index, C);
    ck_assert_uint_eq(step.because, B);
    ck_assert_int_eq(step.verdict, FAILED);
    assert_next(&plan, PLAN_PLAY, D);
    assert_next(&plan, PLAN_PLAY, E);
    assert_next(&plan, PLAN_NOT_RUN, F); /* decided while e still runs */
    plan_free(&plan);
}
END_TEST

static const enum verdict not_judged[] = {BROKEN, SKIPPED};

START_TEST(a_need_that_was_not_judged_skips)
{
    struct plan plan = made(NULL, 0);
    assert_next(&plan, PLAN_PLAY, A);
    plan_done(&plan, A, not_judged[_i]);
    struct plan_step step = plan_next(&plan);
    ck_assert_uint_eq(step.index, B);
    ck_assert_int_eq(step.kind, PLAN_NOT_RUN);
    ck_assert_int_eq(step.verdict, SKIPPED);
    step = plan_next(&plan);
    ck_assert_uint_eq(step.index, C);
    ck_assert_int_eq(step.verdict, SKIPPED);
    assert_next(&plan, PLAN_PLAY, D);
    assert_next(&plan, PLAN_PLAY, E);
    assert_next(&plan, PLAN_WAIT, 0); /* e may still fail, and a failure is the student's */
    plan_done(&plan, E, FAILED);
    step = plan_next(&plan);
    ck_assert_uint_eq(step.index, F);
    ck_assert_int_eq(step.verdict, FAILED);
    plan_free(&plan);
}
END_TEST

static const struct {
    const char *patterns[3];
    size_t count;
    const char *chosen; /* letters */
} choices[] = {
    {{"g/a"}, 1, "A"},         {{"g/c"}, 1, "ABC"},  /* and what it needs */
    {{"h/*"}, 1, "AEF"},       {{"two"}, 1, "ABCD"}, /* a program */
    {{"h"}, 1, "AEF"},                               /* a group */
    {{"g/d", "h/e"}, 2, "DE"}, {{"*/[de]"}, 1, "DE"},
    {{"t*"}, 1, "ABCDEF"},     {{"[!o]*o"}, 1, "ABCD"}, /* programs */
};

START_TEST(patterns_choose)
{
    struct plan plan = made(choices[_i].patterns, choices[_i].count);
    char chosen[COUNT + 1] = "", *at = chosen;
    for (int i = 0; i < COUNT; i++)
        if (plan.states[i] != PLAN_LEFT_OUT)
            *at++ = (char)('A' + i);
    ck_assert_str_eq(chosen, choices[_i].chosen);
    ck_assert_uint_eq(plan_count(&plan), strlen(chosen));
    plan_free(&plan);
}
END_TEST

START_TEST(a_pattern_for_nothing_is_wrong)
{
    struct plan plan;
    struct err err = {0};
    const char *const near[] = {"thre"}, *const far[] = {"zzzzzzzzzzzz"};
    ck_assert(!plan_new(&plan, &suite, near, 1, &err));
    ck_assert_str_eq(err.text, "no case, program or group matches 'thre'; did you mean 'three'?");
    plan_free(&plan);
    ck_assert(!plan_new(&plan, &suite, far, 1, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "ipcgrade list"));
    plan_free(&plan);
}
END_TEST

/* What a person types in place of an id or a program; the names are those of the suite above. */
START_TEST(the_name_that_was_meant_is_told)
{
    static const struct {
        const char *pattern, *meant;
    } rows[] = {{"e", "h/e"}, {"three.c", "three"}, {"g/dd", "g/d"}, {"onee", "one"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct plan plan;
        struct err err = {0};
        char wanted[128];
        snprintf(wanted, sizeof wanted, "matches '%s'; did you mean '%s'?", rows[i].pattern, rows[i].meant);
        ck_assert(!plan_new(&plan, &suite, &rows[i].pattern, 1, &err));
        ck_assert_msg(strstr(err.text, wanted) != NULL, "%s", err.text);
        plan_free(&plan);
    }
}
END_TEST

START_TEST(cases_share_the_points_of_their_group)
{
    int shares[COUNT];
    ck_assert(suite_share(&suite, shares));
    ck_assert_int_eq(shares[A] + shares[B] + shares[C] + shares[D], 1000);
    ck_assert_int_eq(shares[D], 571); /* 4/7 of 10 points: 571.43; the rest of 1.43 each: 143 143 143 */
    ck_assert_int_eq(shares[A], 143);
    ck_assert_int_eq(shares[E], 250); /* the assignment gives group h no points: the sum */
    ck_assert_int_eq(shares[F], 50);
}
END_TEST

static const struct kind_row queue_kind = {.word = "mq", .kind = OBJECT_MQ},
                             pipe_kind = {.word = "fifo", .kind = OBJECT_FIFO};
static const struct name a_queue[] = {{.word = "m", .kind = &queue_kind}},
                         a_pipe[] = {{.word = "f", .kind = &pipe_kind}};
static const struct scenario with_queues[] = {
    {.id = "g/a", .group = "g", .program = "one", .points = 1, .names = a_queue, .name_count = 1},
    {.id = "g/b", .group = "g", .program = "one", .points = 1, .names = a_queue, .name_count = 1},
    {.id = "g/c", .group = "g", .program = "one", .points = 1, .names = a_pipe, .name_count = 1},
    {.id = "g/d", .group = "g", .program = "one", .points = 1, .names = a_pipe, .name_count = 1}};
static const struct suite suite_with_queues = {.scenarios = with_queues, .count = 4};

START_TEST(who_names_a_queue_takes_turns)
{
    struct plan plan;
    ck_assert(plan_new(&plan, &suite_with_queues, NULL, 0, NULL));
    plan.has_turns = true;
    assert_next(&plan, PLAN_PLAY, 0);
    assert_next(&plan, PLAN_PLAY, 2);
    assert_next(&plan, PLAN_PLAY, 3);
    assert_next(&plan, PLAN_WAIT, 0);
    plan_done(&plan, 2, PASSED);
    assert_next(&plan, PLAN_WAIT, 0);
    plan_done(&plan, 0, FAILED);
    assert_next(&plan, PLAN_PLAY, 1);
    assert_next(&plan, PLAN_FINISHED, 0);
    plan_free(&plan);
}
END_TEST

/* As soon as nobody else runs, and nobody is started beside it. */
START_TEST(who_was_crowded_plays_alone)
{
    struct plan plan;
    ck_assert(plan_new(&plan, &suite_with_queues, NULL, 0, NULL));
    assert_next(&plan, PLAN_PLAY, 0);
    assert_next(&plan, PLAN_PLAY, 1);
    plan_again(&plan, 0);
    assert_next(&plan, PLAN_PLAY, 2);
    assert_next(&plan, PLAN_PLAY, 3);
    assert_next(&plan, PLAN_WAIT, 0);
    plan_done(&plan, 1, PASSED);
    plan_again(&plan, 3);
    assert_next(&plan, PLAN_WAIT, 0);
    plan_done(&plan, 2, PASSED);
    assert_next(&plan, PLAN_PLAY, 0);
    ck_assert_int_eq(plan.states[0], PLAN_ALONE);
    assert_next(&plan, PLAN_WAIT, 0);
    plan_done(&plan, 0, FAILED);
    assert_next(&plan, PLAN_PLAY, 3);
    plan_done(&plan, 3, PASSED);
    assert_next(&plan, PLAN_FINISHED, 0);
    plan_free(&plan);
}
END_TEST

/* Its needs wait with it. */
START_TEST(who_needs_one_that_plays_again_waits)
{
    const char *const b[] = {"g/b"};
    struct plan plan = made(b, 1);
    assert_next(&plan, PLAN_PLAY, A);
    plan_again(&plan, A);
    assert_next(&plan, PLAN_PLAY, A);
    plan_done(&plan, A, PASSED);
    assert_next(&plan, PLAN_PLAY, B);
    plan_free(&plan);
}
END_TEST

START_TEST(who_has_a_user_of_his_own_does_not)
{
    struct plan plan;
    ck_assert(plan_new(&plan, &suite_with_queues, NULL, 0, NULL));
    assert_next(&plan, PLAN_PLAY, 0);
    assert_next(&plan, PLAN_PLAY, 1);
    plan_free(&plan);
}
END_TEST

/* All together never have more than the user, and a case that names a queue has room for seven of the usual size. */
START_TEST(nobody_takes_the_room_of_others)
{
    enum { USERS = 819200, MOST_JOBS = 100, SEVEN_QUEUES = 7 * 83000 };
    ck_assert_uint_eq(queue_room_of(USERS, 1).own, 0);
    ck_assert_uint_eq(queue_room_of(RLIM_INFINITY, 8).rest, 0);
    for (int jobs = 2; jobs <= MOST_JOBS; jobs++) {
        struct queue_room room = queue_room_of(USERS, jobs);
        ck_assert(room.takes_turns);
        ck_assert_uint_ge(room.own, SEVEN_QUEUES);
        ck_assert_uint_gt(room.rest, 0);
        ck_assert_uint_eq(room.alone, USERS);
        ck_assert_uint_le(room.own + room.rest * (unsigned)(jobs - 1), USERS);
        room = queue_room_of((rlim_t)USERS * MOST_JOBS, jobs);
        ck_assert(!room.takes_turns);
        ck_assert_uint_ge(room.rest, USERS);
        ck_assert_uint_le(room.rest * (unsigned)jobs, (rlim_t)USERS * MOST_JOBS);
    }
}
END_TEST

/* Random needs, random verdicts, several at a time: every case comes to exactly one end, and never before what it needs. */
START_TEST(random_plans_come_to_their_end)
{
    unsigned seed = 11;
    for (int round = 0; round < 500; round++) {
        struct plan plan = made(NULL, 0);
        size_t running[COUNT], count = 0, ended = 0;
        bool is_done[COUNT] = {false};
        for (;;) {
            struct plan_step step = {.kind = PLAN_WAIT};
            if (count < 2)
                step = plan_next(&plan);
            if (step.kind == PLAN_PLAY) {
                for (size_t k = 0; k < scenarios[step.index].need_count; k++)
                    ck_assert(is_done[suite_find(&suite, scenarios[step.index].needs[k]) - scenarios]);
                running[count++] = step.index;
            } else if (step.kind == PLAN_NOT_RUN) {
                is_done[step.index] = true;
                ended++;
            } else if (count > 0) {
                size_t pick = (size_t)rand_r(&seed) % count, index = running[pick];
                running[pick] = running[--count];
                plan_done(&plan, index, (enum verdict)(rand_r(&seed) % VERDICTS));
                is_done[index] = true;
                ended++;
            } else {
                break;
            }
        }
        ck_assert_uint_eq(ended, COUNT);
        plan_free(&plan);
    }
}
END_TEST

int main(void)
{
    Suite *tests_suite = suite_create("plan");
    TCase *tests = tcase_create("plan");
    suite_add_tcase(tests_suite, tests);
    tcase_add_test(tests, a_case_waits_for_what_it_needs);
    tcase_add_test(tests, a_failed_need_fails_the_chain);
    tcase_add_loop_test(tests, a_need_that_was_not_judged_skips, 0, 2);
    tcase_add_loop_test(tests, patterns_choose, 0, (int)(sizeof choices / sizeof *choices));
    tcase_add_test(tests, a_pattern_for_nothing_is_wrong);
    tcase_add_test(tests, the_name_that_was_meant_is_told);
    tcase_add_test(tests, cases_share_the_points_of_their_group);
    tcase_add_test(tests, who_names_a_queue_takes_turns);
    tcase_add_test(tests, who_has_a_user_of_his_own_does_not);
    tcase_add_test(tests, who_was_crowded_plays_alone);
    tcase_add_test(tests, who_needs_one_that_plays_again_waits);
    tcase_add_test(tests, nobody_takes_the_room_of_others);
    tcase_add_test(tests, random_plans_come_to_their_end);
    return run_suite(tests_suite);
}
