/* Where there are no mounts the case's directory is one of the machine: whoever is of another case comes neither in nor to what lies there. */
#include "sandbox/own_directory.h"

#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "sandbox/fence.h"
#include "sandbox/sandboxed.h"

enum { BARE = 3, BARE_ROOT = 4 };

static void mount_queues(void)
{
    struct stat status;
    if (stat("/dev/mqueue", &status) < 0) {
        ck_assert_int_eq(mount("tmpfs", "/mnt", "tmpfs", 0, "mode=0755"), 0);
        ck_assert_int_eq(mkdir("/mnt/dev", 0755), 0);
        ck_assert_int_eq(mount("/dev", "/mnt/dev", NULL, MS_BIND | MS_REC, NULL), 0);
        ck_assert_int_eq(mount("tmpfs", "/dev", "tmpfs", 0, "mode=0755"), 0);
        ck_assert_int_eq(mkdir("/dev/mqueue", 0755) + mkdir("/dev/shm", 01777), 0);
        ck_assert_int_eq(symlink("/mnt/dev/null", "/dev/null"), 0);
    }
    ck_assert_int_eq(mount("mqueue", "/dev/mqueue", "mqueue", 0, NULL), 0);
}

/* A machine of our own, on which POSIX queues are mounted, since a fence wants that. */
static bool is_shown(const char *test, int which)
{
    if (geteuid() != 0 || unshare(CLONE_NEWNS | CLONE_NEWIPC) != 0) {
        test_skipped(test, "root with namespaces");
        return false;
    }
    ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    ck_assert_int_eq(mount("tmpfs", "/tmp", "tmpfs", 0, "mode=1777"), 0);
    ck_assert_int_eq(mount("tmpfs", "/var/tmp", "tmpfs", 0, "mode=1777"), 0);
    mount_queues();
    bool has_fence = fence_is_there();
    if (!has_fence && !worlds[which].is_root)
        test_skipped(test, "Landlock");
    enter_world(which);
    return has_fence || worlds[which].is_root;
}

/* What a program of the one case says of the other's directory, $d. */
static const char *try_it(struct fixture *from, const struct fixture *to, const char *deeds)
{
    static char script[1024];
    snprintf(script, sizeof script, "d=%s; %s", sandbox_directory(to->sandbox), deeds);
    return run_shell(from, script);
}

#define INTRUDE                                                                                              \
    "{ ls $d >/dev/null && echo listed; cat $d/student >/dev/null && echo read; echo x >$d/new && echo "     \
    "made; "                                                                                                 \
    "} 2>/dev/null; cd /tmp && echo end"

static const struct {
    const char *variable;
    bool wants_other_user;
} rows[] = {{NULL, false}, {NULL, true}, {"/tmp", false}, {"/var/tmp", false}};
enum { ROWS = sizeof rows / sizeof *rows };

/* In both worlds: one user for all, and each his own. */
START_TEST(nobody_comes_into_another_cases_directory)
{
    int row = _i % ROWS, which = _i < ROWS ? BARE : BARE_ROOT;
    const struct sandbox_config config = {.is_traced = true, .wants_other_user = rows[row].wants_other_user};
    struct fixture one, other;
    if (rows[row].variable)
        setenv("TMPDIR", rows[row].variable, 1);
    if (!is_shown("nobody_comes_into_another_cases_directory", which))
        return;
    put_in(&one, &config);
    put_in(&other, &config);
    ck_assert_str_eq(try_it(&one, &other, INTRUDE), "end\n");
    ck_assert_str_eq(try_it(&other, &other, "cat $d/student >/dev/null && : >$d/new && echo made"), "made\n");
    take_out(&one);
    take_out(&other);
}
END_TEST

/* Who asks for both has both; the directory is neither's alone. */
START_TEST(the_second_user_works_in_the_same_directory)
{
    const struct sandbox_config config = {.is_traced = true, .wants_other_user = true};
    const struct spawn by_other = {.in = SPAWN_NONE, .out = SPAWN_PIPE, .is_other_user = true};
    struct fixture one;
    if (!is_shown("the_second_user_works_in_the_same_directory", BARE_ROOT))
        return;
    put_in(&one, &config);
    run_argv(&one, &by_other,
             (char *[]){"/bin/sh", "-c", "mkfifo made && test -x student && echo done", NULL});
    ck_assert_str_eq(bytes_text(&one.out), "done\n");
    take_out(&one);
}
END_TEST

static void drop_passing(void)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    ck_assert_int_eq(syscall(SYS_capget, &head, data), 0);
    data[0].effective &= ~(1U << CAP_DAC_OVERRIDE | 1U << CAP_DAC_READ_SEARCH);
    data[0].permitted = data[0].effective;
    ck_assert_int_eq(syscall(SYS_capset, &head, data), 0);
}

/* A container's root without CAP_DAC_OVERRIDE. */
START_TEST(init_comes_in_without_the_right_to_pass_shut_doors)
{
    const struct sandbox_config config = {.is_traced = true, .wants_other_user = _i};
    struct fixture one;
    if (!is_shown("init_comes_in_without_the_right_to_pass_shut_doors", BARE_ROOT))
        return;
    drop_passing();
    put_in(&one, &config);
    ck_assert_str_eq(run_shell(&one, "test -x student && : >made && echo made"), "made\n");
    take_out(&one);
}
END_TEST

/* ---- places ---------------------------------------------------------------------------------------------------------- */

/* Which folder is chosen: TMPDIR, has ids of its own, what becomes of /var/tmp. */
static const struct {
    const char *variable;
    bool has_own_ids;
    const char *options, *runtime, *chosen;
} choices[] = {
    {NULL, true, NULL, NULL, "/tmp"},
    {NULL, false, NULL, NULL, "/var/tmp"},
    {"/tmp", false, NULL, NULL, "/var/tmp"},
    {"/tmp/below", false, NULL, NULL, "/var/tmp"},
    {"/tmp/below", true, NULL, NULL, "/tmp/below"},
    {"/var/tmp/x", false, NULL, NULL, "/var/tmp/x"},
    {"/dev/shm", false, NULL, NULL, "/var/tmp"},
    {"", false, "size=1m", NULL, "/tmp"},
    {"", false, "size=1m", "/mnt", "/mnt"},
    {"", false, "size=1m", "/tmp/below", "/tmp"},
};

START_TEST(a_place_that_the_fence_keeps)
{
    if (choices[_i].variable)
        setenv("TMPDIR", choices[_i].variable, 1);
    if (choices[_i].runtime)
        setenv("XDG_RUNTIME_DIR", choices[_i].runtime, 1);
    if (!is_shown("a_place_that_the_fence_keeps", BARE_ROOT))
        return;
    ck_assert_int_eq(mkdir("/tmp/below", 0755) + mkdir("/var/tmp/x", 0755), 0);
    if (choices[_i].options)
        ck_assert_int_eq(mount("tmpfs", "/var/tmp", "tmpfs", 0, choices[_i].options), 0);
    struct err err = {0};
    char *place = own_directory_place(choices[_i].has_own_ids, &err);
    ck_assert_str_eq(place, choices[_i].chosen);
    free(place);
}
END_TEST

static const struct student_play plays[] = {{NULL, NULL}};

int main(int argc, char **argv)
{
    Suite *suite = suite_create("own directory");
    TCase *tests = tcase_create("own directory");
    unsetenv("TMPDIR");
    unsetenv("XDG_RUNTIME_DIR");
    tcase_add_loop_test(tests, nobody_comes_into_another_cases_directory, 0, 2 * ROWS);
    tcase_add_test(tests, the_second_user_works_in_the_same_directory);
    tcase_add_loop_test(tests, init_comes_in_without_the_right_to_pass_shut_doors, 0, 2);
    tcase_add_loop_test(tests, a_place_that_the_fence_keeps, 0, sizeof choices / sizeof *choices);
    tcase_set_timeout(tests, 30);
    suite_add_tcase(suite, tests);
    return sandboxed_main(argc, argv, plays, suite);
}
