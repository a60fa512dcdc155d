/* Nothing outlives the sandbox: whatever the processes do, and however the runner itself ends, neither a process nor a
 * file is left.
 */
#include "base/cleanup.h"
#include "sandbox/sandboxed.h"

#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* ---- the student's side ---------------------------------------------------------------------------------------------- */

static int student_kill_all(void)
{
    signal(SIGTERM, SIG_IGN);
    say("kill", kill(-1, SIGKILL));
    return 0;
}

static int student_bomb(void)
{
    int made = 0;
    pid_t pid;
    while (made < 5000 && (pid = fork()) >= 0) {
        if (pid == 0)
            for (;;)
                pause();
        made++;
    }
    printf("%d %s\n", made, strerrorname_np(errno));
    return 0;
}

static const struct student_play plays[] = {
    {"kill_all", student_kill_all}, {"bomb", student_bomb}, {NULL, NULL}};

/* ---- checks ---------------------------------------------------------------------------------------------------------- */

START_TEST(kill_minus_one_is_survived)
{
    struct fixture fixture;
    enter_world(_i);
    put_in(&fixture, NULL);
    const char *out = run_student(&fixture, &with_pipes, "kill_all");
    bool is_apart = !(sandbox_lacks(fixture.sandbox) & LACKS_PID_NS);
    ck_assert_ptr_nonnull(strstr(out, is_apart ? "kill: ok" : "kill: EPERM"));
    close(fixture.child.to_stdin);
    close(fixture.child.from_stdout);
    close(fixture.child.from_stderr);
    bytes_clear(&fixture.out);
    ck_assert_str_eq(run_shell(&fixture, "echo alive"), "alive\n");
    take_out(&fixture);
}
END_TEST

START_TEST(fork_bomb_is_bounded)
{
    static const struct spawn limited = {.in = SPAWN_NONE, .out = SPAWN_PIPE, .processes = 50};
    struct fixture fixture;
    struct err err = {0};
    enter_world(_i);
    put_in(&fixture, NULL);
    spawn_as(&fixture, &limited, (char *[]){"./student", "student", "bomb", NULL});
    go(&fixture);
    read_until(&fixture, "EAGAIN\n");
    long made = strtol(bytes_text(&fixture.out), NULL, 10);
    ck_assert_int_gt(made, 10);
    ck_assert_int_lt(made, 50);
    ck_assert_msg(sandbox_kill_all(fixture.sandbox, &err), "%s", err.text);
    ck_assert_int_eq(kill(fixture.child.pid, 0), -1);
    read_until(&fixture, NULL); /* nobody is left who has its standard error */
    take_out(&fixture);
}
END_TEST

/* Traced, with threads and children, dead or alive: the sandbox closes without anybody's help. */
START_TEST(tracees_are_reaped)
{
    struct fixture fixture;
    enter_world(_i);
    put_in(&fixture, NULL);
    spawn_as(&fixture, &with_pipes, (char *[]){"/bin/sh", "-c", "cat & cat & wait", NULL});
    long options = PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                   PTRACE_O_TRACEEXIT;
    ck_assert_int_eq(ptrace(PTRACE_SEIZE, fixture.child.pid, 0, options), 0);
    go(&fixture);
    pid_t pid;
    int status, forks = 0;
    while (forks < 2 && (pid = waitpid(-1, &status, __WALL)) > 0) {
        forks += status >> 16 == PTRACE_EVENT_FORK || status >> 16 == PTRACE_EVENT_CLONE ||
                 status >> 16 == PTRACE_EVENT_VFORK;
        ptrace(PTRACE_CONT, pid, 0, 0);
    }
    pid_t init = sandbox_init_pid(fixture.sandbox);
    take_out(&fixture);
    ck_assert_int_eq(kill(init, 0), -1);
    ck_assert_int_eq(waitpid(-1, &status, __WALL | WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
}
END_TEST

/* A runner that is killed takes everything along. Where there is a pid namespace the kernel sees to it, elsewhere init does. */
START_TEST(killed_runner_leaves_nothing)
{
    int tell[2], alive[2];
    struct {
        pid_t init, child;
        char directory[128];
    } told;
    enter_world(_i);
    ck_assert_int_eq(pipe(tell), 0);
    ck_assert_int_eq(pipe(alive), 0);
    pid_t runner = fork();
    if (runner == 0) {
        struct fixture fixture;
        prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
        put_in(&fixture, NULL);
        spawn_as(&fixture, &with_terminal,
                 (char *[]){"/bin/sh", "-c",
                            "mkdir -p shut/in; echo x >shut/in/file; chmod 0 shut; setsid cat & trap '' HUP; "
                            "echo up; while :; do read x; done",
                            NULL});
        go(&fixture);
        read_until(&fixture, "up\n");
        told.init = sandbox_init_pid(fixture.sandbox);
        told.child = fixture.child.pid;
        snprintf(told.directory, sizeof told.directory, "%s", sandbox_directory(fixture.sandbox));
        if (write(tell[1], &told, sizeof told) != sizeof told)
            _exit(1);
        pause();
    }
    ck_assert_int_eq(read(tell[0], &told, sizeof told), sizeof told);
    struct pollfd gone[] = {{.fd = (int)syscall(SYS_pidfd_open, told.init, 0), .events = POLLIN},
                            {.fd = (int)syscall(SYS_pidfd_open, told.child, 0), .events = POLLIN}};
    ck_assert_int_ge(gone[0].fd, 0);
    ck_assert_int_ge(gone[1].fd, 0);
    kill(runner, SIGKILL);
    waitpid(runner, NULL, 0);
    ck_assert_int_eq(poll(&gone[0], 1, SAFETY_MS), 1);
    ck_assert_int_eq(poll(&gone[1], 1, SAFETY_MS), 1);
    ck_assert_int_eq(access(told.directory, F_OK), -1);
}
END_TEST

START_TEST(closing_leaves_nothing)
{
    struct fixture fixture;
    char directory[128];
    enter_world(_i);
    put_in(&fixture, NULL);
    snprintf(directory, sizeof directory, "%s", sandbox_directory(fixture.sandbox));
    ck_assert_str_eq(run_shell(&fixture, "mkdir -p shut/in; echo x >shut/in/file; mkfifo f; ln -s / root; "
                                         "ln -s /nowhere gone; chmod 0 shut/in shut; echo done"),
                     "done\n");
    take_out(&fixture);
    ck_assert_int_eq(access(directory, F_OK), -1);
    ck_assert_int_eq(access("/etc/passwd", F_OK), 0); /* no link was followed */
}
END_TEST

static pid_t parent_of(pid_t pid)
{
    char path[64];
    int parent = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    cleanup_file FILE *file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    // NOLINTNEXTLINE(cert-err34-c): what was read is counted
    ck_assert_int_eq(fscanf(file, "%*d (%*[^)]) %*c %d", &parent), 1);
    return parent;
}

/* With its leader a session loses its terminal. Whoever has seen what that does is told that it was nobody's doing. */
START_TEST(a_leader_that_dies_is_told)
{
    struct fixture fixture;
    struct err err = {0};
    enter_world(_i);
    put_in(&fixture, NULL);
    spawn_as(&fixture, &with_terminal, (char *[]){"/bin/sh", "-c", "echo up; exec cat", NULL});
    go(&fixture);
    read_until(&fixture, "up");
    ck_assert_msg(sandbox_answers(fixture.sandbox, &err), "%s", err.text);
    ck_assert_int_eq(kill(parent_of(fixture.child.pid), SIGKILL), 0);
    read_until(&fixture, NULL);
    ck_assert(!sandbox_answers(fixture.sandbox, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "leads a session"));
    take_out(&fixture);
}
END_TEST

/* A tracee that was killed stands on its way out, its status is taken, and nobody has told it to go on, as when that request fails. */
static void let_stand(struct fixture *fixture)
{
    int status;
    put_in(fixture, NULL);
    spawn_as(fixture, &with_pipes, (char *[]){"/bin/cat", NULL});
    ck_assert_int_eq(ptrace(PTRACE_SEIZE, fixture->child.pid, 0, PTRACE_O_EXITKILL | PTRACE_O_TRACEEXIT), 0);
    ck_assert_int_eq(kill(fixture->child.pid, SIGKILL), 0);
    ck_assert_int_eq(waitpid(fixture->child.pid, &status, __WALL), fixture->child.pid);
    ck_assert_int_eq(status >> 8, SIGTRAP | PTRACE_EVENT_EXIT << 8);
}

START_TEST(a_tracee_that_stands_is_reaped)
{
    struct fixture fixture;
    enter_world(_i);
    let_stand(&fixture);
    pid_t init = sandbox_init_pid(fixture.sandbox);
    take_out(&fixture);
    ck_assert_int_eq(kill(init, 0), -1);
}
END_TEST

struct hoard {
    struct hoard *next;
};

/* Whatever this process could still get. */
static struct hoard *hoard_memory(void)
{
    struct rlimit limit;
    struct hoard *all = NULL;
    ck_assert_int_eq(getrlimit(RLIMIT_AS, &limit), 0);
    limit.rlim_cur = 0;
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
    for (size_t size = 1 << 20; size >= sizeof *all; size /= 2)
        for (struct hoard *one; (one = malloc(size)); all = one)
            one->next = all;
    return all;
}

START_TEST(it_is_reaped_where_there_is_no_memory)
{
    struct fixture fixture;
    if (IS_SANITIZED) {
        test_skipped("it is reaped where there is no memory", "a program without sanitizers");
        return;
    }
    enter_world(_i);
    let_stand(&fixture);
    pid_t init = sandbox_init_pid(fixture.sandbox);
    struct hoard *all = hoard_memory();
    DIR *dir = opendir("/proc");
    take_out(&fixture);
    for (struct hoard *next; all; all = next) {
        next = all->next;
        free(all);
    }
    ck_assert_ptr_null(dir);
    ck_assert_int_eq(kill(init, 0), -1);
}
END_TEST

int main(int argc, char **argv)
{
    const TTest *const all[] = {kill_minus_one_is_survived,     tracees_are_reaped,
                                a_tracee_that_stands_is_reaped, it_is_reaped_where_there_is_no_memory,
                                a_leader_that_dies_is_told,     killed_runner_leaves_nothing,
                                closing_leaves_nothing,         NULL};
    const TTest *const full[] = {fork_bomb_is_bounded, NULL};
    Suite *suite = suite_create("sandbox end");
    add_tests(suite, "every world", all, WORLDS);
    add_tests(suite, "full", full, FULL_WORLDS);
    return sandboxed_main(argc, argv, plays, suite);
}
