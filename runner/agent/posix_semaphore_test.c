/* The agent's deeds on POSIX semaphores: each with success and with a failure. */
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/stat.h>

#include "agent/drive.h"
#include "base/run_test.h"

static char agent_path[PATH_MAX], name[64];
static struct driven agent;

static void set_up(void)
{
    drive_agent_path(agent_path);
    snprintf(name, sizeof name, "/ipcgrade-sem-%d", (int)getpid());
    umask(0);
    drive_start(&agent, agent_path);
}

static void tear_down(void)
{
    drive_stop(&agent);
    sem_unlink(name);
}

static struct order on_name(const char *word)
{
    struct order order = drive_on_path(word, name);
    order.kind = OBJECT_SEM;
    return order;
}

static struct reply perform(struct order order)
{
    return drive(&agent, order, NULL, 0);
}

static void make(int64_t value)
{
    struct order order = on_name("sem_open");
    snprintf(order.as[0], sizeof order.as[0], "mine");
    drive_set(&order, PARAM_FLAGS, O_CREAT | O_EXCL);
    drive_set(&order, PARAM_MODE, 0640);
    drive_set(&order, PARAM_VALUE, value);
    DRIVE_SUCCEEDS(perform(order), 0);
    DRIVE_FAILS(perform(order), EEXIST);
}

static int value_now(void)
{
    sem_t *sem = sem_open(name, 0);
    int value = -1;
    ck_assert_ptr_ne(sem, SEM_FAILED);
    sem_getvalue(sem, &value);
    sem_close(sem);
    return value;
}

START_TEST(making_and_removing)
{
    struct stat status;
    char path[96];
    make(3);
    snprintf(path, sizeof path, "/dev/shm/sem.%s", name + 1);
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_int_eq(status.st_mode & 0777, 0640);
    ck_assert_int_eq(value_now(), 3);
    DRIVE_SUCCEEDS(perform(on_name("sem_unlink")), 0);
    DRIVE_FAILS(perform(on_name("sem_unlink")), ENOENT);
    DRIVE_FAILS(perform(on_name("sem_open")), ENOENT);
    DRIVE_FAILS(perform(on_name("sem_post")), ENOENT);
    DRIVE_SUCCEEDS(perform(drive_on_end("sem_post", "mine")), 0); /* it has it still */
    DRIVE_SUCCEEDS(perform(drive_on_end("sem_close", "mine")), 0);
    drive_check_trouble(perform(drive_on_end("sem_close", "mine")), "mine");
    drive_check_trouble(perform(drive_on_end("sem_wait", "mine")), "mine");
}
END_TEST

START_TEST(counting)
{
    make(1);
    DRIVE_SUCCEEDS(perform(on_name("sem_wait")), 0);
    ck_assert_int_eq(value_now(), 0);
    DRIVE_FAILS(perform(drive_on_end("sem_trywait", "mine")), EAGAIN);
    DRIVE_SUCCEEDS(perform(on_name("sem_post")), 0);
    DRIVE_SUCCEEDS(perform(drive_on_end("sem_post", "mine")), 0);
    DRIVE_SUCCEEDS(perform(on_name("sem_trywait")), 0);
    DRIVE_SUCCEEDS(perform(drive_on_end("sem_wait", "mine")), 0);
    ck_assert_int_eq(value_now(), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("agent: POSIX semaphores");
    TCase *tests = tcase_create("semaphores");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, making_and_removing);
    tcase_add_test(tests, counting);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
