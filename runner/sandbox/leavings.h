/* What a submission leaves in the folders that everybody may write to, where the sandbox has no mounts of its own.
 *
 * Layer: sandbox, private to the room; runs in init, when nobody else of the sandbox lives. Sources: inode(7), unlinkat(2), openat2(2).
 */
#ifndef IPCGRADE_SANDBOX_LEAVINGS_H
#define IPCGRADE_SANDBOX_LEAVINGS_H

#include "sandbox/ground.h"

/* Remove what belongs to the users of this sandbox in /tmp, /dev/shm and /dev/mqueue. Whose files they are can be told only where root grades: then nobody else
 * has these ids (ground.c). An ordinary user's submission has the user's own id, and what it leaves stays. What cannot be removed stays, too. */
void leavings_remove(const struct ground *ground);

/* The same in one folder, for the two ids. */
void leavings_remove_from(const char *folder, uid_t one, uid_t other);

#endif
