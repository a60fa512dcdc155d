/* The test of the attacks can fail: whoever tries nothing does not come to what the head of an attack says.
 *
 * A head that a program without any attack fulfils shows nothing, however hard the wall. So the case of each attack is played with programs that do nothing: one that passes, one
 * that fails, one that does not build. Of an attack that lays out a submission and writes its Makefile, all but the Makefile is laid out as well, beside an honest one. None of them
 * may have the attack's verdict together with all of its texts.
 */
#include <check.h>
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/run_test.h"
#include "commands/attack_run.h"
#include "commands/attack_texts.h"
#include "commands/attacked.h"
#include "judge/side_by_side.h"

/* The test's own safety net, for a run that never ends. */
enum { SECONDS = 2400 };

static const char folder[] = "fixtures/attacks";
static struct attack attacks[ATTACKS_MOST];
static size_t attack_count;
static struct side_by_side the_runs;
static char sources[PATH_MAX], tool[PATH_MAX];

/* In the place of the attacker's p.c. */
static const char *const idle[] = {
    "int main(void) { return 0; }\n",
    "int main(void) { return 1; }\n",
    "#error\n",
};
enum { IDLE = sizeof idle / sizeof *idle };

/* Lays out nothing: its p.c is overwritten. */
static const struct attack nobody = {
    .file = "attack.h", .play = "ends", .limits = "", .honest = "", .build = "600", .neighbours = "1"};

/* ---- the runs ----------------------------------------------------------------------------------------------------------------- */

static void grade(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (freopen("out.said", "we", stdout) && dup2(STDOUT_FILENO, STDERR_FILENO) >= 0)
            execl(tool, tool, "grade", "sub", "--cases", "cases", "--only", "attack/*", "--format",
                  "json:out.json", NULL);
        _exit(127);
    }
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

/* NULL: the run has not told of it. */
static const json_t *case_of(const json_t *report, const char *id)
{
    const json_t *cases = json_object_get(report, "cases");
    for (size_t i = 0; i < json_array_size(cases); i++)
        if (strcmp(text_of(json_array_get(cases, i), "id"), id) == 0)
            return json_array_get(cases, i);
    return NULL;
}

/* That an attack has come to what its head says, as far as the report tells. */
static void check_empty(const struct attack *attack, const char *id, const json_t *report,
                        struct bytes *wrong)
{
    cleanup_bytes struct bytes missing = {0};
    const json_t *one = case_of(report, id);
    if (!one) {
        bytes_print(wrong, "\n  %s was not judged", attack->file);
        return;
    }
    check_texts(attack, one, json_object_get(report, "build"), &missing);
    if (attack->verdict && strcmp(text_of(one, "verdict"), attack->verdict) == 0 && !*bytes_text(&missing))
        bytes_print(wrong, "\n  %s", attack->file);
}

/* ---- without the program ------------------------------------------------------------------------------------------------------ */

/* By number, since a name could be what a head asks for. */
static void number_id(char id[32], size_t number)
{
    snprintf(id, 32, "attack/%zu", number);
}

static bool put_cases(struct scene *scene)
{
    for (size_t i = 0; i < attack_count; i++) {
        char id[32], path[64];
        number_id(id, i);
        snprintf(path, sizeof path, "cases/%s.yaml", id);
        scene->attack = &attacks[i];
        if (!put_case(scene) || rename("cases/attack/it.yaml", path) != 0)
            return false;
    }
    return true;
}

/* The cases of all attacks, in one run. */
static void play_idle(struct scene *scene, const char *source, struct bytes *wrong)
{
    json_error_t error;
    scene->attack = &nobody;
    if (!set_up(scene, false) || !put_cases(scene) || !put("sub/p.c", source)) {
        bytes_print(wrong, "it could not be laid out in %s", scene->place);
        return;
    }
    grade();
    json_t *report = json_load_file("out.json", 0, &error);
    for (size_t i = 0; i < attack_count; i++) {
        char id[32];
        number_id(id, i);
        check_empty(&attacks[i], id, report, wrong);
    }
    json_decref(report);
}

/* ---- without the Makefile ----------------------------------------------------------------------------------------------------- */

/* What the attack has laid beside it stays. False where there is no other. */
static bool put_honest_makefile(void)
{
    return rename("sub/Makefile", "theirs") == 0 && put("sub/Makefile", honest_makefile) &&
           !shell("cmp -s theirs sub/Makefile");
}

static void play_laid(struct scene *scene, const struct attack *attack, struct bytes *wrong)
{
    json_error_t error;
    scene->attack = attack;
    if (!set_up(scene, false)) {
        bytes_print(wrong, "it could not be laid out in %s", scene->place);
        return;
    }
    if (!put_honest_makefile())
        return;
    grade();
    json_t *report = json_load_file("out.json", 0, &error);
    check_empty(attack, "attack/it", report, wrong);
    json_decref(report);
}

/* ---- all of them -------------------------------------------------------------------------------------------------------------- */

static size_t scripts[ATTACKS_MOST];

static void play(size_t number, struct bytes *wrong)
{
    struct scene scene = {.mode = &attack_modes[0], .letter = HELD, .sources = sources, .tool = tool};
    if (number < IDLE)
        play_idle(&scene, idle[number], wrong);
    else
        play_laid(&scene, &attacks[scripts[number - IDLE]], wrong);
    if (chdir("/") != 0 || !shell("rm -rf '%s'", scene.place))
        bytes_print(wrong, "\n  %s is left", scene.place);
}

START_TEST(who_tries_nothing_does_not_come_to_what_a_head_says)
{
    const char *wrong = side_wrong(&the_runs, (size_t)_i);
    ck_assert_msg(!*wrong, "%s: the heads of these hold for \"%s\": %.3500s", folder, idle[_i], wrong);
}
END_TEST

START_TEST(beside_an_honest_makefile_nothing_comes_to_what_a_head_says)
{
    const char *wrong = side_wrong(&the_runs, (size_t)_i + IDLE);
    ck_assert_msg(!*wrong, "%s: the head of this holds where an honest Makefile is put in its place: %.3500s",
                  folder, wrong);
}
END_TEST

/* Two who wait for the other end: a child, and a child of it. Each has said that it is there. */
static void live_on(const int *wait_for, const int *tell)
{
    char byte;
    prctl(PR_SET_NAME, "outlives");
    fork();
    close(wait_for[1]);
    if (write(tell[1], "", 1) == 1)
        (void)!read(wait_for[0], &byte, 1);
    while (waitpid(-1, NULL, 0) > 0)
        continue;
    _exit(0);
}

START_TEST(who_outlives_a_run_is_named)
{
    cleanup_bytes struct bytes left = {0};
    int wait_for[2], tell[2];
    char bytes[2];
    ck_assert_int_eq(pipe(wait_for) + pipe(tell), 0);
    pid_t pid = fork();
    if (pid == 0)
        live_on(wait_for, tell);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(read(tell[0], &bytes[i], 1), 1);
    note_left(&left);
    close(wait_for[1]);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    ck_assert_str_eq(bytes_text(&left), " outlives outlives");
}
END_TEST

int main(void)
{
    static char place[] = "/var/tmp/ipcgrade-empty-XXXXXX";
    size_t count = 0;
    setenv("PORT", "9", 1); /* where nobody is */
    places_guard();         /* the copy goes with us */
    if (!attacks_carry(place, folder, tool, sources)) {
        perror("attacks: build/ipcgrade, fixtures/attacks");
        return 1;
    }
    attack_count = attacks_find(attacks, folder);
    for (size_t i = 0; i < attack_count; i++)
        if (attacks[i].is_script)
            scripts[count++] = i;
    side_by_side(&the_runs, IDLE + count, SECONDS, play);
    Suite *suite = suite_create("attacks_empty");
    TCase *tests = tcase_create("attacks_empty");
    tcase_add_test(tests, who_outlives_a_run_is_named);
    tcase_add_loop_test(tests, who_tries_nothing_does_not_come_to_what_a_head_says, 0, IDLE);
    tcase_add_loop_test(tests, beside_an_honest_makefile_nothing_comes_to_what_a_head_says, 0, (int)count);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
