/* Signals: group stops, interrupted calls, and ignored signals that a traced program must not notice (again.c). */
#include "trace/rig.h"

#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <time.h>

struct seen {
    int signals[65];
};

static void note_signal(void *context, struct task *task, int signal, pid_t sender)
{
    (void)task;
    (void)sender;
    ((struct seen *)context)->signals[signal]++;
}

static struct rig rig;
static struct seen seen;

static void open_rig(void)
{
    rig.config.hooks = (struct trace_hooks){.context = &seen, .signalled = note_signal};
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

/* ---- 14: nor must a large write come up short ------------------------------------------------------------------------ */

enum { LARGE = 300000 };

static void writes_much_while_child_ends(struct rig_shared *shared)
{
    static char block[LARGE], got[4096];
    int ends[2];
    if (pipe(ends) != 0)
        return;
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            close(ends[1]);
            while (shared->number[1 + i] == 0)
                sched_yield();
            while (i == 1 && read(ends[0], got, sizeof got) > 0) {
            }
            _exit(0);
        }
    close(ends[0]);
    shared->number[0] = (int)write(ends[1], block, sizeof block);
}

START_TEST(child_that_ends_does_not_cut_a_write)
{
    struct process *process = rig_start(&rig, writes_much_while_child_ends);
    do {
        tracer_pump(rig.tracer);
        scene_prove(rig.tracer);
    } while (only_task(process)->state != TASK_BLOCKED);
    ck_assert_str_eq(only_task(process)->now->call.row->name, "write");
    rig.shared->number[1] = 1; /* the first child ends */
    while (seen.signals[SIGCHLD] == 0)
        tracer_pump(rig.tracer);
    rig.shared->number[2] = 1; /* the second reads it all */
    rig_finish(&rig);
    const struct event *event = rig_event(&rig, process, "write", 0);
    ck_assert_int_eq(rig.shared->number[0], LARGE);
    ck_assert_int_eq(event->call.result, LARGE);
    ck_assert_uint_eq(event->call.data_len, LARGE);
    ck_assert_ptr_null(rig_event(&rig, process, "write", 1));
}
END_TEST

/* ---- who has sent it ----------------------------------------------------------------------------------------------------- */

static void kills_when_the_log_is_full(struct rig_shared *shared)
{
    int ends[2];
    for (int i = 0; i < 30; i++)
        if (pipe(ends) != 0 || close(ends[0]) != 0 || close(ends[1]) != 0)
            return;
    shared->number[0] = kill(getpid(), 0) == 0;
}

START_TEST(who_has_killed_is_known_for_it)
{
    struct rig small = {.config.event_budget = 10};
    rig_open(&small);
    struct process *process = rig_start(&small, kills_when_the_log_is_full);
    rig_finish(&small);
    ck_assert_int_eq(small.shared->number[0], 1);
    ck_assert_ptr_null(rig_event(&small, process, "kill", 0));
    ck_assert(process->has_killed);
    rig_close(&small);
}
END_TEST

static void has_a_descriptor_abort_it(struct rig_shared *shared)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 && fcntl(ends[0], F_SETOWN, getpid()) == 0 &&
        fcntl(ends[0], F_SETSIG, SIGABRT) == 0 && fcntl(ends[0], F_SETFL, O_ASYNC) == 0)
        shared->number[0] = (int)write(ends[1], "x", 1);
}

static void aborts(struct rig_shared *shared)
{
    (void)shared;
    abort();
}

/* Only the second has brought it on itself. */
START_TEST(a_signal_of_a_descriptor_is_no_abort)
{
    const struct process *sent = rig_start(&rig, has_a_descriptor_abort_it);
    rig_finish(&rig);
    ck_assert(WIFSIGNALED(sent->wait_status) && WTERMSIG(sent->wait_status) == SIGABRT);
    ck_assert_uint_eq(sent->crash->call.arg[2], 0);
    ck_assert(!sent->has_killed);
    const struct process *own = rig_start(&rig, aborts);
    rig_finish(&rig);
    ck_assert_uint_eq(own->crash->call.arg[2], SIGABRT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: signals");
    TCase *tests = tcase_create("signals");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, open_rig, close_rig);
    tcase_add_test(tests, stopped_and_continued);
    tcase_add_test(tests, interrupted_gives_eintr);
    tcase_add_test(tests, interrupted_begins_again);
    tcase_add_test(tests, restarted_sleep_is_one_call);
    tcase_add_test(tests, child_that_ends_does_not_interrupt_semop);
    tcase_add_test(tests, handler_does_interrupt_semop);
    tcase_add_test(tests, child_that_ends_does_not_cut_a_write);
    tcase_add_test(tests, who_has_killed_is_known_for_it);
    tcase_add_test(tests, a_signal_of_a_descriptor_is_no_abort);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
