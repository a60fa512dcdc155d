/* What a program in the sandbox can reach, and what it cannot: rights, files, the network, other processes; and what is
 * left of that on poorer machines.
 */
#include "sandbox/sandboxed.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* ---- the student's side ---------------------------------------------------------------------------------------------- */

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

static pid_t parent_of(pid_t pid)
{
    char path[64];
    int parent = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (file &&
        fscanf(file, "%*d (%*[^)]) %*c %d", &parent) != 1) // NOLINT(cert-err34-c): the kernel wrote it
        parent = 0;
    if (file)
        fclose(file);
    return parent;
}

/* Of all the groups that there are here: in a pid namespace of its own one that was made outside has no number, and 0 is whoever asks. */
static bool reaches_group(pid_t group)
{
    return group > 0 && kill(-group, 0) == 0;
}

/* From init up. The kernel itself keeps those of another user out of reach. */
static int student_climb(void)
{
    int count = 0;
    for (pid_t pid = parent_of(getppid()); pid > 1; pid = parent_of(pid), count++)
        if (kill(pid, 0) == 0 || reaches_group(pid) || reaches_group(getpgid(pid)) ||
            syscall(SYS_tgkill, pid, pid, 0) == 0 || syscall(SYS_pidfd_open, pid, 0) >= 0)
            printf("reached number %d\n", count);
    printf("%s\n", count >= 3 ? "three and more" : "few");
    return say("its own", kill(getpid(), 0) == 0 && kill(0, 0) == 0 ? 0 : -1);
}

static const struct student_play plays[] = {
    {"loopback", student_loopback}, {"climb", student_climb}, {NULL, NULL}};

/* ---- checks ---------------------------------------------------------------------------------------------------------- */

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

/* As before Linux 5.13; and before 6.12 it knew no signals. */
static void forget_landlock(void)
{
    struct sock_filter rows[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_landlock_create_ruleset, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof rows / sizeof *rows, rows};
    ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

/* As a worker, below who grades: this process, which has the student's user as the worker has. */
static void climb_from_a_worker(void)
{
    struct fixture fixture;
    setpgid(0, 0);
    put_in(&fixture, NULL);
    ck_assert_str_eq(run_student(&fixture, &with_pipes, "climb"), "three and more\nits own: ok\n");
    take_out(&fixture);
}

START_TEST(who_grades_is_not_called_by_his_number)
{
    enum { BARE = 3 };
    int status;
    enter_world(BARE);
    forget_landlock();
    pid_t worker = fork();
    if (worker == 0) {
        climb_from_a_worker();
        _exit(0);
    }
    ck_assert_int_eq(waitpid(worker, &status, 0), worker);
    ck_assert_int_eq(status, 0);
}
END_TEST

int main(int argc, char **argv)
{
    const TTest *const all[] = {second_user, NULL};
    const TTest *const mounted[] = {no_rights, closed_off, loopback_only, files_are_placed, NULL};
    const TTest *const full[] = {memory_before_exec_is_ours, poorer_machines, NULL};
    Suite *suite = suite_create("sandbox walls");
    add_tests(suite, "every world", all, WORLDS);
    add_tests(suite, "with mounts", mounted, mounted_worlds());
    add_tests(suite, "full", full, FULL_WORLDS);
    add_tests(suite, "without", (const TTest *const[]){who_grades_is_not_called_by_his_number, NULL}, 1);
    return sandboxed_main(argc, argv, plays, suite);
}
