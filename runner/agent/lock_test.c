/* The agent's deeds on locks: two agents that are in each other's way. */
#include <sys/file.h>
#include <sys/syscall.h>

#include "agent/drive.h"
#include "base/run_test.h"

static char agent_path[PATH_MAX], directory[] = "/tmp/ipcgrade-agent-lock-XXXXXX";
static struct driven one, other;

static void opens_file(struct driven *agent)
{
    struct order order = drive_on_path("open", "log");
    drive_set(&order, PARAM_FLAGS, O_RDWR);
    snprintf(order.as[0], sizeof order.as[0], "f");
    DRIVE_SUCCEEDS(drive(agent, order, NULL, 0), 3);
}

static void set_up(void)
{
    drive_agent_path(agent_path);
    drive_directory(directory);
    int fd = open("log", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    close(fd);
    drive_start(&one, agent_path);
    drive_start(&other, agent_path);
    opens_file(&one);
    opens_file(&other);
}

static void tear_down(void)
{
    drive_stop(&one);
    drive_stop(&other);
    unlink("log");
    ck_assert_int_eq(chdir("/"), 0);
    rmdir(directory);
}

static struct order locking(int command, int type, int start, int len)
{
    struct order order = drive_on_end("lock", "f");
    drive_set(&order, PARAM_CMD, command);
    drive_set(&order, PARAM_TYPE, type);
    drive_set(&order, PARAM_START, start);
    drive_set(&order, PARAM_LEN, len);
    return order;
}

static struct reply perform(struct driven *agent, struct order order)
{
    return drive(agent, order, NULL, 0);
}

START_TEST(usual_values)
{
    DRIVE_SUCCEEDS(perform(&one, drive_on_end("lock", "f")), 0); /* all of it, for writing */
    DRIVE_FAILS(perform(&other, locking(F_SETLK, F_RDLCK, 1000, 1)), EAGAIN);
    DRIVE_SUCCEEDS(perform(&one, drive_on_end("flock", "f")),
                   0); /* the two kinds know nothing of each other */
    struct order order = drive_on_end("flock", "f");
    drive_set(&order, PARAM_OP, LOCK_SH | LOCK_NB);
    DRIVE_FAILS(perform(&other, order), EAGAIN);
    drive_set(&order, PARAM_OP, LOCK_UN);
    DRIVE_SUCCEEDS(perform(&one, order), 0);
    drive_set(&order, PARAM_OP, LOCK_SH | LOCK_NB);
    DRIVE_SUCCEEDS(perform(&other, order), 0);
}
END_TEST

START_TEST(parts_of_a_file)
{
    DRIVE_SUCCEEDS(perform(&one, locking(F_SETLK, F_WRLCK, 10, 5)), 0);
    DRIVE_SUCCEEDS(perform(&other, locking(F_SETLK, F_WRLCK, 0, 10)), 0);
    DRIVE_FAILS(perform(&other, locking(F_SETLK, F_RDLCK, 14, 1)), EAGAIN);
    DRIVE_SUCCEEDS(perform(&one, locking(F_SETLK, F_UNLCK, 14, 1)), 0);
    DRIVE_SUCCEEDS(perform(&other, locking(F_SETLK, F_RDLCK, 14, 1)), 0);
}
END_TEST

START_TEST(asking)
{
    DRIVE_SUCCEEDS(perform(&other, locking(F_GETLK, F_WRLCK, 0, 0)), 0);
    DRIVE_SUCCEEDS(perform(&one, locking(F_SETLK, F_RDLCK, 3, 1)), 0);
    DRIVE_SUCCEEDS(perform(&other, locking(F_GETLK, F_RDLCK, 0, 0)), 0); /* readers do not disturb */
    DRIVE_SUCCEEDS(perform(&other, locking(F_GETLK, F_WRLCK, 0, 0)), one.pid);
    DRIVE_SUCCEEDS(perform(&one, locking(F_OFD_SETLK, F_WRLCK, 7, 1)), 0);
    DRIVE_SUCCEEDS(perform(&other, locking(F_GETLK, F_WRLCK, 7, 1)), -1); /* belongs to no process */
}
END_TEST

/* The order of an agent that waits in its call: that it is about to wait is seen at the entry. */
static void begins(struct driven *agent, struct order order, uint64_t call)
{
    drive_give(agent, &order, NULL, 0);
    ck_assert(drive_to_call(agent, call));
    ck_assert_int_eq(ptrace(PTRACE_SYSCALL, agent->pid, NULL, NULL), 0);
}

/* Its call has ended; the reply stands at the next marker. */
static struct reply ends(struct driven *agent)
{
    int status;
    ck_assert_int_eq(waitpid(agent->pid, &status, 0), agent->pid);
    ck_assert(WIFSTOPPED(status));
    return drive_reply(agent);
}

START_TEST(waiting)
{
    DRIVE_SUCCEEDS(perform(&one, locking(F_SETLK, F_WRLCK, 0, 0)), 0);
    begins(&other, drive_on_end("lock", "f"), SYS_fcntl);
    DRIVE_SUCCEEDS(perform(&one, locking(F_SETLK, F_UNLCK, 0, 0)), 0);
    DRIVE_SUCCEEDS(ends(&other), 0);
}
END_TEST

START_TEST(failures)
{
    drive_check_trouble(perform(&one, drive_on_end("lock", "nobody")), "nobody");
    drive_check_trouble(perform(&one, drive_on_end("flock", "nobody")), "nobody");
    DRIVE_FAILS(perform(&one, locking(F_SETLK, F_WRLCK, -1, 1)), EINVAL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("agent: locks");
    TCase *tests = tcase_create("locks");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, usual_values);
    tcase_add_test(tests, parts_of_a_file);
    tcase_add_test(tests, asking);
    tcase_add_test(tests, waiting);
    tcase_add_test(tests, failures);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
