/* What the rules have found in a run, for people and as JSON.
 *
 * Layer: commands.
 */
#ifndef IPCGRADE_COMMANDS_FINDINGS_H
#define IPCGRADE_COMMANDS_FINDINGS_H

#include "report/page.h"
#include "rules/rules.h"
#include "trace/run.h"

struct findings { /* all borrowed */
    const struct study *study;
    const struct ledger *before; /* what was there before the run */
    const struct trace_run_result *result;
    char *const *command;
    bool is_circle_told; /* who waits for whom was told in full when it happened */
};

/* How many there are of that severity. */
size_t findings_count(const struct study *study, enum severity severity);

/* The nth reason, from 0, why something may have been missed, for people; NULL: there are no more. */
const char *findings_gap(const struct findings *findings, int nth);

/* The gravest first, each with its place, the other end, the law and the pages to read; then how the command has ended, and how many there are. `is_apart`: a line of calls
 * stands before. */
void findings_print(const struct findings *findings, const struct page *page, bool is_apart);

/* {"command": [..], "status": {..}, "errors": N, .., "findings": [..]}, as ipcgrade(1) tells; caller frees the text. NULL: no memory. */
char *findings_json(const struct findings *findings);

#endif
