/* Texts: parts, references, escapes, patterns. */
#include "cases/pattern.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/run_test.h"
#include "base/text.h"
#include "cases/memory_case.h"

/* A case whose last step expects, or sends, the given YAML. */
static void load(struct memory_case *loaded, const char *step)
{
    char text[1024];
    snprintf(text, sizeof text,
             "title: t\ngiven: {box: fifo, q: queue}\nsteps:\n  - start: {p: [prog, box, <q>]}\n  - %s\n",
             step);
    memory_case_load_text(loaded, text);
}

static const struct pattern *expected(const struct memory_case *loaded)
{
    ck_assert_msg(loaded->is_right, "%s", loaded->complaints.count ? loaded->complaints.items[0].text : "");
    return &loaded->scenario.steps[1].alternatives[0].items[0].looks[0].facts[0].value.pattern;
}

START_TEST(a_text_is_cut_into_parts)
{
    struct memory_case loaded;
    load(&loaded, "expect: {p: {stdout: \"a<q.id>b<<word> <int>1 < 2 <X> <q\\0\"}}");
    const struct text *text = expected(&loaded)->texts.texts;
    static const struct {
        enum part_kind kind;
        const char *bytes;
        size_t len;
    } rows[] = {
        {PART_BYTES, "a", 1},       {PART_REF, NULL, 0},  {PART_BYTES, "b", 1},
        {PART_BYTES, "<word> ", 7}, {PART_WILD, NULL, 0}, {PART_BYTES, "1 < 2 <X> <q", 13},
    };
    ck_assert_uint_eq(text->count, sizeof rows / sizeof *rows);
    for (size_t i = 0; i < text->count; i++) {
        ck_assert_int_eq(text->parts[i].kind, rows[i].kind);
        ck_assert_uint_eq(text->parts[i].len, rows[i].len);
        if (rows[i].bytes)
            ck_assert_int_eq(memcmp(text->parts[i].data, rows[i].bytes, rows[i].len), 0);
    }
    ck_assert_str_eq(loaded.scenario.names[text->parts[1].name].word, "q");
    ck_assert_int_eq(text->parts[1].what, REF_ID);
    ck_assert_int_eq(text->parts[4].wild, WILD_INT);
    memory_case_free(&loaded);
}
END_TEST

START_TEST(each_word_makes_its_pattern)
{
    static const struct {
        const char *yaml;
        enum pattern_kind kind;
        size_t texts, groups;
    } rows[] = {
        {"\"\"", PATTERN_EXACT, 1, 0},
        {"x", PATTERN_EXACT, 1, 0},
        {"{fill: 70}", PATTERN_EXACT, 1, 0},
        {"{hex: 80 ff}", PATTERN_EXACT, 1, 0},
        {"{contains: x}", PATTERN_CONTAINS, 1, 0},
        {"{contains: [x, {hex: ff}]}", PATTERN_CONTAINS, 2, 0},
        {"{matches: \\d+ <q>}", PATTERN_MATCHES, 1, 0},
        {"{lines: [a, b, c]}", PATTERN_LINES, 3, 0},
        {"{lines: []}", PATTERN_LINES, 0, 0},
        {"{any_order: [a, [b, c]]}", PATTERN_ANY_ORDER, 0, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct memory_case loaded;
        char step[128];
        snprintf(step, sizeof step, "expect: {p: {stdout: %s}}", rows[i].yaml);
        load(&loaded, step);
        const struct pattern *pattern = expected(&loaded);
        ck_assert_int_eq(pattern->kind, rows[i].kind);
        ck_assert_uint_eq(pattern->texts.count, rows[i].texts);
        ck_assert_uint_eq(pattern->group_count, rows[i].groups);
        memory_case_free(&loaded);
    }
}
END_TEST

START_TEST(hex_is_bytes)
{
    struct memory_case loaded;
    load(&loaded, "expect: {p: {stdout: {hex: \"80 FF00\"}}}");
    const struct part *part = &expected(&loaded)->texts.texts[0].parts[0];
    ck_assert_uint_eq(part->len, 3);
    ck_assert_int_eq(memcmp(part->data, "\x80\xff\0", 3), 0);
    memory_case_free(&loaded);
}
END_TEST

START_TEST(inner_lists_keep_their_order)
{
    struct memory_case loaded;
    load(&loaded, "expect: {p: {stdout: {any_order: [a, [b, c]]}}}");
    const struct pattern *pattern = expected(&loaded);
    ck_assert_uint_eq(pattern->groups[0].count, 1);
    ck_assert_uint_eq(pattern->groups[1].count, 2);
    ck_assert_str_eq(pattern->groups[1].texts[1].parts[0].data, "c");
    memory_case_free(&loaded);
}
END_TEST

/* An argument can be longer than a case file: what execve() takes is the limit (131072 bytes with the NUL byte). */
START_TEST(an_argument_may_be_made)
{
    static const struct {
        const char *argument;
        const char *complaint; /* NULL: none */
    } rows[] = {{"{fill: 131071}", NULL},
                {"{hex: 80 ff}", NULL},
                {"{fill: 131072}", "no argument is longer than 131071 bytes"},
                {"{hex: 61 00}", "no argument can hold a NUL byte"},
                {"\"a\\0\"", "no argument can hold a NUL byte"},
                {"{full: 3}", "'full' is not one of fill, hex; did you mean 'fill'?"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct memory_case loaded;
        char step[128];
        snprintf(step, sizeof step, "start: {q2: [prog, %s]}", rows[i].argument);
        load(&loaded, step);
        ck_assert_msg(loaded.is_right == !rows[i].complaint, "%s", rows[i].argument);
        if (rows[i].complaint)
            ck_assert_str_eq(loaded.complaints.items[0].text, rows[i].complaint);
        memory_case_free(&loaded);
    }
}
END_TEST

/* What the length of the longest line should be, byte by byte. */
static size_t longest_of_fill(size_t before, size_t fill, size_t after)
{
    size_t longest = 0, column = 0;
    for (size_t i = 0; i < before + fill + after; i++) {
        bool is_fill = i >= before && i < before + fill;
        column = is_fill && text_fill(i - before) == '\n' ? 0 : column + 1;
        longest = column > longest ? column : longest;
    }
    return longest;
}

START_TEST(the_longest_line_is_measured)
{
    static const size_t rows[][3] = {{0, 1, 0},  {0, 63, 0}, {0, 64, 0},    {0, 65, 3},  {0, 1000, 0},
                                     {5, 10, 5}, {5, 64, 1}, {100, 128, 0}, {0, 130, 70}};
    static const char xs[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                             "xxxxxxxxxxxxxxxxxxxxx";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct part parts[] = {{.kind = PART_BYTES, .data = xs, .len = rows[i][0]},
                               {.kind = PART_FILL, .len = rows[i][1]},
                               {.kind = PART_BYTES, .data = xs, .len = rows[i][2]}};
        struct text text = {.parts = parts, .count = 3};
        ck_assert_uint_eq(text_longest_line(&text), longest_of_fill(rows[i][0], rows[i][1], rows[i][2]));
    }
    struct part lines = {.kind = PART_BYTES, .data = "ab\nabcd\na", .len = 9};
    ck_assert_uint_eq(text_longest_line(&(struct text){.parts = &lines, .count = 1}), 4);
}
END_TEST

/* 4095 bytes and the newline are what termios(3) promises; pipes take any line. */
START_TEST(only_a_terminal_limits_lines)
{
    static const struct {
        size_t len;
        const char *option;
        bool is_right;
    } rows[] = {{4095, "", true}, {4096, "", false}, {4096, ", io: pipe", true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *text = malloc(8192);
        int used = snprintf(text, 8192, "title: t\nsteps:\n  - start: {p: {run: [prog]%s}}\n  - send: {p: \"",
                            rows[i].option);
        memset(text + used, 'x', rows[i].len);
        snprintf(text + used + rows[i].len, 8, "\\n\"}\n");
        struct memory_case loaded;
        memory_case_load_text(&loaded, text);
        ck_assert_int_eq(loaded.is_right, rows[i].is_right);
        memory_case_free(&loaded);
        free(text);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pattern");
    TCase *tests = tcase_create("pattern");
    tcase_add_test(tests, a_text_is_cut_into_parts);
    tcase_add_test(tests, each_word_makes_its_pattern);
    tcase_add_test(tests, hex_is_bytes);
    tcase_add_test(tests, inner_lists_keep_their_order);
    tcase_add_test(tests, an_argument_may_be_made);
    tcase_add_test(tests, the_longest_line_is_measured);
    tcase_add_test(tests, only_a_terminal_limits_lines);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
