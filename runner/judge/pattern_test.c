/* Expected texts against what came: every kind of pattern (CASES, section 8). */
#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/run_test.h"
#include "base/text.h"
#include "judge/by_hand.h"
#include "judge/expand.h"

static struct by_hand hand;

static void set_up(void)
{
    by_hand(&hand);
}

static bool holds(const struct pattern *pattern, const void *data, size_t len)
{
    return pattern_holds(&hand.stage, pattern, data, len, true, NULL);
}

#define HOLDS(pattern, text) ck_assert(holds(&(pattern), text, sizeof(text) - 1))
#define FAILS(pattern, text) ck_assert(!holds(&(pattern), text, sizeof(text) - 1))

START_TEST(exact_is_every_byte)
{
    const struct pattern hello = EXACT(BYTES("hello\n"));
    HOLDS(hello, "hello\n");
    FAILS(hello, "hello");
    FAILS(hello, "hello\n\n");
    FAILS(hello, "Hello\n");
    FAILS(hello, "");
    const struct pattern zero = EXACT(BYTES("a\0b"));
    HOLDS(zero, "a\0b");
    FAILS(zero, "a\0c");
    const struct pattern empty = EXACT(BYTES(""));
    ck_assert(holds(&empty, NULL, 0));
    FAILS(empty, "\n");
}
END_TEST

START_TEST(filling_is_known_to_the_last_byte)
{
    enum { COUNT = 5000 };
    const struct pattern filled = EXACT(BYTES("<"), FILL(COUNT), BYTES(">"));
    char came[COUNT + 2];
    came[0] = '<';
    for (size_t i = 0; i < COUNT; i++)
        came[1 + i] = text_fill(i);
    came[COUNT + 1] = '>';
    ck_assert(holds(&filled, came, sizeof came));
    ck_assert(!holds(&filled, came, sizeof came - 1));
    came[COUNT] ^= 1;
    ck_assert(!holds(&filled, came, sizeof came));
}
END_TEST

START_TEST(references_are_filled_in)
{
    const struct pattern key = EXACT(BYTES("key "), REF(Q, REF_VALUE), BYTES(" is "), REF(Q, REF_DEC));
    HOLDS(key, "key 0x00001234 is 4660");
    FAILS(key, "key 0x1234 is 4660");
    const struct pattern absent = EXACT(REF(PEER, REF_VALUE));
    struct err err = {0};
    ck_assert(!pattern_holds(&hand.stage, &absent, "", 0, true, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "peer"));
}
END_TEST

START_TEST(contains_wants_all_in_any_order)
{
    const struct pattern both = {.kind = PATTERN_CONTAINS, .texts = TEXTS(PLAIN("usage"), PLAIN("PATH"))};
    HOLDS(both, "usage: x PATH\n");
    HOLDS(both, "PATH, usage");
    FAILS(both, "usage: x\n");
    FAILS(both, "");
    const struct pattern wild = {.kind = PATTERN_CONTAINS,
                                 .texts = TEXTS(TEXT(BYTES("pid="), WILD(WILD_INT), BYTES(";")))};
    HOLDS(wild, "a pid=12; b");
    FAILS(wild, "a pid=; b");
    const struct pattern zero = {.kind = PATTERN_CONTAINS, .texts = TEXTS(PLAIN("\0x"))};
    HOLDS(zero, "ab\0x");
}
END_TEST

START_TEST(matches_is_about_the_whole)
{
    const struct pattern ab = {.kind = PATTERN_MATCHES, .texts = TEXTS(PLAIN("ab+$"))};
    HOLDS(ab, "abbb");
    FAILS(ab, "xabbb");
    FAILS(ab, "abbbx");
    FAILS(ab, "abbb\n"); /* $ alone would let it pass */
    const struct pattern either = {.kind = PATTERN_MATCHES, .texts = TEXTS(PLAIN("a|ab"))};
    HOLDS(either, "ab");
    const struct pattern zero = {.kind = PATTERN_MATCHES, .texts = TEXTS(PLAIN("x.y"))};
    HOLDS(zero, "x\0y");
    HOLDS(zero, "x\xffy");
}
END_TEST

START_TEST(names_and_wildcards_in_an_expression)
{
    /* The path is "a.b+c": it must not act as an expression itself, and a quantifier means all of it. */
    const struct pattern path = {.kind = PATTERN_MATCHES,
                                 .texts = TEXTS(TEXT(REF(BOX, REF_VALUE), BYTES(": [0-9]+")))};
    HOLDS(path, "a.b+c: 42");
    FAILS(path, "axb+c: 42");
    FAILS(path, "a.bbc: 42");
    const struct pattern twice = {.kind = PATTERN_MATCHES,
                                  .texts = TEXTS(TEXT(REF(BOX, REF_VALUE), BYTES("{2}")))};
    HOLDS(twice, "a.b+ca.b+c");
    FAILS(twice, "a.b+cc");
    const struct pattern wild = {.kind = PATTERN_MATCHES,
                                 .texts = TEXTS(TEXT(BYTES("(pid "), WILD(WILD_INT), BYTES(")?")))};
    HOLDS(wild, "pid 7");
    HOLDS(wild, "");
    FAILS(wild, "pid x");
}
END_TEST

START_TEST(an_unlucky_expression_ends)
{
    const struct pattern unlucky = {.kind = PATTERN_MATCHES, .texts = TEXTS(PLAIN("(a+)+[bd]"))};
    char came[61];
    memset(came, 'a', sizeof came - 1);
    came[60] = 'c'; /* about 2 to the 60th ways to fail */
    struct err err = {0};
    ck_assert(!pattern_holds(&hand.stage, &unlucky, came, sizeof came, true, &err));
    ck_assert_str_ne(err.text, "");
    came[60] = 'b';
    ck_assert(holds(&unlucky, came, sizeof came));
}
END_TEST

START_TEST(a_hostile_output_ends)
{
    const struct pattern any = EXACT(WILD(WILD_ANY), BYTES("x"), WILD(WILD_ANY), BYTES("x"), WILD(WILD_ANY),
                                     BYTES("x"), WILD(WILD_ANY), BYTES("yz"));
    enum { COUNT = 200000 };
    char *came = malloc(COUNT);
    ck_assert_ptr_nonnull(came);
    memset(came, 'x', COUNT);
    came[COUNT - 1] = 'y';
    struct err err = {0};
    ck_assert(!pattern_holds(&hand.stage, &any, came, COUNT, true, &err));
    free(came);
}
END_TEST

static const struct wildcard {
    enum wild wild;
    const char *good[4], *bad[4];
} wildcards[] = {
    {WILD_INT, {"42", "-7", "+1"}, {"", "4x", " 4", "4.2"}},
    {WILD_WORD, {"x", "a.b,c", "\xff"}, {"", "a b", "a\tb", "a\n"}},
    {WILD_LINE, {"", "a b\t", "\x1b[31m"}, {"\n", "a\nb"}},
    {WILD_ANY, {"", "\n\n", "a\nb"}, {0}},
};

START_TEST(wildcards_stand_for_what_they_say)
{
    const struct wildcard *row = &wildcards[_i];
    /* Between bytes that mean something to a regular expression. */
    const struct pattern pattern = EXACT(BYTES("(.*["), WILD(row->wild), BYTES("]$"));
    for (int is_bad = 0; is_bad < 2; is_bad++) {
        const char *const *list = is_bad ? row->bad : row->good;
        for (size_t i = 0; i < 4 && list[i]; i++) {
            cleanup_bytes struct bytes came = {0};
            bytes_print(&came, "(.*[%s]$", list[i]);
            ck_assert_msg(holds(&pattern, came.data, came.len) == !is_bad, "'%s'", list[i]);
        }
    }
}
END_TEST

START_TEST(lines_with_and_without_the_last_newline)
{
    const struct pattern two = {.kind = PATTERN_LINES, .texts = TEXTS(PLAIN("a"), PLAIN("b"))};
    HOLDS(two, "a\nb\n");
    HOLDS(two, "a\nb");
    FAILS(two, "b\na\n");
    FAILS(two, "a\nb\n\n");
    FAILS(two, "a\n\nb\n");
    FAILS(two, "a\n");
    FAILS(two, "a\nb\nc\n");
    FAILS(two, "a\r\nb\r\n");
    const struct pattern gap = {.kind = PATTERN_LINES,
                                .texts = TEXTS(PLAIN("a"), PLAIN(""), TEXT(WILD(WILD_INT)))};
    HOLDS(gap, "a\n\n7\n");
    FAILS(gap, "a\n7\n");
    const struct pattern none = {.kind = PATTERN_LINES};
    HOLDS(none, "");
    FAILS(none, "\n");
}
END_TEST

START_TEST(one_nul_at_the_end_of_a_message)
{
    const struct pattern hello = EXACT(BYTES("hello"));
    ck_assert(pattern_holds(&hand.stage, &hello, "hello", 5, false, NULL));
    ck_assert(pattern_holds(&hand.stage, &hello, "hello\0", 6, false, NULL));
    ck_assert(!pattern_holds(&hand.stage, &hello, "hello\0\0", 7, false, NULL)); /* more is rubbish */
    ck_assert(!pattern_holds(&hand.stage, &hello, "\0hello", 6, false, NULL));
    ck_assert(!pattern_holds(&hand.stage, &hello, "hello\0", 6, true, NULL)); /* streams are exact */
    const struct pattern empty = EXACT(BYTES(""));
    ck_assert(pattern_holds(&hand.stage, &empty, "\0", 1, false, NULL));
    ck_assert(pattern_holds(&hand.stage, &empty, NULL, 0, false, NULL));
    const struct pattern written = EXACT(BYTES("hello\0"));
    ck_assert(pattern_holds(&hand.stage, &written, "hello\0", 6, false, NULL));
}
END_TEST

START_TEST(words_for_reports_are_printable)
{
    const struct pattern odd = EXACT(BYTES("\x1b[31m\n"), WILD(WILD_INT), REF(PEER, REF_VALUE));
    cleanup_bytes struct bytes text = {0}, nothing = {0};
    prose_pattern(&text, stage_prose(&hand.stage), &odd);
    ck_assert_str_eq(bytes_text(&text), "\"\\e[31m\\n<int><peer>\"");
    const struct pattern none = {.kind = PATTERN_EXACT};
    prose_pattern(&nothing, stage_prose(&hand.stage), &none);
    ck_assert_str_eq(bytes_text(&nothing), "\"\"");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("pattern");
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, exact_is_every_byte);
    tcase_add_test(tests, filling_is_known_to_the_last_byte);
    tcase_add_test(tests, references_are_filled_in);
    tcase_add_test(tests, contains_wants_all_in_any_order);
    tcase_add_test(tests, matches_is_about_the_whole);
    tcase_add_test(tests, names_and_wildcards_in_an_expression);
    tcase_add_test(tests, an_unlucky_expression_ends);
    tcase_add_test(tests, a_hostile_output_ends);
    tcase_add_loop_test(tests, wildcards_stand_for_what_they_say, 0, LENGTH(wildcards));
    tcase_add_test(tests, lines_with_and_without_the_last_newline);
    tcase_add_test(tests, one_nul_at_the_end_of_a_message);
    tcase_add_test(tests, words_for_reports_are_printable);
    Suite *suite = suite_create("pattern");
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
