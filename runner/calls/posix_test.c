/* The POSIX calls, decoded from raw arguments in our own memory: their families, lines and waits. */
#include "calls/lines.h"

#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>

static void is_deed(const char *word)
{
    ck_assert_str_eq(call.deed ? call.deed->word : "none", word);
}

#define HERE ((uint64_t)AT_FDCWD)

START_TEST(shared_memory_is_opened_below_dev_shm)
{
    const uint64_t added = O_NOFOLLOW | O_CLOEXEC; /* by the C library */
    ENTER("openat", HERE, AT("/dev/shm/area"), O_RDWR | O_CREAT | added, 0640);
    is_deed("shm_open");
    leave(-EEXIST);
    is_deed("shm_open");
    reads("shm_open(\"/area\", O_RDWR|O_CREAT, 0640) = -1 EEXIST (File exists)");
    ENTER("openat", HERE, AT("/dev/shm/area"), O_RDONLY | added);
    leave(3);
    ck_assert_int_eq(call.made[0], 3);
    reads("shm_open(\"/area\", O_RDONLY) = 3");
    ENTER("openat", HERE, AT("/dev/shm/area"), O_RDONLY); /* by open itself: the same deed, told as it is */
    is_deed("shm_open");
    reads("open(\"/dev/shm/area\", O_RDONLY) ...");
    ENTER("open", AT("/dev/shmarea"), O_RDONLY);
    is_deed("open");
    ENTER("open", AT("/dev/shm"), O_RDONLY | O_DIRECTORY);
    is_deed("open");
    ENTER("open", AT("/dev/shm"), O_TMPFILE | O_RDWR, 0600); /* it gets its name later, by linkat() */
    is_deed("shm_open");
    reads("open(\"/dev/shm\", O_RDWR|O_TMPFILE, 0600) ...");
    ENTER("openat", HERE, AT("/dev/shm/"), O_TMPFILE | O_RDWR | added, 0600);
    is_deed("shm_open");
    reads("open(\"/dev/shm/\", O_RDWR|O_CLOEXEC|O_TMPFILE|O_NOFOLLOW, 0600) ...");
    ENTER("open", AT("/tmp"), O_TMPFILE | O_RDWR, 0600);
    is_deed("open");
    ENTER("unlink", AT("/dev/shm/area"));
    is_deed("shm_unlink");
    leave(0);
    reads("shm_unlink(\"/area\") = 0");
    ENTER("unlinkat", HERE, AT("/dev/shm/area"), 0);
    is_deed("shm_unlink");
    ENTER("unlink", AT("area"));
    is_deed("unlink");
}
END_TEST

START_TEST(mappings)
{
    ENTER("mmap", 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 3, 0);
    is_deed("mmap");
    ck_assert_int_eq(call.fd, 3);
    leave(0x7f0000001000);
    ck_assert_int_eq(call.value[PARAM_AT], 0x7f0000001000);
    reads("mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, 3, 0) = 0x7f0000001000");
    ENTER("mmap", 0, 1, PROT_NONE, MAP_SHARED, (uint64_t)-1, 0);
    leave(-EBADF);
    reads("mmap(NULL, 1, PROT_NONE, MAP_SHARED, -1, 0) = -1 EBADF (Bad file descriptor)");
    ENTER("munmap", 0x7f0000001000, 4096);
    leave(0);
    reads("munmap(0x7f0000001000, 4096) = 0");
}
END_TEST

START_TEST(queues_are_opened)
{
    struct mq_attr about = {.mq_maxmsg = 3, .mq_msgsize = 64};
    ENTER("mq_open", AT("m"), O_RDWR | O_CREAT | O_EXCL, 0600, AT(&about));
    is_deed("mq_open");
    ck_assert_int_eq(call.wait, WAIT_NONE);
    ck_assert_int_eq(call.value[PARAM_MAXMSG], 3);
    ck_assert_int_eq(call.value[PARAM_MSGSIZE], 64);
    leave(5);
    ck_assert_int_eq(call.made[0], 5);
    ck_assert_str_eq(call.path, "/m");
    reads("mq_open(\"/m\", O_RDWR|O_CREAT|O_EXCL, 0600) = 5");
    ENTER("mq_open", AT("m"), O_RDONLY | O_NONBLOCK, 0600, AT(&about));
    ck_assert(!call_knows(&call, PARAM_MODE) && !call_knows(&call, PARAM_MAXMSG)); /* they mean nothing */
    leave(-ENOENT);
    ck_assert_int_eq(call.made[0], -1);
    reads("mq_open(\"/m\", O_RDONLY|O_NONBLOCK) = -1 ENOENT (No such file or directory)");
    ENTER("mq_unlink", AT("m"));
    leave(0);
    reads("mq_unlink(\"/m\") = 0");
}
END_TEST

START_TEST(messages)
{
    struct timespec limit = {1, 0};
    unsigned priority = 9;
    ENTER("mq_timedsend", 5, AT("hello"), 5, 7, 0);
    is_deed("mq_send");
    ck_assert_int_eq(call.wait, WAIT_EVENT);
    ck_assert_int_eq(call.value[PARAM_PRIO], 7);
    reads("mq_send(5, \"hello\", 5, 7) ...");
    leave(-EMSGSIZE);
    reads("mq_send(5, \"hello\", 5, 7) = -1 EMSGSIZE (Message too long)");
    ENTER("mq_timedsend", 5, AT("hello"), 5, 7, AT(&limit));
    ck_assert_int_eq(call.wait, WAIT_LIMITED);
    ENTER("mq_timedreceive", 5, AT("high!!"), 64, AT(&priority), 0);
    is_deed("mq_receive");
    reads("mq_receive(5, ..., 64, ...) ...");
    leave(4);
    ck_assert_int_eq(call.value[PARAM_GIVES], 9);
    ck_assert_uint_eq(call.data_len, 4);
    reads("mq_receive(5, \"high\", 64, [9]) = 4");
    ENTER("mq_timedreceive", 5, AT("x"), 64, 0, AT(&limit));
    ck_assert_int_eq(call.wait, WAIT_LIMITED);
    leave(1);
    ck_assert(!call_knows(&call, PARAM_GIVES)); /* the program did not want to know */
    reads("mq_timedreceive(5, \"x\", 64, NULL) = 1");
}
END_TEST

START_TEST(notification)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    ENTER("mq_notify", 5, AT(&event));
    is_deed("mq_notify");
    leave(-EBUSY);
    reads("mq_notify(5, {SIGEV_SIGNAL, SIGUSR1}) = -1 EBUSY (Device or resource busy)");
    event.sigev_notify = SIGEV_THREAD;
    ENTER("mq_notify", 5, AT(&event));
    reads("mq_notify(5, {SIGEV_THREAD}) ...");
    event.sigev_notify = SIGEV_NONE;
    ENTER("mq_notify", 5, AT(&event));
    reads("mq_notify(5, {SIGEV_NONE}) ...");
    ENTER("mq_notify", 5, 0);
    is_deed("none"); /* to take it back is not to ask for it */
    reads("mq_notify(5, NULL) ...");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("calls: posix");
    TCase *tests = tcase_create("posix");
    tcase_add_test(tests, shared_memory_is_opened_below_dev_shm);
    tcase_add_test(tests, mappings);
    tcase_add_test(tests, queues_are_opened);
    tcase_add_test(tests, messages);
    tcase_add_test(tests, notification);
    return run_lines(suite, tests);
}
