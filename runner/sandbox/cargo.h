/* Files that are brought into the sandbox and taken out of it. All of it runs in init, on orders of the runner.
 *
 * Layer: sandbox, private to the room. Sources: openat2(2), mount(2), memfd and tmpfs(5).
 */
#ifndef IPCGRADE_SANDBOX_CARGO_H
#define IPCGRADE_SANDBOX_CARGO_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "base/err.h"
#include "sandbox/world.h"

/* What all files that are handed in are told to be, as old as can be: when it is `now` later than that, the second of January 1980, since a ZIP holds nothing older than the first (by
 * the local time, whichever that is); else, where a clock begins in 1970, the second of 1970. */
time_t cargo_long_ago(time_t now);

/* Copy what `fd` holds to `path`; what the path and the mode mean is said at struct sandbox_file. */
bool cargo_put(struct world *world, int fd, const char *path, mode_t mode, struct err *err);

/* Remove a directory of the host with all that is in it, following no link. Runner or init. */
void cargo_remove_all(const char *directory);

/* Open a file below the case's directory for reading, through no symbolic link and never waiting. err->number ENOENT when it is missing. */
bool cargo_take(const struct world *world, const char *path, int *fd, struct err *err);

#endif
