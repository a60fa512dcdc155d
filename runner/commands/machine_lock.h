/* Where runs share their objects' names with the whole machine, for want of namespaces, one case at a time is played of all runs there, or one submission built, whoever started them: each would
 * take the other's objects for its own, or for somebody's in its way. A build may test itself, and nobody knows what names it uses then.
 *
 * The lock is flock(2) on the folder in which shared names lie, so who shares the names shares the lock. There is no file of ours that anybody could put there first, or take away. Whoever may
 * read the folder may lock it: a submission too, but not while its own case is played, and the kernel lets go of it when the last process that holds it has ended.
 *
 * Layer: commands. Sources: flock(2), shm_overview(7).
 */
#ifndef IPCGRADE_COMMANDS_MACHINE_LOCK_H
#define IPCGRADE_COMMANDS_MACHINE_LOCK_H

#include <stdbool.h>

#include "base/err.h"

/* Each as long as a worker may last (POOL_SECONDS): hours, in which no honest runs let nobody else have a turn. */
enum { MACHINE_LOCK_WAITS = 8 };

/* A descriptor to take the lock by; it is the caller's, and not inherited by what is executed. -1 with *err. */
int machine_lock_open(struct err *err);

/* Take the lock for the descriptor and all its copies in forked processes: it is let go of when the last of them is closed. */
bool machine_lock_wait(int lock, struct err *err);

/* The same for a process that has nothing else to do, and no longer than so many waits: then, too, err->number is EWOULDBLOCK. A signal that asks it to end is heard meanwhile, and ends it. */
bool machine_lock_await(int lock, struct err *err);

/* The same, if that is possible at once, or it is ours already. False with err->number EWOULDBLOCK: it is another's. */
bool machine_lock_try(int lock, struct err *err);

#endif
