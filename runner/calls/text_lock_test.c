/* The exact lines of locks. */
#include "calls/lines.h"

#include <fcntl.h>
#include <sys/file.h>

START_TEST(locks)
{
    struct flock lock = {.l_type = F_WRLCK, .l_start = 5, .l_len = 2};
    ENTER("fcntl", 3, F_SETLKW, AT(&lock));
    ck_assert_int_eq(call.wait, WAIT_EVENT);
    ck_assert_int_eq(call.value[PARAM_START], 5);
    ck_assert_str_eq(call.deed->word, "lock");
    reads("fcntl(3, F_SETLKW, {F_WRLCK, SEEK_SET, 5, 2}) ...");
    leave(-EDEADLK);
    reads("fcntl(3, F_SETLKW, {F_WRLCK, SEEK_SET, 5, 2}) = -1 EDEADLK (Resource deadlock avoided)");
    ENTER("fcntl", 3, F_OFD_SETLKW, AT(&lock));
    ck_assert_int_eq(call.wait, WAIT_EVENT);
    lock = (struct flock){.l_type = F_UNLCK, .l_whence = SEEK_END, .l_start = -4};
    ENTER("fcntl", 3, F_SETLK, AT(&lock));
    ck_assert_int_eq(call.wait, WAIT_NONE);
    ck_assert(!call_knows(&call, PARAM_START)); /* counted from elsewhere */
    leave(0);
    reads("fcntl(3, F_SETLK, {F_UNLCK, SEEK_END, -4, 0}) = 0");
    ENTER("fcntl", 3, F_SETLK, 8);
    leave(-EFAULT);
    reads("fcntl(3, F_SETLK, 8) = -1 EFAULT (Bad address)");
    ENTER("flock", 3, LOCK_EX);
    ck_assert_int_eq(call.wait, WAIT_EVENT);
    reads("flock(3, LOCK_EX) ...");
    ENTER("flock", 3, LOCK_SH | LOCK_NB);
    ck_assert_int_eq(call.wait, WAIT_NONE);
    leave(-EAGAIN);
    reads("flock(3, LOCK_SH|LOCK_NB) = -1 EAGAIN (Resource temporarily unavailable)");
    ENTER("flock", 3, LOCK_UN);
    ck_assert_int_eq(call.wait, WAIT_NONE);
}
END_TEST

/* What was asked is told as it was asked; who is in the way is known at the end only. */
static void check_asked(struct flock answer, int command, const char *expected)
{
    struct flock lock = {.l_type = F_RDLCK, .l_start = 5, .l_len = 2};
    ENTER("fcntl", 3, (uint64_t)command, AT(&lock));
    ck_assert(call_asks_for_lock(&call));
    ck_assert_int_eq(call.wait, WAIT_NONE);
    ck_assert(!call_knows(&call, PARAM_ID));
    lock = answer;
    leave(0);
    reads(expected);
}

START_TEST(asking_for_locks)
{
    check_asked((struct flock){.l_type = F_WRLCK, .l_pid = 7}, F_GETLK,
                "fcntl(3, F_GETLK, {F_RDLCK, SEEK_SET, 5, 2}) = 0 (pid 7 has locked it)");
    check_asked((struct flock){.l_type = F_WRLCK, .l_pid = -1}, F_OFD_GETLK,
                "fcntl(3, F_OFD_GETLK, {F_RDLCK, SEEK_SET, 5, 2}) = 0 (it is locked)");
    check_asked((struct flock){.l_type = F_UNLCK, .l_start = 5, .l_len = 2}, F_GETLK,
                "fcntl(3, F_GETLK, {F_RDLCK, SEEK_SET, 5, 2}) = 0 (nobody has locked it)");
    ENTER("fcntl", 3, F_DUPFD, 10);
    ck_assert(!call_asks_for_lock(&call));
    ENTER("fcntl", 3, F_SETFL, 0);
    ck_assert_ptr_null(call.deed);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("calls: text of locks");
    TCase *tests = tcase_create("text");
    tcase_add_test(tests, locks);
    tcase_add_test(tests, asking_for_locks);
    return run_lines(suite, tests);
}
