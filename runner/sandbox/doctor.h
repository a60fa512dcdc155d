/* What this machine allows, found out by doing it, what is lost without it, and what helps.
 *
 * Layer: sandbox (may name base and calls).
 */
#ifndef IPCGRADE_SANDBOX_DOCTOR_H
#define IPCGRADE_SANDBOX_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

enum { DOCTOR_ROWS = 32 };

/* All texts are static, translated, and borrowed. */
struct doctor_row {
    const char *name; /* "user namespaces" */
    bool is_there;
    bool is_wall;       /* it keeps submissions from the machine, not something that can be judged */
    int error;          /* the errno of the step that failed; 0 when there is none to tell */
    const char *lost;   /* what cannot be done without it, one sentence */
    const char *remedy; /* what to type or to install; "" when it is there */
};

/* Try every step in processes of its own; nothing of it remains. `agent_path` is the agent's executable on the host. Returns how many rows were filled, at
 * most DOCTOR_ROWS. */
size_t doctor_examine(const char *agent_path, struct doctor_row *rows);

/* Does this machine let a process be traced as `grade` and `trace` do it? Tried in processes of its own. */
bool doctor_can_trace(void);

#endif
