/* Terminals: opened by the leader inside, or lent by the runner where the sandbox has none.
 *
 * Layer: sandbox, private to the room. Sources: pty(7), ptmx(4), tty_ioctl(4) (TIOCGPTPEER), termios(3).
 */
#ifndef IPCGRADE_SANDBOX_TERMINAL_H
#define IPCGRADE_SANDBOX_TERMINAL_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* Open one without echo and output processing. Its slave is given to `owner` unless that is (uid_t)-1. Both are -1 or the caller's. */
bool terminal_open(int *master, int *slave, uid_t owner, struct err *err);

#endif
