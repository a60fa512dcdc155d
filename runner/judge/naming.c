/* How the objects of a case are called: keys are chosen, paths that hold pids are completed as soon as there is a pid; see things.h. Whatever has got its name is looked for on a machine that
 * shares it, before anybody is told the name. */
#include <stdio.h>

#include "base/cleanup.h"
#include "judge/addresses.h"
#include "judge/expand.h"
#include "judge/shared.h"
#include "judge/things.h"

/* Keys of one case differ from each other, from 0 and from -1; where there is no IPC namespace the seed keeps cases apart. */
static int draw_key(const struct stage *stage, int name, uint64_t draw)
{
    uint64_t mixed =
        (stage->request->seed + 1 + draw) * 0x9e3779b97f4a7c15ULL + (uint64_t)name * 0xbf58476d1ce4e5b9ULL;
    for (const char *c = stage->scenario->id; *c; c++)
        mixed = (mixed ^ (unsigned char)*c) * 0x100000001b3ULL;
    mixed ^= mixed >> 29;
    return (int)(0x10000000u | ((uint32_t)mixed & 0x0fffff00u) | (uint32_t)(name & 0xff));
}

/* One that nobody's object has; if all that are drawn are taken, shared_is_free() will say so. */
static int choose_key(const struct stage *stage, int name)
{
    enum { DRAWS = 64 };
    enum object_kind kind = stage->scenario->names[name].kind->kind;
    int key = draw_key(stage, name, 0);
    for (uint64_t draw = 1; draw < DRAWS && shared_has_key(stage, kind, key); draw++)
        key = draw_key(stage, name, draw);
    return key;
}

static bool name_thing(struct stage *stage, int index, struct err *err)
{
    const struct name *name = &stage->scenario->names[index];
    struct thing *thing = &stage->things[index];
    cleanup_bytes struct bytes text = {0};
    if (name->identity.count > 0 && !expand_text(stage, &name->identity, &text, err))
        return false;
    const char *path = name->identity.count > 0 ? bytes_text(&text) : name->word;
    if ((size_t)snprintf(thing->path, sizeof thing->path, "%s", path) >= sizeof thing->path)
        return err_at(err, name->at, "the path of '%s' is too long", name->word);
    if (name->kind->identity == IDENTITY_PORT && !name->has_key)
        return address_choose_port(stage, index, err);
    bool has_number = name->kind->identity == IDENTITY_KEY || name->kind->identity == IDENTITY_PORT;
    if (!has_number || name->key.is_ref)
        return true;
    int64_t key = choose_key(stage, index);
    if (name->has_key && !expand_number(stage, &name->key, &key, err))
        return false;
    thing->key = name->is_private ? 0 : (int)key;
    return true;
}

/* Its path holds the pid of a program that has not been started yet. */
static bool is_nameless(struct stage *stage, const struct name *name)
{
    for (size_t i = 0; i < name->identity.count; i++) {
        const struct part *part = &name->identity.parts[i];
        bool is_actor = part->kind == PART_REF && stage->scenario->names[part->name].role == NAME_ACTOR;
        if (is_actor && !stage_one(stage, &(struct who){.name = part->name, .part = WHO_PARENT}))
            return true;
    }
    return false;
}

bool things_name(struct stage *stage, struct err *err)
{
    for (size_t i = 0; i < stage->scenario->name_count; i++) {
        const struct name *name = &stage->scenario->names[i];
        bool is_named = stage->things[i].path[0] != '\0';
        if (name->role == NAME_OBJECT && !is_named && !is_nameless(stage, name) &&
            !(name_thing(stage, (int)i, err) && shared_is_free(stage, (int)i, err)))
            return false;
    }
    return true;
}
