/* What of the build's output a student needs: why it failed, not what went well before.
 *
 * Layer: report.
 */
#ifndef IPCGRADE_REPORT_BUILD_H
#define IPCGRADE_REPORT_BUILD_H

#include "report/page.h"
#include "result/result.h"

/* The head and the lines that matter; nothing when the build went well. The whole output is in the JSON report. */
void build_put(const struct page *page, const struct build_result *build);

#endif
