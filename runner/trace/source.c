/* From a kept piece of stack to a line of the submission; see source.h.
 *
 * One Dwfl for each layout (maps.h) is made when first asked for, out of the files that were kept open. Registers and memory come from the capture, so the
 * process need not live any more; code and unwind tables come from the files. libdwfl is told that there is no separate debuginfo: looking for it
 * costs milliseconds for each image, and a submission carries its own.
 *
 * Where unwinding finds nothing (a clone or vfork child runs on a stack without a caller; vfork keeps its return address in a register), the stack is
 * scanned for the first word that is a return address into the submission.
 */
#include "trace/source.h"

#include <elfutils/libdwfl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "trace/frames.h"
#include "trace/stack.h"
#include "trace/tracer.h"

enum { FRAMES_OF_A_NEW_TASK = 3, FRAMES_MOST = 64, DWARF_REGISTERS = 17 };

struct unwinding { /* what the callbacks of one search share; the tracer points to it while it lasts */
    const struct stack_capture *stack;
    const char *root;
    struct source_at *at;
    Dwfl *dwfl;
    int frames;
    bool is_found;
    bool is_ending;           /* exit() is among the frames */
    char callee[64];          /* the frame before, by its plain name */
    const char *const *names; /* source_inside() */
    int inside;               /* ... and its answer */
};

/* ---- the layout as libdwfl sees it ------------------------------------------------------------------------------------ */

static int no_debuginfo(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base, const char *file,
                        const char *link, GElf_Word crc, char **found)
{
    (void)module, (void)data, (void)name, (void)base, (void)file, (void)link, (void)crc, (void)found;
    return -1;
}

static int no_elf(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base, char **file, Elf **elf)
{
    (void)module, (void)data, (void)name, (void)base, (void)file, (void)elf;
    return -1; /* each was reported with its file */
}

static const Dwfl_Callbacks callbacks = {.find_elf = no_elf, .find_debuginfo = no_debuginfo};

static pid_t one_thread(Dwfl *dwfl, void *context, void **thread)
{
    (void)dwfl;
    if (*thread)
        return 0;
    *thread = context;
    return 1;
}

static bool read_kept(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *word, void *context)
{
    const struct stack_capture *stack = (*(struct unwinding **)context)->stack;
    (void)dwfl;
    if (address < stack->regs.rsp || address + sizeof *word > stack->regs.rsp + stack->len)
        return false;
    memcpy(word, stack->bytes + (address - stack->regs.rsp), sizeof *word);
    return true;
}

static bool first_registers(Dwfl_Thread *thread, void *context)
{
    const struct user_regs_struct *regs = &(*(struct unwinding **)context)->stack->regs;
    /* In DWARF's order: System V ABI, AMD64 supplement, figure 3.36. */
    const Dwarf_Word values[DWARF_REGISTERS] = {
        regs->rax, regs->rdx, regs->rcx, regs->rbx, regs->rsi, regs->rdi, regs->rbp, regs->rsp, regs->r8,
        regs->r9,  regs->r10, regs->r11, regs->r12, regs->r13, regs->r14, regs->r15, regs->rip};
    return dwfl_thread_state_registers(thread, 0, DWARF_REGISTERS, values);
}

static const Dwfl_Thread_Callbacks thread_callbacks = {
    .next_thread = one_thread, .memory_read = read_kept, .set_initial_registers = first_registers};

/* The load address of a file of which one part is mapped: where the segment that holds that part would begin, minus its own address. */
static bool base_of(int fd, const struct mapped *mapped, GElf_Addr *base)
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

static void report(Dwfl *dwfl, const struct mapped_file *file, const struct mapped *mapped)
{
    GElf_Addr base;
    int fd = file->fd < 0 ? -1 : dup(file->fd); /* libdwfl closes it */
    if (fd >= 0 && base_of(fd, mapped, &base) &&
        dwfl_report_elf(dwfl, file->path, file->path, fd, base, true))
        return;
    if (fd >= 0)
        close(fd);
}

static Dwfl *dwfl_of(struct maps *maps, struct layout *layout, struct unwinding **slot)
{
    if (layout->dwfl)
        return layout->dwfl;
    Dwfl *dwfl = dwfl_begin(&callbacks);
    if (!dwfl)
        return NULL;
    dwfl_report_begin(dwfl);
    for (size_t i = 0; i < layout->count; i++)
        report(dwfl, &maps->files[layout->mapped[i].file], &layout->mapped[i]);
    dwfl_report_end(dwfl, NULL, NULL);
    if (!dwfl_attach_state(dwfl, NULL, 1, &thread_callbacks, slot)) {
        dwfl_end(dwfl);
        return NULL;
    }
    return layout->dwfl = dwfl;
}

/* ---- lines ------------------------------------------------------------------------------------------------------------ */

static void full_path(Dwfl_Line *line, const char *file, char *to, size_t room)
{
    const char *directory = file[0] == '/' ? NULL : dwfl_line_comp_dir(line);
    snprintf(to, room, "%s%s%s", directory ? directory : "", directory ? "/" : "", file);
}

/* The part of the path that is shown; NULL when the file is not of the submission. */
static const char *below_root(const char *path, const char *root)
{
    size_t len = root ? strlen(root) : 0;
    char here[PATH_MAX];
    if (!root) { /* glibc's own sources, where somebody has installed line information for them */
        const char *below = getcwd(here, sizeof here) ? below_root(path, here) : NULL;
        return strstr(path, "/sysdeps/") || strstr(path, "glibc") ? NULL : below ? below : path;
    }
    while (len > 0 && root[len - 1] == '/')
        len--;
    if (strncmp(path, root, len) != 0 || path[len] != '/')
        return NULL;
    path += len;
    while (*path == '/' || strncmp(path, "./", 2) == 0)
        path++;
    return path;
}

/* The name that stands in a C program for what the C library calls "__libc_read", "_IO_fgets", "__isoc99_scanf", "__printf_chk", "__new_sem_wait". */
static void plain_name(const char *name, char *to, size_t room)
{
    static const char *const prefixes[] = {"GI_", "libc_", "IO_", "new_", "old_", "isoc99_", "isoc23_"};
    *to = '\0';
    if (!name || strncmp(name, "_Z", 2) == 0) /* C++ */
        return;
    name += strspn(name, "_");
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            name += strlen(prefixes[i]);
    name += strspn(name, "_");
    snprintf(to, room, "%.*s", (int)strcspn(name, "@."), name);
    size_t len = strlen(to);
    if (len > 4 && strcmp(to + len - 4, "_chk") == 0)
        to[len - 4] = '\0';
}

static bool line_at(Dwfl *dwfl, Dwarf_Addr pc, const char *root, struct source_at *at)
{
    Dwfl_Module *module = dwfl_addrmodule(dwfl, pc);
    Dwfl_Line *line = module ? dwfl_module_getsrc(module, pc) : NULL;
    int number = 0;
    char path[1024];
    const char *file = line ? dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL) : NULL;
    if (!file || number <= 0)
        return false;
    full_path(line, file, path, sizeof path);
    const char *shown = below_root(path, root);
    const char *function = dwfl_module_addrname(module, pc);
    if (!shown)
        return false;
    snprintf(at->file, sizeof at->file, "%.255s", shown);
    snprintf(at->function, sizeof at->function, "%.127s", function ? function : "");
    at->line = number;
    return true;
}

static void name_of(Dwfl *dwfl, Dwarf_Addr pc, char *to, size_t room)
{
    Dwfl_Module *module = dwfl_addrmodule(dwfl, pc);
    plain_name(module ? dwfl_module_addrname(module, pc) : NULL, to, room);
}

/* The frame behind the one that was looked for. */
static void at_caller(struct unwinding *unwinding, Dwarf_Addr pc)
{
    struct source_at caller;
    if (!line_at(unwinding->dwfl, pc, unwinding->root, &caller))
        return;
    memcpy(unwinding->at->caller_file, caller.file, sizeof caller.file);
    unwinding->at->caller_line = caller.line;
}

static int at_frame(Dwfl_Frame *frame, void *context)
{
    struct unwinding *unwinding = context;
    Dwarf_Addr pc;
    bool is_activation;
    if (!dwfl_frame_pc(frame, &pc, &is_activation) || unwinding->frames++ > FRAMES_MOST)
        return DWARF_CB_ABORT;
    /* A return address stands behind its call, perhaps already on the next line. */
    pc -= !is_activation;
    if (unwinding->is_found) {
        at_caller(unwinding, pc);
        return DWARF_CB_ABORT;
    }
    unwinding->is_found = line_at(unwinding->dwfl, pc, unwinding->root, unwinding->at);
    if (unwinding->is_found) {
        memcpy(unwinding->at->called, unwinding->callee, sizeof unwinding->callee);
        return DWARF_CB_OK;
    }
    name_of(unwinding->dwfl, pc, unwinding->callee, sizeof unwinding->callee);
    unwinding->is_ending |= strcmp(unwinding->callee, "exit") == 0;
    return DWARF_CB_OK;
}

static bool scan_stack(struct unwinding *unwinding)
{
    const struct stack_capture *stack = unwinding->stack;
    if (line_at(unwinding->dwfl, stack->regs.rdi - 1, unwinding->root, unwinding->at))
        return true; /* glibc's vfork keeps its return address there */
    for (size_t i = 0; i + sizeof(uint64_t) <= stack->len; i += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, stack->bytes + i, sizeof word);
        if (line_at(unwinding->dwfl, word - 1, unwinding->root, unwinding->at))
            return true;
    }
    return false;
}

/* Walk through the frames of the event; false when there is nothing to walk through. */
static bool unwind(struct tracer *tracer, const struct event *event, struct unwinding *unwinding,
                   int (*visit)(Dwfl_Frame *frame, void *context), void *context)
{
    const struct stack_capture *stack = event->stack;
    if (!stack || stack->layout < 0)
        return false;
    unwinding->stack = stack;
    tracer->unwinding = unwinding;
    unwinding->dwfl = dwfl_of(&tracer->maps, tracer->maps.layouts[stack->layout], &tracer->unwinding);
    if (unwinding->dwfl)
        (void)dwfl_getthread_frames(unwinding->dwfl, 1, visit, context);
    tracer->unwinding = NULL;
    return unwinding->dwfl != NULL;
}

void frames_each(struct tracer *tracer, const struct event *event,
                 int (*each)(Dwfl_Frame *frame, void *context), void *context)
{
    struct unwinding unwinding = {0};
    (void)unwind(tracer, event, &unwinding, each, context);
}

bool source_find(struct tracer *tracer, const struct event *event, const char *root, struct source_at *at)
{
    struct unwinding unwinding = {.root = root, .at = at};
    at->called[0] = '\0';
    at->caller_line = 0;
    if (!unwind(tracer, event, &unwinding, at_frame, &unwinding))
        return false;
    /* More frames than these are a real chain of callers: none of them is the submission's (stdio at the exit of the program). */
    if (!unwinding.is_found && unwinding.frames <= FRAMES_OF_A_NEW_TASK)
        unwinding.is_found = scan_stack(&unwinding);
    else if (!unwinding.is_found && unwinding.is_ending)
        snprintf(at->called, sizeof at->called, "exit");
    return unwinding.is_found;
}

bool source_now(struct tracer *tracer, const struct task *task, const char *root, struct source_at *at)
{
    const struct tracee *tracee = (const struct tracee *)task;
    const struct event *event = task->now ? task->now : tracee->last;
    return event && source_find(tracer, event, root, at);
}

/* ---- other questions about the same frames -------------------------------------------------------------------------------- */

static int at_library(Dwfl_Frame *frame, void *context)
{
    struct unwinding *unwinding = context;
    Dwarf_Addr pc;
    bool is_activation;
    char name[sizeof unwinding->callee];
    if (!dwfl_frame_pc(frame, &pc, &is_activation) || unwinding->frames++ > FRAMES_MOST)
        return DWARF_CB_ABORT;
    name_of(unwinding->dwfl, pc - !is_activation, name, sizeof name);
    for (int i = 0; unwinding->names[i] && unwinding->inside < 0; i++)
        if (strcmp(unwinding->names[i], name) == 0)
            unwinding->inside = i;
    return unwinding->inside < 0 ? DWARF_CB_OK : DWARF_CB_ABORT;
}

int source_inside(struct tracer *tracer, const struct event *event, const char *const names[])
{
    struct unwinding unwinding = {.names = names, .inside = -1};
    unwind(tracer, event, &unwinding, at_library, &unwinding);
    return unwinding.inside;
}

static Dwfl *dwfl_for(struct tracer *tracer, const struct event *event)
{
    const struct stack_capture *stack = event->stack;
    return stack && stack->layout >= 0
               ? dwfl_of(&tracer->maps, tracer->maps.layouts[stack->layout], &tracer->unwinding)
               : NULL;
}

bool source_variable(struct tracer *tracer, const struct event *event, uint64_t address, char *to,
                     size_t room)
{
    Dwfl *dwfl = dwfl_for(tracer, event);
    Dwfl_Module *module = dwfl ? dwfl_addrmodule(dwfl, address) : NULL;
    GElf_Off offset = 0;
    GElf_Sym symbol;
    const char *name =
        module ? dwfl_module_addrinfo(module, address, &offset, &symbol, NULL, NULL, NULL) : NULL;
    if (!name || GELF_ST_TYPE(symbol.st_info) != STT_OBJECT || offset >= symbol.st_size)
        return false;
    int len = (int)strcspn(name, "."); /* "lock.0" is a static one of a function */
    if (offset == 0)
        snprintf(to, room, "%.*s", len, name);
    else
        snprintf(to, room, "%.*s+%llu", len, name, (unsigned long long)offset);
    return true;
}

static bool is_of_system(const char *path)
{
    static const char *const roots[] = {"/usr/", "/bin/", "/sbin/", "/lib"};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        if (strncmp(path, roots[i], strlen(roots[i])) == 0)
            return true;
    return false;
}

static bool has_symbol_table(Dwfl_Module *module)
{
    GElf_Addr bias;
    Elf *elf = dwfl_module_getelf(module, &bias);
    GElf_Shdr header;
    for (Elf_Scn *section = NULL; elf && (section = elf_nextscn(elf, section));)
        if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB)
            return true;
    return false;
}

/* The program's own file is mapped below its libraries. */
enum source_lack source_lack(struct tracer *tracer, const struct event *event)
{
    Dwfl *dwfl = dwfl_for(tracer, event);
    const struct layout *layout = dwfl ? tracer->maps.layouts[event->stack->layout] : NULL;
    if (!layout || layout->count == 0 || is_of_system(tracer->maps.files[layout->mapped[0].file].path))
        return SOURCE_LACKS_NOTHING;
    Dwfl_Module *module = dwfl_addrmodule(dwfl, layout->mapped[0].start);
    GElf_Addr bias;
    if (!module || dwfl_module_getdwarf(module, &bias))
        return SOURCE_LACKS_NOTHING;
    return has_symbol_table(module) ? SOURCE_LACKS_LINES : SOURCE_IS_STRIPPED;
}

void source_forget(struct tracer *tracer)
{
    for (size_t i = 0; i < tracer->maps.layout_count; i++)
        if (tracer->maps.layouts[i]->dwfl)
            dwfl_end(tracer->maps.layouts[i]->dwfl);
    maps_free(&tracer->maps);
}
