/* The holder of a lock, found in tables as the kernel prints them. */
#include "diagnosis/lock_table.h"

#include <check.h>
#include <stdlib.h>

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

int main(void)
{
    Suite *suite = suite_create("diagnosis: lock table");
    TCase *tests = tcase_create("holders");
    tcase_add_loop_test(tests, holders, 0, sizeof rows / sizeof *rows);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
