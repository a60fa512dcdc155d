/* The HTML report: its markup is judged by xmllint (the page is well-formed XML, too), its content by what stands outside of any script. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "report/html_made_up.h"

static int count_of(const char *text, const char *part)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        count++;
    return count;
}

/* The page without what a browser would run; scripts are no XML. */
static char *without_scripts(const char *page)
{
    char *copy = strdup(page), *begin, *end;
    ck_assert_ptr_nonnull(copy);
    while ((begin = strstr(copy, "<script"))) {
        ck_assert_ptr_nonnull(end = strstr(begin, "</script>"));
        end += strlen("</script>");
        memmove(begin, end, strlen(end) + 1);
    }
    return copy;
}

/* xmllint(1) is not ours, and knows where each element ends. */
static void assert_well_formed(const char *page)
{
    char name[] = "/tmp/ipcgrade-page-XXXXXX", command[128];
    int fd = mkstemp(name);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, page, strlen(page)), (ssize_t)strlen(page));
    close(fd);
    snprintf(command, sizeof command, "xmllint --nonet --noout %s", name);
    int status = system(command);
    unlink(name);
    ck_assert_int_eq(status, 0);
}

static void assert_page(const char *page)
{
    cleanup_free char *markup = without_scripts(page);
    assert_well_formed(markup);
    /* ours, and nobody else's */
    ck_assert_int_eq(count_of(page, "<script>"), 1);
    ck_assert_int_eq(count_of(page, "<style>"), 1);
    ck_assert_int_eq(count_of(page, "</html>"), 1);
    ck_assert_ptr_null(strstr(markup, "<img"));
    ck_assert_ptr_null(strstr(markup, " style="));
    ck_assert_ptr_null(strstr(markup, " onerror=\""));
}

START_TEST(everything_is_there_without_scripts)
{
    static const char *const parts[] = {"<h1>Pipes</h1>",
                                        "href=\"#case-0\">pipe/eof",
                                        ">failed</span>",
                                        "0 of 2.5 points",
                                        "Title of pipe/eof",
                                        "id=\"case-0\"",
                                        "expect: {p: {stdout: x}}",
                                        "After peer closed r (step 3) everything came to rest.",
                                        "p prints &quot;hel<mark>lo\\n</mark>&quot;",
                                        "p printed &quot;hel<mark>p\\n</mark>&quot;",
                                        "Close the write end.",
                                        "<code>pipe(7)</code>",
                                        "blocked in read(4)",
                                        "prog.c:77",
                                        "pipe([4, 5]) = 0",
                                        "read(4, ...",
                                        "FIFO <b>box</b>",
                                        NULL};
    cleanup_free char *page = page_of(A_FAILURE, 1, true), *markup = without_scripts(page);
    assert_page(page);
    assert_order(markup, parts);
}
END_TEST

/* default-src 'none' fetches nothing; only what is hashed is run. */
START_TEST(the_policy_is_strict)
{
    cleanup_free char *page = page_of(A_FAILURE, 1, true);
    const char *policy = strstr(page, "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';");
    ck_assert_ptr_nonnull(policy);
    ck_assert_ptr_nonnull(strstr(policy, "script-src 'sha256-"));
    ck_assert_ptr_nonnull(strstr(policy, "style-src 'sha256-"));
    ck_assert_ptr_null(strstr(page, "unsafe-"));
    ck_assert_ptr_null(strstr(page, "src=\""));
}
END_TEST

START_TEST(a_cut_run_is_told)
{
    cleanup_free char *page = page_of(A_FAILURE, 5, true);
    assert_page(page);
    ck_assert_ptr_nonnull(strstr(page, "This result is not whole: 1 of 5 cases have been judged."));
}
END_TEST

START_TEST(a_failed_build_is_told)
{
    cleanup_free char *page = page_of("", 3, false);
    assert_page(page);
    ck_assert_ptr_nonnull(strstr(page, "x.c:3:1: error: expected &#39;;&#39;"));
}
END_TEST

START_TEST(a_hidden_case_is_told_only_as_such)
{
    struct result result = made_up(A_FAILURE, 1, true);
    case_result_hide(&result.cases[0], 1);
    cleanup_free char *page = page_on(&result);
    assert_page(page);
    ck_assert_ptr_nonnull(strstr(page, "pipe/hidden-1"));
    ck_assert_ptr_null(strstr(page, "pipe/eof"));
    ck_assert_ptr_null(strstr(page, "Close the write end"));
    ck_assert_ptr_null(strstr(page, "prog.c"));
    result_free(&result);
}
END_TEST

/* ---- hostile texts ------------------------------------------------------------------------------------------------------- */

static void fill(char **const *fields, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        result_set(fields[i], text);
}

/* Every text of the case that comes from outside. */
static void make_hostile(struct result *result, const char *text)
{
    struct case_result *one = &result->cases[0];
    struct failure *failure = &one->failures[0];
    char **const fields[] = {&result->assignment[0],
                             &result->submission,
                             &result->groups[0].name,
                             &one->id,
                             &one->group,
                             &one->title[0],
                             &one->hint[0],
                             &one->see[0],
                             &one->reason,
                             &one->file,
                             &failure->step_text,
                             &failure->cause,
                             &failure->expected,
                             &failure->seen,
                             &one->actors[0].name,
                             &one->deadlock,
                             &one->actors[0].state,
                             &one->actors[0].program,
                             &one->actors[0].at.file,
                             &one->events[0].text,
                             &one->events[0].at.file,
                             &one->left[0].kind,
                             &one->left[0].name,
                             &one->left[0].about,
                             &one->left[0].made_by};
    fill(fields, sizeof fields / sizeof *fields, text);
}

START_TEST(no_text_breaks_out)
{
    struct result result = made_up(A_FAILURE, 1, true);
    make_hostile(&result, hostile[_i]);
    cleanup_free char *page = page_on(&result);
    assert_page(page);
    ck_assert_ptr_null(strstr(page, hostile[_i]));
    for (const char *c = page; *c; c++)
        ck_assert_msg((unsigned char)*c >= ' ' || *c == '\n', "the control byte %d is in the page", *c);
    result_free(&result);
}
END_TEST

/* And none of it is half a character. */
START_TEST(a_megabyte_is_cut)
{
    enum { MEGABYTE = 1 << 20, MOST = 2 << 20 };
    struct result result = made_up(A_FAILURE, 1, true);
    cleanup_free char *much = calloc(MEGABYTE + 1, 1);
    ck_assert_ptr_nonnull(much);
    memset(much, '-', MEGABYTE);
    for (size_t i = 1; i + 3 < MEGABYTE; i += 3)
        much[i] = '\xea', much[i + 1] = '\xb0', much[i + 2] = '\x80';
    result_set(&result.cases[0].failures[0].seen, much);
    cleanup_free char *page = page_on(&result);
    assert_page(page);
    ck_assert_ptr_nonnull(strstr(page, " ... (1048576 bytes)"));
    ck_assert_uint_lt(strlen(page), MOST);
    result_free(&result);
}
END_TEST

/* ---- the diagram --------------------------------------------------------------------------------------------------------- */

START_TEST(the_diagram_tells_who_gave_what_to_whom)
{
    cleanup_free char *page = page_of(A_TALK, 1, true);
    assert_page(page);
    ck_assert_int_eq(count_of(page, "<g class=\"lane\""), 2);
    ck_assert_int_eq(count_of(page, "<a class=\"call"), 3);
    ck_assert_int_eq(count_of(page, "href=\"#case-0-call-2\""), 1);
    ck_assert_int_eq(count_of(page, "id=\"case-0-call-2\""), 1);
    ck_assert_ptr_nonnull(strstr(
        page,
        "class=\"arrow carried\" role=\"img\" data-from=\"1\" data-to=\"0\"><title>3 bytes through box"));
    ck_assert_int_eq(count_of(page, "class=\"arrow carried\""), 1);
    ck_assert_int_eq(count_of(page, "<rect class=\"wait\""), 1);
    ck_assert_int_eq(count_of(page, "<rect class=\"wait bad\""), 1);
    ck_assert_ptr_nonnull(strstr(
        page,
        "class=\"arrow circle\" role=\"img\" data-from=\"0\" data-to=\"1\"><title>read: waits for peer"));
    ck_assert_ptr_nonnull(strstr(
        page, "class=\"arrow circle\" role=\"img\" data-from=\"1\" data-to=\"0\"><title>read: waits for p"));
    ck_assert_ptr_nonnull(strstr(page, "class=\"left\">left behind: FIFO box</text>"));
    ck_assert_ptr_nonnull(strstr(page, "step 4 fails here"));
}
END_TEST

/* A giver that is not there, a process that nobody has told of. */
START_TEST(what_does_not_fit_is_not_drawn)
{
    struct result result = made_up(A_TALK, 1, true);
    result.cases[0].events[1].giver = 77;
    result.cases[0].events[1].began = 77;
    result.cases[0].events[2].actor = -1;
    result.cases[0].waits[0].helpers[0].wait = 77;
    cleanup_free char *page = page_on(&result);
    assert_page(page);
    ck_assert_int_eq(count_of(page, "class=\"arrow carried\""), 0);
    ck_assert_int_eq(count_of(page, "class=\"arrow circle\""), 1);
    result_free(&result);
}
END_TEST

/* Only what lies below the submission is shown, and no link is followed. */
START_TEST(sources_are_the_submissions_own)
{
    if (call_is_missing(SYS_openat2)) {
        test_skipped("sources are the submission's own", "openat2(2)");
        return;
    }
    char folder[] = "/tmp/ipcgrade-sources-XXXXXX", command[256];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(command, sizeof command,
             "cd %s && mkdir sub && printf 'int one;\\n</script>two\\n' >sub/prog.c && echo secret >secret "
             "&& ln -s ../secret sub/link.c",
             folder);
    ck_assert_int_eq(system(command), 0);
    for (int i = 0; i < 3; i++) {
        static const char *const files[] = {"prog.c", "link.c", "../secret"};
        struct result result = made_up(A_TALK, 1, true);
        snprintf(command, sizeof command, "%s/sub", folder);
        result_set(&result.submission, command);
        result_set(&result.cases[0].events[1].at.file, files[i]);
        cleanup_free char *page = page_on(&result);
        assert_page(page);
        ck_assert_int_eq(
            count_of(page, "{\"prog.c\":{\"1\":\"int one;\",\"2\":\"\\u003c/script\\u003etwo\"}}"), i == 0);
        ck_assert_int_eq(count_of(page, "secret\"}"), 0);
        result_free(&result);
    }
    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

/* Worth nothing, so there is no word of points. */
START_TEST(a_run_is_no_case)
{
    struct result result = made_up(A_TALK, 1, true);
    result_set(&result.cases[0].title[0], NULL);
    result.cases[0].max_score = 0;
    result.cases[0].failure_count = 0;
    cleanup_free char *page = page_on(&result), *markup = without_scripts(page);
    result.cases[0].failure_count = 1; /* to be let go of */
    assert_page(page);
    ck_assert_ptr_nonnull(strstr(markup, "errors were found"));
    ck_assert_ptr_nonnull(strstr(markup, "<svg "));
    ck_assert_ptr_null(strstr(markup, " points"));
    result_free(&result);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("html");
    TCase *tests = tcase_create("html");
    suite_add_tcase(suite, tests);
    tcase_add_checked_fixture(tests, use_utf8, NULL);
    tcase_add_test(tests, everything_is_there_without_scripts);
    tcase_add_test(tests, the_policy_is_strict);
    tcase_add_test(tests, a_cut_run_is_told);
    tcase_add_test(tests, a_failed_build_is_told);
    tcase_add_test(tests, a_hidden_case_is_told_only_as_such);
    tcase_add_loop_test(tests, no_text_breaks_out, 0, sizeof hostile / sizeof *hostile);
    tcase_add_test(tests, a_megabyte_is_cut);
    tcase_add_test(tests, the_diagram_tells_who_gave_what_to_whom);
    tcase_add_test(tests, what_does_not_fit_is_not_drawn);
    tcase_add_test(tests, a_run_is_no_case);
    tcase_add_test(tests, sources_are_the_submissions_own);
    return run_suite(suite);
}
