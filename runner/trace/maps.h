/* Inside the tracer room: which files are mapped where in an image, kept so that a source line can be found after the process has ended.
 *
 * A *layout* is the list of the executable mappings of one image: recorded when the image has come to its entry point (its libraries are there
 * then), shared by the children that fork from it. The files are kept open, since a sandbox that has ended cannot be asked again.
 */
#ifndef IPCGRADE_TRACE_MAPS_H
#define IPCGRADE_TRACE_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Files are kept open for as long as the tracer is there, so of what a program maps just to have it mapped only so many. */
enum { LAYOUT_MOST = 48, MAPS_OPEN_MOST = 200 };

struct mapped_file {
    uint64_t device, number;
    int fd; /* owned; -1: could not be opened, or there were too many: then it has no lines */
    bool is_searched;
    uint64_t streams; /* where the list of streams begins in it; 0: nowhere. Once it is searched */
    char path[256];
};

struct mapped {
    uint64_t start, end, offset; /* offset: of the file's first byte that is mapped at start */
    size_t file;
};

struct layout {
    struct mapped mapped[LAYOUT_MOST];
    size_t count;
    void *dwfl;         /* Dwfl *, made when first asked for; in the reader only (reader.h) */
    bool is_unreadable; /* a reader has died of it */
    bool knows_streams;
    uint64_t streams; /* where unwritten.c finds the list of streams; 0: nowhere. Once it knows */
};

struct maps {
    struct mapped_file *files; /* owned */
    size_t file_count, file_room;
    struct layout **layouts; /* owned */
    size_t layout_count, layout_room;
};

/* Record what the process has mapped now; returns the number of the layout, -1 when there is none. */
int maps_record(struct maps *maps, pid_t pid);
/* The load address of a file of which one part is mapped: what its own addresses are counted from. */
bool maps_base(int fd, const struct mapped *mapped, uint64_t *base);
void maps_free(struct maps *maps); /* dwfl must have been ended */

#endif
