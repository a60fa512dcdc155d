/* The file system, host name and network that the sandbox's processes see. All of it runs in init.
 *
 * Theory: the root is a tmpfs that holds only directories and links and becomes read-only in the end (world_seal). System
 * directories are bound into it, read-only. One further tmpfs with a size and inode limit carries the case's directory, /tmp and
 * /dev/shm, so that the limit is theirs together.
 *
 * Layer: sandbox, private to the room. Sources: mount_namespaces(7), pivot_root(2), mount_setattr(2), tmpfs(5).
 */
#ifndef IPCGRADE_SANDBOX_WORLD_H
#define IPCGRADE_SANDBOX_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "base/err.h"
#include "sandbox/fence.h"
#include "sandbox/ground.h"

enum { CARGO_STORED = 64 };
struct cargo_stored { /* a file of the host that is inside, under which name */
    dev_t device;
    ino_t number;
    char path[256];
};

struct world {
    struct ground ground;
    const char *
        directory; /* of the case, as seen inside. Without a mount namespace the runner has made it. Borrowed. */
    size_t disk_bytes;
    int directory_fd;                         /* the case's directory */
    struct cargo_stored stored[CARGO_STORED]; /* see cargo.h */
    size_t stored_count;
    struct fence_ours ours; /* whom nobody inside may signal, where there is no pid namespace */
    time_t long_ago;        /* cargo_long_ago(), asked once: a clock may be set meanwhile */
    bool is_traced;         /* somebody follows the calls of what is started here */
    int fence;              /* of fence.h, made with the last file; -1: none */
    unsigned failed;        /* the LACKS_ bit of what could not be done, when world_make() fails */
};

/* Build it and move in. What this machine refuses but can be lived without is added to world->ground.lacks; else false, with world->failed. */
bool world_make(struct world *world, struct err *err);

/* Where the system lies, of which nobody inside can change anything. NULL-terminated. */
extern const char *const world_system[];

/* Can be said afterwards which objects of the machine itself were made in here? Somebody has followed the calls, or no other process has had that user. */
bool world_tells_makers(const struct world *world);

/* If not, and they are the machine's: init makes them in the name of whoever wants one (broker.h). */
bool world_lends_objects(const struct world *world);
bool world_lends_files(const struct world *world); /* those in /dev/shm */

/* Cover the hidden host paths (NULL-terminated, may be NULL) and make the root read-only. */
bool world_seal(struct world *world, const char *const *hidden, struct err *err);

#endif
