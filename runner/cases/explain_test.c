/* explain and the reference: both come from the tables, so the tables are what they are compared with. */
#include "cases/explain.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/run_test.h"
#include "cases/facts.h"
#include "cases/memory_case.h"
#include "cases/reference.h"
#include "cases/settings.h"
#include "cases/start.h"
#include "cases/step.h"

enum { TEXT_MAX = 512 * 1024 };

static char *explained(const struct memory_case *loaded, enum language language)
{
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);
    ck_assert(explain_case(to, &loaded->scenario, language));
    fclose(to);
    return text;
}

static void has(const char *text, const char *piece)
{
    ck_assert_msg(strstr(text, piece) != NULL, "'%s' is missing in:\n%s", piece, text);
}

START_TEST(keys_of_files)
{
    static const char yaml[] = "title: A queue by ftok\n"
                               "given: {kf: file, k: {is: ftok, path: kf, id: 7}, q: {is: queue, key: <k>}}\n"
                               "steps:\n"
                               "  - start: {p: [msg_ftok, kf, <k>]}\n"
                               "  - expect: {q: {count: 1}}\n";
    struct memory_case loaded;
    memory_case_load_text(&loaded, yaml);
    ck_assert(loaded.is_right);
    char *text = explained(&loaded, ENGLISH);
    has(text, "k: key of a file, with 7, of the file kf");
    has(text, "q: message queue, with the key k");
    has(text, "p is started: msg_ftok kf \"<k>\"");
    free(text);
    memory_case_free(&loaded);
}
END_TEST

START_TEST(a_case_in_prose)
{
    static const char yaml[] =
        "title: {en: A writer waits, ko: 쓰는 쪽이 기다린다}\n"
        "points: 3\n"
        "needs: fifo/first\n"
        "see: [fifo(7), open(2)]\n"
        "hint: Open for writing only.\n"
        "given: {box: {is: fifo, mode: 0640}}\n"
        "steps:\n"
        "  - start: {writer: {run: [fifo_write, box, \"two words\"], stdin: closed}}\n"
        "  - expect: {writer: {blocks: {open: box}, stdout: \"\"}, box: {mode: 0640}}\n"
        "    cost: 0.5\n"
        "    hint: Look at the flags.\n"
        "  - do: {peer: {open: box, flags: O_NONBLOCK, as: r}}\n"
        "  - signal: {writer: SIGTERM}\n"
        "  - expect: {writer: {killed: [SIGTERM, SIGPIPE], stderr: {contains: bye}}}\n"
        "may_be_left: box\n";
    static const char *const pieces[] = {
        "A writer waits\n",
        "Points: 3\n",
        "Needs: fifo/first\n",
        "Read: fifo(7), open(2)\n",
        "Program: fifo_write\n",
        "box: FIFO",
        "mode 0640",
        "  1. writer is started: fifo_write box \"two words\"; its standard input is closed.\n",
        "writer is blocked opening FIFO box; writer prints nothing; FIFO box has mode 0640. Otherwise",
        "Otherwise it costs 0.5",
        "If it fails: Look at the flags.\n",
        "peer opens FIFO box (flags O_NONBLOCK, as r).\n",
        "writer gets SIGTERM.\n",
        "writer is killed by SIGTERM or SIGPIPE",
        "writer prints on standard error something that contains \"bye\"",
        "These may remain or go: box.\n",
        "Hint: Open for writing only.\n",
    };
    struct memory_case loaded;
    memory_case_load_text(&loaded, yaml);
    ck_assert(loaded.is_right);
    cleanup_free char *english = explained(&loaded, ENGLISH), *korean = explained(&loaded, KOREAN);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        has(english, pieces[i]);
    has(korean, "쓰는 쪽이 기다린다\n");
    has(korean, "Hint: Open for writing only.\n"); /* there is no Korean one */
    memory_case_free(&loaded);
}
END_TEST

START_TEST(a_writer_that_fails_is_told)
{
    struct memory_case loaded;
    memory_case_load_text(&loaded, "title: t\nsteps:\n  - start: {p: [prog]}\n");
    cleanup_file FILE *full = fopen("/dev/full", "we");
    setvbuf(full, NULL, _IONBF, 0);
    ck_assert(!explain_case(full, &loaded.scenario, ENGLISH));
    memory_case_free(&loaded);
}
END_TEST

static char *reference(void)
{
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);
    reference_write(to);
    fclose(to);
    return text;
}

static void has_word(const char *text, const char *word)
{
    char quoted[80];
    snprintf(quoted, sizeof quoted, "`%s", word);
    has(text, quoted);
}

/* The first member of each row is its word. */
static void has_rows(const char *text, const void *rows, size_t size)
{
    for (const char *row = rows; *(const char *const *)row; row += size)
        has_word(text, *(const char *const *)row);
}

START_TEST(every_word_stands_in_the_reference)
{
    cleanup_free char *text = reference();
    has_rows(text, case_keys, sizeof *case_keys);
    has_rows(text, step_keys, sizeof *step_keys);
    has_rows(text, start_options, sizeof *start_options);
    has_rows(text, assignment_keys, sizeof *assignment_keys);
    has_rows(text, facts, sizeof *facts);
    has_rows(text, limit_rows, sizeof *limit_rows);
    has_rows(text, rule_rows, sizeof *rule_rows);
    for (const struct mechanism *const *m = vocabulary; *m; m++) {
        for (const struct kind_row *row = (*m)->kinds; row && row->word; row++) {
            has_word(text, row->word);
            if (row->states)
                has_rows(text, row->states, sizeof *row->states);
        }
        for (const struct deed_row *row = (*m)->deeds; row && row->word; row++) {
            has_word(text, row->word);
            has(text, row->law);
            if (row->params)
                has_rows(text, row->params, sizeof *row->params);
        }
    }
}
END_TEST

/* Made with `ipcgrade reference`; the manual and the program must say the same. */
START_TEST(the_manual_is_up_to_date)
{
    static const char begin[] = "<!-- reference: begin -->\n", end[] = "<!-- reference: end -->\n";
    cleanup_bytes struct bytes manual = {0};
    cleanup_file FILE *file = fopen("cases/README.md", "re");
    ck_assert(file != NULL);
    char block[4096];
    for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;)
        ck_assert(bytes_add(&manual, block, got, TEXT_MAX));
    const char *from = strstr(bytes_text(&manual), begin), *to = strstr(bytes_text(&manual), end);
    ck_assert(from && to && from < to);
    from += strlen(begin);
    cleanup_free char *now = reference();
    ck_assert_msg(strlen(now) == (size_t)(to - from) && strncmp(from, now, strlen(now)) == 0,
                  "the reference in cases/README.md is not what `ipcgrade reference` prints now");
}
END_TEST

/* The worked examples of the manual are whole cases, and load. */
START_TEST(the_examples_of_the_manual_load)
{
    cleanup_bytes struct bytes manual = {0};
    cleanup_file FILE *file = fopen("cases/README.md", "re");
    ck_assert(file != NULL);
    char block[4096];
    for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;)
        ck_assert(bytes_add(&manual, block, got, TEXT_MAX));
    static const char fence[] = "```yaml\ntitle:";
    int count = 0;
    for (const char *at = bytes_text(&manual); (at = strstr(at, fence)); count++) {
        at += strlen("```yaml\n");
        const char *end = strstr(at, "\n```");
        ck_assert_ptr_nonnull(end);
        struct memory_case loaded;
        memory_case_load(&loaded, at, (size_t)(end - at) + 1);
        ck_assert_msg(loaded.is_right, "%.*s\n%s", (int)(end - at), at,
                      loaded.complaints.count ? loaded.complaints.items[0].text : "");
        memory_case_free(&loaded);
        at = end;
    }
    ck_assert_int_ge(count, 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("explain");
    TCase *tests = tcase_create("explain");
    tcase_add_test(tests, a_case_in_prose);
    tcase_add_test(tests, keys_of_files);
    tcase_add_test(tests, a_writer_that_fails_is_told);
    tcase_add_test(tests, every_word_stands_in_the_reference);
    tcase_add_test(tests, the_manual_is_up_to_date);
    tcase_add_test(tests, the_examples_of_the_manual_load);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
