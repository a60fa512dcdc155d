/* Which calls of a failed play are told, and in which order. */
#include "judge/timeline.h"

#include "judge/playing.h"

static void play_yaml(struct played *played, const char *yaml)
{
    const struct play_row row = {.title = "a play that fails", .yaml = yaml};
    play_row(played, &row);
    ck_assert_int_eq(played->result.verdict, FAILED);
}

/* The told event whose text begins so; -1: it is not told. */
static int told(const struct case_result *result, const char *begin)
{
    for (size_t i = 0; i < result->event_count; i++)
        if (strncmp(result->events[i].text, begin, strlen(begin)) == 0)
            return (int)i;
    return -1;
}

/* The read was begun before the write that ends it; it is told behind it. */
START_TEST(effects_stand_behind_their_causes)
{
    struct played played;
    play_yaml(&played, "given: {box: fifo}\nsteps:\n"
                       "  - start: {p: [does, open, box, r, read, \"3\", exit, \"3\"]}\n"
                       "  - do: {peer: {open: box, flags: O_WRONLY, as: w}}\n"
                       "  - expect: {p: {blocks: {read: box}}}\n"
                       "  - do: {peer: {write: w, text: hello}}\n");
    int write = told(&played.result, "write("), read = told(&played.result, "read(3, \"hello\"");
    ck_assert_int_ge(write, 0);
    ck_assert_int_gt(read, write);
    ck_assert_int_lt(told(&played.result, "open(\"box\", O_WRONLY"), write);
    const struct result_event *taken = &played.result.events[read];
    ck_assert_uint_eq(taken->giver, (size_t)write + 1);
    ck_assert_uint_eq(taken->bytes, strlen("hello"));
    ck_assert_str_eq(taken->object, "box");
    ck_assert(taken->began > 0 && taken->began <= (size_t)write + 1);
    ck_assert_uint_eq(played.result.events[write].giver, 0);
    played_free(&played);
}
END_TEST

/* Each read is traced to the write that gave its first byte, also when several writes were read at once. */
START_TEST(what_is_taken_has_a_giver)
{
    struct played played;
    play_yaml(&played, "steps:\n  - start: {p: [does, pipe, write, \"4\", one, write, \"4\", two, read, "
                       "\"3\", exit, \"1\"]}\n");
    const struct case_result *result = &played.result;
    int first = told(result, "write(4, \"one"), read = told(result, "read(3, \"onetwo\"");
    ck_assert_int_ge(first, 0);
    ck_assert_int_gt(read, first);
    ck_assert_uint_eq(result->events[read].giver, (size_t)first + 1);
    ck_assert_uint_eq(result->events[read].began, 0);
    played_free(&played);
}
END_TEST

/* Who still waits stands last, whoever has begun to. */
START_TEST(waits_stand_last)
{
    struct played played;
    play_yaml(&played,
              "steps:\n  - start: {p: [does, fork, pipe, read, \"3\", done, write, \"1\", x, wait]}\n"
              "  - expect: {p: {exit: 0}}\n");
    const struct case_result *result = &played.result;
    int read = told(result, "read(3"), wait = told(result, "waitpid("), write = told(result, "write(1");
    if (wait < 0)
        wait = told(result, "wait4(");
    ck_assert_int_ge(write, 0);
    ck_assert(read > write && wait > write);
    int fork = told(result, "fork(") < 0 ? told(result, "clone") : told(result, "fork(");
    ck_assert_int_ge(fork, 0);
    ck_assert_int_eq(result->events[fork].other_pid, result->events[read].pid);
    ck_assert_uint_eq(result->events[read].giver, 0);
    ck_assert(result->events[read].is_unfinished && result->events[wait].is_unfinished);
    played_free(&played);
}
END_TEST

#define FIVE "write, \"4\", x, write, \"4\", x, write, \"4\", x, write, \"4\", x, write, \"4\", x, "

/* What shaped the scene is told, however long ago it was; of what goes to and fro only the last. */
START_TEST(traffic_is_counted)
{
    struct played played;
    play_yaml(&played, "steps:\n  - start: {p: [does, pipe, " FIVE FIVE FIVE FIVE FIVE "exit, \"1\"]}\n");
    const struct case_result *result = &played.result;
    size_t skipped = 0, writes = 0;
    for (size_t i = 0; i < result->event_count; i++) {
        skipped += result->events[i].skipped;
        writes += strncmp(result->events[i].text, "write(4", strlen("write(4")) == 0;
        if (result->events[i].skipped > 0)
            ck_assert_str_eq(result->events[i].skipped_calls, "write");
    }
    ck_assert_int_eq(told(result, "pipe("), 0);
    ck_assert_uint_eq(writes + skipped, 25);
    ck_assert_uint_ge(skipped, 10);
    played_free(&played);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("timelines of plays");
    TCase *tests = tcase_create("timeline");
    tcase_set_timeout(tests, PLAY_SECONDS);
    tcase_add_test(tests, effects_stand_behind_their_causes);
    tcase_add_test(tests, what_is_taken_has_a_giver);
    tcase_add_test(tests, waits_stand_last);
    tcase_add_test(tests, traffic_is_counted);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
