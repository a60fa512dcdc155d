/* Inside the tracer room: what a process has mapped at an address, as /proc/PID/maps says it now. Nothing is remembered: whatever is unmapped or mapped
 * over between two questions is seen.
 */
#ifndef IPCGRADE_TRACE_MAPPING_H
#define IPCGRADE_TRACE_MAPPING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct mapping {
    uint64_t start, end;
    uint64_t offset;         /* in the file, of start */
    uint64_t device, number; /* of the file; number 0: anonymous memory */
    bool is_shared, is_writable, is_executable;
    char path[256]; /* cut; "" when there is none */
};

enum { MAPPING_LINE = 4352 }; /* bytes, of the longest line of /proc/PID/maps */

/* One line of /proc/PID/maps, as "7f..-7f.. rw-s 00000000 00:1b 1234   /dev/shm/sem.s"; its end of line is cut off. */
bool mapping_parse(char *line, struct mapping *mapping);

bool mapping_at(pid_t pid, uint64_t address, struct mapping *mapping);

#endif
