/* Who has given what a call has taken: the write whose bytes a read got, the msgsnd whose message a msgrcv got, the semop that let a waiting one through.
 *
 * Layer: judge.
 */
#ifndef IPCGRADE_JUDGE_CARRIED_H
#define IPCGRADE_JUDGE_CARRIED_H

#include <stdbool.h>
#include <stddef.h>

#include "trace/trace.h"

#define CARRIED_BY_NOBODY SIZE_MAX

/* `order` holds numbers of events in the order in which they took effect. givers[number] becomes the number of the event that gave the first byte of what the event has taken, else
 * CARRIED_BY_NOBODY; there must be room for every number. Only what the contents confirm is told; of semaphores only what the
 * proofs leave no choice in. */
void carried_find(const struct tracer *tracer, const size_t *order, size_t count, size_t *givers);

#endif
