/* What a poller that never sleeps has asked counts only while nobody else goes on: on a slow machine he may wait for the other with good reason. Nor while time may end what he polls for: on
 * a fast one he asks more often until then. */
#include "trace/tracer.h"
#include "trace/wakes.h"

enum { DOOR };

static const uint64_t span = 2000; /* questions */

static void polls_child(struct rig_shared *shared)
{
    pid_t child = fork();
    while (child == 0 && !shared->number[DOOR]) {
    }
    if (child == 0)
        pause();
    while (waitpid(child, NULL, WNOHANG) == 0) {
    }
}

/* Returns the poller, known to poll, while the child works. */
static struct tracee *begin(struct rig *rig)
{
    rig_open(rig);
    struct tracee *poller = (struct tracee *)tracer_main_task(rig->tracer, rig_start(rig, polls_child));
    while (!idle_is_known(poller)) {
        tracer_pump(rig->tracer);
        (void)scene_prove(rig->tracer);
    }
    ck_assert_int_eq(scene_prove(rig->tracer), SCENE_MOVING);
    return poller;
}

static void poll_for(const struct rig *rig, const struct tracee *poller, uint64_t looks)
{
    const uint64_t began = poller->idle->looks;
    while (poller->idle->looks - began < looks)
        tracer_pump(rig->tracer);
}

/* However long the other takes. */
START_TEST(polling_beside_one_who_works_is_no_spinning)
{
    enum { TIMES = 4 };
    struct rig rig = {0};
    const struct tracee *poller = begin(&rig);
    for (int i = 0; i < TIMES; i++) {
        poll_for(&rig, poller, span);
        ck_assert_uint_ge(scene_spinning(rig.tracer, NULL), span);
        ck_assert_int_eq(scene_prove(rig.tracer), SCENE_MOVING);
        ck_assert_uint_lt(scene_spinning(rig.tracer, NULL), span);
    }
    rig_close(&rig);
}
END_TEST

/* The child has gone on since the last proof, so what the poller asked since counts for nothing, though nobody goes on now. What it asks from then on does. */
START_TEST(polling_between_two_proofs_is_no_spinning_if_another_worked)
{
    struct rig rig = {0};
    const struct tracee *poller = begin(&rig);
    rig.shared->number[DOOR] = 1;
    poll_for(&rig, poller, 2 * span);
    while (scene_prove(rig.tracer) != SCENE_TURN_OVER)
        tracer_pump(rig.tracer);
    ck_assert_uint_lt(scene_spinning(rig.tracer, NULL), span);
    poll_for(&rig, poller, span);
    ck_assert_int_eq(scene_prove(rig.tracer), SCENE_TURN_OVER);
    ck_assert_uint_ge(scene_spinning(rig.tracer, NULL), span);
    rig_close(&rig);
}
END_TEST

/* ---- until a time has come ---------------------------------------------------------------------------------------------- */

static void spins(void)
{
    while (waitpid(-1, NULL, WNOHANG) == 0) {
    }
}

static void beside(void (*act)(void))
{
    pid_t child = fork();
    if (child == 0)
        act();
    spins();
}

static void waits_for_a_while(void)
{
    poll(&(struct pollfd){in_pipe(), POLLIN, 0}, 1, LONG_SECONDS * 1000);
}

static void polls_and_sleeps(void)
{
    for (;;) {
        waitpid(-1, NULL, WNOHANG);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

static void waits_for_ever(void)
{
    (void)!read(in_pipe(), &c, 1);
}

static void beside_limited(struct rig_shared *shared)
{
    (void)shared;
    beside(waits_for_a_while);
}

static void beside_sleeping_poller(struct rig_shared *shared)
{
    (void)shared;
    beside(polls_and_sleeps);
}

static void with_alarm(struct rig_shared *shared)
{
    (void)shared;
    alarm(LONG_SECONDS);
    beside(waits_for_ever);
}

static void with_interval(struct rig_shared *shared)
{
    (void)shared;
    setitimer(ITIMER_REAL, &(struct itimerval){.it_value.tv_sec = LONG_SECONDS}, NULL);
    beside(waits_for_ever);
}

static void with_posix_timer(struct rig_shared *shared)
{
    timer_t timer;
    (void)shared;
    timer_create(CLOCK_MONOTONIC, NULL, &timer);
    timer_settime(timer, 0, &(struct itimerspec){.it_value.tv_sec = LONG_SECONDS}, NULL);
    beside(waits_for_ever);
}

static void with_timer_descriptor(struct rig_shared *shared)
{
    (void)shared;
    timer_in(LONG_SECONDS);
    beside(waits_for_ever);
}

static void with_timer_of_an_epoll(struct rig_shared *shared)
{
    int timer = timer_in(LONG_SECONDS), epoll = epoll_create1(0);
    (void)shared;
    epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &(struct epoll_event){.events = EPOLLIN});
    if (fork() == 0)
        waits_for_ever(); /* so that the timer stays */
    close(timer);
    spins();
}

static void with_alarm_taken_back(struct rig_shared *shared)
{
    (void)shared;
    alarm(LONG_SECONDS);
    alarm(0);
    timer_in(0);
    beside(waits_for_ever);
}

static const struct row {
    rig_program *program;
    bool is_spinning;
} rows[] = {
    {beside_limited, false},         {beside_sleeping_poller, false}, {with_alarm, false},
    {with_interval, false},          {with_posix_timer, false},       {with_timer_descriptor, false},
    {with_timer_of_an_epoll, false}, {with_alarm_taken_back, true},
};

/* The two stand as they will stand: one waits, or sleeps, or polls and sleeps, the other one polls. */
static void settle(const struct rig *rig, const struct tracee *poller)
{
    for (int proofs = 0; proofs < 2;) {
        tracer_pump(rig->tracer);
        proofs += scene_prove(rig->tracer) == SCENE_TURN_OVER && idle_is_known(poller);
    }
}

START_TEST(polling_until_a_time_has_come_is_no_spinning)
{
    struct rig rig = {0};
    rig_open(&rig);
    const struct tracee *poller =
        (struct tracee *)tracer_main_task(rig.tracer, rig_start(&rig, rows[_i].program));
    settle(&rig, poller);
    poll_for(&rig, poller, span);
    while (scene_prove(rig.tracer) != SCENE_TURN_OVER)
        tracer_pump(rig.tracer);
    ck_assert_int_eq(scene_spinning(rig.tracer, NULL) >= span, rows[_i].is_spinning);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    enum { SECONDS = 60 };
    Suite *suite = suite_create("trace: spinning");
    TCase *tests = tcase_create("spinning");
    tcase_set_timeout(tests, SECONDS);
    tcase_add_test(tests, polling_beside_one_who_works_is_no_spinning);
    tcase_add_test(tests, polling_between_two_proofs_is_no_spinning_if_another_worked);
    tcase_add_loop_test(tests, polling_until_a_time_has_come_is_no_spinning, 0, sizeof rows / sizeof *rows);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
