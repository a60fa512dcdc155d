/* Can the probe be preloaded into a program? Read from its file, as the kernel and the loader would read it: program headers, the interpreter's name, the
 * libraries that are needed.
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

enum { HEADERS_MOST = 65536 / sizeof(Elf64_Phdr), ENTRIES_MOST = 1024, NAME_ROOM = 256 };

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
