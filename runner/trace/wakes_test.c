/* What will go on by itself though everybody is blocked: limits, timers and terminals that only the kernel knows of. None of this is rest; and what looks like it is. */
#define _XOPEN_SOURCE 700 /* posix_openpt() */
#include "trace/rig.h"
#include "trace/tracer.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <termios.h>
#include <time.h>

enum { LONG_SECONDS = 600 };
enum { GO, DECOY, IS_GRANDCHILD, SHOWN }; /* of rig_shared.number */

static char c;

static int in_pipe(void)
{
    int ends[2];
    return pipe(ends) == 0 ? ends[0] : -1;
}

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

static void hear(int number)
{
    (void)number;
}

static void handle(int number)
{
    sigaction(number, &(struct sigaction){.sa_handler = hear}, NULL);
}

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

static int timer_in(time_t seconds)
{
    struct itimerspec time = {.it_value.tv_sec = seconds};
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    timerfd_settime(fd, 0, &time, NULL);
    return fd;
}

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

static int open_terminal(int *master)
{
    *master = posix_openpt(O_RDWR | O_NOCTTY);
    grantpt(*master);
    unlockpt(*master);
    return open(ptsname(*master), O_RDWR | O_NOCTTY);
}

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
    tracer_wait_until(rig.tracer, now_ns() + LONG_SECONDS / 2 * 1000000000ull);
    rig_start(&rig, runs);
    ck_assert_int_eq(rig_turn(&rig), SCENE_TURN_OVER);
    tracer_wait_until(rig.tracer, now_ns() + LONG_SECONDS * 2 * 1000000000ull);
    ck_assert_int_eq(scene_prove(rig.tracer), SCENE_MOVING);
    rig_close(&rig);
}
END_TEST

/* ---- a number that is closed while somebody waits for what it led to --------------------------------------------------- */

static int timer;

static void *reads_timer(void *unused)
{
    uint64_t count;
    (void)!read(timer, &count, sizeof count);
    return unused;
}

static void *polls_timer(void *unused)
{
    struct pollfd both[2] = {{in_pipe(), POLLIN, 0}, {timer, POLLIN, 0}};
    poll(both, 2, -1);
    return unused;
}

static void *(*thread_of)(void *);

static void closes_timer_of_a_thread(struct rig_shared *shared)
{
    pthread_t thread;
    timer = timer_in(thread_of == polls_timer ? LONG_SECONDS : 0);
    pthread_create(&thread, NULL, thread_of, NULL);
    (void)!read(shared->number[GO], &c, 1);
    close(timer);
    pause();
}

START_TEST(closed_while_waited_for)
{
    struct rig rig = {0};
    int go[2];
    ck_assert_int_eq(pipe(go), 0);
    thread_of = _i ? polls_timer : reads_timer;
    rig_open(&rig);
    rig.shared->number[GO] = go[0];
    rig_start(&rig, closes_timer_of_a_thread);
    ck_assert_int_eq(rig_turn(&rig), _i ? SCENE_TURN_OVER : SCENE_AT_REST);
    ck_assert_int_eq(write(go[1], "", 1), 1);
    ck_assert_int_eq(rig_turn(&rig), SCENE_TURN_OVER);
    close(go[0]);
    close(go[1]);
    rig_close(&rig);
}
END_TEST

/* ---- what is on its way through a terminal ------------------------------------------------------------------------------ */

enum { LINES = 1000 };

/* Each line comes back twice: echoed, and answered. */
static void answer_lines(int slave)
{
    char line[64];
    ssize_t len;
    while ((len = read(slave, line, sizeof line)) > 0 && line[0] != 'q') {
        line[0] = 'a';
        (void)!write(slave, line, (size_t)len);
    }
    _exit(0);
}

static void talks_over_terminal(struct rig_shared *shared)
{
    enum { BACK = 2 * (sizeof "line\r\n" - 1) };
    char line[64];
    int master, slave = open_terminal(&master);
    if (fork() == 0)
        answer_lines(slave);
    for (int i = 0; i < LINES; i++) {
        (void)!write(master, "line\n", 5);
        for (ssize_t got = 0, len; got < BACK; got += len)
            if ((len = read(master, line, sizeof line)) <= 0)
                _exit(1);
        shared->number[SHOWN]++;
    }
    (void)!write(master, "q\n", 2);
    wait(NULL);
}

START_TEST(through_a_terminal)
{
    struct rig rig = {0};
    rig_open(&rig);
    struct process *process = rig_start(&rig, talks_over_terminal);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert_int_eq(rig.shared->number[SHOWN], LINES);
    ck_assert(process->is_dead);
    ck_assert_int_eq(process->wait_status, 0);
    rig_close(&rig);
}
END_TEST

/* ---- descriptors that two processes share -------------------------------------------------------------------------------- */

static int shared_number;

static long clone_with_files(void)
{
    return syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, 0);
}

static void read_where_the_parent_put_another(void)
{
    (void)!read(shared_number, &c, 0); /* so far it is what was there before */
    kill(getpid(), SIGSTOP);
    (void)!read(shared_number, &c, 1);
    _exit(0);
}

static void puts_another(struct rig_shared *shared)
{
    handle(SIGUSR1);
    shared_number = in_pipe();
    long child = clone_with_files();
    if (child == 0 && shared->number[IS_GRANDCHILD] && (child = clone_with_files()) != 0)
        waitpid((pid_t)child, NULL, 0);
    if (child == 0)
        read_where_the_parent_put_another();
    pause();
    dup2(shared->number[DECOY], shared_number);
    pause();
}

START_TEST(a_shared_table_is_not_remembered)
{
    struct rig rig = {0};
    struct object_id decoy;
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    rig_open(&rig);
    rig.shared->number[IS_GRANDCHILD] = _i;
    rig.shared->number[DECOY] = ends[0];
    struct process *parent = rig_start(&rig, puts_another);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert_int_eq(kill(parent->pid, SIGUSR1), 0);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    struct process *reader = tracer_process(rig.tracer, _i ? 2 : 1);
    ck_assert_int_eq(kill(reader->pid, SIGCONT), 0);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    const struct task *task = tracer_main_task(rig.tracer, reader);
    ck_assert_str_eq(task->now->call.row->name, "read");
    ck_assert(process_object(parent, ends[0], &decoy));
    ck_assert(object_same(&task->now->object, &decoy));
    close(ends[0]);
    close(ends[1]);
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
    tcase_add_loop_test(tests, closed_while_waited_for, 0, 2);
    tcase_add_test(tests, through_a_terminal);
    tcase_add_loop_test(tests, a_shared_table_is_not_remembered, 0, 2);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
