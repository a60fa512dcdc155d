/* From a kept piece of stack to a line of the submission; see source.h.
 *
 * Where unwinding finds nothing (a clone or vfork child runs on a stack without a caller; vfork keeps its return address in a register), the stack is
 * scanned for the first word that is a return address into the submission.
 */
#include "trace/source.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace/reader.h"
#include "trace/tracer.h"
#include "trace/unwind.h"

enum { FRAMES_OF_A_NEW_TASK = 3 };

/* ---- lines ------------------------------------------------------------------------------------------------------------ */

struct place {
    char file[256];
    int line;
};

/* The part of the path that is shown; NULL when the file is not of the submission. */
static const char *below_root(const char *path, const char *root)
{
    size_t len = root ? strlen(root) : 0;
    char here[PATH_MAX];
    if (!root) { /* not the headers of libraries, nor glibc's own sources, where somebody has installed line information for them */
        const char *below = getcwd(here, sizeof here) ? below_root(path, here) : NULL;
        bool is_library =
            strncmp(path, "/usr/", 5) == 0 || strstr(path, "/sysdeps/") || strstr(path, "glibc");
        return below ? below : is_library ? NULL : path;
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

static bool set_place(const char *directory, const char *file, int line, const char *root,
                      struct place *place)
{
    char path[1024];
    bool is_whole = !directory || (file && file[0] == '/');
    if (!file || line <= 0)
        return false;
    snprintf(path, sizeof path, "%s%s%s", is_whole ? "" : directory, is_whole ? "" : "/", file);
    const char *shown = below_root(path, root);
    if (!shown)
        return false;
    snprintf(place->file, sizeof place->file, "%.255s", shown);
    place->line = line;
    return true;
}

/* Where a function was called that the compiler has put into its caller. */
static bool place_of_inlining(Dwarf_Die *unit, Dwarf_Die *inlined, const char *root, struct place *place)
{
    Dwarf_Attribute attribute;
    Dwarf_Word file = 0, line = 0;
    Dwarf_Files *files;
    size_t count;
    if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute), &line) != 0 ||
        dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute), &file) != 0 ||
        dwarf_getsrcfiles(unit, &files, &count) != 0 || file >= count)
        return false;
    const char *directory = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute));
    return set_place(directory, dwarf_filesrc(files, file, NULL, NULL), (int)line, root, place);
}

enum { INLINED_MOST = 16, DEPTH_MOST = 256 };

struct inlining { /* the inlined functions around a pc, outermost first */
    Dwarf_Addr pc;
    Dwarf_Die at[INLINED_MOST];
    int count, depth;
};

static bool may_hold(Dwarf_Die *die, Dwarf_Addr pc)
{
    switch (dwarf_tag(die)) {
    case DW_TAG_namespace:
    case DW_TAG_structure_type:
    case DW_TAG_class_type: return true;
    case DW_TAG_subprogram:
    case DW_TAG_lexical_block:
    case DW_TAG_inlined_subroutine: return dwarf_haspc(die, pc) > 0;
    default: return false;
    }
}

/* dwarf_getscopes() would go on with the text around the inlined function instead of its caller, and finds nothing after link-time optimisation. */
static void
find_inlined(Dwarf_Die *around,
             struct inlining *inlining) // NOLINT(misc-no-recursion): as deep as the blocks of a program
{
    Dwarf_Die die;
    if (inlining->depth == DEPTH_MOST)
        return;
    inlining->depth++;
    for (int more = dwarf_child(around, &die); more == 0; more = dwarf_siblingof(&die, &die)) {
        if (!may_hold(&die, inlining->pc))
            continue;
        if (dwarf_tag(&die) == DW_TAG_inlined_subroutine && inlining->count < INLINED_MOST)
            inlining->at[inlining->count++] = die;
        find_inlined(&die, inlining);
    }
    inlining->depth--;
}

/* Where the functions that are inlined at pc were called, innermost first. */
static int places_of_inlining(Dwarf_Die *unit, Dwarf_Addr pc, const char *root, struct place *places,
                              int room)
{
    struct inlining inlining = {.pc = pc};
    int count = 0;
    find_inlined(unit, &inlining);
    for (int i = inlining.count; i > 0 && count < room; i--)
        count += place_of_inlining(unit, &inlining.at[i - 1], root, &places[count]);
    return count;
}

/* The lines of the submission at pc, innermost first: of several when functions were inlined. Returns how many, at most `room`. */
static int places_at(Dwfl *dwfl, Dwarf_Addr pc, const char *root, struct place *places, int room)
{
    Dwfl_Module *module = dwfl_addrmodule(dwfl, pc);
    Dwfl_Line *line = module ? dwfl_module_getsrc(module, pc) : NULL;
    Dwarf_Addr bias = 0;
    Dwarf_Die *unit = line ? dwfl_module_addrdie(module, pc, &bias) : NULL;
    int number = 0;
    if (!line)
        return 0;
    const char *file = dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL);
    int count = set_place(dwfl_line_comp_dir(line), file, number, root, &places[0]);
    return unit ? count + places_of_inlining(unit, pc - bias, root, &places[count], room - count) : count;
}

static void set_caller(struct source_at *at, const struct place *place)
{
    memcpy(at->caller_file, place->file, sizeof at->caller_file);
    at->caller_line = place->line;
}

/* The line at pc, and its caller where that was inlined, too. */
static bool line_at(Dwfl *dwfl, Dwarf_Addr pc, const char *root, struct source_at *at)
{
    struct place places[2];
    int count = places_at(dwfl, pc, root, places, 2);
    if (count == 0)
        return false;
    const char *function = dwfl_module_addrname(dwfl_addrmodule(dwfl, pc), pc);
    snprintf(at->function, sizeof at->function, "%.127s", function ? function : "");
    memcpy(at->file, places[0].file, sizeof at->file);
    at->line = places[0].line;
    if (count == 2)
        set_caller(at, &places[1]);
    return true;
}

static int at_frame(Dwfl_Frame *frame, void *context)
{
    struct unwinding *unwinding = context;
    struct place caller;
    Dwarf_Addr pc;
    if (!unwind_pc(frame, unwinding, &pc))
        return DWARF_CB_ABORT;
    if (unwinding->is_found) {
        if (places_at(unwinding->dwfl, pc, unwinding->root, &caller, 1) == 1)
            set_caller(unwinding->at, &caller);
        return DWARF_CB_ABORT;
    }
    unwinding->is_found = line_at(unwinding->dwfl, pc, unwinding->root, unwinding->at);
    if (unwinding->is_found) {
        /* The instruction tells best; where it does not, the frame that was called does. */
        if (unwinding->frames > 1)
            (void)callee_of(unwinding->dwfl, pc + 1, unwinding->callee, sizeof unwinding->callee);
        memcpy(unwinding->at->called, unwinding->callee, sizeof unwinding->callee);
        return unwinding->at->caller_line ? DWARF_CB_ABORT : DWARF_CB_OK;
    }
    unwind_name(unwinding->dwfl, pc, unwinding->callee, sizeof unwinding->callee);
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

/* Only what somebody can have written is told: "default_uflow" is what the library calls a part of itself. */
static void forget_inner_name(const struct unwinding *unwinding, const struct event *event)
{
    struct source_at *at = unwinding->at;
    if (at->called[0] && event->call.row && strcmp(at->called, event->call.row->name) != 0 &&
        !unwind_has_function(unwinding->dwfl, at->called))
        at->called[0] = '\0';
}

bool line_of(struct tracer *tracer, const struct event *event, const char *root, struct source_at *at)
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
    forget_inner_name(&unwinding, event);
    return unwinding.is_found;
}

bool source_now(struct tracer *tracer, const struct task *task, const char *root, struct source_at *at)
{
    const struct tracee *tracee = (const struct tracee *)task;
    const struct event *event = task->now ? task->now : tracee->last;
    return event && source_find(tracer, event, root, at);
}

bool source_is_same(const struct event *a, const struct event *b)
{
    enum { LOOKED_AT = 64 }; /* bytes: the return addresses of the C library's functions lie there */
    const struct stack_capture *one = a->stack, *other = b->stack;
    return one && other && a->process == b->process && a->call.row == b->call.row &&
           one->layout == other->layout && one->regs.rip == other->regs.rip &&
           one->regs.rsp == other->regs.rsp && one->len >= LOOKED_AT && other->len >= LOOKED_AT &&
           memcmp(one->bytes, other->bytes, LOOKED_AT) == 0;
}
