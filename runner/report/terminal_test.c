/* The terminal report on made-up results: what must be in it, where, and what must not. What it says of a build is in
 * terminal_build_test.c.
 */
#include "report/made_up.h"

#include "report/page.h"

START_TEST(a_failure_tells_everything_top_down)
{
    const char *const parts[] = {"Pipes",
                                 "pipe/eof",
                                 "failed, 0 of 2.5 points\n",
                                 "Title of pipe/eof\n",
                                 "step",
                                 "4  cases/pipe/eof.yaml:9\n",
                                 "expect: {p: {stdout: x}}\n",
                                 "After peer closed r (step 3) everything came to rest.\n",
                                 "expected  p prints \"hello\\n\"\n",
                                 "seen      p printed \"help\\n\"\n",
                                 "^ differs from here\n",
                                 "p (prog, pid 2)",
                                 "peer (puppet, pid 3)\n",
                                 "prog.c\n",
                                 "31 pipe([4, 5]) = 0\n",
                                 "close(7) = 0\n",
                                 "77 read(4, ...\n",
                                 "step 4 fails here -",
                                 "blocked in read",
                                 "waits\n",
                                 "FIFO box (mode 0600), made by p: mknod at prog.c:12\n",
                                 "Close the write end.\n",
                                 "pipe(7), close(2)\n",
                                 "0 of 20 points",
                                 "0 of 1 cases passed\n",
                                 NULL};
    cleanup_free char *text = report(A_FAILURE, 1, plain);
    assert_order(text, parts);
}
END_TEST

START_TEST(the_mark_stands_under_the_difference)
{
    cleanup_free char *text = report(A_FAILURE, 1, plain);
    const char *seen = strstr(text, "  seen "), *mark = strchr(seen, '^'), *line = strchr(seen, '\n') + 1;
    ck_assert_ptr_nonnull(mark);
    ck_assert_int_eq(mark - line,
                     strstr(seen, "p\\n\"") - seen); /* "hel" is common, 'p' is the first that differs */
}
END_TEST

START_TEST(a_difference_in_long_texts_is_cut_out)
{
    char sixty[61] = "", cases[4096];
    memset(sixty, 'x', 60);
    snprintf(cases, sizeof cases,
             CASE("pipe/eof", "failed", "0", "\"r\"",
                  FAILURE("p prints \\\"%s%sright %s\\\"", "p printed \\\"%s%swrong %s\\\"")),
             sixty, sixty, sixty, sixty, sixty, sixty);
    cleanup_free char *text = report(cases, 1, plain);
    const char *const parts[] = {"they differ here:\n", " \"...xxxxxxxxxxxxxxxxxxxxright", "...\"\n",
                                 " \"...xxxxxxxxxxxxxxxxxxxxwrong", NULL};
    assert_order(text, parts);
}
END_TEST

static char *without_colour(const char *text)
{
    char *bare = strdup(text), *to = bare;
    for (const char *c = text; *c; c++) {
        if (*c == '\033')
            c += strcspn(c, "m");
        else
            *to++ = *c;
    }
    *to = '\0';
    return bare;
}

START_TEST(colour_changes_nothing_else)
{
    cleanup_free char *text = report(A_FAILURE, 1, plain);
    cleanup_free char *colour =
        report(A_FAILURE, 1, (struct report_options){.width = 80, .has_colour = true});
    cleanup_free char *bare = without_colour(colour);
    ck_assert_ptr_null(strchr(text, '\033'));
    ck_assert_ptr_nonnull(strstr(colour, "\033[31m"));
    ck_assert_str_eq(bare, text);
    /* Nothing stays coloured over the end of a line. */
    for (const char *line = colour; *line; line = strchr(line, '\n') + 1) {
        const char *end = strchr(line, '\n'), *last = memrchr(line, '\033', (size_t)(end - line));
        ck_assert(!last || strncmp(last, "\033[0m", 4) == 0 || strncmp(last, "\033[m", 3) == 0);
    }
}
END_TEST

static const int widths[] = {60, 72, 80, 100, 120};

START_TEST(no_line_is_wider_than_the_terminal)
{
    const struct report_options options = {.width = widths[_i], .has_utf8 = true, .is_verbose = true};
    cleanup_free char *text =
        report(A_FAILURE "," CASE("pipe/a_very_long_name_of_a_case", "skipped", "0",
                                  "\"this machine has no message queues, and nobody knows why\"", NO_EVENTS),
               2, options);
    for (const char *line = text; *line; line = strchr(line, '\n') + 1)
        ck_assert_msg(page_columns(line) <= widths[_i], "%.*s", (int)strcspn(line, "\n"), line);
}
END_TEST

START_TEST(what_is_alike_is_told_once)
{
    cleanup_free char *text =
        report(CASE("pipe/a", "failed", "0", "\"prog: not handed in\"", NO_EVENTS) "," CASE(
                   "pipe/b", "passed", "2.5", "null",
                   NO_EVENTS) "," CASE("pipe/c", "failed", "0", "\"prog: not handed in\"", NO_EVENTS),
               3, plain);
    const char *const parts[] = {"prog: not handed in", "failed, 0 of 5 points\n", "pipe/a  pipe/c\n",
                                 "1 of 3 cases", NULL};
    assert_order(text, parts);
    ck_assert_ptr_null(strstr(strstr(text, "not handed in") + 1, "not handed in"));
    ck_assert_ptr_null(strstr(text, "Title of pipe/b")); /* what passed is only counted */
}
END_TEST

#define LACKS(id, program, why)                                                                              \
    CASE(id, "failed", "0", "\"" program ": " why "\"", ",\"lacks\":\"" program "\"" NO_EVENTS)
#define FIVE_LACKING                                                                                         \
    LACKS("a/1", "one", "not handed in")                                                                     \
    "," LACKS("a/2", "two", "still the skeleton") "," LACKS("b/1", "three", "not handed in") "," LACKS(      \
        "b/2", "one", "not handed in") "," LACKS("b/3", "four", "does not build") "," LACKS("c/1", "five",   \
                                                                                            "still the "     \
                                                                                            "skeleton")

/* A line each while they are few ... */
START_TEST(programs_that_are_not_there_are_told_in_a_line)
{
    cleanup_free char *text = report(FIVE_LACKING, 6, plain);
    const char *const parts[] = {"\none: not handed in (2 cases) ",
                                 "failed, 0 of 5 points\ntwo: still the skeleton (1 case) ",
                                 "\nthree: not handed in (1 case) ",
                                 "\nfour: does not build (1 case) ",
                                 "\nfive: still the skeleton (1 case) ",
                                 "failed, 0 of 2.5 points\n\n",
                                 NULL};
    assert_order(text, parts);
    ck_assert_ptr_null(strstr(text, "a/1"));
}
END_TEST

/* ... and by their names when they are many. */
START_TEST(many_programs_that_are_not_there_are_told_by_their_names)
{
    cleanup_free char *text = report(FIVE_LACKING "," LACKS("d/1", "six", "not handed in"), 7, plain);
    const char *const parts[] = {"\nnot handed in (3 programs, 4 cases) ",
                                 "failed, 0 of 10 points\n  one  three  six\n\n",
                                 "still the skeleton (2 programs, 2 cases) ",
                                 "failed, 0 of 5 points\n  two  five\n\n",
                                 "four: does not build (1 case) ",
                                 "failed, 0 of 2.5 points\n\n",
                                 NULL};
    assert_order(text, parts);
}
END_TEST

START_TEST(broken_and_skipped_are_not_charged)
{
    cleanup_free char *text =
        report(CASE("pipe/a", "broken", "0", "\"the worker was killed\"",
                    NO_EVENTS) "," CASE("pipe/b", "skipped", "0", "\"no second user\"", NO_EVENTS),
               2, plain);
    const char *const parts[] = {"broken, not judged: 2.5 points",
                                 "the worker was killed",
                                 "no second user",
                                 "skipped, not judged: 2.5 points",
                                 "BROKEN",
                                 "SKIPPED",
                                 "Could not be judged: 5 points",
                                 NULL};
    assert_order(text, parts);
    ck_assert_ptr_null(strstr(text, "failed, "));
}
END_TEST

/* What had failed and was taken back is for a person to look at, also where a consumer shows full marks. */
START_TEST(what_was_taken_back_is_told)
{
    cleanup_free char *text =
        report(CASE("pipe/a", "passed", "2.5", "null", NO_EVENTS) "," CASE(
                   "pipe/b", "skipped", "0", "\"a limit\"", ",\"taken_back\":true" NO_EVENTS),
               2, plain);
    ck_assert_ptr_nonnull(strstr(text, "Of these cases 1 were played and had failed"));
}
END_TEST

START_TEST(a_partial_result_says_so)
{
    cleanup_free char *text = report(CASE("pipe/a", "passed", "2.5", "null", NO_EVENTS), 7, plain);
    ck_assert_ptr_nonnull(strstr(text, "1 of 7 cases have been judged"));
}
END_TEST

START_TEST(points_lost_on_the_way_are_told)
{
    cleanup_free char *text = report(CASE("pipe/a", "passed", "2", "\"0.5 points lost\"",
                                          ",\"failures\":[{\"step\":1,\"line\":4,\"expected\":\"a\",\"seen\":"
                                          "\"b\",\"cost\":0.5}]" NO_EVENTS),
                                     1, plain);
    const char *const parts[] = {"passed, 2 of 2.5 points", "This costs 0.5 points.", NULL};
    assert_order(text, parts);
}
END_TEST

START_TEST(the_same_call_again_is_counted)
{
#define READ(ns) "{\"actor\":\"p\",\"pid\":2,\"time_ns\":" ns ",\"text\":\"read(0) = 1\"}"
#define WRITE(ns) "{\"actor\":\"p\",\"pid\":2,\"time_ns\":" ns ",\"text\":\"write(1) = 1\"}"
    cleanup_free char *text = report(CASE("pipe/a", "failed", "0", "\"r\"",
                                          ",\"actors\":[{\"name\":\"p\"}],\"events\":[" READ("1") "," READ(
                                              "2") "," READ("3") "," WRITE("4") "," READ("5") "]"),
                                     1, plain);
    const char *const parts[] = {"p    read(0) = 1 (3 times)\n", "p    write(1) = 1\n", "p    read(0) = 1\n",
                                 NULL};
    assert_order(text, parts);
}
END_TEST

START_TEST(several_processes_are_told_apart)
{
#define CALL(pid) "{\"actor\":\"p\",\"pid\":" pid ",\"time_ns\":1,\"text\":\"close(4) = 0\"}"
#define TWO                                                                                                  \
    "\"processes\":[{\"pid\":5,\"program\":\"prog\",\"state\":\"is blocked in waitpid(6)\"},"                \
    "{\"pid\":6,\"program\":\"tr\",\"state\":\"is blocked in read(0)\"}]"
    cleanup_free char *text =
        report(CASE("pipe/a", "failed", "0", "\"r\"",
                    ",\"actors\":[{\"name\":\"p\",\"pid\":5,\"program\":\"prog\"," TWO
                    "},{\"name\":\"q\",\"pid\":7,\"program\":\"other\",\"state\":\"ended "
                    "with status 0\"}],\"events\":[" CALL("5") "," CALL("6") "]"),
               1, (struct report_options){.width = 50}); /* too narrow for columns */
    const char *const parts[] = {"WHO  PID  PROGRAM  NOW\n",
                                 "p      5  prog     is blocked in waitpid(6)\n",
                                 "p      6  tr       is blocked in read(0)\n",
                                 "q      7  other    ended with status 0\n",
                                 "WHO  PID  CALLS\n",
                                 "p      5  close(4) = 0\n",
                                 "p      6  close(4) = 0\n",
                                 NULL};
    assert_order(text, parts);
}
END_TEST

START_TEST(who_executes_a_stand_in_by_now_is_told_apart)
{
    cleanup_free char *text =
        report(CASE("pipe/a", "failed", "0", "\"r\"",
                    ",\"actors\":[{\"name\":\"p\",\"pid\":5,\"program\":\"prog\"}],\"events\":[" CALL(
                        "5") "," CALL("6") "]"),
               1, plain);
    const char *const parts[] = {"  p (prog, pid 5)  p (pid 6)\n", "  close(4) = 0\n",
                                 "                   close(4) = 0\n", NULL};
    assert_order(text, parts);
}
END_TEST

#define AT_THE_END(seen)                                                                                     \
    "{\"step\":-1,\"line\":0,\"cause\":\"After all.\",\"expected\":\"nothing is left\",\"seen\":\"" seen "\"}"

START_TEST(what_was_left_behind_is_told_once)
{
    cleanup_free char *text = report(
        CASE(
            "pipe/a", "failed", "0", "\"r\"",
            ",\"failures\":[" AT_THE_END("FIFO a (mode 0600), made by p") "," AT_THE_END(
                "FIFO b (mode 0600), made by q") "],\"events\":[],\"left\":["
                                                 "{\"kind\":\"FIFO\",\"name\":\"a\",\"about\":\"mode 0600\"},"
                                                 "{\"kind\":\"FIFO\",\"name\":\"c\",\"about\":\"mode "
                                                 "0600\"}]"),
        1, plain);
    const char *const parts[] = {"step      the end of the case\n\n  After all.\n\n",
                                 "  expected  nothing is left\n  seen      FIFO a (mode 0600), made by p\n",
                                 "            FIFO b (mode 0600), made by q\n\n",
                                 "  left      FIFO c (mode 0600)\n\n", /* the case lets it pass */
                                 NULL};
    assert_order(text, parts);
    static const char *const once[] = {"After all.", "nothing is left", "FIFO a"};
    for (size_t i = 0; i < sizeof once / sizeof *once; i++)
        ck_assert_ptr_null(strstr(strstr(text, once[i]) + 1, once[i]));
}
END_TEST

START_TEST(titles_and_hints_in_korean)
{
    cleanup_free char *text =
        report(A_FAILURE, 1, (struct report_options){.width = 80, .language = REPORT_KOREAN});
    const char *const parts[] = {"파이프", "제목", "쓰는 쪽을 닫아라.", NULL};
    assert_order(text, parts);
    ck_assert_ptr_null(strstr(text, "Close the write end."));
}
END_TEST

START_TEST(a_hidden_case_gives_nothing_away)
{
    struct result result = made_up(A_FAILURE, 1, true);
    case_result_hide(&result.cases[0], 1);
    char *text = report_on(&result, plain);
    ck_assert_ptr_nonnull(strstr(text, "pipe/hidden-1"));
    ck_assert_ptr_nonnull(strstr(text, "failed, 0 of 2.5 points"));
    ck_assert(!strstr(text, "eof") && !strstr(text, "prog") && !strstr(text, "Close") &&
              !strstr(text, "hello"));
    free(text);
    result_free(&result);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("terminal");
    TCase *tests = tcase_create("terminal");
    suite_add_tcase(suite, tests);
    tcase_add_checked_fixture(tests, use_utf8, NULL);
    tcase_add_test(tests, a_failure_tells_everything_top_down);
    tcase_add_test(tests, the_mark_stands_under_the_difference);
    tcase_add_test(tests, a_difference_in_long_texts_is_cut_out);
    tcase_add_test(tests, colour_changes_nothing_else);
    tcase_add_loop_test(tests, no_line_is_wider_than_the_terminal, 0, (int)(sizeof widths / sizeof *widths));
    tcase_add_test(tests, what_is_alike_is_told_once);
    tcase_add_test(tests, programs_that_are_not_there_are_told_in_a_line);
    tcase_add_test(tests, many_programs_that_are_not_there_are_told_by_their_names);
    tcase_add_test(tests, broken_and_skipped_are_not_charged);
    tcase_add_test(tests, a_partial_result_says_so);
    tcase_add_test(tests, what_was_taken_back_is_told);
    tcase_add_test(tests, points_lost_on_the_way_are_told);
    tcase_add_test(tests, the_same_call_again_is_counted);
    tcase_add_test(tests, several_processes_are_told_apart);
    tcase_add_test(tests, who_executes_a_stand_in_by_now_is_told_apart);
    tcase_add_test(tests, what_was_left_behind_is_told_once);
    tcase_add_test(tests, titles_and_hints_in_korean);
    tcase_add_test(tests, a_hidden_case_gives_nothing_away);
    return run_suite(suite);
}
