/* One case on the terminal: what was asked, what came instead, who did what, what to do now.
 *
 * Layer: report.
 */
#ifndef IPCGRADE_REPORT_FAILURE_H
#define IPCGRADE_REPORT_FAILURE_H

#include "report/page.h"
#include "report/writer.h"
#include "result/result.h"

/* The text in the reader's language, else in English, else NULL. Borrowed. */
const char *report_words(char *const text[2], const struct report_options *options);

/* The verdict in the reader's language, and its colour. */
const char *report_verdict(enum verdict verdict);
enum style report_verdict_style(enum verdict verdict);

/* A case that has something to tell: points were lost, or something broke. */
void failure_put(const struct page *page, const struct case_result *one,
                 const struct report_options *options);

/* The same without the step, the scene and what was left: what was expected and seen last, why, and the advice. */
void failure_put_short(const struct page *page, const struct case_result *one,
                       const struct report_options *options);

#endif
