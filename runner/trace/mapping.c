/* One line of /proc/PID/maps; see mapping.h. */
#include "trace/mapping.h"

#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"

bool mapping_parse(char *line, struct mapping *mapping)
{
    unsigned long start, end, offset, inode;
    unsigned major_number, minor_number;
    char rights[8];
    int at = 0;
    // NOLINTNEXTLINE(cert-err34-c): the kernel wrote it
    if (sscanf(line, "%lx-%lx %7s %lx %x:%x %lu %n", &start, &end, rights, &offset, &major_number,
               &minor_number, &inode, &at) < 7)
        return false;
    line[strcspn(line, "\n")] = '\0';
    *mapping = (struct mapping){.start = start,
                                .end = end,
                                .offset = offset,
                                .device = makedev(major_number, minor_number),
                                .number = inode,
                                .is_writable = rights[1] == 'w',
                                .is_executable = rights[2] == 'x',
                                .is_shared = rights[3] == 's'};
    snprintf(mapping->path, sizeof mapping->path, "%.255s", line + at);
    return true;
}

bool mapping_at(pid_t pid, uint64_t address, struct mapping *mapping)
{
    char name[64], line[MAPPING_LINE];
    snprintf(name, sizeof name, "/proc/%d/maps", (int)pid);
    cleanup_file FILE *file = fopen(name, "re");
    while (file && fgets(line, sizeof line, file))
        if (mapping_parse(line, mapping) && mapping->start <= address && address < mapping->end)
            return true;
    return false;
}
