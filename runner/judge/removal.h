/* Who has removed an object that should be there, for reports. */
#ifndef IPCGRADE_JUDGE_REMOVAL_H
#define IPCGRADE_JUDGE_REMOVAL_H

#include "judge/stage.h"

/* ": p has removed it, msgctl(3, IPC_RMID) = 0 at p.c:7", when a program of the submission was seen to do it; else nothing. Appends. */
void removal_text(struct stage *stage, int name, struct bytes *to);

#endif
