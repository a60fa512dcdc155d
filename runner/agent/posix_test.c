/* The agent's deeds on POSIX shared memory and message queues: each once with success and once with a failure. */
#include <mqueue.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "agent/drive.h"
#include "base/run_test.h"

static char agent_path[PATH_MAX], name[64];
static struct driven agent;

static void set_up(void)
{
    drive_agent_path(agent_path);
    snprintf(name, sizeof name, "/ipcgrade-agent-%d", (int)getpid());
    umask(0);
    drive_start(&agent, agent_path);
}

static void tear_down(void)
{
    drive_stop(&agent);
    shm_unlink(name);
    mq_unlink(name);
}

static struct order on_name(const char *word, enum object_kind kind)
{
    struct order order = drive_on_path(word, name);
    order.kind = kind;
    return order;
}

static struct order as(struct order order, const char *end)
{
    snprintf(order.as[0], sizeof order.as[0], "%s", end);
    return order;
}

static struct reply perform(struct order order)
{
    return drive(&agent, order, NULL, 0);
}

/* It succeeded, whatever the number is. */
static void succeeds(struct reply reply)
{
    ck_assert_str_eq(reply.trouble, "");
    ck_assert_int_eq(reply.error, 0);
    ck_assert_int_ge(reply.result, 0);
}

/* ---- shared memory ----------------------------------------------------------------------------------------------------- */

static void make_memory(int64_t size)
{
    struct order make = as(on_name("shm_open", OBJECT_SHM), "fd"), resize = on_name("truncate", OBJECT_SHM);
    drive_set(&make, PARAM_FLAGS, O_RDWR | O_CREAT | O_EXCL);
    drive_set(&make, PARAM_MODE, 0640);
    succeeds(perform(make));
    DRIVE_FAILS(perform(make), EEXIST);
    drive_set(&resize, PARAM_SIZE, size);
    DRIVE_SUCCEEDS(perform(resize), 0);
}

START_TEST(making_and_removing_memory)
{
    struct stat status;
    make_memory(100);
    int fd = shm_open(name, O_RDONLY, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(fstat(fd, &status), 0);
    ck_assert_int_eq(status.st_size, 100);
    ck_assert_int_eq(status.st_mode & 0777, 0640);
    close(fd);
    struct order resize = drive_on_end("truncate", "fd");
    drive_set(&resize, PARAM_SIZE, 7);
    DRIVE_SUCCEEDS(perform(resize), 0);
    DRIVE_SUCCEEDS(perform(on_name("shm_unlink", OBJECT_SHM)), 0);
    DRIVE_FAILS(perform(on_name("shm_unlink", OBJECT_SHM)), ENOENT);
    DRIVE_FAILS(perform(on_name("shm_open", OBJECT_SHM)), ENOENT);
    DRIVE_FAILS(perform(on_name("truncate", OBJECT_SHM)), ENOENT);
    DRIVE_FAILS(perform(on_name("mmap", OBJECT_SHM)), ENOENT);
}
END_TEST

static void put(const char *end, int64_t at, const char *text)
{
    struct order poke = drive_on_end("poke", end);
    drive_set(&poke, PARAM_AT, at);
    DRIVE_SUCCEEDS(drive(&agent, poke, text, strlen(text)), 0);
}

START_TEST(mapping_memory)
{
    make_memory(16);
    struct order by_end = as(drive_on_end("mmap", "fd"), "one"),
                 by_name = as(on_name("mmap", OBJECT_SHM), "two");
    DRIVE_SUCCEEDS(perform(by_end), 0);
    DRIVE_SUCCEEDS(perform(by_name), 0);
    put("one", 0, "hello");
    put("two", 14, "!!");
    char *here = mmap(NULL, 16, PROT_READ, MAP_SHARED, shm_open(name, O_RDONLY, 0), 0);
    ck_assert_ptr_ne(here, MAP_FAILED);
    ck_assert_mem_eq(here, "hello\0\0\0\0\0\0\0\0\0!!", 16);
    struct order poke = drive_on_end("poke", "one");
    drive_set(&poke, PARAM_AT, 15);
    drive_check_trouble(drive(&agent, poke, "xy", 2), "one");
    DRIVE_SUCCEEDS(perform(drive_on_end("munmap", "one")), 0);
    drive_check_trouble(perform(drive_on_end("munmap", "one")), "one");
    drive_check_trouble(perform(drive_on_end("munmap", "fd")), "fd");
    drive_check_trouble(perform(drive_on_end("mmap", "two")), "two");
}
END_TEST

/* ---- queues ------------------------------------------------------------------------------------------------------------ */

static void make_queue(int extra)
{
    struct order make = as(on_name("mq_open", OBJECT_MQ), "q");
    drive_set(&make, PARAM_FLAGS, O_RDWR | O_CREAT | O_EXCL | extra);
    drive_set(&make, PARAM_MAXMSG, 2);
    drive_set(&make, PARAM_MSGSIZE, 8);
    succeeds(perform(make));
    DRIVE_FAILS(perform(make), EEXIST);
}

static struct reply put_message(struct order order, int prio, const char *text)
{
    drive_set(&order, PARAM_PRIO, prio);
    return drive(&agent, order, text, strlen(text));
}

static void takes(struct order order, int prio, const char *text)
{
    char got[16] = "";
    struct reply reply = perform(order);
    DRIVE_SUCCEEDS(reply, (int64_t)strlen(text));
    ck_assert_int_eq(reply.type, prio);
    ck_assert_uint_eq(reply.got_len, strlen(text));
    if (reply.got_len > 0)
        drive_got(&agent, got, reply.got_len);
    ck_assert_str_eq(got, text);
}

START_TEST(queues)
{
    make_queue(0);
    struct order send = on_name("mq_send", OBJECT_MQ), receive = on_name("mq_receive", OBJECT_MQ);
    DRIVE_SUCCEEDS(put_message(send, 1, "low"), 0);
    DRIVE_SUCCEEDS(put_message(drive_on_end("mq_send", "q"), 9, ""), 0);
    send.wants_error = 1; /* so it does not wait for room */
    DRIVE_FAILS(put_message(send, 0, "full"), EAGAIN);
    DRIVE_FAILS(put_message(send, 0, "too long!"), EMSGSIZE);
    takes(receive, 9, "");
    takes(drive_on_end("mq_receive", "q"), 1, "low");
    receive.wants_error = 1;
    DRIVE_FAILS(perform(receive), EAGAIN);
    DRIVE_SUCCEEDS(perform(on_name("mq_unlink", OBJECT_MQ)), 0);
    DRIVE_FAILS(perform(on_name("mq_unlink", OBJECT_MQ)), ENOENT);
    DRIVE_FAILS(perform(send), ENOENT);
    DRIVE_FAILS(perform(receive), ENOENT);
    DRIVE_SUCCEEDS(put_message(drive_on_end("mq_send", "q"), 3, "nameless"), 0);
    drive_check_trouble(perform(drive_on_end("mq_receive", "r")), "r");
}
END_TEST

START_TEST(a_queue_that_does_not_wait)
{
    make_queue(O_NONBLOCK);
    DRIVE_FAILS(perform(drive_on_end("mq_receive", "q")), EAGAIN);
}
END_TEST

/* What it has opened for one deed is closed again: few descriptors are enough for many deeds. */
START_TEST(nothing_stays_open)
{
    enum { MANY = 100, FEW = 20 };
    make_queue(0);
    const struct rlimit few = {FEW, FEW};
    ck_assert_int_eq(prlimit(agent.pid, RLIMIT_NOFILE, &few, NULL), 0);
    for (int i = 0; i < MANY; i++) {
        DRIVE_SUCCEEDS(put_message(on_name("mq_send", OBJECT_MQ), 0, "x"), 0);
        takes(on_name("mq_receive", OBJECT_MQ), 0, "x");
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("posix");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, making_and_removing_memory);
    tcase_add_test(tests, mapping_memory);
    tcase_add_test(tests, queues);
    tcase_add_test(tests, a_queue_that_does_not_wait);
    tcase_add_test(tests, nothing_stays_open);
    Suite *suite = suite_create("posix");
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
