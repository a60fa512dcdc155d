/* Steps, and what holds for the whole play: inject and never. Layer: cases, private to the loader. */
#ifndef IPCGRADE_CASES_STEP_H
#define IPCGRADE_CASES_STEP_H

#include "cases/reader.h"

extern const struct key_row step_keys[];
extern const struct key_row hold_keys[];

/* The row of step_keys makes a step; hint and cost only stand beside one. */
bool step_is_kind(const struct key_row *row);

void step_read_all(struct reader *reader, const struct node *list, struct scenario *scenario);
void inject_read_all(struct reader *reader, const struct node *list, struct scenario *scenario);
void never_read_all(struct reader *reader, const struct node *list, struct scenario *scenario);

#endif
