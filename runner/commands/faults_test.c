/* Faults in ourselves: each system call that ipcgrade makes fails in turn (faults_killed_test.c: somebody kills it). Whatever happens, a right program never fails and a wrong one never passes; a run that
 * cannot tell says why and ends with status 3; nobody and nothing is left behind.
 *
 * `make check` takes a quarter of the first and last occurrences of each call of each kind of process; `make faults` takes all of them (IPCGRADE_FAULTS=all).
 * What fails names its fault: IPCGRADE_FAULT='the words of the fault' repeats it alone, here, IPCGRADE_GROUND where it was. IPCGRADE_SHARD
 * takes one sixteenth of the calls alone, IPCGRADE_PLACES so many occurrences of each call.
 */
#include "commands/faults_suffered.h"

enum {
    SHARDS = 16,
    SHARDS_OF_A_CHECK = 4,
    PARTS_ELSEWHERE = 8,
    MOST_OF_A_CALL = 2,
    CALLS_OF_A_SWEEP = 60,
};

/* ---- system calls that fail -------------------------------------------------------------------------------------------------------- */

/* Is the nth of `count` occurrences taken, where `most` are? The first and the last always are. */
static bool is_taken(int nth, int count, int most)
{
    if (count <= most)
        return true;
    for (int i = 0; i < most; i++)
        if (nth == 1 + (int)((long)i * (count - 1) / (most > 1 ? most - 1 : 1)))
            return true;
    return false;
}

static int chosen_places(int usual)
{
    const char *wanted = getenv("IPCGRADE_PLACES");
    return wanted ? (int)strtol(wanted, NULL, 10) : usual;
}

/* Which of the chosen sites, counted, are ours; and what has failed before, where that is left out. */
struct sweep {
    int shard, shards, most, number_of_site;
    bool (*is_left_out)(enum role role, int number);
    const char *before;
};

/* All of the call's errors in a sweep of all, else one after the other at one site after the other. */
static void fail_site(struct sweep *sweep, const struct site *site)
{
    struct traced_run run;
    const int *errors_there = errors_of(site->number);
    int count = 0, place = sweep->number_of_site / sweep->shards;
    while (errors_there[count])
        count++;
    if (sweep->number_of_site++ % sweep->shards != sweep->shard || count == 0)
        return;
    for (int i = 0; i < (takes_all() ? count : 1); i++) {
        const struct fault fault = {.at = *site, .error = errors_there[takes_all() ? i : place % count]};
        suffer(&fault, in_words(&fault), sweep->before, &run);
    }
}

static void fail_calls(struct sweep *sweep, const struct traced_run *recorded)
{
    for (struct site site = {0}; site.role < ROLES; site.role++)
        for (site.number = 0; site.number < MOST_NUMBERS; site.number++) {
            int count = recorded->counts[site.role][site.number];
            if (count == 0 || is_spared(site.number) ||
                (sweep->is_left_out && sweep->is_left_out(site.role, site.number)))
                continue;
            for (site.nth = 1; site.nth <= count; site.nth++)
                if (is_taken(site.nth, count, sweep->most))
                    fail_site(sweep, &site);
        }
}

/* Every SHARDS-th of the chosen sites, from a recorded run that nothing happens to. */
START_TEST(a_call_fails)
{
    static struct traced_run recorded;
    cleanup_free char *before = look_around();
    struct sweep sweep = {.shard = _i,
                          .shards = SHARDS,
                          .most = chosen_places(takes_all() ? CALLS_OF_A_SWEEP : MOST_OF_A_CALL),
                          .before = before};
    record(&recorded);
    for (int role = 0; role < ROLES; role++)
        ck_assert_int_gt(recorded.all[role], 0);
    fail_calls(&sweep, &recorded);
    ck_assert_int_gt(sweep.number_of_site, 100);
    assert_all_held();
}
END_TEST

static struct traced_run recorded_everywhere[GROUNDS];
static int ground_now;

static bool was_made_before(enum role role, int number)
{
    for (int i = 0; i < ground_now; i++)
        if (recorded_everywhere[i].counts[role][number] > 0)
            return true;
    return false;
}

/* On the other grounds; a check takes a part of the calls that are made on none of those before. */
START_TEST(a_call_fails_elsewhere)
{
    struct sweep sweep = {.shard = _i,
                          .shards = takes_all() ? SHARDS : PARTS_ELSEWHERE,
                          .most = chosen_places(takes_all() ? CALLS_OF_A_SWEEP : 1),
                          .is_left_out = takes_all() ? NULL : was_made_before};
    if (!takes_all())
        sweep.shard = (int)(chosen_seed() % PARTS_ELSEWHERE);
    for (ground_now = 0; ground_now < (geteuid() == 0 ? GROUNDS : 2); ground_now++) {
        lay_out_ground(ground_number(ground_now));
        cleanup_free char *before = look_around();
        sweep.before = before;
        record(&recorded_everywhere[ground_now]);
        if (ground_now > 0)
            fail_calls(&sweep, &recorded_everywhere[ground_now]);
    }
    assert_all_held();
}
END_TEST

/* What faults have found stays mended. Of many calls so many, spread over all of them. */
static const struct {
    const char *ground;
    enum role role;
    const char *call;
    int error, places;
} found[] = {
    {"short root", ROLE_WORKER, "ptrace", ESRCH, 8},  /* was believed: nobody came, for 200 seconds */
    {"wide user", ROLE_RUNNER, "prlimit64", EIO, 20}, /* the limit was lowered to 0, and cases were skipped */
    {"short root", ROLE_RUNNER, "newfstatat", EIO, 30},  /* a program that was handed in was not, it said */
    {"wide root", ROLE_RUNNER, "read", EIO, 20},         /* a build of which one read failed had failed */
    {"short root", ROLE_WORKER, "newfstatat", EIO, 20},  /* the agent was taken for something else */
    {"short root", ROLE_INIT, "newfstatat", EACCES, 20}, /* ... and who the student is; no /lib64 was there */
    {"short root", ROLE_INIT, "prctl", EIO, 12},      /* a puppet was executed where it could not be traced */
    {"short root", ROLE_INIT, "openat2", EACCES, 12}, /* what a build had made seemed closed to us */
    {"short root", ROLE_INIT, "sendmsg", ENOBUFS, 12}, /* nobody heard why init had ended */
    {"wide bare", ROLE_INIT, "shmctl", EIO, 8},        /* what was half made stayed on the machine */
    {"wide bare", ROLE_INIT, "msgsnd", EIO, 1},        /* ... */
    {"wide bare", ROLE_INIT, "shmat", EIO, 1},         /* ... */
    {"wide container", ROLE_WORKER, "access", EIO, 2}, /* was taken for a want of terminals */
};

START_TEST(what_was_found)
{
    static struct traced_run recorded, run;
    const int number = seccomp_syscall_resolve_name(found[_i].call);
    if (geteuid() != 0 && strstr(found[_i].ground, "user")) {
        test_skipped(found[_i].call, "root, to be another user");
        return;
    }
    ground_named(found[_i].ground);
    lay_out_ground(the_ground);
    cleanup_free char *before = look_around();
    record(&recorded);
    const int count = recorded.counts[found[_i].role][number],
              places = count < found[_i].places ? count : found[_i].places;
    ck_assert_int_gt(count, 0);
    for (int i = 1; i <= places; i++) {
        const struct fault fault = {.at = {found[_i].role, number, i * count / places},
                                    .error = found[_i].error};
        suffer(&fault, in_words(&fault), before, &run);
    }
    assert_all_held();
}
END_TEST

/* ---- one of them again --------------------------------------------------------------------------------------------------------- */

START_TEST(the_named_fault)
{
    static struct traced_run run;
    cleanup_free char *before = NULL, *said = NULL;
    const struct fault fault = fault_of(getenv("IPCGRADE_FAULT"));
    const char *ground = getenv("IPCGRADE_GROUND");
    if (ground) {
        ground_named(ground);
        lay_out_ground(the_ground);
    }
    before = look_around();
    record(&run);
    suffer(&fault, in_words(&fault), before, &run);
    said = text_in("err");
    printf("%s: reached: %d, somebody was there: %d, status %#x, said:\n%s", fault_text(&fault),
           run.was_reached, run.was_struck, (unsigned)run.status, said);
    assert_all_held();
}
END_TEST

int main(void)
{
    const char *shard = getenv("IPCGRADE_SHARD");
    int first = shard ? (int)strtol(shard, NULL, 10) : 0, behind = shard         ? first + 1
                                                                   : takes_all() ? SHARDS
                                                                                 : SHARDS_OF_A_CHECK;
    Suite *suite = suite_create("faults");
#if defined(__x86_64__) /* where faults_run.h knows the registers */
    if (getenv("IPCGRADE_FAULT")) {
        tcase_add_test(add_case(suite, "the named fault"), the_named_fault);
    } else {
        tcase_add_loop_test(add_case(suite, "calls"), a_call_fails, first, behind); /* CK_RUN_CASE */
        tcase_add_loop_test(add_case(suite, "elsewhere"), a_call_fails_elsewhere, takes_all() ? first : 0,
                            takes_all() ? behind : 1); /* CK_RUN_CASE */
        tcase_add_loop_test(add_case(suite, "found"), what_was_found, 0, sizeof found / sizeof *found);
    }
#endif
    return run_suite_apart(suite);
}
