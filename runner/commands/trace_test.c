/* `ipcgrade trace` as it is typed: the command behaves as without us, parts are started when the others stand, what serves for ever is ended, and the findings come in any case. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"

enum { MOST_WORDS = 24, MOST_OUTPUT = 1 << 20 };

static char directory[] = "/tmp/ipcgrade-trace-XXXXXX";
static char tool[PATH_MAX], programs[PATH_MAX];

static void enter(void)
{
    char build[PATH_MAX];
    const char *given = getenv("IPCGRADE_BUILD");
    ck_assert_ptr_nonnull(realpath(given ? given : "build", build));
    snprintf(tool, sizeof tool, "%.4000s/ipcgrade", build);
    snprintf(programs, sizeof programs, "%.4000s/fixtures", build);
    setenv("P", programs, 1); /* "$P/programs/behaves" in the commands below */
    setenv("LANGUAGE", "en", 1);
    setenv("NO_COLOR", "1", 1);
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
}

static void leave(void)
{
    (void)!system("rm -rf -- *"); // NOLINT(cert-env33-c): in the directory of this test
    ck_assert_int_eq(chdir("/"), 0);
    rmdir(directory);
}

/* ---- running it ------------------------------------------------------------------------------------------------------------ */

struct outcome {
    int status;       /* exit status, or 1000 + signal */
    struct bytes out; /* standard output and standard error */
};

static void read_all(const char *name, struct bytes *to)
{
    char chunk[4096];
    ssize_t got;
    cleanup_fd int fd = open(name, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && (got = read(fd, chunk, sizeof chunk)) > 0)
        bytes_add(to, chunk, (size_t)got, MOST_OUTPUT);
}

static int status_of(pid_t pid)
{
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static pid_t start(const char *const *argv, int out)
{
    pid_t pid = fork();
    if (pid == 0) {
        int in = open("/dev/null", O_RDONLY);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (int signal = 1; signal < SIGRTMIN; signal++)
            if (signal != SIGKILL && signal != SIGSTOP)
                sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL); /* Check has handlers */
        dup2(in, 0);
        dup2(out, 1);
        dup2(out, 2);
        closefrom(3);
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    return pid;
}

static struct outcome run(const char *const *argv)
{
    struct outcome outcome = {0};
    cleanup_fd int out = open("out", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    outcome.status = status_of(start(argv, out));
    read_all("out", &outcome.out);
    return outcome;
}

#define RUN(...) run((const char *const[]){__VA_ARGS__, NULL})
#define TRACE(...) RUN(tool, "trace", __VA_ARGS__)

static void says(const struct bytes *bytes, const char *text)
{
    ck_assert_msg(strstr(bytes_text(bytes), text) != NULL, "no \"%s\" in\n%.3000s", text, bytes_text(bytes));
}

static void file_says(const char *name, const char *text)
{
    cleanup_bytes struct bytes bytes = {0};
    read_all(name, &bytes);
    says(&bytes, text);
}

/* A number or a truth of the JSON in file "json". */
static json_int_t number_of(const char *key)
{
    json_t *json = json_load_file("json", 0, NULL), *value = json_object_get(json, key);
    ck_assert_ptr_nonnull(json);
    json_int_t number = json_is_integer(value) ? json_integer_value(value) : json_is_true(value);
    json_decref(json);
    return number;
}

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

START_TEST(the_same_as_without_us)
{
    struct outcome bare = RUN("sh", "-c", commands[_i]),
                   traced = TRACE("--output", "lines", "--error-status", "0", "--", "sh", "-c", commands[_i]);
    if (bare.status > 1000) /* as a shell tells it */
        bare.status -= 1000 - 128;
    ck_assert_msg(bare.status == traced.status, "%s\nstatus %d, traced %d", commands[_i], bare.status,
                  traced.status);
    ck_assert_msg(strcmp(bytes_text(&bare.out), bytes_text(&traced.out)) == 0, "%s\n%s\ntraced:\n%s",
                  commands[_i], bytes_text(&bare.out), bytes_text(&traced.out));
    file_says("lines", "\nfindings: ");
    bytes_free(&bare.out);
    bytes_free(&traced.out);
}
END_TEST

/* ---- at a terminal ----------------------------------------------------------------------------------------------------------- */

struct typed {         /* one exchange with a program at a terminal */
    const char *text;  /* that is typed */
    const char *until; /* it has printed this since; NULL: the end */
};

/* What comes from the terminal until that text has come; the end of a terminal is EIO. */
static void expect(int terminal, const char *until, struct bytes *to)
{
    char chunk[512];
    for (size_t from = to->len; !until || !strstr(bytes_text(to) + from, until);) {
        ssize_t got = read(terminal, chunk, sizeof chunk);
        ck_assert_msg(got > 0 || !until, "no \"%s\" in\n%s", until, bytes_text(to));
        if (got <= 0)
            return;
        bytes_add(to, chunk, (size_t)got, MOST_OUTPUT);
    }
}

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

/* ---- asked to end ---------------------------------------------------------------------------------------------------------- */

/* Started with a pipe for its lines, which are read until somebody waits. */
static pid_t start_until(const char *const *argv, const char *until, struct bytes *lines, int *from)
{
    int ends[2];
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = start(argv, ends[1]);
    close(ends[1]);
    bytes_print(lines, "%s", "");
    expect(ends[0], until, lines);
    *from = ends[0];
    return pid;
}

START_TEST(a_signal_to_us_alone_is_handed_on)
{
    char key[16];
    cleanup_bytes struct bytes lines = {0};
    int from;
    snprintf(key, sizeof key, "0x%x", 0x1bd00000 + getpid());
    pid_t pid = start_until((const char *const[]){tool, "trace", "--format", "json:json", "--", "sh", "-c",
                                                  "exec $P/programs/serves queue \"$0\"", key, NULL},
                            " waits", &lines, &from);
    kill(pid, SIGTERM);
    expect(from, NULL, &lines);
    ck_assert_int_eq(status_of(pid), 0);
    says(&lines, "\nbye\n");
    says(&lines, "sh exited with 0; ");
    ck_assert_int_eq(number_of("errors"), 0);
    ck_assert_int_eq(number_of("was_ended"), 0);
    ck_assert_int_eq(msgget((key_t)strtol(key, NULL, 0), 0), -1);
    close(from);
}
END_TEST

/* Who does not mind it is ended as soon as nobody goes on. */
START_TEST(a_signal_that_is_ignored)
{
    cleanup_bytes struct bytes lines = {0};
    int from;
    const char *argv[] = {tool, "trace", "--", "sh", "-c", "trap '' INT TERM; mkfifo box; cat box", NULL};
    pid_t pid = start_until(argv, " waits", &lines, &from);
    kill(pid, SIGTERM);
    expect(from, NULL, &lines);
    ck_assert_int_eq(status_of(pid), 0);
    says(&lines, "sh was still there and has been ended; ");
    close(from);
}
END_TEST

/* Who computes for ever and does not mind is killed when somebody insists. */
START_TEST(a_signal_that_comes_again)
{
    cleanup_bytes struct bytes lines = {0};
    int from, status = 0;
    const char *argv[] = {tool, "trace", "--", "sh", "-c", "trap '' TERM; echo begun; while :; do :; done",
                          NULL};
    pid_t pid = start_until(argv, "begun\n", &lines, &from);
    while (waitpid(pid, &status, WNOHANG) == 0)
        kill(pid, SIGTERM);
    expect(from, NULL, &lines);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    says(&lines, "sh was still there and has been ended; ");
    close(from);
}
END_TEST

/* ---- parts, and servers that serve for ever ------------------------------------------------------------------------------------- */

#define SERVES "$P/programs/serves "

static const struct {
    const char *server;
    const char *clients[4];
    const char *out;
} scenes[] = {
    {SERVES "fifo box", {SERVES "put box one", SERVES "put box two"}, "one\ntwo\n"},
    {SERVES "kept box", {SERVES "put box one", SERVES "put box two"}, "one\ntwo\nbye\n"},
    {SERVES "poll box", {SERVES "put box one", "exec 3>box; echo -n two >&3"}, "one\ntwo\n"},
    {SERVES "tcp $N", {SERVES "tcp-client $N one", SERVES "tcp-client $N two"}, "one\ntwo\n"},
    {SERVES "queue 0x6b$N",
     {SERVES "queue-client 0x6b$N one", SERVES "queue-client 0x6b$N two"},
     "one\ntwo\nbye\n"},
    {"echo said >left", {"cat left", "exit 3"}, "said\n"}, /* it has ended before */
    {SERVES "fifo box", {NULL}, ""},
    {SERVES "kept box", {NULL}, "bye\n"},
    {SERVES "poll box", {NULL}, ""},
    {SERVES "tcp $N", {NULL}, ""},
    {SERVES "queue 0x6b$N", {NULL}, "bye\n"},
};

START_TEST(parts_are_seen_together)
{
    const char *argv[MOST_WORDS] = {tool,           "trace",    "--output", "lines",
                                    "--until-idle", "--format", "json:json"};
    char number[16];
    int count = 7;
    snprintf(number, sizeof number, "%d", 20000 + getpid() % 10000);
    setenv("N", number, 1);
    for (int i = 0; scenes[_i].clients[i]; i++) {
        argv[count++] = "--with";
        argv[count++] = scenes[_i].clients[i];
    }
    argv[count++] = "--";
    argv[count++] = "sh";
    argv[count++] = "-c";
    argv[count++] = scenes[_i].server;
    if (scenes[_i].clients[0])
        argv[4] = "--no-lines"; /* the end is meant without being said */
    struct outcome outcome = run(argv);
    ck_assert_str_eq(bytes_text(&outcome.out), scenes[_i].out);
    ck_assert_int_eq(outcome.status, 0);
    ck_assert_int_eq(number_of("errors"), 0);
    bytes_free(&outcome.out);
}
END_TEST

/* ---- what is told ------------------------------------------------------------------------------------------------------------- */

static const char hangs[] = "exec $P/corpus/count_words";

START_TEST(an_error_is_the_status)
{
    struct outcome one = TRACE("--until-idle", "--quiet", "--", "sh", "-c", hangs),
                   other = TRACE("--until-idle", "--quiet", "--error-status", "42", "--", "sh", "-c", hangs),
                   none = TRACE("--until-idle", "--quiet", "--error-status", "0", "--", "sh", "-c", hangs);
    ck_assert_int_eq(one.status, 1);
    ck_assert_int_eq(other.status, 42);
    ck_assert_int_eq(none.status, 0); /* we have killed it */
    says(&one.out, "error: self-held-end\n");
    says(&one.out, "\nfindings: 1 error");
    says(&one.out, "findings: 1 error");
    ck_assert_ptr_null(strstr(bytes_text(&one.out), "+++")); /* --quiet */
    bytes_free(&one.out);
    bytes_free(&other.out);
    bytes_free(&none.out);
}
END_TEST

static char *page_of(struct outcome *outcome)
{
    struct bytes page = {0};
    read_all("page", &page);
    bytes_free(&outcome->out);
    ck_assert_ptr_nonnull(strstr(bytes_text(&page), "</html>"));
    return page.data;
}

/* The page shows how they stood before we have ended them; who has ended by himself waits for nothing. */
START_TEST(a_page_shows_who_waits)
{
    struct outcome stands = TRACE("--quiet", "--until-idle", "--format", "html:page", "--", "sh", "-c",
                                  "exec $P/programs/does pipe write 4 hello read 3 read 3");
    cleanup_free char *waiting = page_of(&stands);
    ck_assert_int_eq(stands.status, 1);
    ck_assert_ptr_nonnull(strstr(waiting, "errors were found"));
    ck_assert_ptr_nonnull(strstr(waiting, "IT WAITS FOR ITSELF"));
    ck_assert_ptr_nonnull(strstr(waiting, "<rect class=\"wait bad\""));
    ck_assert_ptr_nonnull(strstr(waiting, "class=\"arrow circle\" data-from=\"0\" data-to=\"0\""));
    ck_assert_ptr_nonnull(strstr(waiting, "<title>5 bytes through pipe</title>"));
    ck_assert_ptr_nonnull(strstr(waiting, "<code>self-held-end</code>"));
    struct outcome ends = TRACE("--quiet", "--format", "html:page", "--", "sh", "-c",
                                "exec $P/programs/does pipe write 4 hello read 3");
    cleanup_free char *ended = page_of(&ends);
    ck_assert_ptr_null(strstr(ended, "<rect class=\"wait bad\""));
    ck_assert_ptr_null(strstr(ended, "arrow circle"));
    ck_assert_ptr_nonnull(strstr(ended, "<title>5 bytes through pipe</title>"));
}
END_TEST

START_TEST(json_comes_last_or_alone)
{
    struct outcome with_output =
                       TRACE("--output", "lines", "--format", "json", "--", "sh", "-c", "echo hello; exit 3"),
                   alone = TRACE("--quiet", "--format", "json:json", "--", "sh", "-c", "exit 3");
    const char *text = bytes_text(&with_output.out);
    json_t *json = json_loads(strchr(text, '{') ? strchr(text, '{') : "", 0, NULL);
    ck_assert_int_eq(strncmp(text, "hello\n{", 7), 0);
    ck_assert_ptr_nonnull(json);
    ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(json, "status"), "exited")), 3);
    ck_assert_uint_eq(json_array_size(json_object_get(json, "processes")), 1);
    ck_assert_int_eq(with_output.status, 3);
    ck_assert_int_eq(alone.status, 3);
    ck_assert_str_eq(bytes_text(&alone.out),
                     "sh exited with 3; processes: 1, calls: 0, failed: 0, left behind: 0\nfindings: none\n");
    ck_assert_int_eq(number_of("errors"), 0);
    json_decref(json);
    bytes_free(&with_output.out);
    bytes_free(&alone.out);
}
END_TEST

START_TEST(it_speaks_korean)
{
    struct outcome outcome = TRACE("--language", "ko", "--until-idle", "--quiet", "--", "sh", "-c", hangs);
    says(&outcome.out, "\n발견: 오류 1");
    bytes_free(&outcome.out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace, typed");
    TCase *tests = tcase_create("trace");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, enter, leave);
    tcase_add_loop_test(tests, the_same_as_without_us, 0, (int)(sizeof commands / sizeof *commands));
    tcase_add_loop_test(tests, parts_are_seen_together, 0, (int)(sizeof scenes / sizeof *scenes));
    tcase_add_test(tests, a_traced_shell_controls_its_jobs);
    tcase_add_test(tests, a_traced_job_stops_and_goes_on);
    tcase_add_test(tests, an_interrupt_from_the_terminal);
    tcase_add_test(tests, a_signal_to_us_alone_is_handed_on);
    tcase_add_test(tests, a_signal_that_is_ignored);
    tcase_add_test(tests, a_signal_that_comes_again);
    tcase_add_test(tests, an_error_is_the_status);
    tcase_add_test(tests, json_comes_last_or_alone);
    tcase_add_test(tests, a_page_shows_who_waits);
    tcase_add_test(tests, it_speaks_korean);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
