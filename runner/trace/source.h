/* Source lines: which line of the submission made a call.
 *
 * At an event the tracer keeps registers and a piece of the stack (4 us); they are unwound with libdwfl only when a line is printed. The innermost
 * frame whose source file belongs to the submission is chosen.
 *
 * Sources: elfutils' libdwfl.h; DESIGN, "Source line" (find_debuginfo returns -1; vfork and clone children are scanned for a return address).
 */
#ifndef IPCGRADE_TRACE_SOURCE_H
#define IPCGRADE_TRACE_SOURCE_H

#include <stdbool.h>

#include "trace/trace.h"

struct source_at {
    char file[256]; /* relative to the submission's root when below it */
    int line;
    char function[128]; /* or "" */
};

/* `root` is the submission's directory as its compiler saw it ("/submission"); NULL: any file with line information counts that is not libc's.
 * False when no frame has a line. */
bool source_find(struct tracer *tracer, const struct event *event, const char *root, struct source_at *at);

/* Where a living task is now (it need not be stopped; blocked is enough for the stack that was kept at its entry). */
bool source_now(struct tracer *tracer, const struct task *task, const char *root, struct source_at *at);

#endif
