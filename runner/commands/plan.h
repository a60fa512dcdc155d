/* Which cases are run, and in which order: what --only picks, what those need, and what may start now (CASES, section 11).
 *
 * Layer: commands.
 */
#ifndef IPCGRADE_COMMANDS_PLAN_H
#define IPCGRADE_COMMANDS_PLAN_H

#include <stdbool.h>

#include "base/err.h"
#include "cases/scenario.h"
#include "result/result.h"

enum plan_state {
    PLAN_LEFT_OUT,
    PLAN_WAITING,
    PLAN_RUNNING,
    PLAN_AGAIN, /* it is to be played once more, when nobody else runs */
    PLAN_ALONE, /* it is: nobody else is started */
    PLAN_DONE
};

struct plan {
    const struct suite *suite; /* borrowed */
    enum plan_state *states;   /* owned; one per scenario */
    enum verdict *verdicts;    /* owned; of those that are done */
    bool has_turns;            /* of the cases that name a POSIX queue one is played at a time */
};

/* Choose. A pattern is a glob (fnmatch(3)) on ids and programs, or the name of a group; several are united, none means all. What the chosen cases need
 * is chosen too, and counts like any other. False with the nearest right word when a pattern matches nothing. */
bool plan_new(struct plan *plan, const struct suite *suite, const char *const *patterns, size_t pattern_count,
              struct err *err);
void plan_free(struct plan *plan); /* safe on a zeroed struct */

size_t plan_count(const struct plan *plan); /* chosen cases */

enum plan_next_kind {
    PLAN_PLAY,     /* play case `index`: it is PLAN_RUNNING now, or PLAN_ALONE */
    PLAN_NOT_RUN,  /* case `index` is PLAN_DONE now with `verdict`, because of case `because` */
    PLAN_WAIT,     /* what is left needs cases that are running, or their turn */
    PLAN_FINISHED, /* nothing is left but what is running */
};
struct plan_step {
    enum plan_next_kind kind;
    size_t index, because;
    enum verdict verdict; /* FAILED: the needed case failed; SKIPPED: it broke or was skipped */
};

/* What to do now: the first case in order for which it is decided. */
struct plan_step plan_next(struct plan *plan);

void plan_done(struct plan *plan, size_t index, enum verdict verdict);
void plan_again(struct plan *plan, size_t index); /* in place of plan_done() */

#endif
