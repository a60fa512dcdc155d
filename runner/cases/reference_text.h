/* <name>, <name.id>, <int> in texts and number places. Layer: cases, private to the loader. */
#ifndef IPCGRADE_CASES_REFERENCE_TEXT_H
#define IPCGRADE_CASES_REFERENCE_TEXT_H

#include "cases/reader.h"

/* Length of the <word> or <word.part> that begins at `text`, 0 when none does. */
size_t reference_scan(const char *text, size_t len);

/* What the reference of that length means: a PART_REF in *part, or an error. */
bool reference_resolve(struct reader *reader, struct where at, const char *text, size_t len,
                       struct part *part);

/* <int> <word> <line> <any>: a PART_WILD in *part, or false without an error. */
bool reference_is_wild(const char *text, size_t len, struct part *part);

/* The words that can stand between < and > for something unknown. */
extern const struct word_row reference_wilds[];
/* The words behind the dot of a <name.part>. */
extern const struct word_row reference_parts[];

#endif
