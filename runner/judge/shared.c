/* Names that the sandbox shares with the machine; see shared.h. */
#include "judge/shared.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "judge/things.h"

/* Without which namespace the objects of a kind are the machine's, where those that have names lie then, and what removes one. (POSIX queues have no row: a case that names one is skipped there, as what is left of
 * them could not be seen. Paths are below the case's directory, which is everywhere its own.) */
static const struct commons {
    unsigned lacks;
    const char *place, *remedy;
} commons[OBJECT_KINDS] = {
    [OBJECT_QUEUE] = {LACKS_IPC_NS, NULL, "ipcrm -Q"},
    [OBJECT_SEMAPHORES] = {LACKS_IPC_NS, NULL, "ipcrm -S"},
    [OBJECT_SEGMENT] = {LACKS_IPC_NS, NULL, "ipcrm -M"},
    [OBJECT_SHM] = {LACKS_MOUNT_NS, "/dev/shm/", "rm"},
    [OBJECT_SEM] = {LACKS_MOUNT_NS, "/dev/shm/sem.", "rm"},
    [OBJECT_TCP] = {LACKS_NET_NS, NULL, NULL},
    [OBJECT_UDP] = {LACKS_NET_NS, NULL, NULL},
};

/* A port that we choose is free when it is chosen; what is private has no name. */
static bool is_shared(const struct name *name, unsigned lacks)
{
    if (name->role != NAME_OBJECT || !name->kind || !(commons[name->kind->kind].lacks & lacks))
        return false;
    return name->kind->identity == IDENTITY_PORT ? name->has_key : !name->is_private;
}

bool shared_is_named(const struct scenario *scenario, unsigned lacks)
{
    for (size_t i = 0; i < scenario->name_count; i++)
        if (is_shared(&scenario->names[i], lacks))
            return true;
    return false;
}

bool shared_has_key(const struct stage *stage, enum object_kind kind, int key)
{
    for (size_t i = 0; i < stage->before.count; i++)
        if (stage->before.items[i].id.kind == kind && stage->before.items[i].key == key)
            return true;
    return false;
}

/* Whatever lies there, a folder too: a program would meet it. */
static bool look_at_name(struct stage *stage, int name, bool *is_there, struct err *err)
{
    const char *own = stage->things[name].path;
    struct object_id unused;
    struct err why = {0};
    char path[320];
    snprintf(path, sizeof path, "%s%s", commons[stage->scenario->names[name].kind->kind].place,
             own + (own[0] == '/'));
    *is_there = inspect_path(&stage->inspector, path, &unused, &why);
    if (*is_there || err_is_absence(why.number))
        return true;
    *err = why;
    return false;
}

static bool look_at_port(struct stage *stage, int name, bool *is_there, struct err *err)
{
    const struct identity_of which = {
        .kind = stage->scenario->names[name].kind->kind, .key = stage->things[name].key, .id = -1};
    struct object_state state = {0};
    bool is_seen = inspect_state(&stage->inspector, &which, &state, err);
    *is_there = is_seen && state.is_there;
    object_state_free(&state);
    return is_seen;
}

static bool is_of_another(const struct kind_row *kind, const char *name, struct err *err)
{
    const struct commons *row = &commons[kind->kind];
    const char *place = row->place ? row->place : "";
    if (!row->remedy) /* a port is free again when whoever has it ends */
        return err_set(
            err,
            _("%s %s is there already, and is not of this case: this machine shares it (ipcgrade doctor)"),
            _(kind->noun), name);
    return err_set(
        err,
        _("%s %s is there already, and is not of this case: this machine shares it (ipcgrade doctor); "
          "if no other program needs it: %s %s%s"),
        _(kind->noun), name, row->remedy, place, name + (*place && name[0] == '/'));
}

bool shared_is_free(struct stage *stage, int name, struct err *err)
{
    const struct name *row = &stage->scenario->names[name];
    cleanup_bytes struct bytes text = {0};
    bool is_there = false, is_seen = true;
    if (!is_shared(row, sandbox_lacks(stage->sandbox)) || row->key.is_ref)
        return true;
    if (row->kind->identity == IDENTITY_NAME)
        is_seen = look_at_name(stage, name, &is_there, err);
    else if (row->kind->identity == IDENTITY_PORT)
        is_seen = look_at_port(stage, name, &is_there, err);
    else
        is_there = shared_has_key(stage, row->kind->kind, stage->things[name].key);
    if (!is_seen || !is_there)
        return is_seen;
    return thing_print(stage, name, REF_VALUE, &text, err) &&
           is_of_another(row->kind, bytes_text(&text), err);
}

bool shared_keys_of_files_are_free(struct stage *stage, struct err *err)
{
    unsigned lacks = sandbox_lacks(stage->sandbox);
    for (size_t i = 0; i < stage->scenario->name_count; i++) {
        const struct name *row = &stage->scenario->names[i];
        struct identity_of which;
        char key[16];
        if (!is_shared(row, lacks) || !row->key.is_ref || row->is_given ||
            !thing_identity(stage, (int)i, &which) || !shared_has_key(stage, row->kind->kind, which.key))
            continue;
        snprintf(key, sizeof key, "0x%08x", (unsigned)which.key);
        return is_of_another(row->kind, key, err);
    }
    return true;
}
