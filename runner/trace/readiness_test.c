/* Would a call wait, if it were made now? Each program makes calls of which some cannot wait, then the one that would; the first that would is held. */
#include "trace/rig.h"

#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <termios.h>

#include "base/cleanup.h"

enum { MOST_HELD = 8 };

struct held {
    struct task *task;
    const struct event *event;
};

static struct ruling holds_first(void *context, struct task *task, const struct event *event)
{
    struct held *held = context;
    bool is_meant = !held->event && task_would_wait(task, event);
    if (is_meant)
        *held = (struct held){task, event};
    return (struct ruling){is_meant ? RULING_HOLD : RULING_GO, 0, 0};
}

static char byte;

/* The idiom by which a program makes sure of its standard streams. */
static void opens_devices(struct rig_shared *shared)
{
    int null;
    while ((null = open("/dev/null", O_RDWR)) >= 0 && null <= 2)
        continue;
    int random = open("/dev/urandom", O_RDONLY);
    shared->number[0] = open("/dev/null", O_WRONLY) >= 0 && read(random, &byte, 1) == 1 &&
                        write(null, "x", 1) == 1 && read(null, &byte, 1) == 0;
    open("/dev/tty", O_RDONLY);
    pause();
}

static void opens_its_own(struct rig_shared *shared)
{
    int ends[2];
    char path[64];
    if (pipe(ends) != 0)
        return;
    dup2(ends[0], 0);
    snprintf(path, sizeof path, "/proc/%d/status", (int)getpid());
    shared->number[0] = open("/proc/self/status", O_RDONLY) >= 0 && open(path, O_RDONLY) >= 0 &&
                        open("/dev/stdin", O_RDONLY) >= 0 && open("/dev/fd/0", O_RDONLY) >= 0 &&
                        open("/proc/thread-self/fd/0", O_RDONLY) >= 0;
    pause();
}

static void opens_files(struct rig_shared *shared)
{
    shared->number[0] = open("new", O_WRONLY | O_CREAT, 0600) >= 0 && open("none", O_RDONLY) < 0 &&
                        open("nowhere/none", O_RDONLY) < 0 && open("new", O_RDONLY) >= 0 &&
                        open("..", O_RDONLY) >= 0;
    pause();
}

static void opens_fifo_both_ways(struct rig_shared *shared)
{
    shared->number[0] =
        mkfifo("fifo", 0600) == 0 && open("fifo", O_RDONLY | O_NONBLOCK) >= 0 && open("fifo", O_RDWR) >= 0;
    pause();
}

static void opens_fifo(struct rig_shared *shared)
{
    shared->number[0] = mkfifo("fifo", 0600) == 0;
    open("fifo", O_RDONLY);
}

static void opens_fifo_by_a_link(struct rig_shared *shared)
{
    shared->number[0] = mkfifo("fifo", 0600) == 0 && symlink("fifo", "link") == 0;
    open("link", O_WRONLY);
}

static void opens_fifo_by_its_number(struct rig_shared *shared)
{
    char path[64];
    int fd = mkfifo("fifo", 0600) == 0 ? open("fifo", O_RDONLY | O_NONBLOCK) : -1;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    shared->number[0] = fd >= 0;
    open(path, O_RDONLY);
}

static void reads_pipe(struct rig_shared *shared)
{
    int ends[2];
    struct iovec piece = {&byte, 1};
    shared->number[0] = pipe(ends) == 0 && write(ends[1], "abc", 3) == 3 && read(ends[0], &byte, 1) == 1 &&
                        readv(ends[0], &piece, 1) == 1 && read(ends[0], &byte, 1) == 1;
    read(ends[0], &byte, 1);
}

static void reads_to_the_end(struct rig_shared *shared)
{
    int ends[2];
    shared->number[0] = pipe(ends) == 0 && close(ends[1]) == 0 && read(ends[0], &byte, 1) == 0;
    pause();
}

static void fills_pipe(struct rig_shared *shared)
{
    static const char page[4096];
    int ends[2];
    shared->number[0] = pipe(ends) == 0 && fcntl(ends[1], F_SETPIPE_SZ, 4096) == 4096 &&
                        write(ends[1], page, sizeof page) == sizeof page;
    write(ends[1], "x", 1);
}

static void writes_more_than_has_room(struct rig_shared *shared)
{
    static const char much[8192];
    int ends[2];
    shared->number[0] = pipe(ends) == 0 && fcntl(ends[1], F_SETPIPE_SZ, 4096) == 4096;
    write(ends[1], much, sizeof much);
}

static void reads_counter(struct rig_shared *shared)
{
    uint64_t count;
    int fd = eventfd(1, 0);
    shared->number[0] = read(fd, &count, sizeof count) == sizeof count;
    read(fd, &count, sizeof count);
}

static void reads_timer(struct rig_shared *shared)
{
    uint64_t count;
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    shared->number[0] = fd >= 0;
    read(fd, &count, sizeof count);
}

/* What poll(2) says of it holds for whoever polls. */
static void reads_signals(struct rig_shared *shared)
{
    sigset_t set;
    struct signalfd_siginfo info;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, 0);
    shared->number[0] = fd >= 0;
    read(fd, &info, sizeof info);
}

static void receives(struct rig_shared *shared)
{
    int ends[2];
    char two[2];
    shared->number[0] = socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 &&
                        send(ends[0], "ab", 2, MSG_DONTWAIT) == 2 && recv(ends[1], &byte, 1, 0) == 1;
    recv(ends[1], two, 2, MSG_WAITALL);
}

static void accepts(struct rig_shared *shared)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "door"};
    int door = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    shared->number[0] = bind(door, (struct sockaddr *)&name, sizeof name) == 0 && listen(door, 1) == 0 &&
                        connect(client, (struct sockaddr *)&name, sizeof name) == 0 &&
                        accept(door, NULL, NULL) >= 0;
    accept(door, NULL, NULL);
}

static void reads_terminal(struct rig_shared *shared)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY), number = 0, open_it = 0;
    char path[32];
    if (master < 0 || ioctl(master, TIOCSPTLCK, &open_it) != 0 || ioctl(master, TIOCGPTN, &number) != 0)
        return;
    snprintf(path, sizeof path, "/dev/pts/%d", number);
    int slave = open(path, O_RDONLY | O_NOCTTY);
    fcntl(master, F_SETFL, O_NONBLOCK);
    shared->number[0] =
        write(master, "a\n", 2) == 2 && read(slave, &byte, 1) == 1 && read(slave, &byte, 1) == 1;
    read(slave, &byte, 1);
}

static void takes_message(struct rig_shared *shared)
{
    struct mq_attr form = {.mq_maxmsg = 2, .mq_msgsize = 8};
    char text[8], name[64];
    snprintf(name, sizeof name, "/ipcgrade-ready-%d", (int)getpid());
    mqd_t queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &form);
    mq_unlink(name);
    fcntl(queue, F_SETFL, O_NONBLOCK);
    mq_send(queue, "a", 1, 0);
    fcntl(queue, F_SETFL, 0);
    shared->number[0] = mq_receive(queue, text, sizeof text, NULL) == 1;
    mq_receive(queue, text, sizeof text, NULL);
}

static const struct row {
    rig_program *program;
    const char *held; /* the first call that would wait */
    int nth;          /* of that name */
} rows[] = {
    {opens_devices, "pause", 0},
    {opens_its_own, "pause", 0},
    {opens_files, "pause", 0},
    {opens_fifo_both_ways, "pause", 0},
    {opens_fifo, "openat", 0},
    {opens_fifo_by_a_link, "openat", 0},
    {opens_fifo_by_its_number, "openat", 1},
    {reads_pipe, "read", 2},
    {reads_to_the_end, "pause", 0},
    {fills_pipe, "write", 1},
    {writes_more_than_has_room, "write", 0},
    {reads_counter, "read", 1},
    {reads_timer, "read", 0},
    {reads_signals, "read", 0},
    {receives, "recvfrom", 1},
    {accepts, "accept", 1},
    {reads_terminal, "read", 2},
    {takes_message, "mq_timedreceive", 1},
};

START_TEST(the_first_that_would_wait)
{
    const struct row *row = &rows[_i];
    char folder[] = "/tmp/ipcgrade-ready-XXXXXX";
    struct held held = {0};
    struct rig rig = {.config.hooks = {.context = &held, .entry = holds_first}};
    ck_assert(mkdtemp(folder) && chdir(folder) == 0);
    rig_open(&rig);
    const struct process *process = rig_start(&rig, row->program);
    rig_turn(&rig);
    ck_assert_msg(held.event, "row %d: nobody is held", _i);
    cleanup_free char *text = call_text(&held.event->call);
    ck_assert_msg(held.event == rig_event(&rig, process, row->held, row->nth), "row %d: held at %s", _i,
                  text);
    ck_assert_msg(rig.shared->number[0] == 1, "row %d: before %s something failed", _i, text);
    ck_assert(!task_wait_is_over(held.task));
    rig_close(&rig);
}
END_TEST

/* ---- what has come since --------------------------------------------------------------------------------------------- */

static void reads_what_is_written_later(struct rig_shared *shared)
{
    shared->number[0] = mkfifo("fifo", 0600) == 0;
    read(open("fifo", O_RDWR), &byte, 1);
}

START_TEST(it_has_come)
{
    char folder[] = "/tmp/ipcgrade-ready-XXXXXX", path[64];
    struct held held = {0};
    struct rig rig = {.config.hooks = {.context = &held, .entry = holds_first}};
    ck_assert(mkdtemp(folder) && chdir(folder) == 0);
    rig_open(&rig);
    rig_start(&rig, reads_what_is_written_later);
    rig_turn(&rig);
    snprintf(path, sizeof path, "%s/fifo", folder);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    ck_assert(held.task && !task_wait_is_over(held.task));
    ck_assert_int_eq(write(fd, "x", 1), 1);
    ck_assert(task_wait_is_over(held.task));
    tracer_release(rig.tracer, held.task);
    rig_finish(&rig);
    close(fd);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace: readiness");
    TCase *tests = tcase_create("readiness");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, the_first_that_would_wait, 0, sizeof rows / sizeof *rows);
    tcase_add_test(tests, it_has_come);
    suite_add_tcase(suite, tests);
    return rig_run_suite(suite);
}
