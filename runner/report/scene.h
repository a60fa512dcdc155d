/* Who was where, and what everybody did last, as two tables.
 *
 * Layer: report.
 */
#ifndef IPCGRADE_REPORT_SCENE_H
#define IPCGRADE_REPORT_SCENE_H

#include "report/page.h"
#include "result/result.h"

/* "fifo_write.c:31", or "" where no line is known. */
struct line_text {
    char text[256];
};
struct line_text scene_line(const struct source_line *at);

void scene_put(const struct page *page, const struct case_result *one);

#endif
