/* The frames of a kept piece of stack; see unwind.h.
 *
 * One Dwfl for each layout (maps.h) is made when first asked for, out of the files that were kept open. Registers and memory come from the capture, so the
 * process need not live any more; code and unwind tables come from the files. libdwfl is told that there is no separate debuginfo: looking for it
 * costs milliseconds for each image, and a submission carries its own.
 */
#include "trace/unwind.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "trace/frames.h"
#include "trace/tracer.h"

enum { DWARF_REGISTERS = 17 };

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

static void report(Dwfl *dwfl, const struct mapped_file *file, const struct mapped *mapped)
{
    GElf_Addr base;
    int fd = file->fd < 0 ? -1 : dup(file->fd); /* libdwfl closes it */
    if (fd >= 0 && maps_base(fd, mapped, &base) &&
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

/* ---- names of functions --------------------------------------------------------------------------------------------------- */

static void cut_end(char *name, const char *end)
{
    size_t len = strlen(name), tail = strlen(end);
    if (len > tail && strcmp(name + len - tail, end) == 0)
        name[len - tail] = '\0';
}

/* The name that stands in a C program for what the C library calls "__libc_read", "_IO_fgets", "__isoc99_scanf", "__printf_chk", "__new_sem_wait", "fopen64". */
void unwind_plain_name(const char *name, char *to, size_t room)
{
    static const char *const prefixes[] = {"GI_", "libc_", "IO_", "new_", "old_", "isoc99_", "isoc23_"};
    static const char *const ends[] = {"_chk", "_internal", "_time64"};
    static const char *const large[] = {"open64", "openat64", "creat64", "fopen64", "freopen64", "fcntl64"};
    if (name && strncmp(name, "_Z", 2) == 0) /* C++: what it has called itself says more */
        return;
    *to = '\0';
    if (!name)
        return;
    name += strspn(name, "_");
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            name += strlen(prefixes[i]);
    name += strspn(name, "_");
    snprintf(to, room, "%.*s", (int)strcspn(name, "@."), name);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        cut_end(to, ends[i]);
    for (size_t i = 0; i < sizeof large / sizeof *large; i++)
        if (strcmp(to, large[i]) == 0)
            cut_end(to, "64");
    if (strcmp(to, "pthread_clockjoin_ex") == 0)
        snprintf(to, room, "pthread_join");
}

void unwind_name(Dwfl *dwfl, Dwarf_Addr pc, char *to, size_t room)
{
    Dwfl_Module *module = dwfl_addrmodule(dwfl, pc);
    unwind_plain_name(module ? dwfl_module_addrname(module, pc) : NULL, to, room);
}

struct wanted_function {
    const char *name;
    bool is_found;
};

/* It is that name, or what a header makes of it: "__isoc99_scanf", "__printf_chk". */
static bool is_made_of(const char *symbol, const char *name)
{
    static const char *const fronts[] = {"", "__isoc99_", "__isoc23_", "__"};
    static const char *const ends[] = {"", "", "", "_chk"};
    size_t len = strlen(name);
    for (size_t i = 0; i < sizeof fronts / sizeof *fronts; i++) {
        size_t front = strlen(fronts[i]);
        if (strncmp(symbol, fronts[i], front) == 0 && strncmp(symbol + front, name, len) == 0 &&
            strcmp(symbol + front + len, ends[i]) == 0)
            return true;
    }
    return false;
}

static int look_in_module(Dwfl_Module *module, void **data, const char *file, Dwarf_Addr base, void *context)
{
    struct wanted_function *wanted = context;
    int count = dwfl_module_getsymtab(module);
    (void)data, (void)file, (void)base;
    for (int i = 0; i < count && !wanted->is_found; i++) {
        GElf_Sym symbol;
        GElf_Addr address;
        const char *name = dwfl_module_getsym_info(module, i, &symbol, &address, NULL, NULL, NULL);
        int type = GELF_ST_TYPE(symbol.st_info);
        wanted->is_found = name && symbol.st_shndx != SHN_UNDEF &&
                           (type == STT_FUNC || type == STT_GNU_IFUNC) && is_made_of(name, wanted->name);
    }
    return wanted->is_found ? DWARF_CB_ABORT : DWARF_CB_OK;
}

bool unwind_has_function(Dwfl *dwfl, const char *name)
{
    struct wanted_function wanted = {.name = name};
    (void)dwfl_getmodules(dwfl, look_in_module, &wanted, 0);
    return wanted.is_found;
}

/* ---- walking --------------------------------------------------------------------------------------------------------------- */

bool unwind_pc(Dwfl_Frame *frame, struct unwinding *unwinding, Dwarf_Addr *pc)
{
    bool is_activation;
    if (!dwfl_frame_pc(frame, pc, &is_activation) || unwinding->frames++ > FRAMES_MOST)
        return false;
    *pc -= !is_activation;
    return true;
}

Dwfl *unwind_dwfl(struct tracer *tracer, const struct event *event)
{
    const struct stack_capture *stack = event->stack;
    return stack && stack->layout >= 0
               ? dwfl_of(&tracer->maps, tracer->maps.layouts[stack->layout], &tracer->unwinding)
               : NULL;
}

bool unwind(struct tracer *tracer, const struct event *event, struct unwinding *unwinding,
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

void source_forget(struct tracer *tracer)
{
    for (size_t i = 0; i < tracer->maps.layout_count; i++)
        if (tracer->maps.layouts[i]->dwfl)
            dwfl_end(tracer->maps.layouts[i]->dwfl);
    maps_free(&tracer->maps);
}
