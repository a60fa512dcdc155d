/* The sandbox with real namespaces and real processes. Each check runs in several worlds: as root (ids mapped), as an ordinary user, as root without user
 * namespaces, and with no namespace at all. The student's program is this one: see main().
 */
#include "sandbox/sandbox.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define ALL "user,pid,mount,ipc,net,uts"

enum { NOBODY = 65534, SAFETY_MS = 5000 };

/* The first two have every namespace. Who is not root plays only what an ordinary user can. */
static const struct world {
    const char *name, *without;
    bool is_root;
} worlds[] = {
    {"ordinary", "", false}, {"root", "", true},       {"plain root", "user", true},
    {"bare", ALL, false},    {"bare root", ALL, true},
};
enum { FULL_WORLDS = 2, MOUNTED_WORLDS = 3, WORLDS = 5 };

static void enter_world(int which)
{
    setenv("IPCGRADE_WITHOUT", worlds[which].without, 1);
    if (geteuid() == 0 && !worlds[which].is_root) {
        ck_assert_int_eq(setgid(NOBODY), 0);
        ck_assert_int_eq(setuid(NOBODY), 0);
        prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* as if that user had executed us */
    }
}

/* ---- the student's side ---------------------------------------------------------------------------------------------- */

static int say(const char *what, int result)
{
    if (result < 0)
        printf("%s: %s\n", what, strerrorname_np(errno));
    else
        printf("%s: ok\n", what);
    return 0;
}

static int student_loopback(void)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, far = here;
    socklen_t len = sizeof here;
    int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    say("bind", bind(listener, (struct sockaddr *)&here, sizeof here));
    listen(listener, 1);
    getsockname(listener, (struct sockaddr *)&here, &len);
    say("here", connect(client, (struct sockaddr *)&here, sizeof here));
    far.sin_addr.s_addr = htonl(0x08080808);
    far.sin_port = htons(53);
    return say("far", connect(socket(AF_INET, SOCK_DGRAM, 0), (struct sockaddr *)&far, sizeof far));
}

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

static int student_signals(void)
{
    sigset_t blocked;
    struct sigaction action;
    int odd = 0;
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    for (int i = 1; i < NSIG; i++) {
        odd += sigismember(&blocked, i) == 1;
        odd += sigaction(i, NULL, &action) == 0 && action.sa_handler != SIG_DFL;
    }
    mode_t mask = umask(0);
    for (int fd = 3; fd < 1024; fd++)
        odd += fcntl(fd, F_GETFD) >= 0;
    printf("odd %d mask %o group %d session %d\n", odd, mask, getpgrp() == getpid(), getsid(0) != getpid());
    return 0;
}

static int student_terminal(void)
{
    struct termios modes;
    tcgetattr(0, &modes);
    printf("echo %d opost %d icanon %d isig %d foreground %d\n", !!(modes.c_lflag & ECHO),
           !!(modes.c_oflag & OPOST), !!(modes.c_lflag & ICANON), !!(modes.c_lflag & ISIG),
           tcgetpgrp(0) == getpgrp());
    return 0;
}

static int play_student(const char *what)
{
    static const struct {
        const char *name;
        int (*play)(void);
    } plays[] = {
        {"loopback", student_loopback}, {"kill_all", student_kill_all}, {"bomb", student_bomb},
        {"signals", student_signals},   {"terminal", student_terminal},
    };
    for (size_t i = 0; i < sizeof plays / sizeof *plays; i++)
        if (strcmp(plays[i].name, what) == 0)
            return plays[i].play();
    return 99;
}

/* ---- helpers --------------------------------------------------------------------------------------------------------- */

struct fixture {
    struct sandbox *sandbox;
    struct spawned child;
    struct bytes out, err;
};

static void put_in(struct fixture *fixture, const struct sandbox_config *more)
{
    static const struct sandbox_file self = {"/proc/self/exe", "student", 0755};
    struct sandbox_config config = more ? *more : (struct sandbox_config){0};
    struct err err = {0};
    *fixture = (struct fixture){0};
    if (!config.files) {
        config.files = &self;
        config.file_count = 1;
    }
    ck_assert_msg(sandbox_open(&fixture->sandbox, &config, &err), "%s", err.text);
}

static void spawn_as(struct fixture *fixture, const struct spawn *like, char *const *argv)
{
    static char *const envp[] = {"PATH=/usr/bin:/bin",
                                 "ASAN_OPTIONS=detect_leaks=0:handle_segv=0:handle_sigbus=0:handle_sigfpe=0",
                                 NULL};
    struct spawn spawn = *like;
    struct err err = {0};
    spawn.path = argv[0];
    spawn.argv = argv;
    spawn.envp = envp;
    ck_assert_msg(sandbox_spawn(fixture->sandbox, &spawn, &fixture->child, &err), "%s", err.text);
}

static void go(struct fixture *fixture)
{
    struct err err = {0};
    ck_assert_msg(sandbox_go(fixture->sandbox, &fixture->child, &err), "%s", err.text);
}

static bool read_more(int fd, struct bytes *to)
{
    char part[4096];
    ssize_t len = read(fd, part, sizeof part);
    if (len > 0)
        bytes_add(to, part, (size_t)len, 1 << 20);
    return len > 0 || (len < 0 && errno == EAGAIN);
}

/* Until standard error ends, which is when the last process that has it ends; or, if `until` is not NULL, until it was printed. */
static void read_until(struct fixture *fixture, const char *until)
{
    struct pollfd wait[] = {{.fd = fixture->child.from_stderr, .events = POLLIN},
                            {.fd = fixture->child.from_stdout, .events = POLLIN}};
    while (!until || !strstr(bytes_text(&fixture->out), until)) {
        ck_assert_int_gt(poll(wait, 2, SAFETY_MS), 0);
        if (wait[1].revents && !read_more(wait[1].fd, &fixture->out))
            wait[1].fd = -1;
        if (wait[0].revents && !read_more(wait[0].fd, &fixture->err))
            break;
    }
    if (wait[1].fd >= 0)
        while (!until && read_more(wait[1].fd, &fixture->out) && errno != EAGAIN)
            errno = 0;
}

static const struct spawn with_pipes = {.in = SPAWN_PIPE, .out = SPAWN_PIPE};
static const struct spawn with_terminal = {.in = SPAWN_TERMINAL, .out = SPAWN_TERMINAL};
static const struct spawn with_input_none = {.in = SPAWN_NONE, .out = SPAWN_PIPE};

static void run_argv(struct fixture *fixture, const struct spawn *like, char *const *argv)
{
    spawn_as(fixture, like, argv);
    go(fixture);
    read_until(fixture, NULL);
}

static const char *run_student(struct fixture *fixture, const struct spawn *like, char *what)
{
    run_argv(fixture, like, (char *[]){"./student", "student", what, NULL});
    return bytes_text(&fixture->out);
}

static const char *run_shell(struct fixture *fixture, char *script)
{
    run_argv(fixture, &with_input_none, (char *[]){"/bin/sh", "-c", script, NULL});
    return bytes_text(&fixture->out);
}

static void take_out(struct fixture *fixture)
{
    struct spawned *child = &fixture->child;
    int fds[] = {child->to_stdin, child->from_stderr, child->terminal,
                 child->from_stdout == child->to_stdin ? -1 : child->from_stdout};
    for (size_t i = 0; child->pid && i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    bytes_free(&fixture->out);
    bytes_free(&fixture->err);
    sandbox_close(fixture->sandbox);
}

/* ---- checks ---------------------------------------------------------------------------------------------------------- */

START_TEST(echo_through_pipes)
{
    struct fixture fixture;
    enter_world(_i);
    put_in(&fixture, NULL);
    spawn_as(&fixture, &with_pipes, (char *[]){"/bin/cat", NULL});
    struct stat status;
    ck_assert_int_eq(fstat(fixture.child.to_stdin, &status), 0);
    ck_assert_uint_eq(fixture.child.stdin_id[1], status.st_ino);
    ck_assert_int_eq(kill(fixture.child.pid, 0), 0);
    go(&fixture);
    ck_assert_int_eq(write(fixture.child.to_stdin, "hello\n", 6), 6);
    read_until(&fixture, "hello\n");
    close(fixture.child.to_stdin);
    fixture.child.to_stdin = -1;
    read_until(&fixture, NULL);
    ck_assert_str_eq(bytes_text(&fixture.out), "hello\n");
    take_out(&fixture);
}
END_TEST

START_TEST(echo_through_terminal)
{
    struct fixture fixture;
    enter_world(_i);
    put_in(&fixture, NULL);
    spawn_as(&fixture, &with_terminal, (char *[]){"/bin/cat", NULL});
    ck_assert_int_eq(fixture.child.to_stdin, fixture.child.from_stdout);
    ck_assert_uint_eq(fixture.child.stdin_id[1], fixture.child.stdout_id[1]);
    go(&fixture);
    ck_assert_int_eq(write(fixture.child.to_stdin, "hello\n", 6), 6);
    read_until(&fixture, "hello\n");
    ck_assert_int_eq(write(fixture.child.to_stdin, "\x04", 1), 1); /* end of file */
    read_until(&fixture, NULL);
    ck_assert_str_eq(bytes_text(&fixture.out), "hello\n");
    take_out(&fixture);
}
END_TEST

START_TEST(terminal_modes)
{
    struct fixture fixture;
    enter_world(_i);
    put_in(&fixture, NULL);
    ck_assert_str_eq(run_student(&fixture, &with_terminal, "terminal"),
                     "echo 0 opost 0 icanon 1 isig 1 foreground 1\n");
    take_out(&fixture);
}
END_TEST

START_TEST(control_c_interrupts)
{
    struct fixture fixture;
    enter_world(_i);
    put_in(&fixture, NULL);
    spawn_as(
        &fixture, &with_terminal,
        (char *[]){"/bin/sh", "-c", "trap 'echo caught; exit' INT; echo ready; read line; echo $line", NULL});
    go(&fixture);
    read_until(&fixture, "ready\n");
    ck_assert_int_eq(write(fixture.child.to_stdin, "\x03", 1), 1);
    read_until(&fixture, NULL);
    ck_assert_str_eq(bytes_text(&fixture.out), "ready\ncaught\n");
    take_out(&fixture);
}
END_TEST

START_TEST(streams_closed_and_full)
{
    static const struct spawn closed = {.in = SPAWN_CLOSED, .out = SPAWN_FULL};
    struct fixture fixture;
    enter_world(_i);
    put_in(&fixture, NULL);
    run_argv(&fixture, &closed,
             (char *[]){"/bin/sh", "-c", "[ -e /proc/self/fd/0 ] && echo open >&2; /bin/echo x", NULL});
    ck_assert_ptr_nonnull(strstr(bytes_text(&fixture.err), "No space left on device"));
    ck_assert_int_eq(fixture.child.from_stdout, -1);
    take_out(&fixture);
}
END_TEST

START_TEST(clean_start)
{
    struct fixture fixture;
    enter_world(_i);
    signal(SIGUSR1, SIG_IGN);
    put_in(&fixture, NULL);
    ck_assert_str_eq(run_student(&fixture, &with_pipes, "signals"), "odd 0 mask 22 group 1 session 1\n");
    take_out(&fixture);
}
END_TEST

START_TEST(exec_failure_is_told)
{
    struct fixture fixture;
    struct err err = {0};
    enter_world(_i);
    put_in(&fixture, NULL);
    spawn_as(&fixture, &with_pipes, (char *[]){"./missing", NULL});
    ck_assert(!sandbox_go(fixture.sandbox, &fixture.child, &err));
    ck_assert_int_eq(err.number, ENOENT);
    take_out(&fixture);
}
END_TEST

START_TEST(no_rights)
{
    struct fixture fixture;
    enter_world(_i);
    put_in(&fixture, NULL);
    const char *out =
        run_shell(&fixture, "grep -E '^(Cap|NoNew)' /proc/self/status; id -u; touch /usr/x 2>&1; "
                            "mount -t tmpfs x /tmp 2>&1; : < /dev/stdin && echo stdin");
    ck_assert_ptr_nonnull(strstr(out, "CapPrm:\t0000000000000000\nCapEff:\t0000000000000000"));
    ck_assert_ptr_nonnull(strstr(out, "NoNewPrivs:\t1"));
    ck_assert_ptr_null(strstr(out, "\n0\n"));
    ck_assert_ptr_nonnull(strstr(out, "touch: cannot touch"));
    ck_assert_ptr_nonnull(strstr(out, "mount: "));
    ck_assert_ptr_nonnull(strstr(out, "stdin"));
    if (_i < FULL_WORLDS)
        ck_assert_ptr_nonnull(strstr(out, "CapBnd:\t0000000000000000"));
    take_out(&fixture);
}
END_TEST

START_TEST(closed_off)
{
    static const char *const hidden[] = {"/usr/share/doc", "/usr/bin/env", "/no/such/path", NULL};
    const struct sandbox_config config = {.hidden = hidden};
    struct fixture fixture;
    char runner[64];
    enter_world(_i);
    put_in(&fixture, &config);
    snprintf(runner, sizeof runner, "[ -e /proc/%d ] && echo runner", getpid());
    const char *out = run_shell(
        &fixture, "ls /usr/share/doc 2>&1; cat /usr/bin/env 2>&1; ls /home /root /var 2>/dev/null; "
                  "(echo 1 > /proc/sys/kernel/msgmni) 2>&1; cat /proc/1/maps 2>&1; cat /proc/1/mem 2>&1; "
                  "hostname; pwd; touch /x 2>&1; grep -c ' lo:' /proc/net/dev");
    ck_assert_ptr_nonnull(strstr(out, "cannot open directory '/usr/share/doc'"));
    ck_assert_ptr_nonnull(strstr(out, "cat: /usr/bin/env: Permission denied"));
    ck_assert_ptr_nonnull(strstr(out, "cat: /proc/1/maps: Permission denied"));
    ck_assert_ptr_nonnull(strstr(out, "cat: /proc/1/mem: Permission denied"));
    ck_assert_ptr_nonnull(strstr(out, "\ncase\n/case\n"));
    ck_assert_ptr_nonnull(strstr(out, "touch: cannot touch '/x': Read-only file system"));
    ck_assert_ptr_nonnull(strstr(out, "cannot create /proc/sys/kernel/msgmni"));
    bytes_clear(&fixture.out);
    ck_assert_str_eq(run_shell(&fixture, runner), "");
    bytes_clear(&fixture.out);
    ck_assert_str_eq(
        run_shell(
            &fixture,
            "cd /proc; for p in [0-9]*; do cat $p/comm; done | grep -v -e sh -e cat -e grep -e ipcgrade"),
        "");
    take_out(&fixture);
}
END_TEST

START_TEST(loopback_only)
{
    struct fixture fixture;
    enter_world(_i);
    put_in(&fixture, NULL);
    ck_assert_str_eq(run_student(&fixture, &with_pipes, "loopback"),
                     "bind: ok\nhere: ok\nfar: ENETUNREACH\n");
    take_out(&fixture);
}
END_TEST

/* A process that waits to be let go holds a copy of our memory. */
START_TEST(memory_before_exec_is_ours)
{
    struct fixture fixture;
    struct spawned waiting;
    char script[96];
    enter_world(_i);
    put_in(&fixture, NULL);
    spawn_as(&fixture, &with_pipes, (char *[]){"/bin/cat", NULL});
    waiting = fixture.child;
    snprintf(script, sizeof script, "cat /proc/%d/mem 2>&1; cat /proc/%d/environ 2>&1", waiting.inner_pid,
             waiting.inner_pid);
    const char *out = run_shell(&fixture, script);
    ck_assert_ptr_nonnull(strstr(out, "mem: Permission denied"));
    ck_assert_ptr_nonnull(strstr(out, "environ: Permission denied"));
    ck_assert_int_eq(ptrace(PTRACE_SEIZE, waiting.pid, 0, PTRACE_O_EXITKILL), 0);
    close(waiting.to_stdin);
    close(waiting.from_stdout);
    close(waiting.from_stderr);
    take_out(&fixture);
}
END_TEST

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
    int made = atoi(bytes_text(&fixture.out));
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

static const struct sandbox_file placed[] = {
    {"/proc/self/exe", "student", 0755},  {"/bin/echo", "sub/dir/own", 0755}, {"/bin/echo", "ours", 0555},
    {"/bin/echo", "/usr/bin/more", 0555}, {"/bin/echo", "/new/place", 0555},
};

START_TEST(files_are_placed)
{
    const struct sandbox_config config = {.files = placed, .file_count = 5};
    struct fixture fixture;
    enter_world(_i);
    put_in(&fixture, &config);
    const char *out =
        run_shell(&fixture, "sub/dir/own a; ./ours b; more c; /new/place d; rm -f ours 2>&1; echo > ours; "
                            "echo >> sub/dir/own && stat -c %U sub/dir/own; "
                            "stat -c '%d %i' ours /usr/bin/more /new/place | uniq | wc -l");
    ck_assert_str_eq(out, "a\nb\nc\nd\nrm: cannot remove 'ours': Device or resource busy\nstudent\n1\n");
    take_out(&fixture);
}
END_TEST

START_TEST(second_user)
{
    static const struct spawn other = {.in = SPAWN_TERMINAL, .out = SPAWN_TERMINAL, .is_other_user = true};
    struct fixture fixture;
    enter_world(_i);
    put_in(&fixture, NULL);
    if (sandbox_lacks(fixture.sandbox) & LACKS_OTHER_USER) {
        struct spawn spawn = other;
        struct err err = {0};
        spawn.path = "/bin/sh";
        ck_assert(!sandbox_spawn(fixture.sandbox, &spawn, &fixture.child, &err));
        ck_assert_ptr_nonnull(strstr(err.text, "second user"));
    } else {
        run_argv(&fixture, &other,
                 (char *[]){"/bin/sh", "-c", "id -u; echo > mine && stat -c %u mine; tty", NULL});
        ck_assert_str_eq(bytes_text(&fixture.out),
                         _i == 1 ? "1001\n1001\n/dev/pts/0\n" : bytes_text(&fixture.out));
    }
    take_out(&fixture);
}
END_TEST

static void reverse(void *context, const void *question, size_t len, struct bytes *reply)
{
    for (size_t i = len; i > 0; i--)
        bytes_add(reply, (const char *)question + i - 1, 1, SIZE_MAX / 2);
    bytes_print(reply, "%s", (const char *)context);
}

START_TEST(questions_are_answered)
{
    const struct sandbox_config config = {.answer = reverse, .answer_context = "!"};
    enum { LARGE = 1 << 20 };
    struct fixture fixture;
    struct err err = {0};
    struct bytes reply = {0};
    char *large = malloc(LARGE);
    enter_world(_i);
    memset(large, 'a', LARGE);
    large[0] = 'z';
    put_in(&fixture, &config);
    ck_assert_msg(sandbox_ask(fixture.sandbox, "abc", 3, &reply, &err), "%s", err.text);
    ck_assert_str_eq(bytes_text(&reply), "cba!");
    ck_assert_msg(sandbox_ask(fixture.sandbox, large, LARGE, &reply, &err), "%s", err.text);
    ck_assert_uint_eq(reply.len, LARGE + 1);
    ck_assert_int_eq(reply.data[LARGE - 1], 'z');
    free(large);
    bytes_free(&reply);
    take_out(&fixture);
}
END_TEST

START_TEST(poorer_machines)
{
    static const struct {
        const char *without;
        unsigned lacks;
    } rows[] = {
        {"net", LACKS_NET_NS}, {"pid", LACKS_PID_NS | LACKS_PROC}, {"ipc", LACKS_IPC_NS | LACKS_MQUEUE},
        {"proc", LACKS_PROC},  {"devpts", LACKS_DEVPTS},           {"uts", LACKS_UTS_NS}};
    struct fixture fixture;
    enter_world(_i);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        setenv("IPCGRADE_WITHOUT", rows[i].without, 1);
        put_in(&fixture, NULL);
        ck_assert_uint_eq(sandbox_lacks(fixture.sandbox) & ~(unsigned)LACKS_OTHER_USER, rows[i].lacks);
        run_argv(&fixture, &with_terminal, (char *[]){"/bin/echo", "here", NULL});
        ck_assert_str_eq(bytes_text(&fixture.out), "here\n");
        take_out(&fixture);
    }
}
END_TEST

static Suite *sandbox_suite(void)
{
    Suite *suite = suite_create("sandbox");
    TCase *all = tcase_create("every world"), *mounted = tcase_create("with mounts"),
          *full = tcase_create("full");
    const TTest *const everywhere[] = {
        echo_through_pipes,        echo_through_terminal,   terminal_modes,
        control_c_interrupts,      streams_closed_and_full, clean_start,
        exec_failure_is_told,      tracees_are_reaped,      killed_runner_leaves_nothing,
        closing_leaves_nothing,    questions_are_answered,  second_user,
        kill_minus_one_is_survived};
    const TTest *const with_mounts[] = {closed_off, loopback_only, files_are_placed, no_rights};
    const TTest *const with_all[] = {memory_before_exec_is_ours, fork_bomb_is_bounded, poorer_machines};
    /* Without root there is no world of root: the ordinary one is played again under the restrictions of that world. */
    for (size_t i = 0; i < sizeof everywhere / sizeof *everywhere; i++)
        tcase_add_loop_test(all, everywhere[i], 0, WORLDS);
    for (size_t i = 0; i < sizeof with_mounts / sizeof *with_mounts; i++)
        tcase_add_loop_test(mounted, with_mounts[i], 0, geteuid() == 0 ? MOUNTED_WORLDS : FULL_WORLDS);
    for (size_t i = 0; i < sizeof with_all / sizeof *with_all; i++)
        tcase_add_loop_test(full, with_all[i], 0, FULL_WORLDS);
    tcase_set_timeout(all, 30);
    tcase_set_timeout(mounted, 30);
    tcase_set_timeout(full, 30);
    suite_add_tcase(suite, all);
    suite_add_tcase(suite, mounted);
    suite_add_tcase(suite, full);
    return suite;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "student") == 0)
        return play_student(argv[2]);
    SRunner *runner = srunner_create(sandbox_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
