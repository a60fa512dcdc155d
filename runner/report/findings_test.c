/* Findings in the report: once for each place, the gravest first, and not what a failure has told already. */
#include "report/made_up.h"

#define FINDING(rule, severity, line, more)                                                                  \
    "{\"rule\":\"" rule "\",\"severity\":\"" severity "\",\"text\":\"facts of " rule                         \
    "\",\"count\":1,\"program\":\"prog\",\"call\":\"read(3)\",\"file\":\"p.c\",\"line\":" line               \
    ",\"law\":\"The law.\",\"see\":\"pipe(7)\"" more "}"
#define WITH(id, findings) CASE(id, "passed", "2.5", "null", NO_EVENTS ",\"findings\":[" findings "]")

START_TEST(the_same_place_is_told_once)
{
    const char *const parts[] = {
        "Found beside the cases -",
        "this costs nothing\n",
        "  error    wrong-end  p.c:9\n           facts of wrong-end\n           read(3)\n",
        "- made by pipe()\n",
        "law: The law. (pipe(7))\n",
        "  warning  zombie  p.c:7  (in 2 cases)\n",
        NULL};
    cleanup_free char *text =
        report(WITH("pipe/a", FINDING("zombie", "warning", "7", "")) "," WITH(
                   "pipe/b", FINDING("zombie", "warning", "7", "") "," FINDING(
                                 "wrong-end", "error", "9", ",\"other\":\"made by pipe()\"")),
               2, plain);
    assert_order(text, parts);
    ck_assert_ptr_null(strstr(strstr(text, "zombie") + 1, "zombie  p.c"));
}
END_TEST

START_TEST(another_line_is_another_finding)
{
    cleanup_free char *text = report(
        WITH("pipe/a", FINDING("zombie", "warning", "7", "") "," FINDING("zombie", "warning", "8", "")), 1,
        plain);
    const char *const parts[] = {"zombie  p.c:7\n", "zombie  p.c:8\n", NULL};
    assert_order(text, parts);
}
END_TEST

START_TEST(what_a_failure_tells_is_left_out)
{
    cleanup_free char *text =
        report(WITH("pipe/a", FINDING("self-held-end", "error", "7", ",\"told\":true")), 1, plain);
    ck_assert_ptr_null(strstr(text, "self-held-end"));
    ck_assert_ptr_null(strstr(text, "Found beside"));
    /* but not when another case says it alone */
    cleanup_free char *both =
        report(WITH("pipe/a", FINDING("self-held-end", "error", "7", ",\"told\":true")) "," WITH(
                   "pipe/b", FINDING("self-held-end", "error", "7", "")),
               2, plain);
    ck_assert_ptr_nonnull(strstr(both, "self-held-end  p.c:7  (in 2 cases)"));
}
END_TEST

START_TEST(notes_and_a_long_list_are_for_who_asks)
{
    cleanup_bytes struct bytes list = {0}, cases = {0};
    for (int i = 1; i <= 12; i++)
        bytes_print(&list, "%s" FINDING("zombie", "warning", "%d", ""), i > 1 ? "," : "", i);
    bytes_print(&cases, WITH("pipe/a", "%s," FINDING("detach-missing", "note", "20", "")), list.data);
    cleanup_free char *text = report(cases.data, 1, plain);
    ck_assert_ptr_nonnull(strstr(text, "2 more: see --verbose\n"));
    ck_assert(!strstr(text, "p.c:12") && !strstr(text, "detach-missing"));
    cleanup_free char *all = report(cases.data, 1, (struct report_options){.width = 80, .is_verbose = true});
    ck_assert(strstr(all, "p.c:12") && strstr(all, "detach-missing") && !strstr(all, "see --verbose"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("findings");
    TCase *tests = tcase_create("findings");
    suite_add_tcase(suite, tests);
    tcase_add_checked_fixture(tests, use_utf8, NULL);
    tcase_add_test(tests, the_same_place_is_told_once);
    tcase_add_test(tests, another_line_is_another_finding);
    tcase_add_test(tests, what_a_failure_tells_is_left_out);
    tcase_add_test(tests, notes_and_a_long_list_are_for_who_asks);
    return run_suite(suite);
}
