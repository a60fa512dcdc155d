/* Which places of the kernel's are a program's own sleep, and that a disk's are not. */
#include <check.h>
#include <stddef.h>

#include "base/run_test.h"
#include "calls/own_wait.h"

static const struct {
    const char *place, *syscall;
    bool is_own;
} rows[] = {
    {"kernel_clone", "58 0x0", true},
    {"_do_fork", "56 0x4111", true},
    {"synchronize_rcu_normal.part.0", "324 0x1", true},
    {"__flush_work", "3 0x5 0x0", true},
    {"__flush_work", "74 0x5", false}, /* fsync: a file system's */
    {"__flush_work", "1 0x5", false},
    {"__flush_work", "running", false},
    {"__flush_work", "", false},
    {"anon_pipe_read", "0 0x3", true}, /* behind who holds the pipe */
    {"pipe_ioctl", "16 0x3", true},
    {"pipe_release", "3 0x3", true},
    {"fifo_open", "257 0x3", true},
    {"splice_file_to_pipe", "275 0x3", true},
    {"memfd_fcntl", "72 0x3 0x409", true},
    {"folio_wait_bit_common", "0 0x3", false},
    {"folio_wait_bit_common", "58 0x0", false}, /* memory that is wanted within a vfork */
    {"io_schedule", "3 0x5", false},
    {"jbd2_log_wait_commit", "74 0x5", false},
    {"rwsem_down_read_slowpath", "9 0x0", false},
    {"", "", false},
    {"0", "3 0x5", false},
};

START_TEST(a_place_is_known)
{
    ck_assert_msg(own_wait_is(rows[_i].place, rows[_i].syscall) == rows[_i].is_own, "%s in %s",
                  rows[_i].place, rows[_i].syscall);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("own wait");
    TCase *tests = tcase_create("places");
    tcase_add_loop_test(tests, a_place_is_known, 0, sizeof rows / sizeof *rows);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
