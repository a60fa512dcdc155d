/* Reading /proc/PID/maps; see maps.h. */
#include "trace/maps.h"

#include <fcntl.h>
#include <gelf.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "trace/mapping.h"
#include "trace/tracer.h"

/* The executable is reached through /proc/PID/exe whatever its name is by now; a library by its path below the process's root. Anything may lie there by now:
 * a link to a device of the host, which does something when it is opened. So links stay below that root, and nothing is opened but a plain file. */
static int open_mapped(pid_t pid, const char *path)
{
    char name[64];
    struct stat info;
    const struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
    snprintf(name, sizeof name, "/proc/%d/root", (int)pid);
    cleanup_fd int root = open(name, O_PATH | O_CLOEXEC);
    cleanup_fd int place = root < 0 ? -1 : (int)syscall(SYS_openat2, root, path, &how, sizeof how);
    if (place < 0 || fstat(place, &info) != 0 || !S_ISREG(info.st_mode))
        return -1;
    snprintf(name, sizeof name, "/proc/self/fd/%d", place);
    return open(name, O_RDONLY | O_CLOEXEC);
}

static int open_if_same(pid_t pid, const char *path, const struct mapped_file *file)
{
    char exe[64];
    struct stat info;
    snprintf(exe, sizeof exe, "/proc/%d/exe", (int)pid);
    int fd = open(exe, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &info) == 0 && info.st_ino == file->number)
        return fd;
    if (fd >= 0)
        close(fd);
    return open_mapped(pid, path);
}

static bool find_file(struct maps *maps, pid_t pid, const struct mapped_file *wanted, size_t *index)
{
    for (*index = 0; *index < maps->file_count; ++*index)
        if (maps->files[*index].number == wanted->number && maps->files[*index].device == wanted->device)
            return true;
    if (!tasks_grow(&maps->files, maps->file_count + 1, &maps->file_room, sizeof *maps->files))
        return false;
    maps->files[maps->file_count] = *wanted;
    if (maps->file_count < MAPS_OPEN_MOST)
        maps->files[maps->file_count].fd = open_if_same(pid, wanted->path, wanted);
    maps->file_count++;
    return true;
}

/* Only what can be executed and lies in a file. */
static bool is_wanted(const struct mapping *all, struct mapped *mapped, struct mapped_file *file)
{
    if (!all->is_executable || all->number == 0 || all->path[0] != '/')
        return false;
    *mapped = (struct mapped){.start = all->start, .end = all->end, .offset = all->offset};
    *file = (struct mapped_file){.device = all->device, .number = all->number, .fd = -1};
    memcpy(file->path, all->path, sizeof file->path);
    return true;
}

int maps_record(struct maps *maps, pid_t pid)
{
    char name[64];
    struct mapping all;
    struct mapped_file file;
    snprintf(name, sizeof name, "/proc/%d/maps", (int)pid);
    cleanup_file FILE *from = fopen(name, "re");
    struct layout *layout = from ? calloc(1, sizeof *layout) : NULL;
    if (!layout || !tasks_grow(&maps->layouts, maps->layout_count + 1, &maps->layout_room, sizeof(void *))) {
        free(layout);
        return -1;
    }
    while (layout->count < LAYOUT_MOST && mapping_next(from, &all)) {
        struct mapped *mapped = &layout->mapped[layout->count];
        if (is_wanted(&all, mapped, &file) && find_file(maps, pid, &file, &mapped->file))
            layout->count++;
    }
    maps->layouts[maps->layout_count] = layout;
    return (int)maps->layout_count++;
}

/* Where the segment that holds the part would begin, minus its own address. */
bool maps_base(int fd, const struct mapped *mapped, uint64_t *base)
{
    Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    size_t count = 0;
    bool is_found = false;
    GElf_Phdr header;
    if (elf && elf_getphdrnum(elf, &count) == 0)
        for (size_t i = 0; i < count && !is_found; i++) {
            if (!gelf_getphdr(elf, (int)i, &header) || header.p_type != PT_LOAD || !(header.p_flags & PF_X))
                continue;
            is_found = true;
            *base = mapped->start - mapped->offset + header.p_offset - header.p_vaddr;
        }
    elf_end(elf);
    return is_found;
}

void maps_free(struct maps *maps)
{
    for (size_t i = 0; i < maps->file_count; i++)
        if (maps->files[i].fd >= 0)
            close(maps->files[i].fd);
    for (size_t i = 0; i < maps->layout_count; i++)
        free(maps->layouts[i]);
    free(maps->files);
    free(maps->layouts);
    *maps = (struct maps){0};
}
