/* The fence in place of namespaces: each look is made by a process that has gone behind it, as root, whom no mode stops. */
#include "sandbox/fence.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/run_test.h"

static char folder[64];

/* Not every machine has mounted its POSIX queues; beside them lies shared memory, as usual. */
static void mount_queues(void)
{
    struct stat status;
    if (stat("/dev/mqueue", &status) < 0) {
        ck_assert_int_eq(mount("tmpfs", "/dev", "tmpfs", 0, "mode=0755"), 0);
        ck_assert_int_eq(mkdir("/dev/shm", 01777) + mkdir("/dev/mqueue", 0755), 0);
    }
    ck_assert_int_eq(mount("mqueue", "/dev/mqueue", "mqueue", 0, NULL), 0);
}

/* False where this machine cannot show it. */
static bool is_shown(const char *test)
{
    bool is_apart = geteuid() == 0 && unshare(CLONE_NEWNS | CLONE_NEWIPC) == 0;
    if (is_apart) {
        ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
        mount_queues();
        if (fence_is_there())
            return true;
    }
    test_skipped(test, is_apart ? "Landlock" : "root with namespaces");
    return false;
}

static int opened(const char *path, int flags)
{
    return open(path, flags | O_CLOEXEC, 0600) >= 0 ? 0 : errno;
}

static void go_behind_one(const char *const *hidden, bool has_queues)
{
    struct err err = {0};
    int fence;
    ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    ck_assert_msg(fence_make(folder, hidden, has_queues, &fence, &err), "%s", err.text);
    ck_assert_int_ge(fence, 0);
    ck_assert_msg(fence_enter(fence, &err), "%s", err.text);
}

static void go_behind(const char *const *hidden)
{
    go_behind_one(hidden, true);
}

static void make_folder(void)
{
    snprintf(folder, sizeof folder, "/tmp/ipcgrade-fence-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

static void remove_folder(void)
{
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(rmdir(folder), 0);
}

START_TEST(the_system_can_be_read_and_the_rest_cannot)
{
    if (!is_shown("the_system_can_be_read_and_the_rest_cannot"))
        return;
    ck_assert_int_eq(opened("/etc/shadow", O_RDONLY), 0);
    go_behind(NULL);
    ck_assert_int_eq(opened("/etc/shadow", O_RDONLY), EACCES);
    ck_assert_int_eq(opened("/", O_RDONLY | O_DIRECTORY), EACCES);
    ck_assert_int_eq(opened("/usr/bin/env", O_RDONLY), 0);
    ck_assert_int_eq(opened("/usr/bin/env", O_WRONLY), EACCES);
    ck_assert_int_eq(opened("/usr/ipcgrade-fence", O_WRONLY | O_CREAT), EACCES);
    ck_assert_int_eq(opened("/proc/self/status", O_RDONLY), 0);
    ck_assert_int_eq(system("/bin/true"), 0);
}
END_TEST

START_TEST(in_the_directory_of_the_case_all_can_be_done)
{
    if (!is_shown("in_the_directory_of_the_case_all_can_be_done"))
        return;
    go_behind(NULL);
    ck_assert_int_eq(opened("file", O_WRONLY | O_CREAT), 0);
    ck_assert_int_eq(opened("file", O_RDWR | O_TRUNC), 0);
    ck_assert_int_eq(mkfifo("fifo", 0600), 0);
    ck_assert_int_eq(mkdir("below", 0700), 0);
    ck_assert_int_eq(rename("file", "below/file"), 0);
    ck_assert_int_eq(mknod("device", S_IFCHR | 0600, makedev(1, 3)) == 0 ? 0 : errno, EACCES);
    ck_assert_int_eq(unlink("below/file") + unlink("fifo") + rmdir("below"), 0);
}
END_TEST

START_TEST(what_is_hidden_below_the_system_stays_so)
{
    static const char *const hidden[] = {"/usr/bin/env", "/usr/include", NULL};
    if (!is_shown("what_is_hidden_below_the_system_stays_so"))
        return;
    go_behind(hidden);
    ck_assert_int_eq(opened("/usr/bin/env", O_RDONLY), EACCES);
    ck_assert_int_eq(opened("/usr/include", O_RDONLY | O_DIRECTORY), EACCES);
    ck_assert_int_eq(opened("/usr/bin/true", O_RDONLY), 0);
    ck_assert_int_eq(opened("/bin/true", O_RDONLY), 0);
    ck_assert_int_eq(system("/bin/true"), 0);
}
END_TEST

/* What makes a queue is any open(2), and no call that a filter would know. Shared memory is a file, too, and may be one. */
START_TEST(a_queue_is_no_file_for_who_may_have_none)
{
    if (!is_shown("a_queue_is_no_file_for_who_may_have_none"))
        return;
    if (_i == 0)
        go_behind(NULL);
    else
        go_behind_one(NULL, false);
    ck_assert_int_eq(opened("/dev/mqueue/ipcgrade-fence", O_WRONLY | O_CREAT), _i == 0 ? 0 : EACCES);
    ck_assert_int_eq(opened("/dev/mqueue", O_RDONLY | O_DIRECTORY), _i == 0 ? 0 : EACCES);
    ck_assert_int_eq(opened("/dev/shm/ipcgrade-fence", O_WRONLY | O_CREAT), 0);
    ck_assert_int_eq(unlink("/dev/shm/ipcgrade-fence"), 0);
}
END_TEST

static pid_t sleeper(void)
{
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    ck_assert_int_gt(pid, 0);
    return pid;
}

static void end(pid_t pid)
{
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

/* What `look` ends with in a process of its own. */
static int status_of(int (*look)(pid_t), pid_t about)
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(look(about));
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int signal_from_scope(pid_t outside)
{
    const struct ground bare = {.flags = 0};
    struct err err = {0};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (!fence_scope(&bare, &err))
        return 99;
    pid_t inside = fork();
    if (inside == 0)
        for (;;)
            pause();
    bool reaches_inside = kill(inside, SIGKILL) == 0 && waitpid(inside, NULL, 0) == inside;
    return !reaches_inside ? 98 : kill(outside, 0) == 0 ? 0 : errno;
}

START_TEST(a_signal_stays_in_the_scope)
{
    enum { KNOWS_NO_SCOPE = 0 };
    pid_t pid = sleeper();
    int error = status_of(signal_from_scope, pid);
    ck_assert(error == EPERM || error == KNOWS_NO_SCOPE);
    if (error == KNOWS_NO_SCOPE)
        printf("this kernel knows no scope of signals\n");
    end(pid);
}
END_TEST

/* Each of them could be asked to slow the whole user down, or somebody of his whom nobody here started. */
static bool others_keep_their_pace(pid_t other)
{
    const struct sched_param param = {0};
    const struct {
        long call, first, second;
    } calls[] = {{SYS_setpriority, PRIO_PROCESS, other}, {SYS_setpriority, PRIO_USER, 0},
                 {SYS_setpriority, PRIO_PGRP, 0},        {SYS_ioprio_set, IOPRIO_WHO_PROCESS, other},
                 {SYS_ioprio_set, IOPRIO_WHO_USER, 0},   {SYS_sched_setscheduler, other, SCHED_IDLE},
                 {SYS_sched_setparam, other, 0},         {SYS_sched_setattr, other, 0}};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (syscall(calls[i].call, calls[i].first, calls[i].second, &param) == 0 || errno != EPERM)
            return false;
    enum { LOWEST = 19 }; /* whoever runs this test may have it already */
    return nice(LOWEST) == LOWEST && sched_setscheduler(0, SCHED_BATCH, &param) == 0;
}

/* As the filter of all has it, wherever it stands: who asks is answered, also by his own number; who sets is refused, wherever the new limit lies. */
static bool limits_of_others_stay(pid_t init)
{
    static const struct {
        bool is_asked;
        unsigned long address; /* of the new limit; 0: its own */
    } rows[] = {{true, 0}, {false, 0}, {false, 1UL << 32}, {false, 1}};
    struct rlimit limit;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned long address = rows[i].is_asked  ? 0
                                : rows[i].address ? rows[i].address
                                                  : (unsigned long)&limit;
        const pid_t pids[] = {init, getpid()};
        for (size_t k = 0; k < 2; k++) {
            bool is_made = syscall(SYS_prlimit64, pids[k], RLIMIT_NOFILE, address,
                                   rows[i].is_asked ? &limit : NULL) == 0;
            if (is_made != rows[i].is_asked || (!is_made && errno != EPERM))
                return false;
        }
    }
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 && prlimit(0, RLIMIT_NOFILE, &limit, NULL) == 0;
}

static int call_guarded(pid_t init)
{
    struct rlimit limit;
    struct err err = {0};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (!fence_calls(&(struct fence_ours){.numbers = {init}, .count = 1}, &err))
        return 99;
    bool are_refused =
        kill(init, 0) < 0 && kill(-init, 0) < 0 && kill(-1, 0) < 0 && limits_of_others_stay(init);
    bool are_allowed = kill(getpid(), 0) == 0 && kill(getppid(), 0) == 0 && kill(0, 0) == 0 &&
                       getrlimit(RLIMIT_NOFILE, &limit) == 0;
    return are_refused && are_allowed && others_keep_their_pace(init) ? 0 : 1;
}

START_TEST(init_is_not_called_by_its_number)
{
    pid_t pid = sleeper();
    ck_assert_int_eq(status_of(call_guarded, pid), 0);
    end(pid);
}
END_TEST

/* A queue is made before the fence refuses that it is opened, where what lies at /dev/mqueue is not the file system of the queues. */
START_TEST(looking_leaves_no_queue)
{
    if (geteuid() != 0 || unshare(CLONE_NEWNS | CLONE_NEWIPC) != 0) {
        test_skipped("looking_leaves_no_queue", "root with namespaces");
        return;
    }
    ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    ck_assert_int_eq(mount("tmpfs", "/dev", "tmpfs", 0, "mode=0755"), 0);
    ck_assert_int_eq(mkdir("/dev/mqueue", 0755), 0);
    ck_assert(!fence_is_there());
    ck_assert_int_eq(mount("mqueue", "/dev/mqueue", "mqueue", 0, NULL), 0);
    DIR *queues = opendir("/dev/mqueue");
    ck_assert_ptr_nonnull(queues);
    for (const struct dirent *entry; (entry = readdir(queues));)
        ck_assert_msg(entry->d_name[0] == '.', "%s was left", entry->d_name);
    closedir(queues);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fence");
    TCase *tests = tcase_create("fence");
    tcase_add_checked_fixture(tests, make_folder, remove_folder);
    tcase_add_test(tests, the_system_can_be_read_and_the_rest_cannot);
    tcase_add_test(tests, in_the_directory_of_the_case_all_can_be_done);
    tcase_add_test(tests, what_is_hidden_below_the_system_stays_so);
    tcase_add_loop_test(tests, a_queue_is_no_file_for_who_may_have_none, 0, 2);
    tcase_add_test(tests, a_signal_stays_in_the_scope);
    tcase_add_test(tests, looking_leaves_no_queue);
    tcase_add_test(tests, init_is_not_called_by_its_number);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
