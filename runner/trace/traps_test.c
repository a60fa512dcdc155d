/* The traps of ptrace(2), each once (DESIGN, "Twelve traps"). Group stops, interrupted calls and ignored signals
 * are signal_test.c, injection is hold_test.c. */
#include "trace/rig.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <time.h>

struct seen {
    int signals[65];
    int images, made, entered;
};

static void note_signal(void *context, struct task *task, int signal, pid_t sender)
{
    (void)task;
    (void)sender;
    ((struct seen *)context)->signals[signal]++;
}

static void note_image(void *context, struct process *process)
{
    ((struct seen *)context)->images++;
    process->counts = true;
}

static void note_made(void *context, struct process *process)
{
    (void)process;
    ((struct seen *)context)->made++;
}

static void note_entered(void *context, struct process *process)
{
    (void)process;
    ((struct seen *)context)->entered++;
}

static struct rig rig;
static struct seen seen;

static void open_rig(void)
{
    rig.config.hooks = (struct trace_hooks){.context = &seen,
                                            .signalled = note_signal,
                                            .image = note_image,
                                            .made = note_made,
                                            .entered = note_entered};
    rig_open(&rig);
}

static void close_rig(void)
{
    rig_close(&rig);
}

static struct task *only_task(const struct process *process)
{
    return tracer_main_task(rig.tracer, process);
}

/* ---- 1, 2: seized without a signal; the exits of fork and exec are seen ----------------------------------------------- */

static void forks_and_executes(struct rig_shared *shared)
{
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/true", "true", (char *)NULL);
        _exit(1);
    }
    shared->number[0] = child;
    wait(NULL);
}

START_TEST(exits_behind_fork_and_exec)
{
    struct process *process = rig_start(&rig, forks_and_executes);
    rig_finish(&rig);
    const struct event *fork_event = rig_event(&rig, process, "clone", 0);
    const struct event *exec_event = rig_event(&rig, tracer_process(rig.tracer, 1), "execve", 0);
    ck_assert(fork_event->call.is_done);
    ck_assert_int_eq(fork_event->call.result, rig.shared->number[0]);
    ck_assert(exec_event->call.is_done);
    ck_assert_int_eq(exec_event->call.result, 0);
    ck_assert_str_eq(exec_event->call.path, "/bin/true");
    ck_assert_int_eq(seen.images, 1);
    ck_assert_int_eq(seen.entered, 1);
    ck_assert_int_eq(seen.made, 1);
    ck_assert_int_eq(seen.signals[SIGSTOP] + seen.signals[SIGTRAP], 0);
    ck_assert_int_eq(seen.signals[SIGCHLD], 1);
    ck_assert_int_eq(tracer_process(rig.tracer, 1)->parent, process->index);
    ck_assert(!tracer_process(rig.tracer, 1)->is_main);
}
END_TEST

/* ---- 3: children whose maker is killed at once ------------------------------------------------------------------------ */

enum { CHILDREN = 12 };

static void forks_many(struct rig_shared *shared)
{
    for (int i = 0; i < CHILDREN; i++) {
        pid_t child = fork();
        if (child == 0) {
            shared->number[i] = getpid();
            pause();
        }
    }
    pause();
}

/* Kill the maker after so many statuses, wherever that finds it. */
static void kill_after(size_t statuses)
{
    struct process *process = rig_start(&rig, forks_many);
    struct pollfd wait = {.fd = tracer_poll_fd(rig.tracer), .events = POLLIN};
    size_t first = (size_t)process->index, handled = 0;
    for (size_t i = 0; i < sizeof rig.shared->number / sizeof *rig.shared->number; i++)
        rig.shared->number[i] = 0;
    while (handled < statuses && poll(&wait, 1, -1) > 0)
        handled += tracer_pump(rig.tracer);
    kill(process->pid, SIGKILL);
    rig_turn(&rig);
    ck_assert(process->is_dead);
    for (int i = 0; i < CHILDREN; i++) {
        bool is_known = rig.shared->number[i] == 0;
        for (size_t p = first; p < tracer_process_count(rig.tracer); p++)
            is_known |= tracer_process(rig.tracer, p)->pid == rig.shared->number[i];
        ck_assert_msg(is_known, "child %d was lost", rig.shared->number[i]);
    }
    for (size_t p = first; p < tracer_process_count(rig.tracer); p++)
        if (!tracer_process(rig.tracer, p)->is_dead)
            kill(tracer_process(rig.tracer, p)->pid, SIGKILL);
    rig_finish(&rig);
    /* No tracee is left that we have not heard of. */
    ck_assert_int_eq(waitpid(-1, NULL, __WALL | WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
}

/* On one core, as in earnest: a child has often not run when its maker dies. */
START_TEST(children_of_killed_makers)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    sched_setaffinity(0, sizeof one, &one);
    for (size_t statuses = 1; statuses < 60; statuses++)
        kill_after(statuses);
}
END_TEST

/* ---- 4: exec from another thread -------------------------------------------------------------------------------------- */

static void *executes(void *argument)
{
    execl("/bin/true", "true", (char *)NULL);
    return argument;
}

static void *waits_for_ever(void *argument)
{
    pause();
    return argument;
}

static void executes_from_thread(struct rig_shared *shared)
{
    pthread_t threads[2];
    (void)shared;
    pthread_create(&threads[0], NULL, waits_for_ever, NULL);
    pthread_create(&threads[1], NULL, executes, NULL);
    pthread_join(threads[1], NULL);
}

START_TEST(exec_from_another_thread)
{
    struct process *process = rig_start(&rig, executes_from_thread);
    rig_finish(&rig);
    ck_assert(process->is_dead);
    ck_assert(WIFEXITED(process->wait_status) && WEXITSTATUS(process->wait_status) == 0);
    ck_assert_str_eq(process->program, "true");
    const struct event *event = rig_event(&rig, process, "execve", 0);
    ck_assert(event->call.is_done && event->call.result == 0);
    ck_assert_uint_eq(tracer_process_count(rig.tracer), 1);
}
END_TEST

/* ---- 5: the leader has gone ------------------------------------------------------------------------------------------- */

static void leader_leaves(struct rig_shared *shared)
{
    pthread_t thread;
    (void)shared;
    pthread_create(&thread, NULL, waits_for_ever, NULL);
    pthread_exit(NULL);
}

START_TEST(leader_that_left_does_not_keep_the_turn_open)
{
    struct process *process = rig_start(&rig, leader_leaves);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert(!process->is_dead);
    struct task *task = only_task(process);
    ck_assert_int_ne(task->tid, process->pid);
    ck_assert_str_eq(task->now->call.row->name, "pause");
    kill(process->pid, SIGTERM);
    rig_finish(&rig);
    ck_assert(WIFSIGNALED(process->wait_status));
}
END_TEST

/* ---- 8: killed anywhere ----------------------------------------------------------------------------------------------- */

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

START_TEST(killed_anywhere_is_no_trouble)
{
    for (size_t statuses = 1; statuses < 80; statuses++) {
        struct process *process = rig_start(&rig, busy_with_calls);
        for (size_t handled = 0; handled < statuses;)
            handled += tracer_pump(rig.tracer);
        kill(process->pid, SIGKILL);
        rig_finish(&rig);
        ck_assert(process->is_dead && WTERMSIG(process->wait_status) == SIGKILL);
    }
}
END_TEST

/* ---- 9: vfork --------------------------------------------------------------------------------------------------------- */

static int vfork_ends[2];

static void vforks(struct rig_shared *shared)
{
    char c;
    if (pipe(vfork_ends) != 0)
        return;
    if (vfork() == 0)                                   // NOLINT: what is tested
        _exit(read(vfork_ends[0], &c, 1) == 1 ? 7 : 8); // NOLINT: a child of vfork() that blocks is wanted
    shared->number[0] = 1;
}

START_TEST(vfork_parent_is_judged_by_its_child)
{
    struct process *process = rig_start(&rig, vforks);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert_int_eq(only_task(process)->state, TASK_BLOCKED);
    ck_assert_str_eq(only_task(process)->now->call.row->name, "vfork");
    ck_assert_int_eq(rig.shared->number[0], 0);
    kill(tracer_process(rig.tracer, 1)->pid, SIGKILL);
    rig_finish(&rig);
    ck_assert_int_eq(rig.shared->number[0], 1);
}
END_TEST

/* ---- 11: no child unseen ---------------------------------------------------------------------------------------------- */

static void clones_untraced(struct rig_shared *shared)
{
    long child = syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, NULL, NULL, NULL, 0);
    if (child == 0) {
        shared->number[0] = getpid();
        pause();
    }
    shared->number[1] = syscall(SYS_clone3, NULL, 0) == -1 ? errno : 0;
    pause();
}

START_TEST(clone_untraced_is_traced)
{
    rig_start(&rig, clones_untraced);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert_uint_eq(tracer_process_count(rig.tracer), 2);
    ck_assert_int_eq(tracer_process(rig.tracer, 1)->pid, rig.shared->number[0]);
    ck_assert_int_eq(rig.shared->number[1], ENOSYS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: traps");
    TCase *tests = tcase_create("traps");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, open_rig, close_rig);
    tcase_add_test(tests, exits_behind_fork_and_exec);
    tcase_add_test(tests, children_of_killed_makers);
    tcase_add_test(tests, exec_from_another_thread);
    tcase_add_test(tests, leader_that_left_does_not_keep_the_turn_open);
    tcase_add_test(tests, killed_anywhere_is_no_trouble);
    tcase_add_test(tests, vfork_parent_is_judged_by_its_child);
    tcase_add_test(tests, clone_untraced_is_traced);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
