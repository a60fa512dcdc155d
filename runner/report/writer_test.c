/* Every format: hostile bytes come out harmless. Files: replaced whole or not at all. */
#include "report/writer.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/run_test.h"
#include "report/everything.h"

enum { FEW_CASES = EVERY_CASES, MANY_CASES = 400, LOOKS = 200 };

static const char hostile[] =
    "\033]0;title\a\033[2J \xff\xfe \xe2\x80\xae \r\b\177 </script>&\"'`$(x) ::error:: %s%n";

static struct result hostile_result(int count)
{
    return everything_of(count, hostile);
}

static char *written(const struct writer *writer, const struct result *result,
                     const struct report_options *options)
{
    char *text = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&text, &len);
    ck_assert(writer->write(memory, result, options));
    fclose(memory);
    ck_assert_uint_eq(strlen(text), len); /* no NUL in it */
    return text;
}

START_TEST(hostile_bytes_are_harmless_in_every_format)
{
    struct result result = hostile_result(FEW_CASES);
    const struct report_options options = {.width = 80, .has_utf8 = true, .is_verbose = true};
    ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
    for (const struct writer *const *writer = writers; *writer; writer++) {
        cleanup_free char *text = written(*writer, &result, &options);
        ck_assert_int_ne((int)mbstowcs(NULL, text, 0), -1); /* valid UTF-8 */
        for (const char *c = text; *c; c++)
            ck_assert_msg(*c == '\n' || strncmp(c, "\r\n", 2) == 0 ||
                              ((unsigned char)*c >= 0x20 && *c != 0x7f),
                          "%s lets byte %02x through", (*writer)->name, (unsigned char)*c);
        ck_assert_msg(strstr(text, "group/case1") != NULL || *writer == &writer_classroom, "%s drops a case",
                      (*writer)->name);
        ck_assert_msg(!strstr(text, "\xe2\x80\xae") || *writer == &writer_json, "%s turns lines around",
                      (*writer)->name);
    }
    result_free(&result);
}
END_TEST

/* Of a hidden case only its group, points and verdict are known to any format. */
START_TEST(hidden_cases_are_told_only_as_such)
{
    struct result result = everything_of(EVERY_CASES, "plain");
    const struct report_options options = {.width = 80, .has_utf8 = true, .is_verbose = true};
    struct case_result *hidden = &result.cases[EVERY_HIDDEN];
    case_result_free(hidden);
    everything_fill_case(hidden, EVERY_FAILED, "SECRET");
    result_set(&hidden->group, "plain");
    case_result_hide(hidden, 1);
    ck_assert(result_total(&result));
    for (const struct writer *const *writer = writers; *writer; writer++) {
        cleanup_free char *text = written(*writer, &result, &options);
        ck_assert_msg(!strstr(text, "SECRET"), "%s tells of a hidden case", (*writer)->name);
        ck_assert_msg(strstr(text, "plain/hidden-1") || *writer == &writer_classroom, "%s drops it",
                      (*writer)->name);
    }
    result_free(&result);
}
END_TEST

/* Told in full (--show-hidden) it is for instructors, and students see Gradescope's tests. */
START_TEST(hidden_cases_in_full_are_not_for_students)
{
    struct result result = everything_of(FEW_CASES, "plain");
    const struct report_options options = {.width = 80, .has_utf8 = true};
    struct case_result *hidden = &result.cases[EVERY_HIDDEN];
    case_result_free(hidden);
    everything_fill_case(hidden, EVERY_FAILED, "SECRET");
    hidden->is_hidden = true;
    ck_assert(result_total(&result));
    cleanup_free char *text = written(&writer_gradescope, &result, &options);
    json_t *root = json_loads(text, 0, NULL), *test, *tests = json_object_get(root, "tests");
    size_t i;
    ck_assert_ptr_null(strstr(json_string_value(json_object_get(root, "output")), "SECRET"));
    json_array_foreach(tests, i, test)
    {
        const char *seen = json_string_value(json_object_get(test, "visibility"));
        ck_assert_str_eq(seen, i == EVERY_HIDDEN ? "hidden" : "visible");
    }
    ck_assert_uint_eq(json_array_size(tests), FEW_CASES);
    json_decref(root);
    result_free(&result);
}
END_TEST

/* The two that broke or were skipped are worth 5 of 22.5 points: the 3.95 of 17.5 that were given become 5.08. */
START_TEST(what_was_not_judged_costs_nothing)
{
    struct result result = everything_of(FEW_CASES, "plain");
    const struct report_options options = {.width = 80, .has_utf8 = true};
    cleanup_free char *text = written(&writer_gradescope, &result, &options),
                      *line = written(&writer_gnu, &result, &options);
    json_t *root = json_loads(text, 0, NULL), *tests = json_object_get(root, "tests");
    ck_assert_ptr_nonnull(
        strstr(json_string_value(json_object_get(root, "output")),
               "What was judged makes up the whole: 3.95 of 17.5 points became 5.08 of 22.5."));
    for (int i = 0; i < FEW_CASES; i++) {
        json_t *test = json_array_get(tests, (size_t)i);
        bool is_open = i == EVERY_BROKEN || i == EVERY_SKIPPED;
        ck_assert(is_open != (json_object_get(test, "score") != NULL));
        ck_assert(is_open == (strstr(json_string_value(json_object_get(test, "output")),
                                     ", not judged: 2.5 points") != NULL));
    }
    ck_assert_ptr_nonnull(strstr(line, "3.95 of 22.5 points; 5 could not be judged and are not lost"));
    json_decref(root);
    result_free(&result);
}
END_TEST

/* Titles and hints stand in both languages in a case; the formats whose reports hold them take the reader's. */
START_TEST(titles_are_in_the_readers_language)
{
    static const struct writer *const those[] = {&writer_terminal,   &writer_junit,    &writer_tap,
                                                 &writer_gradescope, &writer_github,   &writer_sarif,
                                                 &writer_csv,        &writer_markdown, NULL};
    struct result result = everything_of(FEW_CASES, "plain");
    const struct report_options korean = {.language = REPORT_KOREAN, .width = 80, .has_utf8 = true};
    ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
    result_set(&result.cases[EVERY_FAILED].title[0], "An English title");
    result_set(&result.cases[EVERY_FAILED].title[1], "한국어 제목");
    for (size_t i = 0; those[i]; i++) {
        cleanup_free char *text = written(those[i], &result, &korean);
        ck_assert_msg(strstr(text, "한국어 제목") && !strstr(text, "An English title"), "%s", those[i]->name);
    }
    result_free(&result);
}
END_TEST

START_TEST(formats_are_found_by_name)
{
    for (const struct writer *const *writer = writers; *writer; writer++)
        ck_assert_ptr_eq(writer_find((*writer)->name), *writer);
    ck_assert_ptr_eq(writer_find("json"), &writer_json);
    ck_assert_ptr_eq(writer_find("terminal"), &writer_terminal);
    ck_assert_ptr_null(writer_find("jso"));
    ck_assert_ptr_null(writer_find(""));
}
END_TEST

/* ---- files ------------------------------------------------------------------------------------------------------------------ */

static void into_empty_folder(void)
{
    char folder[] = "/tmp/ipcgrade-writer-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

static void remove_folder(void)
{
    char folder[4096];
    ck_assert_ptr_nonnull(getcwd(folder, sizeof folder));
    ck_assert_int_eq(chdir("/"), 0);
    cleanup_free char *command = NULL;
    ck_assert_int_gt(asprintf(&command, "rm -rf '%s'", folder), 0);
    ck_assert_int_eq(system(command), 0);
}

static int files_here(void)
{
    FILE *list = popen("ls -A | wc -l", "re");
    char count[32] = "";
    ck_assert_ptr_nonnull(fgets(count, sizeof count, list));
    pclose(list);
    return (int)strtol(count, NULL, 10);
}

static void assert_whole(const char *path)
{
    json_error_t error;
    json_t *json = json_load_file(path, 0, &error);
    ck_assert_msg(json != NULL, "%s:%d: %s", path, error.line, error.text);
    json_decref(json);
}

START_TEST(a_file_is_replaced)
{
    struct result result = hostile_result(FEW_CASES);
    const struct report_options options = {.width = 80};
    struct err err = {0};
    umask(022);
    ck_assert(report_write(&writer_json, "out.json", &result, &options, &err));
    ck_assert(report_write(&writer_json, "out.json", &result, &options, &err));
    assert_whole("out.json");
    struct stat status;
    ck_assert_int_eq(stat("out.json", &status), 0);
    ck_assert_int_eq(status.st_mode & 0777, 0644);
    ck_assert_int_eq(files_here(), 1);
    result_free(&result);
}
END_TEST

START_TEST(a_link_keeps_its_place)
{
    struct result result = hostile_result(FEW_CASES);
    const struct report_options options = {.width = 80};
    struct stat status;
    ck_assert_int_eq(mkdir("there", 0755), 0);
    ck_assert_int_eq(close(open("there/real.json", O_WRONLY | O_CREAT, 0600)), 0);
    ck_assert_int_eq(symlink("there/real.json", "link.json"), 0);
    ck_assert(report_write(&writer_json, "link.json", &result, &options, NULL));
    ck_assert_int_eq(lstat("link.json", &status), 0);
    ck_assert(S_ISLNK(status.st_mode));
    assert_whole("there/real.json");
    result_free(&result);
}
END_TEST

START_TEST(what_is_no_file_is_written_to)
{
    struct result result = hostile_result(FEW_CASES);
    const struct report_options options = {.width = 80};
    struct err err = {0};
    struct stat status;
    ck_assert(report_write(&writer_json, "/dev/null", &result, &options, &err));
    ck_assert_int_eq(stat("/dev/null", &status), 0);
    ck_assert(S_ISCHR(status.st_mode));
    ck_assert(!report_write(&writer_json, "/dev/full", &result, &options, &err));
    ck_assert_int_eq(err.number, ENOSPC);
    ck_assert_ptr_nonnull(strstr(err.text, "/dev/full"));
    result_free(&result);
}
END_TEST

/* GitHub's files are shared by all that a step runs: what others wrote stays in front, each time the report is written. */
START_TEST(a_report_goes_behind_what_was_there)
{
    struct result result = hostile_result(FEW_CASES);
    const struct report_options options = {.width = 80, .has_utf8 = true};
    cleanup_free char *alone = written(&writer_markdown, &result, &options);
    char text[1 << 16];
    for (int i = 0; i < 2; i++)
        ck_assert(report_write_behind(&writer_markdown, "summary", "before", &result, &options, NULL));
    cleanup_file FILE *file = fopen("summary", "re");
    ck_assert_ptr_nonnull(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    ck_assert_int_eq(strncmp(text, "before\n", 7), 0);
    ck_assert_str_eq(text + 7, alone);
    result_free(&result);
}
END_TEST

START_TEST(a_failure_leaves_the_old_file)
{
    struct result result = hostile_result(FEW_CASES);
    const struct report_options options = {.width = 80};
    struct err err = {0};
    ck_assert(!report_write(&writer_json, "nowhere/out.json", &result, &options, &err));
    ck_assert_int_eq(err.number, ENOENT);
    ck_assert_int_eq(files_here(), 0);
    result_free(&result);
}
END_TEST

/* The kernel kills who goes over his limit of a file's size, in the middle of write(2): nothing of the new report is left, under no name. */
START_TEST(who_is_killed_while_he_writes_leaves_nothing)
{
    const struct report_options options = {.width = 80};
    struct result small = hostile_result(FEW_CASES), large = hostile_result(MANY_CASES);
    struct stat status;
    int how = 0;
    ck_assert(report_write(&writer_json, "out.json", &small, &options, NULL));
    ck_assert_int_eq(stat("out.json", &status), 0);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        const struct rlimit limit = {(rlim_t)status.st_size, (rlim_t)status.st_size}, none = {0, 0};
        signal(SIGXFSZ, SIG_DFL);
        setrlimit(RLIMIT_CORE, &none);
        setrlimit(RLIMIT_FSIZE, &limit);
        report_write(&writer_json, "out.json", &large, &options, NULL);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, &how, 0), pid);
    ck_assert(WIFSIGNALED(how) && WTERMSIG(how) == SIGXFSZ);
    assert_whole("out.json");
    ck_assert_int_eq(files_here(), 1);
    result_free(&small);
    result_free(&large);
}
END_TEST

/* A process writes the file again and again, small and large in turn, until it is killed in the middle of it. Whoever looks sees a whole report. */
START_TEST(nobody_sees_half_a_report)
{
    const struct report_options options = {.width = 80};
    struct result small = hostile_result(FEW_CASES), large = hostile_result(MANY_CASES);
    ck_assert(report_write(&writer_json, "out.json", &small, &options, NULL));
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        for (;;) {
            report_write(&writer_json, "out.json", &large, &options, NULL);
            report_write(&writer_json, "out.json", &small, &options, NULL);
        }
    }
    for (int look = 0; look < LOOKS; look++)
        assert_whole("out.json");
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    assert_whole("out.json");
    result_free(&small);
    result_free(&large);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("writer");
    TCase *formats = tcase_create("formats"), *files = tcase_create("files");
    suite_add_tcase(suite, formats);
    tcase_add_test(formats, hostile_bytes_are_harmless_in_every_format);
    tcase_add_test(formats, hidden_cases_are_told_only_as_such);
    tcase_add_test(formats, hidden_cases_in_full_are_not_for_students);
    tcase_add_test(formats, what_was_not_judged_costs_nothing);
    tcase_add_test(formats, titles_are_in_the_readers_language);
    tcase_add_test(formats, formats_are_found_by_name);
    suite_add_tcase(suite, files);
    tcase_add_checked_fixture(files, into_empty_folder, remove_folder);
    tcase_set_timeout(files, 60);
    tcase_add_test(files, a_file_is_replaced);
    tcase_add_test(files, a_link_keeps_its_place);
    tcase_add_test(files, what_is_no_file_is_written_to);
    tcase_add_test(files, a_report_goes_behind_what_was_there);
    tcase_add_test(files, a_failure_leaves_the_old_file);
    tcase_add_test(files, nobody_sees_half_a_report);
    tcase_add_test(files, who_is_killed_while_he_writes_leaves_nothing);
    return run_suite(suite);
}
