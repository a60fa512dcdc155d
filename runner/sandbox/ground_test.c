/* Whether and how the runner becomes the student's user, in processes of its own. */
#include "sandbox/ground.h"

#include <check.h>
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/run_test.h"
#include "sandbox/sandbox_private.h"

enum { NOBODYS_UID = 1899999999 };

static void drop(uint64_t capabilities)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    ck_assert_int_eq(syscall(SYS_capget, &head, data), 0);
    data[0].effective &= ~(unsigned)capabilities;
    ck_assert_int_eq(syscall(SYS_capset, &head, data), 0);
}

/* Rows: what is there, what the case wants, what must be done. */
static const struct {
    int flags;
    uint64_t lacking;
    bool wants_other_user, must_join;
} rows[] = {
    {0, 0, false, false},
    {0, 1ULL << CAP_SYS_PTRACE, false, true},
    {0, 1ULL << CAP_SYS_PTRACE, true, true},
    {0, 1ULL << CAP_IPC_OWNER, false, true},
    {0, 1ULL << CAP_IPC_OWNER, true, false},
    {CLONE_NEWIPC, 1ULL << CAP_IPC_OWNER, false, false},
    {CLONE_NEWUSER, 1ULL << CAP_SYS_PTRACE, false, false},
};

START_TEST(who_may_not_trace_or_look_becomes_the_student)
{
    const struct ground ground = {.is_root = true, .flags = rows[_i].flags};
    if (geteuid() != 0 || !ground_has_capabilities(1ULL << CAP_SYS_PTRACE | 1ULL << CAP_IPC_OWNER)) {
        test_skipped("who_may_not_trace_or_look_becomes_the_student", "root with all capabilities");
        return;
    }
    drop(rows[_i].lacking);
    ck_assert_int_eq(ground_must_join(&ground, rows[_i].wants_other_user), rows[_i].must_join);
}
END_TEST

/* The worker is the grandchild: it tells its number when it has joined, and the one between ends then. */
static _Noreturn void be_worker(int to)
{
    const struct ground ground = {.is_root = true, .outer_student = NOBODYS_UID};
    struct err err = {0};
    pid_t own = getpid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!ground_join(&ground, &err) || write(to, &own, sizeof own) != sizeof own)
        _exit(1);
    for (;;)
        pause();
}

START_TEST(who_has_joined_still_dies_with_the_grader)
{
    int ends[2], status;
    pid_t worker;
    if (geteuid() != 0) {
        test_skipped("who_has_joined_still_dies_with_the_grader", "root");
        return;
    }
    ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    ck_assert_int_eq(pipe(ends), 0);
    pid_t grader = fork();
    if (grader == 0) {
        if (fork() == 0)
            be_worker(ends[1]);
        _exit(read(ends[0], &worker, sizeof worker) != sizeof worker ||
              write(ends[1], &worker, sizeof worker) < 0);
    }
    ck_assert_int_eq(waitpid(grader, &status, 0), grader);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(read(ends[0], &worker, sizeof worker), sizeof worker);
    ck_assert_int_eq(waitpid(worker, &status, 0), worker);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}
END_TEST

/* ---- whose ids they are -------------------------------------------------------------------------------------------------- */

enum { TEST_FIRST = 1799000000, PLACES = 3 };

START_TEST(no_two_have_the_same_ids)
{
    struct ground grounds[PLACES + 1];
    struct place places[PLACES + 1];
    for (int i = 0; i <= PLACES; i++) {
        grounds[i] = (struct ground){.is_root = true, .has_own_ids = true, .row = {TEST_FIRST, PLACES}};
        places[i] = PLACE_EMPTY;
        ck_assert(ground_hold(&grounds[i], &places[i], NULL));
        ck_assert_int_eq(grounds[i].has_own_ids, i < PLACES);
        ck_assert_uint_eq(grounds[i].outer_student, grounds[i].base + 1);
        for (int k = 0; k < i && i < PLACES; k++)
            ck_assert_uint_ne(grounds[k].base, grounds[i].base);
    }
    place_let_go(&places[1]);
    ck_assert(ground_hold(&grounds[PLACES], &places[PLACES], NULL));
    ck_assert(grounds[PLACES].has_own_ids);
    ck_assert_uint_eq(grounds[PLACES].base, grounds[1].base);
}
END_TEST

/* Whoever becomes a user that others may be, too, does not have him alone by that. */
START_TEST(who_joins_a_shared_user_has_no_own_ids)
{
    const struct ground joined = {.is_root = true, .outer_student = NOBODYS_UID, .has_own_ids = _i};
    struct ground ground;
    struct err err = {0};
    if (geteuid() != 0) {
        test_skipped("who_joins_a_shared_user_has_no_own_ids", "root");
        return;
    }
    ck_assert_msg(ground_join(&joined, &err), "%s", err.text);
    ground_choose(&ground, 0);
    ck_assert_int_eq(ground.has_own_ids, _i);
}
END_TEST

START_TEST(two_sandboxes_of_one_process_have_ids_of_their_own)
{
    struct sandbox *one = NULL, *other = NULL;
    const struct sandbox_config config = {0};
    struct err err = {0};
    if (geteuid() != 0) {
        test_skipped("two_sandboxes_of_one_process_have_ids_of_their_own", "root");
        return;
    }
    ck_assert_msg(sandbox_open(&one, &config, &err) && sandbox_open(&other, &config, &err), "%s", err.text);
    ck_assert(sandbox_has_own_ids(one) && sandbox_has_own_ids(other));
    ck_assert_uint_ne(one->ground.base, other->ground.base);
    sandbox_close(one);
    sandbox_close(other);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ground");
    TCase *tests = tcase_create("ground");
    tcase_add_loop_test(tests, who_may_not_trace_or_look_becomes_the_student, 0, sizeof rows / sizeof *rows);
    tcase_add_test(tests, no_two_have_the_same_ids);
    tcase_add_loop_test(tests, who_joins_a_shared_user_has_no_own_ids, 0, 2);
    tcase_add_test(tests, two_sandboxes_of_one_process_have_ids_of_their_own);
    tcase_add_test(tests, who_has_joined_still_dies_with_the_grader);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
