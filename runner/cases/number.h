/* Numbers as a case writes them. Layer: cases, private to the loader. */
#ifndef IPCGRADE_CASES_NUMBER_H
#define IPCGRADE_CASES_NUMBER_H

#include "cases/reader.h"

/* Decimal or 0x, as C writes it; a <name> may stand for it. */
bool number_read(struct reader *reader, const struct node *node, struct number *number);

/* A number that is written out and lies between the two. `what` begins the error: "WHAT is a number from 0 to 255". */
bool number_read_plain(struct reader *reader, const struct node *node, const char *what, int64_t least,
                       int64_t most, int64_t *value);

/* N, or where `is_single` is false also [N, ..] and {min: N, max: N}. */
bool range_read(struct reader *reader, const struct node *node, bool is_single, struct range *range);
bool numbers_read(struct reader *reader, const struct node *node, const struct number **numbers,
                  size_t *count);

/* Octal with its leading 0. */
bool mode_read(struct reader *reader, const struct node *node, int64_t *mode);

/* A number with at most one decimal, in hundredths. `what`: "points are", "a cost is". */
bool hundredths_read(struct reader *reader, const struct node *node, const char *what, int *hundredths);

/* "1", "0.5": caller frees nothing, it lives in the arena. */
const char *hundredths_text(struct arena *arena, int hundredths);

#endif
