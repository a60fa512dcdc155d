/* Inside the tracer room: what stack.c keeps and source.c unwinds. */
#ifndef IPCGRADE_TRACE_STACK_H
#define IPCGRADE_TRACE_STACK_H

#include <sys/types.h>
#include <sys/user.h>

#include "trace/tracer.h"

enum { STACK_KEPT = 2048 };

struct stack_capture {
    struct user_regs_struct regs;
    pid_t pid; /* whose memory map it belongs to */
    size_t len;
    unsigned char bytes[STACK_KEPT]; /* from regs.rsp upwards */
};

#endif
