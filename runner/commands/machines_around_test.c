/* What may stand around a run and lacks nothing: a real make with its job server, and a Korean locale, compiled or not. (What a machine may lack: machines_test.c.) */
#include <locale.h>
#include <sys/wait.h>

#include "base/run_test.h"
#include "commands/machine_sample.h"

/* All cases that any machine can play have passed; the one that must has failed. */
static void assert_judged(const char *path)
{
    char letters[CASES + 1];
    cleanup_free char *text = text_in(path);
    json_error_t error;
    json_t *json = json_loads(text, 0, &error);
    ck_assert_msg(json != NULL, "%s: %s", path, error.text);
    letters_of(json, letters);
    for (size_t i = 0; i < CASES; i++) {
        bool must_fail = strcmp(ids[i], "c/stuck") == 0;
        bool may_skip = letters[i] == 's' && geteuid() != 0;
        ck_assert_msg(letters[i] == (must_fail ? 'F' : 'P') || may_skip, "%s: %s: %s", path, letters, text);
    }
    ck_assert_msg(!strstr(text, "jobserver"), "%s: %s", path, text);
    json_decref(json);
}

/* ---- make --------------------------------------------------------------------------------------------------------------------- */

static const char many_makefile[] =
    "grade = $(IPCGRADE) grade sub --cases cases --format json:$@.json || test $$? = 1\n"
    "all: with without beside\n"
    "with: ; +$(grade)\n"
    "without: ; $(grade)\n"
    "beside: ; +test $$(echo $(MAKEFLAGS) | grep -c jobserver) = 1\n";

/* Has nothing of what a make around this test has left to it. */
static int run_make(const char *makefile)
{
    cleanup_free char *command = NULL;
    write_file("many.mk", makefile);
    ck_assert_int_gt(
        asprintf(&command,
                 "env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u LANGUAGE LC_ALL=C IPCGRADE='%s' make -s -j3 "
                 "-f many.mk >make.out 2>&1 </dev/null",
                 program()),
        0);
    int status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A make that ends counts its tokens and says what is lost. With "+" a recipe is handed the job server, and what it starts could take tokens and keep them. */
START_TEST(a_make_keeps_its_tokens)
{
    int status = run_make(many_makefile);
    cleanup_free char *said = text_in("make.out");
    ck_assert_msg(status == 0 && !strstr(said, "jobserver") && !strstr(said, "INTERNAL"), "make: %d: %s",
                  status, said);
    assert_judged("with.json");
    assert_judged("without.json");
}
END_TEST

/* The test above would see it: who takes a token from the pipe or FIFO that MAKEFLAGS names, and keeps it. */
START_TEST(a_lost_token_is_told)
{
    run_make(
        "all: ; +@auth=$$(echo \"$$MAKEFLAGS\" | sed -n 's/.*--jobserver-auth=\\([^ ]*\\).*/\\1/p'); \\\n"
        "\tcase $$auth in fifo:*) exec 9<\"$${auth#fifo:}\";; *) eval \"exec 9<&$${auth%,*}\";; esac; \\\n"
        "\tdd bs=1 count=1 <&9 >token 2>dd.err\n");
    cleanup_free char *said = text_in("make.out"), *token = text_in("token");
    ck_assert_str_ne(token, "");
    ck_assert_msg(strstr(said, "jobserver"), "make: %s", said);
}
END_TEST

/* ---- a Korean locale ---------------------------------------------------------------------------------------------------------- */

static bool compile_locale(void)
{
    return mkdir("locales", 0755) == 0 &&
           system("localedef -f UTF-8 -i ko_KR locales/ko_KR.UTF-8 >localedef.out 2>&1") == 0;
}

static int run_in_korean(const char *locales)
{
    pid_t pid = fork();
    if (pid == 0) {
        unsetenv("LANGUAGE");
        setenv("LC_ALL", "ko_KR.UTF-8", 1);
        if (locales)
            setenv("LOCPATH", locales, 1);
        if (locales && !setlocale(LC_ALL, ""))
            _exit(NOT_MADE);
        execl(program(), program(), "grade", "sub", "--cases", "cases", "--format", "json:report.json",
              "--format", "terminal:report.txt", NULL);
        _exit(NOT_MADE);
    }
    return finish(pid);
}

/* Without the locale, which most machines that grade lack; then with it. */
START_TEST(reports_are_korean)
{
    cleanup_free char *locales = NULL;
    ck_assert_int_gt(asprintf(&locales, "%s/locales", folder), 0);
    if (_i == 1 && !compile_locale()) {
        test_skipped("reports_are_korean", "localedef, the source of ko_KR");
        return;
    }
    ck_assert_int_eq(run_in_korean(_i == 1 ? locales : NULL), 1);
    cleanup_free char *text = text_in("report.txt");
    ck_assert_msg(strstr(text, "실패") && strstr(text, "통과"), "%s", text);
    assert_judged("report.json");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("what stands around a run");
    TCase *tests = tcase_create("around");
    tcase_add_unchecked_fixture(tests, set_up_sample, tear_down);
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, a_make_keeps_its_tokens);
    tcase_add_test(tests, a_lost_token_is_told);
    tcase_add_loop_test(tests, reports_are_korean, 0, 2);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
