/* Printable forms of hostile bytes, the nearest word, the known filling. */
#include "base/text.h"

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/run_test.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* ---- printable ------------------------------------------------------------------------------------------------------- */

static const struct form {
    const char *bytes;
    size_t len;
    const char *shown;
} forms[] = {
#define FORM(bytes, shown)                                                                                   \
    {                                                                                                        \
        bytes, sizeof(bytes) - 1, shown                                                                      \
    }
    FORM("", ""),
    FORM("hello, 'world' \"~\"", "hello, 'world' \"~\""),
    FORM("a\nb\tc\rd", "a\\nb\\tc\\rd"),
    FORM("\x1b[31m", "\\e[31m"),
    FORM("a\\n", "a\\\\n"),
    FORM("\0", "\\0"),
    FORM("\0x", "\\0x"),
    FORM("\0"
         "7",
         "\\x007"), /* \07 would be another byte in C */
    FORM("\a\b\v\f\x7f", "\\x07\\x08\\x0b\\x0c\\x7f"),
    /* characters of two, three and four bytes, the first and last of each */
    FORM("\xc2\xa0\xdf\xbf", "\xc2\xa0\xdf\xbf"),
    FORM("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf",
         "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"),
    FORM("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"),
    FORM("\xed\x95\x9c\xea\xb8\x80", "\xed\x95\x9c\xea\xb8\x80"),
    /* control characters of two bytes */
    FORM("\xc2\x80\xc2\x9b", "\\xc2\\x80\\xc2\\x9b"),
    /* overlong: / as two, three and four bytes */
    FORM("\xc0\xaf", "\\xc0\\xaf"),
    FORM("\xc1\xbf", "\\xc1\\xbf"),
    FORM("\xe0\x80\xaf", "\\xe0\\x80\\xaf"),
    FORM("\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf"),
    /* half of a surrogate pair, and beyond the last character */
    FORM("\xed\xa0\x80", "\\xed\\xa0\\x80"),
    FORM("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"),
    FORM("\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80"),
    FORM("\xff\xfe", "\\xff\\xfe"),
    /* continued without a beginning, begun without an end */
    FORM("\x80\xbf", "\\x80\\xbf"),
    FORM("\xc3", "\\xc3"),
    FORM("\xe2\x82", "\\xe2\\x82"),
    FORM("\xf0\x9f\x98", "\\xf0\\x9f\\x98"),
    FORM("\xe2\x82g", "\\xe2\\x82g"),
    FORM("\xf0\x9f\x98\xc3\xa4", "\\xf0\\x9f\\x98\xc3\xa4"),
#undef FORM
};

START_TEST(printable_forms)
{
    const struct form *form = &forms[_i];
    char *copy = malloc(form->len ? form->len : 1); /* so that a tool sees a read behind the end */
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, form->bytes, form->len);
    char *shown = text_printable(copy, form->len, 1000);
    ck_assert_str_eq(shown, form->shown);
    free(shown);
    free(copy);
}
END_TEST

/* Whatever comes: the form has only printable ASCII or what was well-formed. */
START_TEST(every_single_byte)
{
    for (int byte = 0; byte < 256; byte++) {
        char data = (char)byte;
        char *shown = text_printable(&data, 1, 10);
        bool is_plain = byte >= ' ' && byte <= '~' && byte != '\\';
        ck_assert_int_eq(shown[0], is_plain ? byte : '\\');
        ck_assert_int_eq(strlen(shown) == 1, is_plain);
        for (const char *at = shown; *at; at++)
            ck_assert(*at >= ' ' && *at <= '~');
        free(shown);
    }
}
END_TEST

static void check_cut(const char *bytes, size_t len, size_t max, const char *want)
{
    char *shown = text_printable(bytes, len, max);
    ck_assert_str_eq(shown, want);
    free(shown);
}

START_TEST(names_are_tamed)
{
    static const struct {
        const char *name, *tame;
    } rows[] = {{"", ""},
                {"a b\\c~", "a b\\c~"},
                {"\033[2J\n\177\t", "?[2J???"},
                {"\xed\x8c\x8c\xec\x9d\xbc.c", "\xed\x8c\x8c\xec\x9d\xbc.c"},
                {"\xc2\x9b"
                 "1m \xff \xed\x8c",
                 "??1m ? ??"}};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char name[32];
        snprintf(name, sizeof name, "%s", rows[i].name);
        text_tame(name);
        ck_assert_str_eq(name, rows[i].tame);
    }
}
END_TEST

START_TEST(long_texts_are_cut)
{
    check_cut("hello", 5, 5, "hello");
    check_cut("hello", 5, 4, "hell... (5 bytes)");
    check_cut("hello", 5, 0, "... (5 bytes)");
    check_cut("\n\n\n", 3, 2, "\\n\\n... (3 bytes)");
    check_cut("a\xc3\xa4", 3, 3, "a\xc3\xa4");
    check_cut("a\xc3\xa4", 3, 2,
              "a... (3 bytes)"); /* not half a character, and not more than was asked for */
    check_cut("\xf0\x9f\x98\x80!", 5, 3, "... (5 bytes)");
    check_cut("a\xc3\xa4!", 4, 3, "a\xc3\xa4... (4 bytes)");
    check_cut(NULL, 0, 10, "");
}
END_TEST

/* ---- the nearest word ------------------------------------------------------------------------------------------------- */

static const char *const deeds[] = {"open",   "read",   "write",  "close",  "unlink", "msgget", "msgsnd",
                                    "msgrcv", "semget", "shmget", "mkfifo", "rename", NULL};
static const char *const keys[] = {"title", "points", "steps", "given", "names", "visibility", "never", NULL};
static const char *const flags[] = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_NONBLOCK", "O_CREAT", NULL};
static const char *const names[] = {"q", "peer", "reader", "box", NULL};

static const struct typo {
    const char *word;
    const char *const *list;
    const char *meant; /* NULL: nothing is near enough */
} typos[] = {
    {"opne", deeds, "open"}, /* neighbours exchanged */
    {"raed", deeds, "read"},
    {"wirte", deeds, "write"},
    {"writ", deeds, "write"},   /* one is missing */
    {"closee", deeds, "close"}, /* one too many */
    {"msgsend", deeds, "msgsnd"},
    {"msgrecv", deeds, "msgrcv"},
    {"step", keys, "steps"},
    {"visiblity", keys, "visibility"},
    {"O_NONBLOK", flags, "O_NONBLOCK"},
    {"IPC_CREAT", flags, "O_CREAT"},
    {"qq", names, "q"},
    {"q2", names, "q"},
    {"pear", names, "peer"},
    {"reder", names, "reader"},
    {"open", deeds, "open"}, /* it is there */
    {"fork", deeds, NULL},
    {"listen", names, NULL},
    {"socketpair", deeds, NULL},
    {"x", names, NULL},
    {"w", names, NULL}, /* one letter is like no other */
    {"", names, NULL},
    {"SIGTERM", flags, NULL},
    {"abc", names, NULL},
    {"hello_world", keys, NULL},
    {"q", (const char *const[]){NULL}, NULL},
};

START_TEST(what_was_meant)
{
    const struct typo *typo = &typos[_i];
    const char *nearest = text_nearest(typo->word, typo->list);
    if (typo->meant)
        ck_assert_ptr_nonnull(nearest);
    ck_assert_msg(!typo->meant == !nearest && (!nearest || strcmp(nearest, typo->meant) == 0),
                  "'%s' gave '%s', not '%s'", typo->word, nearest ? nearest : "nothing",
                  typo->meant ? typo->meant : "nothing");
}
END_TEST

START_TEST(the_nearest_of_several)
{
    const char *const list[] = {"stdint", "stdin", "stdout", NULL};
    ck_assert_str_eq(text_nearest("stdni", list), "stdin");
    ck_assert_str_eq(text_nearest("stdot", list), "stdout");
    const char *const equal[] = {"cat", "bat", NULL};
    ck_assert_str_eq(text_nearest("rat", equal), "cat"); /* the list's order decides */
}
END_TEST

START_TEST(words_of_any_length)
{
    char word[5000];
    memset(word, 'x', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    ck_assert_ptr_null(text_nearest(word, deeds));
    const char *const list[] = {word, "open", NULL};
    ck_assert_str_eq(text_nearest("opne", list), "open");
}
END_TEST

/* ---- filling ----------------------------------------------------------------------------------------------------------- */

enum { FILLED = 1 << 18 };

START_TEST(the_filling_passes_a_terminal)
{
    size_t column = 0;
    for (size_t at = 0; at < FILLED; at++) {
        char c = text_fill(at);
        column = c == '\n' ? 0 : column + 1;
        bool is_good =
            (c == '\n' || (c >= ' ' && c <= '~')) && column < 64; /* with its newline at most 64 bytes */
        if (!is_good) /* each ck_assert writes into a file, too much for every byte */
            ck_abort_msg("byte %zu is %d, in column %zu", at, c, column);
    }
}
END_TEST

/* A block that is lost, doubled, or exchanged with a near one shows: no two of the same size at near places are the same. */
START_TEST(blocks_differ)
{
    static const size_t sizes[] = {64, 512, 1024, 4096, 65536};
    static char bytes[FILLED];
    for (size_t at = 0; at < FILLED; at++)
        bytes[at] = text_fill(at);
    for (size_t s = 0; s < LENGTH(sizes); s++)
        for (size_t away = 1; away <= 64; away++)
            for (size_t at = 0; at + (away + 1) * sizes[s] <= FILLED; at += sizes[s])
                ck_assert_msg(memcmp(bytes + at, bytes + at + away * sizes[s], sizes[s]) != 0,
                              "%zu at %zu and %zu on", sizes[s], at, away);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("text");
    tcase_add_test(tests, names_are_tamed);
    tcase_add_loop_test(tests, printable_forms, 0, LENGTH(forms));
    tcase_add_test(tests, every_single_byte);
    tcase_add_test(tests, long_texts_are_cut);
    tcase_add_loop_test(tests, what_was_meant, 0, LENGTH(typos));
    tcase_add_test(tests, the_nearest_of_several);
    tcase_add_test(tests, words_of_any_length);
    tcase_add_test(tests, the_filling_passes_a_terminal);
    tcase_add_test(tests, blocks_differ);
    Suite *suite = suite_create("text");
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
