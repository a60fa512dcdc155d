/* The objects of a case while it is played: their keys and paths, how they are made, found, recognised and described. */
#ifndef IPCGRADE_JUDGE_THINGS_H
#define IPCGRADE_JUDGE_THINGS_H

#include <stdbool.h>

#include "judge/stage.h"

/* Choose keys and expand paths of all objects that have none yet. Puppets must live already (paths may hold their pids); what holds the pid of a
 * student's program is named when that has been put in place. Until then it is nowhere and equal to nothing. */
bool things_name(struct stage *stage, struct err *err);

/* Make what `given` says. */
bool things_make(struct stage *stage, struct err *err);

/* What `name` is now; false when there is no such object (yet, or any more). */
bool thing_find(struct stage *stage, int name, struct object_id *id);

/* What stands for <name> or <name.dec>. */
bool thing_print(struct stage *stage, int name, enum ref_what what, struct bytes *to, struct err *err);

/* Where inspection finds it. False for what inspection does not know (a stand-in, ftok). */
bool thing_identity(struct stage *stage, int name, struct identity_of *which);

/* Is the event about this object? Compares what the tracer resolved, then the key or path as the program wrote it (before the object exists). */
bool thing_is(struct stage *stage, int name, const struct event *event);

/* Is this, as a program wrote it, the object's path? */
bool thing_has_path(const struct stage *stage, int name, const char *path);

/* "the FIFO box", "the message queue q". Caller frees. */
char *thing_text(const struct stage *stage, int name);

/* The path in the sandbox that a stand-in is executed by; "" for other things. */
void thing_standin_path(const struct stage *stage, int name, char *to, size_t room);

#endif
