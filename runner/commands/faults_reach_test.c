/* Which system calls does the code of the rooms that stand between a submission and the machine, or between what was seen and a report, make, and is each of them made to fail by faults_test.c? The names are read from the sources;
 * what no run of any suite on any machine reaches stands below, with its reason, and whoever adds a call adds a case that reaches it, or a reason.
 */
#include "commands/faults_run.h"

#include <ctype.h>

#include "base/run_test.h"
#include "commands/faulted_report.h"

/* What the C library calls for a function that is not called like its system call. */
static const struct {
    const char *function, *call;
} wrappers[] = {
    {"open", "openat"},
    {"fopen", "openat"},
    {"opendir", "openat"},
    {"readdir", "getdents64"},
    {"waitpid", "wait4"},
    {"fork", "clone"},
    {"send", "sendto"},
    {"recv", "recvfrom"},
    {"mkfifo", "mknodat"},
    {"mkdtemp", "mkdir"},
    {"pread", "pread64"},
    {"pwrite", "pwrite64"},
    {"stat", "newfstatat"},
    {"lstat", "newfstatat"},
    {"fstat", "newfstatat"},
    {"fstatat", "newfstatat"},
    {"prlimit", "prlimit64"},
    {"getrlimit", "prlimit64"},
    {"setrlimit", "prlimit64"},
    {"signalfd", "signalfd4"},
    {"mq_getattr", "mq_getsetattr"},
    {"mq_send", "mq_timedsend"},
    {"sem_open", "openat"},
    {"remove", "unlink"},
    {"futimens", "utimensat"},
    {"lchown", "lchown"},
    {"scandir", "getdents64"},
    {"statvfs", "statfs"},
    {"shm_open", "openat"},
    {"tcgetattr", "ioctl"},
    {"tcsetpgrp", "ioctl"},
    {"fdopendir", "fcntl"},
    {"faccessat", "faccessat2"},
    {"realpath", "readlink"},
    {"closefrom", "close_range"},
    {"fread", "read"},
    {"fgets", "read"},
    {"getdelim", "read"},
    {"getline", "read"},
    {"fwrite", "write"},
    {"fflush", "write"},
    {"fclose", "close"},
    {"closedir", "close"},
    {"fdopen", "fcntl"},
    {"fts_open", "openat"},
    {"fts_read", "getdents64"},
    {"posix_spawnp", "clone"},
    {"execv", "execve"},
    {"execvp", "execve"},
    {"isatty", "ioctl"},
    {"sigaction", "rt_sigaction"},
    {"signal", "rt_sigaction"},
    {"sigprocmask", "rt_sigprocmask"},
    {"_exit", "exit_group"},
    {"clock_getcpuclockid", "clock_getres"},
    {"getc", "read"},
};

/* What is never made to fail, and why not; the rest is spared, and its reasons stand in faults.h. */
static const struct {
    const char *call, *why;
} never[] = {
    {"getrusage", "a build is looked at only when it lasts: sandbox/build_time_test.c"},
    {"setns", "only where init may not limit its own objects, as where /proc/sys is read-only"},
    {"splice", "a submission's, which is refused: nobody of ours makes it"},
    {"shutdown", "only after the second packet of a long message has failed: sandbox/wire_test.c"},
    {"tkill", "a rule of a filter names it, nobody calls it"},
    {"tgkill", "a rule of a filter names it, nobody calls it"},
    {"rt_sigqueueinfo", "a rule of a filter names it, nobody calls it"},
    {"rt_tgsigqueueinfo", "a rule of a filter names it, nobody calls it"},
    {"setpriority", "a rule of a filter names it, nobody calls it"},
    {"ioprio_set", "a rule of a filter names it, nobody calls it"},
    {"sched_setscheduler", "a rule of a filter names it, nobody calls it"},
    {"sched_setparam", "a rule of a filter names it, nobody calls it"},
    {"sched_setattr", "a rule of a filter names it, nobody calls it"},
    {"creat", "a rule of a filter names it, nobody calls it"},
    {"setitimer", "the reader of debug information alone, whom the tracer sees die: trace/reader_test.c"},
    {"dup", "the reader of debug information alone, whom the tracer sees die: trace/reader_test.c"},
    {"getsockname", "only of a port that the kernel has chosen, which has no number then"},
    {"kcmp", "only where a timer may be in an epoll set; refused, the number of its descriptor is believed"},
    {"inotify_init1", "ipcgrade watch alone, which plays no case itself: commands/watch_test.c"},
    {"inotify_add_watch", "ipcgrade watch alone, which plays no case itself: commands/saves_test.c"},
    {"setfsgid",
     "only of a task in state D, in a container; refused, the place where it sleeps is not known"},
    {"setfsuid",
     "only of a task in state D, in a container; refused, the place where it sleeps is not known"},
    {"renameat2", "only for folders that a submission has left 64 deep: sandbox/leavings_test.c"},
};

/* Made only where there is something to wait for just then: a run may do without. */
static const char *const by_chance[] = {"ppoll"};

enum { MOST_USED = 256 };
static char used[MOST_USED][40];
static size_t used_count;

static void note_used(const char *name)
{
    for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++)
        if (strcmp(wrappers[i].function, name) == 0)
            name = wrappers[i].call;
    int number = seccomp_syscall_resolve_name(name);
    for (size_t i = 0; i < used_count; i++)
        if (strcmp(used[i], name) == 0)
            return;
    if (number < 0 || number >= MOST_NUMBERS)
        return;
    ck_assert_uint_lt(used_count, MOST_USED);
    snprintf(used[used_count++], sizeof *used, "%s", name);
}

/* Behind a comment or a quoted text that begins at `at`; `at` where none does. */
static const char *skip_text(const char *at)
{
    char quote = *at;
    if (strncmp(at, "/*", 2) == 0) {
        const char *end = strstr(at, "*/");
        return end ? end + 2 : at + strlen(at);
    }
    if (strncmp(at, "//", 2) == 0)
        return at + strcspn(at, "\n");
    if (quote != '"' && quote != '\'')
        return at;
    for (at++; *at && *at != quote; at++)
        at += *at == '\\' && at[1];
    return at + (*at == quote);
}

/* Each word before a bracket, and each SYS_ word. */
static void read_source(const char *path)
{
    cleanup_free char *text = text_in(path);
    for (const char *at = text; *at;) {
        char word[40];
        const char *behind = skip_text(at);
        size_t len = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
        if (behind != at || len == 0) {
            at = behind != at ? behind : at + 1;
            continue;
        }
        snprintf(word, sizeof word, "%.*s", (int)len, at);
        at += len;
        if (strncmp(word, "SYS_", 4) == 0)
            note_used(word + 4);
        else if (*at == '(')
            note_used(word);
    }
}

static void read_sources(void)
{
    char pattern[PATH_MAX + 32];
    glob_t found = {0};
    for (const char *const *room = carried_rooms; *room; room++) {
        snprintf(pattern, sizeof pattern, "%s/../%s/*.c", faults_source, *room);
        ck_assert_int_eq(glob(pattern, found.gl_pathc ? GLOB_APPEND : 0, NULL, &found), 0);
    }
    for (size_t i = 0; i < found.gl_pathc; i++)
        if (!strstr(found.gl_pathv[i], "_test.c"))
            read_source(found.gl_pathv[i]);
    globfree(&found);
}

static const char *reason_of(const char *call)
{
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (strcmp(never[i].call, call) == 0)
            return never[i].why;
    return why_spared(call);
}

static bool is_by_chance(const char *call)
{
    for (size_t i = 0; i < sizeof by_chance / sizeof *by_chance; i++)
        if (strcmp(by_chance[i], call) == 0)
            return true;
    return false;
}

static bool is_reached(const struct traced_run *runs, const char *call)
{
    int number = seccomp_syscall_resolve_name(call), count = 0;
    for (int ground = 0; ground < GROUNDS; ground++)
        for (int role = 0; role < ROLES; role++)
            count += runs[ground].counts[role][number];
    return count > 0;
}

START_TEST(each_call_is_reached)
{
    static const struct fault none;
    static struct traced_run runs[GROUNDS];
    if (geteuid() != 0) {
        printf("only root has all machines\n");
        return;
    }
    read_sources();
    ck_assert_uint_gt(used_count, 50);
    for (int i = 0; i < GROUNDS; i++) {
        lay_out_ground(ground_number(i));
        run_with_fault(arguments(), the_ground.mode->make, &none, &runs[i]);
        ck_assert_msg(runs[i].status == 1 << 8, "%s: ended with %#x", ground_text(),
                      (unsigned)runs[i].status);
    }
    for (size_t i = 0; i < used_count; i++) {
        const char *why = reason_of(used[i]);
        bool fails = is_reached(runs, used[i]) && !is_spared(seccomp_syscall_resolve_name(used[i]));
        hold(fails || why || is_by_chance(used[i]), "%s is never made to fail", used[i]);
        hold(!fails || !why, "%s is made to fail, and has a reason why not: %s", used[i], why ? why : "");
    }
    printf("%zu calls\n", used_count);
    assert_all_held();
}
END_TEST

int main(void)
{
    enum { SECONDS = 600 };
    Suite *suite = suite_create("reach of faults");
    TCase *tests = tcase_create("reach of faults");
    tcase_add_checked_fixture(tests, set_up_short, tear_down);
    tcase_set_timeout(tests, SECONDS);
#if defined(__x86_64__) /* where faults_run.h knows the registers */
    tcase_add_test(tests, each_call_is_reached);
#endif
    suite_add_tcase(suite, tests);
    return run_suite_apart(suite);
}
