/* Of a folder that everybody may write to, what belongs to the users of a sandbox goes, however it is hidden, and nothing else. */
#include "sandbox/leavings.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/run_test.h"

enum { ONE = 1900000001, OTHER, STRANGER, DEEP = 200 };

static char place[] = "/tmp/ipcgrade-leavings-XXXXXX";

static void make_folder(void)
{
    ck_assert_ptr_nonnull(mkdtemp(place));
    ck_assert_int_eq(chdir(place), 0);
}

static void remove_folder(void)
{
    (void)!system("rm -rf -- * .[!.]*"); // NOLINT(cert-env33-c): in the folder of this test
    ck_assert_int_eq(chdir("/"), 0);
    rmdir(place);
}

static void file_of(const char *name, uid_t owner)
{
    int fd = open(name, O_WRONLY | O_CREAT, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(fchown(fd, owner, owner), 0);
    close(fd);
}

static void folder_of(const char *name, uid_t owner, mode_t mode)
{
    ck_assert_int_eq(mkdir(name, 0700), 0);
    ck_assert_int_eq(chown(name, owner, owner), 0);
    ck_assert_int_eq(chmod(name, mode), 0);
}

static void sweep(void)
{
    leavings_remove_from(place, ONE, OTHER);
}

START_TEST(files_go_by_owner)
{
    folder_of("open", STRANGER, 0777);
    folder_of("shut", ONE, 0);
    file_of("one", ONE);
    file_of("other", OTHER);
    file_of("strange", STRANGER);
    file_of("open/one", ONE);
    file_of("open/strange", STRANGER);
    file_of("shut/one", ONE);
    ck_assert_int_eq(mkfifo("pipe", 0600), 0);
    ck_assert_int_eq(chown("pipe", OTHER, OTHER), 0);
    sweep();
    static const char *const gone[] = {"shut", "one", "other", "open/one", "pipe"};
    static const char *const kept[] = {"open", "strange", "open/strange"};
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
        ck_assert_msg(access(gone[i], F_OK) < 0, "%s is left", gone[i]);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        ck_assert_msg(access(kept[i], F_OK) == 0, "%s is gone", kept[i]);
}
END_TEST

START_TEST(a_link_leads_nowhere)
{
    folder_of("away", STRANGER, 0777);
    file_of("away/one", STRANGER);
    folder_of("shelf", ONE, 0700);
    ck_assert_int_eq(symlink("../away", "shelf/link"), 0);
    ck_assert_int_eq(lchown("shelf/link", ONE, ONE), 0);
    sweep();
    ck_assert_int_lt(access("shelf", F_OK), 0);
    ck_assert_int_eq(access("away/one", F_OK), 0);
}
END_TEST

/* What a stranger has put into a folder of theirs keeps the folder. */
START_TEST(a_strangers_file_keeps_its_folder)
{
    folder_of("shared", ONE, 0777);
    file_of("shared/one", ONE);
    file_of("shared/strange", STRANGER);
    sweep();
    ck_assert_int_eq(access("shared/strange", F_OK), 0);
    ck_assert_int_lt(access("shared/one", F_OK), 0);
}
END_TEST

START_TEST(no_depth_is_deep_enough)
{
    int fd = open(".", O_RDONLY | O_DIRECTORY);
    for (int depth = 0; depth < DEEP; depth++) {
        ck_assert_int_eq(mkdirat(fd, "d", 0700), 0);
        ck_assert_int_eq(fchownat(fd, "d", ONE, ONE, 0), 0);
        int below = openat(fd, "d", O_RDONLY | O_DIRECTORY);
        ck_assert_int_ge(below, 0);
        close(fd);
        fd = below;
    }
    close(fd);
    sweep();
    ck_assert_int_ne(system("ls -A | grep -q ."), 0); // NOLINT(cert-env33-c): in the folder of this test
}
END_TEST

START_TEST(nobody_else_makes_files_of_others)
{
    test_skipped("whose a file is that was left", "root, to make files of others");
}
END_TEST

int main(void)
{
    const TTest *const all[] = {files_go_by_owner, a_link_leads_nowhere, a_strangers_file_keeps_its_folder,
                                no_depth_is_deep_enough, NULL};
    Suite *suite = suite_create("leavings");
    TCase *tests = tcase_create("leavings");
    if (geteuid() == 0)
        tcase_add_checked_fixture(tests, make_folder, remove_folder);
    for (int i = 0; geteuid() == 0 && all[i]; i++)
        tcase_add_test(tests, all[i]);
    if (geteuid() != 0)
        tcase_add_test(tests, nobody_else_makes_files_of_others);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
