/* What happened in a play, as a page with a column for each process: time goes down, the failing moment stands at the foot.
 *
 * Layer: report.
 */
#ifndef IPCGRADE_REPORT_TIMELINE_H
#define IPCGRADE_REPORT_TIMELINE_H

#include "report/page.h"
#include "result/result.h"

/* False, and nothing is put, when the page is too narrow for so many columns, or when there is one only: then a list says the same better. */
bool timeline_put(const struct page *page, const struct case_result *one);

#endif
