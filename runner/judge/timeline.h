/* The calls of a play that matter, for the result. */
#ifndef IPCGRADE_JUDGE_TIMELINE_H
#define IPCGRADE_JUDGE_TIMELINE_H

#include "judge/stage.h"

/* Fill result->events: some of the calls, in order of time, each with how many were left out before it. `rows` says which actor is which row of the result; -1: none. */
void timeline_tell(struct stage *stage, const int *rows);

#endif
