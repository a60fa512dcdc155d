/* The holder of a lock, found in tables as the kernel prints them. */
#include "diagnosis/lock_table.h"

#include <check.h>
#include <stdlib.h>

#include "base/run_test.h"

static const char table[] = "1: FLOCK  ADVISORY  WRITE 400 00:2f:9 0 EOF\n"
                            "2: POSIX  ADVISORY  WRITE 500 00:2f:7 0 EOF\n"
                            "2: -> POSIX  ADVISORY  WRITE 501 00:2f:7 0 EOF\n"
                            "2: ->  -> POSIX  ADVISORY  READ 502 00:2f:7 0 9\n"
                            "3: OFDLCK ADVISORY  READ -1 00:2f:8 0 EOF\n"
                            "3: -> POSIX  ADVISORY  WRITE 503 00:2f:8 0 EOF\n"
                            "12: FLOCK  ADVISORY  WRITE 600 fd:01:7 0 EOF\n"
                            "12: -> FLOCK  ADVISORY  READ 601 fd:01:7 0 EOF";

static const struct {
    const char *table;
    pid_t waiter, holder;
} rows[] = {
    {table, 501, 500},
    {table, 502, 500}, /* behind another waiter */
    {table, 601, 600},
    {table, 503, 0}, /* belongs to no process */
    {table, 500, 0}, /* has it */
    {table, 999, 0},
    {"", 501, 0},
    {"\n\nrubbish\n1\n2:\n: -> a b c 501\n", 501, 0},
    {"7: -> POSIX ADVISORY WRITE 501 0:0:0 0 EOF\n", 501,
     0}, /* the holder was left out: of another namespace */
};

START_TEST(holders)
{
    ck_assert_int_eq(lock_holder_in(rows[_i].table, rows[_i].waiter), rows[_i].holder);
}
END_TEST

static const struct {
    pid_t waiter;
    struct lock_held held;
} in_way[] = {
    {501, {.pid = 500, .is_posix = true, .end = LOCK_TO_END}},
    {502, {.pid = 500, .is_posix = true, .end = LOCK_TO_END}},
    {503, {.pid = -1, .is_shared = true, .end = LOCK_TO_END}},
    {601, {.pid = 600, .end = LOCK_TO_END}},
    {701, {.pid = 700, .is_posix = true, .is_shared = true, .start = 64, .end = 95}},
};

/* Of open file descriptions: neither who has it nor who waits has a pid. */
START_TEST(in_the_way_of_a_description)
{
    static const char one[] = "5: OFDLCK ADVISORY  WRITE -1 00:2f:11 0 9\n"
                              "5: -> OFDLCK ADVISORY  WRITE -1 00:2f:11 0 EOF\n"
                              "5: -> OFDLCK ADVISORY  READ -1 00:2f:11 3 4\n"
                              "6: POSIX  ADVISORY  WRITE 801 00:2f:12 0 EOF\n"
                              "6: -> OFDLCK ADVISORY  WRITE -1 00:2f:12 0 EOF\n"
                              "7: OFDLCK ADVISORY  WRITE -1 00:2f:13 0 9\n"
                              "7: -> OFDLCK ADVISORY  WRITE -1 00:2f:13 0 9\n"
                              "8: OFDLCK ADVISORY  WRITE -1 00:2f:13 20 29\n"
                              "8: -> OFDLCK ADVISORY  WRITE -1 00:2f:13 20 29\n";
    struct lock_held held;
    ck_assert(lock_in_way_in(one, 900, 11, &held));
    ck_assert_int_eq(held.pid, -1);
    ck_assert_int_eq(held.end, 9);
    ck_assert(lock_in_way_in(one, 900, 12, &held));
    ck_assert_int_eq(held.pid, 801);
    ck_assert(!lock_in_way_in(one, 900, 13, &held)); /* which of the two? */
    ck_assert(!lock_in_way_in(one, 900, 14, &held));
    ck_assert(!lock_in_way_in(one, 900, 0, &held));
}
END_TEST

START_TEST(what_is_in_the_way)
{
    static const char more[] = "4: POSIX  ADVISORY  READ 700 00:2f:7 64 95\n"
                               "4: -> POSIX  ADVISORY  WRITE 701 00:2f:7 0 EOF\n";
    const struct lock_held *wanted = &in_way[_i].held;
    struct lock_held held;
    ck_assert(lock_in_way_in(in_way[_i].waiter == 701 ? more : table, in_way[_i].waiter, 0, &held));
    ck_assert_int_eq(held.pid, wanted->pid);
    ck_assert_int_eq(held.is_posix, wanted->is_posix);
    ck_assert_int_eq(held.is_shared, wanted->is_shared);
    ck_assert_int_eq(held.start, wanted->start);
    ck_assert_int_eq(held.end, wanted->end);
}
END_TEST

/* A lock of an open file description is found in the fdinfo of whoever has that open, under a number of its own. */
START_TEST(whose_description_it_is)
{
    struct lock_held held;
    ck_assert(lock_in_way_in(table, 601, 0, &held));
    ck_assert(lock_is_of(&held, "pos:\t0\nflags:\t02\nlock:\t1: FLOCK  ADVISORY  WRITE 600 fd:01:7 0 EOF\n"));
    ck_assert(!lock_is_of(&held, "lock:\t1: FLOCK  ADVISORY  WRITE 600 fd:01:8 0 EOF\n"));
    ck_assert(!lock_is_of(&held, "lock:\t1: FLOCK  ADVISORY  WRITE 6001 fd:01:7 0 EOF\n"));
    ck_assert(!lock_is_of(&held, "lock:\t1: FLOCK  ADVISORY  WRITE 600 fd:01:7 0 EOFX\n"));
    ck_assert(!lock_is_of(&held, "pos:\t0\n"));
    ck_assert(!lock_is_of(&held, ""));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("diagnosis: lock table");
    TCase *tests = tcase_create("holders");
    tcase_add_loop_test(tests, holders, 0, sizeof rows / sizeof *rows);
    tcase_add_test(tests, in_the_way_of_a_description);
    tcase_add_loop_test(tests, what_is_in_the_way, 0, sizeof in_way / sizeof *in_way);
    tcase_add_test(tests, whose_description_it_is);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
