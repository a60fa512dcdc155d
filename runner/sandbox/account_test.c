/* Two sandboxes at a time: a program in the one takes all that the kernel grants to a user, and holds it; a program in the other finds what it needs. And who we are
 * afterwards.
 */
#include "sandbox/account.h"

#include <linux/capability.h>
#include <mqueue.h>
#include <sched.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "sandbox/objects.h"
#include "sandbox/sandboxed.h"

enum { QUEUE_BYTES = 400000 /* less than half of what a user has, as a rule */, SIGNALS = 200, WATCHERS = 4 };

/* ---- the student's side ---------------------------------------------------------------------------------------------- */

static int take_queue(int number)
{
    char name[32];
    snprintf(name, sizeof name, "/q%d", number);
    int queue = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, NULL);
    int error = errno;
    if (queue >= 0)
        mq_unlink(name); /* its bytes are held as long as it is open */
    errno = error;
    return queue;
}

static int take_signal(int number)
{
    (void)number;
    return sigqueue(getpid(), SIGRTMIN, (union sigval){0});
}

static int take_watcher(int number)
{
    (void)number;
    return inotify_init1(IN_NONBLOCK);
}

static int take_locked(int number)
{
    (void)number;
    int id = shmget(IPC_PRIVATE, 4096, 0600);
    return id < 0 ? id : shmctl(id, SHM_LOCK, NULL);
}

static const struct {
    const char *name;
    int (*take)(int number);
    int wanted;
} goods[] = {
    {"queues", take_queue, 1},
    {"signals", take_signal, SIGNALS},
    {"watchers", take_watcher, WATCHERS},
    {"locked", take_locked, 1},
};
enum { GOODS = sizeof goods / sizeof *goods, MOST = 200000 };

static void keep_signals(void)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
}

static int student_greedy(void)
{
    int taken[GOODS] = {0};
    keep_signals();
    for (size_t i = 0; i < GOODS; i++)
        while (taken[i] < MOST && goods[i].take(taken[i]) >= 0)
            taken[i]++;
    for (size_t i = 0; i < GOODS; i++)
        printf("%s: %s\n", goods[i].name, taken[i] < goods[i].wanted ? "too few" : "held");
    printf("all\n");
    fflush(stdout);
    for (;;)
        pause();
    return 0;
}

static int student_modest(void)
{
    keep_signals();
    for (size_t i = 0; i < GOODS; i++) {
        int result = 0;
        for (int number = 0; number < goods[i].wanted && result >= 0; number++)
            result = goods[i].take(number);
        say(goods[i].name, result);
    }
    return 0;
}

static const struct student_play plays[] = {
    {"greedy", student_greedy}, {"modest", student_modest}, {NULL, NULL}};

/* ---- checks ---------------------------------------------------------------------------------------------------------- */

static const struct sandbox_file self = {"/proc/self/exe", "student", 0755};
static const struct sandbox_config with_share = {.files = &self, .file_count = 1, .queue_bytes = QUEUE_BYTES};

/* Holds all until the other end of `line` is closed. */
static _Noreturn void be_greedy(int line)
{
    struct fixture fixture;
    char end;
    put_in(&fixture, &with_share);
    spawn_as(&fixture, &with_pipes, (char *[]){"./student", "student", "greedy", NULL});
    go(&fixture);
    read_until(&fixture, "all\n");
    const char *said = bytes_text(&fixture.out);
    bool is_held = write(line, said, strlen(said)) > 0 && read(line, &end, 1) == 0;
    take_out(&fixture);
    _exit(is_held ? 0 : 1);
}

/* In a process of its own, as in a run: it chooses the users outside. */
static pid_t start_greedy(int *line, int *theirs)
{
    int ends[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        close(ends[0]);
        be_greedy(ends[1]);
    }
    *line = ends[0];
    *theirs = ends[1];
    return pid;
}

static void play_neighbours(void)
{
    struct fixture modest;
    char said[128] = "";
    int line, theirs, status;
    pid_t greedy = start_greedy(&line, &theirs);
    close(theirs);
    ck_assert_int_gt(recv(line, said, sizeof said - 1, 0), 0);
    ck_assert_str_eq(said, "queues: held\nsignals: held\nwatchers: held\nlocked: held\nall\n");
    put_in(&modest, &with_share);
    ck_assert_str_eq(run_student(&modest, &with_pipes, "modest"),
                     "queues: ok\nsignals: ok\nwatchers: ok\nlocked: ok\n");
    take_out(&modest);
    close(line);
    ck_assert_int_eq(waitpid(greedy, &status, 0), greedy);
    ck_assert_int_eq(status, 0);
}

START_TEST(neighbours_have_what_they_need)
{
    enter_world(_i);
    play_neighbours();
}
END_TEST

static void drop_tracing(void)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    ck_assert_int_eq(syscall(SYS_capget, &head, data), 0);
    data[CAP_TO_INDEX(CAP_SYS_PTRACE)].effective &= ~CAP_TO_MASK(CAP_SYS_PTRACE);
    data[CAP_TO_INDEX(CAP_SYS_PTRACE)].permitted &= ~CAP_TO_MASK(CAP_SYS_PTRACE);
    ck_assert_int_eq(syscall(SYS_capset, &head, data), 0);
}

/* As in some containers: then the right to trace comes from having made the namespace oneself. */
START_TEST(root_that_may_trace_only_what_it_has_made)
{
    enum { ROOT = 1 };
    struct fixture fixture;
    if (geteuid() != 0) {
        test_skipped("root_that_may_trace_only_what_it_has_made", "root");
        return;
    }
    enter_world(ROOT);
    drop_tracing();
    play_neighbours();
    put_in(&fixture, &with_share);
    spawn_as(&fixture, &with_pipes, (char *[]){"/bin/cat", NULL});
    ck_assert_msg(ptrace(PTRACE_SEIZE, fixture.child.pid, 0, PTRACE_O_EXITKILL) == 0, "%s",
                  strerrorname_np(errno));
    take_out(&fixture);
}
END_TEST

/* Limits, user, signal at the parent's death: only init is made on another account. */
START_TEST(the_runner_is_who_it_was)
{
    static const __rlimit_resource_t limits[] = {RLIMIT_MSGQUEUE, RLIMIT_SIGPENDING};
    struct rlimit before[2], after;
    struct fixture fixture;
    int signal = 0;
    enter_world(_i);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    uid_t user = geteuid();
    for (int i = 0; i < 2; i++)
        getrlimit(limits[i], &before[i]);
    put_in(&fixture, &with_share);
    for (int i = 0; i < 2; i++) {
        getrlimit(limits[i], &after);
        ck_assert_uint_eq(after.rlim_cur, before[i].rlim_cur);
        ck_assert_uint_eq(after.rlim_max, before[i].rlim_max);
    }
    ck_assert_uint_eq(geteuid(), user);
    ck_assert_int_eq(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
    prctl(PR_GET_PDEATHSIG, &signal);
    ck_assert_int_eq(signal, SIGTERM);
    take_out(&fixture);
}
END_TEST

/* As before Linux 6.9, where a sandbox may not do it itself. */
START_TEST(objects_are_limited_from_outside)
{
    char line[16] = "";
    struct stat before, after;
    bool is_lost = true;
    int ends[2], status;
    if (geteuid() != 0) {
        test_skipped("objects_are_limited_from_outside", "root");
        return;
    }
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        bool is_apart =
            unshare(CLONE_NEWIPC) == 0 && write(ends[1], "x", 1) == 1 && read(ends[1], line, 1) == 1;
        cleanup_file FILE *file = is_apart ? fopen("/proc/sys/kernel/shmall", "re") : NULL;
        _exit(file && fgets(line, sizeof line, file) && strcmp(line, "65536\n") == 0 ? 0 : 1);
    }
    ck_assert_int_eq(read(ends[0], line, 1), 1);
    ck_assert_int_eq(stat("/proc/self/ns/ipc", &before), 0);
    ck_assert(objects_limit_of(pid, &is_lost));
    ck_assert(!is_lost);
    ck_assert_int_eq(stat("/proc/self/ns/ipc", &after), 0);
    ck_assert_uint_eq(before.st_ino, after.st_ino);
    ck_assert_int_eq(write(ends[0], "x", 1), 1);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
}
END_TEST

int main(int argc, char **argv)
{
    const TTest *const tests[] = {neighbours_have_what_they_need, the_runner_is_who_it_was, NULL};
    const TTest *const once[] = {objects_are_limited_from_outside, root_that_may_trace_only_what_it_has_made,
                                 NULL};
    Suite *suite = suite_create("account");
    add_tests(suite, "account", tests, mounted_worlds());
    add_tests(suite, "once", once, 1);
    return sandboxed_main(argc, argv, plays, suite);
}
