/* A student's own look at his work: which cases are taken, and what is said of them. Beside graded.h's suite and submission lies a second folder of cases, which costs nothing. */
#include "commands/graded.h"

START_TEST(the_environment_names_the_cases)
{
    ck_assert_int_eq(shell("IPCGRADE_CASES=cases $p grade sub --only a/ends"), 0);
    assert_said("ipcgrade: the cases are those of IPCGRADE_CASES, cases\n");
    assert_said("1.42 of 1.42 points");
    ck_assert_int_eq(shell("IPCGRADE_CASES=/nowhere $p grade sub --cases cases --only a/ends"), 0);
    assert_not_said("IPCGRADE_CASES");
    ck_assert_int_eq(shell("IPCGRADE_CASES=/nowhere $p grade sub --only a/ends"), 2);
    assert_said("ipcgrade: IPCGRADE_CASES: /nowhere/assignment.yaml: No such file or directory\n");
    ck_assert_int_eq(shell("IPCGRADE_CASES=cases $p list"), 0);
    assert_said("a/ends");
}
END_TEST

/* Whoever hands in could bring his own: they are only told of. */
START_TEST(cases_near_the_submission_are_told_and_not_taken)
{
    ck_assert_int_eq(shell("cd sub && $p grade . --only a/ends"), 2); /* not one of our own cases */
    assert_said("others lie near the submission: --cases ../cases takes them\n");
    ck_assert_int_eq(shell("mv cases sub && $p grade sub --only a/ends"), 2);
    assert_said("others lie near the submission: --cases sub/cases takes them\n");
    ck_assert_int_eq(shell("$p grade sub --cases sub/cases --only a/ends"), 0);
    assert_not_said("lie near");
}
END_TEST

START_TEST(a_folder_too_high_is_told)
{
    ck_assert_int_eq(
        shell("mkdir -p up/a up/sub && cp sub/* up/sub && $p grade up --cases cases --only a/ends"), 1);
    assert_said("ipcgrade: no exercise lies in up, but p does in up/sub: is that the folder?\n");
    ck_assert_int_eq(shell("$p grade sub --cases cases --only a/ends"), 0);
    assert_not_said("no exercise");
}
END_TEST

/* C files alone are enough; a Makefile of one's own goes before. */
START_TEST(without_a_makefile_that_of_the_handout_is_taken)
{
    ck_assert_int_eq(
        shell("mkdir student && mv sub/Makefile student && $p grade sub --cases cases --only a/ends"), 0);
    ck_assert_int_eq(access("sub/Makefile", F_OK), -1);
    ck_assert_int_eq(shell("echo 'all:;false' >sub/makefile && $p grade sub --cases cases --only a/ends"), 1);
    assert_said("p: does not build");
    ck_assert_int_eq(shell("rm -r student sub/makefile && $p grade sub --cases cases --only a/ends"), 1);
    assert_said("No targets specified and no makefile found");
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_test(tests, a_folder_too_high_is_told);
    tcase_add_test(tests, without_a_makefile_that_of_the_handout_is_taken);
    tcase_add_test(tests, the_environment_names_the_cases);
    tcase_add_test(tests, cases_near_the_submission_are_told_and_not_taken);
}

int main(void)
{
    return run_graded("self-check", add);
}
