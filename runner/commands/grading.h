/* Running the chosen cases of a suite over one submission, and what has come of it so far.
 *
 * Layer: commands.
 */
#ifndef IPCGRADE_COMMANDS_GRADING_H
#define IPCGRADE_COMMANDS_GRADING_H

#include <stdint.h>

#include "commands/plan.h"
#include "commands/pool.h"
#include "commands/progress.h"
#include "commands/queue_room.h"
#include "judge/play.h"

struct grading_request {
    const struct suite *suite;
    const char *const *only;
    size_t only_count;
    int jobs;
    unsigned lacks; /* LACKS_* of a sandbox here; where names are shared with the machine, `jobs` is 1 */
    uint64_t seed;
    bool shows_hidden; /* hidden cases are told in full */
    bool is_after_due; /* cases with visibility after_due_date are told in full */
    const char *agent_path;
    const char *const *hidden; /* see judge/play.h */
    /* Called with a result that is partial when cases have ended, and none has that is not in it. */
    void (*ended)(void *context, const struct result *result);
    void *context;
};

/* Programs and build of the submission, see submission.h. */
struct submission;

struct grading {
    const struct grading_request *request;
    const struct submission *submission;
    struct plan plan;
    struct case_result *cases; /* one per scenario, filled when it is done */
    int *shares;               /* hundredths that each scenario is worth */
    struct result result;      /* the head; its cases are shallow copies of the above */
    struct progress progress;
    struct queue_room queues;   /* what there was before the submission was built */
    struct sock_filter *filter; /* owned, while a run goes on; NULL: each play makes its own */
    size_t filter_length;
    struct turn {        /* of the case that is to be played, where its names are the machine's */
        int lock;        /* of machine_lock.h; 0: none. The worker that plays has its own copy */
        bool is_awaited; /* the worker that runs does nothing but wait for it */
        int waits;
    } turn;
    bool has_untold;  /* cases have ended since the request's ended() was called */
    double next_tell; /* when it may be called again, in seconds of CLOCK_MONOTONIC */
    int signal;       /* the run was cut short by it, or 0 */
};

/* Choose the cases; nothing is run yet. The request outlives the grading. */
bool grading_new(struct grading *grading, const struct grading_request *request, struct err *err);
void grading_free(struct grading *grading); /* safe on a zeroed struct */

/* Run them. False only when nothing could be run at all; a case that breaks is a verdict. */
bool grading_run(struct grading *grading, const struct submission *submission, struct err *err);

/* Points of each scenario, shared out of its group's (CASES, section 13). `shares` has suite->count places. */
bool suite_share(const struct suite *suite, int *shares);

#endif
