/* For the tests of what wakes by itself only: descriptors to wait for. */
#ifndef IPCGRADE_TRACE_WAKES_H
#define IPCGRADE_TRACE_WAKES_H

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

static inline int in_pipe(void)
{
    int ends[2];
    return pipe(ends) == 0 ? ends[0] : -1;
}

static inline int timer_in(time_t seconds)
{
    struct itimerspec time = {.it_value.tv_sec = seconds};
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    timerfd_settime(fd, 0, &time, NULL);
    return fd;
}

static inline int open_terminal(int *master)
{
    *master = posix_openpt(O_RDWR | O_NOCTTY);
    grantpt(*master);
    unlockpt(*master);
    return open(ptsname(*master), O_RDWR | O_NOCTTY);
}

static inline void hear(int number)
{
    (void)number;
}

static inline void handle(int number)
{
    sigaction(number, &(struct sigaction){.sa_handler = hear}, NULL);
}

#endif
