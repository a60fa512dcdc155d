/* What will go on by itself though everybody is blocked: limits, timers and terminals that only the kernel knows of. None of this is rest; and what looks like it is. */
#include "trace/wakes.h"

/* ---- limits of sockets that have no name ------------------------------------------------------------------------------ */

static const struct timeval patience = {LONG_SECONDS, 0}, none = {0, 0};
static int pair[2];

static int limited_end(int option, const struct timeval *limit)
{
    (void)!socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    setsockopt(pair[0], SOL_SOCKET, option, limit, sizeof *limit);
    return pair[0];
}

static void send_all(int fd)
{
    static char block[1 << 16];
    while (send(fd, block, sizeof block, 0) > 0) {
    }
}

static void reads_pair(void)
{
    (void)!read(limited_end(SO_RCVTIMEO, &patience), &c, 1);
}

static void reads_pair_new_option(void)
{
    (void)recv(limited_end(SO_RCVTIMEO_NEW, &patience), &c, 1, 0);
}

static void reads_pair_taken_back(void)
{
    int fd = limited_end(SO_RCVTIMEO, &patience);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO_NEW, &none, sizeof none);
    (void)recv(fd, &c, 1, 0);
}

static void reads_other_end(void)
{
    limited_end(SO_RCVTIMEO, &patience);
    (void)recv(pair[1], &c, 1, 0);
}

static void child_reads_pair(void)
{
    int copy = dup(limited_end(SO_RCVTIMEO, &patience));
    if (fork() == 0)
        (void)recv(copy, &c, 1, 0);
    else
        wait(NULL);
}

static void sends_to_pair(void)
{
    send_all(limited_end(SO_SNDTIMEO, &patience));
}

static void sends_to_pair_that_reads_limited(void)
{
    send_all(limited_end(SO_RCVTIMEO, &patience));
}

/* ---- watchdogs: nobody waits for them --------------------------------------------------------------------------------- */

static void watchdog_kills(void)
{
    alarm(LONG_SECONDS);
    pause();
}

static void watchdog_is_ignored(void)
{
    signal(SIGALRM, SIG_IGN);
    alarm(LONG_SECONDS);
    pause();
}

static void watchdog_is_blocked(void)
{
    sigset_t set;
    handle(SIGALRM);
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    alarm(LONG_SECONDS);
    sigsuspend(&set);
}

static void watchdog_in_sigwait(void)
{
    int number;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    alarm(LONG_SECONDS);
    sigwait(&set, &number);
}

/* ---- timers behind descriptors ---------------------------------------------------------------------------------------- */

static int epoll_of(int first, int second)
{
    struct epoll_event event = {.events = EPOLLIN};
    int epoll = epoll_create1(0);
    epoll_ctl(epoll, EPOLL_CTL_ADD, first, &event);
    epoll_ctl(epoll, EPOLL_CTL_ADD, second, &event);
    return epoll;
}

static void wait_in_poll(int fd)
{
    poll(&(struct pollfd){fd, POLLIN, 0}, 1, -1);
}

static void wait_in_epoll(int epoll)
{
    struct epoll_event event;
    epoll_wait(epoll, &event, 1, -1);
}

static void polls_epoll(void)
{
    wait_in_poll(epoll_of(in_pipe(), timer_in(LONG_SECONDS)));
}

static void polls_epoll_of_pipes(void)
{
    wait_in_poll(epoll_of(in_pipe(), in_pipe()));
}

static void nests_epolls(void)
{
    wait_in_epoll(epoll_of(in_pipe(), epoll_of(in_pipe(), timer_in(LONG_SECONDS))));
}

static void nests_epolls_of_pipes(void)
{
    wait_in_epoll(epoll_of(in_pipe(), epoll_of(in_pipe(), timer_in(0))));
}

static void number_is_closed(void)
{
    int timer = timer_in(LONG_SECONDS), epoll = epoll_of(in_pipe(), timer);
    (void)!dup(timer);
    close(timer);
    wait_in_epoll(epoll);
}

static void number_is_another(void)
{
    int timer = timer_in(LONG_SECONDS), epoll = epoll_of(in_pipe(), timer);
    (void)!dup(timer);
    close(timer);
    (void)eventfd(0, 0);
    wait_in_epoll(epoll);
}

/* What stands behind the number that was closed is no timer: pipes lie on another device. */
static void number_of_a_pipe_is_closed(void)
{
    int fd = in_pipe(), epoll = epoll_of(in_pipe(), fd);
    (void)!dup(fd);
    close(fd);
    wait_in_epoll(epoll);
}

/* ---- terminals -------------------------------------------------------------------------------------------------------- */

static void read_raw(unsigned char at_least, unsigned char tenths)
{
    struct termios mode;
    int master, slave = open_terminal(&master);
    tcgetattr(slave, &mode);
    mode.c_lflag &= ~(tcflag_t)ICANON;
    mode.c_cc[VMIN] = at_least;
    mode.c_cc[VTIME] = tenths;
    tcsetattr(slave, TCSANOW, &mode);
    (void)!read(slave, &c, 1);
}

static void reads_raw_with_limit(void)
{
    read_raw(0, 255);
}

static void reads_raw(void)
{
    read_raw(1, 0);
}

/* ---- */

static void stopped_with(int number)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = number};
    struct itimerspec time = {.it_value.tv_sec = LONG_SECONDS};
    timer_t timer;
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &time, NULL);
    raise(SIGSTOP);
}

static void stopped_till_continued(void)
{
    stopped_with(SIGCONT);
}

static void stopped_for_ever(void)
{
    stopped_with(SIGUSR1);
}

static const struct {
    void (*program)(void);
    enum scene scene;
    enum task_state state;
} rows[] = {
    {reads_pair, SCENE_TURN_OVER, TASK_BLOCKED},
    {reads_pair_new_option, SCENE_TURN_OVER, TASK_BLOCKED},
    {reads_pair_taken_back, SCENE_AT_REST, TASK_BLOCKED},
    {reads_other_end, SCENE_AT_REST, TASK_BLOCKED},
    {child_reads_pair, SCENE_TURN_OVER, TASK_BLOCKED},
    {sends_to_pair, SCENE_TURN_OVER, TASK_BLOCKED},
    {sends_to_pair_that_reads_limited, SCENE_AT_REST, TASK_BLOCKED},
    {watchdog_kills, SCENE_TURN_OVER, TASK_BLOCKED},
    {watchdog_is_ignored, SCENE_TURN_OVER, TASK_BLOCKED},
    {watchdog_is_blocked, SCENE_TURN_OVER, TASK_BLOCKED},
    {watchdog_in_sigwait, SCENE_TURN_OVER, TASK_BLOCKED},
    {polls_epoll, SCENE_TURN_OVER, TASK_BLOCKED},
    {polls_epoll_of_pipes, SCENE_AT_REST, TASK_BLOCKED},
    {nests_epolls, SCENE_TURN_OVER, TASK_BLOCKED},
    {nests_epolls_of_pipes, SCENE_AT_REST, TASK_BLOCKED},
    {number_is_closed, SCENE_TURN_OVER, TASK_BLOCKED},
    {number_is_another, SCENE_TURN_OVER, TASK_BLOCKED},
    {number_of_a_pipe_is_closed, SCENE_AT_REST, TASK_BLOCKED},
    {reads_raw_with_limit, SCENE_TURN_OVER, TASK_BLOCKED},
    {reads_raw, SCENE_AT_REST, TASK_BLOCKED},
    {stopped_till_continued, SCENE_TURN_OVER, TASK_STOPPED},
    {stopped_for_ever, SCENE_AT_REST, TASK_STOPPED},
};

static void (*program)(void); /* for the forked program */

static void runs(struct rig_shared *shared)
{
    (void)shared;
    program();
}

START_TEST(is_it_rest)
{
    struct rig rig = {0};
    program = rows[_i].program;
    rig_open(&rig);
    const struct process *process = rig_start(&rig, runs);
    ck_assert_int_eq(rig_turn(&rig), rows[_i].scene);
    ck_assert_int_eq(tracer_main_task(rig.tracer, process)->state, rows[_i].state);
    rig_close(&rig);
}
END_TEST

/* An alarm that it waits for, due when its owner will not wait any more. */
static void waits_for_alarm(void)
{
    handle(SIGALRM);
    alarm(LONG_SECONDS);
    pause();
}

START_TEST(later_than_anybody_waits)
{
    struct rig rig = {0};
    program = waits_for_alarm;
    rig_open(&rig);
    tracer_wait_until(rig.tracer, now_ns() + 500000000ull * LONG_SECONDS);
    rig_start(&rig, runs);
    ck_assert_int_eq(rig_turn(&rig), SCENE_TURN_OVER);
    tracer_wait_until(rig.tracer, now_ns() + 2000000000ull * LONG_SECONDS);
    ck_assert_int_eq(scene_prove(rig.tracer), SCENE_MOVING);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: what wakes by itself");
    TCase *tests = tcase_create("wakes");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, is_it_rest, 0, sizeof rows / sizeof *rows);
    tcase_add_test(tests, later_than_anybody_waits);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
