/* Zombies count as processes: to the limit of the case, and where the kernel refuses one. */
#include "trace/rig.h"

#include <sys/resource.h>

enum { MADE, REFUSED, ROUNDS = 20, ROOM = 5, NOBODYS_UID = 1899999997 };

/* It is one when this returns, if it is not waited for. */
static bool make_zombie(struct rig_shared *shared, bool is_waited_for)
{
    siginfo_t info;
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    if (pid < 0) {
        shared->number[REFUSED] = errno;
        return false;
    }
    waitid(P_PID, (id_t)pid, &info, WEXITED | (is_waited_for ? 0 : WNOWAIT));
    shared->number[MADE]++;
    return true;
}

static void leaves_them(struct rig_shared *shared)
{
    for (int i = 0; i < ROUNDS && make_zombie(shared, false); i++) {
    }
    pause();
}

static void waits_for_them(struct rig_shared *shared)
{
    for (int i = 0; i < ROUNDS && make_zombie(shared, true); i++) {
    }
    pause();
}

/* The children of each child are init's when it has ended. */
static void lets_them_go(struct rig_shared *shared)
{
    for (int i = 0; i < ROUNDS / 2; i++) {
        if (fork() == 0) {
            (void)make_zombie(shared, false);
            _exit(0);
        }
        wait(NULL);
    }
    pause();
}

static const struct event *refused(struct rig *rig)
{
    for (size_t i = 0; i < tracer_event_count(rig->tracer); i++)
        if (tracer_event(rig->tracer, i)->call.error == EAGAIN)
            return tracer_event(rig->tracer, i);
    return NULL;
}

static const struct {
    rig_program *program;
    int made;
} rows[] = {
    {leaves_them, ROOM - 1}, /* and its maker */
    {waits_for_them, ROUNDS},
    {lets_them_go, ROUNDS / 2},
};

START_TEST(they_count_to_the_limit)
{
    struct rig rig = {.config.max_tasks = ROOM};
    rig_open(&rig);
    rig_start(&rig, rows[_i].program);
    rig_turn(&rig);
    ck_assert_int_eq(rig.shared->number[MADE], rows[_i].made);
    const struct event *event = refused(&rig);
    ck_assert(!event == (rows[_i].program != leaves_them));
    if (event) {
        ck_assert_int_eq(event->zombies, ROOM - 1);
        ck_assert(event->is_injected);
        ck_assert(!event->is_own_limit);
    }
    rig_close(&rig);
}
END_TEST

/* ---- where the kernel refuses a process ----------------------------------------------------------------------------------- */

static void on_signal(int number)
{
    (void)number;
}

/* A turn ends, and it has not waited for the first. */
static void leaves_one_over_a_turn(struct rig_shared *shared)
{
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on_signal}, NULL);
    make_zombie(shared, false);
    pause();
    leaves_them(shared);
}

static void makes_living_ones(struct rig_shared *shared)
{
    for (int i = 0; i < ROUNDS && shared->number[REFUSED] == 0; i++) {
        pid_t pid = fork();
        if (pid == 0)
            pause();
        if (pid < 0)
            shared->number[REFUSED] = errno;
    }
    pause();
}

static const struct {
    rig_program *program;
    int promised;
    bool has_two_turns, is_own;
} refusals[] = {
    {leaves_them, 2, false, true},
    {leaves_them, 2 * ROUNDS, false, false},
    {leaves_one_over_a_turn, 2 * ROUNDS, true, true},
    {makes_living_ones, 2, false, false},
};

START_TEST(who_is_to_blame_where_the_machine_has_little_room)
{
    const struct rlimit few = {ROOM, ROOM};
    struct rig rig = {.config.tasks_promised = refusals[_i].promised};
    if (geteuid() != 0) {
        test_skipped("who_is_to_blame_where_the_machine_has_little_room", "root");
        return;
    }
    const uid_t uid = NOBODYS_UID - (uid_t)_i; /* nobody else is counted */
    ck_assert_int_eq(setresuid(uid, uid, uid), 0);
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* else nobody may trace what we start */
    ck_assert_int_eq(setrlimit(RLIMIT_NPROC, &few), 0);
    rig_open(&rig);
    const struct process *process = rig_start(&rig, refusals[_i].program);
    rig_turn(&rig);
    if (refusals[_i].has_two_turns) {
        ck_assert(!refused(&rig));
        tracer_begin_turn(rig.tracer);
        kill(process->pid, SIGUSR1);
        rig_turn(&rig);
    }
    const struct event *event = refused(&rig);
    ck_assert_int_eq(rig.shared->number[REFUSED], EAGAIN);
    ck_assert(event && !event->is_injected);
    ck_assert_int_eq(event->is_own_limit, refusals[_i].is_own);
    ck_assert_int_eq(event->zombies > 0, refusals[_i].is_own);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: zombies");
    TCase *tests = tcase_create("zombies");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, they_count_to_the_limit, 0, sizeof rows / sizeof *rows);
    tcase_add_loop_test(tests, who_is_to_blame_where_the_machine_has_little_room, 0,
                        sizeof refusals / sizeof *refusals);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
