/* What a run shows that is not the first one: what has changed since the last, then the first failure in short.
 *
 * Layer: report.
 */
#ifndef IPCGRADE_REPORT_CHANGES_H
#define IPCGRADE_REPORT_CHANGES_H

#include "report/page.h"
#include "report/writer.h"
#include "result/result.h"

/* A case of the result: what it was when it was last shown, and whether it was judged since. */
struct shown {
    bool is_known, is_judged;
    enum verdict verdict;
    int score; /* hundredths */
};

/* `shown` goes with result->cases. `saved` is the head: what was saved; NULL: nothing. */
void changes_put(const struct page *page, const struct result *result, const struct shown *shown,
                 const char *saved, const struct report_options *options);

#endif
