/* Too little of something while ipcgrade works: memory, room on the disk. As with all faults in ourselves (faults_test.c), a right program never fails, a wrong one never passes, what broke
 * says why, and a report is whole or the old one.
 */
#include "base/run_test.h"
#include "commands/faulted_report.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "../../fixtures/faults/allocations.h"

/* An error that is told at once has the kernel's words, what is seen in the end ours. The libraries of others say nothing before they end us. */
static const struct excuse too_little = {
    .words = {"memory", "the library ended by SIG", "before it gave a verdict"}};

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
            look_at_report(status, &too_little, what);
        look_what_is_left(before, false, false, what);
    }
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

/* What of a report did not fit is not there, and the old one still is. */
START_TEST(the_disk_is_full)
{
    static const char old[] = "the old one\n", *const reports[] = {"full/out.json", "full/out.xml",
                                                                   "full/out.html"};
    const char *argv[] = {program(),
                          "grade",
                          "sub",
                          "--cases",
                          "cases",
                          "--format",
                          "json:full/out.json",
                          "--format",
                          "junit:full/out.xml",
                          "--format",
                          "html:full/out.html",
                          "--format",
                          "terminal:/dev/full",
                          NULL};
    ck_assert_int_eq(mkdir("full", 0755), 0);
    if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", "full", "tmpfs", 0, "size=12k") < 0) {
        test_skipped("a full disk", "root, for a small disk");
        return;
    }
    for (size_t i = 0; i < sizeof reports / sizeof *reports; i++)
        write_file(reports[i], old);
    pid_t pid = fork();
    if (pid == 0) {
        if (!freopen("err", "w", stderr))
            _exit(126);
        execv(argv[0], (char *const *)argv);
        _exit(127);
    }
    ck_assert_int_eq(finish(pid), 3);
    cleanup_free char *said = text_in("err");
    for (size_t i = 0; i < sizeof reports / sizeof *reports; i++) {
        char complaint[128];
        cleanup_free char *kept = text_in(reports[i]);
        ck_assert_str_eq(kept, old);
        snprintf(complaint, sizeof complaint, "write %s: No space left on device", reports[i]);
        ck_assert_ptr_nonnull(strstr(said, complaint));
    }
    ck_assert_ptr_nonnull(strstr(said, "write /dev/full: No space left on device"));
    ck_assert_int_eq(system("test \"$(ls -A full | tr '\\n' ' ')\" = 'out.html out.json out.xml '"), 0);
    ck_assert_int_eq(umount2("full", MNT_DETACH), 0);
}
END_TEST

enum { SECONDS = 600, SECONDS_OF_A_SWEEP = 20000 };

static void add_case(Suite *suite, const char *name, SFun begin, const TTest *const *tests, size_t count)
{
    TCase *added = tcase_create(name);
    tcase_add_checked_fixture(added, begin, tear_down);
    tcase_set_timeout(added, takes_all() ? SECONDS_OF_A_SWEEP : SECONDS);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(added, tests[i]);
    suite_add_tcase(suite, added);
}

int main(void)
{
    const TTest *const of_memory[] = {memory_is_short}, *const of_disk[] = {the_disk_is_full},
                       *const of_allocations[] = {an_allocation_fails, an_execution_fails};
    Suite *suite = suite_create("faults of want");
    add_case(suite, "disk", set_up_short, of_disk, 1);
    if (IS_SANITIZED) {
        test_skipped("too little memory", "a build without sanitizers");
    } else {
        add_case(suite, "memory", set_up_short, of_memory, 1);
        add_case(suite, "allocations", set_up_preloaded, of_allocations, 2);
    }
    return run_suite_apart(suite);
}
