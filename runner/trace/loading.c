/* Can the probe be preloaded into a program, and how much room does it ask for? Read from its file, as the kernel and the loader would read it: program headers, the interpreter's name,
 * the libraries that are needed.
 *
 * The tracer asks in the middle of an execve, so no process apart answers (reader.h), and the file is whatever a student has made of it. So nothing that it says of
 * itself is believed without a limit: there is no library in between, no table is read whole, each piece goes into room of a fixed size, and the work is bounded. A
 * program that lies is at worst started without the probe, or with one that its loader refuses.
 *
 * Sources: elf(5); System V ABI, "Program Loading" and "Dynamic Linking"; the kernel's fs/binfmt_elf.c (64 KiB of program headers at most, the first interpreter).
 */
#include "trace/tracer.h"

#include <elf.h>
#include <string.h>
#include <unistd.h>

enum { HEADERS_MOST = 65536 / sizeof(Elf64_Phdr), ENTRIES_MOST = 1024, NAME_ROOM = 256, USUAL_PAGE = 4096 };

struct image {
    int fd;
    Elf64_Ehdr header;
};

static bool read_at(const struct image *image, uint64_t offset, void *to, size_t len)
{
    return pread(image->fd, to, len, (off_t)offset) == (ssize_t)len;
}

/* Cut where the file or the room ends. */
static void read_name(const struct image *image, uint64_t offset, char name[NAME_ROOM])
{
    ssize_t len = pread(image->fd, name, NAME_ROOM - 1, (off_t)offset);
    name[len > 0 ? len : 0] = '\0';
}

/* For our own machine: the loader of another one would complain of the probe, on the program's stderr. */
static bool is_program(struct image *image)
{
    const Elf64_Ehdr *header = &image->header;
    return read_at(image, 0, &image->header, sizeof image->header) &&
           memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 && header->e_ident[EI_CLASS] == ELFCLASS64 &&
           header->e_machine == EM_X86_64 && header->e_phentsize == sizeof(Elf64_Phdr) &&
           header->e_phnum <= HEADERS_MOST;
}

/* The first program header of a type that holds the address (any does when it is 0). */
static bool find_header(const struct image *image, uint32_t type, uint64_t address, Elf64_Phdr *found)
{
    for (size_t i = 0; i < image->header.e_phnum; i++)
        if (read_at(image, image->header.e_phoff + i * sizeof *found, found, sizeof *found) &&
            found->p_type == type &&
            (address == 0 || (address >= found->p_vaddr && address - found->p_vaddr < found->p_filesz)))
            return true;
    return false;
}

static bool has_loader(const struct image *image)
{
    char name[NAME_ROOM];
    Elf64_Phdr header;
    if (!find_header(image, PT_INTERP, 0, &header))
        return false;
    read_name(image, header.p_offset, name);
    return strstr(name, "ld-linux") != NULL;
}

/* ---- libraries ------------------------------------------------------------------------------------------------------------ */

static bool is_sanitizer(const char *library)
{
    static const char *const names[] = {"libasan", "libtsan", "liblsan", "libhwasan", "libclang_rt"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strstr(library, names[i]))
            return true;
    return false;
}

/* The entry of the dynamic section with that number; false behind its end. */
static bool read_entry(const struct image *image, const Elf64_Phdr *dynamic, size_t number, Elf64_Dyn *entry)
{
    return number < ENTRIES_MOST && number < dynamic->p_filesz / sizeof *entry &&
           read_at(image, dynamic->p_offset + number * sizeof *entry, entry, sizeof *entry) &&
           entry->d_tag != DT_NULL;
}

/* Where the names of libraries begin in the file. */
static bool find_names(const struct image *image, const Elf64_Phdr *dynamic, uint64_t *offset)
{
    Elf64_Dyn entry;
    Elf64_Phdr load;
    for (size_t i = 0; read_entry(image, dynamic, i, &entry); i++) {
        if (entry.d_tag != DT_STRTAB)
            continue;
        if (entry.d_un.d_ptr == 0 || !find_header(image, PT_LOAD, entry.d_un.d_ptr, &load))
            return false;
        *offset = load.p_offset + (entry.d_un.d_ptr - load.p_vaddr);
        return true;
    }
    return false;
}

static bool needs_sanitizer(const struct image *image)
{
    char name[NAME_ROOM];
    Elf64_Phdr dynamic;
    Elf64_Dyn entry;
    uint64_t names;
    if (!find_header(image, PT_DYNAMIC, 0, &dynamic) || !find_names(image, &dynamic, &names))
        return false;
    for (size_t i = 0; read_entry(image, &dynamic, i, &entry); i++) {
        if (entry.d_tag != DT_NEEDED)
            continue;
        read_name(image, names + entry.d_un.d_val, name);
        if (is_sanitizer(name))
            return true;
    }
    return false;
}

enum preload loading_look(int fd)
{
    struct image image = {.fd = fd};
    if (!is_program(&image))
        return PRELOAD_NOT;
    if (!has_loader(&image))
        return PRELOAD_STATIC;
    return needs_sanitizer(&image) ? PRELOAD_SANITIZED : PRELOAD_DONE;
}

/* ---- what it asks for ------------------------------------------------------------------------------------------------------ */

/* The highest place of a process, without five-level tables that it would have to ask for (mmap(2)). */
static const uint64_t places_end = 0x7ffffffff000;

/* Students can change nothing there, and such a loader is small. */
static bool is_of_a_loader(const char *interpreter)
{
    const char *name = strrchr(interpreter, '/');
    bool is_there = strncmp(interpreter, "/lib", 4) == 0 || strncmp(interpreter, "/usr/lib", 8) == 0;
    return is_there && !strstr(interpreter, "..") && strncmp(name, "/ld-", 4) == 0;
}

static bool has_small_loader(const struct image *image)
{
    char name[NAME_ROOM];
    Elf64_Phdr header;
    if (!find_header(image, PT_INTERP, 0, &header))
        return true; /* static */
    read_name(image, header.p_offset, name);
    return is_of_a_loader(name);
}

/* The kernel takes a program's places in one piece, from the first to the last. */
static bool find_span(const struct image *image, uint64_t *first, uint64_t *end, uint64_t *alignment)
{
    Elf64_Phdr part;
    for (size_t i = 0; i < image->header.e_phnum; i++) {
        if (!read_at(image, image->header.e_phoff + i * sizeof part, &part, sizeof part) ||
            part.p_type != PT_LOAD)
            continue;
        uint64_t len = part.p_memsz > part.p_filesz ? part.p_memsz : part.p_filesz;
        if (len > places_end || part.p_vaddr > places_end - len || part.p_align > places_end)
            return false;
        *first = part.p_vaddr < *first ? part.p_vaddr : *first;
        *end = part.p_vaddr + len > *end ? part.p_vaddr + len : *end;
        *alignment = part.p_align > *alignment ? part.p_align : *alignment;
    }
    return true;
}

struct loading_need loading_need(int fd)
{
    struct image image = {.fd = fd};
    uint64_t first = places_end, end = 0, alignment = 0;
    if (!is_program(&image))
        return (struct loading_need){0};
    if (!find_span(&image, &first, &end, &alignment))
        return (struct loading_need){.is_impossible = true};
    return (struct loading_need){.bytes =
                                     end > first ? end - first + (alignment > USUAL_PAGE ? alignment : 0) : 0,
                                 .is_all = has_small_loader(&image)};
}
