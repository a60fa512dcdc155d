/* `ipcgrade grade` while the time of day is set by hours, forth and back, at each look at it (bench/preload/stepped.c): same verdicts, sane times, and nobody has looked. */
#include <time.h>

#include "commands/graded.h"

/* Waits for a time of day, then tells it; and one that waits for nothing but a partner who never comes. */
static const char waits[] =
    "#include <signal.h>\n#include <time.h>\n#include <unistd.h>\n"
    "static void on_alarm(int signal) { (void)signal; }\n"
    "int main(int argc, char **argv)\n{\n"
    "    struct sigaction action = {.sa_handler = on_alarm};\n"
    "    struct itimerspec at = {0};\n    timer_t timer;\n    int ends[2];\n    char byte;\n"
    "    (void)argv;\n    sigaction(SIGALRM, &action, NULL);\n"
    "    clock_gettime(CLOCK_REALTIME, &at.it_value);\n    at.it_value.tv_sec++;\n"
    "    timer_create(CLOCK_REALTIME, NULL, &timer);\n"
    "    if (argc == 1 && timer_settime(timer, TIMER_ABSTIME, &at, NULL) == 0)\n"
    "        pause();\n"
    "    else if (pipe(ends) == 0)\n        return (int)read(ends[0], &byte, 1);\n"
    "    return write(1, \"woken\\n\", 6) != 6;\n}\n";

static const struct {
    const char *id, *verdict;
} verdicts[] = {{"a/ends", "passed"}, {"a/fails", "failed"}, {"a/wakes", "passed"}, {"a/hangs", "failed"}};

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void write_suite(void)
{
    write_file("sub/Makefile", "all: p q\n");
    write_file("sub/q.c", waits);
    write_file(
        "cases/a/wakes.yaml",
        "title: It wakes\nsteps:\n  - start: {q: [q]}\n  - expect: {q: {stdout: \"woken\\n\", exit: 0}}\n");
    write_file("cases/a/hangs.yaml", "title: It hangs\nsteps:\n  - start: {q: [q, for, ever]}\n"
                                     "  - expect: {q: {exit: 0}}\n");
    write_file("looks", "");
    setenv("IPCGRADE_STEPPED", "looks", 1);
}

/* With LD_PRELOAD for the graded program alone: the test itself has the clock that it has. */
static void step_clock(void)
{
    cleanup_free char *library = NULL;
    cleanup_free char *directory = strdup(program());
    *strrchr(directory, '/') = '\0';
    ck_assert_int_gt(asprintf(&library, "%s/bench/preload/stepped.so", directory), 0);
    ck_assert_msg(access(library, R_OK) == 0, "%s is not there", library);
    setenv("LD_PRELOAD", library, 1);
    /* Where we are built with AddressSanitizer, it wants to be the first library. */
    setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
}

/* Libraries that seed their hash tables with the time. */
static const char *const seeders[] = {"libjansson", "libxml2"};

static bool is_seeder(const char *file)
{
    for (size_t i = 0; i < sizeof seeders / sizeof *seeders; i++)
        if (strstr(file, seeders[i]))
            return true;
    return false;
}

/* How often somebody has looked at the time of day who tells, or decides by, it. */
static int looks_seen(void)
{
    char line[PATH_MAX];
    int count = 0;
    cleanup_file FILE *looks = fopen("looks", "re");
    ck_assert_ptr_nonnull(looks);
    while (fgets(line, sizeof line, looks))
        count += !is_seeder(line);
    return count;
}

START_TEST(a_set_clock_changes_nothing)
{
    write_suite();
    step_clock();
    double began = seconds_now();
    ck_assert_int_eq(run((const char *const[]){"--only", "a", "--format", "html:out.html", "--format",
                                               "junit:out.xml", "--format", "sarif:out.sarif", NULL}),
                     1);
    double passed = seconds_now() - began;
    unsetenv("LD_PRELOAD");
    json_t *json = result();
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        const json_t *of = case_of(json, verdicts[i].id);
        double seconds = json_number_value(json_object_get(of, "seconds"));
        ck_assert_msg(strcmp(text_of(of, "verdict"), verdicts[i].verdict) == 0, "%s: %s: %s", verdicts[i].id,
                      text_of(of, "verdict"), text_of(of, "reason"));
        ck_assert(seconds >= 0 && seconds <= passed);
        for (size_t f = 0; f < json_array_size(json_object_get(of, "failures")); f++)
            ck_assert(
                !json_is_true(json_object_get(json_array_get(json_object_get(of, "failures"), f), "limit")));
    }
    ck_assert_int_eq(looks_seen(), 0);
    json_decref(json);
}
END_TEST

/* Where the kernel says that it was set, what has failed may have failed by that, and costs nothing; so with a build. */
START_TEST(a_set_clock_is_told)
{
    write_suite();
    step_clock();
    setenv("IPCGRADE_CLOCK_SET", "yes", 1);
    ck_assert_int_eq(run((const char *const[]){"--only", "a", NULL}), 3);
    json_t *json = result();
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        const json_t *of = case_of(json, verdicts[i].id);
        bool has_passed = strcmp(verdicts[i].verdict, "passed") == 0;
        ck_assert_str_eq(text_of(of, "verdict"), has_passed ? "passed" : "broken");
        ck_assert(has_passed || strstr(text_of(of, "reason"), "clock"));
    }
    json_decref(json);
    write_file("sub/Makefile", "all:\n\tfalse\n");
    ck_assert_int_eq(run((const char *const[]){"--only", "a", NULL}), 3);
    unsetenv("LD_PRELOAD");
}
END_TEST

/* The control of the experiment: who looks is seen, and sees a clock that was set. */
START_TEST(looks_are_seen)
{
    write_suite();
    step_clock();
    long year = 0;
    FILE *date = popen("date +%Y; date +%s >/dev/null", "r");
    ck_assert(date && fscanf(date, "%ld", &year) == 1); // NOLINT(cert-err34-c): date(1) wrote it
    ck_assert_int_gt(year, 2000);
    ck_assert_int_eq(pclose(date), 0);
    unsetenv("LD_PRELOAD");
    ck_assert_int_ge(looks_seen(), 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("a clock that is set");
    TCase *tests = tcase_create("grade");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, a_set_clock_changes_nothing);
    tcase_add_test(tests, a_set_clock_is_told);
    tcase_add_test(tests, looks_are_seen);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
