/* The steps of a case, one after the other. */
#ifndef IPCGRADE_JUDGE_STEPS_H
#define IPCGRADE_JUDGE_STEPS_H

#include "judge/stage.h"

/* Play all steps. Failures go into the result, costs off stage->points; stage->is_over is set when the play ended before its last step. */
void steps_play(struct stage *stage);

#endif
