/* Limits (budget of events, number of tasks), and questions about processes: zombies, children, descriptors. */
#include "trace/rig.h"
#include "trace/tracer.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static struct rig rig;

static void open_rig(void)
{
    rig_open(&rig);
}

static void close_rig(void)
{
    rig_close(&rig);
}

static void busy_with_calls(struct rig_shared *shared)
{
    int ends[2];
    char c;
    if (pipe(ends) != 0)
        return;
    for (;; shared->number[0]++)
        if (write(ends[1], "x", 1) != 1 || read(ends[0], &c, 1) != 1)
            return;
}

/* ---- limits ----------------------------------------------------------------------------------------------------------- */

START_TEST(entry_only_over_the_budget)
{
    struct rig small = {.config.event_budget = 10};
    rig_open(&small);
    struct process *process = rig_start(&small, busy_with_calls);
    while (small.shared->number[0] < 100)
        tracer_pump(small.tracer);
    ck_assert(tracer_dropped_detail(small.tracer));
    ck_assert_uint_le(tracer_event_count(small.tracer), 12);
    kill(process->pid, SIGKILL);
    rig_finish(&small);
    rig_close(&small);
}
END_TEST

static void floods_and_closes(struct rig_shared *shared)
{
    int ends[2];
    char c = 'x';
    if (pipe(ends) != 0)
        return;
    for (int i = 0; i < 200; i++)
        if (write(ends[1], &c, 1) != 1 || read(ends[0], &c, 1) != 1)
            return;
    shared->number[0] = close(ends[0]) == 0 && close(ends[1]) == 0;
}

/* Floods are cut short when half of what is kept is full; who has what is still known. */
START_TEST(what_is_kept_of_all_is_limited)
{
    struct rig small = {.config.events_kept = 300};
    rig_open(&small);
    const struct process *process = rig_start(&small, floods_and_closes);
    rig_finish(&small);
    ck_assert_int_eq(small.shared->number[0], 1);
    ck_assert(tracer_dropped_detail(small.tracer));
    ck_assert_uint_le(tracer_event_count(small.tracer), 160);
    ck_assert_ptr_nonnull(rig_event(&small, process, "close", 1));
    rig_close(&small);
}
END_TEST

static void child_floods_then_parent_writes(struct rig_shared *shared)
{
    int ends[2];
    char c = 'x';
    if (pipe(ends) != 0)
        return;
    if (fork() == 0) {
        for (int i = 0; i < 200; i++)
            if (write(ends[1], &c, 1) != 1 || read(ends[0], &c, 1) != 1)
                break;
        _exit(0);
    }
    wait(NULL);
    shared->number[0] = write(ends[1], &c, 1) == 1;
}

/* What one has used up is not taken from who has made but a few calls. */
START_TEST(a_few_calls_of_each_are_kept)
{
    struct rig small = {.config.events_kept = 20};
    rig_open(&small);
    const struct process *process = rig_start(&small, child_floods_then_parent_writes);
    rig_finish(&small);
    ck_assert_int_eq(small.shared->number[0], 1);
    ck_assert(tracer_dropped_detail(small.tracer));
    ck_assert_ptr_nonnull(rig_event(&small, process, "write", 0));
    rig_close(&small);
}
END_TEST

static void writes_much(struct rig_shared *shared)
{
    static const char much[1000];
    int null = open("/dev/null", O_WRONLY);
    for (int i = 0; i < 40; i++)
        shared->number[0] += write(null, much, sizeof much) == (ssize_t)sizeof much;
}

/* One long text is kept whole, and forty of them are not: the calls themselves are, and how much each moved. */
START_TEST(data_of_all_is_limited)
{
    struct rig small = {.config.data_kept = 4096, .config.all_data_kept = 10000};
    rig_open(&small);
    const struct process *process = rig_start(&small, writes_much);
    size_t kept = 0;
    rig_finish(&small);
    ck_assert_int_eq(small.shared->number[0], 40);
    for (int i = 0; i < 40; i++) {
        const struct event *event = rig_event(&small, process, "write", (size_t)i);
        ck_assert_ptr_nonnull(event);
        ck_assert_uint_eq(event->call.data_len, 1000);
        ck_assert_uint_eq(event->call.data.len, i < 10 ? 1000 : CALL_DATA_SHOWN);
        kept += event->call.data.len;
    }
    ck_assert(tracer_dropped_detail(small.tracer));
    ck_assert_uint_le(kept, 10000 + 40 * CALL_DATA_SHOWN);
    rig_close(&small);
}
END_TEST

static void over_budget_then_blocks(struct rig_shared *shared)
{
    int ends[2];
    char c = 'x';
    if (pipe(ends) != 0)
        return;
    for (int i = 0; i < 40; i++)
        if (write(ends[1], &c, 1) != 1)
            return;
    for (int i = 0; i < 41; i++) {
        shared->number[0] = i;
        if (read(ends[0], &c, 1) != 1)
            return;
    }
}

START_TEST(blocked_is_seen_over_the_budget)
{
    struct rig small = {.config.event_budget = 10};
    rig_open(&small);
    struct process *process = rig_start(&small, over_budget_then_blocks);
    ck_assert_int_eq(rig_turn(&small), SCENE_AT_REST);
    ck_assert_int_eq(small.shared->number[0], 40);
    ck_assert_str_eq(tracer_main_task(small.tracer, process)->now->call.row->name, "read");
    rig_close(&small);
}
END_TEST

static void bomb(struct rig_shared *shared)
{
    for (int i = 0; i < 8; i++) {
        pid_t child = fork();
        if (child == 0)
            pause();
        shared->number[0] += child > 0;
        shared->number[1] = child < 0 ? errno : 0;
    }
    pause();
}

START_TEST(tasks_are_limited)
{
    struct rig small = {.config.max_tasks = 4};
    rig_open(&small);
    rig_start(&small, bomb);
    rig_turn(&small);
    ck_assert_int_eq(small.shared->number[0], 3);
    ck_assert_int_eq(small.shared->number[1], EAGAIN);
    ck_assert_uint_eq(tracer_task_count(small.tracer), 4);
    rig_close(&small);
}
END_TEST

static void sets_a_limit_and_lets_its_child_fork(struct rig_shared *shared)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NPROC, &limit);
    shared->number[0] = setrlimit(RLIMIT_NPROC, &limit) == 0;
    if (fork() == 0)
        fork();
    pause();
}

static void lets_its_child_fork(struct rig_shared *shared)
{
    struct rlimit limit;
    shared->number[0] = getrlimit(RLIMIT_NPROC, &limit) == 0 && getrlimit(RLIMIT_MSGQUEUE, &limit) == 0;
    if (fork() == 0)
        fork();
    pause();
}

/* The second fork is one too many; that a limit is as it was when we look says nothing. */
static bool is_told_as_own(rig_program *program)
{
    struct rig small = {.config.max_tasks = 2};
    rig_open(&small);
    rig_start(&small, program);
    rig_turn(&small);
    ck_assert_int_eq(small.shared->number[0], 1);
    const struct event *event = rig_event(&small, NULL, "clone", 1);
    ck_assert(event && event->call.error == EAGAIN);
    bool is_own = event->is_own_limit;
    rig_close(&small);
    return is_own;
}

START_TEST(who_has_set_a_limit_is_known_for_it)
{
    ck_assert(is_told_as_own(sets_a_limit_and_lets_its_child_fork));
    ck_assert(!is_told_as_own(lets_its_child_fork));
}
END_TEST

/* ---- zombies and descriptors ------------------------------------------------------------------------------------------ */

static void leaves_zombies(struct rig_shared *shared)
{
    for (int i = 0; i < 3; i++)
        if (fork() == 0)
            _exit(0);
    wait(NULL);
    shared->number[0] = 1;
    pause();
}

/* Whose status was taken is asked for no more: where processes follow each other by thousands that makes the difference between a second and a minute. */
static int count_gone(const struct tracer *tracer)
{
    int count = 0;
    for (size_t i = 0; i < tracer->member_count; i++)
        count += tracer->members[i]->is_gone;
    return count;
}

START_TEST(zombies_are_counted)
{
    struct process *process = rig_start(&rig, leaves_zombies);
    rig_turn(&rig);
    ck_assert_int_eq(process_zombies(rig.tracer, process), 2);
    ck_assert_int_eq(count_gone(rig.tracer), 1);
    ck_assert_int_eq(process_children(rig.tracer, process), 0);
    kill(process->pid, SIGTERM);
    rig_finish(&rig);
    ck_assert_int_eq(process->zombies_at_end, 2);
}
END_TEST

static void has_descriptors(struct rig_shared *shared)
{
    int ends[2];
    (void)shared;
    close_range(0, 1023, 0);
    if (open("/dev/null", O_RDONLY) == 0 && pipe(ends) == 0 && dup2(ends[1], 9) == 9)
        pause();
}

START_TEST(descriptors_are_told)
{
    struct process *process = rig_start(&rig, has_descriptors);
    struct object_id id[2];
    int fds[8];
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert_uint_eq(process_fds(process, fds, 8), 4);
    ck_assert_int_eq(fds[0], 0);
    ck_assert_int_eq(fds[3], 9);
    ck_assert(process_object(process, 1, &id[0]) && process_object(process, 9, &id[1]));
    ck_assert_int_eq(id[0].kind, OBJECT_PIPE);
    ck_assert(object_same(&id[0], &id[1]));
    ck_assert(!process_object(process, 5, &id[0]));
}
END_TEST

static void of_many_groups(struct rig_shared *shared)
{
    enum { GROUPS = 5000, LONG_NUMBER = 1000000 };
    static gid_t groups[GROUPS];
    int ends[2];
    char c;
    for (size_t i = 0; i < GROUPS; i++)
        groups[i] = LONG_NUMBER + (gid_t)i;
    shared->number[0] = setgroups(GROUPS, groups) == 0;
    if (pipe(ends) == 0)
        (void)!read(ends[0], &c, 1);
}

/* What /proc/PID/status says below its line of groups, which is forty thousand characters long here. */
START_TEST(a_user_may_be_in_many_groups)
{
    rig_start(&rig, of_many_groups);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert_int_eq(rig.shared->number[0], geteuid() == 0);
    struct task *task = tracer_task(rig.tracer, 0);
    struct seen seen;
    ck_assert_int_eq(task->state, TASK_BLOCKED);
    ck_assert(procfs_see((struct tracee *)task, &seen));
    ck_assert_int_eq(seen.state, 'S');
    ck_assert_uint_gt(seen.switches, 0);
    ck_assert_uint_ne(signals_ignored((struct tracee *)task), 0);
}
END_TEST

/* ---- a path that is never seen to its end ----------------------------------------------------------------------------- */

static void makes_a_fifo(struct rig_shared *shared)
{
    char path[] = "/var/tmp/ipcgrade-limits-XXXXXX/fifo", *name = strrchr(path, '/');
    *name = '\0';
    bool is_made = mkdtemp(path);
    *name = '/';
    shared->number[0] = is_made && mkfifo(path, 0600) == 0 && unlink(path) == 0;
    *name = '\0';
    rmdir(path);
}

/* As the kernel answers where somebody renames all the time, openat2(2). For good, in this process, and not in the student's. */
static void never_opened(void)
{
    struct sock_filter code[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                                 BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAGAIN),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

START_TEST(a_path_that_was_given_up_is_told)
{
    rig_open(&rig);
    rig_start(&rig, makes_a_fifo);
    never_opened();
    rig_finish(&rig);
    ck_assert_int_eq(rig.shared->number[0], 1);
    ck_assert_ptr_nonnull(tracer_trouble(rig.tracer));
    ck_assert_ptr_nonnull(strstr(tracer_trouble(rig.tracer), "temporarily unavailable"));
    tracer_free(rig.tracer);
    free(rig.filter);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: limits");
    TCase *tests = tcase_create("limits");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, open_rig, close_rig);
    tcase_add_test(tests, entry_only_over_the_budget);
    tcase_add_test(tests, what_is_kept_of_all_is_limited);
    tcase_add_test(tests, a_few_calls_of_each_are_kept);
    tcase_add_test(tests, data_of_all_is_limited);
    tcase_add_test(tests, blocked_is_seen_over_the_budget);
    tcase_add_test(tests, tasks_are_limited);
    tcase_add_test(tests, who_has_set_a_limit_is_known_for_it);
    tcase_add_test(tests, zombies_are_counted);
    tcase_add_test(tests, descriptors_are_told);
    tcase_add_test(tests, a_user_may_be_in_many_groups);
    suite_add_tcase(suite, tests);
    tests = tcase_create("given up");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_path_that_was_given_up_is_told);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
