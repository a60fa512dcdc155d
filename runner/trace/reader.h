/* Inside the tracer room: the reader, a process apart that reads the files of programs.
 *
 * Debug information, symbols and unwind tables are written by whoever wrote the program, and the libraries that read them were not made for files that mean
 * harm: broken ones let them loop, fault, or read beyond a file that was cut meanwhile. So they work in a process of their own that can do nothing but read what it was given:
 * no file can be opened there, no process made or signalled, and each answer has a limit of processor time. When it dies, the image that was asked about is
 * never read again, and a new reader is started for the others.
 *
 * The functions of source.h, extent.h and unwritten.c ask; those below answer, in the reader.
 *
 * Sources: seccomp(2), setitimer(2), unix(7) (SCM_RIGHTS).
 */
#ifndef IPCGRADE_TRACE_READER_H
#define IPCGRADE_TRACE_READER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "trace/extent.h"
#include "trace/maps.h"
#include "trace/source.h"

struct reader {
    pid_t pid;      /* 0: it does not run */
    bool is_reaped; /* it has died, and the loop of statuses has taken it: its number may be another's */
    int pidfd, socket;
    size_t files_told, layouts_told; /* of tracer->maps */
};

/* Ends the process, if it runs. */
void reader_end(struct tracer *tracer);

/* What the reader does; see the functions of the same meaning in source.h and extent.h. Of `tracer` only maps and unwinding are used, of `event` only the stack and the name of the call. */
bool line_of(struct tracer *tracer, const struct event *event, const char *root, struct source_at *at);
int function_around(struct tracer *tracer, const struct event *event, const char *const names[]);
bool variable_at(struct tracer *tracer, const struct event *event, uint64_t address, char *to, size_t room);
enum source_lack lack_of(struct tracer *tracer, const struct event *event);
bool extent_of(struct tracer *tracer, const struct event *event, uint64_t address, struct extent *extent);
/* Where the C library's list of streams begins in the memory of an image; 0: it is not known. */
uint64_t streams_of(struct maps *maps, const struct layout *layout);

/* Ask the same of the reader. */
uint64_t reader_streams(struct tracer *tracer, int layout);

#endif
