/* `ipcgrade grade` from end to end, on submissions and suites made here: what each kind of trouble comes to. */
#include "commands/graded.h"

START_TEST(full_marks_end_with_0)
{
    ck_assert_int_eq(run((const char *const[]){"--only", "a/ends", NULL}), 0);
    json_t *json = result();
    ck_assert_str_eq(text_of(json, "verdict"), "passed");
    ck_assert_int_eq(json_integer_value(json_object_get(json, "planned")), 1);
    ck_assert(json_is_false(json_object_get(json, "partial")));
    ck_assert(json_equal(json_object_get(json, "score"), json_object_get(json, "max_score")));
    json_decref(json);
}
END_TEST

/* Beside the cases lies what was handed out: what is equal to it is told so, and plays all the same. */
START_TEST(a_skeleton_is_told_so)
{
    ck_assert_int_eq(mkdir("student", 0755), 0);
    write_file("student/p.c", program_source);
    ck_assert_int_eq(run((const char *const[]){"--only", "a", NULL}), 1);
    json_t *json = result();
    static const char *const ids[] = {"a/fails", "a/needs"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        ck_assert_str_eq(text_of(case_of(json, ids[i]), "reason"), "p: still the skeleton");
        ck_assert(json_is_true(json_object_get(case_of(json, ids[i]), "skeleton")));
    }
    ck_assert_str_eq(text_of(case_of(json, "a/ends"), "verdict"), "passed");
    ck_assert_ptr_null(json_object_get(case_of(json, "a/hidden-1"), "skeleton"));
    cleanup_free char *text = report();
    ck_assert_ptr_nonnull(strstr(text, "\np: still the skeleton (2 cases) "));
    ck_assert_ptr_null(strstr(text, "Return 0."));
    json_decref(json);
}
END_TEST

/* Where no skeletons are known, their own words tell. */
START_TEST(a_skeleton_tells_of_itself)
{
    write_file("sub/p.c", "#include <stdio.h>\nint main(void)\n{\n"
                          "    fprintf(stderr, \"p: not written yet\\n\");\n    return 1;\n}\n");
    ck_assert_int_eq(run((const char *const[]){"--only", "a/ends", NULL}), 1);
    json_t *json = result();
    ck_assert_str_eq(text_of(case_of(json, "a/ends"), "reason"), "p: still the skeleton");
    json_decref(json);
}
END_TEST

/* A line more, and it is the student's. */
START_TEST(what_was_begun_is_no_skeleton)
{
    cleanup_bytes struct bytes begun = {0};
    bytes_print(&begun, "%s\n", program_source);
    ck_assert_int_eq(mkdir("student", 0755), 0);
    write_file("student/p.c", bytes_text(&begun));
    ck_assert_int_eq(run((const char *const[]){"--only", "a/fails", NULL}), 1);
    json_t *json = result();
    ck_assert_ptr_null(json_object_get(case_of(json, "a/fails"), "skeleton"));
    json_decref(json);
}
END_TEST

/* 7.1 points among five equal cases: 1.42 each. */
START_TEST(each_trouble_has_its_verdict)
{
    ck_assert_int_eq(run((const char *const[]){"--only", "a", NULL}), 1);
    json_t *json = result();
    static const struct {
        const char *id, *verdict, *reason;
        double score;
    } rows[] = {{"a/ends", "passed", "", 1.42},
                {"a/fails", "failed", NULL, 0},
                {"a/needs", "failed", "not run: needs a/fails", 0},
                {"a/q", "failed", "q: not handed in", 0},
                {"a/hidden-1", "failed", "", 0}};
    ck_assert_uint_eq(json_array_size(json_object_get(json, "cases")), sizeof rows / sizeof *rows);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const json_t *one = case_of(json, rows[i].id);
        ck_assert_str_eq(text_of(one, "verdict"), rows[i].verdict);
        if (rows[i].reason)
            ck_assert_str_eq(text_of(one, "reason"), rows[i].reason);
        ck_assert_double_eq_tol(number_of(one, "score"), rows[i].score, 1e-9);
        ck_assert_double_eq_tol(number_of(one, "max_score"), 1.42, 1e-9);
    }
    ck_assert_double_eq_tol(number_of(json, "max_score"), 7.1, 1e-9);
    cleanup_free char *text = report();
    ck_assert_ptr_nonnull(strstr(text, "1.42 of 7.1 points"));
    ck_assert_ptr_nonnull(strstr(text, "Return 0."));
    ck_assert_ptr_null(strstr(text, "Nobody knows"));
    json_decref(json);
}
END_TEST

START_TEST(hidden_cases_are_shown_to_instructors)
{
    ck_assert_int_eq(run((const char *const[]){"--only", "a/secret", "--show-hidden", NULL}), 1);
    cleanup_free char *text = report();
    ck_assert_ptr_nonnull(strstr(text, "Nobody knows"));
}
END_TEST

START_TEST(what_does_not_compile_is_quoted)
{
    write_file("sub/p.c", "int main(void) { return no_such_name; }\n");
    ck_assert_int_eq(run((const char *const[]){"--only", "a/ends", NULL}), 1);
    json_t *json = result();
    ck_assert_str_eq(text_of(case_of(json, "a/ends"), "verdict"), "failed");
    ck_assert_str_eq(text_of(case_of(json, "a/ends"), "reason"), "p: does not build");
    ck_assert(json_is_false(json_object_get(json_object_get(json, "build"), "ok")));
    ck_assert_ptr_nonnull(strstr(text_of(json_object_get(json, "build"), "output"), "no_such_name"));
    cleanup_free char *text = report();
    ck_assert_ptr_nonnull(strstr(text, "no_such_name"));
    json_decref(json);
}
END_TEST

/* What a sanitizer says at its end helps nobody who does not know that the grader is the reason. */
START_TEST(a_sanitizer_is_told)
{
    static const char text[] = "p is built with a sanitizer (-fsanitize)";
    write_file("sub/Makefile", "p: p.c\n\tcc -g -fsanitize=address -o p p.c\n");
    ck_assert_int_eq(run((const char *const[]){"--only", "a/ends", NULL}), 1);
    cleanup_free char *with = report();
    ck_assert_ptr_nonnull(strstr(with, text));
    write_file("sub/Makefile", "p: p.c\n\tcc -g -o p p.c\n");
    ck_assert_int_eq(run((const char *const[]){"--only", "a/fails", NULL}), 1);
    cleanup_free char *without = report();
    ck_assert_ptr_null(strstr(without, text));
}
END_TEST

START_TEST(an_empty_submission_gets_nothing)
{
    ck_assert_int_eq(unlink("sub/p.c") + unlink("sub/Makefile"), 0);
    ck_assert_int_eq(run((const char *const[]){"--only", "a", NULL}), 1);
    json_t *json = result();
    ck_assert_double_eq(number_of(json, "score"), 0);
    ck_assert_str_eq(text_of(json, "verdict"), "failed");
    ck_assert_str_eq(text_of(case_of(json, "a/ends"), "reason"), "p: not handed in");
    json_decref(json);
}
END_TEST

/* Each time the program beside it is graded as ever. */
START_TEST(a_library_is_linked_with_its_driver)
{
    static const struct {
        const char *text, *verdict, *reason;
    } rows[] = {{NULL, "failed", "l: not handed in"},
                {"int words(void) { return 0; }\n", "failed", "l: does not build"},
                {"int word(void) { return 0; }\n", "passed", ""}};
    write_file("cases/assignment.yaml",
               "assignment: A\nbuild: make\nprograms: {p: {}, q: {}, l: {library: words.c, driver: d.c}}\n");
    write_file("cases/d.c", "int word(void);\nint main(void) { return word(); }\n");
    write_file("cases/z/library.yaml", "title: A library\nsteps:\n  - start: {l: [l]}\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].text)
            write_file("sub/words.c", rows[i].text);
        run((const char *const[]){"--only", "z/library", "--only", "a/ends", NULL});
        json_t *json = result();
        ck_assert_str_eq(text_of(case_of(json, "z/library"), "verdict"), rows[i].verdict);
        ck_assert_str_eq(text_of(case_of(json, "z/library"), "reason"), rows[i].reason);
        ck_assert_str_eq(text_of(case_of(json, "a/ends"), "verdict"), "passed");
        const char *words = strstr(text_of(json_object_get(json, "build"), "output"), ".l-driver.c");
        ck_assert_msg((words && strstr(words, "undefined reference to `word'")) == (i == 1), "row %zu", i);
        json_decref(json);
    }
}
END_TEST

START_TEST(output_is_in_case_order_whatever_the_jobs)
{
    static const char *const order[] = {"a/ends", "a/fails", "a/needs", "a/q", "a/hidden-1"};
    const char *jobs[] = {"1", "4"};
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(run((const char *const[]){"--only", "a", "--jobs", jobs[i], NULL}), 1);
        json_t *json = result();
        for (size_t k = 0; k < sizeof order / sizeof *order; k++)
            ck_assert_str_eq(text_of(json_array_get(json_object_get(json, "cases"), k), "id"), order[k]);
        json_decref(json);
    }
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_test(tests, full_marks_end_with_0);
    tcase_add_test(tests, a_skeleton_is_told_so);
    tcase_add_test(tests, a_skeleton_tells_of_itself);
    tcase_add_test(tests, what_was_begun_is_no_skeleton);
    tcase_add_test(tests, each_trouble_has_its_verdict);
    tcase_add_test(tests, hidden_cases_are_shown_to_instructors);
    tcase_add_test(tests, what_does_not_compile_is_quoted);
    tcase_add_test(tests, a_sanitizer_is_told);
    tcase_add_test(tests, an_empty_submission_gets_nothing);
    tcase_add_test(tests, a_library_is_linked_with_its_driver);
    tcase_add_test(tests, output_is_in_case_order_whatever_the_jobs);
}

int main(void)
{
    return run_graded("grade", add);
}
