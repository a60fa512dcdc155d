/* `start`: which program, with what, on which streams. Layer: cases, private to the loader. */
#ifndef IPCGRADE_CASES_START_H
#define IPCGRADE_CASES_START_H

#include "cases/reader.h"

extern const struct key_row start_options[];

/* All actors of the step; they count as started afterwards. */
bool start_read_all(struct reader *reader, const struct node *map, const struct start **starts,
                    size_t *count);

/* The name is a program of the assignment, or there is no assignment; else tells. */
bool start_check_program(struct reader *reader, const struct node *node);

#endif
