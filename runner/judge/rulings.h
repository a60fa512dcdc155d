/* What happens to a call: holds, injected faults, and calls that must never be made. Hooks of the tracer; `context` is the stage. */
#ifndef IPCGRADE_JUDGE_RULINGS_H
#define IPCGRADE_JUDGE_RULINGS_H

#include <stdbool.h>

#include "judge/stage.h"

struct ruling rulings_entry(void *context, struct task *task, const struct event *event);
bool rulings_exit(void *context, struct task *task, const struct event *event);

/* The task that the actor's trap caught, or NULL. */
struct task *rulings_held(const struct stage *stage, const struct actor *actor);

#endif
