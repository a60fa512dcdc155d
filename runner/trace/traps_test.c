/* The traps of ptrace(2), each once (DESIGN, "Twelve traps"). The twelfth, injection, and holds are hold_test.c. */
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
    memset((void *)(uintptr_t)rig.shared->number, 0, sizeof rig.shared->number);
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
}

START_TEST(children_of_killed_makers)
{
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

/* ---- 6: group stops --------------------------------------------------------------------------------------------------- */

static void waits_in_pipe(struct rig_shared *shared)
{
    int ends[2];
    char c;
    if (pipe(ends) == 0)
        shared->number[0] = (int)read(ends[0], &c, 1);
}

START_TEST(stopped_and_continued)
{
    struct process *process = rig_start(&rig, waits_in_pipe);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    kill(process->pid, SIGSTOP);
    while (only_task(process)->state != TASK_STOPPED)
        tracer_pump(rig.tracer);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert_int_eq(only_task(process)->state, TASK_STOPPED);
    kill(process->pid, SIGCONT);
    while (only_task(process)->state == TASK_STOPPED)
        tracer_pump(rig.tracer);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert_int_eq(only_task(process)->state, TASK_BLOCKED);
    ck_assert_str_eq(only_task(process)->now->call.row->name, "read");
    ck_assert_ptr_null(rig_event(&rig, process, "read", 1)); /* the same call has come again */
    kill(process->pid, SIGKILL);
    rig_finish(&rig);
}
END_TEST

/* ---- 7: interrupted calls --------------------------------------------------------------------------------------------- */

static void handler(int signal)
{
    (void)signal;
}

static void read_with(struct rig_shared *shared, int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    int ends[2];
    char c;
    sigaction(SIGUSR1, &action, NULL);
    if (pipe(ends) == 0)
        shared->number[0] = read(ends[0], &c, 1) < 0 ? errno : 0;
    pause();
}

static void read_plain(struct rig_shared *shared)
{
    read_with(shared, 0);
}

static void read_restarting(struct rig_shared *shared)
{
    read_with(shared, SA_RESTART);
}

START_TEST(interrupted_gives_eintr)
{
    struct process *process = rig_start(&rig, read_plain);
    rig_turn(&rig);
    kill(process->pid, SIGUSR1);
    rig_turn(&rig);
    const struct event *event = rig_event(&rig, process, "read", 0);
    ck_assert_int_eq(rig.shared->number[0], EINTR);
    ck_assert(event->call.is_done);
    ck_assert_int_eq(event->call.error, EINTR);
    ck_assert_int_eq(event->signal, SIGUSR1);
    ck_assert_str_eq(only_task(process)->now->call.row->name, "pause");
}
END_TEST

START_TEST(interrupted_begins_again)
{
    struct process *process = rig_start(&rig, read_restarting);
    rig_turn(&rig);
    kill(process->pid, SIGUSR1);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    const struct event *event = rig_event(&rig, process, "read", 0);
    ck_assert(!event->call.is_done);
    ck_assert_int_eq(event->signal, SIGUSR1);
    ck_assert_ptr_eq(only_task(process)->now, rig_event(&rig, process, "read", 1));
    ck_assert_int_eq(only_task(process)->state, TASK_BLOCKED);
}
END_TEST

/* A sleep that an ignored signal interrupts goes on as restart_syscall: still the same call. */
static void sleeps(struct rig_shared *shared)
{
    struct timespec time = {.tv_nsec = 300000000};
    signal(SIGUSR1, SIG_IGN);
    shared->number[1] = 1;
    shared->number[0] = nanosleep(&time, NULL) == 0;
}

START_TEST(restarted_sleep_is_one_call)
{
    struct process *process = rig_start(&rig, sleeps);
    do
        tracer_pump(rig.tracer);
    while (scene_prove(rig.tracer) != SCENE_MOVING || !only_task(process) ||
           only_task(process)->state != TASK_SLEEPING);
    kill(process->pid, SIGUSR1);
    rig_finish(&rig);
    ck_assert_int_eq(rig.shared->number[0], 1);
    ck_assert_int_eq(seen.signals[SIGUSR1], 1);
    const struct event *event = rig_event(&rig, process, "clock_nanosleep", 0);
    ck_assert(event->call.is_done && event->call.error == 0);
    ck_assert_ptr_null(rig_event(&rig, process, "clock_nanosleep", 1));
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
    if (vfork() == 0)
        _exit(read(vfork_ends[0], &c, 1) == 1 ? 7 : 8);
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

/* ---- 13: ignored signals must not be noticed -------------------------------------------------------------------------- */

static void semop_while_child_ends(struct rig_shared *shared)
{
    int set = semget(IPC_PRIVATE, 1, 0600);
    struct sembuf take = {0, -1, 0}, give = {0, 1, 0};
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            while (shared->number[1 + i] == 0) /* until the test says so */
                sched_yield();
            _exit(i == 1 && semop(set, &give, 1) != 0);
        }
    shared->number[0] = semop(set, &take, 1) == 0 ? 1 : -errno;
    semctl(set, 0, IPC_RMID);
}

START_TEST(child_that_ends_does_not_interrupt_semop)
{
    struct process *process = rig_start(&rig, semop_while_child_ends);
    do {
        tracer_pump(rig.tracer);
        scene_prove(rig.tracer);
    } while (only_task(process)->state != TASK_BLOCKED);
    ck_assert_str_eq(only_task(process)->now->call.row->name, "semtimedop");
    rig.shared->number[1] = 1; /* the first child ends */
    while (seen.signals[SIGCHLD] == 0)
        tracer_pump(rig.tracer);
    rig.shared->number[2] = 1; /* the second gives */
    rig_finish(&rig);
    ck_assert_int_eq(rig.shared->number[0], 1);
    ck_assert_ptr_null(rig_event(&rig, process, "semtimedop", 1));
    ck_assert_int_eq(rig_event(&rig, process, "semtimedop", 0)->call.result, 0);
}
END_TEST

static void semop_with_handler(struct rig_shared *shared)
{
    int set = semget(IPC_PRIVATE, 1, 0600);
    struct sembuf take = {0, -1, 0};
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &action, NULL);
    shared->number[0] = semop(set, &take, 1) == 0 ? 1 : -errno;
    semctl(set, 0, IPC_RMID);
}

/* semop is never restarted, SA_RESTART or not: signal(7). */
START_TEST(handler_does_interrupt_semop)
{
    struct process *process = rig_start(&rig, semop_with_handler);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    kill(process->pid, SIGUSR1);
    rig_finish(&rig);
    ck_assert_int_eq(rig.shared->number[0], -EINTR);
    ck_assert_int_eq(rig_event(&rig, process, "semtimedop", 0)->call.error, EINTR);
    ck_assert_int_eq(rig_event(&rig, process, "semtimedop", 0)->signal, SIGUSR1);
}
END_TEST

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

START_TEST(zombies_are_counted)
{
    struct process *process = rig_start(&rig, leaves_zombies);
    rig_turn(&rig);
    ck_assert_int_eq(process_zombies(rig.tracer, process), 2);
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

static void add_all(TCase *tests)
{
    tcase_add_test(tests, exits_behind_fork_and_exec);
    tcase_add_test(tests, children_of_killed_makers);
    tcase_add_test(tests, exec_from_another_thread);
    tcase_add_test(tests, leader_that_left_does_not_keep_the_turn_open);
    tcase_add_test(tests, stopped_and_continued);
    tcase_add_test(tests, interrupted_gives_eintr);
    tcase_add_test(tests, interrupted_begins_again);
    tcase_add_test(tests, restarted_sleep_is_one_call);
    tcase_add_test(tests, killed_anywhere_is_no_trouble);
    tcase_add_test(tests, vfork_parent_is_judged_by_its_child);
    tcase_add_test(tests, clone_untraced_is_traced);
    tcase_add_test(tests, child_that_ends_does_not_interrupt_semop);
    tcase_add_test(tests, handler_does_interrupt_semop);
    tcase_add_test(tests, entry_only_over_the_budget);
    tcase_add_test(tests, blocked_is_seen_over_the_budget);
    tcase_add_test(tests, tasks_are_limited);
    tcase_add_test(tests, zombies_are_counted);
    tcase_add_test(tests, descriptors_are_told);
}

int main(void)
{
    Suite *suite = suite_create("trace: traps");
    TCase *tests = tcase_create("traps");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, open_rig, close_rig);
    add_all(tests);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
