/* What the rules have found in the programs, over all cases: beside the score, since it has cost nothing.
 *
 * Layer: report.
 */
#ifndef IPCGRADE_REPORT_FINDINGS_H
#define IPCGRADE_REPORT_FINDINGS_H

#include "report/page.h"
#include "report/writer.h"
#include "result/result.h"

/* The gravest first, the same rule at the same line once. Left out: what a failure has told already, and, unless the report is verbose, notes and
 * what goes beyond a screenful. Nothing when there is nothing. */
void findings_put(const struct page *page, const struct result *result, const struct report_options *options);

#endif
