/* What the filter refuses, and what it kills; that a filter which does not say all of it is seen. */
#include "trace/filter.h"
#include "trace/rig.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/io_uring.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>

static struct rlimit some_limit = {10, 10};

/* Without a stack: were one made, it would fault at once. */
enum {
    A_THREAD = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD,
    SHUT_ALL = CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC
};

static const struct refused {
    const char *name;
    long number;
    long arg[4];
    int error;
} refused[] = {
    {"ptrace", SYS_ptrace, {PTRACE_TRACEME}, EPERM},
    {"process_vm_readv", SYS_process_vm_readv, {1}, EPERM},
    {"process_vm_writev", SYS_process_vm_writev, {1}, EPERM},
    {"unshare", SYS_unshare, {0}, EPERM},
    {"setns", SYS_setns, {-1}, EPERM},
    {"seccomp", SYS_seccomp, {SECCOMP_GET_ACTION_AVAIL}, EPERM},
    {"prctl(PR_SET_SECCOMP)", SYS_prctl, {PR_SET_SECCOMP, SECCOMP_MODE_FILTER}, EPERM},
    {"prctl(PR_SET_DUMPABLE, 0)", SYS_prctl, {PR_SET_DUMPABLE, 0}, EPERM},
    {"prctl(PR_SET_DUMPABLE, 1)", SYS_prctl, {PR_SET_DUMPABLE, 1}, 0},
    {"mount", SYS_mount, {0}, EPERM},
    {"umount2", SYS_umount2, {0}, EPERM},
    {"bpf", SYS_bpf, {0}, EPERM},
    {"perf_event_open", SYS_perf_event_open, {0}, EPERM},
    {"io_uring_setup", SYS_io_uring_setup, {1}, EPERM},
    {"io_setup", SYS_io_setup, {0}, EPERM},
    {"io_submit", SYS_io_submit, {0}, EPERM},
    {"io_getevents", SYS_io_getevents, {0}, EPERM},
    {"io_pgetevents", SYS_io_pgetevents, {0}, EPERM},
    {"futex_wake", 454, {0}, ENOSYS},
    {"futex_wait", 455, {0}, ENOSYS},
    {"futex_requeue", 456, {0}, ENOSYS},
    {"fcntl(F_SETLEASE)", SYS_fcntl, {1, F_SETLEASE, F_UNLCK}, EPERM},
    {"fcntl(F_GETLEASE)", SYS_fcntl, {-1, F_GETLEASE}, EBADF},
    {"prlimit of another", SYS_prlimit64, {1, RLIMIT_NOFILE, (long)&some_limit, 0}, EPERM},
    {"prlimit by a long number", SYS_prlimit64, {1L << 32, RLIMIT_NOFILE, (long)&some_limit, 0}, EPERM},
    {"what another's limit is", SYS_prlimit64, {INT_MAX, RLIMIT_NOFILE, 0, 0}, ESRCH},
    {"prlimit of its own", SYS_prlimit64, {0, RLIMIT_NOFILE, (long)&some_limit, 0}, 0},
    {"prlimit of its own, traced", SYS_prlimit64, {0, RLIMIT_NPROC, (long)&some_limit, 0}, 0},
    {"setrlimit, traced", SYS_setrlimit, {RLIMIT_NPROC, (long)&some_limit}, 0},
    {"keyctl", SYS_keyctl, {0}, EPERM},
    {"userfaultfd", SYS_userfaultfd, {0}, EPERM},
    {"clone3", SYS_clone3, {0}, ENOSYS},
    {"membarrier", SYS_membarrier, {0}, ENOSYS},
    {"a thread with descriptors of its own", SYS_clone, {A_THREAD}, EPERM},
    {"the same by long flags", SYS_clone, {A_THREAD | 1L << 32}, EPERM},
    {"the same, untraced", SYS_clone, {A_THREAD | CLONE_UNTRACED}, EPERM},
    {"close_range(CLOSE_RANGE_UNSHARE)", SYS_close_range, {100, 101, CLOSE_RANGE_UNSHARE}, EINVAL},
    {"the same and CLOEXEC", SYS_close_range, {100, 101, SHUT_ALL}, EINVAL},
    {"the same by long flags", SYS_close_range, {100, 101, 1L << 32 | CLOSE_RANGE_UNSHARE}, EINVAL},
    {"close_range", SYS_close_range, {100, 101, 0}, 0},
    {"close_range(CLOSE_RANGE_CLOEXEC)", SYS_close_range, {100, 101, CLOSE_RANGE_CLOEXEC}, 0},
    {"getppid", SYS_getppid, {0}, 0},
};

static int which; /* row, for the forked program */

static void tries(struct rig_shared *shared)
{
    const struct refused *row = &refused[which];
    errno = 0;
    shared->number[0] =
        syscall(row->number, row->arg[0], row->arg[1], row->arg[2], row->arg[3], 0) < 0 ? errno : 0;
}

START_TEST(is_refused)
{
    struct rig rig = {0};
    which = _i;
    rig_open(&rig);
    rig_start(&rig, tries);
    rig_finish(&rig);
    ck_assert_msg(rig.shared->number[0] == refused[_i].error, "%s: %s", refused[_i].name,
                  strerror(rig.shared->number[0]));
    rig_close(&rig);
}
END_TEST

static void calls_as_32_bit(struct rig_shared *shared)
{
    long result = 20; /* getpid of i386 */
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
    shared->number[0] = 1;
}

static void calls_as_x32(struct rig_shared *shared)
{
    (void)syscall(0x40000000L | SYS_getpid);
    shared->number[0] = 1;
}

static void kills(rig_program *program)
{
    struct rig rig = {0};
    rig_open(&rig);
    struct process *process = rig_start(&rig, program);
    rig_finish(&rig);
    ck_assert_int_eq(rig.shared->number[0], 0);
    ck_assert(WIFSIGNALED(process->wait_status) && WTERMSIG(process->wait_status) == SIGSYS);
    rig_close(&rig);
}

START_TEST(foreign_numbers_kill)
{
    kills(calls_as_32_bit);
    kills(calls_as_x32);
}
END_TEST

static void write_rules(const struct filter_rules *rules, struct sock_filter **filter, size_t *length)
{
    struct err err = {0};
    ck_assert_msg(filter_write(rules, filter, length, &err), "%s", err.text);
}

/* libseccomp has been seen to leave rules out when an allocation was refused. */
START_TEST(a_rule_left_out_is_seen)
{
    const size_t step = 37;
    static struct filter_rules all, some;
    struct err err = {0};
    struct sock_filter *filter;
    size_t length;
    ck_assert(filter_rules_make(true, &all, &err));
    ck_assert_uint_gt(all.count, 3 * step);
    write_rules(&all, &filter, &length);
    ck_assert(filter_is_right(filter, length, &all));
    free(filter);
    for (size_t left_out = 0; left_out < all.count; left_out += step) {
        some = all;
        some.items[left_out] = some.items[--some.count];
        write_rules(&some, &filter, &length);
        ck_assert_msg(!filter_is_right(filter, length, &all), "without the rule for call %d",
                      all.items[left_out].number);
        free(filter);
        /* And one too many. */
        write_rules(&all, &filter, &length);
        if (all.items[left_out].where.count == 0)
            ck_assert_msg(!filter_is_right(filter, length, &some), "with a rule for call %d",
                          all.items[left_out].number);
        free(filter);
    }
}
END_TEST

/* Of a program that is cut or spoiled the answer is that of some word, or death: nothing is read beyond it. */
START_TEST(a_spoiled_program_is_no_danger)
{
    static struct filter_rules rules;
    struct err err = {0};
    struct sock_filter *filter;
    size_t length, still_right = 0;
    ck_assert(filter_rules_make(true, &rules, &err));
    write_rules(&rules, &filter, &length);
    for (size_t at = 0; at < length; at++) {
        ck_assert_msg(at + 1 == length || !filter_is_right(filter, at, &rules), "cut at %zu of %zu", at,
                      length);
        struct sock_filter kept = filter[at];
        filter[at].jt ^= 0xff;
        filter[at].k ^= 0x80000000;
        still_right += filter_is_right(filter, length, &rules);
        filter[at] = kept;
    }
    printf("%zu of %zu words can be spoiled without a change of any answer\n", still_right, length);
    ck_assert_uint_lt(still_right, length / 4);
    free(filter);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: filter");
    TCase *tests = tcase_create("filter");
    tcase_add_loop_test(tests, is_refused, 0, sizeof refused / sizeof *refused);
    tcase_add_test(tests, foreign_numbers_kill);
    tcase_add_test(tests, a_rule_left_out_is_seen);
    tcase_add_test(tests, a_spoiled_program_is_no_danger);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
