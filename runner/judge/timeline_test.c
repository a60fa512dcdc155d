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

/* A post of a puppet, with further words of the deed. */
#define POST(more) "  - do: {peer: {semop: s, num: 0, op: 1" more "}}\n"
#define WAITS(value, op)                                                                                     \
    "given: {s: {is: semaphores, values: [" value "]}}\nsteps:\n"                                            \
    "  - start: {p: [does, semop, <s>, \"0\", \"" op "\", exit, \"3\"]}\n"

/* Of the posts that came after p was proved to wait there was one only that could let it through; what was before the proof, or may be undone, is no fact. */
static const struct {
    const char *yaml;
    int giver; /* which of the posts, from the last; 0: nobody is named */
} posts[] = {
    {WAITS("0", "-1") "  - expect: {p: {blocks: {semop: s}}}\n" POST(""), 1},
    {WAITS("0", "-2") POST("") "  - expect: {p: {blocks: {semop: s}}}\n" POST(""), 1},
    {WAITS("0", "-1") POST("") POST(""), 2},
    {WAITS("1", "-1") POST(""), 0},
    {WAITS("0", "-1") POST(", flags: SEM_UNDO"), 0},
};
enum { POSTS = sizeof posts / sizeof *posts };

START_TEST(one_post_lets_a_wait_through)
{
    struct played played;
    play_yaml(&played, posts[_i].yaml);
    const struct case_result *result = &played.result;
    int wait = told(result, "semop(0, [{0, -"), left = posts[_i].giver;
    size_t giver = 0;
    ck_assert_int_ge(wait, 0);
    for (size_t i = result->event_count; i > 0 && left > 0; i--)
        if (strncmp(result->events[i - 1].text, "semop(0, [{0, +1}])", strlen("semop(0, [{0, +1}])")) == 0) {
            giver = i;
            left--;
        }
    ck_assert_int_eq(left, 0);
    ck_assert_uint_eq(result->events[wait].giver, giver);
    ck_assert(giver == 0 || (size_t)wait + 1 > giver);
    played_free(&played);
}
END_TEST

/* What a told call took is told with whoever gave it, though twelve later calls have taken all room. */
START_TEST(a_giver_is_told_with_the_taker)
{
    struct played played;
    play_yaml(&played,
              "given: {box: fifo}\nsteps:\n"
              "  - do: {peer: {open: box, flags: O_RDWR, as: w}}\n"
              "  - do: {peer: {write: w, text: hello}}\n"
              "  - start: {p: [does, pipe, pipe, pipe, pipe, pipe, pipe, pipe, pipe, pipe, pipe, pipe, "
              "pipe, pipe, open, box, r, read, \"29\", exit, \"3\"]}\n");
    const struct case_result *result = &played.result;
    int read = told(result, "read(29, \"hello\""), write = told(result, "write(");
    ck_assert_int_ge(read, 0);
    ck_assert_int_ge(write, 0);
    ck_assert_uint_eq(result->events[read].giver, (size_t)write + 1);
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
    tcase_add_loop_test(tests, one_post_lets_a_wait_through, 0, POSTS);
    tcase_add_test(tests, a_giver_is_told_with_the_taker);
    tcase_add_test(tests, waits_stand_last);
    tcase_add_test(tests, traffic_is_counted);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
