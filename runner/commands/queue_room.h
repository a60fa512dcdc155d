/* POSIX message queues where all sandboxes are one user outside: the kernel grants their bytes to the user as a whole (RLIMIT_MSGQUEUE, 800 KiB as a rule). So cases that name
 * a queue take turns, and have most of it; the others share the rest. Then no submission takes what a neighbour's case hangs on. Who fails
 * when there was no more is played again alone, with all that the user may have, and that verdict is believed: so nobody loses a point by his neighbours, and nobody gains one by taking
 * more than there is.
 *
 * Layer: commands. Sources: mq_overview(7), getrlimit(2).
 */
#ifndef IPCGRADE_COMMANDS_QUEUE_ROOM_H
#define IPCGRADE_COMMANDS_QUEUE_ROOM_H

#include <stdbool.h>
#include <stdint.h>

struct queue_room {
    bool takes_turns;
    uint64_t own,
        rest, /* bytes: of the case whose turn it is, and of each that names no queue; 0: no bound but the user's */
        alone; /* of a case that is played without neighbours */
};

/* `limit` is what the user may have, RLIM_INFINITY without a limit. */
struct queue_room queue_room_of(uint64_t limit, int jobs);

/* `limit`, or less where other processes of this user hold so much that the usual room is not there: tried. */
uint64_t queue_room_left(uint64_t limit);

/* Of this process: no bounds where each sandbox has a user of its own. To be asked before anything of a submission runs, which could hold queues meanwhile. */
struct queue_room queue_room_here(int jobs);

#endif
