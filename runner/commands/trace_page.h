/* A run of `ipcgrade trace` as the page of `grade --format html`: one case that is worth no points.
 *
 * Layer: commands.
 */
#ifndef IPCGRADE_COMMANDS_TRACE_PAGE_H
#define IPCGRADE_COMMANDS_TRACE_PAGE_H

#include <stdbool.h>
#include <stdio.h>

#include "commands/findings.h"
#include "inspect/inspect.h"
#include "result/result.h"
#include "trace/trace.h"

/* What they have done so far, how each process is, and who waits for whom; what was there is let go of. While nobody can go on, or when all have ended. */
void trace_page_tell(struct case_result *one, struct tracer *tracer, enum scene scene,
                     const struct inspector *inspector);

/* Add what the rules have found and what is left behind. */
void trace_page_find(struct case_result *one, const struct findings *findings);

/* The whole page. */
bool trace_page_write(FILE *to, const struct case_result *one, char *const *command, int language);

#endif
