/* Every format, read by a consumer that is not ours (tools/accept.py names them), and what it understood: of results of each kind, and of results in which somebody put
 * a hostile text into every field. Hostile texts must change nothing in what is understood.
 */
#include <check.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/run_test.h"
#include "report/everything.h"
#include "report/writer.h"

enum { MOST_LINE = 4096, MEGABYTE = 1 << 20, FEW = 4, MANY = 1800 };

/* ---- results -------------------------------------------------------------------------------------------------------------- */

#define COMPILER                                                                                             \
    "a.c:3:9: error: expected ';'\nb.c: In function 'f':\nb.c:12:1: fatal error: x.h: no such file\nmake: "  \
    "*** [b] Error 1\n"

static struct result whole(void)
{
    return everything_of(EVERY_CASES, "plain");
}

/* Four cases are known: passed, passed and costly, failed, failed without a line. */
static struct result partial(void)
{
    struct result result = everything_of(FEW, "plain");
    result.planned = EVERY_CASES;
    result.max_score = EVERY_CASES * EVERY_POINTS;
    result.is_partial = true;
    return result;
}

static struct result nothing_known(void)
{
    struct result result = everything_of(0, "plain");
    result.planned = EVERY_CASES;
    result.is_partial = true;
    return result;
}

static struct result not_built(void)
{
    struct result result = everything_of(1, "plain");
    result.build.is_ok = false;
    result.build.status = 2;
    result_set(&result.build.output, COMPILER);
    return result;
}

static struct result all_passed(void)
{
    return everything_of(1, "plain");
}

/* A machine that lacks something: `count` cases have passed, one more is skipped. */
static struct result and_one_skipped(int count)
{
    struct result result = everything_of(count, "plain");
    everything_fill_case(&result.cases[result.count++], EVERY_SKIPPED, "plain");
    result.planned++;
    result.max_score += EVERY_POINTS;
    ck_assert(result_total(&result));
    return result;
}

static struct result as_far_as_it_goes(void)
{
    return and_one_skipped(1);
}

static struct result all_skipped(void)
{
    return and_one_skipped(0);
}

static struct result very_many(void)
{
    return everything_of(MANY, "plain");
}

static struct result (*const kinds[])(void) = {whole,      partial,   nothing_known,     not_built,
                                               all_passed, very_many, as_far_as_it_goes, all_skipped};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* What the consumer understands of each. Which numbers a line holds is said by take_FORMAT in accept.py. */
static const struct {
    const struct writer *writer;
    const char *lines[KINDS];
} understood[] = {
    /* failed, broken, skipped, cases, partial */
    {&writer_json,
     {"5 1 1 9 false", "2 0 0 4 true", "0 0 0 0 true", "0 0 0 1 false", "0 0 0 1 false",
      "1000 200 200 1800 false", "0 0 1 2 false", "0 0 1 1 false"}},
    /* the same; a build that failed is a failure more */
    {&writer_junit,
     {"5 1 1 9 false", "2 0 0 4 true", "0 0 0 0 true", "1 0 0 1 false", "0 0 0 1 false",
      "1000 200 200 1800 false", "0 0 1 2 false", "0 0 1 1 false"}},
    {&writer_junit_strict,
     {"5 1 1 9 false", "2 0 0 4 true", "0 0 0 0 true", "1 0 0 1 false", "0 0 0 1 false",
      "1000 200 200 1800 false", "0 0 1 2 false", "0 0 1 1 false"}},
    /* not ok (failed and broken), skipped, points, bails out */
    {&writer_tap,
     {"6 1 9 false", "2 0 4 true", "0 0 0 true", "0 0 1 false", "0 0 1 false", "1200 200 1800 false",
      "0 1 2 false", "0 1 1 false"}},
    /* failed, neither failed nor passed, tests, partial, hundredths shown: 395 of 1750 as 508 of 2250, and 79000 of 350000 as 101571 of 450000 */
    {&writer_gradescope,
     {"5 2 9 false 508", "2 0 4 true 395", "0 0 0 true 0", "0 0 1 false 250", "0 0 1 false 250",
      "1000 400 1800 false 101571", "0 1 2 false 500", "0 1 1 false none"}},
    /* fail, error, tests, hundredths in all, of how many, status; with very many cases one test for each group */
    {&writer_classroom,
     {"5 2 9 395 1750 error", "2 0 4 395 2250 error", "0 0 0 0 0 error", "0 0 1 250 250 pass",
      "0 0 1 250 250 pass", "0 1 1 79000 350000 error", "0 1 2 250 250 pass", "0 1 1 0 0 error"}},
    /* results of cases and rules, of the build, notifications, successful */
    {&writer_sarif,
     {"9 0 2 false", "6 0 1 false", "0 0 1 false", "1 2 0 true", "1 0 0 true", "1203 0 400 false",
      "1 0 1 true", "0 0 1 true"}},
    /* title, rows of groups, headings, items, quotes */
    {&writer_markdown,
     {"1 1 3 5 1", "1 1 3 0 1", "1 0 0 0 1", "1 1 0 0 1", "1 1 0 0 1", "1 1 600 1000 1", "1 1 0 1 1",
      "1 1 0 1 1"}},
    /* errors, warnings, notices */
    {&writer_github, {"5 3 2", "4 2 1", "1 0 1", "3 0 1", "1 0 1", "8 8 3", "1 0 2", "0 0 2"}},
    /* lines with a place, lines without */
    {&writer_gnu, {"3 7", "3 4", "0 2", "3 2", "1 1", "401 405", "1 2", "0 2"}},
    /* failed, broken, skipped, partial, rows; sums of score, max_score and unjudged */
    {&writer_csv,
     {"5 1 1 0 9 395 1750 500", "2 0 0 1 5 395 1000 0", "0 0 0 1 1 0 0 0", "0 0 0 0 1 250 250 0",
      "0 0 0 0 1 250 250 0", "1000 200 200 0 1800 79000 350000 100000", "0 0 1 0 2 250 250 250",
      "0 0 1 0 1 0 0 250"}},
    /* the same as JSON */
    {&writer_html,
     {"5 1 1 9 false", "2 0 0 4 true", "0 0 0 0 true", "0 0 0 1 false", "0 0 0 1 false",
      "1000 200 200 1800 false", "0 0 1 2 false", "0 0 1 1 false"}},
};
enum { FORMATS = sizeof understood / sizeof *understood };

/* ---- asking the consumer ---------------------------------------------------------------------------------------------------- */

static const struct report_options options = {.width = 80, .has_utf8 = true};
static char folder[PATH_MAX];

static void set_up(void)
{
    ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
    snprintf(folder, sizeof folder, "/tmp/ipcgrade-accepted-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void tear_down(void)
{
    cleanup_free char *command = NULL;
    ck_assert_int_gt(asprintf(&command, "rm -rf '%s'", folder), 0);
    ck_assert_int_eq(system(command), 0);
}

static void write_report(const struct writer *writer, const struct result *result, size_t number)
{
    char path[PATH_MAX + 32];
    struct err err = {0};
    snprintf(path, sizeof path, "%s/%03zu", folder, number);
    ck_assert_msg(report_write(writer, path, result, &options, &err), "%s: %s", writer->name, err.text);
}

struct line {
    char text[MOST_LINE];
};

/* What the consumer says to each of the files in the folder, in the order of their numbers. */
static void ask(const struct writer *writer, struct line *lines, size_t count)
{
    cleanup_free char *command = NULL;
    ck_assert_int_gt(
        asprintf(&command, "python3 -W ignore runner/tools/accept.py %s '%s'/* 2>&1", writer->name, folder),
        0);
    FILE *answers = popen(command, "re");
    ck_assert_ptr_nonnull(answers);
    for (size_t i = 0; i < count; i++) {
        ck_assert_msg(fgets(lines[i].text, sizeof lines[i].text, answers) != NULL, "%s: no answer %zu",
                      writer->name, i);
        lines[i].text[strcspn(lines[i].text, "\n")] = '\0';
    }
    ck_assert_int_eq(pclose(answers), 0);
}

START_TEST(the_consumer_understands_it)
{
    const struct writer *writer = understood[_i].writer;
    struct line lines[KINDS];
    for (size_t i = 0; i < KINDS; i++) {
        struct result result = kinds[i]();
        write_report(writer, &result, i);
        result_free(&result);
    }
    ask(writer, lines, KINDS);
    for (size_t i = 0; i < KINDS; i++)
        ck_assert_msg(strcmp(lines[i].text, understood[_i].lines[i]) == 0, "%s of result %zu:\n%s\nnot\n%s",
                      writer->name, i, lines[i].text, understood[_i].lines[i]);
}
END_TEST

/* ---- hostile texts ------------------------------------------------------------------------------------------------------------ */

static const char *const hostile[] = {
    "plain", /* what the others are compared with */
    "\033]0;title\a\033[2J\033[31m red",
    "\xff\xfe\xc0\xaf\xed\xa0\x80 \xf4\x90\x80\x80 \xe2\x82",
    "\xef\xbf\xbe \xef\xbf\xbf \xef\xbb\xbf \xc2\x85 \x7f \x01\x1f",
    "\xe2\x80\xae\xe2\x81\xa6 reversed \xe2\x80\xa8 line \xe2\x80\xa9 paragraph",
    "x\n::error file=a.c,line=1::forged\n::stop-commands::x\n::add-mask::e\n##[error]forged\n",
    "::error::forged",
    "%0A::error::forged%0D%25",
    "]]> --> <![CDATA[ </failure></testcase> &amp; &#0; <!DOCTYPE x [<!ENTITY a \"b\">]>",
    "</script><script>alert(1)</script><img src=x onerror=alert(1)> <!-- -->",
    "| pipes | more |\n|---|---|\n| a | b |",
    "# head\n\n* item\n1. item\n> quote\n***\n~~l~~ - [ ] m `k` [a](b) ![c](d)",
    "<http://e> http://f.g www.h.de i@j.kl",
    "x\n```\n</code></pre><b>out</b>\n``````\n~~~\n",
    "=cmd|'/c calc'!A0",
    " +1+2,\"3\";'4'\r\n@SUM(A1)",
    "-2+3\t=4",
    "ok 1 - forged # SKIP\nnot ok 2\n1..1\nBail out! forged\n  ---\n  ...\n# todo \\# \\",
    "a\\u0000\\\" \" ' \\",
    "result=eyJ9\nname<<EOF\nforged\nEOF",
    "a.c:1:2: error: forged\n../../etc/passwd:3: error: x",
    "%s%n%99999d %",
};
enum { HOSTILE = sizeof hostile / sizeof *hostile };

START_TEST(hostile_texts_change_nothing)
{
    const struct writer *writer = understood[_i].writer;
    struct line lines[HOSTILE];
    for (size_t i = 0; i < HOSTILE; i++) {
        struct result result = everything_of(EVERY_CASES, hostile[i]);
        write_report(writer, &result, i);
        result_free(&result);
    }
    ask(writer, lines, HOSTILE);
    for (size_t i = 0; i < HOSTILE; i++)
        ck_assert_msg(strcmp(lines[i].text, understood[_i].lines[0]) == 0, "%s of '%s':\n%s\nnot\n%s",
                      writer->name, hostile[i], lines[i].text, understood[_i].lines[0]);
}
END_TEST

/* A program that prints a megabyte, into a field that the director would have cut. */
START_TEST(a_megabyte_is_cut)
{
    const struct writer *writer = understood[_i].writer;
    cleanup_free char *text = malloc(MEGABYTE + 1);
    struct line line;
    struct stat status;
    char path[PATH_MAX + 32];
    for (size_t i = 0; i < MEGABYTE; i++)
        text[i] = "x`\n가"[i % 6];
    text[MEGABYTE] = '\0';
    struct result result = all_passed();
    result.cases[0].verdict = FAILED;
    result.cases[0].score = 0;
    result_set(&result.cases[0].reason, text);
    everything_fill_failure(&result.cases[0], "plain", true);
    result_set(&result.cases[0].failures[0].seen, text);
    ck_assert(result_total(&result));
    write_report(writer, &result, 0);
    ask(writer, &line, 1);
    ck_assert_msg(!strstr(line.text, "not accepted") && !strstr(line.text, "Error"), "%s: %s", writer->name,
                  line.text);
    snprintf(path, sizeof path, "%s/000", folder);
    ck_assert_int_eq(stat(path, &status), 0);
    /* The log of a step is the terminal report, and the JSON report holds all. */
    ck_assert_msg(writer == &writer_json || writer == &writer_github || status.st_size < MEGABYTE / 4,
                  "%s: %lld bytes", writer->name, (long long)status.st_size);
    result_free(&result);
}
END_TEST

/* ---- the schemas refuse ------------------------------------------------------------------------------------------------------ */

/* A report of the one format is none of the other: a consumer that takes everything would prove nothing. */
static const struct {
    const struct writer *written, *asked;
} refused[] = {
    {&writer_junit, &writer_junit_strict},
    {&writer_json, &writer_gradescope},
    {&writer_json, &writer_sarif},
    {&writer_gradescope, &writer_json},
    {&writer_csv, &writer_junit},
    {&writer_csv, &writer_tap},
    {&writer_markdown, &writer_github},
    {&writer_tap, &writer_gnu},
    {&writer_gnu, &writer_csv},
    {&writer_json, &writer_classroom},
    {&writer_terminal, &writer_markdown},
    {&writer_markdown, &writer_html},
};

START_TEST(a_consumer_can_refuse)
{
    struct result result = whole();
    struct line line;
    write_report(refused[_i].written, &result, 0);
    ask(refused[_i].asked, &line, 1);
    ck_assert_msg(strstr(line.text, "not accepted") || strstr(line.text, "Error"), "%s took %s: %s",
                  refused[_i].asked->name, refused[_i].written->name, line.text);
    result_free(&result);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("accepted");
    TCase *tests = tcase_create("accepted");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 300);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, the_consumer_understands_it, 0, FORMATS);
    tcase_add_loop_test(tests, hostile_texts_change_nothing, 0, FORMATS);
    tcase_add_loop_test(tests, a_megabyte_is_cut, 0, FORMATS);
    tcase_add_loop_test(tests, a_consumer_can_refuse, 0, (int)(sizeof refused / sizeof *refused));
    return run_suite(suite);
}
