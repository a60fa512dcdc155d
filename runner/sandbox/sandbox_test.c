/* The sandbox with real namespaces and real processes: how a program starts, and what it is connected to. The others
 * of this family are sandbox_walls_test.c and sandbox_end_test.c.
 */
#include "sandbox/sandboxed.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <termios.h>

/* ---- the student's side ---------------------------------------------------------------------------------------------- */

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

static const struct student_play plays[] = {
    {"signals", student_signals}, {"terminal", student_terminal}, {NULL, NULL}};

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

/* The shell goes round and round: one that reads may be interrupted just before it does, and would wait for ever. */
START_TEST(control_c_interrupts)
{
    struct fixture fixture;
    enter_world(_i);
    put_in(&fixture, NULL);
    spawn_as(
        &fixture, &with_terminal,
        (char *[]){"/bin/sh", "-c", "trap 'echo caught; exit' INT; echo ready; while :; do :; done", NULL});
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

START_TEST(raised_files_are_ours_alone)
{
    struct fixture fixture;
    struct rlimit limit;
    char wanted[64];
    enter_world(_i);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    snprintf(wanted, sizeof wanted, "300 %llu\n", (unsigned long long)limit.rlim_max);
    limit.rlim_cur = 300;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    sandbox_raise_files();
    sandbox_raise_files(); /* again: what stood before is still known */
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert_uint_eq(limit.rlim_cur, limit.rlim_max);
    put_in(&fixture, NULL);
    ck_assert_str_eq(run_shell(&fixture, "echo $(ulimit -Sn) $(ulimit -Hn)"), wanted);
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

/* Else a program that takes some number for a process is right for one who grades, and wrong for another. */
START_TEST(numbers_do_not_depend_on_who_grades)
{
    struct fixture fixture;
    enter_world(_i);
    put_in(&fixture, NULL);
    ck_assert_str_eq(run_shell(&fixture, "echo $PPID $$"), "2 3\n");
    take_out(&fixture);
}
END_TEST

int main(int argc, char **argv)
{
    const TTest *const all[] = {echo_through_pipes,
                                echo_through_terminal,
                                terminal_modes,
                                control_c_interrupts,
                                streams_closed_and_full,
                                clean_start,
                                exec_failure_is_told,
                                questions_are_answered,
                                raised_files_are_ours_alone,
                                NULL};
    const TTest *const numbered[] = {numbers_do_not_depend_on_who_grades, NULL};
    Suite *suite = suite_create("sandbox");
    add_tests(suite, "every world", all, WORLDS);
    add_tests(suite, "of numbers of their own", numbered, mounted_worlds());
    return sandboxed_main(argc, argv, plays, suite);
}
