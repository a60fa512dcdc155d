/* Inside the tracer room: what stack.c keeps and source.c unwinds. */
#ifndef IPCGRADE_TRACE_STACK_H
#define IPCGRADE_TRACE_STACK_H

#include <stddef.h>
#include <sys/user.h>

/* Enough for the frames of a buffered printf; fprintf(stderr, ...) has its whole buffer on the stack. */
enum { STACK_KEPT = 3072, STACK_KEPT_STDERR = 12288 };

struct stack_capture {
    struct user_regs_struct regs;
    int layout; /* of its process: maps.h; -1: none */
    size_t len;
    unsigned char bytes[]; /* from regs.rsp upwards */
};

#endif
