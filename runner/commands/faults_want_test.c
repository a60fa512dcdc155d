/* Too little memory while ipcgrade works. As with all faults in ourselves (faults_test.c), a right program never fails, a wrong one never passes, what broke
 * says why, and a report is whole or the old one.
 */
#include "base/run_test.h"
#include "commands/faulted_report.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "../../fixtures/faults/allocations.h"

/* An error that is told at once has the kernel's words, what is seen in the end ours. The libraries of others say nothing before they end us. */
static const struct excuse too_little = {
    .words = {"memory", "the library ended by SIG", "before it gave a verdict"}};

/* ---- memory ------------------------------------------------------------------------------------------------------------------------ */

enum { PAGE = 4096, MOST_PAGES = 64 << 10, LOADER_GAVE_UP = 127 };

static int run_with_pages(int pages)
{
    pid_t pid = fork();
    int status = 0;
    unlink("out.json");
    if (pid == 0) {
        const rlim_t bytes = (rlim_t)pages * PAGE;
        if (!freopen("out", "w", stdout) || !freopen("err", "w", stderr))
            _exit(126);
        the_ground.mode->make();
        limit(RLIMIT_AS, bytes);
        execv(arguments()[0], (char *const *)arguments());
        _exit(LOADER_GAVE_UP);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    while (waitpid(-1, NULL, 0) > 0)
        ;
    return status;
}

static bool is_loaded(int status)
{
    return WIFEXITED(status) && WEXITSTATUS(status) != LOADER_GAVE_UP;
}

/* With fewer pages the dynamic loader does not come to main(): it says so in its own words, or dies. */
static int pages_to_load(void)
{
    int less = 0, enough = MOST_PAGES;
    ck_assert(is_loaded(run_with_pages(enough)));
    while (enough - less > 1) {
        int middle = (less + enough) / 2;
        if (is_loaded(run_with_pages(middle)))
            enough = middle;
        else
            less = middle;
    }
    return enough;
}

static void suffer_want(int pages, const char *before)
{
    /* A case that has failed may have lacked what it was promised, and names the limit. */
    static const struct excuse want = {.words = {"memory"}, .skips_for = "RLIMIT_AS"};
    char what[96];
    snprintf(what, sizeof what, "%d KiB for %s", pages * (PAGE >> 10), ground_text());
    int status = run_with_pages(pages);
    if (takes_all())
        printf("%s: status %#x\n", what, (unsigned)status);
    fflush(stdout);
    hold(is_loaded(status), "%s: ended with %#x", what, (unsigned)status);
    look_at_report(status, &want, what);
    look_what_is_left(before, false, false, what);
}

/* From what just suffices to load the program, by pages, to where a whole run suffices, and on to plenty. What ends there by a signal has not said why. */
START_TEST(memory_is_short)
{
    enum { NARROW = 400, STEPS_OF_A_CHECK = 16 };
    if (geteuid() != 0 && _i > 0) {
        test_skipped("too little memory of a user", "root, to be another user");
        return;
    }
    lay_out_ground((struct ground_of_faults){&faulted_suites[SUITE_SHORT], &attack_modes[_i]});
    cleanup_free char *before = look_around();
    const int first = pages_to_load(), step = takes_all() ? 1 : STEPS_OF_A_CHECK;
    printf("%s: the loader wants %d KiB\n", ground_text(), first * (PAGE >> 10));
    fflush(stdout); /* who forks would say it again */
    ck_assert_int_lt(first + NARROW, MOST_PAGES);
    for (int pages = first; pages < first + NARROW; pages += step)
        suffer_want(pages, before);
    for (int more = NARROW; first + more < MOST_PAGES; more *= 2)
        suffer_want(first + more, before);
    assert_all_held();
}
END_TEST

/* ---- one allocation fails ---------------------------------------------------------------------------------------------------------- */

static const char *const allocator_words[ALLOCATORS] = {"runner", "worker", "init"};
static char preloaded[PATH_MAX + 16]; /* built once, from fixtures/faults */

static void build_preloaded(const char *name)
{
    snprintf(preloaded, sizeof preloaded, "%s/%s.so", folder, name);
    must_be_done("cc -O2 -shared -fPIC -o '%s' '%s/%s.c'", preloaded, faults_source, name);
}

static void set_up_preloaded(void)
{
    set_up_short();
    build_preloaded("allocations");
}

static struct allocations *share_allocations(void)
{
    char file[PATH_MAX + 16];
    snprintf(file, sizeof file, "%s/allocations", folder);
    int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ftruncate(fd, sizeof(struct allocations)), 0);
    void *shared = mmap(NULL, sizeof(struct allocations), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ck_assert_ptr_ne(shared, MAP_FAILED);
    close(fd);
    return shared;
}

static int run_preloaded(void)
{
    char file[PATH_MAX + 16];
    snprintf(file, sizeof file, "%s/allocations", folder);
    unlink("out.json");
    pid_t pid = fork();
    int status = 0;
    if (pid == 0) {
        setenv("LD_PRELOAD", preloaded, 1);
        setenv(ALLOCATIONS_FILE, file, 1);
        if (!freopen("out", "w", stdout) || !freopen("err", "w", stderr))
            _exit(126);
        execv(arguments()[0], (char *const *)arguments());
        _exit(127);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    while (waitpid(-1, NULL, 0) > 0)
        ;
    return status;
}

static void fail_allocation(struct allocations *shared, int by, int nth, bool for_ever, const char *before)
{
    char what[96];
    *shared = (struct allocations){.fails_by = by, .nth = nth, .for_ever = for_ever};
    snprintf(what, sizeof what, "%s: allocation %d%s (IPCGRADE_FAULT='%s %d %d')", allocator_words[by], nth,
             for_ever ? " and all that follow" : "", allocator_words[by], nth, for_ever);
    int status = run_preloaded();
    if (takes_all())
        printf("%s: status %#x%s\n", what, (unsigned)status, shared->was_reached ? "" : ", not reached");
    fflush(stdout);
    hold(WIFEXITED(status), "%s: ended with %#x", what, (unsigned)status);
    look_at_report(status, &too_little, what);
    look_what_is_left(before, false, false, what);
}

static bool fail_named_allocation(struct allocations *shared, const char *before)
{
    char by[32];
    int nth, for_ever, role = 0;
    const char *wanted = getenv("IPCGRADE_FAULT");
    // NOLINTNEXTLINE(cert-err34-c): what was read is counted
    if (!wanted || sscanf(wanted, "%31s %d %d", by, &nth, &for_ever) != 3)
        return false;
    while (role < ALLOCATORS - 1 && strcmp(allocator_words[role], by) != 0)
        role++;
    fail_allocation(shared, role, nth, for_ever, before);
    cleanup_free char *said = text_in("err");
    printf("%s", said);
    assert_all_held();
    return true;
}

/* A spread of all that a run makes, at another place in each run of this test (IPCGRADE_SEED). */
START_TEST(an_allocation_fails)
{
    enum { PLACES = 12, ALL_PLACES = 400 };
    struct allocations *shared = share_allocations(), recorded;
    cleanup_free char *before = look_around();
    const char *seed = getenv("IPCGRADE_SEED");
    unsigned shift = seed ? (unsigned)strtoul(seed, NULL, 10) : (unsigned)getpid();
    if (fail_named_allocation(shared, before))
        return;
    *shared = (struct allocations){0};
    ck_assert_int_eq(run_preloaded(), 1 << 8);
    recorded = *shared;
    printf("IPCGRADE_SEED=%u; allocations: runner %d, worker %d, init %d\n", shift,
           recorded.counts[BY_RUNNER], recorded.counts[BY_WORKER], recorded.counts[BY_INIT]);
    for (int by = 0; by < ALLOCATORS; by++) {
        int places = takes_all() ? ALL_PLACES : PLACES, count = recorded.counts[by],
            step = count > places ? count / places : 1;
        ck_assert_int_gt(count, 0);
        for (int nth = 1 + (int)(shift % (unsigned)step); nth <= count; nth += step)
            fail_allocation(shared, by, nth, nth / step % 4 == 3, before);
    }
    munmap(shared, sizeof *shared);
    assert_all_held();
}
END_TEST

/* That the kernel cannot execute a program is nobody's failure. */
START_TEST(an_execution_fails)
{
    static const struct excuse want = {.words = {"execve failed with ENOMEM"}};
    cleanup_free char *before = look_around();
    build_preloaded("execution");
    int status = run_preloaded();
    ck_assert_int_eq(status, 3 << 8);
    look_at_report(status, &want, "execve");
    look_what_is_left(before, false, false, "execve");
    assert_all_held();
}
END_TEST

static TCase *add_case(Suite *suite, const char *name, SFun begin)
{
    enum { SECONDS = 600, SECONDS_OF_A_SWEEP = 20000 };
    TCase *added = tcase_create(name);
    tcase_add_checked_fixture(added, begin, tear_down);
    tcase_set_timeout(added, takes_all() ? SECONDS_OF_A_SWEEP : SECONDS);
    suite_add_tcase(suite, added);
    return added;
}

int main(void)
{
    enum { MODES_OF_WANT = 2 }; /* root, a user */
    Suite *suite = suite_create("faults of want");
    if (IS_SANITIZED) {
        test_skipped("too little memory", "a build without sanitizers");
    } else {
        TCase *allocations = add_case(suite, "allocations", set_up_preloaded);
        tcase_add_test(allocations, an_allocation_fails);
        tcase_add_test(allocations, an_execution_fails);
        tcase_add_loop_test(add_case(suite, "memory", set_up_short), memory_is_short, 0, MODES_OF_WANT);
    }
    return run_suite_apart(suite);
}
