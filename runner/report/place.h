/* Where a program has failed: the place in its source that a failure names, or the program's own words.
 *
 * Layer: report.
 */
#ifndef IPCGRADE_REPORT_PLACE_H
#define IPCGRADE_REPORT_PLACE_H

#include <stdbool.h>

#include "result/result.h"

struct place_text {
    char text[128]; /* `fifo_read.c:55`, `"fifo_read: open: No such file or directory"` */
};

/* The first FILE:LINE in what was seen, outside of quoted texts, which are the program's own; where there is none, a message of the program ("NAME: .."); else false. */
bool place_find(const struct case_result *one, struct place_text *place);

/* Two cases of one program that have failed at the same place, or with the same message. */
bool place_is_shared(const struct case_result *a, const struct case_result *b);

#endif
