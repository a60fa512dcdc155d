/* What went wrong, collected into the result. */
#ifndef IPCGRADE_JUDGE_FAILURES_H
#define IPCGRADE_JUDGE_FAILURES_H

#include "judge/stage.h"

enum { AT_THE_END = -1 };

/* Add a failure of a step (or AT_THE_END of the case) that costs `cost` hundredths. `is_limit`: a safety limit said it. Texts are copied. Its cause is the last act. */
void failure_add(struct stage *stage, int step, int cost, bool is_limit, const char *expected,
                 const char *seen);

/* The play itself was stopped: a `never`, a safety limit. Adds the failure (or makes the case broken) and returns true when there was one. */
bool failure_of_stop(struct stage *stage);

/* What must never happen, in words. Appends. */
void never_text(struct stage *stage, const struct never *never, struct bytes *to);

#endif
