/* Deeds done by puppets and stand-ins: orders to their agents, and what came of them. */
#ifndef IPCGRADE_JUDGE_ORDERS_H
#define IPCGRADE_JUDGE_ORDERS_H

#include <stdbool.h>

#include "judge/stage.h"

/* Give the order; the agent must be ready. False with *err when the deed cannot be put into an order (a name that means nothing now). */
bool order_give(struct stage *stage, struct actor *actor, const struct deed *deed, struct err *err);

enum outcome {
    OUTCOME_DONE,    /* as the deed says */
    OUTCOME_WAITING, /* no reply yet */
    OUTCOME_OTHER,   /* it failed, or gave something else */
    OUTCOME_DEAD,    /* the agent ended or was killed before it replied */
    OUTCOME_BROKEN, /* the runner's trouble: EMFILE, ENFILE, ENOMEM, ENOSPC that the case did not arrange; an order that made no sense */
};

/* What came of the last order. `seen` (may be NULL) gets in words what came instead. */
enum outcome order_outcome(struct stage *stage, const struct actor *actor, const struct deed *deed,
                           struct bytes *seen);

/* Objects that the deed removes are no longer among what must remain. Call it when the deed is done. */
void order_note_removal(struct stage *stage, const struct deed *deed);

#endif
