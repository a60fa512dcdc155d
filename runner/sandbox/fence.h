/* What stands between a student's processes and the machine where namespaces do not: Landlock for its files and for signals, a filter for calls that name a process.
 *
 * Landlock asks for no privilege and no namespace, and the usual filters of containers let it through. It knows no covering and no private view: names of files can still
 * be seen (stat(2)), not what is in them; /tmp and /dev/shm are the machine's.
 *
 * Layer: sandbox, private to the room. Sources: landlock(7), landlock_create_ruleset(2); Documentation/userspace-api/landlock.rst of the kernel, "Scope flags".
 */
#ifndef IPCGRADE_SANDBOX_FENCE_H
#define IPCGRADE_SANDBOX_FENCE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "sandbox/ground.h"

/* Can files be fenced on this machine, and nobody miss anything that is not a file? False with errno: Linux before 5.19, where no file could be moved between folders; EACCES:
 * POSIX queues are not mounted on /dev/mqueue, and would be closed, too. */
bool fence_is_there(void);

/* In init, before anything is started, of which there is no pid namespace (network namespace): neither it nor what it starts sends a signal (connects to an abstract socket) outside. True
 * where the kernel does not know this (before 6.12), too. */
bool fence_scope(const struct ground *ground, struct err *err);

/* The set of what may be opened where there is no mount namespace: the system, read-only, without `hidden` (NULL-terminated, may be NULL); the case's directory, /tmp and /dev/shm. *fd is
 * the caller's; -1 where there is no Landlock. */
bool fence_make(const char *directory, const char *const *hidden, int *fd, struct err *err);

/* Does each such set let all be done there, whosever case it is? `path` has no links in it. */
bool fence_gives_away(const char *path);

/* In a process that is about to execute: no way back. Nothing happens for -1. */
bool fence_enter(int fd, struct err *err);

/* The same, where nobody could say afterwards what has been made on the machine, and by whom: no System V object is made or found, and no POSIX queue. */
bool fence_objects(struct err *err);

/* The same, where there is no pid namespace: neither those `count` processes nor groups of such a number are sent a signal by their number, nobody's limits but the own ones are set, and
 * kill(-1), which would reach everything that belongs to the user, is refused. */
bool fence_calls(const pid_t *ours, size_t count, struct err *err);

#endif
