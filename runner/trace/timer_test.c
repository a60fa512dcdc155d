/* Time limits and timers: they end a turn, but nothing is at rest while one is pending; what only time ends keeps a turn open. */
#include "trace/rig.h"

#include <poll.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>

static char c;

static int in_pipe(void)
{
    int ends[2];
    return pipe(ends) == 0 ? ends[0] : -1;
}

static void in_read(void)
{
    (void)!read(in_pipe(), &c, 1);
}

static void in_pause(void)
{
    pause();
}

/* ---- with a time limit, or with a timer ------------------------------------------------------------------------------- */

enum { LONG_SECONDS = 600 };

static void in_limited_poll(void)
{
    struct pollfd wait_for = {in_pipe(), POLLIN, 0};
    poll(&wait_for, 1, LONG_SECONDS * 1000);
}

static void in_limited_semop(void)
{
    struct timespec limit = {LONG_SECONDS, 0};
    struct sembuf take = {0, -1, 0};
    (void)semtimedop(semget(IPC_PRIVATE, 1, 0600), &take, 1, &limit);
}

static void in_limited_sem_wait(void)
{
    struct timespec until;
    sem_t sem;
    sem_init(&sem, 0, 0);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += LONG_SECONDS;
    sem_timedwait(&sem, &until);
}

static void in_limited_ppoll(void)
{
    sigset_t none;
    sigemptyset(&none);
    ppoll(NULL, 0, &(struct timespec){LONG_SECONDS, 0}, &none);
}

static void in_limited_pselect(void)
{
    sigset_t none;
    sigemptyset(&none);
    pselect(0, NULL, NULL, NULL, &(struct timespec){LONG_SECONDS, 0}, &none);
}

static void read_with_alarm(void)
{
    alarm(LONG_SECONDS);
    in_read();
}

static void read_with_posix_timer(void)
{
    struct itimerspec time = {.it_value.tv_sec = LONG_SECONDS};
    timer_t timer;
    timer_create(CLOCK_MONOTONIC, NULL, &timer);
    timer_settime(timer, 0, &time, NULL);
    in_read();
}

/* At a time of day, which comes when the clock says so, not when so much time has passed. */
static void set_to_time_of_day(long after_ns)
{
    struct itimerspec at = {0};
    timer_t timer;
    clock_gettime(CLOCK_REALTIME, &at.it_value);
    at.it_value.tv_sec += after_ns / 1000000000;
    at.it_value.tv_nsec = after_ns < 1000000000 ? 0 : at.it_value.tv_nsec;
    timer_create(CLOCK_REALTIME, NULL, &timer);
    timer_settime(timer, TIMER_ABSTIME, &at, NULL);
}

static void read_with_time_of_day(void)
{
    set_to_time_of_day(LONG_SECONDS * 1000000000L);
    in_read();
}

static int armed_timerfd(void)
{
    struct itimerspec time = {.it_value.tv_sec = LONG_SECONDS};
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    timerfd_settime(fd, 0, &time, NULL);
    return fd;
}

static void poll_with_timerfd(void)
{
    struct pollfd wait_for[2] = {{in_pipe(), POLLIN, 0}, {armed_timerfd(), POLLIN, 0}};
    poll(wait_for, 2, -1);
}

static void epoll_with_timerfd(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    int epoll = epoll_create1(0);
    epoll_ctl(epoll, EPOLL_CTL_ADD, in_pipe(), &event);
    epoll_ctl(epoll, EPOLL_CTL_ADD, armed_timerfd(), &event);
    epoll_wait(epoll, &event, 1, -1);
}

/* Timers that do not count any more: disarmed, over, or of CPU time. */
static void ignore_alarm(int number)
{
    (void)number;
}

static void alarm_is_over(void)
{
    struct sigaction action = {.sa_handler = ignore_alarm};
    struct itimerval soon = {.it_value.tv_usec = 1000};
    sigset_t set, before;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_BLOCK, &set, &before);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    sigsuspend(&before);
    in_read();
}

static void time_of_day_is_over(void)
{
    struct sigaction action = {.sa_handler = ignore_alarm};
    sigset_t set, before;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_BLOCK, &set, &before);
    sigaction(SIGALRM, &action, NULL);
    set_to_time_of_day(0);
    sigsuspend(&before);
    in_read();
}

static void time_of_day_was_blocked(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    set_to_time_of_day(0);
    in_read();
}

static void alarm_was_blocked(void)
{
    struct itimerval soon = {.it_value.tv_usec = 1000};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    in_read();
}

static void alarm_was_cleared(void)
{
    alarm(LONG_SECONDS);
    alarm(0);
    in_read();
}

static void alarm_of_the_parent(void)
{
    alarm(LONG_SECONDS);
    if (fork() == 0)
        in_read();
    else
        _exit(0);
}

static void virtual_timer(void)
{
    struct itimerval time = {.it_value.tv_sec = LONG_SECONDS};
    setitimer(ITIMER_VIRTUAL, &time, NULL);
    in_read();
}

static void timerfd_not_armed(void)
{
    uint64_t count;
    (void)!read(timerfd_create(CLOCK_MONOTONIC, 0), &count, sizeof count);
}

static const struct waiting {
    const char *call;
    void (*program)(void);
    enum scene scene;
    int child; /* in the first child instead */
} waiting[] = {
    {"poll", in_limited_poll, SCENE_TURN_OVER, 0},
    {"semtimedop", in_limited_semop, SCENE_TURN_OVER, 0},
    {"futex", in_limited_sem_wait, SCENE_TURN_OVER, 0},
    {"ppoll", in_limited_ppoll, SCENE_TURN_OVER, 0},
    {"pselect6", in_limited_pselect, SCENE_TURN_OVER, 0},
    {"read", read_with_alarm, SCENE_TURN_OVER, 0},
    {"read", read_with_posix_timer, SCENE_TURN_OVER, 0},
    {"poll", poll_with_timerfd, SCENE_TURN_OVER, 0},
    {"epoll_wait", epoll_with_timerfd, SCENE_TURN_OVER, 0},
    {"read", alarm_is_over, SCENE_AT_REST, 0},
    {"read", read_with_time_of_day, SCENE_TURN_OVER, 0},
    {"read", time_of_day_is_over, SCENE_AT_REST, 0},
    {"read", time_of_day_was_blocked, SCENE_AT_REST, 0},
    {"read", alarm_was_cleared, SCENE_AT_REST, 0},
    {"read", alarm_of_the_parent, SCENE_AT_REST, 1},
    {"read", virtual_timer, SCENE_AT_REST, 0},
    {"read", timerfd_not_armed, SCENE_AT_REST, 0},
};

static void (*program)(void); /* for the forked program */

static void runs(struct rig_shared *shared)
{
    (void)shared;
    program();
}

static void remove_ipc(struct rig *rig)
{
    for (size_t i = 0; i < tracer_event_count(rig->tracer); i++) {
        const struct event *event = tracer_event(rig->tracer, i);
        if (!event->call.is_done || event->call.error != 0 || !event->call.has_ipc)
            continue;
        if (strcmp(event->call.row->name, "msgget") == 0)
            msgctl((int)event->call.result, IPC_RMID, NULL);
        if (strcmp(event->call.row->name, "semget") == 0)
            semctl((int)event->call.result, 0, IPC_RMID);
    }
}

START_TEST(blocked_is_proved)
{
    struct rig rig = {0};
    program = waiting[_i].program;
    rig_open(&rig);
    struct process *process = rig_start(&rig, runs);
    ck_assert_int_eq(rig_turn(&rig), waiting[_i].scene);
    if (waiting[_i].child)
        process = tracer_process(rig.tracer, 1);
    struct task *task = tracer_main_task(rig.tracer, process);
    ck_assert_ptr_nonnull(task);
    ck_assert_int_eq(task->state, TASK_BLOCKED);
    ck_assert_ptr_nonnull(task->now);
    ck_assert_str_eq(task->now->call.row->name, waiting[_i].call);
    remove_ipc(&rig);
    rig_close(&rig);
}
END_TEST

/* An alarm whose signal waits behind the mask wakes nobody any more; until it has come, it may. */
START_TEST(alarm_behind_the_mask)
{
    struct rig rig = {0};
    program = alarm_was_blocked;
    rig_open(&rig);
    rig_start(&rig, runs);
    while (rig_turn(&rig) != SCENE_AT_REST)
        sched_yield();
    rig_close(&rig);
}
END_TEST

/* ---- what keeps a turn open ------------------------------------------------------------------------------------------- */

static void sleeps(void)
{
    struct timespec time = {.tv_nsec = 30000000};
    nanosleep(&time, NULL);
}

static void polls_nothing(void)
{
    poll(NULL, 0, 30);
}

static void reads_timerfd(void)
{
    struct itimerspec time = {.it_value.tv_nsec = 30000000};
    uint64_t count;
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    timerfd_settime(fd, 0, &time, NULL);
    (void)!read(fd, &count, sizeof count);
}

static void pauses_for_own_alarm(void)
{
    struct sigaction action = {.sa_handler = ignore_alarm};
    struct itimerval soon = {.it_value.tv_usec = 30000};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    pause();
}

static void computes(void)
{
    for (volatile int i = 0; i < 30000000; i++) {
    }
}

static void (*const open_turns[])(void) = {sleeps, polls_nothing, reads_timerfd, pauses_for_own_alarm,
                                           computes};

START_TEST(turn_stays_open)
{
    struct rig rig = {0};
    program = open_turns[_i];
    rig_open(&rig);
    struct process *process = rig_start(&rig, runs);
    /* The first turn that is over is the one in which everybody has ended. */
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert(process->is_dead);
    ck_assert_int_eq(process->wait_status, 0);
    rig_close(&rig);
}
END_TEST

static void limited_then_acts(void)
{
    struct pollfd wait_for = {in_pipe(), POLLIN, 0};
    poll(&wait_for, 1, 30);
    in_pause();
}

START_TEST(limit_passes)
{
    struct rig rig = {0};
    program = limited_then_acts;
    rig_open(&rig);
    struct process *process = rig_start(&rig, runs);
    ck_assert_int_eq(rig_turn(&rig), SCENE_TURN_OVER);
    ck_assert_str_eq(tracer_main_task(rig.tracer, process)->now->call.row->name, "poll");
    while (rig_turn(&rig) != SCENE_AT_REST)
        poll(&(struct pollfd){tracer_poll_fd(rig.tracer), POLLIN, 0}, 1, -1);
    ck_assert_str_eq(tracer_main_task(rig.tracer, process)->now->call.row->name, "pause");
    rig_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: time");
    TCase *tests = tcase_create("time");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, blocked_is_proved, 0, sizeof waiting / sizeof *waiting);
    tcase_add_test(tests, alarm_behind_the_mask);
    tcase_add_loop_test(tests, turn_stays_open, 0, sizeof open_turns / sizeof *open_turns);
    tcase_add_test(tests, limit_passes);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
