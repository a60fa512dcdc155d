/* What the rules have found in the programs, over all cases: beside the score, since it has cost nothing.
 *
 * Layer: report.
 */
#ifndef IPCGRADE_REPORT_FINDINGS_H
#define IPCGRADE_REPORT_FINDINGS_H

#include "report/page.h"
#include "report/writer.h"
#include "result/result.h"

struct found {                            /* one rule at one place */
    const struct result_finding *finding; /* borrowed */
    size_t cases;                         /* in how many */
    bool is_told;                         /* in all of them a failure says it */
    int grade;                            /* of its severity: the gravest is 0 */
};

/* All that is to be shown, the gravest first; notes only if verbose. The caller frees; NULL without memory. */
struct found *findings_collect(const struct result *result, bool is_verbose, size_t *count);

/* "error", "warning" or "note", whatever the language. */
const char *findings_severity(const struct found *found);

/* The gravest first, the same rule at the same line once. Left out: what a failure has told already, and, unless the report is verbose, notes and
 * what goes beyond a screenful. Nothing when there is nothing. */
void findings_put(const struct page *page, const struct result *result, const struct report_options *options);

#endif
