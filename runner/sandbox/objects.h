/* System V objects of the sandbox as a whole: how much they may hold, and their end. Both for the IPC namespace in which the caller stands; run in init.
 *
 * Layer: sandbox, private to the room. Sources: proc(5) (/proc/sys/kernel/sem and the like), shmctl(2), msgctl(2), semctl(2).
 */
#ifndef IPCGRADE_SANDBOX_OBJECTS_H
#define IPCGRADE_SANDBOX_OBJECTS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* What lies in objects counts for no process and goes with none, so that no other limit would ever meet it. False where this kernel does not let us. */
bool objects_limit(void);

/* The same for the namespace of another process, asked as who one is: before Linux 6.9 only the machine's root may do it. False when it could not be done; only where *is_lost the
 * caller now stands in the other's namespace. */
bool objects_limit_of(pid_t pid, bool *is_lost);

/* The kernel frees the memory of a dead IPC namespace late, so what is left is removed before. */
void objects_remove_all(void);

/* Where there is no namespace: what a user has made or owns. For somebody who has that id outside alone, when none of his processes lives. */
bool objects_remove_of(uid_t owner, struct err *err);

/* POSIX queues, in whose file system of its own the sandbox lives. */
void objects_remove_queues(void);

#endif
