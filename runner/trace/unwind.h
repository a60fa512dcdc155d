/* Inside the tracer room: the frames of a kept piece of stack, for what is asked of them (source.c, symbols.c). */
#ifndef IPCGRADE_TRACE_UNWIND_H
#define IPCGRADE_TRACE_UNWIND_H

#include <elfutils/libdwfl.h>
#include <stdbool.h>

#include "trace/source.h"
#include "trace/stack.h"

enum { FRAMES_MOST = 64 };

struct unwinding { /* what the callbacks of one search share; the tracer points to it while it lasts */
    const struct stack_capture *stack;
    const char *root;
    struct source_at *at;
    Dwfl *dwfl;
    int frames;
    bool is_found;
    bool is_ending;           /* exit() is among the frames */
    char callee[64];          /* the frame before, by its plain name */
    const char *const *names; /* source_inside() */
    int inside;               /* ... and its answer */
};

/* Walk through the frames of the event; false when there is nothing to walk through. `visit` is given `context`; unwinding->dwfl and ->stack are set then. */
bool unwind(struct tracer *tracer, const struct event *event, struct unwinding *unwinding,
            int (*visit)(Dwfl_Frame *frame, void *context), void *context);

/* The pc of a frame (of one that called another, an address inside of the call: a return address stands behind it, perhaps already on the next line). False: enough was seen. */
bool unwind_pc(Dwfl_Frame *frame, struct unwinding *unwinding, Dwarf_Addr *pc);

/* The function at pc, as it is called in a C program; "" when it is not known. A function of C++ leaves *to as it was. */
void unwind_name(Dwfl *dwfl, Dwarf_Addr pc, char *to, size_t room);
void unwind_plain_name(const char *name, char *to, size_t room); /* the same of a symbol's name; NULL: "" */

/* Some file of the image has a function of exactly that name, which others can call. */
bool unwind_has_function(Dwfl *dwfl, const char *name);

/* callee.c: the function that the call in front of the return address calls. False when that is not known. */
bool callee_of(Dwfl *dwfl, Dwarf_Addr return_address, char *to, size_t room);

/* What is mapped in the event's process, borrowed; NULL: not known. */
Dwfl *unwind_dwfl(struct tracer *tracer, const struct event *event);

#endif
