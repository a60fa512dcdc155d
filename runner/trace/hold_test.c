/* Holds, injection, shortening, freezing. */
#include "trace/rig.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum { REPETITIONS = 50 };

/* ---- holding before: CASES-WHY, F8 ------------------------------------------------------------------------------------ */

static volatile sig_atomic_t got;

static void handler(int signal)
{
    (void)signal;
    got = 1;
}

static void catch_usr1(int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigaction(SIGUSR1, &action, NULL);
}

static void racy(struct rig_shared *shared)
{
    catch_usr1(0);
    shared->number[0] = 1;
    if (!got)
        pause();
    shared->number[1] = 1;
}

static void right(struct rig_shared *shared)
{
    sigset_t usr1, before;
    catch_usr1(0);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigprocmask(SIG_BLOCK, &usr1, &before);
    shared->number[0] = 1;
    while (!got)
        sigsuspend(&before);
    shared->number[1] = 1;
}

struct trap {
    const char *call;
    struct ruling ruling;
    int left; /* how often still */
    bool after;
    struct task *held;
    int entries, exits;
};

static struct ruling trap_entry(void *context, struct task *task, const struct event *event)
{
    struct trap *trap = context;
    if (strcmp(event->call.row->name, trap->call) != 0)
        return (struct ruling){RULING_GO, 0, 0};
    trap->entries++;
    if (trap->left <= 0 || trap->after)
        return (struct ruling){RULING_GO, 0, 0};
    trap->left--;
    trap->held = task;
    return trap->ruling;
}

static bool trap_exit(void *context, struct task *task, const struct event *event)
{
    struct trap *trap = context;
    if (strcmp(event->call.row->name, trap->call) != 0)
        return false;
    trap->exits++;
    if (!trap->after || trap->left <= 0)
        return false;
    trap->left--;
    trap->held = task;
    return true;
}

static void open_with_trap(struct rig *rig, struct trap *trap)
{
    rig->config.hooks.context = trap;
    rig->config.hooks.entry = trap_entry;
    rig->config.hooks.exit = trap_exit;
    rig_open(rig);
}

/* Hold in front of the call, send the signal, let go; true when the program came through. */
static bool comes_through(rig_program *program, const char *call)
{
    struct trap trap = {.call = call, .ruling = {RULING_HOLD, 0, 0}, .left = 1};
    struct rig rig = {0};
    open_with_trap(&rig, &trap);
    struct process *process = rig_start(&rig, program);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert_ptr_nonnull(trap.held);
    ck_assert_int_eq(trap.held->state, TASK_HELD);
    ck_assert(!trap.held->is_held_after);
    ck_assert_int_eq(rig.shared->number[0], 1);
    kill(process->pid, SIGUSR1);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST); /* it stays held */
    ck_assert_int_eq(rig.shared->number[1], 0);
    tracer_release(rig.tracer, trap.held);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    bool is_through = process->is_dead && rig.shared->number[1] == 1;
    if (!is_through) {
        ck_assert_int_eq(trap.held->state, TASK_BLOCKED);
        ck_assert_str_eq(trap.held->now->call.row->name, call);
    }
    rig_close(&rig);
    return is_through;
}

START_TEST(racy_pause_hangs_every_time)
{
    for (int i = 0; i < REPETITIONS; i++)
        ck_assert(!comes_through(racy, "pause"));
}
END_TEST

START_TEST(sigsuspend_passes_every_time)
{
    for (int i = 0; i < REPETITIONS; i++)
        ck_assert(comes_through(right, "rt_sigsuspend"));
}
END_TEST

static void writes_once(struct rig_shared *shared)
{
    int ends[2];
    if (pipe(ends) == 0)
        shared->number[0] = (int)write(ends[1], "hello", 5);
    shared->number[1] = 1;
}

START_TEST(held_before_comes_once_and_whole)
{
    struct trap trap = {.call = "write", .ruling = {RULING_HOLD, 0, 0}, .left = 1};
    struct rig rig = {0};
    open_with_trap(&rig, &trap);
    struct process *process = rig_start(&rig, writes_once);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    size_t number = trap.held->now->number;
    tracer_release(rig.tracer, trap.held);
    rig_finish(&rig);
    ck_assert_int_eq(rig.shared->number[0], 5);
    ck_assert_int_eq(trap.entries, 1); /* the ruling is asked for once */
    ck_assert_int_eq(trap.exits, 1);
    ck_assert_ptr_null(rig_event(&rig, process, "write", 1)); /* one event */
    ck_assert_uint_eq(rig_event(&rig, process, "write", 0)->number, number);
    ck_assert_int_eq(rig_event(&rig, process, "write", 0)->call.result, 5);
    rig_close(&rig);
}
END_TEST

START_TEST(held_after_has_happened_but_is_not_seen)
{
    struct trap trap = {.call = "write", .left = 1, .after = true};
    struct rig rig = {0};
    open_with_trap(&rig, &trap);
    rig_start(&rig, writes_once);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert(trap.held->is_held_after);
    ck_assert_int_eq(trap.held->now->call.result, 5);
    ck_assert_int_eq(rig.shared->number[0], 0);
    tracer_release(rig.tracer, trap.held);
    rig_finish(&rig);
    ck_assert_int_eq(rig.shared->number[0], 5);
    rig_close(&rig);
}
END_TEST

START_TEST(sigkill_reaches_the_held)
{
    struct trap trap = {.call = "write", .ruling = {RULING_HOLD, 0, 0}, .left = 1};
    struct rig rig = {0};
    open_with_trap(&rig, &trap);
    struct process *process = rig_start(&rig, writes_once);
    rig_turn(&rig);
    kill(process->pid, SIGKILL);
    rig_finish(&rig);
    ck_assert(process->is_dead && WIFSIGNALED(process->wait_status) &&
              WTERMSIG(process->wait_status) == SIGKILL);
    ck_assert(rig_event(&rig, process, "write", 0)->is_cut);
    rig_close(&rig);
}
END_TEST

/* ---- injection -------------------------------------------------------------------------------------------------------- */

static void forks(struct rig_shared *shared)
{
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    shared->number[0] = child < 0 ? errno : 0;
}

START_TEST(injected_failure)
{
    struct trap trap = {.call = "clone", .ruling = {RULING_FAIL, EAGAIN, 0}, .left = 1};
    struct rig rig = {0};
    open_with_trap(&rig, &trap);
    struct process *process = rig_start(&rig, forks);
    rig_finish(&rig);
    const struct event *event = rig_event(&rig, process, "clone", 0);
    ck_assert_int_eq(rig.shared->number[0], EAGAIN);
    ck_assert_uint_eq(tracer_process_count(rig.tracer), 1);
    ck_assert(event->is_injected);
    ck_assert_int_eq(event->call.error, EAGAIN);
    rig_close(&rig);
}
END_TEST

/* The registers of the arguments survive a call; a short count must not show in them. */
static void reads_raw(struct rig_shared *shared)
{
    int ends[2];
    char text[16] = "";
    long result = SYS_read, count = 10;
    if (pipe(ends) != 0 || write(ends[1], "abcdefghij", 10) != 10)
        return;
    __asm__ volatile("syscall"
                     : "+a"(result), "+d"(count)
                     : "D"((long)ends[0]), "S"(text)
                     : "rcx", "r11", "memory");
    shared->number[0] = (int)result;
    shared->number[1] = (int)count;
    memcpy(shared->text, text, sizeof text);
}

START_TEST(shortened_read)
{
    struct trap trap = {.call = "read", .ruling = {RULING_SHORTEN, 0, 3}, .left = 1};
    struct rig rig = {0};
    open_with_trap(&rig, &trap);
    struct process *process = rig_start(&rig, reads_raw);
    rig_finish(&rig);
    ck_assert_int_eq(rig.shared->number[0], 3);
    ck_assert_int_eq(rig.shared->number[1], 10);
    ck_assert_str_eq(rig.shared->text, "abc");
    const struct event *event = rig_event(&rig, process, "read", 0);
    ck_assert_str_eq(bytes_text(&event->call.data), "abc");
    ck_assert_int_eq(event->call.value[PARAM_SIZE], 10); /* what the program asked for */
    rig_close(&rig);
}
END_TEST

static void writes_vector(struct rig_shared *shared)
{
    int ends[2];
    char text[16] = "";
    struct iovec pieces[2] = {{"abcd", 4}, {"efgh", 4}};
    if (pipe(ends) != 0)
        return;
    shared->number[0] = (int)writev(ends[1], pieces, 2);
    shared->number[1] = (int)read(ends[0], text, sizeof text);
    memcpy(shared->text, text, sizeof text);
}

START_TEST(shortened_vector)
{
    struct trap trap = {.call = "writev", .ruling = {RULING_SHORTEN, 0, 2}, .left = 1};
    struct rig rig = {0};
    open_with_trap(&rig, &trap);
    rig_start(&rig, writes_vector);
    rig_finish(&rig);
    ck_assert_int_eq(rig.shared->number[0], 2);
    ck_assert_int_eq(rig.shared->number[1], 2);
    ck_assert_str_eq(rig.shared->text, "ab");
    rig_close(&rig);
}
END_TEST

/* ---- may it wait? ---------------------------------------------------------------------------------------------------- */

static void reads_both_ways(struct rig_shared *shared)
{
    int ends[2];
    char c;
    if (pipe2(ends, O_NONBLOCK) != 0)
        return;
    shared->number[0] = (int)read(ends[0], &c, 1);
    fcntl(ends[0], F_SETFL, 0);
    shared->number[1] = (int)read(ends[0], &c, 1);
}

START_TEST(non_blocking_descriptors_do_not_wait)
{
    struct trap trap = {.call = "read", .ruling = {RULING_HOLD, 0, 0}, .left = 2};
    struct rig rig = {0};
    open_with_trap(&rig, &trap);
    struct process *process = rig_start(&rig, reads_both_ways);
    rig_turn(&rig);
    ck_assert(!task_would_wait(trap.held, trap.held->now));
    tracer_release(rig.tracer, trap.held);
    rig_turn(&rig);
    ck_assert_ptr_eq(trap.held->now, rig_event(&rig, process, "read", 1));
    ck_assert(task_would_wait(trap.held, trap.held->now));
    rig_close(&rig);
}
END_TEST

static void waits_for_word(struct rig_shared *shared)
{
    if (syscall(SYS_futex, &shared->number[0], FUTEX_WAIT, 0, NULL, NULL, 0) != 0)
        shared->number[1] = errno;
}

START_TEST(a_wait_is_over_when_its_word_has_changed)
{
    struct trap trap = {.call = "futex", .ruling = {RULING_HOLD, 0, 0}, .left = 1};
    struct rig rig = {0};
    open_with_trap(&rig, &trap);
    rig_start(&rig, waits_for_word);
    rig_turn(&rig);
    ck_assert(!task_wait_is_over(trap.held));
    rig.shared->number[0] = 1;
    ck_assert(task_wait_is_over(trap.held));
    tracer_release(rig.tracer, trap.held);
    ck_assert(!task_wait_is_over(trap.held)); /* nobody is held */
    rig_finish(&rig);
    ck_assert_int_eq(rig.shared->number[1], EAGAIN);
    rig_close(&rig);
}
END_TEST

/* ---- freezing --------------------------------------------------------------------------------------------------------- */

static void counts_up(struct rig_shared *shared)
{
    int ends[2];
    if (pipe(ends) != 0)
        return;
    for (int i = 0; i < 10; i++) {
        shared->number[0]++;
        if (write(ends[1], "x", 1) != 1)
            return;
    }
}

START_TEST(frozen_nobody_passes_a_call)
{
    struct trap trap = {.call = "write"};
    struct rig rig = {0};
    open_with_trap(&rig, &trap);
    tracer_freeze(rig.tracer, true);
    struct process *process = rig_start(&rig, counts_up);
    /* It comes to its first call (a pipe) and stays there, however often the statuses are handled. */
    while (tracer_pump(rig.tracer) == 0)
        sched_yield();
    for (int i = 0; i < 100; i++)
        ck_assert_uint_eq(tracer_pump(rig.tracer), 0);
    ck_assert_int_eq(rig.shared->number[0], 0);
    ck_assert_int_eq(scene_prove(rig.tracer), SCENE_MOVING);
    tracer_freeze(rig.tracer, false);
    rig_finish(&rig);
    ck_assert_int_eq(rig.shared->number[0], 10);
    ck_assert_int_eq(trap.exits, 10);
    ck_assert_int_eq(WEXITSTATUS(process->wait_status), 0);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: holds");
    TCase *tests = tcase_create("holds");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, racy_pause_hangs_every_time);
    tcase_add_test(tests, sigsuspend_passes_every_time);
    tcase_add_test(tests, held_before_comes_once_and_whole);
    tcase_add_test(tests, held_after_has_happened_but_is_not_seen);
    tcase_add_test(tests, sigkill_reaches_the_held);
    tcase_add_test(tests, injected_failure);
    tcase_add_test(tests, shortened_read);
    tcase_add_test(tests, shortened_vector);
    tcase_add_test(tests, non_blocking_descriptors_do_not_wait);
    tcase_add_test(tests, a_wait_is_over_when_its_word_has_changed);
    tcase_add_test(tests, frozen_nobody_passes_a_call);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
