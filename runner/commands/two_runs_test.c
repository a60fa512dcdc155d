/* Two runs at the same time on a machine where names are shared, for want of namespaces: an ordinary user's, and root's in a container. They do not disturb each other, whatever becomes of
 * one of them; and what lay there before is let be.
 *
 * The test has a /dev/shm and System V objects of its own: nobody else's runs are met, and nobody else meets ours.
 */
#include <jansson.h>
#include <sys/file.h>
#include <sys/inotify.h>

#include "base/cleanup.h"
#include "commands/attack_modes.h"
#include "commands/attacked.h"
#include "commands/suite_apart.h"

enum { SECONDS = 500, MODES = 2, MOST_ARGS = 10 };

static const char *const mode_names[MODES] = {"bare", "container"};
static char place[] = "/var/tmp/ipcgrade-runs-XXXXXX", tool[PATH_MAX];

static const struct attack_mode *mode_named(const char *name)
{
    size_t i = 0;
    while (i < ATTACK_MODES && strcmp(attack_modes[i].name, name) != 0)
        i++;
    ck_assert_uint_lt(i, ATTACK_MODES);
    return &attack_modes[i];
}

/* False: it cannot be tried here. */
static bool begin(const char *test)
{
    if (geteuid() != 0 || !stand_apart()) {
        test_skipped(test, "root, and namespaces of the test's own");
        return false;
    }
    ck_assert_int_eq(chdir("/tmp"), 0);
    return true;
}

/* A run whose report is NAME.json; as `grade` with these words besides. */
static pid_t start(const struct attack_mode *mode, const char *name, const char *const *words)
{
    const char *argv[MOST_ARGS + 8] = {tool, "grade"};
    char format[64];
    size_t count = 2;
    for (; *words; words++)
        argv[count++] = *words;
    snprintf(format, sizeof format, "json:%s.json", name);
    argv[count++] = "--show-hidden";
    argv[count++] = "--format";
    argv[count] = format;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        mode->make();
        setenv("LANGUAGE", "en", 1);
        setenv("TMPDIR", "/tmp", 1);
        execv(tool, (char *const *)argv);
        _exit(NOT_MADE);
    }
    return pid;
}

static int finish(pid_t pid)
{
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : ATTACK_MODES * 1000 + WTERMSIG(status);
}

/* ---- reports ---------------------------------------------------------------------------------------------------------------- */

static json_t *report_of(const char *name)
{
    char path[64];
    json_error_t error;
    snprintf(path, sizeof path, "%s.json", name);
    json_t *json = json_load_file(path, 0, &error);
    ck_assert_msg(json != NULL, "%s: %s", path, error.text);
    return json;
}

static const char *word_of(const json_t *one, const char *key)
{
    const char *word = json_string_value(json_object_get(one, key));
    return word ? word : "";
}

static size_t count_of(const json_t *json, const char *verdict)
{
    const json_t *cases = json_object_get(json, "cases");
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(cases); i++)
        count += strcmp(word_of(json_array_get(cases, i), "verdict"), verdict) == 0;
    return count;
}

static const json_t *case_named(const json_t *json, const char *id)
{
    const json_t *cases = json_object_get(json, "cases");
    for (size_t i = 0; i < json_array_size(cases); i++)
        if (strcmp(word_of(json_array_get(cases, i), "id"), id) == 0)
            return json_array_get(cases, i);
    ck_abort_msg("no case %s", id);
    return NULL;
}

static void assert_verdict(const json_t *json, const char *id, const char *verdict)
{
    const json_t *one = case_named(json, id);
    ck_assert_msg(strcmp(word_of(one, "verdict"), verdict) == 0, "%s: %s: %s", id, word_of(one, "verdict"),
                  word_of(one, "reason"));
}

/* ---- the reference ------------------------------------------------------------------------------------------------------------ */

static pid_t start_reference(const struct attack_mode *mode, const char *name)
{
    char submission[PATH_MAX + 16], cases[PATH_MAX + 16];
    snprintf(submission, sizeof submission, "%s/reference", place);
    snprintf(cases, sizeof cases, "%s/cases", place);
    return start(
        mode, name,
        (const char *const[]){submission, "--cases", cases, "--only", "psem_*", "--only", "pshm_*", NULL});
}

START_TEST(they_judge_as_one_alone)
{
    static const char *const both[] = {"one", "other"};
    const struct attack_mode *mode = mode_named(mode_names[_i]);
    if (!begin("they_judge_as_one_alone"))
        return;
    finish(start_reference(mode, "alone"));
    pid_t one = start_reference(mode, both[0]), other = start_reference(mode, both[1]);
    finish(one);
    finish(other);
    json_t *alone = report_of("alone");
    const json_t *cases = json_object_get(alone, "cases");
    ck_assert_uint_gt(count_of(alone, "passed"), json_array_size(cases) / 2);
    ck_assert_uint_eq(count_of(alone, "failed") + count_of(alone, "broken"), 0);
    for (int k = 0; k < 2; k++) {
        json_t *json = report_of(both[k]);
        ck_assert_uint_eq(json_array_size(json_object_get(json, "cases")), json_array_size(cases));
        for (size_t i = 0; i < json_array_size(cases); i++) {
            const json_t *same = json_array_get(cases, i);
            assert_verdict(json, word_of(same, "id"), word_of(same, "verdict"));
        }
        json_decref(json);
    }
    json_decref(alone);
}
END_TEST

/* ---- what lay there ----------------------------------------------------------------------------------------------------------- */

static void lay(const char *path, uid_t owner, struct stat *status)
{
    ck_assert(put(path, "precious"));
    ck_assert_int_eq(chown(path, owner, owner) + chmod(path, 0600) + stat(path, status), 0);
}

static void assert_let_be(const char *path, const struct stat *was)
{
    struct stat is;
    char text[32] = "";
    ck_assert_msg(stat(path, &is) == 0, "%s is gone", path);
    ck_assert(is.st_ino == was->st_ino && is.st_mode == was->st_mode && is.st_uid == was->st_uid &&
              memcmp(&is.st_mtim, &was->st_mtim, sizeof is.st_mtim) == 0 &&
              memcmp(&is.st_ctim, &was->st_ctim, sizeof is.st_ctim) == 0 &&
              memcmp(&is.st_atim, &was->st_atim, sizeof is.st_atim) == 0);
    cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    ck_assert_int_eq(read(fd, text, sizeof text - 1), strlen("precious"));
    ck_assert_str_eq(text, "precious");
}

/* The user's own, or root's. */
START_TEST(what_lay_there_fails_nobody)
{
    static const char reason[] = "is there already, and is not of this case: this machine shares it";
    const struct attack_mode *mode = mode_named(mode_names[_i]);
    struct stat segment, semaphore;
    if (!begin("what_lay_there_fails_nobody"))
        return;
    lay("/dev/shm/seg", mode->is_user ? ordinary_child() : 0, &segment);
    lay("/dev/shm/sem.s", mode->is_user ? ordinary_child() : 0, &semaphore);
    ck_assert_int_eq(finish(start_reference(mode, "one")), 3);
    assert_let_be("/dev/shm/seg", &segment);
    assert_let_be("/dev/shm/sem.s", &semaphore);
    json_t *json = report_of("one");
    const json_t *cases = json_object_get(json, "cases");
    ck_assert_uint_eq(count_of(json, "failed"), 0);
    ck_assert_uint_gt(count_of(json, "broken"), 0);
    ck_assert_uint_gt(count_of(json, "passed"), 0);
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *one = json_array_get(cases, i);
        ck_assert_msg(strcmp(word_of(one, "verdict"), "broken") != 0 ||
                          strstr(word_of(one, "reason"), reason),
                      "%s: %s", word_of(one, "id"), word_of(one, "reason"));
    }
    json_decref(json);
}
END_TEST

/* ---- the lock ------------------------------------------------------------------------------------------------------------------ */

static const struct {
    const char *path, *text;
} files[] = {
    {"cases/assignment.yaml", "assignment: A\nprograms: {p: {}}\nbuild: make\nlimits: {wall_seconds: 200}\n"},
    /* A submission takes the lock where its case does not need it, .. */
    {"cases/c/a_takes.yaml", "title: A\nsteps:\n"
                             "  - start: {p: [p, flock, /dev/shm, sh, -c, \"echo taken; exec sleep 1000\"]}\n"
                             "  - expect: {p: {stdout: \"taken\\n\"}}\n"
                             "  - expect: {p: {exit: 0}}\n"},
    /* .. and wants it where its own run has it. */
    {"cases/c/b_wants.yaml", "title: B\ngiven: {s: sem}\nsteps:\n"
                             "  - start: {p: [p, flock, -n, /dev/shm, \"true\", <s>]}\n"
                             "  - expect: {p: {exit: 1}}\n"},
    {"cases/c/c_good.yaml",
     "title: C\ngiven: {s: sem}\nsteps:\n  - start: {p: [p, \"true\", <s>]}\n  - expect: {p: {exit: 0}}\n"},
    {"cases/d/stays.yaml",
     "title: D\nlimits: {wall_seconds: 600, cpu_seconds: 600}\ngiven: {s: sem}\nsteps:\n"
     "  - start: {p: [p, sh, -c, \"while :; do :; done\", <s>]}\n"
     "  - expect: {p: {exit: 0}}\n"},
    /* While nobody else has the lock, this goes on. */
    {"cases/e/a_first.yaml", "title: E\nsteps:\n"
                             "  - start: {p: [p, sh, -c, \"while flock -n /dev/shm true; do :; done\"]}\n"
                             "  - expect: {p: {exit: 0}}\n"},
    {"cases/e/b_then.yaml",
     "title: F\ngiven: {s: sem}\nsteps:\n  - start: {p: [p, \"true\", <s>]}\n  - expect: {p: {exit: 0}}\n"},
    {"sub/Makefile", "all:\n\t: >/tmp/began\n"},
    {"sub/p", "#!/bin/sh\nexec \"$@\"\n"},
    {"tests_itself/Makefile", "p:\n\techo hello >/dev/shm/seg; exec sleep 1000\n"},
};

static void put_files(void)
{
    ck_assert(shell("mkdir -p cases/c cases/d cases/e sub tests_itself"));
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        ck_assert_msg(put(files[i].path, files[i].text), "%s", files[i].path);
    ck_assert_int_eq(chmod("sub/p", 0755), 0);
}

static pid_t start_some(const struct attack_mode *mode, const char *name, const char *only)
{
    return start(mode, name, (const char *const[]){"sub", "--cases", "cases", "--only", only, NULL});
}

START_TEST(a_submission_holds_nobody_up)
{
    if (!begin("a_submission_holds_nobody_up"))
        return;
    put_files();
    finish(start_some(mode_named(mode_names[_i]), "one", "c"));
    json_t *json = report_of("one");
    assert_verdict(json, "c/a_takes", "failed"); /* the limit of what it may wait */
    const json_t *failure = json_array_get(json_object_get(case_named(json, "c/a_takes"), "failures"), 0);
    ck_assert_msg(strstr(word_of(failure, "seen"), "sleep"), "it did not get the lock: %s",
                  word_of(failure, "seen"));
    assert_verdict(json, "c/b_wants", "passed");
    assert_verdict(json, "c/c_good", "passed");
    json_decref(json);
}
END_TEST

/* Somebody waits for a lock of this kind (proc(5), "locks"). */
static bool is_awaited(void)
{
    char line[256];
    cleanup_file FILE *locks = fopen("/proc/locks", "re");
    bool is_found = false;
    struct stat status;
    char inode[32];
    ck_assert(locks && stat("/dev/shm", &status) == 0);
    snprintf(inode, sizeof inode, ":%lu ", (unsigned long)status.st_ino);
    while (fgets(line, sizeof line, locks))
        is_found |= strstr(line, "-> FLOCK") && strstr(line, inode);
    return is_found;
}

/* Another's lock is waited for, by a build first, and the wait is told to end like any other work. */
START_TEST(a_run_waits_for_its_turn)
{
    const struct attack_mode *mode = mode_named(mode_names[_i]);
    if (!begin("a_run_waits_for_its_turn"))
        return;
    put_files();
    int lock = open("/dev/shm", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_eq(flock(lock, LOCK_EX), 0);
    pid_t asked = start_some(mode, "asked", "c/c_good");
    while (!is_awaited()) /* the time limit of the test ends it */
        ck_assert_int_eq(waitpid(asked, NULL, WNOHANG), 0);
    ck_assert_msg(access("/tmp/began", F_OK) != 0, "it was built without the lock");
    kill(asked, SIGTERM);
    finish(asked);
    ck_assert(!is_awaited());
    pid_t pid = start_some(mode, "one", "c/c_good");
    while (!is_awaited())
        ck_assert_int_eq(waitpid(pid, NULL, WNOHANG), 0);
    close(lock);
    ck_assert_int_eq(finish(pid), 0);
    json_t *json = report_of("one");
    assert_verdict(json, "c/c_good", "passed");
    json_decref(json);
}
END_TEST

/* So is it by a play. We take the lock behind the build, while a case is played that needs none, and which ends then. */
START_TEST(a_play_waits_for_its_turn)
{
    if (!begin("a_play_waits_for_its_turn"))
        return;
    put_files();
    cleanup_fd int lock = open("/dev/shm", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    pid_t asked = start_some(mode_named(mode_names[_i]), "asked", "e");
    while (flock(lock, LOCK_EX | LOCK_NB) == 0) {
        ck_assert_int_eq(flock(lock, LOCK_UN), 0);
        ck_assert_int_eq(waitpid(asked, NULL, WNOHANG), 0);
    }
    ck_assert_int_eq(flock(lock, LOCK_EX), 0);
    while (!is_awaited())
        ck_assert_int_eq(waitpid(asked, NULL, WNOHANG), 0);
    kill(asked, SIGTERM);
    finish(asked);
    ck_assert(!is_awaited());
    json_t *json = report_of("asked");
    assert_verdict(json, "e/a_first", "passed");
    json_decref(json);
}
END_TEST

/* Whoever gets the lock after a run that was killed finds nothing of it. */
static void kill_when_there(const char *path, const struct attack_mode *mode, const char *const *words)
{
    char news[4096];
    cleanup_fd int watch = inotify_init1(IN_CLOEXEC),
                   lock = open("/dev/shm", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_ge(inotify_add_watch(watch, "/dev/shm", IN_CREATE | IN_MOVED_TO | IN_CLOSE), 0);
    pid_t pid = start(mode, "one", words);
    while (access(path, F_OK) != 0) {
        ck_assert_int_eq(waitpid(pid, NULL, WNOHANG), 0);
        ck_assert_int_gt(read(watch, news, sizeof news), 0);
    }
    ck_assert_int_eq(flock(lock, LOCK_EX | LOCK_NB), -1);
    kill(pid, SIGKILL);
    finish(pid);
    ck_assert_int_eq(flock(lock, LOCK_EX), 0);
    ck_assert_int_eq(access(path, F_OK), -1);
}

START_TEST(a_killed_run_lets_go_when_all_is_gone)
{
    const struct attack_mode *mode = mode_named(mode_names[_i]);
    if (!begin("a_killed_run_lets_go_when_all_is_gone"))
        return;
    put_files();
    kill_when_there("/dev/shm/sem.s", mode,
                    (const char *const[]){"sub", "--cases", "cases", "--only", "d", NULL});
    kill_when_there("/dev/shm/seg", mode, (const char *const[]){"tests_itself", "--cases", "cases", NULL});
}
END_TEST

static void add(Suite *suite, const char *name, const TTest *test)
{
    TCase *tests = tcase_create(name);
    tcase_set_timeout(tests, SECONDS);
    tcase_add_loop_test(tests, test, 0, MODES);
    suite_add_tcase(suite, tests);
}

int main(void)
{
    char unused[PATH_MAX];
    Suite *suite = suite_create("two runs");
    places_guard(); /* the copy goes with us */
    if (!attacks_carry(place, "fixtures/attacks", tool, unused) ||
        !shell("mkdir '%s/reference' && cp fixtures/reference/Makefile fixtures/reference/psem_* "
               "fixtures/reference/pshm_* '%s/reference' && cp -r cases '%s' && chmod -R a+rX '%s'",
               place, place, place, place)) {
        perror("two runs: build/ipcgrade, fixtures/reference, cases");
        return 1;
    }
    add(suite, "verdicts", they_judge_as_one_alone);
    add(suite, "before", what_lay_there_fails_nobody);
    add(suite, "taken", a_submission_holds_nobody_up);
    add(suite, "waits", a_run_waits_for_its_turn);
    add(suite, "waits, playing", a_play_waits_for_its_turn);
    add(suite, "killed", a_killed_run_lets_go_when_all_is_gone);
    return run_suite_apart(suite);
}
