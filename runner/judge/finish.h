/* The end of a case: puppets leave, the play runs on to rest, then four things are checked without being asked (section 10 of the case language). */
#ifndef IPCGRADE_JUDGE_FINISH_H
#define IPCGRADE_JUDGE_FINISH_H

#include "judge/stage.h"

/* After the last step has been played. Adds failures, takes prices off stage->points (0 when something unpriced failed). */
void finish_judge(struct stage *stage);

/* What an end check or a finding costs: the price under `rules` of the case, else of the assignment, -1 ignored; `usual` where neither says anything. */
int finish_price(const struct stage *stage, const char *rule, int usual);

#endif
