/* Inside the tracer room: the frames of a stack that was kept, for those who want more of them than a line. */
#ifndef IPCGRADE_TRACE_FRAMES_H
#define IPCGRADE_TRACE_FRAMES_H

#include <elfutils/libdwfl.h>

#include "trace/trace.h"

/* Call `each` for the frames from the innermost outwards, until it gives DWARF_CB_ABORT. Nothing happens when no stack was kept. */
void frames_each(struct tracer *tracer, const struct event *event,
                 int (*each)(Dwfl_Frame *frame, void *context), void *context);

#endif
