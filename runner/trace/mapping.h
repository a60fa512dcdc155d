/* Inside the tracer room: what a process has mapped at an address, as /proc/PID/maps says it now. Nothing is remembered: whatever is unmapped or mapped
 * over between two questions is seen.
 */
#ifndef IPCGRADE_TRACE_MAPPING_H
#define IPCGRADE_TRACE_MAPPING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct mapping {
    uint64_t start, end;
    uint64_t offset;         /* in the file, of start */
    uint64_t device, number; /* of the file; number 0: anonymous memory */
    bool is_shared, is_writable, is_executable;
    bool is_nameless; /* the file has no name any more; never of a name that is too long for a line */
    char path[256];   /* cut; "" when there is none */
};

/* The next line of /proc/PID/maps, as "7f..-7f.. rw-s 00000000 00:1b 1234   /dev/shm/sem.s".
 * False: there is none. The name of a file may be longer than any buffer, and hold what looks like the beginning of a line: what does not fit is passed over. */
bool mapping_next(FILE *maps, struct mapping *mapping);

bool mapping_at(pid_t pid, uint64_t address, struct mapping *mapping);

#endif
