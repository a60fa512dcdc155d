/* Faults in ourselves: each system call that ipcgrade makes fails in turn, memory runs out, the disk is full, somebody kills it. Whatever happens, a right program never fails
 * and a wrong one never passes; a run that cannot tell says why and ends with status 3; nobody and nothing is left behind.
 *
 * `make check` takes a quarter of the first and last occurrences of each call of each kind of process, and one seed for the instants; `make faults` takes all of them (IPCGRADE_FAULTS=all).
 * IPCGRADE_SEED repeats a run.
 */
#include "commands/faults.h"

#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>

#include "base/run_test.h"
#include "commands/graded.h"

enum {
    SHARDS = 16,
    SHARDS_OF_A_CHECK = 4,
    MOST_OF_A_CALL = 2,
    CALLS_OF_A_SWEEP = 60,
    INSTANTS = 40,
    ALL_INSTANTS = 200
};

/* ---- the suite ---------------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *path, *text;
} short_files[] = {
    {"cases/assignment.yaml", "assignment: A\nprograms: {p: {}}\nbuild: make\nlimits: {wall_seconds: 200}\n"},
    {"cases/c/good.yaml", "title: A FIFO brings bytes to a puppet\n"
                          "given: {box: fifo, q: {is: queue, messages: [{type: 1, text: a}]}}\nsteps:\n"
                          "  - do: {peer: {blocks: {open: box, as: r}}}\n  - start: {p: [p, 0, box]}\n"
                          "  - do: {peer: {read: r, gives: \"hello\\n\"}}\n"
                          "  - expect: {p: {exit: 0}, q: {count: 1}}\n"},
    {"cases/c/bad.yaml", "title: It does not end with 0\nsteps:\n  - start: {p: [p, 1, /dev/null]}\n"
                         "  - expect: {p: {exit: 0}}\n"},
    {"sub/Makefile", "p:\n\t@true\n"},
    {"sub/p", "#!/bin/sh\necho hello >\"$2\"\nexit \"$1\"\n"},
};

static void set_up_short(void)
{
    program();
    snprintf(folder, sizeof folder, "/tmp/ipcgrade-faults-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chmod(folder, 0755) + chdir(folder), 0);
    ck_assert_int_eq(mkdir("cases", 0755) + mkdir("cases/c", 0755) + mkdir("sub", 0755) + mkdir("tmp", 0755),
                     0);
    for (size_t i = 0; i < sizeof short_files / sizeof *short_files; i++)
        write_file(short_files[i].path, short_files[i].text);
    ck_assert_int_eq(chmod("sub/p", 0755), 0);
    setenv("TMPDIR", "tmp", 1);
    setenv("LANGUAGE", "en", 1);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    unshare(CLONE_NEWIPC); /* where it may, so that nobody else's objects come and go */
}

static bool takes_all(void)
{
    const char *wanted = getenv("IPCGRADE_FAULTS");
    return wanted && strcmp(wanted, "all") == 0;
}

/* ---- what holds after every run -------------------------------------------------------------------------------------------------- */

static char *text_in(const char *path)
{
    cleanup_bytes struct bytes text = {0};
    char part[4096];
    cleanup_file FILE *file = fopen(path, "re");
    for (size_t got; file && (got = fread(part, 1, sizeof part, file)) > 0;)
        bytes_add(&text, part, got, 1 << 20);
    return strdup(bytes_text(&text));
}

/* Objects of the machine, mounts, temporary files, half reports. */
static char *look_around(void)
{
    FILE *list =
        popen("cat /proc/sysvipc/msg /proc/sysvipc/sem /proc/sysvipc/shm /proc/self/mountinfo; ls -A tmp; "
              "ls -A | grep -F .new",
              "re");
    cleanup_bytes struct bytes text = {0};
    char part[4096];
    ck_assert_ptr_nonnull(list);
    for (size_t got; (got = fread(part, 1, sizeof part, list)) > 0;)
        bytes_add(&text, part, got, 1 << 20);
    pclose(list);
    return strdup(bytes_text(&text));
}

static void assert_nothing_left(const char *before, const char *what)
{
    cleanup_free char *after = look_around();
    ck_assert_msg(strcmp(before, after) == 0, "%s: left behind:\n%.1500s\n--- before:\n%.1500s", what, after,
                  before);
}

/* One of the words. */
static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(*words, word) == 0)
            return true;
    return false;
}

static void assert_case(const json_t *one, const char *what)
{
    static const char *const good[] = {"passed", "broken", "skipped", NULL}, *const bad[] = {"failed",
                                                                                             "broken",
                                                                                             "skipped", NULL};
    const char *verdict = text_of(one, "verdict"), *id = text_of(one, "id"), *reason = text_of(one, "reason");
    bool is_good = strcmp(id, "c/good") == 0;
    ck_assert_msg(is_one_of(verdict, is_good ? good : bad), "%s: %s is %s: %s", what, id, verdict, reason);
    ck_assert_msg(strcmp(verdict, "passed") == 0 || *reason, "%s: %s is %s and does not say why", what, id,
                  verdict);
    ck_assert_double_eq(number_of(one, "score"), strcmp(verdict, "passed") == 0 ? 1 : 0);
}

/* Half a report is none that can be read. Where there is none, standard error says why and the status is 3. */
static void assert_told(int status, const char *what)
{
    json_error_t error;
    cleanup_free char *said = text_in("err");
    json_t *json = json_load_file("out.json", 0, &error);
    ck_assert_msg(json || access("out.json", F_OK) < 0, "%s: half a report: %s", what, error.text);
    const json_t *cases = json ? json_object_get(json, "cases") : NULL;
    bool is_judged = json_array_size(cases) == 2 && json_is_false(json_object_get(json, "partial"));
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const char *verdict = text_of(json_array_get(cases, i), "verdict");
        is_judged = is_judged && (strcmp(verdict, "passed") == 0 || strcmp(verdict, "failed") == 0);
        assert_case(json_array_get(cases, i), what);
    }
    json_decref(json);
    bool has_ended = WIFEXITED(status), is_broken = has_ended && WEXITSTATUS(status) == 3;
    ck_assert_msg(is_broken || (has_ended && WEXITSTATUS(status) <= 1 && json) || !has_ended,
                  "%s: ended with %#x and said: %.500s", what, (unsigned)status, said);
    ck_assert_msg(!has_ended || is_broken || is_judged || WEXITSTATUS(status) == 1,
                  "%s: not all is judged, and the status is %d", what, WEXITSTATUS(status));
    ck_assert_msg(!is_broken || json || *said, "%s: status 3 without a word", what);
}

static const char *const *arguments(void)
{
    static const char *argv[] = {NULL,     "grade", "sub",      "--cases",       "cases",
                                 "--jobs", "1",     "--format", "json:out.json", NULL};
    argv[0] = program();
    return argv;
}

/* ---- system calls that fail -------------------------------------------------------------------------------------------------------- */

/* Is the nth of `count` occurrences taken, where `most` are? The first and the last always are. */
static bool is_taken(int nth, int count, int most)
{
    if (count <= most)
        return true;
    for (int i = 0; i < most; i++)
        if (nth == 1 + (int)((long)i * (count - 1) / (most - 1)))
            return true;
    return false;
}

static void fail_one(const struct site *site, const char *before)
{
    const struct fault fault = {.at = *site};
    struct traced_run run;
    unlink("out.json");
    if (takes_all()) {
        printf("%s\n", site_text(site));
        fflush(stdout);
    }
    run_with_fault(arguments(), &fault, &run);
    ck_assert_msg(WIFEXITED(run.status), "%s: ended with %#x", site_text(site), (unsigned)run.status);
    assert_told(run.status, site_text(site));
    assert_nothing_left(before, site_text(site));
}

/* Every SHARDS-th of the chosen sites, from a recorded run that nothing happens to. */
START_TEST(a_call_fails)
{
    static const struct fault none;
    static struct traced_run recorded;
    cleanup_free char *before = look_around();
    int number_of_site = 0, most = takes_all() ? CALLS_OF_A_SWEEP : MOST_OF_A_CALL;
    run_with_fault(arguments(), &none, &recorded);
    ck_assert_int_eq(recorded.status, 1 << 8);
    for (int role = 0; role < ROLES; role++)
        ck_assert_int_gt(recorded.all[role], 0);
    for (struct site site = {0}; site.role < ROLES; site.role++)
        for (site.number = 0; site.number < MOST_NUMBERS; site.number++) {
            int count = recorded.counts[site.role][site.number];
            for (site.nth = 1; count > 0 && !is_spared(site.number) && site.nth <= count; site.nth++)
                if (is_taken(site.nth, count, most) && number_of_site++ % SHARDS == _i)
                    fail_one(&site, before);
        }
    ck_assert_int_gt(number_of_site, 100);
}
END_TEST

/* ---- killed ---------------------------------------------------------------------------------------------------------------------- */

static unsigned chosen_seed(void)
{
    const char *wanted = getenv("IPCGRADE_SEED");
    unsigned seed = 1;
    if (wanted)
        return (unsigned)strtoul(wanted, NULL, 10);
    (void)!getrandom(&seed, sizeof seed, 0);
    return seed;
}

static int between(unsigned *seed, int low, int high)
{
    return low + (int)((unsigned)rand_r(seed) % (unsigned)(high - low + 1));
}

/* At a call of some process, counted, so that no clock is asked; whom and by what is drawn, too. SIGTERM and SIGINT are for the runner alone: the others block them or are
 * nobody's to address. */
static struct fault draw(unsigned *seed, const struct traced_run *recorded)
{
    static const int signals[] = {SIGKILL, SIGTERM, SIGINT};
    struct fault fault = {.at.number = -1};
    fault.at.role = (enum role)between(seed, ROLE_RUNNER, ROLE_CHILD);
    fault.at.nth = between(seed, 1, recorded->all[fault.at.role]);
    fault.to = (enum role)between(seed, ROLE_RUNNER, ROLE_INIT);
    fault.signal = fault.to == ROLE_RUNNER ? signals[between(seed, 0, 2)] : SIGKILL;
    return fault;
}

START_TEST(somebody_is_killed)
{
    static const struct fault none;
    static struct traced_run recorded, run;
    cleanup_free char *before = look_around();
    unsigned seed = chosen_seed();
    char what[160];
    printf("IPCGRADE_SEED=%u\n", seed);
    run_with_fault(arguments(), &none, &recorded);
    for (int i = 0; i < (takes_all() ? ALL_INSTANTS : INSTANTS); i++) {
        struct fault fault = draw(&seed, &recorded);
        snprintf(what, sizeof what, "instant %d: SIG%s to the %s at call %d of the %s", i,
                 sigabbrev_np(fault.signal), role_words[fault.to], fault.at.nth, role_words[fault.at.role]);
        unlink("out.json");
        run_with_fault(arguments(), &fault, &run);
        bool is_asked =
            WIFSIGNALED(run.status) && fault.to == ROLE_RUNNER && WTERMSIG(run.status) == fault.signal;
        ck_assert_msg(WIFEXITED(run.status) || is_asked, "%s: ended with %#x", what, (unsigned)run.status);
        assert_told(run.status, what);
        assert_nothing_left(before, what);
    }
    run_with_fault(arguments(), &none, &run); /* the next run works */
    ck_assert_int_eq(run.status, 1 << 8);
}
END_TEST

/* ---- memory and disk --------------------------------------------------------------------------------------------------------------- */

static int run_limited(__rlimit_resource_t resource, rlim_t value)
{
    pid_t pid = fork();
    int status = 0;
    if (pid == 0) {
        struct rlimit both = {value, value};
        if (!freopen("out", "w", stdout) || !freopen("err", "w", stderr) || setrlimit(resource, &both) < 0)
            _exit(126);
        execv(arguments()[0], (char *const *)arguments());
        _exit(127);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    while (waitpid(-1, NULL, 0) > 0)
        ;
    return status;
}

/* From too little to load the program to plenty. The loader has its own word (127) where it does not even come to main(). */
START_TEST(memory_is_short)
{
    enum { FIRST_MIB = 2, LAST_MIB = 40 };
    cleanup_free char *before = look_around();
    char what[64];
    for (rlim_t mib = FIRST_MIB; mib <= LAST_MIB; mib += takes_all() ? 1 : 4) {
        snprintf(what, sizeof what, "%d MiB", (int)mib);
        unlink("out.json");
        int status = run_limited(RLIMIT_AS, mib << 20);
        if (WIFEXITED(status) && WEXITSTATUS(status) != 127)
            assert_told(status, what);
        assert_nothing_left(before, what);
    }
}
END_TEST

/* What of a report did not fit is not there, and the old one still is. */
START_TEST(the_disk_is_full)
{
    static const char old[] = "{\"cases\": []}\n";
    const char *argv[] = {program(),
                          "grade",
                          "sub",
                          "--cases",
                          "cases",
                          "--format",
                          "json:full/out.json",
                          "--format",
                          "terminal:/dev/full",
                          NULL};
    ck_assert_int_eq(mkdir("full", 0755), 0);
    if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", "full", "tmpfs", 0, "size=4k") < 0) {
        printf("only root can make a small disk\n");
        return;
    }
    write_file("full/out.json", old);
    pid_t pid = fork();
    if (pid == 0) {
        if (!freopen("err", "w", stderr))
            _exit(126);
        execv(argv[0], (char *const *)argv);
        _exit(127);
    }
    ck_assert_int_eq(finish(pid), 3);
    cleanup_free char *said = text_in("err"), *kept = text_in("full/out.json");
    ck_assert_str_eq(kept, old);
    ck_assert_ptr_nonnull(strstr(said, "write full/out.json: No space left on device"));
    ck_assert_ptr_nonnull(strstr(said, "write /dev/full: No space left on device"));
    ck_assert_int_eq(system("test \"$(ls -A full)\" = out.json"), 0);
    ck_assert_int_eq(umount2("full", MNT_DETACH), 0);
}
END_TEST

int main(void)
{
    enum { SECONDS = 600, SECONDS_OF_A_SWEEP = 20000 };
    Suite *suite = suite_create("faults");
    TCase *tests = tcase_create("faults");
    tcase_add_checked_fixture(tests, set_up_short, tear_down);
    tcase_set_timeout(tests, takes_all() ? SECONDS_OF_A_SWEEP : SECONDS);
#if defined(__x86_64__) /* where faults.h knows the registers */
    tcase_add_loop_test(tests, a_call_fails, 0, takes_all() ? SHARDS : SHARDS_OF_A_CHECK);
    tcase_add_test(tests, somebody_is_killed);
#endif
    tcase_add_test(tests, memory_is_short);
    tcase_add_test(tests, the_disk_is_full);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
