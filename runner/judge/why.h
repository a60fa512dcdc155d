/* Why nobody goes on, for a case that failed: the wait-for graph of the scene as it stands, into the result. */
#ifndef IPCGRADE_JUDGE_WHY_H
#define IPCGRADE_JUDGE_WHY_H

#include "judge/stage.h"

/* Fills in result->waits and result->deadlock. To be asked while everybody still stands where the failure was found. A scene that still moves gets nothing. */
void why_tell(struct stage *stage);

#endif
