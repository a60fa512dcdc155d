/* One line of /proc/PID/maps; see mapping.h. */
#include "trace/mapping.h"

#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"

enum { LINE_ROOM = 4352 };

/* In whole lines; what does not fit is passed over. */
static bool read_line(FILE *maps, char line[LINE_ROOM])
{
    if (!fgets(line, LINE_ROOM, maps))
        return false;
    size_t len = strcspn(line, "\n");
    for (int c = line[len] == '\n' ? '\n' : 0; c != '\n' && c != EOF;)
        c = getc(maps);
    line[len] = '\0';
    return true;
}

static bool ends_in(const char *text, const char *end)
{
    size_t len = strlen(text), tail = strlen(end);
    return len > tail && strcmp(text + len - tail, end) == 0;
}

static bool parse(const char *line, struct mapping *mapping)
{
    unsigned long start, end, offset, inode;
    unsigned major_number, minor_number;
    char rights[8];
    int at = 0;
    // NOLINTNEXTLINE(cert-err34-c): the kernel wrote it
    if (sscanf(line, "%lx-%lx %7s %lx %x:%x %lu %n", &start, &end, rights, &offset, &major_number,
               &minor_number, &inode, &at) < 7)
        return false;
    *mapping = (struct mapping){.start = start,
                                .end = end,
                                .offset = offset,
                                .device = makedev(major_number, minor_number),
                                .number = inode,
                                .is_writable = rights[1] == 'w',
                                .is_executable = rights[2] == 'x',
                                .is_shared = rights[3] == 's',
                                .is_nameless = ends_in(line + at, " (deleted)")};
    snprintf(mapping->path, sizeof mapping->path, "%.255s", line + at);
    return true;
}

bool mapping_next(FILE *maps, struct mapping *mapping)
{
    char line[LINE_ROOM];
    while (read_line(maps, line))
        if (parse(line, mapping))
            return true;
    return false;
}

bool mapping_at(pid_t pid, uint64_t address, struct mapping *mapping)
{
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/maps", (int)pid);
    cleanup_file FILE *maps = fopen(name, "re");
    while (maps && mapping_next(maps, mapping))
        if (mapping->start <= address && address < mapping->end)
            return true;
    return false;
}
