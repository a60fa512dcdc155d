/* `ipcgrade grade` cut short: what is known is written, and nothing is left, when it is interrupted or killed, or a worker of it. */
#include "commands/graded.h"

#include <sys/inotify.h>
#include <sys/prctl.h>

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
    {"gradescope:out.gradescope", "out.gradescope", "0 0 1 true 142"},
    {"sarif:out.sarif", "out.sarif", "0 0 1 false"},
    {"markdown:out.md", "out.md", "1 1 0 0 1"},
    {"gnu:out.gnu", "out.gnu", "0 2"},
    {"csv:out.csv", "out.csv", "0 0 0 1 2 142 142 0"},
    {"html:out.html", "out.html", "0 0 0 1 true"},
    {"github:out.github", "out.github",
     "1 0 1"}, /* at the end only, and with it the two below, which are kept */
    {"github-summary", "summary", "1 1 0 0 1"},
    {"classroom", "output", "0 0 1 142 432 error"},
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

static void add(TCase *tests)
{
    tcase_add_loop_test(tests, an_interrupted_run_writes_what_is_known, 0, 3);
    tcase_add_test(tests, a_killed_runner_leaves_nothing);
    tcase_add_test(tests, a_killed_run_leaves_valid_partial_reports);
    tcase_add_test(tests, an_interrupted_run_is_partial_in_every_format);
    tcase_add_test(tests, a_dead_worker_breaks_only_its_case);
}

int main(void)
{
    return run_graded("grade, cut short", add);
}
