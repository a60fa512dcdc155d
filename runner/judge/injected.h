/* What is injected into calls: faults, and short counts.
 *
 * A fault meets the nth call that begins. A short count is something else: a call counts for it only if it could come short there (task_may_come_short()) and has moved something, and it is spent on one that has moved
 * just so much. So neither the length that stands before a word, nor a read that finds nothing yet (EAGAIN), nor one that a signal interrupts takes it from the call that it is meant for.
 */
#ifndef IPCGRADE_JUDGE_INJECTED_H
#define IPCGRADE_JUDGE_INJECTED_H

#include <stdbool.h>

#include "judge/stage.h"

/* What is to become of this call; RULING_GO: nothing is injected. At its entry, once. */
struct ruling injected_entry(struct stage *stage, const struct task *task, const struct event *event);

/* It is over. */
void injected_exit(struct stage *stage, const struct task *task, const struct event *event);

bool injected_was_reached(const struct stage *stage, size_t injection);

#endif
