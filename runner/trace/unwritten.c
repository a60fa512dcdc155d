/* Walking the list of streams in a tracee's memory; see unwritten.h. Where the list begins is looked up in the table of symbols of each mapped file once (maps.h). */
#include "trace/unwritten.h"

#include <fcntl.h>
#include <gelf.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "base/cleanup.h"
#include "trace/reader.h"
#include "trace/tracer.h"

enum { STREAMS_MOST = 256, TEXT_MOST = 1 << 16 };

static const unsigned STREAM_MAGIC = 0xFBAD0000U, STREAM_MAGIC_MASK = 0xFFFF0000U; /* glibc's libio.h */

/* ---- where the list begins ------------------------------------------------------------------------------------------------ */

static uint64_t value_in(Elf *elf, Elf_Scn *section, const GElf_Shdr *header)
{
    Elf_Data *data = elf_getdata(section, NULL);
    size_t count = data && header->sh_entsize > 0 ? header->sh_size / header->sh_entsize : 0;
    GElf_Sym symbol;
    for (size_t i = 0; i < count; i++) {
        if (!gelf_getsym(data, (int)i, &symbol) || symbol.st_shndx == SHN_UNDEF ||
            GELF_ST_TYPE(symbol.st_info) != STT_OBJECT)
            continue;
        const char *name = elf_strptr(elf, header->sh_link, symbol.st_name);
        if (name && strcmp(name, "_IO_list_all") == 0)
            return symbol.st_value;
    }
    return 0;
}

/* As the file says it, before it is loaded; 0: it has none. Exported by the library, or a plain symbol of a static program. */
static uint64_t value_in_file(int fd)
{
    GElf_Shdr header;
    uint64_t value = 0;
    elf_version(EV_CURRENT);
    Elf *elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ_MMAP, NULL);
    for (Elf_Scn *section = NULL; elf && value == 0 && (section = elf_nextscn(elf, section));)
        if (gelf_getshdr(section, &header) && (header.sh_type == SHT_DYNSYM || header.sh_type == SHT_SYMTAB))
            value = value_in(elf, section, &header);
    elf_end(elf);
    return value;
}

uint64_t streams_of(struct maps *maps, const struct layout *layout)
{
    for (size_t i = 0; i < layout->count; i++) {
        const struct mapped *mapped = &layout->mapped[i];
        struct mapped_file *file = &maps->files[mapped->file];
        uint64_t base;
        if (!file->is_searched)
            file->streams = value_in_file(file->fd);
        file->is_searched = true;
        if (file->streams != 0 && maps_base(file->fd, mapped, &base))
            return base + file->streams;
    }
    return 0;
}

/* Its address in the image; 0: it is not there. */
static uint64_t list_of(struct tracer *tracer, int number)
{
    struct layout *layout = tracer->maps.layouts[number];
    if (!layout->knows_streams)
        layout->streams = reader_streams(tracer, number);
    layout->knows_streams = true;
    return layout->streams;
}

/* ---- one stream ----------------------------------------------------------------------------------------------------------- */

static uint64_t sum_of(const unsigned char *text, size_t len)
{
    uint64_t sum = 14695981039346656037ULL; /* FNV-1a */
    for (size_t i = 0; i < len; i++)
        sum = (sum ^ text[i]) * 1099511628211ULL;
    return sum;
}

/* Does it wait to be written, and is it what it seems? */
static bool holds_text(const FILE *stream)
{
    uintptr_t begin = (uintptr_t)stream->_IO_write_base, end = (uintptr_t)stream->_IO_write_ptr;
    return ((unsigned)stream->_flags & STREAM_MAGIC_MASK) == STREAM_MAGIC && stream->_fileno >= 0 &&
           begin != 0 && end > begin && end - begin <= TEXT_MOST;
}

static void add_stream(struct tracee *tracee, const FILE *stream, struct unwritten_list *list)
{
    struct unwritten *one = &list->items[list->count];
    uint64_t address = (uintptr_t)stream->_IO_write_base;
    size_t len = (uintptr_t)stream->_IO_write_ptr - (uintptr_t)stream->_IO_write_base;
    cleanup_free unsigned char *text = malloc(len);
    if (!text || !memory_read(tracee, address, text, len))
        return;
    *one = (struct unwritten){.fd = stream->_fileno, .address = address, .len = len};
    one->sum = sum_of(text, len);
    one->shown = len < sizeof one->text ? len : sizeof one->text;
    memcpy(one->text, text, one->shown);
    list->count++;
}

size_t unwritten_find(const struct task *task, struct unwritten_list *list)
{
    struct tracee *tracee = tasks_find(((const struct tracee *)task)->tracer, task->tid);
    int number = tracee ? layout_of(tracee) : -1;
    uint64_t at = number < 0 ? 0 : list_of(tracee->tracer, number);
    FILE stream; // NOLINT(cert-fio38-c): the tracee's, to be looked at
    uintptr_t next = 0;
    list->count = 0;
    if (at == 0 || !memory_read(tracee, at, &next, sizeof next))
        return 0;
    for (int i = 0; i < STREAMS_MOST && next != 0 && list->count < UNWRITTEN_MOST; i++) {
        if (!memory_read(tracee, next, &stream, sizeof stream))
            break;
        if (holds_text(&stream))
            add_stream(tracee, &stream, list);
        next = (uintptr_t)stream._chain;
    }
    return list->count;
}

/* ---- at a call ------------------------------------------------------------------------------------------------------------ */

static bool gives_lock_back(const struct event *event)
{
    const struct call *call = &event->call;
    if (strcmp(call->row->name, "flock") == 0)
        return (call->value[PARAM_OP] & LOCK_UN) != 0;
    return strcmp(call->deed->word, "lock") == 0 && !call_asks_for_lock(call) &&
           call->value[PARAM_TYPE] == F_UNLCK;
}

/* It copies the memory of the process, or ends it, or lets others at the file. */
static bool is_moment(const struct event *event)
{
    const char *word = event->call.deed ? event->call.deed->word : "";
    if (event->call.deed && gives_lock_back(event))
        return true;
    if (strcmp(event->call.row->name, "clone") == 0 && (event->call.arg[0] & CLONE_VM))
        return false;
    return strcmp(word, "fork") == 0 || strcmp(word, "exec") == 0 || strcmp(word, "exit") == 0;
}

void unwritten_note(struct tracee *tracee, struct event *event)
{
    struct unwritten_list list;
    if (!tracee->tracer->config.wants_stacks || !event->counts || event->unwritten || !is_moment(event) ||
        unwritten_find(&tracee->pub, &list) == 0)
        return;
    event->unwritten = malloc(sizeof list);
    if (event->unwritten)
        *event->unwritten = list;
}

void unwritten_release(struct event *event)
{
    free(event->unwritten);
    event->unwritten = NULL;
}
