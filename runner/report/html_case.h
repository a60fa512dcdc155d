/* One case on the page; see html.c.
 *
 * Layer: report.
 */
#ifndef IPCGRADE_REPORT_HTML_CASE_H
#define IPCGRADE_REPORT_HTML_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "report/writer.h"
#include "result/result.h"

/* The case as something to unfold. `number` counts the cases of the page: the body's id is "case-NUMBER". */
void html_case(FILE *to, const struct case_result *one, size_t number, bool is_open,
               const struct report_options *options);

/* It is a run of `ipcgrade trace`, not a case: worth no points, and without a title. */
bool html_is_run(const struct case_result *one);

/* One finding as an item of a list. `where` is said behind its name, or NULL. */
void html_finding(FILE *to, const struct result_finding *finding, const char *where);

/* A line of the submission, " at p.c:7", or nothing. */
void html_place(FILE *to, const struct source_line *at);

#endif
