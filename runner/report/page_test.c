/* Text on a page: made safe, broken at blanks, never wider than the page. */
#include "report/page.h"

#include <check.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/run_test.h"

static void use_utf8(void)
{
    ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
}

static const struct {
    const char *text, *safe;
} safes[] = {
    {"plain", "plain"},
    {"two\nlines", "two\nlines"},
    {"a\tb", "a       b"},
    {"\033[31mred", "\\e[31mred"},
    {"bell\a", "bell\\x07"},
    {"\r\b\177", "\\r\\x08\\x7f"},
    {"broken \xff\xc3", "broken \\xff\\xc3"},
    {"\xc2\x9b", "\\xc2\\x9b"}, /* the C1 form of ESC [ */
    {"\xe2\x80\xae"
     "evil",
     "\\xe2\\x80\\xae"
     "evil"}, /* right-to-left override */
    {"back\\slash stays", "back\\slash stays"},
    {"한국어 é", "한국어 é"},
    {"", ""},
};

START_TEST(dangerous_bytes_come_out_visible)
{
    cleanup_free char *safe = page_safe(safes[_i].text);
    ck_assert_str_eq(safe, safes[_i].safe);
}
END_TEST

START_TEST(no_byte_is_dangerous_afterwards)
{
    for (int first = 1; first < 256; first++) {
        for (int second = 1; second < 256; second++) {
            const char text[] = {(char)first, (char)second, '\0'};
            cleanup_free char *safe = page_safe(text);
            for (const char *c = safe; *c; c++)
                ck_assert(*c == '\n' || (unsigned char)*c >= 0x20);
            ck_assert_ptr_null(strchr(safe, 0x7f));
        }
    }
}
END_TEST

START_TEST(columns_are_those_of_a_terminal)
{
    ck_assert_int_eq(page_columns("abc"), 3);
    ck_assert_int_eq(page_columns("한국"), 4);
    ck_assert_int_eq(page_columns("é"), 1);
    ck_assert_int_eq(page_columns("ab\ncdef"), 2);
    ck_assert_int_eq(page_columns(""), 0);
}
END_TEST

static const struct {
    const char *text;
    int width;
    const char *wrapped;
} wraps[] = {
    {"one two three", 7, "one two\nthree"},
    {"one two three", 13, "one two three"},
    {"one two three", 12, "one two\nthree"},
    {"abcdefghij", 4, "abcd\nefgh\nij"},
    {"a bcdefghij k", 4, "a\nbcde\nfghi\nj k"},
    {"한국어 글자", 6, "한국어\n글자"},
    {"한국어", 5, "한국\n어"},
    {"x\n\ny", 9, "x\n\ny"},
    {"  indented line", 10, "  indented\nline"},
    {"", 5, ""},
    {"한", 1, "한"}, /* one character at least, or it would never end */
};

START_TEST(lines_break_at_blanks)
{
    cleanup_free char *wrapped = page_wrapped(wraps[_i].text, wraps[_i].width);
    ck_assert_str_eq(wrapped, wraps[_i].wrapped);
}
END_TEST

/* Wrapping loses nothing but the blanks at which it breaks. */
START_TEST(wrapping_keeps_every_letter)
{
    unsigned seed = 3;
    for (int round = 0; round < 2000; round++) {
        char text[120], kept[120] = "", *at = kept;
        int len = rand_r(&seed) % 110, width = 1 + rand_r(&seed) % 40;
        for (int i = 0; i < len; i++)
            text[i] = rand_r(&seed) % 5 ? (char)('a' + rand_r(&seed) % 26) : ' ';
        text[len] = '\0';
        cleanup_free char *wrapped = page_wrapped(text, width);
        for (const char *line = wrapped; *line;
             line += strcspn(line, "\n") + (line[strcspn(line, "\n")] != '\0'))
            ck_assert_int_le(page_columns(line), width);
        for (const char *c = wrapped; *c; c++)
            if (*c != ' ' && *c != '\n')
                *at++ = *c;
        const char *letter = kept;
        for (const char *c = text; *c; c++)
            ck_assert(*c == ' ' || *c == *letter++);
        ck_assert(*letter == '\0');
    }
}
END_TEST

static char *printed(void (*print)(const struct page *), int width, bool has_colour)
{
    char *text = NULL;
    size_t len = 0;
    struct page page = {open_memstream(&text, &len), width, has_colour, false};
    print(&page);
    fclose(page.to);
    return text;
}

static void print_labelled(const struct page *page)
{
    page_labelled(page, 2, 8, "seen", STYLE_BAD, "one two three four five six seven");
}

START_TEST(text_stands_beside_its_label)
{
    cleanup_free char *plain = printed(print_labelled, 30, false),
                      *colour = printed(print_labelled, 30, true);
    ck_assert_str_eq(plain, "  seen  one two three four\n        five six seven\n");
    ck_assert_ptr_null(strchr(plain, '\033'));
    ck_assert_ptr_nonnull(strstr(colour, "\033[31mone two three four\033[0m\n"));
}
END_TEST

static void print_rules(const struct page *page)
{
    page_rule(page, STYLE_PLAIN, "left", STYLE_PLAIN, "right");
    page_rule(page, STYLE_PLAIN, "a text that is too long for one line", STYLE_PLAIN, "right");
    page_rule(page, STYLE_PLAIN, NULL, STYLE_PLAIN, NULL);
}

START_TEST(a_rule_fills_the_page)
{
    cleanup_free char *text = printed(print_rules, 24, false);
    ck_assert_str_eq(text, "left ------------- right\n"
                           "a text that is too long\nfor one line\n"
                           "------------------ right\n"
                           "------------------------\n");
}
END_TEST

static void print_table(const struct page *page)
{
    const struct column columns[] = {{.head = "WHO"},
                                     {.head = "WHAT", .is_wrapped = true},
                                     {.head = "NONE"},
                                     {.head = "N", .is_right = true}};
    const char *const cells[] = {"reader", "waits for the end of the file", NULL, "1",
                                 "w\033",  "한국어 글자 둘 셋 넷",          "",   "22"};
    page_table(page, 2, columns, 4, cells, 2, NULL);
}

START_TEST(a_table_keeps_within_the_page)
{
    cleanup_free char *text = printed(print_table, 34, false);
    ck_assert_str_eq(text, "  WHO     WHAT                   N\n"
                           "  reader  waits for the end of   1\n"
                           "          the file\n"
                           "  w\\e     한국어 글자 둘 셋 넷  22\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("page");
    TCase *tests = tcase_create("page");
    suite_add_tcase(suite, tests);
    tcase_add_checked_fixture(tests, use_utf8, NULL);
    tcase_add_loop_test(tests, dangerous_bytes_come_out_visible, 0, (int)(sizeof safes / sizeof *safes));
    tcase_add_test(tests, no_byte_is_dangerous_afterwards);
    tcase_add_test(tests, columns_are_those_of_a_terminal);
    tcase_add_loop_test(tests, lines_break_at_blanks, 0, (int)(sizeof wraps / sizeof *wraps));
    tcase_add_test(tests, wrapping_keeps_every_letter);
    tcase_add_test(tests, text_stands_beside_its_label);
    tcase_add_test(tests, a_rule_fills_the_page);
    tcase_add_test(tests, a_table_keeps_within_the_page);
    return run_suite(suite);
}
