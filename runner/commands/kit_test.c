/* `ipcgrade kit`: wrong usage, and what lies in each kind of kit. What happens when it is used, kit_run_test.c sees. */
#include "commands/graded.h"

/* ---- what is typed ---------------------------------------------------------------------------------------------------------- */

#define USAGE "usage: ipcgrade kit [OPTION...] KIND DIR\n"

static const struct {
    const char *before, *arguments, *says; /* all that it says */
} wrongs[] = {
    {"", "", "ipcgrade kit: no kind is named\n" USAGE},
    {"", "github", "ipcgrade kit: no folder is named\n" USAGE},
    {"", "github a b", "ipcgrade kit: only a kind and one folder can be named\n" USAGE},
    {"", "gradescop a", "ipcgrade kit: unknown kind 'gradescop'; did you mean 'gradescope'?\n" USAGE},
    {"", "moodle a",
     "ipcgrade kit: unknown kind 'moodle'; the kinds are gradescope, github, gitlab and docker\n" USAGE},
    {"", "github ''", "ipcgrade kit: '': No such file or directory\n" USAGE},
    {"", "github sub",
     "ipcgrade kit: sub is not empty; name a folder that is empty or not there yet\n" USAGE},
    {"", "github sub/p.c", "ipcgrade kit: 'sub/p.c': Not a directory\n" USAGE},
    {"mkdir d; touch d/.x; ", "github d",
     "ipcgrade kit: d is not empty; name a folder that is empty or not there yet\n" USAGE},
    {"", "github no/such/place", "ipcgrade: make the folder no/such/place: No such file or directory\n"},
    {"", "github d --only nothing_of_the_kind",
     "ipcgrade kit: no case, program or group matches 'nothing_of_the_kind'; `ipcgrade list` shows "
     "them\n" USAGE},
    {"", "github d --only \"$(printf 'a\\nb')\"", "ipcgrade kit: --only: a pattern is one line\n" USAGE},
    {"", "github cases/kit", "ipcgrade: cases/kit lies in cases, which would be copied into it\n"},
    {"ln -s .. cases/a/loop; ", "github d",
     "ipcgrade: cases/a/loop: a link that leads to a folder above itself\n"},
    {"PATH=/nowhere; ", "gradescope d",
     "ipcgrade kit: zip, which makes the archive, is not installed (package zip)\n" USAGE},
};

START_TEST(wrong_usage_is_told)
{
    int status = shell("%s\"$p\" kit --cases cases %s", wrongs[_i].before, wrongs[_i].arguments);
    cleanup_free char *said = report();
    ck_assert_str_eq(said, wrongs[_i].says);
    ck_assert_int_eq(status, strstr(wrongs[_i].says, USAGE) ? 2 : 3);
    ck_assert_int_eq(shell("test ! -e d/README.md && echo"), 0);
}
END_TEST

/* Nothing is written when a case is wrong. */
START_TEST(wrong_cases_make_no_kit)
{
    ck_assert_int_eq(shell("echo 'stepz: []' >cases/a/ends.yaml; $p kit github d --cases cases"), 2);
    assert_said("cases/a/ends.yaml:1:1: ");
    ck_assert_int_eq(shell("test ! -e d && echo"), 0);
}
END_TEST

/* ---- what lies in it -------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *inner, *readme, *job;
} kinds[] = {
    {"gradescope", "autograder", "README.md", "autograder/run_autograder"},
    {"github", ".github/ipcgrade", ".github/ipcgrade/README.md", ".github/workflows/classroom.yml"},
    {"gitlab", ".ipcgrade", ".ipcgrade/README.md", ".gitlab-ci.yml"},
    {"docker", "ipcgrade", "README.md", "Dockerfile"},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

START_TEST(it_holds_all_that_it_needs)
{
    const char *inner = kinds[_i].inner;
    ck_assert_int_eq(
        shell("mkdir student && cp sub/p.c student/ && $p kit %s d --cases cases", kinds[_i].name), 0);
    assert_said(": 7 cases, 10 points\n");
    ck_assert_int_eq(shell("ls d/%s d/%s", kinds[_i].readme, kinds[_i].job), 0);
    ck_assert_int_eq(
        shell("diff -r cases d/%s/course/cases && diff -r student d/%s/course/student && echo same", inner,
              inner),
        0);
    ck_assert_int_eq(shell("cd d/%s && for f in *.sh; do bash -n $f || exit; done && test -x setup.sh -a -x "
                           "grade.sh && echo",
                           inner),
                     0);
    /* No template's word is left, and nothing of ours that gives a solution away. */
    ck_assert_int_eq(
        shell("! grep -rE '@[A-Z_]+@' d --include='*.sh' --include='*.md' --include='*.yml' && echo"), 0);
    ck_assert_int_eq(shell("test -z \"$(find d -name fixtures -o -name '*_test.c')\" && echo"), 0);
}
END_TEST

/* Every file that make wants, and every header that any source names; only compiling itself is left out here. */
START_TEST(its_sources_are_whole)
{
    ck_assert_int_eq(
        shell("$p kit docker d --cases cases && cd d/ipcgrade/ipcgrade && make -n install DEPS=no "
              "BUILD=/nowhere/b PREFIX=/nowhere/i >/dev/null"),
        0);
    ck_assert_int_eq(
        shell("cd d/ipcgrade/ipcgrade && cc -MM -D_GNU_SOURCE -Irunner $(pkg-config --cflags libxml-2.0) "
              "runner/*/*.c >/dev/null && echo"),
        0);
    ck_assert_int_eq(
        shell("cd \"$top\" && find Makefile LICENSE runner -type f ! -name '*_test.[ch]' ! -path "
              "'*/bench/*' ! -path '*/fuzz/*' ! -path '*/schemas/*' ! -path 'runner/kit/*' ! -name "
              "'*~' ! -name '.*' ! -name '*.o' | sort >\"$OLDPWD/want\"; cd - >/dev/null; (cd "
              "d/ipcgrade/ipcgrade && find . -type f | cut -c 3- | sort) | diff want - && echo"),
        0);
}
END_TEST

/* The archive's files stand at its top, as they do in the folder, and those that are executed stay executable. */
START_TEST(the_archive_is_the_folder)
{
    ck_assert_int_eq(
        shell("$p kit gradescope d --cases cases && mkdir x && cd x && unzip -q ../d/autograder.zip && "
              "diff -r . ../d/autograder && test -x run_autograder -a -x setup.sh && echo"),
        0);
}
END_TEST

START_TEST(what_was_chosen_stands_in_it)
{
    ck_assert_int_eq(
        shell("$p kit github d --cases cases --only a/ends --only 'z/l*' --after-due-date --language ko "
              "--title 'A \"quoted\": $(title) #1'"),
        0);
    ck_assert_int_eq(
        shell("printf '%%s\\n' --only a/ends --only 'z/l*' --after-due-date --language ko | diff - "
              "d/.github/ipcgrade/options && echo"),
        0);
    ck_assert_int_eq(shell("cat d/.github/workflows/classroom.yml d/.github/ipcgrade/README.md"), 0);
    assert_said("name: \"A \\\"quoted\\\": $(title) #1\"\n");
    assert_said("# A \"quoted\": $(title) #1, on GitHub\n");
    assert_said("2 cases, 2.87 points"); /* 7.1 / 5 and 2.9 / 2 */
}
END_TEST

START_TEST(who_reads_the_repository_reads_hidden_cases)
{
    ck_assert_int_eq(shell("$p kit gitlab d --cases cases"), 0);
    assert_said("ipcgrade: note: 1 of the cases are hidden; whoever can read the repository can read them\n");
    ck_assert_int_eq(shell("$p kit gradescope e --cases cases"), 0);
    assert_not_said("note:");
}
END_TEST

/* Editors' and git's own files, and what was compiled, stay behind; a link becomes what it leads to. */
START_TEST(only_the_course_is_taken)
{
    ck_assert_int_eq(
        shell("mkdir student cases/.git && touch cases/.git/x cases/a/ends.yaml~ student/p.o && cp /bin/true "
              "student/p && cp sub/p.c elsewhere && ln -s ../elsewhere student/p.c && $p kit gitlab d "
              "--cases cases"),
        0);
    ck_assert_int_eq(
        shell("cd d/.ipcgrade/course && test ! -e cases/.git -a ! -e cases/a/ends.yaml~ && ls student"), 0);
    cleanup_free char *said = report();
    ck_assert_str_eq(said, "p.c\n");
    ck_assert_int_eq(
        shell("test ! -L d/.ipcgrade/course/student/p.c && cmp sub/p.c d/.ipcgrade/course/student/p.c && "
              "echo"),
        0);
}
END_TEST

static void add(TCase *tests)
{
    tcase_set_timeout(tests, 600);
    tcase_add_loop_test(tests, wrong_usage_is_told, 0, (int)(sizeof wrongs / sizeof *wrongs));
    tcase_add_test(tests, wrong_cases_make_no_kit);
    tcase_add_loop_test(tests, it_holds_all_that_it_needs, 0, KINDS);
    tcase_add_test(tests, its_sources_are_whole);
    tcase_add_test(tests, the_archive_is_the_folder);
    tcase_add_test(tests, what_was_chosen_stands_in_it);
    tcase_add_test(tests, who_reads_the_repository_reads_hidden_cases);
    tcase_add_test(tests, only_the_course_is_taken);
}

int main(void)
{
    return run_graded("kit", add);
}
