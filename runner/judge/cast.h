/* The cast: who plays, which process is whose, who is let go when. */
#ifndef IPCGRADE_JUDGE_CAST_H
#define IPCGRADE_JUDGE_CAST_H

#include <stdbool.h>

#include "judge/stage.h"

#define CAST_PROBE_PATH ".probe.so" /* the same of what is preloaded into students' programs */
#define CAST_AGENT_PATH ".agent"    /* the puppets' executable, in the case's directory */

/* Number the actors of the scenario. */
bool cast_make(struct stage *stage, struct err *err);
void cast_free(struct stage *stage);

/* The tracer's hooks, bound to the stage (holds, injections and nevers are in rulings.c). */
struct trace_hooks cast_hooks(struct stage *stage);

/* Start every puppet; they are ready when the next turn is over. */
bool cast_puppets(struct stage *stage, struct err *err);

/* Put the actors of a `start` step in place, then let them go together. A program that was not handed in is told in *missing (its name, borrowed). */
bool cast_start(struct stage *stage, const struct step *step, const char **missing, struct err *err);

/* The living task of an agent that stands at its marker, or NULL. */
struct task *cast_ready_task(const struct stage *stage, const struct actor *actor);

#endif
