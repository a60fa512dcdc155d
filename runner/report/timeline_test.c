/* The timeline on made-up results: who has a column, what stands in it, and when a list stands in its place. */
#include "report/made_up.h"

#define EVENT(actor, pid, text, more)                                                                        \
    "{\"actor\":\"" actor "\",\"pid\":" pid ",\"time_ns\":1,\"text\":\"" text "\"" more "}"
#define AT(line) ",\"file\":\"p.c\",\"line\":" line
#define PROCESS(pid, program, state) "{\"pid\":" pid ",\"program\":\"" program "\",\"state\":\"" state "\"}"
#define ACTOR(name, pid, program, state)                                                                     \
    "{\"name\":\"" name "\",\"pid\":" pid ",\"program\":\"" program "\",\"state\":\"" state "\"}"
#define FAILED_STEP ",\"failures\":[{\"step\":3,\"line\":9,\"expected\":\"a\",\"seen\":\"b\"}]"
#define PLAY(actors, events)                                                                                 \
    CASE("pipe/a", "failed", "0", "\"r\"", FAILED_STEP ",\"actors\":[" actors "],\"events\":[" events "]")

#define PEER ACTOR("peer", "3", "puppet", "does nothing")
#define PARENT_AND_CHILD                                                                                     \
    "{\"name\":\"p\",\"pid\":5,\"program\":\"prog\",\"processes\":[" PROCESS(                                \
        "5", "prog", "is blocked in waitpid(6, 0) at p.c:20") "," PROCESS("6", "tr",                         \
                                                                          "ended with status 0") "]}"

/* What comes after one another on the page. */
static void assert_page(const char *cases, int width, bool has_utf8, const char *const *parts)
{
    cleanup_free char *text = report(cases, 1, (struct report_options){.width = width, .has_utf8 = has_utf8});
    assert_order(text, parts);
}

START_TEST(a_column_for_each_process)
{
    const char *const parts[] = {"\n   p (prog, pid 5)           p (tr, pid 6)        peer (puppet, pid 3)\n",
                                 "   p.c                       p.c\n",
                                 " 7 pipe([3, 4]) = 0\n",
                                 "                           9 close(4) = 0\n",
                                 "                                                  close(7) = 0\n",
                                 "20 waitpid(6, ..., 0) ...\n",
                                 "step 4 fails here -----",
                                 "\n   is blocked in waitpid     ended with status 0  does nothing\n",
                                 NULL};
    cleanup_free char *text =
        report(PLAY(PEER "," PARENT_AND_CHILD,
                    EVENT("p", "5", "pipe([3, 4]) = 0", AT("7")) "," EVENT(
                        "p", "6", "close(4) = 0",
                        AT("9")) "," EVENT("peer", "3", "close(7) = 0",
                                           "") "," EVENT("p", "5", "waitpid(6, ..., 0) ...",
                                                         AT("20") ",\"unfinished\":true")),
               1, plain);
    /* the margin of two columns is left out above */
    cleanup_bytes struct bytes bare = {0};
    for (const char *line = text; *line; line += strcspn(line, "\n") + (line[strcspn(line, "\n")] != '\0')) {
        const char *from = strncmp(line, "  ", 2) == 0 ? line + 2 : line;
        bytes_print(&bare, "%.*s\n", (int)strcspn(from, "\n"), from);
    }
    assert_order(bytes_text(&bare), parts);
}
END_TEST

START_TEST(what_is_left_out_is_counted)
{
    const char *const parts[] = {"  ... 12 calls: read, write ...\n", "close(4) = 0\n",
                                 "  ... 1 call: read ...\n", NULL};
    const char *cases =
        PLAY(PEER "," PARENT_AND_CHILD,
             EVENT("p", "5", "close(4) = 0", ",\"skipped\":12,\"skipped_calls\":\"read, write\"") "," EVENT(
                 "peer", "3", "close(7) = 0", ",\"skipped\":1,\"skipped_calls\":\"read\""));
    assert_page(cases, 80, false, parts);
    const char *const listed[] = {"... 12 calls: read, write ...\n", "p       5  close(4) = 0\n",
                                  "... 1 call: read ...\n", NULL};
    assert_page(cases, 50, false, listed);
}
END_TEST

START_TEST(too_narrow_for_so_many)
{
    const char *const listed[] = {"WHO   PID  PROGRAM  NOW\n",
                                  "p       5  prog     is blocked in waitpid(6, 0) at p.c:20\n", "CALLS",
                                  NULL};
    const char *const columns[] = {"peer (puppet, pid 3)", "p (prog, pid 5)", "p (tr, pid 6)\n", NULL};
    const char *cases = PLAY(PEER "," PARENT_AND_CHILD,
                             EVENT("p", "5", "execve(\\\"/usr/bin/env\\\", [\\\"env\\\"]) = 0",
                                   "") "," EVENT("p", "6", "execve(\\\"/usr/bin/env\\\", [\\\"env\\\"]) = 0",
                                                 "") "," EVENT("peer", "3",
                                                               "open(\\\"box\\\", "
                                                               "O_WRONLY|O_CLOEXEC) = 3",
                                                               ""));
    assert_page(cases, 60, false, listed);
    assert_page(cases, 80, false, columns);
}
END_TEST

START_TEST(one_process_alone_is_a_list)
{
    const char *const listed[] = {"CALLS", "close(4) = 0", NULL};
    assert_page(PLAY(ACTOR("p", "5", "prog", "ended with status 0"), EVENT("p", "5", "close(4) = 0", "")), 80,
                false, listed);
}
END_TEST

START_TEST(who_did_nothing_still_stands_somewhere)
{
    const char *const parts[] = {"q (other, pid 7)", "step 4 fails here", "ended with status 1\n", NULL};
    assert_page(PLAY(PARENT_AND_CHILD "," ACTOR("q", "7", "other", "ended with status 1"),
                     EVENT("p", "5", "close(4) = 0", "")),
                80, false, parts);
}
END_TEST

/* There is no column for what nobody of the case has done: then it stands in a list, beside what the others did. */
START_TEST(what_nobody_did_is_listed)
{
    const char *const parts[] = {"CALLS", "close(4) = 0\n", "stray() = 0\n", NULL};
    assert_page(PLAY(PEER "," PARENT_AND_CHILD,
                     EVENT("p", "5", "close(4) = 0",
                           "") ",{\"actor\":null,\"pid\":77,\"time_ns\":1,\"text\":\"stray() = 0\"}"),
                100, false, parts);
}
END_TEST

START_TEST(no_call_takes_a_third_line)
{
    char cases[4096], words[600] = "";
    for (int i = 0; i < 60; i++)
        strncat(words, "word ", sizeof words - strlen(words) - 1);
    snprintf(cases, sizeof cases,
             PLAY(PEER "," PARENT_AND_CHILD,
                  EVENT("p", "5", "write(4, %s) = 300  (pipe)", "") "," EVENT("p", "6", "close(3) = 0", "")),
             words);
    cleanup_free char *text = report(cases, 1, plain);
    const char *from = strstr(text, "write(4"), *to = strstr(text, "close(3)");
    ck_assert(from && to);
    int lines = 0;
    for (const char *c = from; c < to; c++)
        lines += *c == '\n';
    ck_assert_int_eq(lines, 2);
    ck_assert_ptr_nonnull(memmem(from, (size_t)(to - from), " ..\n", 4));
}
END_TEST

START_TEST(lines_are_drawn_as_the_terminal_can)
{
    const char *const fine[] = {"step 4 fails here ─", NULL}, *const plain_ones[] = {"step 4 fails here -",
                                                                                     NULL};
    const char *cases = PLAY(PARENT_AND_CHILD, EVENT("p", "5", "close(4) = 0", ""));
    assert_page(cases, 80, true, fine);
    assert_page(cases, 80, false, plain_ones);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("timeline");
    TCase *tests = tcase_create("timeline");
    suite_add_tcase(suite, tests);
    tcase_add_checked_fixture(tests, use_utf8, NULL);
    tcase_add_test(tests, a_column_for_each_process);
    tcase_add_test(tests, what_is_left_out_is_counted);
    tcase_add_test(tests, too_narrow_for_so_many);
    tcase_add_test(tests, one_process_alone_is_a_list);
    tcase_add_test(tests, who_did_nothing_still_stands_somewhere);
    tcase_add_test(tests, what_nobody_did_is_listed);
    tcase_add_test(tests, no_call_takes_a_third_line);
    tcase_add_test(tests, lines_are_drawn_as_the_terminal_can);
    return run_suite(suite);
}
