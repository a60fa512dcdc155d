/* What stands first in a deed, and what a puppet calls its own. Layer: cases, private to the loader. */
#ifndef IPCGRADE_CASES_TARGET_H
#define IPCGRADE_CASES_TARGET_H

#include "cases/deed.h"

bool target_read(struct reader *reader, const struct node *node, const struct deed_row *row,
                 const struct deed_place *place, struct target *target);

/* An object may stand as the end of a puppet's deed where the deed's row names kinds; else only what the puppet has by `as`.
 * A puppet gets a name by `as`, and loses it by closing. */
void target_own_add(struct reader *reader, int puppet, const char *word);
void target_own_close(struct reader *reader, int puppet, const char *word);

/* An object of that kind may stand first in the deed. */
bool target_takes_kind(const struct deed_row *row, enum object_kind kind);

/* The words for objects that no case declares: pipe, stdin, stdout, stderr. */
extern const struct word_row target_streams[];

#endif
