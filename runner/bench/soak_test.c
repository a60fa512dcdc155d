/* `make soak` over a suite of two cases, made on the spot: what plays alike every time is no news, and a verdict that has changed is told, kept, and gives a status that says so.
 *
 * What a program does in the sandbox leaves nothing that its next play could see. So the change is planted from outside, between two calls of soak.sh, of which the second goes on where the
 * first has ended: another executable lies in the program's place. (What was reached counts for the same sources; the executables are taken to be theirs.)
 */
#include <check.h>
#include <jansson.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/run_test.h"

/* The wrong one ends with 1 if it has no argument. */
static const char source[] = "int main(int argc, char **argv)\n"
                             "{\n"
                             "    (void)argv;\n"
                             "    return WRONG && argc == 1;\n"
                             "}\n";

static const struct {
    const char *path, *text;
} files[] = {
    {"p.c", source},
    {"cases/assignment.yaml", "assignment: A\nprograms: {p: {}}\nbuild: make\n"},
    {"cases/c/ends.yaml", "title: It ends with an argument\nsteps:\n  - start: {p: [p, calmly]}\n"},
    {"cases/c/well.yaml", "title: It ends well\nsteps:\n  - start: {p: [p]}\n"},
    {"fixtures/matrix.tsv", "broken\tp\tone\tc/well\tIt ends with 1.\n"},
};

/* `$top` is the source tree, `$built` what was built there (`$build` is soak.sh's own). What plays and what is its load note first on how many processors they may run, and wait for each
 * other's note. */
static const char build_all[] =
    "mkdir -p build/bench build/fixtures/reference build/fixtures/broken/p fixtures/reference "
    "fixtures/broken fixtures/unusual && for side in soak burden; do "
    "printf '#!/bin/sh\\nnproc >>cores\\nuntil [ \"$(wc -l <cores)\" -ge 2 ]; do sleep 0.01; done\\n"
    "exec \"$built/bench/%s\" \"$@\"\\n' $side >build/bench/$side || exit; done && "
    "chmod +x build/bench/* && cp \"$built/ipcgrade-agent\" \"$built/ipcgrade-probe.so\" build && "
    "cc -g -DWRONG=0 -o right p.c && cc -g -DWRONG=1 -o wrong p.c && cp wrong build/fixtures/broken/p/one";

static char folder[PATH_MAX];

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    ck_assert_msg(file != NULL, "%s", path);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void set_up(void)
{
    char top[PATH_MAX], built[PATH_MAX];
    const char *build = getenv("IPCGRADE_BUILD");
    ck_assert(getcwd(top, sizeof top) && realpath(build ? build : "build", built));
    ck_assert_int_eq(setenv("top", top, 1) + setenv("built", built, 1), 0);
    /* Who plays one program alone (make check PROGRAM=...) means none of ours. */
    ck_assert_int_eq(unsetenv("IPCGRADE_PROGRAM"), 0);
    snprintf(folder, sizeof folder, "/tmp/ipcgrade-soak-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chmod(folder, 0755) + chdir(folder), 0);
    ck_assert_int_eq(mkdir("cases", 0755) + mkdir("cases/c", 0755) + mkdir("fixtures", 0755), 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        write_file(files[i].path, files[i].text);
    ck_assert_int_eq(system(build_all), 0);
}

static void tear_down(void)
{
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(setenv("folder", folder, 1) + system("rm -rf \"$folder\""), 0);
}

/* The reference is this executable from now on. */
static void hand_in(const char *executable)
{
    ck_assert_int_eq(setenv("executable", executable, 1), 0);
    ck_assert_int_eq(system("cp \"$executable\" build/fixtures/reference/new && "
                            "mv build/fixtures/reference/new build/fixtures/reference/p"),
                     0);
}

/* Runs a command, and answers its status; what it prints on both streams goes to `said`, which is owned by the caller. */
static int hear(const char *command, char **said)
{
    static char part[1 << 16];
    int status = system(command);
    cleanup_file FILE *file = fopen("said", "re");
    ck_assert_ptr_nonnull(file);
    part[fread(part, 1, sizeof part - 1, file)] = '\0';
    *said = strdup(part);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* So many rounds of both series in one mode. */
static int soak(const char *rounds, const char *mode, char **said)
{
    ck_assert_int_eq(setenv("rounds", rounds, 1) + setenv("mode", mode, 1), 0);
    return hear("\"$top/runner/bench/soak.sh\" build \"$rounds\" \"$rounds\" 0 1 \"$mode\" >said 2>&1", said);
}

/* Rounds of the suite, of the variants, plays, changes: so says the table of the only mode, and so of all. */
static void assert_table(const char *said, const char *mode, const int wanted[4])
{
    const char *const names[] = {mode, "all"};
    for (size_t k = 0; k < 2; k++) {
        char row[128];
        snprintf(row, sizeof row, "\n%-12s %18d %18d %10d %8d\n", names[k], wanted[0], wanted[1], wanted[2],
                 wanted[3]);
        ck_assert_msg(strstr(said, row) != NULL, "in the table there is not:%s%s", row, said);
    }
}

/* Plays and load alike; where there are fewer processors, all of them. */
static void assert_cores(int wanted)
{
    cpu_set_t set;
    int got[2] = {0};
    ck_assert_int_eq(sched_getaffinity(0, sizeof set, &set), 0);
    int most = CPU_COUNT(&set) < wanted ? CPU_COUNT(&set) : wanted;
    cleanup_file FILE *file = fopen("cores", "re");
    // NOLINTNEXTLINE(cert-err34-c): the script of this test wrote it
    ck_assert(file && fscanf(file, "%d %d", &got[0], &got[1]) == 2);
    ck_assert_int_eq(got[0], most);
    ck_assert_int_eq(got[1], most);
}

START_TEST(the_same_every_time)
{
    static const struct {
        const char *mode;
        int cores;
    } rows[] = {{"busy", CPU_SETSIZE}, {"one", 1}, {"two", 2}};
    cleanup_free char *said = NULL;
    hand_in("right");
    int status = soak("2", rows[_i].mode, &said);
    ck_assert_msg(status == 0 && !strstr(said, "CHANGED"), "status %d: %s", status, said);
    assert_table(said, rows[_i].mode, (const int[]){2, 2, 8, 0});
    assert_cores(rows[_i].cores);
}
END_TEST

/* The play is kept as it was. */
static void assert_kept(const char *id)
{
    json_error_t error;
    ck_assert_int_eq(system("cp build/soak/*/changed-1.json kept.json"), 0);
    json_t *json = json_load_file("kept.json", 0, &error);
    ck_assert_msg(json != NULL, "kept.json: %s", error.text);
    ck_assert_str_eq(json_string_value(json_object_get(json, "id")), id);
    ck_assert_str_eq(json_string_value(json_object_get(json, "verdict")), "failed");
    json_decref(json);
}

/* One of the two cases sees it. It is told once, and counts for as long as what was reached does. */
START_TEST(a_changed_verdict_is_told)
{
    static const char told[] =
        "CHANGED reference c/well (two), round 2: failed, 0 of 1; before: full points, says the matrix\n";
    cleanup_free char *before = NULL, *said = NULL, *again = NULL;
    hand_in("right");
    ck_assert_int_eq(soak("1", "two", &before), 0);
    hand_in("wrong");
    int status = soak("2", "two", &said);
    ck_assert_msg(status == 1 && strstr(said, told), "status %d: %s", status, said);
    assert_table(said, "two", (const int[]){2, 2, 8, 1});
    assert_kept("c/well");
    status = soak("2", "two", &again);
    ck_assert_msg(status == 1 && !strstr(again, "CHANGED"), "nothing to play: status %d: %s", status, again);
    assert_table(again, "two", (const int[]){2, 2, 8, 1});
}
END_TEST

/* The matrix knows better than a first play; what comes then is another verdict than the first, though it is the right one. */
START_TEST(a_first_verdict_that_is_not_meant_is_told)
{
    static const char told[] =
        "CHANGED reference c/well (two), round 2: passed, 1 of 1; before: failed, 0 of 1\n";
    cleanup_free char *first = NULL, *said = NULL;
    hand_in("wrong");
    int status = soak("1", "two", &first);
    ck_assert_msg(status == 1 && strstr(first, "CHANGED"), "status %d: %s", status, first);
    assert_table(first, "two", (const int[]){1, 1, 4, 1});
    hand_in("right");
    status = soak("2", "two", &said);
    ck_assert_msg(status == 1 && strstr(said, told), "status %d: %s", status, said);
    assert_table(said, "two", (const int[]){2, 2, 8, 2});
}
END_TEST

/* What follows soak.sh, and what it answers; nothing is played. */
static const struct {
    const char *arguments, *answer;
} refused[] = {
    {"build abc", "soak: N=abc: a number from 0 is wanted, as in N=10000\n"},
    {"build 1 08", "soak: K=08: a number from 0 is wanted, as in K=100\n"},
    {"build 1 1 -3", "soak: SECONDS=-3: a number from 0 is wanted, as in SECONDS=600\n"},
    {"build 1 1 0 0", "soak: LOOPS=0: a number from 1 is wanted, as in LOOPS=2\n"},
    {"build 1 1 0 1 one 1.5", "soak: PIECE=1.5: a number from 1 is wanted, as in PIECE=120\n"},
    {"build 1 1 0 1 'one much'", "soak: there is no mode 'much'; they are: busy one two low disk memory "
                                 "forks switches stepped all-on-one\n"},
};

START_TEST(wrong_arguments_are_told)
{
    char command[128];
    cleanup_free char *said = NULL;
    snprintf(command, sizeof command, "\"$top/runner/bench/soak.sh\" %s >said 2>&1", refused[_i].arguments);
    int status = hear(command, &said);
    ck_assert_str_eq(said, refused[_i].answer);
    ck_assert_int_eq(status, 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("soak");
    TCase *tests = tcase_create("soak");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, the_same_every_time, 0, 3);
    tcase_add_test(tests, a_changed_verdict_is_told);
    tcase_add_loop_test(tests, wrong_arguments_are_told, 0, sizeof refused / sizeof *refused);
    tcase_add_test(tests, a_first_verdict_that_is_not_meant_is_told);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
