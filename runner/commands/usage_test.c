/* The built program, typed at: wrong usage gets one line, the right usage and status 2; nothing crashes on any arguments. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/run_test.h"
#include "report/writer.h"

enum { MOST_ARGS = 16, MOST_OUTPUT = 1 << 20, FUZZ_ROUNDS = 150 };

struct outcome {
    int status; /* exit status, or 1000 + signal */
    struct bytes out, err;
};

static const char *program(void)
{
    static char path[PATH_MAX + 16];
    const char *build = getenv("IPCGRADE_BUILD");
    snprintf(path, sizeof path, "%s/ipcgrade", build ? build : "build");
    return path;
}

static void read_all(int fd, struct bytes *to)
{
    char chunk[4096];
    ssize_t got;
    bytes_clear(to);
    lseek(fd, 0, SEEK_SET);
    while ((got = read(fd, chunk, sizeof chunk)) > 0)
        bytes_add(to, chunk, (size_t)got, MOST_OUTPUT);
}

static struct outcome run(const char *const *args)
{
    struct outcome outcome = {0};
    const char *argv[MOST_ARGS + 2] = {program()};
    char out_name[] = "/tmp/ipcgrade-out-XXXXXX", err_name[] = "/tmp/ipcgrade-err-XXXXXX";
    cleanup_fd int out = mkostemp(out_name, O_CLOEXEC), err = mkostemp(err_name, O_CLOEXEC);
    int status = 0;
    for (int i = 0; i < MOST_ARGS && args[i]; i++)
        argv[i + 1] = args[i];
    unlink(out_name);
    unlink(err_name);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(out, STDOUT_FILENO);
        dup2(err, STDERR_FILENO);
        setenv("LANGUAGE", "en", 1);
        execv(argv[0], (char *const *)argv);
        _exit(127);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    read_all(out, &outcome.out);
    read_all(err, &outcome.err);
    close(err);
    return outcome;
}

static void outcome_free(struct outcome *outcome)
{
    bytes_free(&outcome->out);
    bytes_free(&outcome->err);
}

#define USAGE_MAIN "usage: ipcgrade COMMAND [OPTION...] [ARGUMENT...]\n"
#define USAGE_GRADE "usage: ipcgrade grade [OPTION...] SUBMISSION\n"
#define USAGE_WATCH "usage: ipcgrade watch [OPTION...] [SUBMISSION]\n"
#define USAGE_TRACE "usage: ipcgrade trace [OPTION...] [--] COMMAND [ARGUMENT...]\n"
#define USAGE_LIST "usage: ipcgrade list [OPTION...]\n"

static const struct {
    const char *args[MOST_ARGS];
    const char *says; /* all of standard error */
} wrongs[] = {
    {{NULL}, "ipcgrade: no command\n" USAGE_MAIN},
    {{"grad"}, "ipcgrade: unknown command 'grad'; did you mean 'grade'?\n" USAGE_MAIN},
    {{"--versoin"}, "ipcgrade: unknown option '--versoin'\n" USAGE_MAIN},
    {{"\033[2J"}, "ipcgrade: unknown command '\\e[2J'\n" USAGE_MAIN},
    {{"grade"}, "ipcgrade grade: no submission is named\n" USAGE_GRADE},
    {{"grade", ".", "."}, "ipcgrade grade: only one submission can be graded\n" USAGE_GRADE},
    {{"grade", "/nowhere"}, "ipcgrade grade: /nowhere: No such file or directory\n" USAGE_GRADE},
    {{"grade", "/etc/passwd"}, "ipcgrade grade: /etc/passwd is not a directory\n" USAGE_GRADE},
    {{"grade", "--fromat", "json", "."},
     "ipcgrade grade: unknown option '--fromat'; did you mean '--format'?\n" USAGE_GRADE},
    {{"grade", "--format", "jsn", "."},
     "ipcgrade grade: unknown format 'jsn'; did you mean 'json'?\n" USAGE_GRADE},
    {{"grade", "--format", "json:/nowhere/x", "."},
     "ipcgrade grade: write into /nowhere: No such file or directory\n" USAGE_GRADE},
    {{"grade", "--format", "json:/tmp", "."}, "ipcgrade grade: /tmp is a directory\n" USAGE_GRADE},
    {{"grade", "--format", "json:", "."}, "ipcgrade grade: a format's file has no name\n" USAGE_GRADE},
    {{"grade", "--format", "json", "--format", "terminal", "."},
     "ipcgrade grade: two formats for standard output; give one of them another file: --format "
     "terminal:FILE\n" USAGE_GRADE},
    {{"grade", "--format"}, "ipcgrade grade: '--format' needs a value\n" USAGE_GRADE},
    {{"grade", "--verbose=3", "."}, "ipcgrade grade: '--verbose=3' takes no value\n" USAGE_GRADE},
    {{"grade", "-x", "."}, "ipcgrade grade: unknown option '-x'\n" USAGE_GRADE},
    {{"grade", "--jobs", "0", "."},
     "ipcgrade grade: --jobs: '0' is not a number from 1 to 256\n" USAGE_GRADE},
    {{"grade", "--jobs", "two", "."},
     "ipcgrade grade: --jobs: 'two' is not a number from 1 to 256\n" USAGE_GRADE},
    {{"grade", "--seed", "-1", "."},
     "ipcgrade grade: --seed: '-1' is not a number from 0 to 9007199254740991\n" USAGE_GRADE},
    {{"grade", "--language", "de", "."},
     "ipcgrade grade: unknown language 'de'; the languages are en and ko\n" USAGE_GRADE},
    {{"grade", "--only", "no_such_thing_at_all", "student"},
     "ipcgrade grade: no case, program or group matches 'no_such_thing_at_all'; `ipcgrade list` shows "
     "them\n" USAGE_GRADE},
    {{"watch", "/nowhere"}, "ipcgrade watch: /nowhere: No such file or directory\n" USAGE_WATCH},
    {{"watch", ".", "."}, "ipcgrade watch: only one submission can be graded\n" USAGE_WATCH},
    {{"watch", "--only", "pipe_uper", "student"},
     "ipcgrade watch: no case, program or group matches 'pipe_uper'; did you mean "
     "'pipe_upper'?\n" USAGE_WATCH},
    {{"watch", "--format", "gnv", "."},
     "ipcgrade watch: unknown format 'gnv'; did you mean 'gnu'?\n" USAGE_WATCH},
    {{"list", "fifo"}, "ipcgrade list: takes no argument; did you mean --only?\n" USAGE_LIST},
    {{"explain"}, "ipcgrade explain: no case is named\nusage: ipcgrade explain [OPTION...] CASE...\n"},
    {{"explain", "fifo/enxi"},
     "ipcgrade explain: no case 'fifo/enxi'; did you mean 'fifo/enxio'?\nusage: ipcgrade explain [OPTION...] "
     "CASE...\n"},
    {{"doctor", "x"}, "ipcgrade doctor: takes no argument\nusage: ipcgrade doctor [OPTION...]\n"},
    {{"reference", "x"}, "ipcgrade reference: takes no argument\nusage: ipcgrade reference [OPTION...]\n"},
    {{"trace"}, "ipcgrade trace: no command is named\n" USAGE_TRACE},
    {{"trace", "--output", "/nowhere/x", "true"},
     "ipcgrade trace: /nowhere/x: No such file or directory\n" USAGE_TRACE},
    {{"trace", "--format", "xml", "true"},
     "ipcgrade trace: there is no format 'xml': text, json or html, or json:FILE or html:FILE\n" USAGE_TRACE},
    {{"trace", "--format", "json:", "true"},
     "ipcgrade trace: there is no format 'json:': text, json or html, or json:FILE or "
     "html:FILE\n" USAGE_TRACE},
    {{"trace", "--format", "text:x", "true"},
     "ipcgrade trace: there is no format 'text:x': text, json or html, or json:FILE or "
     "html:FILE\n" USAGE_TRACE},
    {{"trace", "--format", "json:/nowhere/x", "true"},
     "ipcgrade trace: /nowhere/x: No such file or directory\n" USAGE_TRACE},
    {{"trace", "--error-status", "256", "true"},
     "ipcgrade trace: --error-status: '256' is not a number from 0 to 255\n" USAGE_TRACE},
    {{"trace", "--wiht", "true", "true"},
     "ipcgrade trace: unknown option '--wiht'; did you mean '--with'?\n" USAGE_TRACE},
    {{"rules", "zombi"},
     "ipcgrade rules: no rule 'zombi'; did you mean 'zombie'?\nusage: ipcgrade rules [OPTION...] "
     "[RULE...]\n"},
    {{"rules", "x"},
     "ipcgrade rules: no rule 'x'; `ipcgrade rules` lists them\nusage: ipcgrade rules [OPTION...] "
     "[RULE...]\n"},
};

START_TEST(wrong_usage_is_told)
{
    struct outcome outcome = run(wrongs[_i].args);
    ck_assert_str_eq(bytes_text(&outcome.err), wrongs[_i].says);
    ck_assert_int_eq(outcome.status, 2);
    ck_assert_str_eq(bytes_text(&outcome.out), "");
    outcome_free(&outcome);
}
END_TEST

static const char *const command_names[] = {"grade",  "watch", "lint",      "list",  "explain",
                                            "doctor", "trace", "reference", "rules", "kit"};
enum { FIRST_HARMLESS = 2 }; /* lint, list, explain */

START_TEST(every_command_has_help)
{
    const char *args[] = {command_names[_i], "--help", NULL};
    char usage[64];
    struct outcome outcome = run(args), all = run((const char *const[]){"--help", NULL});
    snprintf(usage, sizeof usage, "usage: ipcgrade %s ", command_names[_i]);
    ck_assert_int_eq(outcome.status, 0);
    ck_assert_int_eq(strncmp(bytes_text(&outcome.out), usage, strlen(usage)), 0);
    ck_assert_ptr_nonnull(strstr(bytes_text(&outcome.out), "--language"));
    ck_assert_str_eq(bytes_text(&outcome.err), "");
    ck_assert_int_eq(all.status, 0);
    ck_assert_ptr_nonnull(strstr(bytes_text(&all.out), command_names[_i]));
    outcome_free(&outcome);
    outcome_free(&all);
}
END_TEST

/* The manual page names every option of every command. */
START_TEST(the_manual_names_every_option)
{
    struct outcome outcome = run((const char *const[]){command_names[_i], "--help", NULL});
    cleanup_file FILE *file = fopen("runner/commands/ipcgrade.1", "re");
    cleanup_bytes struct bytes manual = {0};
    ck_assert_ptr_nonnull(file);
    read_all(fileno(file), &manual);
    for (const char *at = bytes_text(&outcome.out); (at = strstr(at, "\n  --")) != NULL; at++) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, "Fl Fl %.*s", (int)strcspn(at + 5, " \n"), at + 5);
        ck_assert_msg(strstr(bytes_text(&manual), wanted) != NULL, "the manual lacks %s", wanted);
    }
    outcome_free(&outcome);
}
END_TEST

/* `grade --help` and the manual list every format that there is. */
START_TEST(every_format_is_listed)
{
    struct outcome outcome = run((const char *const[]){"grade", "--help", NULL});
    cleanup_file FILE *file = fopen("runner/commands/ipcgrade.1", "re");
    cleanup_bytes struct bytes manual = {0};
    ck_assert_ptr_nonnull(file);
    read_all(fileno(file), &manual);
    for (const struct writer *const *writer = writers; *writer; writer++) {
        char line[128], item[128];
        snprintf(line, sizeof line, "\n  %-16s%s\n", (*writer)->name, (*writer)->law);
        snprintf(item, sizeof item, "\n.It Cm %s\n", (*writer)->name);
        ck_assert_msg(strstr(bytes_text(&outcome.out), line) != NULL, "the help lacks %s", (*writer)->name);
        ck_assert_msg(strstr(bytes_text(&manual), item) != NULL, "the manual lacks %s", (*writer)->name);
    }
    outcome_free(&outcome);
}
END_TEST

START_TEST(the_version_is_told)
{
    struct outcome outcome = run((const char *const[]){"--version", NULL});
    ck_assert_int_eq(outcome.status, 0);
    ck_assert_str_eq(bytes_text(&outcome.out), "ipcgrade " IPCGRADE_VERSION "\n");
    outcome_free(&outcome);
}
END_TEST

START_TEST(own_cases_are_listed_and_clean)
{
    struct outcome list = run((const char *const[]){"list", NULL}),
                   lint = run((const char *const[]){"lint", NULL});
    ck_assert_int_eq(list.status, 0);
    ck_assert_ptr_nonnull(strstr(bytes_text(&list.out), "fifo/enxio"));
    ck_assert_msg(lint.status == 0, "%s", bytes_text(&lint.out));
    outcome_free(&list);
    outcome_free(&lint);
}
END_TEST

/* ---- a wrong case ------------------------------------------------------------------------------------------------------------ */

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(errors_of_all_files_are_told_and_nothing_runs)
{
    char folder[] = "/tmp/ipcgrade-cases-XXXXXX";
    cleanup_free char *clean = NULL;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert_int_eq(mkdir("cases", 0755) + mkdir("cases/g", 0755) + mkdir("sub", 0755), 0);
    write_file("cases/assignment.yaml", "assignment: A\nprograms: {p: {}}\nbuild: make\n");
    write_file("cases/g/one.yaml", "title: One\nstepz:\n  - start: {p: [p]}\n");
    write_file("cases/g/two.yaml", "title: Two\nsteps:\n  - stat: {p: [p]}\n");
    write_file("sub/Makefile", "all:\n\ttouch ../built\n");
    struct outcome outcome =
        run((const char *const[]){"grade", "--cases", "cases", "--format", "json:out.json", "sub", NULL});
    const char *says = bytes_text(&outcome.err);
    ck_assert_int_eq(outcome.status, 2);
    ck_assert_ptr_nonnull(strstr(says, "cases/g/one.yaml:2:1: "));
    ck_assert_ptr_nonnull(strstr(says, "did you mean 'steps'?"));
    ck_assert_ptr_nonnull(strstr(says, "cases/g/two.yaml:3:5: "));
    ck_assert_ptr_nonnull(strstr(says, "nothing was run"));
    ck_assert_int_eq(access("out.json", F_OK), -1);
    ck_assert_int_eq(access("built", F_OK), -1);
    outcome_free(&outcome);
    ck_assert_int_gt(asprintf(&clean, "rm -rf '%s'", folder), 0);
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(system(clean), 0);
}
END_TEST

/* ---- whatever is typed ------------------------------------------------------------------------------------------------------- */

START_TEST(no_arguments_crash_it)
{
    static const char *const words[] = {
        "lint",     "list",      "explain", "--only", "--cases", "--language", "ko",         "en",
        "--format", "json",      ":",       "",       "-",       "--",         "--=",        "-\xff",
        "\xff\xfe", "%s%n",      "*",       "[",      "fifo/*",  "/dev/null",  "--no-notes", "/tmp",
        "--help",   "--version", "\033[2J", "-9",     "0x10"};
    unsigned seed = 5;
    for (int round = 0; round < FUZZ_ROUNDS; round++) {
        const char *args[MOST_ARGS] = {command_names[FIRST_HARMLESS + rand_r(&seed) % 3]};
        int count = rand_r(&seed) % 6;
        for (int i = 1; i <= count; i++)
            args[i] = words[(size_t)rand_r(&seed) % (sizeof words / sizeof *words)];
        struct outcome outcome = run(args);
        ck_assert_msg(outcome.status == 0 || outcome.status == 2, "status %d", outcome.status);
        ck_assert(outcome.status == 0 || outcome.err.len > 0);
        ck_assert_ptr_null(strchr(bytes_text(&outcome.err), '\033'));
        outcome_free(&outcome);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("usage");
    TCase *tests = tcase_create("usage");
    int names = (int)(sizeof command_names / sizeof *command_names);
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, wrong_usage_is_told, 0, (int)(sizeof wrongs / sizeof *wrongs));
    tcase_add_loop_test(tests, every_command_has_help, 0, names);
    tcase_add_loop_test(tests, the_manual_names_every_option, 0, names);
    tcase_add_test(tests, every_format_is_listed);
    tcase_add_test(tests, the_version_is_told);
    tcase_add_test(tests, own_cases_are_listed_and_clean);
    tcase_add_test(tests, errors_of_all_files_are_told_and_nothing_runs);
    tcase_add_test(tests, no_arguments_crash_it);
    return run_suite(suite);
}
