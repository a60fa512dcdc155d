/* `ipcgrade grade` from end to end, on submissions and suites made here: what each kind of trouble comes to, and that nothing is left when it is
 * interrupted or killed.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <signal.h>
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

static const char program_source[] = "#include <unistd.h>\n"
                                     "int main(int argc, char **argv)\n"
                                     "{\n"
                                     "    (void)argv;\n"
                                     "    if (argc == 2)\n"
                                     "        sleep(1000);\n"
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

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static const char *program(void)
{
    static char path[PATH_MAX + 16];
    const char *build = getenv("IPCGRADE_BUILD");
    if (!*path && build)
        snprintf(path, sizeof path, "%s/ipcgrade", build);
    if (!*path && realpath("build/ipcgrade", path) == NULL)
        ck_abort_msg("build/ipcgrade is not there");
    return path;
}

static void set_up(void)
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

static void tear_down(void)
{
    cleanup_free char *command = NULL;
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_gt(asprintf(&command, "rm -rf '%s'", folder), 0);
    ck_assert_int_eq(system(command), 0);
}

/* ---- running it ------------------------------------------------------------------------------------------------------------ */

enum { MOST_ARGS = 36 };

static pid_t start(const char *const *args)
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

static int finish(pid_t pid)
{
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static int run(const char *const *args)
{
    return finish(start(args));
}

static json_t *result(void)
{
    json_error_t error;
    json_t *json = json_load_file("out.json", 0, &error);
    ck_assert_msg(json != NULL, "out.json:%d: %s", error.line, error.text);
    return json;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static double number_of(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

static json_t *case_of(const json_t *json, const char *id)
{
    const json_t *cases = json_object_get(json, "cases");
    for (size_t i = 0; i < json_array_size(cases); i++)
        if (strcmp(text_of(json_array_get(cases, i), "id"), id) == 0)
            return json_array_get(cases, i);
    ck_abort_msg("no case %s", id);
    return NULL;
}

static char *report(void)
{
    cleanup_file FILE *file = fopen("out.txt", "re");
    char *text = calloc(1, 1 << 20);
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_gt(fread(text, 1, (1 << 20) - 1, file), 0);
    return text;
}

/* ---- verdicts --------------------------------------------------------------------------------------------------------------- */

START_TEST(full_marks_end_with_0)
{
    ck_assert_int_eq(run((const char *const[]){"--only", "a/ends", NULL}), 0);
    json_t *json = result();
    ck_assert_str_eq(text_of(json, "verdict"), "passed");
    ck_assert_int_eq(json_integer_value(json_object_get(json, "planned")), 1);
    ck_assert(json_is_false(json_object_get(json, "partial")));
    ck_assert(json_equal(json_object_get(json, "score"), json_object_get(json, "max_score")));
    json_decref(json);
}
END_TEST

/* Beside the cases lies what was handed out: what is equal to it is told so, and plays all the same. */
START_TEST(a_skeleton_is_told_so)
{
    ck_assert_int_eq(mkdir("student", 0755), 0);
    write_file("student/p.c", program_source);
    ck_assert_int_eq(run((const char *const[]){"--only", "a", NULL}), 1);
    json_t *json = result();
    static const char *const ids[] = {"a/fails", "a/needs"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        ck_assert_str_eq(text_of(case_of(json, ids[i]), "reason"), "p: still the skeleton");
        ck_assert(json_is_true(json_object_get(case_of(json, ids[i]), "skeleton")));
    }
    ck_assert_str_eq(text_of(case_of(json, "a/ends"), "verdict"), "passed");
    ck_assert_ptr_null(json_object_get(case_of(json, "a/hidden-1"), "skeleton"));
    cleanup_free char *text = report();
    ck_assert_ptr_nonnull(strstr(text, "\np: still the skeleton (2 cases) "));
    ck_assert_ptr_null(strstr(text, "Return 0."));
    json_decref(json);
}
END_TEST

/* Where no skeletons are known, their own words tell. */
START_TEST(a_skeleton_tells_of_itself)
{
    write_file("sub/p.c", "#include <stdio.h>\nint main(void)\n{\n"
                          "    fprintf(stderr, \"p: not written yet\\n\");\n    return 1;\n}\n");
    ck_assert_int_eq(run((const char *const[]){"--only", "a/ends", NULL}), 1);
    json_t *json = result();
    ck_assert_str_eq(text_of(case_of(json, "a/ends"), "reason"), "p: still the skeleton");
    json_decref(json);
}
END_TEST

/* A line more, and it is the student's. */
START_TEST(what_was_begun_is_no_skeleton)
{
    cleanup_bytes struct bytes begun = {0};
    bytes_print(&begun, "%s\n", program_source);
    ck_assert_int_eq(mkdir("student", 0755), 0);
    write_file("student/p.c", bytes_text(&begun));
    ck_assert_int_eq(run((const char *const[]){"--only", "a/fails", NULL}), 1);
    json_t *json = result();
    ck_assert_ptr_null(json_object_get(case_of(json, "a/fails"), "skeleton"));
    json_decref(json);
}
END_TEST

/* 7.1 points among five equal cases: 1.42 each. */
START_TEST(each_trouble_has_its_verdict)
{
    ck_assert_int_eq(run((const char *const[]){"--only", "a", NULL}), 1);
    json_t *json = result();
    static const struct {
        const char *id, *verdict, *reason;
        double score;
    } rows[] = {{"a/ends", "passed", "", 1.42},
                {"a/fails", "failed", NULL, 0},
                {"a/needs", "failed", "not run: needs a/fails", 0},
                {"a/q", "failed", "q: not handed in", 0},
                {"a/hidden-1", "failed", "", 0}};
    ck_assert_uint_eq(json_array_size(json_object_get(json, "cases")), sizeof rows / sizeof *rows);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const json_t *one = case_of(json, rows[i].id);
        ck_assert_str_eq(text_of(one, "verdict"), rows[i].verdict);
        if (rows[i].reason)
            ck_assert_str_eq(text_of(one, "reason"), rows[i].reason);
        ck_assert_double_eq_tol(number_of(one, "score"), rows[i].score, 1e-9);
        ck_assert_double_eq_tol(number_of(one, "max_score"), 1.42, 1e-9);
    }
    ck_assert_double_eq_tol(number_of(json, "max_score"), 7.1, 1e-9);
    cleanup_free char *text = report();
    ck_assert_ptr_nonnull(strstr(text, "1.42 of 7.1 points"));
    ck_assert_ptr_nonnull(strstr(text, "Return 0."));
    ck_assert_ptr_null(strstr(text, "Nobody knows"));
    json_decref(json);
}
END_TEST

START_TEST(hidden_cases_are_shown_to_instructors)
{
    ck_assert_int_eq(run((const char *const[]){"--only", "a/secret", "--show-hidden", NULL}), 1);
    cleanup_free char *text = report();
    ck_assert_ptr_nonnull(strstr(text, "Nobody knows"));
}
END_TEST

START_TEST(what_does_not_compile_is_quoted)
{
    write_file("sub/p.c", "int main(void) { return no_such_name; }\n");
    ck_assert_int_eq(run((const char *const[]){"--only", "a/ends", NULL}), 1);
    json_t *json = result();
    ck_assert_str_eq(text_of(case_of(json, "a/ends"), "verdict"), "failed");
    ck_assert_str_eq(text_of(case_of(json, "a/ends"), "reason"), "p: does not build");
    ck_assert(json_is_false(json_object_get(json_object_get(json, "build"), "ok")));
    ck_assert_ptr_nonnull(strstr(text_of(json_object_get(json, "build"), "output"), "no_such_name"));
    cleanup_free char *text = report();
    ck_assert_ptr_nonnull(strstr(text, "no_such_name"));
    json_decref(json);
}
END_TEST

START_TEST(an_empty_submission_gets_nothing)
{
    ck_assert_int_eq(unlink("sub/p.c") + unlink("sub/Makefile"), 0);
    ck_assert_int_eq(run((const char *const[]){"--only", "a", NULL}), 1);
    json_t *json = result();
    ck_assert_double_eq(number_of(json, "score"), 0);
    ck_assert_str_eq(text_of(json, "verdict"), "failed");
    ck_assert_str_eq(text_of(case_of(json, "a/ends"), "reason"), "p: not handed in");
    json_decref(json);
}
END_TEST

/* Each time the program beside it is graded as ever. */
START_TEST(a_library_is_linked_with_its_driver)
{
    static const struct {
        const char *text, *verdict, *reason;
    } rows[] = {{NULL, "failed", "l: not handed in"},
                {"int words(void) { return 0; }\n", "failed", "l: does not build"},
                {"int word(void) { return 0; }\n", "passed", ""}};
    write_file("cases/assignment.yaml",
               "assignment: A\nbuild: make\nprograms: {p: {}, q: {}, l: {library: words.c, driver: d.c}}\n");
    write_file("cases/d.c", "int word(void);\nint main(void) { return word(); }\n");
    write_file("cases/z/library.yaml", "title: A library\nsteps:\n  - start: {l: [l]}\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].text)
            write_file("sub/words.c", rows[i].text);
        run((const char *const[]){"--only", "z/library", "--only", "a/ends", NULL});
        json_t *json = result();
        ck_assert_str_eq(text_of(case_of(json, "z/library"), "verdict"), rows[i].verdict);
        ck_assert_str_eq(text_of(case_of(json, "z/library"), "reason"), rows[i].reason);
        ck_assert_str_eq(text_of(case_of(json, "a/ends"), "verdict"), "passed");
        const char *words = strstr(text_of(json_object_get(json, "build"), "output"), ".l-driver.c");
        ck_assert_msg((words && strstr(words, "undefined reference to `word'")) == (i == 1), "row %zu", i);
        json_decref(json);
    }
}
END_TEST

START_TEST(output_is_in_case_order_whatever_the_jobs)
{
    static const char *const order[] = {"a/ends", "a/fails", "a/needs", "a/q", "a/hidden-1"};
    const char *jobs[] = {"1", "4"};
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(run((const char *const[]){"--only", "a", "--jobs", jobs[i], NULL}), 1);
        json_t *json = result();
        for (size_t k = 0; k < sizeof order / sizeof *order; k++)
            ck_assert_str_eq(text_of(json_array_get(json_object_get(json, "cases"), k), "id"), order[k]);
        json_decref(json);
    }
}
END_TEST

/* ---- cut short -------------------------------------------------------------------------------------------------------------- */

/* Start a run whose last case lasts, with further options, and come back when the first case is in the live report `file`. */
static pid_t start_long_with(const char *const *further, const char *file)
{
    const char *args[MOST_ARGS] = {"--only", "a/ends", "--only", "z/*", "--jobs", "1"};
    char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    int watch = inotify_init1(IN_CLOEXEC);
    for (int i = 0; i < MOST_ARGS - 7 && further[i]; i++)
        args[6 + i] = further[i];
    ck_assert_int_ge(inotify_add_watch(watch, ".", IN_MOVED_TO), 0);
    pid_t pid = start(args);
    for (bool is_there = false; !is_there;) {
        ssize_t got = read(watch, buffer, sizeof buffer);
        ck_assert_int_gt(got, 0);
        for (char *at = buffer; at < buffer + got;) {
            const struct inotify_event *event = (const void *)at;
            is_there = is_there || strcmp(event->name, file) == 0;
            at += sizeof *event + event->len;
        }
    }
    close(watch);
    return pid;
}

static pid_t start_long(void)
{
    return start_long_with((const char *const[]){NULL}, "out.json");
}

/* Folders and files that a run may have left in the place for temporary files, which is our own. */
static void assert_nothing_temporary(void)
{
    FILE *list = popen("ls -A tmp", "re");
    char name[256] = "";
    ck_assert_ptr_nonnull(list);
    ck_assert_msg(fgets(name, sizeof name, list) == NULL, "left behind: %s", name);
    pclose(list);
}

static const int ends[] = {SIGINT, SIGTERM, SIGHUP};

START_TEST(an_interrupted_run_writes_what_is_known)
{
    ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    pid_t pid = start_long();
    ck_assert_int_eq(kill(pid, ends[_i]), 0);
    ck_assert_int_eq(finish(pid), 3);
    json_t *json = result();
    ck_assert(json_is_true(json_object_get(json, "partial")));
    ck_assert_int_eq(json_integer_value(json_object_get(json, "planned")), 3);
    ck_assert_uint_eq(json_array_size(json_object_get(json, "cases")), 1);
    ck_assert_double_eq_tol(number_of(json, "max_score"), 1.42 + 2.9, 1e-9);
    while (waitpid(-1, NULL, 0) > 0) /* comes to its end only when every process has gone */
        ;
    ck_assert_int_eq(errno, ECHILD);
    assert_nothing_temporary();
    json_decref(json);
}
END_TEST

START_TEST(a_killed_runner_leaves_nothing)
{
    ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    pid_t pid = start_long();
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    ck_assert_int_eq(finish(pid), 1000 + SIGKILL);
    while (waitpid(-1, NULL, 0) > 0)
        ;
    ck_assert_int_eq(errno, ECHILD);
    assert_nothing_temporary();
    json_t *json = result(); /* whole, though the runner never came to its end */
    ck_assert(json_is_true(json_object_get(json, "partial")));
    json_decref(json);
}
END_TEST

/* The formats that are written anew as each case ends, in the order in which that is done, and what their consumers understand (accept.py) of a run of which
 * one case out of three is known, which passed with 1.42 points.
 */
static const struct {
    const char *format, *file, *line;
} kept[] = {
    {"junit:out.junit", "out.junit", "0 0 0 1 true"},
    {"junit-strict:out.strict", "out.strict", "0 0 0 1 true"},
    {"tap:out.tap", "out.tap", "0 0 1 true"},
    {"gradescope:out.gradescope", "out.gradescope", "0 1 true"},
    {"sarif:out.sarif", "out.sarif", "0 0 1 false"},
    {"markdown:out.md", "out.md", "1 1 0 0 1"},
    {"gnu:out.gnu", "out.gnu", "0 2"},
    {"csv:out.csv", "out.csv", "0 0 0 1 2"},
    {"github:out.github", "out.github",
     "1 0 1"}, /* at the end only, and with it the two below, which are kept */
    {"github-summary", "summary", "1 1 0 0 1"},
    {"classroom", "output", "0 0 1 142 error"},
};
enum { KEPT = sizeof kept / sizeof *kept };

static pid_t start_long_in_all_formats(void)
{
    const char *formats[MOST_ARGS] = {NULL};
    setenv("GITHUB_STEP_SUMMARY", "summary", 1);
    setenv("GITHUB_OUTPUT", "output", 1);
    for (int i = 0; strchr(kept[i].format, ':'); i++) {
        formats[(ptrdiff_t)2 * i] = "--format";
        formats[2 * i + 1] = kept[i].format;
    }
    return start_long_with(formats, kept[KEPT - 1].file);
}

static void assert_understood(int i)
{
    cleanup_free char *command = NULL;
    char line[1024] = "";
    ck_assert_int_gt(asprintf(&command, "python3 -W ignore %s %.*s %s", consumer,
                              (int)strcspn(kept[i].format, ":"), kept[i].format, kept[i].file),
                     0);
    FILE *answer = popen(command, "re");
    ck_assert_ptr_nonnull(fgets(line, sizeof line, answer));
    ck_assert_int_eq(pclose(answer), 0);
    line[strcspn(line, "\n")] = '\0';
    ck_assert_msg(strcmp(line, kept[i].line) == 0, "%s: %s", kept[i].format, line);
}

START_TEST(a_killed_run_leaves_valid_partial_reports)
{
    ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    pid_t pid = start_long_in_all_formats();
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    while (waitpid(-1, NULL, 0) > 0)
        ;
    ck_assert_int_eq(access("out.github", F_OK), -1);
    for (int i = 0; i < KEPT; i++)
        if (strcmp(kept[i].file, "out.github") != 0)
            assert_understood(i);
}
END_TEST

START_TEST(an_interrupted_run_is_partial_in_every_format)
{
    pid_t pid = start_long_in_all_formats();
    ck_assert_int_eq(kill(pid, SIGTERM), 0);
    ck_assert_int_eq(finish(pid), 3);
    for (int i = 0; i < KEPT; i++)
        assert_understood(i);
}
END_TEST

/* The only child that the runner has while a case is played. */
static pid_t worker_of(pid_t runner)
{
    char path[64];
    char text[32] = "";
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", runner, runner);
    while (!*text) { /* between two cases there is none */
        cleanup_file FILE *file = fopen(path, "re");
        ck_assert_ptr_nonnull(file);
        if (!fgets(text, sizeof text, file))
            *text = '\0';
    }
    return (pid_t)strtol(text, NULL, 10);
}

START_TEST(a_dead_worker_breaks_only_its_case)
{
    pid_t pid = start_long();
    ck_assert_int_eq(kill(worker_of(pid), SIGKILL), 0);
    ck_assert_int_eq(finish(pid), 3);
    json_t *json = result();
    ck_assert_str_eq(text_of(case_of(json, "a/ends"), "verdict"), "passed");
    ck_assert_str_eq(text_of(case_of(json, "z/long"), "verdict"), "broken");
    ck_assert_ptr_nonnull(strstr(text_of(case_of(json, "z/long"), "reason"), "SIGKILL"));
    ck_assert_str_eq(text_of(case_of(json, "z/needs_long"), "verdict"), "skipped");
    ck_assert_str_eq(text_of(json, "verdict"), "broken");
    ck_assert_double_eq_tol(number_of(json, "score"), 1.42, 1e-9);
    ck_assert_double_eq_tol(number_of(json, "unjudged"), 2.9, 1e-9);
    ck_assert(json_is_false(json_object_get(json, "partial")));
    json_decref(json);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("grade");
    TCase *verdicts = tcase_create("verdicts"), *short_runs = tcase_create("cut short");
    suite_add_tcase(suite, verdicts);
    tcase_add_checked_fixture(verdicts, set_up, tear_down);
    tcase_set_timeout(verdicts, 60);
    tcase_add_test(verdicts, full_marks_end_with_0);
    tcase_add_test(verdicts, a_skeleton_is_told_so);
    tcase_add_test(verdicts, a_skeleton_tells_of_itself);
    tcase_add_test(verdicts, what_was_begun_is_no_skeleton);
    tcase_add_test(verdicts, each_trouble_has_its_verdict);
    tcase_add_test(verdicts, hidden_cases_are_shown_to_instructors);
    tcase_add_test(verdicts, what_does_not_compile_is_quoted);
    tcase_add_test(verdicts, an_empty_submission_gets_nothing);
    tcase_add_test(verdicts, a_library_is_linked_with_its_driver);
    tcase_add_test(verdicts, output_is_in_case_order_whatever_the_jobs);
    suite_add_tcase(suite, short_runs);
    tcase_add_checked_fixture(short_runs, set_up, tear_down);
    tcase_set_timeout(short_runs, 60);
    tcase_add_loop_test(short_runs, an_interrupted_run_writes_what_is_known, 0, 3);
    tcase_add_test(short_runs, a_killed_runner_leaves_nothing);
    tcase_add_test(short_runs, a_killed_run_leaves_valid_partial_reports);
    tcase_add_test(short_runs, an_interrupted_run_is_partial_in_every_format);
    tcase_add_test(short_runs, a_dead_worker_breaks_only_its_case);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
