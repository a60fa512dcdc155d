/* For the tests of `ipcgrade trace` only: commands run in a folder that goes with the test, and what they print. */
#ifndef IPCGRADE_COMMANDS_TRACED_H
#define IPCGRADE_COMMANDS_TRACED_H

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
#include "base/run_test.h"

enum { MOST_WORDS = 24, MOST_OUTPUT = 1 << 20 };

static char directory[] = "/tmp/ipcgrade-trace-XXXXXX";
static char tool[PATH_MAX], programs[PATH_MAX];

static inline void enter(void)
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

static inline void leave(void)
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

static inline void read_all(const char *name, struct bytes *to)
{
    char chunk[4096];
    ssize_t got;
    cleanup_fd int fd = open(name, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && (got = read(fd, chunk, sizeof chunk)) > 0)
        bytes_add(to, chunk, (size_t)got, MOST_OUTPUT);
}

static inline int status_of(pid_t pid)
{
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static inline pid_t start(const char *const *argv, int out)
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

static inline struct outcome run(const char *const *argv)
{
    struct outcome outcome = {0};
    cleanup_fd int out = open("out", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    outcome.status = status_of(start(argv, out));
    read_all("out", &outcome.out);
    return outcome;
}

#define RUN(...) run((const char *const[]){__VA_ARGS__, NULL})
#define TRACE(...) RUN(tool, "trace", __VA_ARGS__)

static inline void says(const struct bytes *bytes, const char *text)
{
    ck_assert_msg(strstr(bytes_text(bytes), text) != NULL, "no \"%s\" in\n%.3000s", text, bytes_text(bytes));
}

static inline void file_says(const char *name, const char *text)
{
    cleanup_bytes struct bytes bytes = {0};
    read_all(name, &bytes);
    says(&bytes, text);
}

/* A number or a truth of the JSON in file "json". */
static inline json_int_t number_of(const char *key)
{
    json_t *json = json_load_file("json", 0, NULL), *value = json_object_get(json, key);
    ck_assert_ptr_nonnull(json);
    json_int_t number = json_is_integer(value) ? json_integer_value(value) : json_is_true(value);
    json_decref(json);
    return number;
}

/* What comes from a terminal or a pipe until that text has come, or to its end (that of a terminal is EIO). */
static inline void expect(int terminal, const char *until, struct bytes *to)
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

static inline int run_traced(const char *name, void (*add)(TCase *tests))
{
    Suite *suite = suite_create(name);
    TCase *tests = tcase_create(name);
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, enter, leave);
    add(tests);
    return run_suite(suite);
}

#endif
