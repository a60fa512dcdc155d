/* What looks for source lines, names and sizes in a program's file, under a fuzzer: a program may have its own debug information, symbols and unwind
 * tables written as it likes, and its stack, too.
 *
 * The input is a list of changes, five bytes each: which part (a section of the file, its header, registers or the stack), where in it, and the new byte.
 * The file is runner/fuzz/victim as it was built, named by IPCGRADE_VICTIM.
 */
#include "fuzz/fuzz.h"

#include <fcntl.h>
#include <gelf.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz/victim.h"
#include "trace/reader.h"
#include "trace/stack.h"
#include "trace/tracer.h"

enum { PARTS_MOST = 64, CHANGES_MOST = 64, FILE_MOST = 4 << 20 };

static struct part {
    size_t start, size;
} parts[PARTS_MOST];
static size_t part_count;
static unsigned char image[FILE_MOST];
static size_t image_size;
static struct victim_told told;

static void add_part(size_t start, size_t size)
{
    if (part_count < PARTS_MOST && start < image_size && size <= image_size - start && size > 0)
        parts[part_count++] = (struct part){start, size};
}

/* What a tracer never reads of a program's file is not worth breaking. */
static bool is_read(const char *name)
{
    static const char *const read[] = {".debug",  ".eh_frame", ".symtab", ".strtab", ".dynsym",
                                       ".dynstr", ".rela",     ".plt",    ".text",   ".dynamic"};
    for (size_t i = 0; name && i < sizeof read / sizeof *read; i++)
        if (strncmp(name, read[i], strlen(read[i])) == 0)
            return true;
    return false;
}

static void find_parts(void)
{
    elf_version(EV_CURRENT);
    Elf *elf = elf_memory((char *)image, image_size);
    GElf_Ehdr header;
    size_t names = 0;
    must(elf && gelf_getehdr(elf, &header) && elf_getshdrstrndx(elf, &names) == 0,
         "the victim is an ELF file");
    add_part(0, sizeof(Elf64_Ehdr) + header.e_phnum * sizeof(Elf64_Phdr));
    add_part(header.e_shoff, header.e_shnum * sizeof(Elf64_Shdr));
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
        GElf_Shdr about;
        if (gelf_getshdr(section, &about) && is_read(elf_strptr(elf, names, about.sh_name)))
            add_part(about.sh_offset, about.sh_size);
    }
    elf_end(elf);
}

static void read_victim(void)
{
    const char *path = getenv("IPCGRADE_VICTIM");
    if (!path)
        path = "build/fuzz/victim";
    FILE *file = fopen(path, "re");
    FILE *says = popen(path, "re"); // NOLINT(cert-env33-c): our own
    must(file && says, "the victim can be run: IPCGRADE_VICTIM");
    image_size = fread(image, 1, sizeof image, file);
    must(fread(&told, sizeof told, 1, says) == 1, "the victim tells of itself");
    fclose(file);
    pclose(says);
    find_parts();
}

static struct stack_capture *captured(void)
{
    struct stack_capture *stack = malloc(sizeof *stack + sizeof told.stack);
    must(stack != NULL, "memory is there");
    stack->regs = told.regs;
    stack->layout = 0;
    stack->len = sizeof told.stack;
    memcpy(stack->bytes, told.stack, sizeof told.stack);
    return stack;
}

static void put(unsigned char *to, size_t size, uint16_t at, unsigned char byte)
{
    to[(size > UINT16_MAX ? at * (size / UINT16_MAX) : at) % size] = byte;
}

static void change(struct feed *feed, unsigned char *broken, struct stack_capture *stack)
{
    for (int i = 0; feed->size > 0 && i < CHANGES_MOST; i++) {
        size_t which = feed_byte(feed) % (part_count + 2);
        uint16_t at = (uint16_t)(feed_byte(feed) << 8 | feed_byte(feed));
        unsigned char byte = feed_byte(feed);
        if (which < part_count)
            put(broken + parts[which].start, parts[which].size, at, byte);
        else if (which == part_count)
            put(stack->bytes, stack->len, at, byte);
        else
            put((unsigned char *)&stack->regs, sizeof stack->regs, at, byte);
    }
}

static int file_of(const unsigned char *bytes)
{
    int fd = memfd_create("victim", MFD_CLOEXEC);
    must(fd >= 0 && write(fd, bytes, image_size) == (ssize_t)image_size, "a file in memory can be made");
    return fd;
}

/* As maps.c would have recorded it. */
static struct maps mapped_alone(const unsigned char *bytes)
{
    struct maps maps = {.files = calloc(1, sizeof *maps.files),
                        .layouts = calloc(1, sizeof(void *)),
                        .file_count = 1,
                        .layout_count = 1};
    struct layout *layout = calloc(1, sizeof *layout);
    must(maps.files && maps.layouts && layout, "memory is there");
    maps.files[0] = (struct mapped_file){.fd = file_of(bytes), .path = "/submission/victim"};
    layout->mapped[0] = (struct mapped){told.text_start, told.text_end, told.text_offset, 0};
    layout->count = 1;
    maps.layouts[0] = layout;
    return maps;
}

static void ask(struct tracer *tracer, const struct event *event)
{
    static const char *const names[] = {"printf", "getcontext", NULL};
    struct source_at at;
    struct extent extent;
    char variable[64];
    if (line_of(tracer, event, NULL, &at))
        must(at.line > 0 && at.file[0] && memchr(at.file, '\0', sizeof at.file),
             "a line has a file and a number");
    (void)function_around(tracer, event, names);
    (void)variable_at(tracer, event, told.address, variable, sizeof variable);
    (void)lack_of(tracer, event);
    (void)streams_of(&tracer->maps, tracer->maps.layouts[0]);
    (void)extent_of(tracer, event, told.address, &extent);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned char broken[FILE_MOST];
    struct feed feed = {data, size};
    if (part_count == 0)
        read_victim();
    memcpy(broken, image, image_size);
    struct stack_capture *stack = captured();
    change(&feed, broken, stack);

    struct tracer tracer = {.maps = mapped_alone(broken)};
    struct event event = {.stack = stack};
    ask(&tracer, &event);
    source_forget(&tracer);
    free(stack);
    return 0;
}
