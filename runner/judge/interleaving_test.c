/* `any_order`: lines of several writers, compared with a plain definition where that is quick enough, and quick where it is not. */
#include "judge/interleaving.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/run_test.h"
#include "judge/by_hand.h"
#include "judge/expand.h"

static struct by_hand hand;

static void set_up(void)
{
    by_hand(&hand);
}

static bool holds(const struct text_list *groups, size_t count, const char *came)
{
    const struct pattern pattern = {.kind = PATTERN_ANY_ORDER, .groups = groups, .group_count = count};
    return pattern_holds(&hand.stage, &pattern, came, strlen(came), true, NULL);
}

#define ANY_ORDER(came, ...)                                                                                 \
    holds((const struct text_list[]){__VA_ARGS__}, LENGTH((const struct text_list[]){__VA_ARGS__}), came)

START_TEST(single_lines_in_any_order)
{
    ck_assert(ANY_ORDER("a\nb\nc\n", TEXTS(PLAIN("a")), TEXTS(PLAIN("b")), TEXTS(PLAIN("c"))));
    ck_assert(ANY_ORDER("c\na\nb", TEXTS(PLAIN("a")), TEXTS(PLAIN("b")), TEXTS(PLAIN("c"))));
    ck_assert(!ANY_ORDER("c\na\n", TEXTS(PLAIN("a")), TEXTS(PLAIN("b")), TEXTS(PLAIN("c"))));
    ck_assert(!ANY_ORDER("c\na\nb\nb\n", TEXTS(PLAIN("a")), TEXTS(PLAIN("b")), TEXTS(PLAIN("c"))));
    ck_assert(!ANY_ORDER("c\na\na\n", TEXTS(PLAIN("a")), TEXTS(PLAIN("b")), TEXTS(PLAIN("c"))));
    ck_assert(ANY_ORDER("a\na\n", TEXTS(PLAIN("a")), TEXTS(PLAIN("a"))));
    ck_assert(holds(NULL, 0, ""));
    ck_assert(!holds(NULL, 0, "a\n"));
}
END_TEST

START_TEST(a_list_keeps_its_order)
{
    ck_assert(ANY_ORDER("1\nx\n2\n3\n", TEXTS(PLAIN("1"), PLAIN("2"), PLAIN("3")), TEXTS(PLAIN("x"))));
    ck_assert(ANY_ORDER("x\n1\n2\n3\n", TEXTS(PLAIN("1"), PLAIN("2"), PLAIN("3")), TEXTS(PLAIN("x"))));
    ck_assert(!ANY_ORDER("1\nx\n3\n2\n", TEXTS(PLAIN("1"), PLAIN("2"), PLAIN("3")), TEXTS(PLAIN("x"))));
    ck_assert(ANY_ORDER("1\nx\n2\ny\n", TEXTS(PLAIN("1"), PLAIN("2")), TEXTS(PLAIN("x"), PLAIN("y"))));
    ck_assert(!ANY_ORDER("1\ny\n2\nx\n", TEXTS(PLAIN("1"), PLAIN("2")), TEXTS(PLAIN("x"), PLAIN("y"))));
}
END_TEST

START_TEST(a_line_that_two_could_have_written)
{
    const struct text_list a = TEXTS(PLAIN("x"), PLAIN("a")), b = TEXTS(PLAIN("x"), PLAIN("b")),
                           x = TEXTS(PLAIN("x"));
    ck_assert(ANY_ORDER("x\nx\na\nb\n", a, b));
    ck_assert(ANY_ORDER("x\nx\nb\na\n", a, b));
    ck_assert(ANY_ORDER("x\nb\nx\na\n", a, b));
    ck_assert(ANY_ORDER("x\na\nx\nb\n", a, b));
    ck_assert(!ANY_ORDER("x\na\nb\nx\n", a, b));
    ck_assert(ANY_ORDER("x\na\nx\n", x, a)); /* the first x must be the list's */
    ck_assert(ANY_ORDER("x\nx\na\n", x, a));
    ck_assert(!ANY_ORDER("a\nx\nx\n", x, a));
}
END_TEST

START_TEST(wildcards_that_could_take_either)
{
    const struct text_list any_a = TEXTS(TEXT(WILD(WILD_INT), BYTES(" a"))),
                           five = TEXTS(TEXT(BYTES("5 "), WILD(WILD_WORD)));
    ck_assert(ANY_ORDER("5 a\n6 a\n", any_a, five));
    ck_assert(ANY_ORDER("5 a\n6 a\n", five, any_a));
    ck_assert(ANY_ORDER("5 a\n5 b\n", any_a, five));
    ck_assert(ANY_ORDER("5 a\n5 b\n", five, any_a));
    ck_assert(!ANY_ORDER("6 a\n7 a\n", any_a, five));
}
END_TEST

START_TEST(a_name_that_means_nothing_is_told)
{
    const struct text_list group = TEXTS(TEXT(REF(PEER, REF_VALUE)));
    const struct pattern pattern = {.kind = PATTERN_ANY_ORDER, .groups = &group, .group_count = 1};
    struct err err = {0};
    ck_assert(!pattern_holds(&hand.stage, &pattern, "1\n", 2, true, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "peer"));
}
END_TEST

/* ---- against the definition ------------------------------------------------------------------------------------------ */

enum { MOST_GROUPS = 3, LONGEST = 4 };

struct play { /* groups and lines of one letter each */
    char groups[MOST_GROUPS][LONGEST + 1];
    size_t at[MOST_GROUPS];
    char lines[MOST_GROUPS * LONGEST + 1];
};

/* The definition: some group's next line is the next line, and the rest interleaves. */
static bool is_interleaving(struct play *play, size_t line)
{
    if (!play->lines[line])
        return true;
    for (size_t g = 0; g < MOST_GROUPS; g++) {
        if (play->groups[g][play->at[g]] != play->lines[line])
            continue;
        play->at[g]++;
        bool holds_on = is_interleaving(play, line + 1);
        play->at[g]--;
        if (holds_on)
            return true;
    }
    return false;
}

static void make_play(struct play *play, unsigned *seed)
{
    size_t count = 0;
    memset(play, 0, sizeof *play);
    for (size_t g = 0; g < MOST_GROUPS; g++)
        for (int i = rand_r(seed) % (LONGEST + 1); i > 0; i--) {
            char letter = (char)('a' + rand_r(seed) % 2);
            play->groups[g][strlen(play->groups[g])] = letter;
            play->lines[count++] = letter;
        }
    for (size_t i = count; i > 1; i--) {
        size_t other = (size_t)rand_r(seed) % i;
        char letter = play->lines[i - 1];
        play->lines[i - 1] = play->lines[other];
        play->lines[other] = letter;
    }
}

static bool play_holds(const struct play *play)
{
    struct part parts[MOST_GROUPS][LONGEST];
    struct text texts[MOST_GROUPS][LONGEST];
    struct text_list groups[MOST_GROUPS];
    cleanup_bytes struct bytes came = {0};
    for (size_t g = 0; g < MOST_GROUPS; g++) {
        groups[g] = (struct text_list){.texts = texts[g], .count = strlen(play->groups[g])};
        for (size_t i = 0; i < groups[g].count; i++) {
            parts[g][i] = (struct part){.kind = PART_BYTES, .data = &play->groups[g][i], .len = 1};
            texts[g][i] = (struct text){.parts = &parts[g][i], .count = 1};
        }
    }
    for (const char *line = play->lines; *line; line++)
        bytes_print(&came, "%c\n", *line);
    return holds(groups, MOST_GROUPS, bytes_text(&came));
}

START_TEST(as_the_definition_says)
{
    unsigned seed = 11;
    int yes = 0, no = 0;
    for (int round = 0; round < 4000; round++) {
        struct play play;
        make_play(&play, &seed);
        bool is_right = is_interleaving(&play, 0);
        ck_assert_msg(play_holds(&play) == is_right, "%s, %s, %s: %s", play.groups[0], play.groups[1],
                      play.groups[2], play.lines);
        yes += is_right;
        no += !is_right;
    }
    ck_assert_int_gt(yes, 100); /* else the rounds prove nothing */
    ck_assert_int_gt(no, 100);
}
END_TEST

/* ---- many lines: each of these ends within Check's limit of some seconds ----------------------------------------------- */

enum { WRITERS = 3, EACH = 400, ALL = WRITERS * EACH };

struct many { /* ALL lines; of writer w are those from w * EACH on */
    char words[ALL][24];
    struct part parts[ALL];
    struct text texts[ALL];
    struct text_list groups[ALL];
};

enum sort { ALL_DIFFER, WRITERS_EQUAL, LINES_EQUAL };

static void make_word(char *word, size_t room, enum sort sort, size_t writer, size_t line)
{
    switch (sort) {
    case ALL_DIFFER: snprintf(word, room, "%zu: line %zu", writer, line); break;
    case WRITERS_EQUAL: snprintf(word, room, "line %zu", line); break;
    case LINES_EQUAL: snprintf(word, room, "x"); break;
    }
}

static struct many *make_many(enum sort sort, size_t each)
{
    struct many *many = calloc(1, sizeof *many);
    ck_assert_ptr_nonnull(many);
    for (size_t i = 0; i < ALL; i++) {
        make_word(many->words[i], sizeof many->words[i], sort, i / each, i % each);
        many->parts[i] =
            (struct part){.kind = PART_BYTES, .data = many->words[i], .len = strlen(many->words[i])};
        many->texts[i] = (struct text){.parts = &many->parts[i], .count = 1};
        if (i % each == 0)
            many->groups[i / each] = (struct text_list){.texts = &many->texts[i], .count = each};
    }
    return many;
}

/* The lines, one of each writer in turn; with `swapped` two lines of the last writer change places near the end. */
static bool many_hold(const struct many *many, size_t each, bool is_swapped)
{
    cleanup_bytes struct bytes came = {0};
    size_t writers = ALL / each;
    for (size_t i = 0; i < each; i++)
        for (size_t w = 0; w < writers; w++) {
            size_t line = i;
            if (is_swapped && w == writers - 1 && i + 2 >= each)
                line = i + 2 == each ? each - 1 : each - 2;
            bytes_print(&came, "%s\n", many->words[w * each + line]);
        }
    return holds(many->groups, writers, bytes_text(&came));
}

START_TEST(twelve_hundred_lines_of_three_writers)
{
    struct many *many = make_many(ALL_DIFFER, EACH);
    ck_assert(many_hold(many, EACH, false));
    ck_assert(!many_hold(many, EACH, true));
    free(many);
}
END_TEST

START_TEST(writers_that_write_the_same)
{
    struct many *many = make_many(WRITERS_EQUAL, EACH);
    ck_assert(many_hold(many, EACH, false));
    ck_assert(!many_hold(many, EACH, true));
    free(many);
}
END_TEST

START_TEST(twelve_hundred_single_lines)
{
    struct many *many = make_many(ALL_DIFFER, 1);
    ck_assert(many_hold(many, 1, false));
    cleanup_bytes struct bytes came = {0};
    for (size_t i = ALL; i > 0; i--)
        bytes_print(&came, "%s\n", i == 4 ? "y" : many->words[i - 1]);
    ck_assert(!holds(many->groups, ALL, bytes_text(&came)));
    free(many);
}
END_TEST

START_TEST(twelve_hundred_equal_lines)
{
    struct many *many = make_many(LINES_EQUAL, EACH);
    cleanup_bytes struct bytes came = {0};
    ck_assert(many_hold(many, EACH, false));
    for (size_t i = 0; i < ALL; i++)
        bytes_print(&came, "%s\n", i + 1 < ALL ? "x" : "y");
    ck_assert(!holds(many->groups, WRITERS, bytes_text(&came)));
    free(many);
}
END_TEST

/* One writes x 600 times and then a, the other x 600 times and then b. After the x's it cannot be told who wrote which. */
START_TEST(the_last_line_tells_who_it_was)
{
    struct many *many = make_many(LINES_EQUAL, ALL / 2);
    many->words[ALL / 2 - 1][0] = 'a';
    many->words[ALL - 1][0] = 'b';
    static const char *const ends[] = {"a\nb\n", "b\na\n"};
    for (size_t k = 0; k < 2; k++) {
        cleanup_bytes struct bytes came = {0};
        for (size_t i = 0; i + 2 < ALL; i++)
            bytes_print(&came, "x\n");
        bytes_print(&came, "%s", ends[k]);
        ck_assert(holds(many->groups, 2, bytes_text(&came)));
    }
    /* a may come when 599 x's are there, b not before its own 599 are: the x between them is b's. */
    cleanup_bytes struct bytes early = {0};
    for (size_t i = 0; i + 3 < ALL; i++)
        bytes_print(&early, "x\n");
    bytes_print(&early, "a\nx\nb\n");
    ck_assert(holds(many->groups, 2, bytes_text(&early)));
    bytes_clear(&early);
    for (size_t i = 0; i + 3 < ALL; i++)
        bytes_print(&early, "x\n");
    bytes_print(&early, "a\nb\nx\n");
    ck_assert(!holds(many->groups, 2, bytes_text(&early)));
    free(many);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("interleaving");
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, single_lines_in_any_order);
    tcase_add_test(tests, a_list_keeps_its_order);
    tcase_add_test(tests, a_line_that_two_could_have_written);
    tcase_add_test(tests, wildcards_that_could_take_either);
    tcase_add_test(tests, a_name_that_means_nothing_is_told);
    tcase_add_test(tests, as_the_definition_says);
    tcase_add_test(tests, twelve_hundred_lines_of_three_writers);
    tcase_add_test(tests, writers_that_write_the_same);
    tcase_add_test(tests, twelve_hundred_single_lines);
    tcase_add_test(tests, twelve_hundred_equal_lines);
    tcase_add_test(tests, the_last_line_tells_who_it_was);
    Suite *suite = suite_create("interleaving");
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
