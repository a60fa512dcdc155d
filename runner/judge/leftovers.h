/* What is left behind, judged as section 10 of the case language says. */
#ifndef IPCGRADE_JUDGE_LEFTOVERS_H
#define IPCGRADE_JUDGE_LEFTOVERS_H

#include "judge/stage.h"

/* List what is there, compare it with what may and must be there, add failures and the result's list of leftovers. */
void leftovers_judge(struct stage *stage);

/* Where there is no IPC namespace that takes them with it: remove the System V objects of this play. */
void leftovers_remove(struct stage *stage);

#endif
