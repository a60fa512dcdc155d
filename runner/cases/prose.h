/* The pieces of a case in words, from the tables: for `explain`, and for reports that say what was expected.
 *
 * Each adds to `out`. Texts are shown as in double quotes, printable. Layer: cases.
 */
#ifndef IPCGRADE_CASES_PROSE_H
#define IPCGRADE_CASES_PROSE_H

#include "base/bytes.h"
#include "cases/scenario.h"

void prose_text(struct bytes *out, const struct scenario *scenario, const struct text *text);
void prose_range(struct bytes *out, const struct scenario *scenario, const struct range *range);
void prose_who(struct bytes *out, const struct scenario *scenario, const struct who *who);

/* "hello\n" in quotes, "nothing", "something that contains ..", ... */
void prose_pattern(struct bytes *out, const struct scenario *scenario, const struct pattern *pattern);

/* The value of a parameter, state word or fact. */
void prose_value(struct bytes *out, const struct scenario *scenario, const struct value *value,
                 const struct word_row *words);

/* "opens box (flags O_WRONLY, as w)" or "opening box (..)". */
void prose_deed(struct bytes *out, const struct scenario *scenario, const struct deed *deed, bool is_doing);

/* "mode 0600, text exactly .." */
void prose_state(struct bytes *out, const struct scenario *scenario, const struct state_list *state);

/* What is expected of somebody or something: "writer is blocked opening box". */
void prose_expectation(struct bytes *out, const struct scenario *scenario,
                       const struct expectation *expectation);

/* Points in hundredths: "3", "0.5". */
void prose_points(struct bytes *out, int hundredths);

#endif
