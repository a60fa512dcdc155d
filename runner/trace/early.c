/* Calls before the entry point of a program, and programs of the system that are only a cloak.
 *
 * Theory of operation. What the dynamic loader does to bring a program up is not the student's doing. But code of the student's may run before the entry point, too: functions of
 * .preinit_array, constructors of libraries, resolvers of indirect functions, an interpreter of his own making. So a call there is the loader's, and does not count, only if it is made
 * within the text of a loader of the system's, is one that loaders make, and is about a plain file. (Whoever jumps into the loader's text hides calls on plain files, no other.)
 *
 * A program of the system counts for nothing, whatever it does. But its loader may be told to take in libraries of the student's (LD_PRELOAD, LD_AUDIT, LD_LIBRARY_PATH), which then
 * do as they please. So once, at its entry point, and before each call that was made earlier by others than the loader, its mappings are looked at: code out of a file that is not the
 * system's makes it the student's program.
 *
 * Both are asked only where the owner of the tracer can tell what is of the system.
 */
#include "trace/tracer.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "trace/mapping.h"

static bool is_system(const struct tracee *tracee, const struct mapping *mapping)
{
    const struct trace_hooks *hooks = &tracee->tracer->config.hooks;
    return hooks->is_system(hooks->context, mapping->path);
}

/* What was not read of it might have changed everything. */
static FILE *open_maps(const struct tracee *tracee)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/maps", (int)tracee->pub.tid);
    FILE *maps = fopen(path, "re");
    if (!maps)
        image_missed(tracee, "maps");
    return maps;
}

static bool next(const struct tracee *tracee, FILE *maps, struct mapping *piece)
{
    bool is_there = maps && mapping_next(maps, piece);
    if (maps && !is_there && ferror(maps))
        image_missed(tracee, "maps");
    return is_there;
}

/* ---- the loader ------------------------------------------------------------------------------------------------------------ */

/* All of its file, piece by piece, from where the kernel has put it. */
static void find_loader(struct tracee *tracee, struct member *member)
{
    struct mapping piece, first = {0};
    uint64_t base = image_auxiliary(tracee, AT_BASE);
    member->has_loader = true;
    member->loader_start = member->loader_end = 0;
    cleanup_file FILE *maps = base ? open_maps(tracee) : NULL;
    while (next(tracee, maps, &piece)) {
        if (piece.start == base && is_system(tracee, &piece)) {
            first = piece;
            member->loader_start = base;
        } else if (piece.start != member->loader_end || piece.number != first.number ||
                   piece.device != first.device)
            continue;
        member->loader_end = piece.end;
    }
}

static bool is_loaders_call(const struct call *call)
{
    static const char *const names[] = {"open",  "openat",     "read",  "pread64",
                                        "close", "newfstatat", "fstat", "munmap"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(call->row->name, names[i]) == 0)
            return true;
    return false;
}

static bool is_loaders(struct tracee *tracee, const struct event *event, uint64_t ip)
{
    struct member *member = (struct member *)tracee->pub.process;
    enum object_kind kind = event->object.kind;
    if (!is_loaders_call(&event->call) || (kind != OBJECT_NONE && kind != OBJECT_FILE && kind != OBJECT_DIR))
        return false;
    if (!member->has_loader)
        find_loader(tracee, member);
    return member->loader_start <= ip && ip < member->loader_end;
}

/* ---- cloaks ---------------------------------------------------------------------------------------------------------------- */

void early_uncloak(struct tracee *tracee)
{
    struct process *process = tracee->pub.process;
    struct mapping piece;
    bool is_executed = process->image.kind != OBJECT_NONE; /* else it is a copy of ours that waits to be */
    if (!tracee->tracer->config.hooks.is_system || !is_executed || process->counts || process->is_agent)
        return;
    cleanup_file FILE *maps = open_maps(tracee);
    while (!process->counts && next(tracee, maps, &piece))
        process->counts = piece.is_executable && piece.path[0] == '/' && !is_system(tracee, &piece);
}

void early_note(struct tracee *tracee, struct event *event, uint64_t ip)
{
    const struct process *process = tracee->pub.process;
    if (process->has_entered || !tracee->tracer->config.hooks.is_system)
        return;
    bool is_own = !is_loaders(tracee, event, ip);
    if (is_own)
        early_uncloak(tracee);
    event->counts = is_own && process->counts;
}
