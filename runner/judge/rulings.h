/* What happens to a call: holds, injected faults, and calls that must never be made. Hooks of the tracer; `context` is the stage. */
#ifndef IPCGRADE_JUDGE_RULINGS_H
#define IPCGRADE_JUDGE_RULINGS_H

#include <stdbool.h>

#include "judge/stage.h"

struct ruling rulings_entry(void *context, struct task *task, const struct event *event);
bool rulings_exit(void *context, struct task *task, const struct event *event);

/* The task that the actor's trap caught, or NULL. */
struct task *rulings_held(const struct stage *stage, const struct actor *actor);

/* Let go what the actor's trap has caught: the task, or all threads that it has gathered. */
void rulings_release(struct stage *stage, struct actor *actor);

/* A turn has been proved to be over: whose threads a trap has gathered, has he come to the point? Returns true when somebody was let go instead: the turn goes on. */
bool rulings_settle(struct stage *stage);

#endif
