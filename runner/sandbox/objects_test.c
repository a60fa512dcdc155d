/* What an owner tells, in processes of their own and an IPC namespace of theirs: all that one user has made goes, whoever removes it, and nothing of anybody else's. */
#include "sandbox/objects.h"

#include <check.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/run_test.h"
#include "sandbox/ground.h"

enum { OWNER = 1899999998, STRANGER = 1899999996, KINDS = 3, TWICE = 6 };

/* One of each kind. */
static void make_objects(int ids[KINDS])
{
    ids[0] = msgget(IPC_PRIVATE, 0600);
    ids[1] = semget(IPC_PRIVATE, 1, 0600);
    ids[2] = shmget(IPC_PRIVATE, 1, 0600);
    for (int i = 0; i < KINDS; i++)
        ck_assert_int_ge(ids[i], 0);
}

static void make_as(uid_t owner, int ids[KINDS])
{
    ck_assert_int_eq(seteuid(owner), 0);
    make_objects(ids);
    ck_assert_int_eq(seteuid(0), 0);
}

/* Of anybody. */
static int count_objects(void)
{
    struct msginfo queues;
    struct seminfo sets;
    struct shm_info segments;
    ck_assert_int_ge(msgctl(0, MSG_INFO, (struct msqid_ds *)&queues), 0);
    ck_assert_int_ge(semctl(0, 0, SEM_INFO, &sets), 0);
    ck_assert_int_ge(shmctl(0, SHM_INFO, (struct shmid_ds *)&segments), 0);
    return queues.msgpool + sets.semusz + segments.used_ids;
}

static bool may_be_alone(const char *test)
{
    if (geteuid() == 0 && unshare(CLONE_NEWIPC) == 0)
        return true;
    test_skipped(test, "root, and an IPC namespace");
    return false;
}

/* Who removes: root, or a worker that has become the owner itself (without CAP_SYS_PTRACE, as in a container). */
START_TEST(what_a_user_has_made_goes)
{
    const struct ground ground = {.is_root = true, .outer_student = OWNER};
    int theirs[KINDS], strangers[KINDS];
    struct err err = {0};
    if (!may_be_alone("what_a_user_has_made_goes"))
        return;
    make_as(OWNER, theirs);
    make_as(STRANGER, strangers);
    ck_assert_int_eq(count_objects(), TWICE);
    ck_assert(!_i || ground_join(&ground, &err));
    ck_assert_msg(objects_remove_of(OWNER, &err), "%s", err.text);
    ck_assert_int_eq(count_objects(), KINDS);
    ck_assert_msg(objects_remove_of(STRANGER, &err), "%s", err.text);
    ck_assert_int_eq(count_objects(), 0);
    ck_assert_uint_eq(geteuid(), _i ? OWNER : 0);
}
END_TEST

START_TEST(who_has_removed_them_still_dies_with_his_parent)
{
    struct err err = {0};
    if (!may_be_alone("who_has_removed_them_still_dies_with_his_parent"))
        return;
    ck_assert_int_eq(prctl(PR_SET_PDEATHSIG, SIGTERM), 0);
    ck_assert_msg(objects_remove_of(OWNER, &err), "%s", err.text);
    ck_assert_int_eq(ground_death_signal(), SIGTERM);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("objects");
    TCase *tests = tcase_create("objects");
    tcase_add_loop_test(tests, what_a_user_has_made_goes, 0, 2);
    tcase_add_test(tests, who_has_removed_them_still_dies_with_his_parent);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
