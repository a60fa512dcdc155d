/* A clock that is set again and again, for whoever this library is preloaded into: LD_PRELOAD=stepped.so ipcgrade grade ...
 *
 * Every look at the time of day sees it set by hours forth or back since the last look; the clock that only counts (CLOCK_MONOTONIC) is left alone, as it is when a real clock is set.
 * With IPCGRADE_CLOCK_SET the kernel says so, too, to whoever has asked for it (TFD_TIMER_CANCEL_ON_SET; not told apart from other timers).
 * IPCGRADE_STEPPED names a file that gets a line for each such look, with the file of the program or library that took it, so that a test knows of them.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* How far off the clock is, in seconds, one look after the other. */
static const long steps[] = {7200, -10800, 1, -86400, 31536000, -3, 3600, 0};

static void tell_look(const void *caller)
{
    const char *path = getenv("IPCGRADE_STEPPED");
    int fd = path ? open(path, O_WRONLY | O_APPEND | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    Dl_info from = {0};
    dprintf(fd, "%s\n", dladdr(caller, &from) && from.dli_fname ? from.dli_fname : "?");
    close(fd);
}

static time_t stepped(time_t seconds, const void *caller)
{
    static atomic_uint looks;
    tell_look(caller);
    return seconds + steps[atomic_fetch_add(&looks, 1) % (sizeof steps / sizeof *steps)];
}

static long look(clockid_t clock, struct timespec *now)
{
    return syscall(SYS_clock_gettime, clock, now);
}

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the names in the library's headers are reserved
int clock_gettime(clockid_t clock, struct timespec *now)
{
    int status = (int)look(clock, now);
    if (status == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI))
        now->tv_sec = stepped(now->tv_sec, __builtin_return_address(0));
    return status;
}

time_t time(time_t *at)
{
    struct timespec now;
    look(CLOCK_REALTIME, &now);
    time_t seconds = stepped(now.tv_sec, __builtin_return_address(0));
    if (at)
        *at = seconds;
    return seconds;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    look(CLOCK_REALTIME, &now);
    *at = (struct timeval){.tv_sec = stepped(now.tv_sec, __builtin_return_address(0)),
                           .tv_usec = now.tv_nsec / 1000};
    return 0;
}

static atomic_int watching = -1;

int timerfd_settime(int fd, int flags, const struct itimerspec *new, struct itimerspec *old)
{
    if (flags & TFD_TIMER_CANCEL_ON_SET)
        watching = fd;
    return (int)syscall(SYS_timerfd_settime, fd, flags, new, old);
}

int close(int fd)
{
    if (fd == watching)
        watching = -1;
    return (int)syscall(SYS_close, fd);
}

ssize_t read(int fd, void *to, size_t room)
{
    if (fd == watching && fd >= 0 && getenv("IPCGRADE_CLOCK_SET")) {
        errno = ECANCELED;
        return -1;
    }
    return syscall(SYS_read, fd, to, room);
}

int timespec_get(struct timespec *now, int base)
{
    look(CLOCK_REALTIME, now);
    now->tv_sec = stepped(now->tv_sec, __builtin_return_address(0));
    return base;
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
