/* A clock that nobody sets. (That the kernel tells of one that was set is seen where it may be set: in a virtual machine.) */
#include "base/clock.h"

#include <check.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/run_test.h"

START_TEST(nobody_has_set_it)
{
    int watch = clock_watch();
    ck_assert_int_ge(watch, 0);
    ck_assert(!clock_was_set(watch));
    ck_assert(!clock_was_set(-1));
    close(watch);
}
END_TEST

/* As the kernel answers then. */
START_TEST(it_was_set)
{
    int watch = clock_watch();
    ck_assert_int_ge(watch, 0);
    struct sock_filter code[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                                 BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_read, 0, 3),
                                 BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
                                 BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)watch, 0, 1),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ECANCELED),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
    ck_assert(clock_was_set(watch));
    ck_assert(!clock_was_set(-1));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("clock");
    TCase *tests = tcase_create("watch");
    tcase_add_test(tests, nobody_has_set_it);
    tcase_add_test(tests, it_was_set);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
