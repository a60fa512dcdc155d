/* `ipcgrade trace` changes nothing: the command behaves as without us, by its output, its status, and at a terminal. */
#include "commands/traced.h"

#include <pty.h>
#include <sys/resource.h>

/* ---- as without us ----------------------------------------------------------------------------------------------------------- */

#define BEHAVES "$P/programs/behaves "

static const char *const commands[] = {
    "exit 0",
    "exit 7",
    "kill -TERM $$",
    "kill -INT $$",
    "kill -SEGV $$",
    "/nowhere/nothing",
    "echo to both; echo the other >&2; exit 255",
    "echo hello | tr a-z A-Z | cat",
    "yes | head -n 3",
    "(exit 3) & wait $!; echo $?",
    "trap 'echo caught; exit 4' TERM; kill -TERM $$; echo no",
    "trap '' INT TERM; " BEHAVES "inherits",
    "exec 7</dev/null; " BEHAVES "inherits",
    "nohup " BEHAVES "inherits 2>/dev/null",
    "setsid " BEHAVES "inherits | cat",
    "LANGUAGE=ko LD_PRELOAD= " BEHAVES "inherits",
    "bash -c 'set -m; (exit 3) & wait $!; echo $?; set +m'",
    "bash -c 'set -m; (kill -STOP $BASHPID; echo on) & wait $!; kill -CONT %1; wait %1; echo $?' 2>&1 | tail "
    "-n 2",
    "cat nothing; echo $?",
    "ulimit -n 20; " BEHAVES "inherits",
    "timeout 0.01 cat </dev/zero >/dev/null; echo $?",
    BEHAVES "stops",
    BEHAVES "thread-executes",
    BEHAVES "vforks",
    BEHAVES "vforks 1",
    BEHAVES "spawns",
    BEHAVES "spawns 1",
    BEHAVES "inherits",
    BEHAVES "interrupted",
    BEHAVES "daemon 5",
    BEHAVES "dies 6",
    BEHAVES "dies 9",
    BEHAVES "at-once 1200",
    BEHAVES "in-sequence 1200",
};

static void compare(const char *command)
{
    struct outcome bare = RUN("sh", "-c", command),
                   traced = TRACE("--output", "lines", "--error-status", "0", "--", "sh", "-c", command);
    if (bare.status > 1000) /* as a shell tells it */
        bare.status -= 1000 - 128;
    ck_assert_msg(bare.status == traced.status, "%s\nstatus %d, traced %d", command, bare.status,
                  traced.status);
    ck_assert_msg(strcmp(bytes_text(&bare.out), bytes_text(&traced.out)) == 0, "%s\n%s\ntraced:\n%s", command,
                  bytes_text(&bare.out), bytes_text(&traced.out));
    file_says("lines", "\nfindings: ");
    bytes_free(&bare.out);
    bytes_free(&traced.out);
}

START_TEST(the_same_as_without_us)
{
    compare(commands[_i]);
}
END_TEST

/* Each task that is followed takes a few of ours. */
START_TEST(more_tasks_than_a_login_may_open_files)
{
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = 200;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    compare("ulimit -Sn; ulimit -Hn; " BEHAVES "at-once 300");
}
END_TEST

/* ---- at a terminal ----------------------------------------------------------------------------------------------------------- */

struct typed {         /* one exchange with a program at a terminal */
    const char *text;  /* that is typed */
    const char *until; /* it has printed this since; NULL: the end */
};

static int at_terminal(const char *const *argv, const struct typed *typed, struct bytes *transcript)
{
    int terminal = -1;
    struct winsize size = {24, 80, 0, 0};
    bytes_print(transcript, "%s", "");
    pid_t pid = forkpty(&terminal, NULL, NULL, &size);
    if (pid == 0) {
        setenv("PS1", "ready> ", 1);
        setenv("TERM", "dumb", 1);
        for (int signal = 1; signal < SIGRTMIN; signal++)
            if (signal != SIGKILL && signal != SIGSTOP)
                sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    for (; typed->text; typed++) {
        ck_assert_int_eq(write(terminal, typed->text, strlen(typed->text)), (ssize_t)strlen(typed->text));
        expect(terminal, typed->until, transcript);
    }
    close(terminal);
    return status_of(pid);
}

#define SHELL "bash", "--norc", "--noprofile", "--noediting", "-i"

/* A shell that is traced does job control: it gives the terminal to its jobs and takes it back. */
START_TEST(a_traced_shell_controls_its_jobs)
{
    static const struct typed typed[] = {
        {"", "ready> "},     {"cat\n", "cat\r\n"}, {"one\n", "one\r\none\r\n"},
        {"\032", "ready> "}, {"fg\n", "cat\r\n"},  {"two\n", "two\r\ntwo\r\n"},
        {"\003", "ready> "}, {"exit 3\n", NULL},   {NULL, NULL},
    };
    cleanup_bytes struct bytes bare = {0}, traced = {0};
    const char *alone[] = {SHELL, NULL}, *with_us[] = {tool, "trace", "--output", "lines", "--", SHELL, NULL};
    ck_assert_int_eq(at_terminal(alone, typed, &bare), 3);
    ck_assert_int_eq(at_terminal(with_us, typed, &traced), 3);
    says(&traced, "Stopped");
    ck_assert_str_eq(bytes_text(&bare), bytes_text(&traced));
}
END_TEST

/* A traced job of a shell is stopped from the terminal and goes on. */
START_TEST(a_traced_job_stops_and_goes_on)
{
    static const struct typed typed[] = {
        {"", "ready> "},
        {"\"$TOOL\" trace --output lines -- cat\n", "-- cat\r\n"},
        {"one\n", "one\r\none\r\n"},
        {"\032", "ready> "},
        {"fg\n", "-- cat\r\n"},
        {"two\n", "two\r\ntwo\r\n"},
        {"\004", "ready> "},
        {"exit $?\n", NULL},
        {NULL, NULL},
    };
    cleanup_bytes struct bytes transcript = {0};
    setenv("TOOL", tool, 1);
    ck_assert_int_eq(at_terminal((const char *const[]){SHELL, NULL}, typed, &transcript), 0);
    says(&transcript, "Stopped");
    file_says("lines", "cat exited with 0; ");
}
END_TEST

/* ctrl-C ends a server that has no handler; what was found is told. */
START_TEST(an_interrupt_from_the_terminal)
{
    static const struct typed typed[] = {{"", " waits"}, {"\003", NULL}, {NULL, NULL}};
    cleanup_bytes struct bytes transcript = {0};
    const char *argv[] = {tool, "trace", "--", "sh", "-c", "exec $P/programs/serves fifo box", NULL};
    ck_assert_int_eq(at_terminal(argv, typed, &transcript), 128 + SIGINT);
    says(&transcript, "sh was killed by SIGINT; ");
    says(&transcript, "\r\nfindings: ");
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_loop_test(tests, the_same_as_without_us, 0, (int)(sizeof commands / sizeof *commands));
    tcase_add_test(tests, a_traced_shell_controls_its_jobs);
    tcase_add_test(tests, more_tasks_than_a_login_may_open_files);
    tcase_add_test(tests, a_traced_job_stops_and_goes_on);
    tcase_add_test(tests, an_interrupt_from_the_terminal);
}

int main(void)
{
    return run_traced("trace, the same", add);
}
