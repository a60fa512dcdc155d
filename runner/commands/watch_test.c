/* `ipcgrade watch`: a student's folder with three programs is saved to, and the reports are read from a pipe, each as it comes. What is awaited is a report that says so and so; how many come before it
 * is the machine's business, unless the test says that there is none.
 */
#include <check.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/run_test.h"

static char folder[PATH_MAX], program[PATH_MAX + 16];

static const struct {
    const char *path, *text;
} files[] = {
    {"cases/assignment.yaml", "assignment: A\nprograms: {first: {}, second: {}, third: {}}\nbuild: make\n"
                              "groups: {g: 6, h: 4}\nlimits: {wall_seconds: 200}\n"},
    {"cases/g/first.yaml", "title: The first ends\nhint: Return 0.\nsteps:\n  - start: {p: [first]}\n"},
    {"cases/g/first_needed.yaml",
     "title: The first again\nneeds: g/first\nsteps:\n  - start: {p: [first]}\n"},
    {"cases/g/second.yaml", "title: The second ends\nsteps:\n  - start: {p: [second]}\n"},
    {"cases/h/third.yaml", "title: The third ends\nsteps:\n  - start: {p: [third]}\n"},
    {"sub/Makefile", "all: $(basename $(wildcard *.c))\n%: %.c\n\tcc -g -o $@ $<\n"},
    {"sub/first.c", "int main(void) { return 1; }\n"},
    {"sub/second.c", "int main(void) { return 0; }\n"},
};

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

/* As a careful editor does: the file is there whole, or not at all. */
static void save(const char *path, const char *text)
{
    write_file("aside", text);
    ck_assert_int_eq(rename("aside", path), 0);
}

static void shell(const char *command)
{
    ck_assert_msg(system(command) == 0, "%s", command);
}

static void set_up(void)
{
    const char *build = getenv("IPCGRADE_BUILD");
    ck_assert_ptr_nonnull(realpath(build ? build : "build", program));
    strncat(program, "/ipcgrade", sizeof program - strlen(program) - 1);
    snprintf(folder, sizeof folder, "/tmp/ipcgrade-watch-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    shell("chmod 755 . && mkdir -p cases/g cases/h sub tmp");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        write_file(files[i].path, files[i].text);
}

static void tear_down(void)
{
    cleanup_free char *command = NULL;
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_gt(asprintf(&command, "rm -rf '%s'", folder), 0);
    shell(command);
}

/* ---- a watch --------------------------------------------------------------------------------------------------------------- */

enum { MOST_ARGS = 8 };

struct watch {
    pid_t pid;
    FILE *says;
    struct bytes text; /* of the last report */
};

static struct watch start(const char *const *further)
{
    const char *argv[MOST_ARGS + 6] = {program, "watch", "sub", "--cases", "cases"};
    struct watch watch = {0};
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    for (int i = 0; i < MOST_ARGS && further && further[i]; i++)
        argv[5 + i] = further[i];
    watch.pid = fork();
    if (watch.pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        setenv("LANGUAGE", "en", 1);
        setenv("TMPDIR", "tmp", 1);
        execv(argv[0], (char *const *)argv);
        _exit(127);
    }
    close(ends[1]);
    watch.says = fdopen(ends[0], "r");
    ck_assert_ptr_nonnull(watch.says);
    return watch;
}

/* Lines up to the next one that holds `end`. */
static const char *read_to(struct watch *watch, const char *end)
{
    char line[4096];
    bytes_clear(&watch->text);
    while (fgets(line, sizeof line, watch->says)) {
        bytes_print(&watch->text, "%s", line);
        if (strstr(line, end))
            return bytes_text(&watch->text);
    }
    ck_abort_msg("it has ended:\n%s", bytes_text(&watch->text));
    return "";
}

/* The next report. */
static const char *next_report(struct watch *watch)
{
    return read_to(watch, "cases passed");
}

/* The next report with these points. */
static const char *report_of(struct watch *watch, const char *points)
{
    while (!strstr(next_report(watch), points))
        ;
    return bytes_text(&watch->text);
}

static int stop(struct watch *watch, int signal)
{
    int status = 0;
    char rest[4096];
    ck_assert_int_eq(kill(watch->pid, signal), 0);
    while (fgets(rest, sizeof rest, watch->says))
        ;
    ck_assert_int_eq(waitpid(watch->pid, &status, 0), watch->pid);
    fclose(watch->says);
    bytes_free(&watch->text);
    ck_assert_msg(system("test -z \"$(ls -A tmp)\"") == 0,
                  "something was left in the place for temporary files");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void assert_says(const char *text, const char *wanted)
{
    ck_assert_msg(strstr(text, wanted) != NULL, "not said: %s\n%s", wanted, text);
}

/* ---- tests ----------------------------------------------------------------------------------------------------------------- */

START_TEST(a_save_is_graded_and_the_change_is_told)
{
    struct watch watch = start(NULL);
    const char *text = next_report(&watch);
    ck_assert_int_eq(strncmp(text, "sub ", 4), 0);
    assert_says(text, " 4 cases judged\n");
    assert_says(text, "\ng/first -");
    assert_says(text, "Return 0.");
    assert_says(text, "2 of 10 points -");
    save("sub/first.c", "int main(void) { return 0; }\n");
    text = next_report(&watch);
    ck_assert_int_eq(strncmp(text, "\nfirst.c ", 9), 0);
    assert_says(text, " 2 cases judged\n");
    assert_says(text, "\n2 cases pass now ");
    assert_says(text, "\n  g/first  g/first_needed\n");
    assert_says(text, "6 of 10 points (+4) ");
    ck_assert_ptr_null(strstr(text, "passes no more"));
    save("sub/second.c", "int main(void) { return 2; }\n");
    text = next_report(&watch);
    assert_says(text, " 1 case judged\n");
    assert_says(text, "\n1 case passes no more ");
    assert_says(text, "p ended with status 2");
    assert_says(text, "4 of 10 points (-2) ");
    ck_assert_int_eq(stop(&watch, SIGINT), 1);
}
END_TEST

/* A file saved as it was, and one that no program is made of, play nothing; neither do programs beside the one that has changed. */
START_TEST(what_has_not_changed_is_not_played)
{
    struct watch watch = start(NULL);
    next_report(&watch);
    save("sub/second.c", files[7].text);
    save("sub/notes.txt", "Return 0.\n");
    const char *text = next_report(&watch);
    ck_assert_int_eq(strncmp(text, "\nnotes.txt ", 11), 0); /* and not second.c */
    assert_says(text, " 0 cases judged\n");
    assert_says(text, "The verdicts are as before.");
    save("sub/third.c", "int main(void) { return 0; }\n");
    assert_says(next_report(&watch), " 1 case judged\n");
    ck_assert_int_eq(unlink("sub/third.c"), 0);
    text = next_report(&watch);
    assert_says(text, "\n1 case passes no more ");
    assert_says(text, "1 case cannot pass yet");
    ck_assert_int_eq(stop(&watch, SIGTERM), 1);
}
END_TEST

/* Not the name of the file decides, but what is built: what a header changes, and what a program may execute. */
START_TEST(what_a_change_reaches_is_played)
{
    struct watch watch;
    write_file("sub/status.h", "enum { STATUS = 1 };\n");
    write_file("sub/first.c", "#include \"status.h\"\nint main(void) { return STATUS; }\n");
    write_file(
        "sub/third.c",
        "#include <unistd.h>\nint main(void) { return execl(\"./second\", \"second\", (char *)0); }\n");
    watch = start(NULL);
    report_of(&watch, "6 of 10 points");
    save("sub/status.h", "enum { STATUS = 0 };\n");
    const char *text = report_of(&watch, "10 of 10 points (+4)");
    assert_says(text, "\nstatus.h ");
    assert_says(text, " 2 cases judged\n");
    save("sub/second.c", "int main(void) { return 3; }\n");
    text = report_of(&watch, "4 of 10 points (-6)");
    assert_says(text, " 2 cases judged\n");
    assert_says(text, "\n  g/second  h/third\n");
    ck_assert_int_eq(stop(&watch, SIGINT), 1);
}
END_TEST

START_TEST(what_does_not_compile_is_quoted)
{
    struct watch watch = start(NULL);
    next_report(&watch);
    save("sub/second.c", "int main(void) { return no_such_name; }\n");
    const char *text = next_report(&watch);
    assert_says(text, "  second.c:1:25: error: ");
    assert_says(text, "\n1 case passes no more ");
    save("sub/second.c", files[7].text);
    assert_says(next_report(&watch), "\n1 case passes now ");
    ck_assert_int_eq(stop(&watch, SIGINT), 1);
}
END_TEST

/* Vim without the leave to write in place: the file is away for a moment, and comes by pieces. */
START_TEST(however_it_is_saved_the_last_state_counts)
{
    struct watch watch = start(NULL);
    next_report(&watch);
    shell("cd sub && mv first.c first.c~ && for word in int main '(void)' { return 0 ';' }; do "
          "printf '%s ' \"$word\" >>first.c; done");
    report_of(&watch, "6 of 10 points");
    shell("rm sub/first.c sub/second.c && mv sub/first.c~ sub/first.c");
    report_of(&watch, "0 of 10 points");
    ck_assert_int_eq(stop(&watch, SIGINT), 1);
}
END_TEST

/* This one would run for 1000 seconds: nothing but a save ends it. */
START_TEST(a_save_ends_the_run)
{
    struct watch watch;
    write_file("sub/second.c", "#include <unistd.h>\nint main(void) { return (int)sleep(1000); }\n");
    watch = start((const char *const[]){"--format", "gnu", "--jobs", "1", NULL});
    read_to(&watch, "ipcgrade watch: grading\n");
    save("sub/second.c", files[7].text);
    read_to(&watch, "ipcgrade watch: grading\n");
    const char *text = read_to(&watch, "ipcgrade watch: waiting\n");
    assert_says(text, " [g/first]\n");
    assert_says(text, "ipcgrade: note: 2 of 10 points\n");
    ck_assert_int_eq(stop(&watch, SIGINT), 1);
}
END_TEST

/* The teacher's side: a case that asks for something else, and one that is new. */
START_TEST(a_saved_case_is_played)
{
    struct watch watch = start(NULL);
    next_report(&watch);
    save("cases/g/second.yaml", "title: The second ends with 3\nsteps:\n  - start: {p: [second]}\n"
                                "  - expect: {p: {exit: 3}}\n");
    const char *text = next_report(&watch);
    ck_assert_int_eq(strncmp(text, "\ng/second.yaml ", 15), 0);
    assert_says(text, "\n1 case passes no more ");
    assert_says(text, "0 of 10 points (-2) ");
    save("cases/h/fourth.yaml", "title: The second again\nsteps:\n  - start: {p: [second]}\n");
    text = next_report(&watch);
    ck_assert_int_eq(strncmp(text, "\nh/fourth.yaml ", 15), 0);
    assert_says(text, "2 of 10 points -");
    assert_says(text, "1 of 5 cases passed");
    ck_assert_int_eq(unlink("cases/h/fourth.yaml"), 0);
    save("sub/second.c", "int main(void) { return 3; }\n");
    report_of(&watch, "2 of 10 points");
    ck_assert_int_eq(stop(&watch, SIGINT), 1);
}
END_TEST

START_TEST(a_broken_case_changes_nothing)
{
    struct watch watch = start(NULL);
    next_report(&watch);
    save("cases/g/second.yaml", "title: T\nstepz:\n  - start: {p: [second]}\n");
    assert_says(read_to(&watch, "ipcgrade: the cases stay as they were\n"), "cases/g/second.yaml:2:1: ");
    save("sub/first.c", files[7].text);
    assert_says(next_report(&watch), "6 of 10 points (+4) ");
    save("cases/g/second.yaml", files[3].text);
    assert_says(next_report(&watch), "The verdicts are as before.");
    ck_assert_int_eq(stop(&watch, SIGINT), 1);
}
END_TEST

START_TEST(an_end_in_a_run_leaves_nothing)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct watch watch;
    write_file("sub/second.c", "#include <unistd.h>\nint main(void) { return (int)sleep(1000); }\n");
    watch = start((const char *const[]){"--format", "gnu", NULL});
    read_to(&watch, "ipcgrade watch: grading\n");
    ck_assert_int_eq(stop(&watch, signals[_i]), 3); /* nothing was ever graded */
}
END_TEST

START_TEST(full_marks_end_with_0)
{
    struct watch watch = start((const char *const[]){"--only", "second", "--format", "csv:out.csv", NULL});
    assert_says(next_report(&watch), "2 of 2 points ");
    ck_assert_int_eq(stop(&watch, SIGINT), 0);
    shell("grep -q second out.csv");
}
END_TEST

START_TEST(a_folder_that_goes_ends_it)
{
    int status = 0;
    struct watch watch = start(NULL);
    next_report(&watch);
    shell("rm -r sub");
    read_to(&watch, "ipcgrade: sub: No such file or directory\n");
    ck_assert_int_eq(waitpid(watch.pid, &status, 0), watch.pid);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    fclose(watch.says);
    bytes_free(&watch.text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("watch");
    TCase *tests = tcase_create("watch");
    suite_add_tcase(suite, tests);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, a_save_is_graded_and_the_change_is_told);
    tcase_add_test(tests, what_has_not_changed_is_not_played);
    tcase_add_test(tests, what_a_change_reaches_is_played);
    tcase_add_test(tests, what_does_not_compile_is_quoted);
    tcase_add_test(tests, however_it_is_saved_the_last_state_counts);
    tcase_add_test(tests, a_save_ends_the_run);
    tcase_add_test(tests, a_saved_case_is_played);
    tcase_add_test(tests, a_broken_case_changes_nothing);
    tcase_add_loop_test(tests, an_end_in_a_run_leaves_nothing, 0, 3);
    tcase_add_test(tests, full_marks_end_with_0);
    tcase_add_test(tests, a_folder_that_goes_ends_it);
    return run_suite(suite);
}
