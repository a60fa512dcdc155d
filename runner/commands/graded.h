/* For the tests of `ipcgrade grade` only: a suite and a submission made on the spot, in a folder that goes with the test, and runs of the program over them. The test stands in that folder. */
#ifndef IPCGRADE_COMMANDS_GRADED_H
#define IPCGRADE_COMMANDS_GRADED_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/run_test.h"

/* With an argument it lasts: one long sleep would be foreseen, and be over at once. */
static const char program_source[] = "#include <unistd.h>\n"
                                     "int main(int argc, char **argv)\n"
                                     "{\n"
                                     "    (void)argv;\n"
                                     "    while (argc == 2)\n"
                                     "        sleep(1);\n"
                                     "    return argc == 3;\n"
                                     "}\n";

static const struct {
    const char *path, *text;
} files[] = {
    {"cases/assignment.yaml",
     "assignment: A\nprograms: {p: {}, q: {}}\nbuild: make\ngroups: {a: 7.1, z: 2.9}\n"
     "limits: {wall_seconds: 200}\n"},
    {"cases/a/ends.yaml", "title: It ends\nsteps:\n  - start: {p: [p]}\n"},
    {"cases/a/fails.yaml",
     "title: It does not end with 1\nhint: Return 0.\nsteps:\n  - start: {p: [p, a, b]}\n"},
    {"cases/a/needs.yaml", "title: Needs\nneeds: a/fails\nsteps:\n  - start: {p: [p]}\n"},
    {"cases/a/secret.yaml", "title: Nobody knows\nvisibility: hidden\nsteps:\n  - start: {p: [p, a, b]}\n"},
    {"cases/a/q.yaml", "title: Another program\nsteps:\n  - start: {q: [q]}\n"},
    {"cases/z/long.yaml", "title: It lasts\nsteps:\n  - start: {p: [p, long]}\n"},
    {"cases/z/needs_long.yaml", "title: Needs long\nneeds: z/long\nsteps:\n  - start: {p: [p]}\n"},
    {"sub/Makefile", "p: p.c\n\tcc -g -o p p.c\n"},
    {"sub/p.c", program_source},
};

static char folder[PATH_MAX],
    consumer[PATH_MAX]; /* tools/accept.py, which reads reports with programs that are not ours */

static inline void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static inline const char *program(void)
{
    static char path[PATH_MAX + 16];
    const char *build = getenv("IPCGRADE_BUILD");
    if (build)
        snprintf(path, sizeof path, "%s/ipcgrade", build);
    else if (!*path && realpath("build/ipcgrade", path) == NULL)
        ck_abort_msg("build/ipcgrade is not there");
    return path;
}

static inline void set_up(void)
{
    program();
    ck_assert_ptr_nonnull(realpath("runner/tools/accept.py", consumer));
    snprintf(folder, sizeof folder, "/tmp/ipcgrade-grade-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chmod(folder, 0755), 0);
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert_int_eq(mkdir("cases", 0755) + mkdir("cases/a", 0755) + mkdir("cases/z", 0755) +
                         mkdir("sub", 0755) + mkdir("tmp", 0755),
                     0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        write_file(files[i].path, files[i].text);
}

static inline void tear_down(void)
{
    cleanup_free char *command = NULL;
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_gt(asprintf(&command, "rm -rf '%s'", folder), 0);
    ck_assert_int_eq(system(command), 0);
}

/* ---- running it ------------------------------------------------------------------------------------------------------------ */

enum { MOST_ARGS = 36 };

static inline pid_t start(const char *const *args)
{
    const char *argv[MOST_ARGS + 10] = {program(),  "grade",         "sub",      "--cases",         "cases",
                                        "--format", "json:out.json", "--format", "terminal:out.txt"};
    for (int i = 0; i < MOST_ARGS && args[i]; i++)
        argv[9 + i] = args[i];
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        setenv("LANGUAGE", "en", 1);
        setenv("TMPDIR", "tmp", 1);
        execv(argv[0], (char *const *)argv);
        _exit(127);
    }
    return pid;
}

static inline int finish(pid_t pid)
{
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static inline int run(const char *const *args)
{
    return finish(start(args));
}

static inline json_t *result(void)
{
    json_error_t error;
    json_t *json = json_load_file("out.json", 0, &error);
    ck_assert_msg(json != NULL, "out.json:%d: %s", error.line, error.text);
    return json;
}

static inline const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static inline double number_of(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

static inline json_t *case_of(const json_t *json, const char *id)
{
    const json_t *cases = json_object_get(json, "cases");
    for (size_t i = 0; i < json_array_size(cases); i++)
        if (strcmp(text_of(json_array_get(cases, i), "id"), id) == 0)
            return json_array_get(cases, i);
    ck_abort_msg("no case %s", id);
    return NULL;
}

static inline char *report(void)
{
    cleanup_file FILE *file = fopen("out.txt", "re");
    char *text = calloc(1, 1 << 20);
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_gt(fread(text, 1, (1 << 20) - 1, file), 0);
    return text;
}

/* ---- by the shell ----------------------------------------------------------------------------------------------------------- */

/* A command in the test's folder, `$p` being the program's path and `$top` the source tree; what it prints on both streams goes to out.txt. */
static inline int shell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline int shell(const char *format, ...)
{
    cleanup_free char *command = NULL, *whole = NULL;
    va_list arguments;
    va_start(arguments, format);
    ck_assert_int_gt(vasprintf(&command, format, arguments), 0);
    va_end(arguments);
    ck_assert_int_gt(asprintf(&whole, "p='%s'; top='%.*s'; export TMPDIR=\"$PWD/tmp\"; { %s; } >out.txt 2>&1",
                              program(), (int)(strlen(consumer) - strlen("/runner/tools/accept.py")),
                              consumer, command),
                     0);
    setenv("LANGUAGE", "en", 1);
    int status = system(whole);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline void assert_said(const char *text)
{
    cleanup_free char *said = report();
    ck_assert_msg(strstr(said, text) != NULL, "not said: %s\n%s", text, said);
}

static inline void assert_not_said(const char *text)
{
    cleanup_free char *said = report();
    ck_assert_msg(strstr(said, text) == NULL, "said: %s\n%s", text, said);
}

/* The suite's own cases in a Check program; fixtures included. Returns what main() returns. */
static inline int run_graded(const char *name, void (*add)(TCase *tests))
{
    Suite *suite = suite_create(name);
    TCase *tests = tcase_create(name);
    suite_add_tcase(suite, tests);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    add(tests);
    return run_suite(suite);
}

#endif
