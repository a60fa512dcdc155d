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
    char caller_file
        [256]; /* where the function that has this line was called from, when that is the submission's, too */
    int caller_line; /* ... 0: it is not */
    char called[64]; /* what that line called, by its name in C ("fgets", "wait"); "" when it is not known */
};

/* `root` is the submission's directory as its compiler saw it ("/submission"); NULL: any file with line information counts that is not libc's.
 * False when no frame has a line; at->called is "exit" then when the program was ending already, else "". */
bool source_find(struct tracer *tracer, const struct event *event, const char *root, struct source_at *at);

/* Were both calls made by the same instruction with the stack in the same state? Then they stand at the same line, and nobody needs to look. False says nothing. */
bool source_is_same(const struct event *a, const struct event *b);

/* Where a living task is now (it need not be stopped; blocked is enough for the stack that was kept at its entry). */
bool source_now(struct tracer *tracer, const struct task *task, const char *root, struct source_at *at);

/* Is the call made inside one of these functions of the C library? The index of the innermost, or -1. Names end with NULL. */
int source_inside(struct tracer *tracer, const struct event *event, const char *const names[]);

/* The variable that lies at this address of the event's process, as the program's symbols name it ("lock", "forks+40"). False when none has it. */
bool source_variable(struct tracer *tracer, const struct event *event, uint64_t address, char *to,
                     size_t room);

/* Was the call made by a program that belongs to the system (/usr, /bin, ..)? False when that is not known. */
bool source_is_of_system(const struct tracer *tracer, const struct event *event);

/* What keeps the lines of the program from being found; programs of the system lack nothing that anybody would miss. */
enum source_lack { SOURCE_LACKS_NOTHING, SOURCE_LACKS_LINES, SOURCE_IS_STRIPPED, SOURCE_IS_UNREADABLE };
enum source_lack source_lack(struct tracer *tracer, const struct event *event);

#endif
