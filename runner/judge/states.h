/* What objects hold, compared with what a look asks. */
#ifndef IPCGRADE_JUDGE_STATES_H
#define IPCGRADE_JUDGE_STATES_H

#include <stdbool.h>

#include "judge/stage.h"

/* Does the expectation on an object hold (present, absent, or its state words)? */
bool state_holds(struct stage *stage, const struct expectation *expectation);

/* The object as it is now, in words: beside what was expected (prose_expectation()). */
void state_seen(struct stage *stage, const struct expectation *expectation, struct bytes *to);

#endif
