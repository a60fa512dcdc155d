/* A timer that never comes, and is cancelled when its clock is set; see clock.h. */
#include "base/clock.h"

#include <errno.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/cleanup.h"

static const time_t never_s = (time_t)1 << 33; /* in 2242 */

int clock_watch(void)
{
    const struct itimerspec never = {.it_value.tv_sec = never_s};
    cleanup_fd int watch = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (watch < 0 || timerfd_settime(watch, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) < 0)
        return -1;
    return steal_fd(&watch);
}

bool clock_was_set(int watch)
{
    uint64_t times;
    return watch >= 0 && read(watch, &times, sizeof times) < 0 && errno == ECANCELED;
}
