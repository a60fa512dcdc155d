/* Blocking, and a scene at rest, proved for each waiting call. */
#include "trace/rig.h"

#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>

static char directory[] = "/tmp/ipcgrade-proof-XXXXXX";
static char c;

static int in_pipe(void)
{
    int ends[2];
    return pipe(ends) == 0 ? ends[0] : -1;
}

static int in_pair(void)
{
    int ends[2];
    return socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 ? ends[0] : -1;
}

/* ---- programs that wait, each in another call ------------------------------------------------------------------------- */

static void in_read(void)
{
    (void)!read(in_pipe(), &c, 1);
}

static void in_readv(void)
{
    struct iovec piece = {&c, 1};
    (void)!readv(in_pipe(), &piece, 1);
}

static void in_write(void)
{
    int ends[2];
    static char block[1 << 17];
    if (pipe(ends) == 0)
        (void)!write(ends[1], block, sizeof block);
}

static void in_open(void)
{
    if (mkfifo("box", 0600) == 0)
        (void)open("box", O_RDONLY);
}

static void in_open_writing(void)
{
    if (mkfifo("box", 0600) == 0)
        (void)open("box", O_WRONLY);
}

static void in_recv(void)
{
    (void)recv(in_pair(), &c, 1, 0);
}

static void in_accept(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "door"};
    int door = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(door, (struct sockaddr *)&name, sizeof name) == 0 && listen(door, 1) == 0)
        (void)accept(door, NULL, NULL);
}

static void in_splice(void)
{
    int ends[2];
    if (pipe(ends) == 0)
        (void)splice(in_pipe(), NULL, ends[1], NULL, 10, 0);
}

static void in_wait(void)
{
    if (fork() == 0)
        pause();
    wait(NULL);
}

static void in_waitid(void)
{
    siginfo_t info;
    if (fork() == 0)
        pause();
    waitid(P_ALL, 0, &info, WEXITED);
}

static void in_pause(void)
{
    pause();
}

static void in_sigsuspend(void)
{
    sigset_t none;
    sigemptyset(&none);
    sigsuspend(&none);
}

static void in_sigwait(void)
{
    sigset_t set;
    int signal_number;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    sigwait(&set, &signal_number);
}

static void in_signalfd(void)
{
    struct signalfd_siginfo info;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    (void)!read(signalfd(-1, &set, 0), &info, sizeof info);
}

static void in_eventfd(void)
{
    uint64_t value;
    (void)!read(eventfd(0, 0), &value, sizeof value);
}

static void in_msgrcv(void)
{
    struct {
        long type;
        char text[8];
    } message;
    int queue = msgget(IPC_PRIVATE, 0600);
    (void)msgrcv(queue, &message, sizeof message.text, 0, 0);
}

static void in_msgsnd(void)
{
    static struct {
        long type;
        char text[8000];
    } message = {.type = 1};
    int queue = msgget(IPC_PRIVATE, 0600);
    while (msgsnd(queue, &message, sizeof message.text, 0) == 0) {
    }
}

static void in_semop(void)
{
    struct sembuf take = {0, -1, 0};
    (void)semop(semget(IPC_PRIVATE, 1, 0600), &take, 1);
}

static void in_semop_zero(void)
{
    struct sembuf both[2] = {{0, 1, 0}, {0, 0, 0}};
    int set = semget(IPC_PRIVATE, 1, 0600);
    (void)semop(set, both, 1);
    (void)semop(set, both + 1, 1);
}

static void in_sem_wait(void)
{
    sem_t sem;
    sem_init(&sem, 0, 0);
    sem_wait(&sem);
}

static void in_mutex(void)
{
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&mutex);
    pthread_mutex_lock(&mutex);
}

static void in_poll(void)
{
    struct pollfd wait_for = {in_pipe(), POLLIN, 0};
    poll(&wait_for, 1, -1);
}

static void in_select(void)
{
    fd_set set;
    int fd = in_pipe();
    FD_ZERO(&set);
    FD_SET(fd, &set);
    select(fd + 1, &set, NULL, NULL, NULL);
}

static void in_epoll(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    int epoll = epoll_create1(0);
    epoll_ctl(epoll, EPOLL_CTL_ADD, in_pipe(), &event);
    epoll_wait(epoll, &event, 1, -1);
}

static void in_flock(void)
{
    int first = open("file", O_RDWR | O_CREAT, 0600), second = open("file", O_RDWR);
    flock(first, LOCK_EX);
    flock(second, LOCK_EX);
}

static void in_lockf(void)
{
    int fd = open("file", O_RDWR | O_CREAT, 0600);
    (void)!lockf(fd, F_LOCK, 0);
    if (fork() == 0) {
        (void)!lockf(fd, F_LOCK, 0);
        _exit(0);
    }
    pause();
}

static void in_ofd_lock(void)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int first = open("file", O_RDWR | O_CREAT, 0600), second = open("file", O_RDWR);
    fcntl(first, F_OFD_SETLK, &whole);
    fcntl(second, F_OFD_SETLKW, &whole);
}

static void in_mq(void)
{
    struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 8};
    char text[8];
    char name[64];
    snprintf(name, sizeof name, "/ipcgrade-proof-%d", (int)getpid());
    mqd_t queue = mq_open(name, O_RDWR | O_CREAT, 0600, &attr);
    mq_unlink(name);
    (void)mq_receive(queue, text, sizeof text, NULL);
}

static void
in_spawn(void) /* the parent of a child that has not executed yet: the child's open of a FIFO blocks */
{
    posix_spawn_file_actions_t actions;
    char *argv[] = {"true", NULL};
    pid_t child;
    (void)!mkfifo("box", 0600);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "box", O_RDONLY, 0);
    posix_spawn(&child, "/bin/true", &actions, NULL, argv, NULL);
}

static void in_thread_join(void)
{
    static pthread_t thread;
    pthread_create(&thread, NULL, (void *(*)(void *))(void (*)(void))in_pause, NULL);
    pthread_join(thread, NULL);
}

static const struct waiting {
    const char *call;
    void (*program)(void);
    int child; /* in the first child instead */
} waiting[] = {
    {"read", in_read, 0},
    {"readv", in_readv, 0},
    {"write", in_write, 0},
    {"openat", in_open, 0},
    {"openat", in_open_writing, 0},
    {"recvfrom", in_recv, 0},
    {"accept", in_accept, 0},
    {"splice", in_splice, 0},
    {"wait4", in_wait, 0},
    {"waitid", in_waitid, 0},
    {"pause", in_pause, 0},
    {"rt_sigsuspend", in_sigsuspend, 0},
    {"rt_sigtimedwait", in_sigwait, 0},
    {"read", in_signalfd, 0},
    {"read", in_eventfd, 0},
    {"msgrcv", in_msgrcv, 0},
    {"msgsnd", in_msgsnd, 0},
    {"semtimedop", in_semop, 0},
    {"semtimedop", in_semop_zero, 0},
    {"futex", in_sem_wait, 0},
    {"futex", in_mutex, 0},
    {"poll", in_poll, 0},
    {"pselect6", in_select, 0},
    {"epoll_wait", in_epoll, 0},
    {"flock", in_flock, 0},
    {"fcntl", in_lockf, 1},
    {"fcntl", in_ofd_lock, 0},
    {"mq_timedreceive", in_mq, 0},
    {"clone", in_spawn, 0},
    {"openat", in_spawn, 1},
    {"futex", in_thread_join, 0},
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

static void enter_directory(void)
{
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
}

static void leave_directory(void)
{
    unlink("box");
    unlink("door");
    unlink("file");
    ck_assert_int_eq(chdir("/"), 0);
    rmdir(directory);
}

START_TEST(blocked_is_proved)
{
    struct rig rig = {0};
    program = waiting[_i].program;
    rig_open(&rig);
    struct process *process = rig_start(&rig, runs);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
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

/* Whether an eventfd is a timer stands in a file of /proc. Where that cannot be opened, nobody is proved to wait. */
START_TEST(what_cannot_be_read_proves_nothing)
{
    struct rig rig = {0};
    struct rlimit old, none;
    program = in_eventfd;
    rig_open(&rig);
    rig_start(&rig, runs);
    ck_assert_int_eq(rig_turn(&rig), SCENE_AT_REST);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
    none = (struct rlimit){0, old.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    scene_prove(rig.tracer);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
    ck_assert_ptr_nonnull(strstr(tracer_trouble(rig.tracer) ?: "", strerror(EMFILE)));
    tracer_free(rig.tracer); /* rig_close() wants no trouble */
    free(rig.filter);
    munmap(rig.shared, sizeof *rig.shared);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: proofs of blocking");
    TCase *tests = tcase_create("proofs");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, enter_directory, leave_directory);
    tcase_add_loop_test(tests, blocked_is_proved, 0, sizeof waiting / sizeof *waiting);
    tcase_add_test(tests, what_cannot_be_read_proves_nothing);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
