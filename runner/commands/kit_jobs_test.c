/* The kits for GitHub, GitLab and a container in use: tools/jobs.py reads the job files and executes their steps in a repository of a student's, as the platforms do. */
#include "commands/kitted.h"

/* A kit of the group a in a repository with this submission; repo/.git holds a secret of the history. */
static void lay_out(const char *kind, bool is_full)
{
    fake_make();
    ck_assert_int_eq(shell("$p kit %s repo --cases cases --only 'a/*'", kind), 0);
    if (is_full)
        hand_in_all("repo");
    else
        ck_assert_int_eq(shell("cp -r sub/. repo/"), 0);
    ck_assert_int_eq(shell("mkdir repo/.git && echo secret >repo/.git/secret"), 0);
}

static void work(const char *kind)
{
    ck_assert_int_eq(shell("python3 \"$top/runner/tools/jobs.py\" %s repo", kind), 0);
}

/* A fresh machine builds first, then the grader is replaced: nothing of it is built anew. */
static void break_grader(const char *inner)
{
    ck_assert_int_eq(shell("bash %s/setup.sh", inner), 0);
    replace_grader(inner, "#!/bin/sh\n[ \"$1\" = doctor ] || echo x >>\"$TRIES\"\nexit 3\n");
}

START_TEST(github_full)
{
    lay_out("github", true);
    work("github");
    assert_said("\npoints: 7.1 of 7.1\n");
    assert_said("\nSet up: 0\nGrade: 0\nsummary: yes\n");
    assert_said("::stop-commands::");
    ck_assert_int_eq(shell("test -s repo/ipcgrade.html && echo"), 0);
}
END_TEST

/* Partial credit, and a red step. */
START_TEST(github_lost)
{
    lay_out("github", false);
    work("github");
    assert_said("\npoints: 1.42 of 7.1\n");
    assert_said("\nSet up: 0\nGrade: 1\nsummary: yes\n");
    assert_said("\n::error title=a/fails");
}
END_TEST

/* Nothing is reported to Classroom, so what it knows stays. */
START_TEST(github_broken)
{
    lay_out("github", true);
    break_grader("repo/.github/ipcgrade");
    work("github");
    assert_said("\nSet up: 0\nGrade: 3\nReport the points: not run");
    assert_said("::error title=The grader broke::");
    assert_not_said("\npoints: ");
    assert_tries("x\nx\n");
}
END_TEST

START_TEST(gitlab_full)
{
    lay_out("gitlab", true);
    work("gitlab");
    assert_said("7.1 of 7.1 points");
    assert_said("\nscript: 0\nipcgrade.html: yes\nipcgrade.xml: yes\n");
    ck_assert_int_eq(shell("python3 \"$top/runner/tools/accept.py\" junit repo/ipcgrade.xml"), 0);
    assert_not_said("not accepted");
}
END_TEST

START_TEST(gitlab_lost)
{
    lay_out("gitlab", false);
    work("gitlab");
    assert_said("1.42 of 7.1 points");
    assert_said("\nscript: 1\nipcgrade.html: yes\nipcgrade.xml: yes\n");
}
END_TEST

START_TEST(gitlab_broken)
{
    lay_out("gitlab", true);
    break_grader("repo/.ipcgrade");
    work("gitlab");
    assert_said("The grader broke: no fault of the submission.");
    assert_said("\nscript: 3\nipcgrade.html: no\nipcgrade.xml: no\n");
    assert_tries("x\nx\n");
}
END_TEST

/* What the submission's own Makefile finds in the folder that it is built in: its files, not the cases, nor the history. */
START_TEST(the_repository_is_no_part_of_the_submission)
{
    lay_out("gitlab", true);
    write_file("repo/Makefile",
               "all: list p q\n"
               "%: %.c\n"
               "\tcc -g -o $@ $<\n"
               "list:\n"
               "\t@find . -name secret -o -name assignment.yaml | sed 's/^/x.c:1:1: error: found /'\n"
               "\t@echo x.c:1:1: error: listed\n");
    write_file("repo/p.c", "int main(");
    work("gitlab");
    assert_said("listed");
    assert_not_said("error: found");
    ck_assert_int_eq(shell("stat -c %%a repo repo/.ipcgrade"), 0);
    assert_said("700\n700\n");
}
END_TEST

/* As on GitHub's machines. Who grades is not root here, whoever runs this test, and a sudo that he may use tells what it was asked for. */
START_TEST(who_may_use_sudo_grades_by_it)
{
    lay_out("gitlab", true);
    write_file("fake/id", "#!/bin/sh\necho 4711\n");
    write_file("fake/sudo", "#!/bin/sh\n[ \"$1\" = -n ] || exit\nshift\n"
                            "echo \"${1##*/} $2\" >>\"$TRIES\"\nexec \"$@\"\n");
    ck_assert_int_eq(chmod("fake/id", 0755), 0);
    work("gitlab");
    assert_said("7.1 of 7.1 points");
    assert_said("\nscript: 0\nipcgrade.html: yes\nipcgrade.xml: yes\n");
    ck_assert_int_eq(shell("tail -n 2 tries"), 0);
    assert_said("true \nipcgrade grade\n");
}
END_TEST

/* The Dockerfile's own two commands, with /opt/ipcgrade being the folder beside it. */
START_TEST(docker)
{
    fake_make();
    hand_in_all("full");
    ck_assert_int_eq(shell("$p kit docker d --cases cases --only 'a/*' && grep -x 'COPY ipcgrade "
                           "/opt/ipcgrade' d/Dockerfile && "
                           "grep '^RUN bash /opt/ipcgrade/setup.sh ' d/Dockerfile && "
                           "grep -x 'ENTRYPOINT \\[\"bash\", \"/opt/ipcgrade/check.sh\"\\]' d/Dockerfile && "
                           "bash d/ipcgrade/setup.sh"),
                     0);
    ck_assert_int_eq(shell("IPCGRADE_SUBMISSION=full bash d/ipcgrade/check.sh"), 0);
    assert_said("7.1 of 7.1 points");
    ck_assert_int_eq(shell("IPCGRADE_SUBMISSION=sub bash d/ipcgrade/check.sh --only a/ends --format csv"), 1);
    assert_said("a/ends");
    ck_assert_int_eq(shell("IPCGRADE_SUBMISSION=/nowhere bash d/ipcgrade/check.sh"), 2);
    assert_said("/nowhere: No such file or directory");
}
END_TEST

static void add(TCase *tests)
{
    tcase_set_timeout(tests, 600);
    tcase_add_test(tests, github_full);
    tcase_add_test(tests, github_lost);
    tcase_add_test(tests, github_broken);
    tcase_add_test(tests, gitlab_full);
    tcase_add_test(tests, gitlab_lost);
    tcase_add_test(tests, gitlab_broken);
    tcase_add_test(tests, who_may_use_sudo_grades_by_it);
    tcase_add_test(tests, the_repository_is_no_part_of_the_submission);
    tcase_add_test(tests, docker);
}

int main(void)
{
    return run_graded("kits for GitHub, GitLab and containers", add);
}
