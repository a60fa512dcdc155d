/* The walk of an instructor, as cases/README.md tells it: copy the cases and the students' folder, drop exercises and groups, change weights, add a case, look, and grade. And a student's: make check in
 * the folder that was handed out, with the program as it is installed.
 */
#include <check.h>
#include <jansson.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/run_test.h"

static char folder[PATH_MAX], top[PATH_MAX], build[PATH_MAX];

static int shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The status of a shell command; what it says goes to the file `said`. */
static int shell(const char *format, ...)
{
    cleanup_free char *command = NULL, *whole = NULL;
    va_list arguments;
    va_start(arguments, format);
    ck_assert_int_gt(vasprintf(&command, format, arguments), 0);
    va_end(arguments);
    ck_assert_int_gt(asprintf(&whole, "{ %s; } >said 2>&1", command), 0);
    int status = system(whole);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool is_said(const char *text)
{
    cleanup_bytes struct bytes said = {0};
    char chunk[4096];
    size_t got;
    cleanup_file FILE *file = fopen("said", "re");
    while (file && (got = fread(chunk, 1, sizeof chunk, file)) > 0)
        bytes_add(&said, chunk, got, 1 << 20);
    if (!strstr(bytes_text(&said), text))
        fprintf(stderr, "not said: %s\n%s\n", text, bytes_text(&said));
    return strstr(bytes_text(&said), text) != NULL;
}

static void set_up(void)
{
    const char *from = getenv("IPCGRADE_BUILD");
    ck_assert_ptr_nonnull(getcwd(top, sizeof top));
    ck_assert_ptr_nonnull(realpath(from ? from : "build", build));
    snprintf(folder, sizeof folder, "/tmp/ipcgrade-walk-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    setenv("LANGUAGE", "en", 1);
    ck_assert_int_eq(shell("chmod 755 . && cp -r '%s/cases' '%s/student' .", top, top), 0);
}

static void tear_down(void)
{
    ck_assert_int_eq(shell("true"), 0);
    ck_assert_int_eq(chdir("/"), 0);
    cleanup_free char *command = NULL;
    ck_assert_int_gt(asprintf(&command, "rm -rf '%s'", folder), 0);
    ck_assert_int_eq(system(command), 0);
}

/* All exercises but these three, one after the other, as the page says; then the groups that have become empty. */
static void drop_exercises(void)
{
    ck_assert_int_eq(shell("for program in $(sed -n '/^programs:/,/^[a-z]*:.*[^ ]/s/^  "
                           "\\([a-z_0-9]*\\):.*/\\1/p' cases/assignment.yaml); do"
                           "  case $program in fifo_write|fifo_read|pipe_hello) continue;; esac;"
                           "  rm -f $('%s/ipcgrade' list --cases cases --program $program --files) &&"
                           "  sed -i \"/^  $program:/d\" cases/assignment.yaml && rm -f student/$program.c &&"
                           "  rmdir --ignore-fail-on-non-empty cases/*/ &&"
                           "  sed -i \"s/^groups:.*/groups: {$(cd cases && ls -d */ | grep -v drivers | sed "
                           "'s,/,: 1,' | paste -sd,)}/\" cases/assignment.yaml"
                           "  || exit 1; done",
                           build),
                     0);
}

static double number_at(const json_t *result, const char *group, const char *key)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(result, "groups"), i, item)
    {
        if (strcmp(json_string_value(json_object_get(item, "name")), group) == 0)
            return json_number_value(json_object_get(item, key));
    }
    return -1;
}

START_TEST(instructor)
{
    drop_exercises();
    ck_assert_int_eq(
        shell("sed -i 's/^groups:.*/groups: {fifo: 60, pipe: 40, xsi: 5}/' cases/assignment.yaml &&"
              "'%s/ipcgrade' lint cases",
              build),
        0);
    ck_assert(is_said("there is no case in the group 'xsi'"));
    ck_assert_int_eq(shell("sed -i 's/^groups:.*/groups: {fifo: 60, pipe: 40}/' cases/assignment.yaml &&"
                           "printf 'title: It greets\\nsteps:\\n  - start: {p: [pipe_hello, you]}\\n  - "
                           "expect: {p: {stdout: \"child: "
                           "you\\\\n\"}}\\n' >cases/pipe/mine.yaml && '%s/ipcgrade' lint cases",
                           build),
                     0);
    ck_assert_int_eq(shell("'%s/ipcgrade' list --cases cases", build), 0);
    ck_assert(is_said("pipe/mine"));
    ck_assert(is_said("100 points"));
    ck_assert_int_eq(
        shell("for p in fifo_write fifo_read pipe_hello; do cp '%s/fixtures/reference/'$p.c student/; done;"
              "'%s/ipcgrade' grade student --cases cases --format json:result.json",
              top, build),
        0);
    json_t *result = json_load_file("result.json", 0, NULL);
    ck_assert_ptr_nonnull(result);
    ck_assert_double_eq(json_number_value(json_object_get(result, "score")), 100);
    ck_assert_double_eq(number_at(result, "fifo", "max_score"), 60);
    ck_assert_double_eq(number_at(result, "pipe", "max_score"), 40);
    ck_assert_double_eq(number_at(result, "coproc", "max_score"), -1);
    json_decref(result);
}
END_TEST

/* The skeletons build without a warning, and nothing but them is built. */
START_TEST(student)
{
    ck_assert_int_eq(shell("make -C student CFLAGS='-std=gnu17 -Wall -Wextra -Werror -g'"), 0);
    ck_assert_int_eq(shell("make -C student clean && test -z \"$(find student -type f ! -name '*.[ch]' ! "
                           "-name 'README*' ! -name Makefile ! -name .gitignore ! -path '*/.vscode/*')\""),
                     0);
}
END_TEST

/* Only DESTDIR is another one than in the build: with another PREFIX everything would be built anew. */
static void install(void)
{
    ck_assert_int_eq(shell("make -C '%s' install DEPS=no BUILD='%s' DESTDIR='%s/stage' && "
                           "ln -s \"$(dirname \"$(find stage -path '*/bin/ipcgrade')\")\" bin",
                           top, build, folder),
                     0);
}

/* Away from every checkout, with the program that PATH finds and the cases that are installed. */
START_TEST(student_with_an_installed_program)
{
    install();
    ck_assert_int_eq(shell("rm -r cases"), 0);
    setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1);
    ck_assert_int_eq(shell("cp '%s/fixtures/reference/pipe_hello.c' student/ && "
                           "PATH='%s/bin':$PATH make -C student check",
                           top, folder),
                     2); /* make's own: the skeletons get no points */
    ck_assert(is_said(" points"));
    ck_assert(is_said("cases passed"));
    ck_assert_int_eq(
        shell("PATH='%s/bin':$PATH && cd student && ipcgrade grade . --only 'pipe/hello_*'", folder), 0);
    /* A kit is the same as from the checkout. */
    ck_assert_int_eq(
        shell("PATH='%s/bin':$PATH && ipcgrade kit gitlab a && '%s/ipcgrade' kit gitlab b && diff -r a b",
              folder, build),
        0);
}
END_TEST

/* "A student's walk" in README.md: what is typed there, and what it prints. */
START_TEST(student_as_the_readme_tells)
{
    if (system("command -v git >/dev/null 2>&1") != 0)
        return;
    install();
    int status = shell(
        "rm -r cases && mkdir walk && cd walk && '%s/runner/tools/student_walk.sh' '%s' ../stage", top, top);
    ck_assert(status == 0 || is_said("nothing but what the README says"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("walks");
    TCase *tests = tcase_create("walks");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 900);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, instructor);
    tcase_add_test(tests, student);
    tcase_add_test(tests, student_with_an_installed_program);
    tcase_add_test(tests, student_as_the_readme_tells);
    return run_suite(suite);
}
