/* Whether somebody sets the machine's clock meanwhile. A program that waits for a time of day, and a make that compares the ages of files, do then what nobody has foreseen.
 *
 * Layer: base. Source: timerfd_create(2), TFD_TIMER_CANCEL_ON_SET: the kernel tells it, whatever the clock says before and after.
 */
#ifndef IPCGRADE_BASE_CLOCK_H
#define IPCGRADE_BASE_CLOCK_H

#include <stdbool.h>

/* Begin to look. A descriptor, which is the caller's; -1 where it cannot be told. */
int clock_watch(void);

/* Has it been set since? Asks the kernel once: the next answer is of the time from now on. */
bool clock_was_set(int watch);

#endif
