/* A case in short, and what stands beside the cases, for formats that programs read. All texts are safe: control bytes, broken UTF-8 and
 * what turns the direction of writing are visible (page.h), and none is longer than BRIEF_MOST bytes and a mark that it was cut.
 *
 * Layer: report. Callers free what is returned as char *; none of it is NULL but for want of memory.
 */
#ifndef IPCGRADE_REPORT_BRIEF_H
#define IPCGRADE_REPORT_BRIEF_H

#include <stdbool.h>

#include "base/bytes.h"
#include "report/writer.h"
#include "result/result.h"

enum { BRIEF_MOST = 32 << 10, BRIEF_WIDTH = 80 };

/* Points were lost, or something broke, or could not be run. */
bool brief_is_lost(const struct case_result *one);

/* The student's line that a failure leads to: where the program waits that has to do with it, or still stands; else its last call that has one. */
struct brief_place {
    const char *file; /* as the submission names it, borrowed; NULL: not known */
    int line;
    bool is_last_call;
};
struct brief_place brief_place(const struct case_result *one);

/* A file of the submission as whoever started us finds it: "hello/a.c". */
char *brief_path(const struct result *result, const char *file);

/* Safe, on one line. NULL counts as "". */
char *brief_line(const char *text);

/* Why a case is as it is, on one line: its reason, or its title (a hidden case has nothing else). */
char *brief_why(const struct case_result *one, const struct report_options *options);

/* Cases of which the reason is all that is known (their program is not there) are told once, with the first of them: whether one before `index` has
 * the same verdict and reason, and how many behind it have. */
bool brief_is_told(const struct result *result, size_t index);
size_t brief_alike(const struct result *result, size_t index);

/* "failed, 0 of 2.5 points", in the reader's language. */
char *brief_points(const struct case_result *one);

/* The whole case as on a terminal BRIEF_WIDTH columns wide, over several lines, the last one without a newline. */
char *brief_text(const struct case_result *one, const struct report_options *options, bool has_colour);

/* What the compiler said of a build that failed; "" when it went well. */
char *brief_build(const struct result *result);

/* What the rules have found beside the cases, as on a terminal; "" when there is nothing. */
char *brief_findings(const struct result *result, const struct report_options *options);

/* "This result is not whole: 3 of 20 cases have been judged."; "" when it is. */
char *brief_partial(const struct result *result);

/* What could not be judged, and what of that had failed before this machine was blamed: a line each. */
void brief_unjudged(const struct result *result, struct bytes *to);

/* The above, what could not be judged, and what this machine lacks: a line each, the last one without a newline; "" when there is nothing. */
char *brief_remarks(const struct result *result);

/* "12.5 of 20 points", in the reader's language, and what of it could not be judged. */
char *brief_score(const struct result *result);

#endif
