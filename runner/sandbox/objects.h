/* System V objects of the sandbox as a whole: how much they may hold, and their end. Both for the IPC namespace in which the caller stands; run in init.
 *
 * Layer: sandbox, private to the room. Sources: proc(5) (/proc/sys/kernel/sem and the like), shmctl(2), msgctl(2), semctl(2).
 */
#ifndef IPCGRADE_SANDBOX_OBJECTS_H
#define IPCGRADE_SANDBOX_OBJECTS_H

#include <stdbool.h>

/* What lies in objects counts for no process and goes with none, so that no other limit would ever meet it. False where this kernel does not let us. */
bool objects_limit(void);

/* The kernel frees the memory of a dead IPC namespace late, so what is left is removed before. */
void objects_remove_all(void);

#endif
