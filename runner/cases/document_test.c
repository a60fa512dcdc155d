/* The YAML tree: places, shapes, limits, and what YAML would allow. */
#include "cases/document.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/run_test.h"
#include "cases/complaint.h"

struct parsed {
    struct arena *arena;
    struct complaints complaints;
    struct document document;
    bool has_tree;
};

static struct parsed parse(const char *bytes, size_t len)
{
    struct parsed parsed = {.arena = arena_new()};
    parsed.has_tree =
        document_parse(&parsed.document, parsed.arena, &parsed.complaints, "x.yaml", bytes, len);
    return parsed;
}

static void let_go(struct parsed *parsed)
{
    complaints_free(&parsed->complaints);
    arena_free(parsed->arena);
}

static void has_place(const struct node *node, int line, int column)
{
    ck_assert_ptr_nonnull(node);
    ck_assert_int_eq(node->at.line, line);
    ck_assert_int_eq(node->at.column, column);
}

START_TEST(every_node_has_its_place)
{
    const char *text = "title: one\n"
                       "steps:\n"
                       "  - do: {peer: [a, \"b\"]}\n"
                       "  -  eof:   p\n";
    struct parsed parsed = parse(text, strlen(text));
    const struct node *root = parsed.document.root;
    ck_assert(parsed.has_tree);
    has_place(root, 1, 1);
    has_place(node_get(root, "title"), 1, 8);
    const struct node *steps = node_get(root, "steps");
    has_place(root->keys[1], 2, 1);
    has_place(steps, 3, 3);
    ck_assert_uint_eq(steps->count, 2);
    has_place(steps->items[0], 3, 5);
    const struct node *deed = node_get(steps->items[0], "do");
    has_place(deed, 3, 9);
    has_place(node_get(deed, "peer"), 3, 16);
    has_place(node_get(deed, "peer")->items[1], 3, 20);
    has_place(node_get(steps->items[1], "eof"), 4, 13);
    ck_assert_uint_eq(parsed.complaints.count, 0);
    let_go(&parsed);
}
END_TEST

START_TEST(columns_count_characters)
{
    /* Two Korean letters are six bytes and two columns; a byte order mark is none. */
    const char *text = "\xef\xbb\xbf{\xea\xb0\x80\xeb\x82\x98: x, y: z}\r\n";
    struct parsed parsed = parse(text, strlen(text));
    ck_assert(parsed.has_tree);
    has_place(node_get(parsed.document.root, "y"), 1, 12);
    let_go(&parsed);
}
END_TEST

START_TEST(scalars_are_their_text)
{
    static const struct {
        const char *yaml, *text;
        enum quoting quoting;
    } rows[] = {
        {"no", "no", QUOTED_NOT},
        {"~", "~", QUOTED_NOT},
        {"0600", "0600", QUOTED_NOT},
        {"1_000", "1_000", QUOTED_NOT},
        {"\"a\\n\"", "a\n", QUOTED_DOUBLE},
        {"'a\\n'", "a\\n", QUOTED_SINGLE},
        {"|\n  a\n  b\n", "a\nb\n", QUOTED_BLOCK},
        {"\"\"", "", QUOTED_DOUBLE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[64];
        snprintf(text, sizeof text, "k: %s\n", rows[i].yaml);
        struct parsed parsed = parse(text, strlen(text));
        ck_assert(parsed.has_tree);
        const struct node *node = node_get(parsed.document.root, "k");
        ck_assert_str_eq(node->text, rows[i].text);
        ck_assert_int_eq(node->quoting, rows[i].quoting);
        ck_assert_uint_eq(parsed.complaints.count, 0);
        let_go(&parsed);
    }
}
END_TEST

START_TEST(one_item_stands_for_a_list_of_one)
{
    const char *text = "a: x\nb: [x, y]\nc: []\n";
    struct parsed parsed = parse(text, strlen(text));
    const struct node *a = node_get(parsed.document.root, "a"), *b = node_get(parsed.document.root, "b");
    ck_assert_uint_eq(node_count(a), 1);
    ck_assert_ptr_eq(node_item(a, 0), a);
    ck_assert_uint_eq(node_count(b), 2);
    ck_assert(node_is(node_item(b, 1), "y"));
    ck_assert_uint_eq(node_count(node_get(parsed.document.root, "c")), 0);
    ck_assert_ptr_null(node_get(parsed.document.root, "d"));
    let_go(&parsed);
}
END_TEST

/* A comment stands off and has a blank behind its sign; anything nearer looks like a text that was cut. */
START_TEST(a_hash_that_cuts_a_text_is_seen)
{
    static const struct {
        const char *yaml;
        bool is_cut;
    } rows[] = {
        {"k: see chapter #3\n", true},
        {"k: see chapter # 3\n", true},
        {"k: box      # is there\n", false},
        {"k: box   #3\n", true},
        {"k: a#b\n", false},
        {"k: \"x\" # y\n", false},
        {"k: x\n# y\n", false},
        {"k: x   #\n", false},
        {"k: x   ## y\n", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct parsed parsed = parse(rows[i].yaml, strlen(rows[i].yaml));
        ck_assert_int_eq(node_get(parsed.document.root, "k")->is_cut_by_hash, rows[i].is_cut);
        let_go(&parsed);
    }
}
END_TEST

START_TEST(a_file_has_at_most_64_kib)
{
    char *text = calloc(1, DOCUMENT_BYTES_MAX + 2);
    memset(text, 'x', DOCUMENT_BYTES_MAX + 1);
    text[0] = 'k';
    text[1] = ':';
    text[2] = ' ';
    struct parsed fits = parse(text, DOCUMENT_BYTES_MAX), large = parse(text, DOCUMENT_BYTES_MAX + 1);
    ck_assert(fits.has_tree);
    ck_assert(!large.has_tree);
    ck_assert_uint_eq(large.complaints.count, 1);
    ck_assert_str_eq(large.complaints.items[0].text, "the file is too large: at most 64 KiB");
    let_go(&fits);
    let_go(&large);
    free(text);
}
END_TEST

/* Levels: the root map is the first. */
START_TEST(nesting_has_twelve_levels)
{
    struct parsed fits = parse("k: [[[[[[[[[[[x]]]]]]]]]]]", strlen("k: [[[[[[[[[[[x]]]]]]]]]]]"));
    struct parsed deep = parse("k: [[[[[[[[[[[[x]]]]]]]]]]]]", strlen("k: [[[[[[[[[[[[x]]]]]]]]]]]]"));
    ck_assert(fits.has_tree);
    ck_assert(!deep.has_tree);
    ck_assert_int_eq(deep.complaints.items[0].at.column, 4 + 11);
    let_go(&fits);
    let_go(&deep);
}
END_TEST

/* Files that made libyaml work for minutes, or a careless loader for seconds; Check ends a test after four. */
START_TEST(hostile_files_are_quick)
{
    static const char *const patterns[] = {"[",   "{",   "- ", "? ",  "{a: ", "[[],",    "\"",
                                           "a: ", "&a ", "!",  "{a,", "*a ",  "- - x\n", ","};
    const char *pattern = patterns[_i];
    size_t len = strlen(pattern);
    char *text = malloc(DOCUMENT_BYTES_MAX);
    for (size_t i = 0; i < DOCUMENT_BYTES_MAX; i++)
        text[i] = pattern[i % len];
    struct parsed parsed = parse(text, DOCUMENT_BYTES_MAX);
    ck_assert_uint_gt(parsed.complaints.count, 0);
    ck_assert_uint_le(parsed.complaints.count, ERRORS_PER_FILE + 1);
    let_go(&parsed);
    free(text);
}
END_TEST

START_TEST(the_same_key_many_times_is_quick_and_told_a_hundred_times)
{
    char *text = malloc(DOCUMENT_BYTES_MAX);
    static const char line[] = "a: b\n";
    size_t len = (size_t)DOCUMENT_BYTES_MAX / 5 * 5;
    for (size_t i = 0; i < len; i++)
        text[i] = line[i % 5];
    struct parsed parsed = parse(text, len);
    ck_assert_uint_eq(parsed.complaints.count, ERRORS_PER_FILE + 1);
    ck_assert_str_eq(parsed.complaints.items[ERRORS_PER_FILE].text,
                     "more than 100 errors in this file; the rest is not told");
    let_go(&parsed);
    free(text);
}
END_TEST

START_TEST(a_nul_in_a_key_is_no_word)
{
    const char *text = "\"a\\0b\": x\n";
    struct parsed parsed = parse(text, strlen(text));
    ck_assert(parsed.has_tree);
    ck_assert(!node_is(parsed.document.root->keys[0], "a"));
    let_go(&parsed);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_told)
{
    struct parsed parsed = {.arena = arena_new()};
    ck_assert(
        !document_load(&parsed.document, parsed.arena, &parsed.complaints, "fixtures/no-such-file.yaml"));
    ck_assert_str_eq(parsed.complaints.items[0].text, "cannot be read: No such file or directory");
    ck_assert_str_eq(parsed.complaints.items[0].at.file, "fixtures/no-such-file.yaml");
    let_go(&parsed);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("document");
    TCase *tests = tcase_create("document");
    tcase_add_test(tests, every_node_has_its_place);
    tcase_add_test(tests, columns_count_characters);
    tcase_add_test(tests, scalars_are_their_text);
    tcase_add_test(tests, one_item_stands_for_a_list_of_one);
    tcase_add_test(tests, a_hash_that_cuts_a_text_is_seen);
    tcase_add_test(tests, a_file_has_at_most_64_kib);
    tcase_add_test(tests, nesting_has_twelve_levels);
    tcase_add_loop_test(tests, hostile_files_are_quick, 0, 14);
    tcase_add_test(tests, the_same_key_many_times_is_quick_and_told_a_hundred_times);
    tcase_add_test(tests, a_nul_in_a_key_is_no_word);
    tcase_add_test(tests, a_file_that_is_not_there_is_told);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
