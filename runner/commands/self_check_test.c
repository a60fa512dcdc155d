/* A student's own look at his work: which cases are taken, and what is said of them. Beside graded.h's suite and submission lies a second folder of cases, which costs nothing. */
#include "commands/graded.h"

/* The program run by the shell in the test's folder, `$p` being its path; what it prints on both streams goes to out.txt. */
static int shell(const char *command)
{
    cleanup_free char *whole = NULL;
    ck_assert_int_gt(
        asprintf(&whole, "p='%s'; export TMPDIR=\"$PWD/tmp\"; { %s; } >out.txt 2>&1", program(), command), 0);
    setenv("LANGUAGE", "en", 1);
    int status = system(whole);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void assert_said(const char *text)
{
    cleanup_free char *said = report();
    ck_assert_msg(strstr(said, text) != NULL, "not said: %s\n%s", text, said);
}

static void assert_not_said(const char *text)
{
    cleanup_free char *said = report();
    ck_assert_msg(strstr(said, text) == NULL, "said: %s\n%s", text, said);
}

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

static void add(TCase *tests)
{
    tcase_add_test(tests, the_environment_names_the_cases);
    tcase_add_test(tests, cases_near_the_submission_are_told_and_not_taken);
}

int main(void)
{
    return run_graded("self-check", add);
}
