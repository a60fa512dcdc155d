/* Somebody of ipcgrade is killed, at instants that are drawn and at some that a draw seldom meets. What holds after it is what holds after any fault in ourselves (faults_test.c).
 *
 * An instant at which nobody lived who could be killed is drawn again, until so many have struck as are wanted: 40 in `make check`, 200 in `make faults` (IPCGRADE_FAULTS=all), or
 * IPCGRADE_INSTANTS. At least every third is SIGKILL for the runner itself. What fails names its instant, for faults_test.c to repeat it alone; IPCGRADE_SEED repeats the whole draw.
 */
#include "commands/faults_suffered.h"

enum { INSTANTS = 40, ALL_INSTANTS = 200, DRAWS_OF_AN_INSTANT = 10, THIRD = 3 };

/* Of so many instants, which part on which ground: a wide run lasts ten times as long as a short one. */
static const struct {
    const char *ground;
    int percent, percent_of_all; /* in a check; in a draw of all */
} grounds[] = {
    {"short root", 60, 40}, {"wide root", 10, 15},      {"wide user", 10, 15},
    {"wide bare", 10, 15},  {"wide container", 10, 15},
};

static int chosen_instants(int ground)
{
    const char *wanted = getenv("IPCGRADE_INSTANTS");
    int all = wanted ? (int)strtol(wanted, NULL, 10) : takes_all() ? ALL_INSTANTS : INSTANTS;
    return (all * (takes_all() ? grounds[ground].percent_of_all : grounds[ground].percent) + 99) / 100;
}

static int between(unsigned *seed, int low, int high)
{
    return low + (int)((unsigned)rand_r(seed) % (unsigned)(high - low + 1));
}

/* At a call of some process, counted, so that no clock is asked; whom and by what is drawn, too. SIGTERM and SIGINT are for the runner alone: the others block them or are
 * nobody's to address. What is to be a student's process lives for a moment only, so its own calls are drawn as often as all others. */
static struct fault draw(unsigned seed, bool is_of_runner, const struct traced_run *recorded)
{
    static const int signals[] = {SIGKILL, SIGTERM, SIGINT};
    struct fault fault = {.at.number = -1};
    fault.to = is_of_runner ? ROLE_RUNNER : (enum role)between(&seed, ROLE_RUNNER, ROLE_CHILD);
    bool is_at_own_call = fault.to >= ROLE_LEADER && between(&seed, 0, 1);
    fault.at.role = is_at_own_call ? fault.to : (enum role)between(&seed, ROLE_RUNNER, ROLE_CHILD);
    fault.at.nth = between(&seed, 1, recorded->all[fault.at.role]);
    fault.which = between(&seed, 0, 3);
    fault.signal = fault.to == ROLE_RUNNER && !is_of_runner ? signals[between(&seed, 0, 2)] : SIGKILL;
    return fault;
}

struct tally {
    int wanted, drawn, struck, of_runner; /* of_runner: by SIGKILL */
};

static void strike_instants(struct tally *tally, unsigned seed, const struct traced_run *recorded)
{
    static struct traced_run run;
    cleanup_free char *before = look_around();
    char what[360];
    while (tally->struck < tally->wanted && tally->drawn < tally->wanted * DRAWS_OF_AN_INSTANT) {
        bool is_of_runner = tally->struck % THIRD == 0;
        const struct fault fault = draw(seed + (unsigned)tally->drawn++, is_of_runner, recorded);
        snprintf(what, sizeof what, "draw %d of seed %u (%s)", tally->drawn, seed, in_words(&fault));
        suffer(&fault, what, before, &run);
        tally->struck += run.was_struck;
        tally->of_runner += run.was_struck && fault.to == ROLE_RUNNER && fault.signal == SIGKILL;
    }
}

START_TEST(somebody_is_killed)
{
    static struct traced_run recorded, again;
    const unsigned seed = chosen_seed();
    struct tally tally = {.wanted = chosen_instants(_i)};
    ground_named(grounds[_i].ground);
    if (geteuid() != 0 && the_ground.mode->make != all_allowed) {
        test_skipped(grounds[_i].ground, "root, to be another user or in a container");
        return;
    }
    lay_out_ground(the_ground);
    printf("IPCGRADE_SEED=%u on %s\n", seed, ground_text());
    fflush(stdout); /* who forks would say it again */
    record(&recorded);
    strike_instants(&tally, seed, &recorded);
    record(&again); /* the next run works */
    printf("%s: %d of %d drawn instants met somebody, %d the runner by SIGKILL\n", ground_text(),
           tally.struck, tally.drawn, tally.of_runner);
    ck_assert_int_eq(tally.struck, tally.wanted);
    ck_assert_msg(tally.of_runner * THIRD >= tally.struck, "too few were the runner by SIGKILL");
    assert_all_held();
}
END_TEST

/* What a draw meets seldom: who waits to be executed, or leads its session, dies when it is about to be told to go; a report is about to take its place. */
static const struct {
    const char *call;
    enum role at, to;
    int signal;
} seldom[] = {
    {"sendto", ROLE_WORKER, ROLE_CHILD, SIGKILL}, {"sendto", ROLE_WORKER, ROLE_LEADER, SIGKILL},
    {"sendto", ROLE_WORKER, ROLE_INIT, SIGKILL},  {"sendto", ROLE_RUNNER, ROLE_CHILD, SIGKILL},
    {"sendto", ROLE_RUNNER, ROLE_INIT, SIGKILL},  {"rename", ROLE_RUNNER, ROLE_RUNNER, SIGTERM},
};

START_TEST(the_seldom_instants)
{
    enum { WHICHES = 2 }; /* the puppet's and the program's */
    static struct traced_run recorded, run;
    cleanup_free char *before = look_around();
    int number = seccomp_syscall_resolve_name(seldom[_i].call), struck = 0;
    record(&recorded);
    for (int nth = 1; nth <= recorded.counts[seldom[_i].at][number]; nth++)
        for (int which = 0; which < (seldom[_i].to == seldom[_i].at ? 1 : WHICHES); which++) {
            const struct fault fault = {
                {seldom[_i].at, number, nth}, 0, seldom[_i].signal, seldom[_i].to, which};
            suffer(&fault, in_words(&fault), before, &run);
            struck += run.was_struck;
        }
    ck_assert_int_gt(struck, 0);
    assert_all_held();
}
END_TEST

/* What draws have found stays mended: struck at such a part of all calls, or of all of this kind. */
static const struct {
    const char *ground;
    enum role at;
    const char *call; /* NULL: any */
    int percent;
    enum role to;
    int which, signal;
} found[] = {
    {"wide user", ROLE_WORKER, "mq_unlink", 2, ROLE_RUNNER, 0, SIGKILL},   /* a queue of ours kept its name */
    {"wide user", ROLE_WORKER, "mq_unlink", 2, ROLE_WORKER, 0, SIGKILL},   /* ... */
    {"wide container", ROLE_RUNNER, "chown", 0, ROLE_RUNNER, 0, SIGKILL},  /* a case's directory stayed */
    {"wide container", ROLE_WORKER, "chown", 50, ROLE_WORKER, 0, SIGKILL}, /* ... */
    {"wide bare", ROLE_CHILD, NULL, 40, ROLE_INIT, 0, SIGKILL},   /* leaders of sessions lived on for ever */
    {"wide bare", ROLE_CHILD, NULL, 99, ROLE_RUNNER, 0, SIGTERM}, /* given objects stayed on the machine */
    {"wide bare", ROLE_INIT, "msgsnd", 100, ROLE_RUNNER, 0, SIGKILL}, /* ... */
    {"wide bare", ROLE_INIT, "msgsnd", 100, ROLE_WORKER, 0, SIGKILL}, /* ... */
    {"wide bare", ROLE_CHILD, NULL, 99, ROLE_INIT, 0, SIGKILL},       /* ... */
    {"wide bare", ROLE_INIT, "shmctl", 0, ROLE_RUNNER, 0, SIGKILL},  /* what a program had made stayed, too */
    {"wide bare", ROLE_INIT, "shmctl", 0, ROLE_WORKER, 0, SIGKILL},  /* ... */
    {"wide bare", ROLE_INIT, "mq_open", 0, ROLE_RUNNER, 0, SIGKILL}, /* ... */
};

START_TEST(what_was_found)
{
    static struct traced_run recorded, run;
    const int number = found[_i].call ? seccomp_syscall_resolve_name(found[_i].call) : -1;
    if (geteuid() != 0) {
        test_skipped(found[_i].ground, "root, to be another user");
        return;
    }
    ground_named(found[_i].ground);
    lay_out_ground(the_ground);
    cleanup_free char *before = look_around();
    record(&recorded);
    const int count = number < 0 ? recorded.all[found[_i].at] : recorded.counts[found[_i].at][number];
    const struct fault fault = {{found[_i].at, number, 1 + (count - 1) * found[_i].percent / 100},
                                0,
                                found[_i].signal,
                                found[_i].to,
                                found[_i].which};
    ck_assert_int_gt(count, 0);
    suffer(&fault, in_words(&fault), before, &run);
    ck_assert_msg(run.was_struck, "%s: nobody was there", in_words(&fault));
    assert_all_held();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("killed");
    char seed[16];
    snprintf(seed, sizeof seed, "%u", chosen_seed()); /* anew each time */
    setenv("IPCGRADE_SEED", seed, 1);                 /* one for all grounds */
#if defined(__x86_64__)                               /* where faults_run.h knows the registers */
    tcase_add_loop_test(add_case(suite, "instants"), somebody_is_killed, 0, sizeof grounds / sizeof *grounds);
    tcase_add_loop_test(add_case(suite, "found"), what_was_found, 0, sizeof found / sizeof *found);
    tcase_add_loop_test(add_case(suite, "seldom"), the_seldom_instants, 0, sizeof seldom / sizeof *seldom);
#endif
    return run_suite_apart(suite);
}
