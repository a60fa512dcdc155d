/* Which function a line called: from the instruction of the call itself, so that it is what stands in the program, however the library goes on (getline() jumps to getdelim(), system()
 * to a function without a name).
 *
 * A direct call leads to the function (a static program), or to an entry of the procedure linkage table, which jumps through a slot of the global offset table; an indirect one through such
 * a slot is what -fno-plt makes. The relocation of the slot names the function. Calls through pointers tell nothing.
 *
 * Sources: Intel SDM, CALL and JMP; System V ABI, AMD64 supplement, "Procedure Linkage Table".
 */
#include <string.h>

#include "trace/unwind.h"

enum { CALL = 5, CALL_SLOT = 6, JUMP_SLOT = 6, OFFSET = 4 };

static bool read_code(Dwfl_Module *module, Dwarf_Addr address, void *to, size_t len)
{
    GElf_Addr offset = address;
    Dwarf_Addr bias;
    Elf_Scn *section = dwfl_module_address_section(module, &offset, &bias);
    const Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;
    if (!data || !data->d_buf || offset + len > data->d_size)
        return false;
    memcpy(to, (const char *)data->d_buf + offset, len);
    return true;
}

/* What an instruction that ends at `end` names relative to itself, by the four bytes in front of its end. */
static Dwarf_Addr relative(const unsigned char *instruction, size_t len, Dwarf_Addr end)
{
    int32_t distance;
    memcpy(&distance, instruction + len - OFFSET, sizeof distance);
    return end + (Dwarf_Addr)(int64_t)distance;
}

static bool name_of_relocation(Elf *elf, const GElf_Shdr *table, const GElf_Rela *relocation, char *to,
                               size_t room)
{
    GElf_Shdr symbols;
    GElf_Sym symbol;
    Elf_Scn *section = elf_getscn(elf, table->sh_link);
    if (!section || !gelf_getshdr(section, &symbols) ||
        !gelf_getsym(elf_getdata(section, NULL), (int)GELF_R_SYM(relocation->r_info), &symbol))
        return false;
    const char *name = elf_strptr(elf, symbols.sh_link, symbol.st_name);
    unwind_plain_name(name, to, room);
    return name && *name;
}

/* The function whose address the slot gets. */
static bool name_of_slot(Dwfl_Module *module, Dwarf_Addr slot, char *to, size_t room)
{
    GElf_Addr bias;
    Elf *elf = dwfl_module_getelf(module, &bias);
    GElf_Shdr table;
    GElf_Rela relocation;
    for (Elf_Scn *section = NULL; elf && (section = elf_nextscn(elf, section));) {
        if (!gelf_getshdr(section, &table) || table.sh_type != SHT_RELA || table.sh_entsize == 0)
            continue;
        Elf_Data *data = elf_getdata(section, NULL);
        for (int i = 0; data && gelf_getrela(data, i, &relocation); i++)
            if (relocation.r_offset == slot - bias)
                return name_of_relocation(elf, &table, &relocation, to, room);
    }
    return false;
}

/* The slot through which an entry of the procedure linkage table jumps; 0: it is none. */
static Dwarf_Addr slot_of_entry(Dwfl_Module *module, Dwarf_Addr entry)
{
    static const unsigned char begin[] = {0xf3, 0x0f, 0x1e, 0xfa}; /* endbr64 */
    unsigned char code[sizeof begin + 1 + JUMP_SLOT];
    size_t at = 0;
    if (!read_code(module, entry, code, sizeof code))
        return 0;
    if (memcmp(code, begin, sizeof begin) == 0)
        at += sizeof begin;
    at += code[at] == 0xf2; /* bnd */
    bool is_jump = code[at] == 0xff && code[at + 1] == 0x25;
    return is_jump ? relative(code + at, JUMP_SLOT, entry + at + JUMP_SLOT) : 0;
}

bool callee_of(Dwfl *dwfl, Dwarf_Addr return_address, char *to, size_t room)
{
    unsigned char code[CALL_SLOT];
    Dwfl_Module *module = dwfl_addrmodule(dwfl, return_address - 1);
    if (!module || !read_code(module, return_address - CALL_SLOT, code, sizeof code))
        return false;
    if (code[0] == 0xff && code[1] == 0x15)
        return name_of_slot(module, relative(code, CALL_SLOT, return_address), to, room);
    if (code[CALL_SLOT - CALL] != 0xe8)
        return false;
    Dwarf_Addr target = relative(code, CALL_SLOT, return_address), slot = slot_of_entry(module, target);
    if (slot != 0)
        return name_of_slot(module, slot, to, room);
    const char *name = dwfl_module_addrname(module, target);
    unwind_plain_name(name, to, room);
    return name != NULL;
}
