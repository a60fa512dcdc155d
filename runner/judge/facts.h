/* Facts of actors: is it so, at the end of a turn? And in words: how it is now. */
#ifndef IPCGRADE_JUDGE_FACTS_H
#define IPCGRADE_JUDGE_FACTS_H

#include <stdbool.h>

#include "judge/stage.h"

bool fact_holds(struct stage *stage, const struct who *who, const struct fact *fact);

/* How the fact is now, beside what was expected (prose_fact()): "p has printed ...", "p is blocked in read(...)". */
void fact_seen(struct stage *stage, const struct who *who, const struct fact *fact, struct bytes *to);

/* A look has held: what it looked at is consumed. And what it asked for is remembered for the end of the case. */
void fact_take(struct stage *stage, const struct who *who, const struct fact *fact);
void fact_ask(struct stage *stage, const struct who *who, const struct fact *fact);

#endif
