/* What looking into /proc does to whoever looks. */
#include "sandbox/procs.h"

#include <check.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/run_test.h"
#include "sandbox/ground.h"

enum { STRANGER = 1899999997 };

/* As another user, who has told that he is one. */
static pid_t start_stranger(void)
{
    int ends[2];
    char byte;
    ck_assert_int_eq(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (setgid(STRANGER) == 0 && setuid(STRANGER) == 0 && write(ends[1], "", 1) == 1)
            pause();
        _exit(1);
    }
    close(ends[1]);
    ck_assert_int_eq(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    return pid;
}

START_TEST(who_looks_at_another_users_wait_still_dies_with_his_parent)
{
    if (geteuid() != 0) {
        test_skipped("who_looks_at_another_users_wait_still_dies_with_his_parent", "root");
        return;
    }
    pid_t pid = start_stranger();
    ck_assert_int_eq(prctl(PR_SET_PDEATHSIG, SIGTERM), 0);
    procs_is_own_wait(pid, pid);
    ck_assert_int_eq(ground_death_signal(), SIGTERM);
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("procs");
    TCase *tests = tcase_create("procs");
    tcase_add_test(tests, who_looks_at_another_users_wait_still_dies_with_his_parent);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
