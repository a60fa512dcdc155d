/* What the programs of a play make on a machine where nothing else tells whose it is: without namespaces, an ordinary user's objects are all alike. There the worker tells init what a
 * program is about to make, and what it has made, so that one of the two knows of it whoever is killed (inspect.h, inspect_expect()). Elsewhere nothing is asked.
 */
#ifndef IPCGRADE_JUDGE_CLAIMS_H
#define IPCGRADE_JUDGE_CLAIMS_H

#include <stdbool.h>

#include "judge/stage.h"

/* Does an object of this kind lie in a place that this sandbox shares with the whole machine, and goes not away with it? */
bool claims_are_shared(const struct stage *stage, enum object_kind kind);

/* ... and has no owner that tells whose it is: what was made is what is claimed. */
bool claims_are_kept(const struct stage *stage, enum object_kind kind);

/* The task is about to make this call. False: init could not be told; the stage is broken, and the call must not be made. */
bool claims_expect(struct stage *stage, const struct task *task, const struct event *event);

/* It has made it. */
void claims_settle(struct stage *stage, const struct task *task, const struct event *event);

/* No task of the process is in a call any more. */
void claims_lose(struct stage *stage, const struct process *process);

bool claims_have(struct stage *stage, const struct object_id *id);
void claims_free(struct stage *stage);

#endif
