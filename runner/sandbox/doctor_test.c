/* The doctor on this machine, and on machines that are made to look poorer. */
#include "sandbox/doctor.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/run_test.h"

enum { NOBODY = 65534 };

static void enter_world(int which)
{
    if (geteuid() == 0 && which == 0) {
        ck_assert_int_eq(setgid(NOBODY), 0);
        ck_assert_int_eq(setuid(NOBODY), 0);
        prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    }
}

static const struct doctor_row *row_of(const struct doctor_row *rows, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    ck_abort_msg("no row for %s", name);
}

START_TEST(healthy)
{
    struct doctor_row rows[DOCTOR_ROWS];
    enter_world(_i);
    bool is_root = geteuid() == 0;
    size_t count = doctor_examine("/bin/true", rows);
    ck_assert_uint_ge(count, 15);
    for (size_t i = 0; i < count; i++) {
        bool is_expected = is_root || strcmp(rows[i].name, "a second user") != 0;
        ck_assert_msg(rows[i].is_there == is_expected, "%s: %s", rows[i].name, strerror(rows[i].error));
        ck_assert_int_eq(rows[i].remedy[0] == '\0', rows[i].is_there);
        ck_assert_str_ne(rows[i].lost, "");
    }
}
END_TEST

START_TEST(ill)
{
    struct doctor_row rows[DOCTOR_ROWS];
    enter_world(_i);
    setenv("IPCGRADE_WITHOUT", "net,ipc", 1);
    size_t count = doctor_examine("/no/such/agent", rows);
    ck_assert(!row_of(rows, count, "network namespace")->is_there);
    ck_assert(!row_of(rows, count, "IPC namespace")->is_there);
    ck_assert(!row_of(rows, count, "own POSIX queues")->is_there);
    ck_assert(!row_of(rows, count, "the agent")->is_there);
    ck_assert_str_eq(strerrorname_np(row_of(rows, count, "the agent")->error), "ENOENT");
    ck_assert_str_ne(row_of(rows, count, "network namespace")->remedy, "");
    ck_assert(row_of(rows, count, "pid namespace")->is_there);
    ck_assert(row_of(rows, count, "user namespaces")->is_there);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("doctor");
    TCase *each = tcase_create("every world");
    tcase_add_loop_test(each, healthy, 0, 2);
    tcase_add_loop_test(each, ill, 0, 2);
    tcase_set_timeout(each, 30);
    suite_add_tcase(suite, each);
    return run_suite(suite);
}
