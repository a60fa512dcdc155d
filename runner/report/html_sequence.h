/* The sequence diagram of a case that failed: a lane for each process, time goes down.
 *
 * Layer: report.
 */
#ifndef IPCGRADE_REPORT_HTML_SEQUENCE_H
#define IPCGRADE_REPORT_HTML_SEQUENCE_H

#include <stddef.h>
#include <stdio.h>

#include "result/result.h"

/* Nothing when there are no calls, or more processes than a diagram can hold. Each call is a link to "case-NUMBER-call-INDEX", which is its row in the table of calls. */
void html_sequence(FILE *to, const struct case_result *one, size_t number);

#endif
