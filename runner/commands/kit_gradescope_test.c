/* The autograder archive, unpacked and run as Gradescope does: /autograder is the folder auto/ here. What it must never do is to give a score when the grader broke; what it must
 * always do is to leave a results.json.
 */
#include "commands/kitted.h"

static void lay_out(void)
{
    fake_make();
    ck_assert_int_eq(
        shell("$p kit gradescope kit --cases cases --only 'a/*' && mkdir -p auto/results auto/source && "
              "cd auto && unzip -q ../kit/autograder.zip -d source && cp source/run_autograder . && bash "
              "source/setup.sh"),
        0);
}

/* Run it with these variables. Returns its status; what it prints, the staff sees. */
static int grade_with(const char *variables)
{
    return shell("cd auto && env %s ./run_autograder", variables);
}

static json_t *results(void)
{
    json_error_t error;
    json_t *json = json_load_file("auto/results/results.json", 0, &error);
    ck_assert_msg(json != NULL, "results.json:%d: %s", error.line, error.text);
    return json;
}

static void assert_score(double score, size_t tests)
{
    json_t *json = results();
    ck_assert_double_eq_tol(number_of(json, "score"), score, 1e-9);
    ck_assert_uint_eq(json_array_size(json_object_get(json, "tests")), tests);
    json_decref(json);
    ck_assert_int_eq(shell("python3 \"$top/runner/tools/accept.py\" gradescope auto/results/results.json"),
                     0);
    assert_not_said("not accepted");
}

static void assert_no_score(void)
{
    json_t *json = results();
    ck_assert_ptr_null(json_object_get(json, "score"));
    ck_assert_ptr_null(json_object_get(json, "tests"));
    ck_assert_ptr_nonnull(strstr(text_of(json, "output"), "not a fault of your submission"));
    ck_assert_str_eq(text_of(json, "visibility"), "visible");
    json_decref(json);
}

/* ---- submissions ------------------------------------------------------------------------------------------------------------ */

START_TEST(all_points)
{
    hand_in_all("auto/submission");
    ck_assert_int_eq(grade_with(""), 0);
    assert_said("7.1 of 7.1 points");
    assert_score(7.1, 5);
}
END_TEST

/* Five cases share 7.1 points; this one gets the first of them. */
START_TEST(some_points)
{
    ck_assert_int_eq(shell("cp -r sub auto/submission"), 0);
    ck_assert_int_eq(grade_with(""), 0);
    assert_score(1.42, 5);
}
END_TEST

START_TEST(it_does_not_compile)
{
    ck_assert_int_eq(shell("cp -r sub auto/submission && echo 'int main(' >auto/submission/p.c"), 0);
    ck_assert_int_eq(grade_with(""), 0);
    assert_score(0, 5);
    json_t *json = results();
    ck_assert_ptr_nonnull(strstr(text_of(json, "output"), "p.c:1"));
    json_decref(json);
}
END_TEST

START_TEST(nothing_in_it)
{
    ck_assert_int_eq(mkdir("auto/submission", 0755), 0);
    ck_assert_int_eq(grade_with(""), 0);
    assert_score(0, 5);
}
END_TEST

/* That is nobody's hand-in, but a platform that broke. */
START_TEST(no_submission_at_all)
{
    ck_assert_int_eq(grade_with(""), 3);
    assert_said("there is no folder");
    assert_no_score();
}
END_TEST

START_TEST(a_folder_in_the_archive)
{
    hand_in_all("auto/submission/my work");
    ck_assert_int_eq(shell("mkdir auto/submission/__MACOSX"), 0);
    ck_assert_int_eq(grade_with(""), 0);
    assert_score(7.1, 5);
}
END_TEST

/* A link to a folder is none: it would lead anywhere. */
START_TEST(a_link_in_the_archive)
{
    hand_in_all("elsewhere");
    ck_assert_int_eq(shell("mkdir auto/submission && ln -s ../../elsewhere auto/submission/work"), 0);
    ck_assert_int_eq(grade_with(""), 0);
    assert_score(0, 5);
}
END_TEST

/* ---- the grader breaks ------------------------------------------------------------------------------------------------------ */

START_TEST(it_lacks_a_part)
{
    hand_in_all("auto/submission");
    ck_assert_int_eq(unlink("auto/source/built/libexec/ipcgrade/ipcgrade-agent"), 0);
    ck_assert_int_eq(grade_with(""), 3);
    assert_said("it is tried once more");
    assert_said("the grader or the machine broke");
    assert_no_score();
}
END_TEST

START_TEST(its_cases_are_wrong)
{
    hand_in_all("auto/submission");
    ck_assert_int_eq(shell("echo 'stepz: []' >auto/source/course/cases/a/ends.yaml"), 0);
    ck_assert_int_eq(grade_with(""), 3);
    assert_said("the cases are wrong");
    assert_not_said("once more");
    assert_no_score();
}
END_TEST

/* Results of an earlier run in the same place count for nothing. */
START_TEST(it_is_killed)
{
    hand_in_all("auto/submission");
    ck_assert_int_eq(grade_with(""), 0);
    replace_grader("auto/source", "#!/bin/sh\necho x >>\"$TRIES\"\nkill -9 $$\n");
    ck_assert_int_eq(grade_with(""), 3);
    assert_tries("x\nx\n");
    assert_no_score();
}
END_TEST

/* The grader hears of it, and is not started again. */
START_TEST(it_is_asked_to_end)
{
    hand_in_all("auto/submission");
    replace_grader("auto/source", "#!/bin/bash\n"
                                  "trap 'echo heard >>\"$TRIES\"; kill $!; exit 3' TERM\n"
                                  "tail -f /dev/null &\n"
                                  "echo x >>\"$TRIES\"\n"
                                  "kill -TERM \"$(cut -d ' ' -f 4 /proc/$PPID/stat)\"\n"
                                  "wait\n");
    ck_assert_int_eq(grade_with(""), 3);
    assert_tries("x\nheard\n");
    assert_no_score();
}
END_TEST

/* Whatever the grader has written by then. */
START_TEST(the_whole_run_is_killed)
{
    hand_in_all("auto/submission");
    replace_grader("auto/source",
                   "#!/bin/bash\n"
                   "for word; do\n"
                   "    case $word in gradescope:*) echo '{\"score\": 1}' >\"${word#*:}\" ;; esac\n"
                   "done\n"
                   "kill -9 \"$(cut -d ' ' -f 4 /proc/$PPID/stat)\"\n");
    ck_assert_int_eq(grade_with(""), 137);
    assert_no_score();
}
END_TEST

/* ---- setting up ------------------------------------------------------------------------------------------------------------- */

START_TEST(what_is_built_is_kept)
{
    ck_assert_int_eq(shell("bash auto/source/setup.sh && wc -l <made"), 0);
    assert_said("\n1\n");
    assert_said("tracing");
    ck_assert_int_eq(
        shell("echo >>auto/source/ipcgrade/runner/base/text.c && bash auto/source/setup.sh && wc -l <made"),
        0);
    assert_said("\n2\n");
}
END_TEST

static void add(TCase *tests)
{
    tcase_set_timeout(tests, 600);
    tcase_add_checked_fixture(tests, lay_out, NULL);
    tcase_add_test(tests, all_points);
    tcase_add_test(tests, some_points);
    tcase_add_test(tests, it_does_not_compile);
    tcase_add_test(tests, nothing_in_it);
    tcase_add_test(tests, no_submission_at_all);
    tcase_add_test(tests, a_folder_in_the_archive);
    tcase_add_test(tests, a_link_in_the_archive);
    tcase_add_test(tests, it_lacks_a_part);
    tcase_add_test(tests, its_cases_are_wrong);
    tcase_add_test(tests, it_is_killed);
    tcase_add_test(tests, it_is_asked_to_end);
    tcase_add_test(tests, the_whole_run_is_killed);
    tcase_add_test(tests, what_is_built_is_kept);
}

int main(void)
{
    return run_graded("kit for Gradescope", add);
}
