/* Worker processes; see pool.h.
 *
 * Theory of operation: the parent polls three things: a signalfd (it is asked to end), the pipe of each worker (its text), and the pidfd of each
 * worker. The pidfd tells the end, not the pipe: a process that the worker has forked may hold the write end a little longer.
 */
#include "commands/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sandbox/sandbox.h"

enum { LOOK_MS = 1000 };

struct worker {
    pid_t pid; /* 0: the place is free */
    int pidfd, pipe;
    size_t index;
    struct bytes text;
    int64_t deadline; /* by now_ms() */
    uint64_t held;    /* as sandbox_holds() has told at the last look; 0: it did not */
    bool is_late, is_too_long, is_held;
    int error; /* of reading */
};

struct pool {
    pool_work_fn *work;
    void *context;
    size_t jobs;
    struct worker *workers;
    struct pollfd *polls; /* one for the signals, two for each worker */
    int signals;
    sigset_t old_mask;
    int64_t look_at; /* when to look after the workers again */
};

/* CLOCK_MONOTONIC. */
static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

int pool_cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    return CPU_COUNT(&set);
}

bool pool_new(struct pool **pool, int jobs, pool_work_fn *work, void *context, struct err *err)
{
    struct pool *new = calloc(1, sizeof *new);
    sigset_t set;
    if (!new)
        return err_set(err, "no memory for the workers");
    *new = (struct pool){.work = work, .context = context, .jobs = (size_t)jobs};
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, &new->old_mask);
    new->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    new->workers = calloc(new->jobs, sizeof *new->workers);
    new->polls = calloc(1 + 2 * new->jobs, sizeof *new->polls);
    *pool = new;
    if (new->signals < 0 || !new->workers || !new->polls) {
        err_sys(err, "prepare the workers");
        pool_free(new);
        *pool = NULL;
        return false;
    }
    return true;
}

static void worker_close(struct worker *worker)
{
    close(worker->pidfd);
    if (worker->pipe >= 0)
        close(worker->pipe);
    bytes_free(&worker->text);
    *worker = (struct worker){0};
}

static void worker_kill(const struct worker *worker)
{
    syscall(SYS_pidfd_send_signal, worker->pidfd, SIGKILL, NULL, 0);
}

/* Until it has ended. One that was killed may be kept from it by what it plays; how often we look says nothing of anybody. */
static int worker_wait(const struct worker *worker)
{
    struct pollfd end = {.fd = worker->pidfd, .events = POLLIN};
    int status = 0;
    for (int ready; (ready = poll(&end, 1, LOOK_MS)) == 0 || (ready < 0 && errno == EINTR);)
        sandbox_free_killed(worker->pid);
    while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

void pool_free(struct pool *pool)
{
    if (!pool)
        return;
    for (size_t i = 0; pool->workers && i < pool->jobs; i++) {
        if (!pool->workers[i].pid)
            continue;
        worker_kill(&pool->workers[i]);
        worker_wait(&pool->workers[i]);
        worker_close(&pool->workers[i]);
    }
    if (pool->signals >= 0)
        close(pool->signals);
    sigprocmask(SIG_SETMASK, &pool->old_mask, NULL);
    free(pool->workers);
    free(pool->polls);
    free(pool);
}

bool pool_has_room(const struct pool *pool)
{
    return pool_running(pool) < pool->jobs;
}

size_t pool_running(const struct pool *pool)
{
    size_t count = 0;
    for (size_t i = 0; i < pool->jobs; i++)
        count += pool->workers[i].pid != 0;
    return count;
}

/* ---- in the worker -------------------------------------------------------------------------------------------------------- */

/* The place-th of the cores that we may use, round and round. */
static void pin(size_t place)
{
    cpu_set_t allowed, one;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) == 0)
        return;
    size_t skip = place % (size_t)CPU_COUNT(&allowed);
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &allowed) || skip-- > 0)
            continue;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        sched_setaffinity(0, sizeof one, &one);
        return;
    }
}

static bool send_text(int fd, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    while (len > 0) {
        ssize_t written = write(fd, text, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        text += written;
        len -= (size_t)written;
    }
    return text != NULL;
}

__attribute__((noreturn)) static void work(struct pool *pool, size_t place, size_t index, pid_t parent,
                                           int to_parent)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    for (size_t i = 0; i < pool->jobs; i++)
        if (pool->workers[i].pid)
            worker_close(&pool->workers[i]);
    close(pool->signals);
    signal(SIGPIPE, SIG_IGN); /* a parent that has gone is seen by the failing write */
    sigprocmask(SIG_SETMASK, &pool->old_mask, NULL);
    pin(place);
    cleanup_free char *text = pool->work(pool->context, index);
    _exit(!text ? POOL_NO_TEXT : send_text(to_parent, text) ? 0 : 1);
}

/* ---- in the parent -------------------------------------------------------------------------------------------------------- */

static size_t free_place(const struct pool *pool)
{
    size_t place = 0;
    while (place < pool->jobs && pool->workers[place].pid)
        place++;
    return place;
}

bool pool_start(struct pool *pool, size_t index, struct err *err)
{
    int ends[2];
    size_t place = free_place(pool);
    pid_t parent = getpid();
    if (place == pool->jobs)
        return err_set(err, "all workers are busy");
    if (pipe2(ends, O_CLOEXEC) != 0)
        return err_sys(err, "make a pipe for a worker");
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        work(pool, place, index, parent, ends[1]);
    }
    close(ends[1]);
    int pidfd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    if (pidfd < 0 ||
        fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0) { /* a read that waits would be deaf to signals */
        err_sys(err, "start a worker");
        close(ends[0]);
        if (pidfd >= 0)
            close(pidfd);
        if (pid > 0 && kill(pid, SIGKILL) == 0)
            waitpid(pid, NULL, 0);
        return false;
    }
    pool->workers[place] = (struct worker){.pid = pid,
                                           .pidfd = pidfd,
                                           .pipe = ends[0],
                                           .index = index,
                                           .deadline = now_ms() + POOL_SECONDS * 1000LL};
    return true;
}

/* Take what is there. False at its end. */
static bool worker_read(struct worker *worker)
{
    char chunk[65536];
    for (;;) {
        ssize_t got = read(worker->pipe, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno != EAGAIN)
            worker->error = errno;
        if (got <= 0)
            return got < 0 && errno == EAGAIN;
        if (!worker->is_too_long && !bytes_add(&worker->text, chunk, (size_t)got, POOL_TEXT)) {
            worker->is_too_long = true;
            worker_kill(worker);
        }
    }
}

static void worker_end(struct worker *worker, struct pool_end *end)
{
    if (worker->pipe >= 0) /* else all of it has been read */
        worker_read(worker);
    *end = (struct pool_end){.index = worker->index,
                             .is_late = worker->is_late,
                             .is_held = worker->is_held,
                             .is_too_long = worker->is_too_long,
                             .error = worker->error};
    end->status = worker_wait(worker);
    end->text = worker->text;
    worker->text = (struct bytes){0};
    worker_close(worker);
}

/* Held at two looks, and awake in between at none. */
static bool is_held(struct worker *worker)
{
    uint64_t sleeps, before = worker->held;
    worker->held = sandbox_holds(worker->pid, &sleeps) ? sleeps : 0;
    return worker->held && worker->held == before;
}

/* Kills who has passed his deadline, or can never go on. */
static void look_after(struct worker *worker)
{
    if (worker->is_late || worker->is_held || worker->is_too_long)
        sandbox_free_killed(worker->pid);
    else if (worker->deadline <= now_ms())
        worker->is_late = true;
    else
        worker->is_held = is_held(worker);
    if (worker->is_late || worker->is_held)
        worker_kill(worker);
}

/* How often we look decides nothing, but two looks that prove something lie so far apart. */
static void look_after_all(struct pool *pool)
{
    if (now_ms() < pool->look_at)
        return;
    for (size_t i = 0; i < pool->jobs; i++)
        if (pool->workers[i].pid)
            look_after(&pool->workers[i]);
    pool->look_at = now_ms() + LOOK_MS;
}

static void fill_polls(struct pool *pool)
{
    pool->polls[0] = (struct pollfd){pool->signals, POLLIN, 0};
    for (size_t i = 0; i < pool->jobs; i++) {
        const struct worker *worker = &pool->workers[i];
        pool->polls[1 + 2 * i] = (struct pollfd){worker->pid ? worker->pipe : -1, POLLIN, 0};
        pool->polls[2 + 2 * i] = (struct pollfd){worker->pid ? worker->pidfd : -1, POLLIN, 0};
    }
}

bool pool_has_news(const struct pool *pool)
{
    struct pollfd news = {pool->signals, POLLIN, 0};
    bool has_news = poll(&news, 1, 0) > 0;
    for (size_t i = 0; i < pool->jobs && !has_news; i++) {
        news = (struct pollfd){pool->workers[i].pid ? pool->workers[i].pidfd : -1, POLLIN, 0};
        has_news = poll(&news, 1, 0) > 0;
    }
    return has_news;
}

/* One round, which ends at `due`; true when there is something to tell. */
static bool look(struct pool *pool, int64_t due, struct pool_end *end, enum pool_event *event)
{
    struct signalfd_siginfo info;
    look_after_all(pool);
    int64_t until = due < pool->look_at ? due : pool->look_at, left = until - now_ms();
    fill_polls(pool);
    int ready = poll(pool->polls, 1 + 2 * pool->jobs, left > 0 ? (int)left : 0);
    if (ready <= 0) {
        *event = POOL_DUE;
        return ready == 0 && now_ms() >= due;
    }
    if (pool->polls[0].revents && read(pool->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        *end = (struct pool_end){.signal = (int)info.ssi_signo};
        *event = POOL_SIGNALLED;
        return true;
    }
    for (size_t i = 0; i < pool->jobs; i++) {
        if (pool->polls[2 + 2 * i].revents) {
            worker_end(&pool->workers[i], end);
            *event = POOL_ENDED;
            return true;
        }
        if (pool->polls[1 + 2 * i].revents && !worker_read(&pool->workers[i])) {
            close(pool->workers[i].pipe);
            pool->workers[i].pipe = -1;
        }
    }
    return false;
}

enum pool_event pool_wait(struct pool *pool, int most_ms, struct pool_end *end)
{
    enum pool_event event = POOL_NOTHING;
    int64_t due = most_ms < 0 ? INT64_MAX : now_ms() + most_ms;
    while (pool_running(pool) > 0)
        if (look(pool, due, end, &event))
            return event;
    return POOL_NOTHING;
}
