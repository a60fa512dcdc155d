/* The pieces of a case in words, from the tables: for `explain`, and for reports that say what was expected.
 *
 * Each adds to `out`. Texts are shown as in double quotes, printable. Layer: cases.
 */
#ifndef IPCGRADE_CASES_PROSE_H
#define IPCGRADE_CASES_PROSE_H

#include "base/bytes.h"
#include "cases/scenario.h"

/* Of which case the words are, and, where it is played, what stands for a <name> now. */
struct prose {
    const struct scenario *scenario;
    /* Adds what <name> stands for; false: it is not known now. Without it, or when it is not known, the reference itself is written. */
    bool (*expand)(void *context, int name, enum ref_what what, struct bytes *to);
    void *context;
};

static inline struct prose prose_of(const struct scenario *scenario)
{
    return (struct prose){.scenario = scenario};
}

void prose_text(struct bytes *out, struct prose prose, const struct text *text);
void prose_range(struct bytes *out, struct prose prose, const struct range *range);
void prose_who(struct bytes *out, struct prose prose, const struct who *who);

/* "FIFO box" */
void prose_thing(struct bytes *out, struct prose prose, int name);

/* "hello\n" in quotes, "something that contains ..", ... */
void prose_pattern(struct bytes *out, struct prose prose, const struct pattern *pattern);

/* The value of a parameter, state word or fact. */
void prose_value(struct bytes *out, struct prose prose, const struct value *value,
                 const struct word_row *words);

/* An exact text of which there is none: the sentence says "nothing". */
bool prose_is_nothing(const struct value *value);

/* "opens FIFO box (flags O_WRONLY, as w)", or "opening ..": with all that is written. */
void prose_deed(struct bytes *out, struct prose prose, const struct deed *deed, bool is_doing);

/* "mode 0600, text "..", a message of type 3" */
void prose_state(struct bytes *out, struct prose prose, const struct state_list *state);

/* "writer is blocked opening FIFO box" */
void prose_fact(struct bytes *out, struct prose prose, const struct who *who, const struct fact *fact);

/* What is expected of somebody or something: "writer ends with status 0; writer prints ..", "FIFO box has mode 0600". */
void prose_expectation(struct bytes *out, struct prose prose, const struct expectation *expectation);

/* Points in hundredths: "3", "0.5". */
void prose_points(struct bytes *out, int hundredths);

#endif
