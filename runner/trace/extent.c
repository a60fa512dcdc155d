/* See extent.h. A variable that holds the address is looked for in all frames first, since it tells where the memory ends; a pointer tells only of what type it is.
 *
 * Of location descriptions those of one operation are understood: what compilers write for a variable that has its place in memory. Anything else (a variable in pieces, of
 * a length that is not constant) is passed over.
 */
#include "trace/extent.h"

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <elfutils/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "trace/frames.h"
#include "trace/reader.h"
#include "trace/stack.h"

/* In DWARF's order. Which calls leave unchanged what they do not save is known to libdwfl of the other registers, but not of this one (elfutils 0.188). */
enum { RBX = 3, DEPTH_MOST = 64 };

struct place { /* one frame, and what is looked for */
    Dwfl_Frame *frame;
    Dwfl_Module *module;
    const struct stack_capture *stack;
    Dwarf_Addr pc, bias; /* pc as the process counts */
    uint64_t rbx;        /* in this frame */
    bool has_base;
    uint64_t base; /* of the frame */
    uint64_t address;
    struct extent *extent;
};

/* ---- types --------------------------------------------------------------------------------------------------------------- */

static bool type_of(Dwarf_Die *die, Dwarf_Die *type)
{
    Dwarf_Attribute attribute;
    return dwarf_formref_die(dwarf_attr_integrate(die, DW_AT_type, &attribute), type) &&
           dwarf_peel_type(type, type) == 0;
}

static uint64_t size_of(Dwarf_Die *type)
{
    Dwarf_Word size;
    return dwarf_aggregate_size(type, &size) == 0 ? size : 0;
}

static bool is_structure(Dwarf_Die *type)
{
    return dwarf_tag(type) == DW_TAG_structure_type || dwarf_tag(type) == DW_TAG_class_type;
}

static bool is_number(Dwarf_Die *type)
{
    return dwarf_tag(type) == DW_TAG_base_type || dwarf_tag(type) == DW_TAG_enumeration_type;
}

static uint64_t offset_of(Dwarf_Die *member)
{
    Dwarf_Attribute attribute;
    Dwarf_Word offset = 0;
    if (dwarf_attr(member, DW_AT_data_member_location, &attribute))
        dwarf_formudata(&attribute, &offset);
    return offset;
}

/* An array of at most one element, or of none that is told. */
static bool is_open_array(Dwarf_Die *type)
{
    Dwarf_Die element;
    uint64_t size = size_of(type);
    return dwarf_tag(type) == DW_TAG_array_type && type_of(type, &element) && size <= size_of(&element);
}

/* What lies in each object of the structure: a member that is not static, or what a base class has brought. */
static bool is_part(Dwarf_Die *die)
{
    int tag = dwarf_tag(die);
    return (tag == DW_TAG_member || tag == DW_TAG_inheritance) && !dwarf_hasattr(die, DW_AT_external) &&
           !dwarf_hasattr(die, DW_AT_declaration);
}

/* The type of its first member, that of a base class being its own. */
static bool first_of(Dwarf_Die *type, int levels, Dwarf_Die *first) // NOLINT(misc-no-recursion)
{
    Dwarf_Die part, inner;
    for (int result = dwarf_child(type, &part); result == 0; result = dwarf_siblingof(&part, &part)) {
        if (!is_part(&part) || offset_of(&part) != 0 || !type_of(&part, &inner))
            continue;
        if (dwarf_tag(&part) == DW_TAG_member) {
            *first = inner;
            return true;
        }
        if (levels > 0 && first_of(&inner, levels - 1, first))
            return true; /* else the base has no members */
    }
    return false;
}

/* Of functions the address is the same in all processes that were forked from one. */
static bool is_pointer_to_data(Dwarf_Die *type)
{
    Dwarf_Die pointee;
    return dwarf_tag(type) == DW_TAG_pointer_type &&
           (!type_of(type, &pointee) || dwarf_tag(&pointee) != DW_TAG_subroutine_type);
}

/* The first in it, down through structures and arrays of few levels; *offset is added to. */
static bool find_pointer(Dwarf_Die *type, int levels, uint64_t *offset) // NOLINT(misc-no-recursion)
{
    Dwarf_Die inner;
    if (is_pointer_to_data(type))
        return true;
    if (levels == 0)
        return false;
    if (dwarf_tag(type) == DW_TAG_array_type)
        return type_of(type, &inner) && find_pointer(&inner, levels - 1, offset);
    if (!is_structure(type))
        return false;
    Dwarf_Die member;
    for (int result = dwarf_child(type, &member); result == 0; result = dwarf_siblingof(&member, &member)) {
        uint64_t within = *offset + offset_of(&member);
        if (is_part(&member) && type_of(&member, &inner) && find_pointer(&inner, levels - 1, &within)) {
            *offset = within;
            return true;
        }
    }
    return false;
}

static void take_structure(struct extent *extent, Dwarf_Die *type)
{
    enum { LEVELS = 5 };
    Dwarf_Die member, of_member;
    bool is_known = first_of(type, LEVELS, &of_member);
    extent->structure = size_of(type);
    extent->head = is_known ? size_of(&of_member) : 0;
    extent->first = is_known && is_number(&of_member) ? extent->head : 0;
    extent->pointer = 0;
    extent->has_pointer = find_pointer(type, LEVELS, &extent->pointer);
    for (int result = dwarf_child(type, &member); result == 0; result = dwarf_siblingof(&member, &member)) {
        if (!is_part(&member) || !type_of(&member, &of_member))
            continue;
        extent->is_open = is_open_array(&of_member);
        extent->ends_in_array = dwarf_tag(&of_member) == DW_TAG_array_type;
    }
}

static bool member_at(Dwarf_Die *type, uint64_t *offset, Dwarf_Die *found)
{
    Dwarf_Die member, of_member;
    for (int result = dwarf_child(type, &member); result == 0; result = dwarf_siblingof(&member, &member)) {
        if (!is_part(&member) || !type_of(&member, &of_member))
            continue;
        uint64_t start = offset_of(&member), size = size_of(&of_member);
        if (*offset >= start && *offset - start < size) {
            *offset -= start;
            *found = of_member;
            return true;
        }
    }
    return false;
}

/* Down through arrays and structures to the one that begins at the offset. */
static void descend(struct extent *extent, Dwarf_Die type, uint64_t offset)
{
    for (int depth = 0; depth < DEPTH_MOST; depth++) { /* a broken type may lie in itself */
        Dwarf_Die next;
        if (is_structure(&type) && offset == 0) {
            take_structure(extent, &type);
            return;
        }
        if (dwarf_tag(&type) == DW_TAG_array_type && type_of(&type, &next) && size_of(&next) > 0)
            offset %= size_of(&next);
        else if (!is_structure(&type) || !member_at(&type, &offset, &next))
            return;
        type = next;
    }
}

/* ---- where a variable is ------------------------------------------------------------------------------------------------- */

/* Before elfutils 0.188 (Ubuntu 22.04 has such a one) nobody tells a frame's registers: what lies at one of them stays unknown there. */
static bool frame_register(Dwfl_Frame *frame, unsigned number, Dwarf_Word *value)
{
#if _ELFUTILS_PREREQ(0, 188)
    return dwfl_frame_reg(frame, number, value) == 0;
#else
    (void)frame, (void)number, (void)value;
    return false;
#endif
}

static bool reg_of(const struct place *place, unsigned number, uint64_t *value)
{
    Dwarf_Word word = place->rbx;
    if (number != RBX && !frame_register(place->frame, number, &word))
        return false;
    *value = word;
    return true;
}

/* A register plus an offset, as the tables of unwinding have the canonical frame address. */
static bool sum_of(const struct place *place, const Dwarf_Op *op, uint64_t *value)
{
    bool is_far = op->atom == DW_OP_bregx;
    if (!is_far && (op->atom < DW_OP_breg0 || op->atom > DW_OP_breg31))
        return false;
    unsigned number = is_far ? (unsigned)op->number : (unsigned)(op->atom - DW_OP_breg0);
    if (!reg_of(place, number, value))
        return false;
    *value += is_far ? op->number2 : op->number;
    return true;
}

static bool frame_address(const struct place *place, uint64_t *value)
{
    Dwarf_Addr bias;
    Dwarf_Frame *raw = NULL;
    Dwarf_Op *ops;
    size_t count;
    Dwarf_CFI *table = dwfl_module_eh_cfi(place->module, &bias);
    if (!table || dwarf_cfi_addrframe(table, place->pc - bias, &raw) != 0)
        return false;
    cleanup_free Dwarf_Frame *frame = raw;
    return dwarf_frame_cfa(frame, &ops, &count) == 0 && count == 1 && sum_of(place, ops, value);
}

static bool find_base(struct place *place, Dwarf_Die *function)
{
    Dwarf_Attribute attribute;
    Dwarf_Op *ops;
    size_t count;
    if (!dwarf_attr_integrate(function, DW_AT_frame_base, &attribute) ||
        dwarf_getlocation_addr(&attribute, place->pc - place->bias, &ops, &count, 1) != 1 || count != 1)
        return false;
    if (ops->atom == DW_OP_call_frame_cfa)
        return frame_address(place, &place->base);
    if (ops->atom >= DW_OP_reg0 && ops->atom <= DW_OP_reg31)
        return reg_of(place, (unsigned)(ops->atom - DW_OP_reg0), &place->base);
    return sum_of(place, ops, &place->base);
}

enum kind_of_place { PLACE_NONE, PLACE_MEMORY, PLACE_REGISTER };

/* Its address, or, of a variable in a register, its value. */
static enum kind_of_place place_of(const struct place *place, Dwarf_Die *variable, uint64_t *value)
{
    Dwarf_Attribute attribute;
    Dwarf_Op *op;
    size_t count;
    if (!dwarf_attr_integrate(variable, DW_AT_location, &attribute) ||
        dwarf_getlocation_addr(&attribute, place->pc - place->bias, &op, &count, 1) != 1 || count != 1)
        return PLACE_NONE;
    if (op->atom == DW_OP_addr) {
        *value = op->number + place->bias;
        return PLACE_MEMORY;
    }
    if (op->atom == DW_OP_fbreg && place->has_base) {
        *value = place->base + op->number;
        return PLACE_MEMORY;
    }
    if (op->atom >= DW_OP_reg0 && op->atom <= DW_OP_reg31)
        return reg_of(place, (unsigned)(op->atom - DW_OP_reg0), value) ? PLACE_REGISTER : PLACE_NONE;
    return sum_of(place, op, value) ? PLACE_MEMORY : PLACE_NONE;
}

static bool kept_word(const struct stack_capture *stack, uint64_t address, uint64_t *word)
{
    if (address < stack->regs.rsp || address + sizeof *word > stack->regs.rsp + stack->len)
        return false;
    memcpy(word, stack->bytes + (address - stack->regs.rsp), sizeof *word);
    return true;
}

/* ---- looking ------------------------------------------------------------------------------------------------------------- */

static void name_it(struct extent *extent, Dwarf_Die *variable)
{
    const char *name = dwarf_diename(variable);
    snprintf(extent->variable, sizeof extent->variable, "%.63s", name ? name : "");
}

static void look_at_pointer(const struct place *place, Dwarf_Die *variable, Dwarf_Die *type,
                            enum kind_of_place kind, uint64_t value)
{
    struct extent *extent = place->extent;
    Dwarf_Die pointee;
    /* Of several pointers the one to the largest structure: others may know only what it begins with. */
    if (!type_of(type, &pointee) || !is_structure(&pointee) || extent->structure >= size_of(&pointee))
        return;
    bool is_known = kind == PLACE_REGISTER || kept_word(place->stack, value, &value);
    if (!is_known || value != place->address)
        return;
    take_structure(extent, &pointee);
    name_it(extent, variable);
}

/* True: it holds the address. */
static bool look_at(const struct place *place, Dwarf_Die *variable)
{
    Dwarf_Die type;
    uint64_t value;
    int tag = dwarf_tag(variable);
    if ((tag != DW_TAG_variable && tag != DW_TAG_formal_parameter) || !type_of(variable, &type))
        return false;
    enum kind_of_place kind = place_of(place, variable, &value);
    if (kind != PLACE_NONE && dwarf_tag(&type) == DW_TAG_pointer_type)
        look_at_pointer(place, variable, &type, kind, value);
    uint64_t size = size_of(&type);
    if (kind != PLACE_MEMORY || size == 0 || place->address < value || place->address - value >= size)
        return false;
    *place->extent = (struct extent){.rest = size - (place->address - value)};
    name_it(place->extent, variable);
    descend(place->extent, type, place->address - value);
    return true;
}

static bool look_in(const struct place *place, Dwarf_Die *scope)
{
    Dwarf_Die child;
    for (int result = dwarf_child(scope, &child); result == 0; result = dwarf_siblingof(&child, &child))
        if (look_at(place, &child))
            return true;
    return false;
}

static bool look_in_frame(struct place *place)
{
    Dwarf_Die *unit = dwfl_module_addrdie(place->module, place->pc, &place->bias);
    Dwarf_Die *innermost = NULL, *around = NULL;
    int count = unit ? dwarf_getscopes(unit, place->pc - place->bias, &innermost) : 0;
    /* Around an inlined function that list goes on with where the function is written; what is wanted is where it stands now. */
    count = count > 0 ? dwarf_getscopes_die(&innermost[0], &around) : 0;
    free(innermost);
    cleanup_free Dwarf_Die *scopes = around;
    for (int i = 0; i < count && !place->has_base; i++)
        if (dwarf_tag(&scopes[i]) == DW_TAG_subprogram)
            place->has_base = find_base(place, &scopes[i]);
    for (int i = 0; i < count; i++)
        if (look_in(place, &scopes[i]))
            return true;
    return false;
}

static int at_frame(Dwfl_Frame *frame, void *context)
{
    struct place *place = context;
    bool is_activation;
    if (!dwfl_frame_pc(frame, &place->pc, &is_activation))
        return DWARF_CB_ABORT;
    place->frame = frame;
    place->pc -= !is_activation; /* a return address stands behind its call */
    place->module = dwfl_addrmodule(dwfl_thread_dwfl(dwfl_frame_thread(frame)), place->pc);
    place->has_base = false;
    Dwarf_Word rbx;
    if (frame_register(frame, RBX, &rbx))
        place->rbx = rbx;
    /* A pointer may be known by now, and its target still be a variable of a caller. */
    return place->module && look_in_frame(place) ? DWARF_CB_ABORT : DWARF_CB_OK;
}

/* A global variable of another file, or of a program without line information. */
static int at_symbol(Dwfl_Frame *frame, void *context)
{
    const struct place *place = context;
    GElf_Sym symbol;
    GElf_Off offset;
    Dwfl_Module *module = dwfl_addrmodule(dwfl_thread_dwfl(dwfl_frame_thread(frame)), place->address);
    const char *name =
        module ? dwfl_module_addrinfo(module, place->address, &offset, &symbol, NULL, NULL, NULL) : NULL;
    if (!name || GELF_ST_TYPE(symbol.st_info) != STT_OBJECT || offset >= symbol.st_size)
        return DWARF_CB_ABORT;
    place->extent->rest = symbol.st_size - offset;
    snprintf(place->extent->variable, sizeof place->extent->variable, "%.63s", name);
    return DWARF_CB_ABORT;
}

bool extent_of(struct tracer *tracer, const struct event *event, uint64_t address, struct extent *extent)
{
    struct place place = {.stack = event->stack, .address = address, .extent = extent};
    *extent = (struct extent){0};
    if (!event->stack)
        return false;
    place.rbx = event->stack->regs.rbx;
    frames_each(tracer, event, at_frame, &place);
    if (extent->rest == 0)
        frames_each(tracer, event, at_symbol, &place);
    return extent->rest > 0 || extent->structure > 0;
}
