/* Looks: does everything in the map hold at this moment? */
#ifndef IPCGRADE_JUDGE_LOOKS_H
#define IPCGRADE_JUDGE_LOOKS_H

#include <stdbool.h>

#include "judge/stage.h"

/* One of the step's maps holds. What its looks look at is consumed when it does. */
bool looks_hold(struct stage *stage, const struct step *step);

/* What the step asks of how processes end is remembered for the end of the case (section 10), whether it holds or not. */
void looks_ask(struct stage *stage, const struct step *step);

/* The parts that do not hold, in words; of several maps all are told. */
void looks_tell(struct stage *stage, const struct step *step, struct bytes *expected, struct bytes *seen);

#endif
