/* The calls that init makes for a build, and what it remembers of them; see broker.h for the theory.
 *
 * Layer: sandbox, private to the room. Sources: msgget(2), semget(2), shmget(2), mq_open(3).
 */
#ifndef IPCGRADE_SANDBOX_BROKER_OBJECTS_H
#define IPCGRADE_SANDBOX_BROKER_OBJECTS_H

#include "sandbox/broker.h"
#include "sandbox/broker_question.h"

/* What the call gives: a result, or an errno below 0. A descriptor has been given already. */
long broker_make(struct broker *broker, const struct broker_question *question);

/* Remove what was made and is still there, and forget it. */
void broker_remove_all(struct broker *broker);

#endif
