/* What the terminal report shows of a submission that does not build: of all that make and the compiler have printed,
 * what the student needs.
 */
#include "report/made_up.h"

START_TEST(the_compiler_is_quoted)
{
    struct result result =
        made_up(CASE("pipe/a", "failed", "0", "\"prog: was not built\"", NO_EVENTS), 1, false);
    char *text = report_on(&result, plain);
    const char *const parts[] = {"does not build", "status 2", "x.c:3:1: error: expected ';'",
                                 "was not built", NULL};
    assert_order(text, parts);
    free(text);
    result_free(&result);
}
END_TEST

/* What make -k prints: commands, warnings, and between them what failed. */
static const char long_build[] = "cc -o a a.c\n"
                                 "a.c: In function 'main':\n"
                                 "a.c:4:9: warning: unused variable 'w' [-Wunused-variable]\n"
                                 "    4 |     int w;\n"
                                 "a.c:5:3: error: expected ';' before 'return'\n"
                                 "    5 |   x()\n"
                                 "      |   ^\n"
                                 "make: *** [Makefile:26: a] Error 1\n"
                                 "cc -o b b.c\n"
                                 "cc -o c c.c\n"
                                 "c.c:7:1: error: unknown type name 'itn'\n"
                                 "    7 | itn x;\n"
                                 "make: *** [Makefile:26: c] Error 1\n";

static char *report_of_build(const char *output)
{
    struct result result =
        made_up(CASE("pipe/a", "failed", "0", "\"prog: was not built\"", NO_EVENTS), 1, false);
    result_set(&result.build.output, output);
    char *text = report_on(&result, plain);
    result_free(&result);
    return text;
}

START_TEST(of_a_build_only_what_failed_is_shown)
{
    static const char *const left_out[] = {"warning", "cc -o", "int w;", "itn x;", "In function"};
    const char *const parts[] = {"does not build",
                                 "a.c:5:3: error: expected ';' before 'return'\n",
                                 "5 |   x()\n",
                                 "make: *** [Makefile:26: a] Error 1\n",
                                 "unknown type name 'itn'",
                                 "[Makefile:26: c] Error 1\n",
                                 "the rest is left out",
                                 NULL};
    cleanup_free char *text = report_of_build(long_build);
    assert_order(text, parts);
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
        ck_assert_msg(!strstr(text, left_out[i]), "%s in:\n%s", left_out[i], text);
}
END_TEST

START_TEST(a_build_that_fails_without_a_word_shows_its_end)
{
    cleanup_free char *text = report_of_build("one\nsh: gcc: not found\n");
    const char *const parts[] = {"one\n", "sh: gcc: not found\n", NULL};
    assert_order(text, parts);
    ck_assert_ptr_null(strstr(text, "the rest is left out"));
}
END_TEST

START_TEST(a_build_with_a_thousand_errors_is_cut)
{
    cleanup_bytes struct bytes output = {0};
    size_t lines = 0;
    for (int i = 0; i < 1000; i++)
        bytes_print(&output, "a.c:%d:1: error: stray\n%s", i,
                    i == 500 ? "make: *** [Makefile:2: a] Error 1\n" : "");
    cleanup_free char *text = report_of_build(bytes_text(&output));
    for (const char *at = text; (at = strstr(at, ": error: stray")) != NULL; at++)
        lines++;
    ck_assert_uint_gt(lines, 10);
    ck_assert_uint_lt(lines, 40);
    ck_assert_ptr_nonnull(strstr(text, "make: *** [Makefile:2: a] Error 1")); /* it says which program */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("terminal build");
    TCase *tests = tcase_create("terminal build");
    suite_add_tcase(suite, tests);
    tcase_add_checked_fixture(tests, use_utf8, NULL);
    tcase_add_test(tests, the_compiler_is_quoted);
    tcase_add_test(tests, of_a_build_only_what_failed_is_shown);
    tcase_add_test(tests, a_build_that_fails_without_a_word_shows_its_end);
    tcase_add_test(tests, a_build_with_a_thousand_errors_is_cut);
    return run_suite(suite);
}
