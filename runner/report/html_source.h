/* Lines of the submission around the calls that the page tells, for the script.
 *
 * Layer: report.
 */
#ifndef IPCGRADE_REPORT_HTML_SOURCE_H
#define IPCGRADE_REPORT_HTML_SOURCE_H

#include <stdio.h>

#include "result/result.h"

/* As JSON: {"file": {"12": "text", ...}, ...}, safe within <script>. A file that is not below the submission, not there any more, or larger than SOURCE_MOST bytes is left out. No link is
 * followed, so that nothing is shown that the submission only points at. */
void html_sources(FILE *to, const struct result *result);

#endif
