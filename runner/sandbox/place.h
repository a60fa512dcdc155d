/* The place of a sandbox in the row of ids: where the row is, which place it has, and that nobody else has it as long as it is held.
 *
 * Theory: a place is drawn, and then claimed by what the kernel takes back when the last process that holds it has ended, however it ended. Within one network an abstract name is enough, which
 * one socket alone can have. Containers have networks of their own, and may share what is swept by owner in the end (leavings.h, objects.h): the user namespace, the IPC namespace, /tmp,
 * /dev/shm. Each of those is an inode, and of it one byte is locked for reading, at the offset of the place. Many may lock it so, but each asks then whether another one has: of two the later one
 * lets go and draws again, or both do. So nothing gets a name, nothing can be planted there before us, and nothing stays.
 *
 * A student's program can lock these inodes too. Only what has the form of a claim, one byte alone, is taken for one: then nobody runs short of places by one call, and what is lost where
 * somebody has locked a whole row is the proof, not the drawing.
 *
 * Layer: sandbox, private to the room. Sources: unix(7), "Abstract sockets"; fcntl(2), "Open file description locks"; namespaces(7), "The /proc/pid/ns/ directory"; getrandom(2).
 */
#ifndef IPCGRADE_SANDBOX_PLACE_H
#define IPCGRADE_SANDBOX_PLACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum { PLACE_IDS = 3 /* root, student, other */, PLACE_CLAIMS = 5 };

struct place_row {
    uid_t first, places; /* each of PLACE_IDS */
};

/* What holds a place: descriptors, owned, -1: none. Whoever is forked holds it too. */
struct place {
    int claims[PLACE_CLAIMS];
};
#define PLACE_EMPTY ((struct place){{-1, -1, -1, -1, -1}})

/* Ids that no person and no other container has; false: none are known here. */
bool place_choose_row(struct place_row *row);

/* Draw a place of the row and hold it: *base is the first of its ids. *is_ours is false where all are taken, and nothing is held then. False with *err when it could not be found out. */
bool place_take(struct place *place, const struct place_row *row, uid_t *base, bool *is_ours,
                struct err *err);

void place_let_go(struct place *place);

/* Of this process and whoever is forked from now on, for good: it has become the user of that place itself. The place is empty then. */
void place_keep(struct place *place);

/* Close all descriptors from `first` on but what holds this place, or one that is kept, and `other` (-1: none). */
void place_close_others(const struct place *place, unsigned first, int other);

/* In init: let go of what is the sandbox's own, and so nobody else's (CLONE_NEW... flags): it keeps nothing open of the machine's without need. */
void place_narrow(struct place *place, int flags);

/* A number that nobody can foresee. */
bool place_draw(uint64_t *number, struct err *err);

#endif
