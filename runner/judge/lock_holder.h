/* Who has the lock that somebody waits for, in words for reports; no verdict rests on it. */
#ifndef IPCGRADE_JUDGE_LOCK_HOLDER_H
#define IPCGRADE_JUDGE_LOCK_HOLDER_H

#include "judge/stage.h"

/* Adds "; peer (pid 3) has locked it" where the task waits for a lock and the holder is of the play. */
void lock_holder_text(struct stage *stage, const struct task *task, struct bytes *to);

#endif
