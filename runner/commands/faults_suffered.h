/* For tests only: a run of ipcgrade that suffers a fault (faults_run.h), and all that must hold after it (faulted_report.h, faults_excused.h). */
#ifndef IPCGRADE_COMMANDS_FAULTS_SUFFERED_H
#define IPCGRADE_COMMANDS_FAULTS_SUFFERED_H

#include "commands/faults_run.h"

#include <sys/random.h>
#include <time.h>

#include "base/run_test.h"
#include "commands/faulted_report.h"
#include "commands/faults_excused.h"

static inline double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline unsigned chosen_seed(void)
{
    const char *wanted = getenv("IPCGRADE_SEED");
    unsigned seed = 1;
    if (wanted)
        return (unsigned)strtoul(wanted, NULL, 10);
    (void)!getrandom(&seed, sizeof seed, 0);
    return seed;
}

/* `what` where the ground is not the usual. */
static const char *in_words(const struct fault *fault)
{
    static char text[280];
    snprintf(text, sizeof text, "IPCGRADE_GROUND='%s' IPCGRADE_FAULT='%s'", ground_text(), fault_text(fault));
    return text;
}

/* What was killed has left the ground as it is: nothing is tidied up before the next run. */
static inline void run_again(const char *what)
{
    static const struct fault none;
    static struct traced_run again;
    char words[360];
    snprintf(words, sizeof words, "after %s", what);
    run_with_fault(arguments(), the_ground.mode->make, &none, &again);
    look_at_clean_report(again.status, words);
}

/* How long it took is told, and nothing hangs on it. */
static inline void suffer(const struct fault *fault, const char *what, const char *before,
                          struct traced_run *run)
{
    double began = now_seconds();
    remove_reports();
    run_with_fault(arguments(), the_ground.mode->make, fault, run);
    if (takes_all())
        printf("%s: %s%.1f s\n", what, fault->signal && !run->was_struck ? "nobody was there, " : "",
               now_seconds() - began);
    fflush(stdout);
    bool is_asked = WIFSIGNALED(run->status) && fault->signal && fault->to == ROLE_RUNNER &&
                    WTERMSIG(run->status) == fault->signal;
    hold(WIFEXITED(run->status) || is_asked, "%s: ended with %#x", what, (unsigned)run->status);
    const struct excuse excuse = excuse_of(fault);
    look_at_report(run->status, &excuse, what);
    if (run->was_struck && fault->signal == SIGKILL)
        run_again(what);
    look_what_is_left(before, is_asked && fault->signal == SIGKILL, excuse.may_leave, what);
}

/* A run that nothing happens to. */
static inline void record(struct traced_run *run)
{
    static const struct fault none;
    remove_reports();
    run_with_fault(arguments(), the_ground.mode->make, &none, run);
    ck_assert_msg(run->status == 1 << 8, "%s: ended with %#x", ground_text(), (unsigned)run->status);
    learn_machine();
    look_at_clean_report(run->status, ground_text());
}

static inline TCase *add_case(Suite *suite, const char *name)
{
    enum { SECONDS = 600, SECONDS_OF_A_SWEEP = 20000 };
    TCase *tests = tcase_create(name);
    tcase_add_checked_fixture(tests, set_up_short, tear_down);
    tcase_set_timeout(tests, takes_all() ? SECONDS_OF_A_SWEEP : SECONDS);
    suite_add_tcase(suite, tests);
    return tests;
}

#endif
