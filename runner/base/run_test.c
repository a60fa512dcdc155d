/* What a program of tests leaves behind: nothing, however its checks and it itself come to their end. */
#include "base/run_test.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/stat.h>

/* Shared with the program that is looked at and its check. */
static struct seen {
    char folder[PATH_MAX], file[PATH_MAX];
    pid_t check;
} * seen;

static int standing; /* a pipe's write end: closed in all but the check that stands */

static void make_places(void)
{
    char folder[] = "/tmp/ipcgrade-places-XXXXXX", file[] = "/tmp/ipcgrade-place-XXXXXX", inner[PATH_MAX];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(inner, sizeof inner, "%s/deep", folder);
    ck_assert_int_eq(mkdir(inner, 0700), 0);
    snprintf(inner, sizeof inner, "%s/deep/link", folder);
    ck_assert_int_eq(symlink("/", inner), 0);
    close(mkstemp(file));
    snprintf(seen->folder, sizeof seen->folder, "%s", folder);
    snprintf(seen->file, sizeof seen->file, "%s", file);
    seen->check = getpid();
}

START_TEST(fails)
{
    make_places();
    ck_abort_msg("as it is meant to");
}
END_TEST

START_TEST(dies)
{
    make_places();
    raise(SIGKILL);
}
END_TEST

START_TEST(stands)
{
    make_places();
    ck_assert_int_eq(write(standing, "", 1), 1);
    while (true)
        pause();
}
END_TEST

/* A program of one check, which says nothing. */
static pid_t start_program(const TTest *check)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(nowhere, STDOUT_FILENO);
    unsetenv("CK_TAP_LOG_FILE_NAME");
    Suite *suite = suite_create("inner");
    TCase *tests = tcase_create("inner");
    tcase_add_test(tests, check);
    suite_add_tcase(suite, tests);
    _exit(run_suite(suite));
}

static void assert_gone(void)
{
    struct stat status;
    ck_assert_msg(seen->folder[0] && lstat(seen->folder, &status) != 0 && errno == ENOENT, "%s is left",
                  seen->folder);
    ck_assert_msg(seen->file[0] && lstat(seen->file, &status) != 0 && errno == ENOENT, "%s is left",
                  seen->file);
}

static void set_up(void)
{
    seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(seen, MAP_FAILED);
}

START_TEST(a_failed_check_leaves_nothing)
{
    const TTest *const endings[] = {fails, dies};
    int status;
    pid_t program = start_program(endings[_i]);
    ck_assert_int_eq(waitpid(program, &status, 0), program);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FAILURE);
    assert_gone();
}
END_TEST

/* Whoever outlives it becomes a child of ours: its check, which we end, and the process that clears up. */
START_TEST(a_killed_program_leaves_nothing)
{
    int ends[2];
    char byte;
    if (call_is_missing(SYS_pidfd_open)) {
        test_skipped("a killed program leaves nothing", "pidfd_open(2)");
        return;
    }
    ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    ck_assert_int_eq(pipe(ends), 0);
    standing = ends[1];
    pid_t program = start_program(stands);
    close(ends[1]);
    ck_assert_int_eq(read(ends[0], &byte, 1), 1);
    ck_assert_int_eq(kill(program, SIGKILL), 0);
    ck_assert_int_eq(kill(seen->check, SIGKILL), 0);
    while (wait(NULL) > 0)
        ;
    ck_assert_int_eq(errno, ECHILD);
    assert_gone();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("run");
    TCase *tests = tcase_create("places");
    suite_add_tcase(suite, tests);
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_loop_test(tests, a_failed_check_leaves_nothing, 0, 2);
    tcase_add_test(tests, a_killed_program_leaves_nothing);
    return run_suite(suite);
}
