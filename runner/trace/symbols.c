/* What the symbols of a program say of an event: inside of which library function it was made, which variable lies at an address, and whether there are lines at all. */
#include "trace/source.h"

#include <string.h>

#include "trace/reader.h"
#include "trace/tracer.h"
#include "trace/unwind.h"

static int at_library(Dwfl_Frame *frame, void *context)
{
    struct unwinding *unwinding = context;
    Dwarf_Addr pc;
    char name[sizeof unwinding->callee] = "";
    if (!unwind_pc(frame, unwinding, &pc))
        return DWARF_CB_ABORT;
    unwind_name(unwinding->dwfl, pc, name, sizeof name);
    for (int i = 0; unwinding->names[i] && unwinding->inside < 0; i++)
        if (strcmp(unwinding->names[i], name) == 0)
            unwinding->inside = i;
    return unwinding->inside < 0 ? DWARF_CB_OK : DWARF_CB_ABORT;
}

int function_around(struct tracer *tracer, const struct event *event, const char *const names[])
{
    struct unwinding unwinding = {.names = names, .inside = -1};
    unwind(tracer, event, &unwinding, at_library, &unwinding);
    return unwinding.inside;
}

bool variable_at(struct tracer *tracer, const struct event *event, uint64_t address, char *to, size_t room)
{
    Dwfl *dwfl = unwind_dwfl(tracer, event);
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
bool source_is_of_system(const struct tracer *tracer, const struct event *event)
{
    const struct stack_capture *stack = event->stack;
    const struct layout *layout = stack && stack->layout >= 0 ? tracer->maps.layouts[stack->layout] : NULL;
    return layout && layout->count > 0 && is_of_system(tracer->maps.files[layout->mapped[0].file].path);
}

enum source_lack lack_of(struct tracer *tracer, const struct event *event)
{
    Dwfl *dwfl = unwind_dwfl(tracer, event);
    const struct layout *layout = dwfl ? tracer->maps.layouts[event->stack->layout] : NULL;
    if (!layout || layout->count == 0 || source_is_of_system(tracer, event))
        return SOURCE_LACKS_NOTHING;
    Dwfl_Module *module = dwfl_addrmodule(dwfl, layout->mapped[0].start);
    GElf_Addr bias;
    if (!module || dwfl_module_getdwarf(module, &bias))
        return SOURCE_LACKS_NOTHING;
    return has_symbol_table(module) ? SOURCE_LACKS_LINES : SOURCE_IS_STRIPPED;
}
