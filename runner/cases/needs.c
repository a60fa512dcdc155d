/* Needed cases: they exist, no circle, and no visible case shows by its verdict what a hidden one said. */
#include "cases/needs.h"

#include <string.h>

#include "cases/complaint.h"
#include "cases/reader.h"

enum { UNSEEN, ON_THE_WAY, DONE };

static struct case_file *find(struct case_files *files, const char *id)
{
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->items[i].id, id) == 0)
            return &files->items[i];
    return NULL;
}

static void tell_missing(struct case_files *files, struct arena *arena, struct complaints *complaints,
                         const struct case_file *file, size_t need)
{
    struct reader reader = {.arena = arena, .complaints = complaints, .file = file->path};
    const char **ids = NULL, *id = file->scenario.needs[need];
    size_t count = 0;
    for (size_t i = 0; i < files->count; i++)
        *ARENA_ADD(arena, ids, count) = files->items[i].id;
    *ARENA_ADD(arena, ids, count) = NULL;
    reader_fail(&reader, file->needs_at[need], "there is no case '%s'%s", id,
                reader_nearest(&reader, id, ids));
}

/* How much of a case is shown: what needs it shows at most as much. */
static int secrecy(enum visibility visibility)
{
    switch (visibility) {
    case VISIBLE: return 0;
    case AFTER_DUE_DATE: return 1;
    case HIDDEN: return 2;
    }
    return 0;
}

static void check_visibility(struct complaints *complaints, const struct case_file *file, size_t need,
                             const struct case_file *needed)
{
    enum visibility own = file->scenario.visibility, other = needed->scenario.visibility;
    if (needed->is_loaded && needed->is_right && secrecy(other) > secrecy(own))
        complain(complaints, file->needs_at[need], "'%s' is %s: a case that is %s cannot need it", needed->id,
                 other == HIDDEN ? "hidden" : "shown after the due date",
                 own == VISIBLE ? "visible" : "shown after the due date");
}

static void visit(struct case_files *files, struct arena *arena, struct complaints *complaints,
                  struct case_file *file, const char *way)
{
    file->mark = ON_THE_WAY;
    for (size_t i = 0; i < file->scenario.need_count; i++) {
        struct case_file *needed = find(files, file->scenario.needs[i]);
        const char *further = arena_print(arena, "%s -> %s", way, file->scenario.needs[i]);
        if (!needed)
            tell_missing(files, arena, complaints, file, i);
        else if (needed->mark == ON_THE_WAY)
            complain(complaints, file->needs_at[i], "needs go in a circle: %s", further);
        else if (needed->mark == UNSEEN)
            visit(files, arena, complaints, needed, further);
        if (needed)
            check_visibility(complaints, file, i, needed);
    }
    file->mark = DONE;
}

void needs_check(struct case_files *files, struct arena *arena, struct complaints *complaints)
{
    for (size_t i = 0; i < files->count; i++)
        if (files->items[i].mark == UNSEEN)
            visit(files, arena, complaints, &files->items[i], files->items[i].id);
}
