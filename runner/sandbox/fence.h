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

/* The set of what may be opened where there is no mount namespace: the system, read-only, without `hidden` (NULL-terminated, may be NULL); the case's directory, /tmp and /dev/shm; and,
 * if has_queues, the folder in which POSIX queues are files: any open(2) makes one there. *fd is the caller's; -1 where there is no Landlock. */
bool fence_make(const char *directory, const char *const *hidden, bool has_queues, int *fd, struct err *err);

/* Does each such set let all be done there, whosever case it is? `path` has no links in it. */
bool fence_gives_away(const char *path);

/* In a process that is about to execute: no way back. Nothing happens for -1. */
bool fence_enter(int fd, struct err *err);

/* The same, where nobody could say afterwards what has been made on the machine, and by whom. System V objects and POSIX queues are made by init (broker.h; `broker` is the end that it has
 * given), and, where the kernel cannot ask it (before Linux 5.0, or where somebody is asked already; -1), not at all: EACCES. As a file no queue is made (fence_make()). Files, of which init makes
 * those in /dev/shm, are made by anybody where it cannot be asked (before Linux 5.19, too): no table of the machine is full of them. */
bool fence_can_ask(void); /* does this kernel know how? */
bool fence_makers(int broker, bool has_objects, bool has_files, struct err *err);

enum {
    FENCE_OURS = 32
}; /* the nearest come first: init, the worker, whoever grades; then make, a shell, ... */

/* Whom a submission could end the whole run by. None of these numbers is 0. */
struct fence_ours {
    pid_t numbers[FENCE_OURS];
    size_t count;
};

/* In init, without a pid namespace: itself, all from whom it descends, as far as /proc shows them, and their groups. */
void fence_find_ours(struct fence_ours *ours);

/* In a process that is about to execute, where there is no pid namespace: neither processes nor groups of those numbers are sent a signal by their number, nobody's limits but the own
 * ones are set, and kill(-1), which would reach everything that belongs to the user, is refused. What names a process by a descriptor is not seen here. */
bool fence_calls(const struct fence_ours *ours, struct err *err);

#endif
