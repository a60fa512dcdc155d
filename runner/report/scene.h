/* Who was where, and what everybody did: a timeline, or where that does not fit, two tables.
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

/* A puppet that did nothing: it explains nothing. */
bool scene_is_idle(const struct case_result *one, size_t actor);

/* It is still in the call (one that returns). */
bool scene_is_waiting(const struct result_event *event);
enum style scene_style(const struct result_event *event);

/* "... 12 calls: read, write ...", what is left out before the event. Caller frees; NULL without memory. */
char *scene_skipped(const struct result_event *event);

/* As a timeline where the page is wide enough, else as tables. */
void scene_put(const struct page *page, const struct case_result *one);

#endif
