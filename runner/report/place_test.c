/* Where a failure says that the program has failed, and which cases are told together because of it. */
#include "report/place.h"

#include "report/made_up.h"

static const struct {
    const char *seen, *place;
} rows[] = {
    {"p is blocked in read(3, ..., 4096) ... at fifo_read.c:55", "fifo_read.c:55"},
    {"p was killed by SIGSEGV at src/a-b.c:7\nq ended at z.c:9", "src/a-b.c:7"},
    {"p has printed \"see x.c:3\" and waits at y.c:4", "y.c:4"},
    {"p has printed \"a \\\" x.c:3\" at y.c:4", "y.c:4"},
    {"p has printed \"see x.c:3\"", NULL},
    {"p ended with status 1\np printed on standard error \"prog: open: No such file\\n\"",
     "\"prog: open: No such file\""},
    {"p printed on standard error \"other: open\\n\"", NULL},
    {"p printed on standard error \"prog: \"", "\"prog: \""},
    {"p has printed \"prog", NULL},
    {"at 10:30 the time was 3.5:", NULL},
    {"", NULL},
};

START_TEST(a_failure_names_its_place)
{
    struct failure failure = {.seen = (char *)rows[_i].seen};
    const struct case_result one = {
        .verdict = FAILED, .program = "prog", .failures = &failure, .failure_count = 1};
    struct place_text place;
    ck_assert_int_eq(place_find(&one, &place), rows[_i].place != NULL);
    if (rows[_i].place)
        ck_assert_str_eq(place.text, rows[_i].place);
}
END_TEST

#define AT(place)                                                                                            \
    ",\"failures\":[{\"step\":1,\"line\":4,\"expected\":\"a\",\"seen\":\"p waits at " place "\"}]" NO_EVENTS
#define THREE                                                                                                \
    CASE("pipe/a", "failed", "0", "\"r\"", AT("x.c:3"))                                                      \
    "," CASE("pipe/b", "failed", "0", "\"r\"", AT("x.c:4")) "," CASE("pipe/c", "failed", "0", "\"r\"",       \
                                                                     AT("x.c:3"))

START_TEST(the_same_place_is_told_once)
{
    const char *const parts[] = {
        "pipe/a -",   "p waits at x.c:3", "1 more case: x.c:3 -", "2.5 points lost\n",
        "  pipe/c\n", "pipe/b -",         "p waits at x.c:4",     NULL};
    cleanup_free char *text = report(THREE, 3, plain);
    assert_order(text, parts);
    ck_assert_ptr_null(strstr(text, "Title of pipe/c"));
}
END_TEST

START_TEST(verbose_tells_all)
{
    cleanup_free char *text = report(THREE, 3, (struct report_options){.width = 80, .is_verbose = true});
    ck_assert_ptr_nonnull(strstr(text, "Title of pipe/c"));
    ck_assert_ptr_null(strstr(text, "1 more case"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("place");
    TCase *tests = tcase_create("place");
    suite_add_tcase(suite, tests);
    tcase_add_checked_fixture(tests, use_utf8, NULL);
    tcase_add_loop_test(tests, a_failure_names_its_place, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_test(tests, the_same_place_is_told_once);
    tcase_add_test(tests, verbose_tells_all);
    return run_suite(suite);
}
