/* Decoders of calls that wait for signals, time, several descriptors or a futex, and of those that arm timers. What matters most here is
 * call->wait: whether a time limit will end the wait by itself.
 */
#include "calls/decode.h"

#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <time.h>

enum { NS_PER_MS = 1000000 };

static int64_t in_ns(const struct timespec *time)
{
    return decode_ns(time->tv_sec, time->tv_nsec, 1);
}

static int64_t us_in_ns(const struct timeval *time)
{
    return decode_ns(time->tv_sec, time->tv_usec, NS_PER_US);
}

/* A limit of 0 is a look, not a wait; a negative one is none. */
static void limited(struct call *call, int64_t limit_ns)
{
    call->wait = limit_ns == 0 ? WAIT_NONE : limit_ns < 0 ? WAIT_EVENT : WAIT_LIMITED;
    call->wait_ns = limit_ns > 0 ? limit_ns : 0;
}

static void limited_by_timespec(struct call *call, uint64_t address)
{
    struct timespec limit;
    if (address == 0)
        limited(call, -1);
    else if (call_read(call, address, &limit, sizeof limit))
        limited(call, in_ns(&limit));
    else
        limited(call, 0);
}

/*
 * Without anything to wait for, a limited wait is mere sleep, and one without limit waits for a signal. So does a limited one
 * that opens a signal mask for as long as it waits: who asks for that, waits for what the mask lets in.
 */
static void without_fds(struct call *call, bool opens_mask)
{
    if (call->wait == WAIT_LIMITED && call->fd_count == 0 && !opens_mask)
        call->wait = WAIT_TIME;
}

void decode_nothing(struct call *call)
{
    (void)call;
}

void decode_sigsuspend(struct call *call)
{
    call->wait = WAIT_EVENT;
}

void decode_sigtimedwait(struct call *call)
{
    uint64_t set = 0;
    if (call->is_done)
        return;
    limited_by_timespec(call, call->arg[2]);
    if (call_read(call, call->arg[0], &set, sizeof set))
        call_set(call, PARAM_VALUE, (int64_t)set);
}

static void sleeps(struct call *call, uint64_t address, bool is_absolute)
{
    struct timespec time;
    call->wait = WAIT_TIME;
    if (call->is_done || !call_read(call, address, &time, sizeof time))
        return;
    call_set(call, PARAM_LEN, in_ns(&time));
    call->wait_ns = is_absolute ? 0 : in_ns(&time);
}

void decode_nanosleep(struct call *call)
{
    sleeps(call, call->arg[0], false);
}

void decode_clock_nanosleep(struct call *call)
{
    call_set(call, PARAM_TYPE, (int)call->arg[0]);
    call_set(call, PARAM_FLAGS, (int)call->arg[1]);
    sleeps(call, call->arg[2], call->arg[1] & TIMER_ABSTIME);
}

static void take_pollfds(struct call *call)
{
    struct pollfd fds[CALL_FDS];
    size_t count = call->arg[1] < CALL_FDS ? (size_t)call->arg[1] : CALL_FDS;
    call->fd_count = 0;
    if (count == 0 || !call_read(call, call->arg[0], fds, count * sizeof *fds))
        return;
    for (size_t i = 0; i < count; i++)
        if (fds[i].fd >= 0) /* others are passed over, poll(2) */
            call->fds[call->fd_count++] = (struct call_fd){.fd = fds[i].fd,
                                                           .is_read = fds[i].events & (POLLIN | POLLPRI),
                                                           .is_write = fds[i].events & POLLOUT};
}

void decode_poll(struct call *call)
{
    if (call->is_done)
        return;
    take_pollfds(call);
    limited(call, (int)call->arg[2] < 0 ? -1 : (int64_t)(int)call->arg[2] * NS_PER_MS);
    without_fds(call, false);
}

void decode_ppoll(struct call *call)
{
    if (call->is_done)
        return;
    take_pollfds(call);
    limited_by_timespec(call, call->arg[2]);
    without_fds(call, call->arg[3] != 0);
}

static void take_sets(struct call *call)
{
    fd_set sets[2];
    int asked = (int)call->arg[0];
    int count = asked < 0 ? 0 : asked < FD_SETSIZE ? asked : FD_SETSIZE;
    size_t size = ((size_t)count + 63) / 64 * 8;
    for (int i = 0; i < 2; i++) {
        FD_ZERO(&sets[i]);
        if (size > 0)
            (void)call_read(call, call->arg[1 + i], &sets[i], size);
    }
    call->fd_count = 0;
    for (int fd = count; fd < (int)size * 8; fd++) /* in a set, but the kernel is told not to look */
        if (FD_ISSET(fd, &sets[0]) || FD_ISSET(fd, &sets[1]))
            call_set(call, PARAM_NUM, fd);
    for (int fd = 0; fd < count && call->fd_count < CALL_FDS; fd++) {
        bool is_read = FD_ISSET(fd, &sets[0]), is_write = FD_ISSET(fd, &sets[1]);
        if (is_read || is_write)
            call->fds[call->fd_count++] =
                (struct call_fd){.fd = fd, .is_read = is_read, .is_write = is_write};
    }
}

void decode_select(struct call *call)
{
    struct timeval limit = {0};
    if (call->is_done)
        return;
    take_sets(call);
    if (call->arg[4] != 0)
        (void)call_read(call, call->arg[4], &limit, sizeof limit);
    limited(call, call->arg[4] ? us_in_ns(&limit) : -1);
    without_fds(call, false);
}

/* The sixth argument points to a mask and its size; the C library always gives it, without a mask for select. */
void decode_pselect(struct call *call)
{
    uint64_t mask = 0;
    if (call->is_done)
        return;
    take_sets(call);
    limited_by_timespec(call, call->arg[4]);
    if (call->arg[5] != 0)
        (void)call_read(call, call->arg[5], &mask, sizeof mask);
    without_fds(call, mask != 0);
}

void decode_epoll_wait(struct call *call)
{
    call->fd = (int)call->arg[0];
    limited(call, (int)call->arg[3] < 0 ? -1 : (int64_t)(int)call->arg[3] * NS_PER_MS);
}

void decode_epoll_pwait2(struct call *call)
{
    call->fd = (int)call->arg[0];
    if (!call->is_done)
        limited_by_timespec(call, call->arg[3]);
}

void decode_epoll_ctl(struct call *call)
{
    struct epoll_event event;
    call->fd = (int)call->arg[0];
    call_set(call, PARAM_OP, (int)call->arg[1]);
    call->fds[0] = (struct call_fd){.fd = (int)call->arg[2]};
    call->fd_count = 1;
    if (!call_read(call, call->arg[3], &event, sizeof event))
        return;
    call->fds[0].is_read = event.events & (EPOLLIN | EPOLLPRI);
    call->fds[0].is_write = event.events & EPOLLOUT;
}

void decode_makes_fd(struct call *call)
{
    call->made[0] = call->is_done && call->error == 0 ? (int)call->result : -1;
}

void decode_alarm(struct call *call)
{
    call_set(call, PARAM_TYPE, ITIMER_REAL);
    call_set(call, PARAM_VALUE, (int64_t)(unsigned)call->arg[0] * NS_PER_S);
    call_set(call, PARAM_LEN, 0);
}

void decode_setitimer(struct call *call)
{
    struct itimerval timer = {0};
    call_set(call, PARAM_TYPE, (int)call->arg[0]);
    (void)call_read(call, call->arg[1], &timer, sizeof timer);
    call_set(call, PARAM_VALUE, us_in_ns(&timer.it_value));
    call_set(call, PARAM_LEN, us_in_ns(&timer.it_interval));
}

void decode_timer_create(struct call *call)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    int id = 0;
    if (call->arg[1] != 0)
        (void)call_read(call, call->arg[1], &event, sizeof event);
    call_set(call, PARAM_TYPE, (int)call->arg[0]);
    call_set(call, PARAM_OP, event.sigev_notify);
    call_set(call, PARAM_SIG, event.sigev_signo);
    if (call->is_done && call->error == 0 && call_read(call, call->arg[2], &id, sizeof id))
        call_set(call, PARAM_ID, id);
}

static void take_timer(struct call *call, uint64_t address)
{
    struct itimerspec timer = {0};
    (void)call_read(call, address, &timer, sizeof timer);
    call_set(call, PARAM_FLAGS, (int)call->arg[1]);
    call_set(call, PARAM_VALUE, in_ns(&timer.it_value));
    call_set(call, PARAM_LEN, in_ns(&timer.it_interval));
}

void decode_timer_settime(struct call *call)
{
    call_set(call, PARAM_ID, (int)call->arg[0]);
    take_timer(call, call->arg[2]);
}

void decode_timer_delete(struct call *call)
{
    call_set(call, PARAM_ID, (int)call->arg[0]);
}

void decode_timerfd_settime(struct call *call)
{
    call->fd = (int)call->arg[0];
    take_timer(call, call->arg[2]);
}

void decode_futex(struct call *call)
{
    int command = (int)call->arg[1] & FUTEX_CMD_MASK;
    call_set(call, PARAM_OP, command);
    call_set(call, PARAM_VALUE, (int)call->arg[2]);
    switch (command) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
    case FUTEX_WAIT_REQUEUE_PI: call->wait = call->arg[3] ? WAIT_LIMITED : WAIT_EVENT; break;
    default: call->wait = WAIT_NONE;
    }
}

void decode_futex_waitv(struct call *call)
{
    call->wait = call->arg[3] ? WAIT_LIMITED : WAIT_EVENT;
}
