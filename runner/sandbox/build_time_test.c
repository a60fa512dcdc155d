/* The safety limit of a build: what sleeps or computes for so long has failed, what is not given the processor has not.
 *
 * The starved builds need no busy machine: what they start runs only when its core is idle (SCHED_IDLE), beside processes that keep that core busy.
 */
#include <check.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/run_test.h"
#include "sandbox/build.h"

static char place[] =
    "/tmp/ipcgrade-build-time-test-XXXXXX"; /* of one check, which runs in a process of its own */

static int first_core(void)
{
    cpu_set_t cores;
    int core = 0;
    ck_assert_int_eq(sched_getaffinity(0, sizeof cores, &cores), 0);
    while (!CPU_ISSET(core, &cores))
        core++;
    return core;
}

enum { HOGS = 15 };

/* Of a session of its own: the kernel may share a core out to sessions first (sched(7), autogroup), and SCHED_IDLE says nothing between those. */
static pid_t keep_busy_alone(int core, unsigned ms)
{
    pid_t parent = getpid(), pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid > 0)
        return pid;
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(core, &cores);
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || sched_setaffinity(0, sizeof cores, &cores) < 0)
        _exit(1);
    for (volatile unsigned long round = 0; ms == 0 || clock() / (CLOCKS_PER_SEC / 1000) < (clock_t)ms;
         round++)
        ;
    _exit(0);
}

/* Keep the core busy until end(), or until so much of it has been used. */
static void keep_busy(pid_t *hogs, int core, unsigned ms)
{
    for (int i = 0; i < HOGS; i++)
        hogs[i] = keep_busy_alone(core, ms / HOGS);
}

static void end(const pid_t *hogs)
{
    for (int i = 0; i < HOGS; i++) {
        kill(hogs[i], SIGKILL);
        ck_assert_int_eq(waitpid(hogs[i], NULL, 0), hogs[i]);
    }
}

/* $(CORE) is the one that keep_busy() keeps busy. */
static bool build(const char *recipe, unsigned patience, struct build_outcome *outcome, struct err *err)
{
    static const struct build_program programs[] = {{.name = "made"}};
    const struct build_request request = {.submission = place,
                                          .programs = programs,
                                          .program_count = 1,
                                          .wall_seconds = 1,
                                          .patience_seconds = patience};
    char command[64];
    umask(022);
    ck_assert_ptr_nonnull(mkdtemp(place));
    ck_assert_int_eq(chdir(place), 0);
    FILE *file = fopen("Makefile", "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "CORE = %d\nmade:\n\t@%s", first_core(), recipe);
    fclose(file);
    bool is_done = build_submission(&request, outcome, err);
    snprintf(command, sizeof command, "rm -rf %s", place);
    ck_assert_int_eq(system(command), 0);
    return is_done;
}

#define STARVED "taskset -c $(CORE) chrt -i 0 "
#define A_LITTLE "sh -c 'i=0; while [ $$i -lt 100000 ]; do i=$$((i + 1)); done; cp /bin/true made'\n"

static const char stays_in_vfork[] =
    "echo 'int main(void) { if (vfork() == 0) for (;;) pause(); return 0; }' | "
    "cc -w -include unistd.h -o stays -xc - && ./stays\n";

/* However long the machine may take: these are charged for themselves alone. */
static const char *const own_doings[] = {
    "mkfifo never; cat never\n",
    "while :; do sleep 0.3; done\n",
    "while :; do :; done\n",
    "while :; do sh -c 'i=0; while [ $$i -lt 9999 ]; do i=$$((i + 1)); done'; done\n",
    "kill -STOP $$$$\n",
    stays_in_vfork,
};

START_TEST(own_doing_costs)
{
    struct build_outcome outcome;
    struct err err = {0};
    ck_assert_msg(build(own_doings[_i], 3600, &outcome, &err), "%s", err.text);
    ck_assert_msg(outcome.is_timed_out, "%s", bytes_text(&outcome.output));
    ck_assert(!outcome.is_ok);
    ck_assert_ptr_nonnull(strstr(bytes_text(&outcome.output), "safety limit"));
    build_outcome_free(&outcome);
}
END_TEST

START_TEST(starved_for_ever_is_the_machines_doing)
{
    struct build_outcome outcome;
    struct err err = {0};
    pid_t hogs[HOGS];
    keep_busy(hogs, first_core(), 0);
    ck_assert(!build(STARVED "sh -c 'while :; do :; done'\n", 4, &outcome, &err));
    end(hogs);
    ck_assert_msg(strstr(err.text, "not ended after 4 seconds, but the processor was not free") != NULL, "%s",
                  err.text);
}
END_TEST

START_TEST(starved_for_a_while_costs_nothing)
{
    struct build_outcome outcome;
    struct err err = {0};
    pid_t hogs[HOGS];
    keep_busy(hogs, first_core(), 3000);
    ck_assert_msg(build(STARVED A_LITTLE, 3600, &outcome, &err), "%s", err.text);
    end(hogs);
    ck_assert_msg(outcome.is_ok, "%s", bytes_text(&outcome.output));
    ck_assert_int_ge(outcome.programs[0], 0);
    build_outcome_free(&outcome);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("build time");
    TCase *tests = tcase_create("limit");
    tcase_add_loop_test(tests, own_doing_costs, 0, sizeof own_doings / sizeof *own_doings);
    tcase_add_test(tests, starved_for_ever_is_the_machines_doing);
    tcase_add_test(tests, starved_for_a_while_costs_nothing);
    tcase_set_timeout(tests, 300);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
