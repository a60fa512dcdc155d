/* The objects of a case; see things.h. */
#include "judge/things.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "judge/addresses.h"
#include "judge/expand.h"

/* A key that ftok(3) makes of a file is computed whenever it is used, as the programs do it: the file may have been made anew. What was given
 * with such a key keeps the one that it got. False: no file, no key. */
static bool thing_key(struct stage *stage, int name, int *key, struct err *err)
{
    const struct name *row = &stage->scenario->names[name];
    const struct thing *thing = &stage->things[name];
    int64_t computed = 0;
    bool is_computed = row->key.is_ref && thing->given.kind == OBJECT_NONE;
    if (is_computed && !expand_number(stage, &row->key, &computed, err))
        return false;
    *key = is_computed ? (int)computed : thing->key;
    return true;
}

/* ---- given ---------------------------------------------------------------------------------------------------------- */

static bool given_numbers(struct stage *stage, const struct value *value, int *to, size_t *count,
                          struct err *err)
{
    for (size_t i = 0; i < value->count && i < INSPECT_VALUES; i++) {
        int64_t number;
        if (!expand_number(stage, &value->numbers[i], &number, err))
            return false;
        to[i] = (int)number;
        *count = i + 1;
    }
    return true;
}

static bool given_number(struct stage *stage, const struct value *value, uint64_t *to, struct err *err)
{
    const struct range *range = &value->range;
    const struct number *number = range->one_of ? &range->one_of[0] : &range->min;
    int64_t result = 0;
    if (!expand_number(stage, number, &result, err))
        return false;
    *to = (uint64_t)result;
    return true;
}

static bool given_messages(struct stage *stage, const struct value *value, struct object_state *state,
                           struct err *err)
{
    state->messages = calloc(value->count ? value->count : 1, sizeof *state->messages);
    if (!state->messages)
        return err_sys(err, "make messages");
    for (size_t i = 0; i < value->count; i++, state->message_count++) {
        const struct message *from = &value->messages[i];
        struct bytes text = {0};
        int64_t type = from->is_prio ? 0 : 1;
        const struct number *number = from->type.one_of ? &from->type.one_of[0] : &from->type.min;
        if (from->has_type && !expand_number(stage, number, &type, err))
            return false;
        if (from->has_text && !expand_text(stage, &from->text.texts.texts[0], &text, err)) {
            bytes_free(&text);
            return false;
        }
        state->messages[i] = (struct object_message){.type = type, .len = text.len, .text = text.data};
    }
    return true;
}

/* The ints of a segment are its bytes. */
static bool given_ints(struct stage *stage, const struct value *value, struct object_state *state,
                       struct err *err)
{
    int ints[INSPECT_VALUES];
    size_t count = 0;
    if (!given_numbers(stage, value, ints, &count, err))
        return false;
    return bytes_add(&state->text, ints, count * sizeof *ints, INSPECT_TEXT);
}

static bool given_state(struct stage *stage, const struct state_value *given, struct object_state *state,
                        struct err *err)
{
    const struct value *value = &given->value;
    switch (given->row->state) {
    case STATE_MODE: state->mode = (mode_t)value->bits; return true;
    case STATE_OWNER: state->owner = value->bits ? SANDBOX_OTHER_UID : 0; return true;
    case STATE_TEXT: return expand_text(stage, &value->pattern.texts.texts[0], &state->text, err);
    case STATE_SIZE: return given_number(stage, value, &state->size, err);
    case STATE_MESSAGES: return given_messages(stage, value, state, err);
    case STATE_CAPACITY:
    case STATE_MAXMSG: return given_number(stage, value, &state->capacity, err);
    case STATE_MSGSIZE: return given_number(stage, value, &state->message_size, err);
    case STATE_VALUES: return given_numbers(stage, value, state->values, &state->value_count, err);
    case STATE_INTS: return given_ints(stage, value, state, err);
    case STATE_VALUE: return given_number(stage, value, &state->value, err);
    case STATE_COUNT:
    case STATE_ATTACHED:
    case STATE_WORDS: break;
    }
    return err_at(err, value->at, "'%s' cannot be given", given->row->word);
}

static bool make_thing(struct stage *stage, int index, struct err *err)
{
    const struct name *name = &stage->scenario->names[index];
    struct object_state *state = calloc(1, sizeof *state);
    struct identity_of which;
    bool has_mode = false, is_made = state != NULL &&
                                     thing_key(stage, index, &stage->things[index].key, err) &&
                                     thing_identity(stage, index, &which);
    for (size_t i = 0; is_made && i < name->state.count; i++) {
        has_mode |= name->state.values[i].row->state == STATE_MODE;
        is_made = given_state(stage, &name->state.values[i], state, err);
    }
    is_made =
        is_made && inspect_make(&stage->inspector, &which, state, has_mode, &stage->things[index].given, err);
    if (state)
        object_state_free(state);
    free(state);
    return is_made;
}

static bool is_made_here(const struct name *name)
{
    return name->role == NAME_OBJECT && name->is_given && name->kind->kind != OBJECT_STANDIN &&
           name->kind->kind != OBJECT_FTOK;
}

/* First what stands for itself, then what has its key from a file. */
bool things_make(struct stage *stage, struct err *err)
{
    for (int has_file = 0; has_file <= 1; has_file++) {
        for (size_t i = 0; i < stage->scenario->name_count; i++) {
            const struct name *name = &stage->scenario->names[i];
            if (is_made_here(name) && name->key.is_ref == has_file && !make_thing(stage, (int)i, err))
                return false;
        }
    }
    return true;
}

/* ---- finding --------------------------------------------------------------------------------------------------------- */

/* The first object of that kind which the program made with IPC_PRIVATE. */
static int private_id(const struct stage *stage, enum object_kind kind)
{
    static const char *const getters[OBJECT_KINDS] = {
        [OBJECT_QUEUE] = "msgget", [OBJECT_SEMAPHORES] = "semget", [OBJECT_SEGMENT] = "shmget"};
    for (size_t i = 0; i < tracer_event_count(stage->tracer); i++) {
        const struct event *event = tracer_event(stage->tracer, i);
        if (event && event->call.deed && getters[kind] &&
            strcmp(event->call.deed->word, getters[kind]) == 0 && event->call.ipc_key == 0 &&
            event->call.is_done && event->call.error == 0)
            return (int)event->call.result;
    }
    return -1;
}

bool thing_identity(struct stage *stage, int name, struct identity_of *which)
{
    const struct name *row = &stage->scenario->names[name];
    const struct thing *thing = &stage->things[name];
    *which = (struct identity_of){
        .kind = row->kind->kind, .key = thing->key, .is_private = row->is_private, .id = -1};
    snprintf(which->path, sizeof which->path, "%s", thing->path);
    if (row->is_private)
        which->id = private_id(stage, row->kind->kind);
    return row->kind->kind != OBJECT_STANDIN && row->kind->kind != OBJECT_FTOK && thing->path[0] &&
           thing_key(stage, name, &which->key, NULL);
}

/* What the kernel says of a thing that is not there, or is closed to us. All else is trouble of ours, and must not pass for "it is gone". */
static bool is_absence(const struct err *err)
{
    return err_is_absence(err->number) || err->number == EACCES || err->number == EPERM;
}

/* One that was given and may not be looked at (its mode forbids it, and we are an ordinary user among the machine's objects) is listed all the same. */
static bool find_given(struct stage *stage, int name, struct object_id *id)
{
    struct found_list list = {0};
    struct err err = {0};
    bool found = false;
    *id = stage->things[name].given;
    if (id->kind == OBJECT_NONE)
        return false;
    if (!inspect_list(&stage->inspector, &list, &err))
        return stage_broke(stage, &err);
    for (size_t i = 0; i < list.count && !found; i++)
        found = object_same(id, &list.items[i].id);
    found_list_free(&list);
    return found;
}

bool thing_find(struct stage *stage, int name, struct object_id *id)
{
    const struct name *row = &stage->scenario->names[name];
    struct identity_of which;
    struct err err = {0};
    if (!thing_identity(stage, name, &which) || (row->is_private && which.id < 0))
        return false;
    if (row->kind->identity == IDENTITY_PATH) {
        bool is_found = inspect_path(&stage->inspector, which.path, id, &err);
        if (!is_found && !is_absence(&err))
            stage_broke(stage, &err);
        if (is_found && id->kind == OBJECT_UNIX && row->kind->kind == OBJECT_UNIX_DGRAM)
            id->kind = OBJECT_UNIX_DGRAM; /* of the file alone nobody can tell */
        return is_found;
    }
    struct object_state *state = calloc(1, sizeof *state);
    if (!state) {
        err_sys(&err, "make room for what an object holds");
        return stage_broke(stage, &err);
    }
    bool is_seen = inspect_state(&stage->inspector, &which, state, &err), found = is_seen && state->is_there;
    if (found)
        *id = state->id;
    object_state_free(state);
    free(state);
    if (!is_seen && !is_absence(&err))
        return stage_broke(stage, &err);
    return is_seen ? found : find_given(stage, name, id);
}

/* The path without what leads to the case's directory, for comparison. */
static const char *plain_path(const struct stage *stage, const char *path)
{
    const char *directory = sandbox_directory(stage->sandbox);
    size_t len = strlen(directory);
    if (strncmp(path, directory, len) == 0 && path[len] == '/')
        path += len + 1;
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    return path;
}

static bool same_path(const struct stage *stage, const char *a, const char *b)
{
    return a[0] && b[0] && strcmp(plain_path(stage, a), plain_path(stage, b)) == 0;
}

bool thing_has_path(const struct stage *stage, int name, const char *path)
{
    return same_path(stage, path, stage->things[name].path);
}

static bool is_getter(const struct deed_row *deed)
{
    size_t len = strlen(deed->word);
    return len == 6 && strcmp(deed->word + 3, "get") == 0;
}

/* Is this, as the kernel was told it, the object's name? Shared memory is a file below /dev/shm for it; of semaphores it is told nothing, and the
 * C library passes over a slash that leads or lacks. */
static bool names_posix(const struct stage *stage, int name, const char *path)
{
    static const char *const before[OBJECT_KINDS] = {
        [OBJECT_SHM] = "/dev/shm/", [OBJECT_SEM] = "/", [OBJECT_MQ] = "/"};
    const char *own = stage->things[name].path, *prefix = before[stage->scenario->names[name].kind->kind];
    bool is_bare = stage->scenario->names[name].kind->kind == OBJECT_SEM && path[0] != '/';
    size_t len = prefix && !is_bare ? strlen(prefix) : 0;
    return prefix && path[0] && strncmp(path, prefix, len) == 0 &&
           strcmp(path + len, own + (own[0] == '/')) == 0;
}

/* Looked at before the object is asked for in the sandbox: of a socket's file alone nobody can tell which of the two it is. */
static bool may_be_kind(enum object_kind kind, const struct object_id *id)
{
    return id->kind == kind || (kind == OBJECT_UNIX_DGRAM && id->kind == OBJECT_UNIX);
}

bool thing_is(struct stage *stage, int name, const struct event *event)
{
    const struct name *row = &stage->scenario->names[name];
    const struct call *call = &event->call;
    struct object_id now;
    int key;
    bool is_address, is_same = address_is(stage, name, event, &is_address);
    if (is_address)
        return is_same;
    switch (row->kind->identity) {
    case IDENTITY_KEY:
        if (call->deed && is_getter(call->deed))
            return !row->is_private && thing_key(stage, name, &key, NULL) && call->ipc_key == key &&
                   ((call->deed->kinds >> row->kind->kind) & 1);
        if (row->is_given && !row->is_private && object_same(&event->object, &stage->things[name].given))
            return true;
        return event->object.kind == row->kind->kind && thing_find(stage, name, &now) &&
               object_same(&event->object, &now);
    case IDENTITY_PATH:
        if (row->kind->kind == OBJECT_STANDIN) {
            char path[256];
            thing_standin_path(stage, name, path, sizeof path);
            return same_path(stage, call->path, path);
        }
        if (row->is_given && object_same(&event->object, &stage->things[name].given))
            return true;
        /* The case's own path tells what a call is about also before it has succeeded. By another one, or without any, it is about the object that is there. */
        if ((event->object.kind == OBJECT_NONE || !call->is_done || call->error) &&
            same_path(stage, call->path, stage->things[name].path))
            return true;
        return may_be_kind(row->kind->kind, &event->object) && thing_find(stage, name, &now) &&
               object_same(&event->object, &now);
    case IDENTITY_NAME:
        if (row->is_given && object_same(&event->object, &stage->things[name].given))
            return true;
        /* The name tells also what is not there yet, or no more; without one there is a descriptor. */
        return names_posix(stage, name, call->path) ||
               (event->object.kind == row->kind->kind && thing_find(stage, name, &now) &&
                object_same(&event->object, &now));
    case IDENTITY_PORT:
    case IDENTITY_PATH_AND_ID: break;
    }
    return false;
}

/* ---- in words -------------------------------------------------------------------------------------------------------- */

void thing_standin_path(const struct stage *stage, int name, char *to, size_t room)
{
    const char *path = stage->things[name].path;
    if (path[0] == '/')
        snprintf(to, room, "%s", path);
    else
        snprintf(to, room, "%s/%s", sandbox_directory(stage->sandbox), path);
}

static bool print_key(int key, enum ref_what what, struct bytes *to)
{
    return what == REF_DEC ? bytes_print(to, "%d", key) : bytes_print(to, "0x%08x", (unsigned)key);
}

static bool print_ftok(struct stage *stage, int name, enum ref_what what, struct bytes *to, struct err *err)
{
    const struct name *row = &stage->scenario->names[name];
    const char *path = row->ftok_file >= 0 ? stage->things[row->ftok_file].path : stage->things[name].path;
    int64_t project;
    int key;
    if (!expand_number(stage, &row->key, &project, err) ||
        !inspect_ftok(&stage->inspector, path, (int)project, &key, err))
        return false;
    return print_key(key, what, to);
}

bool thing_print(struct stage *stage, int name, enum ref_what what, struct bytes *to, struct err *err)
{
    const struct name *row = &stage->scenario->names[name];
    const struct thing *thing = &stage->things[name];
    char path[256];
    int key;
    switch (row->kind->identity) {
    case IDENTITY_KEY: return thing_key(stage, name, &key, err) && print_key(key, what, to);
    case IDENTITY_PATH:
        if (row->kind->kind != OBJECT_STANDIN)
            return bytes_print(to, "%s", thing->path);
        thing_standin_path(stage, name, path, sizeof path);
        return bytes_print(to, "%s", path);
    case IDENTITY_NAME: return bytes_print(to, "%s", thing->path);
    case IDENTITY_PORT: return bytes_print(to, "%d", thing->key);
    case IDENTITY_PATH_AND_ID: return print_ftok(stage, name, what, to, err);
    }
    return false;
}

char *thing_text(const struct stage *stage, int name)
{
    const struct name *row = &stage->scenario->names[name];
    struct bytes text = {0};
    bytes_print(&text, "%s %s", _(row->kind->noun), row->word);
    return text.data;
}
