/* Looks: what `expect` asks. Layer: cases, private to the loader. */
#ifndef IPCGRADE_CASES_LOOK_H
#define IPCGRADE_CASES_LOOK_H

#include "cases/reader.h"

/* The value of an expect step: one map, or {any: [map, ..]}. */
bool look_read_alternatives(struct reader *reader, const struct node *node, const struct expect_map **maps,
                            size_t *count);

#endif
