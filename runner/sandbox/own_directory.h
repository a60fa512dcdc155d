/* Without a mount namespace the case's directory is one of the machine: where it lies, who may enter it, and its end.
 *
 * Another case's programs are kept out by their user, since the directory is open to the case's own users alone. Where all have one user (an ordinary user's runner), modes help
 * nothing, and the fence does, which gives to each case its own directory, and to all what lies in /tmp: so there the directory lies elsewhere.
 *
 * Layer: sandbox, private to the room.
 */
#ifndef IPCGRADE_SANDBOX_OWN_DIRECTORY_H
#define IPCGRADE_SANDBOX_OWN_DIRECTORY_H

#include "sandbox/sandbox.h"

enum { OWN_DIRECTORY_ROOM = 64 << 20 }; /* what the largest case has */

/* The folder for such directories, without links: TMPDIR, or without one /tmp; where all have one user a folder that the fence does not give to all, if there is one large enough. Owned by the caller; NULL with *err. */
char *own_directory_place(bool has_own_ids, struct err *err);

/* Draw a name. Init is told it before the directory is made, so that somebody takes it away if we are killed. */
bool own_directory_name(struct sandbox *sandbox, struct err *err);
bool own_directory_make(struct sandbox *sandbox, bool wants_other_user, struct err *err);
void own_directory_remove(struct sandbox *sandbox);

#endif
