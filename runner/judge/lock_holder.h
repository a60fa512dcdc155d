/* Who has the lock that somebody waits for, as the kernel tells it in /proc/locks. For reports; no verdict rests on it. */
#ifndef IPCGRADE_JUDGE_LOCK_HOLDER_H
#define IPCGRADE_JUDGE_LOCK_HOLDER_H

#include "judge/stage.h"

/* The pid, as the table counts, of who holds the lock that `waiter` waits for; 0: none is known. `table` is the text of
 * /proc/locks (proc_locks(5)): a lock's waiters stand behind it, under the same number, with "->". */
pid_t lock_holder_in(const char *table, pid_t waiter);

/* Adds "; peer (pid 3) has locked it" where the task waits for a lock and the holder is of the play. */
void lock_holder_text(struct stage *stage, const struct task *task, struct bytes *to);

#endif
