/* Objects: their kind, what tells them from others, and the state that they have before the first step. */
#include "cases/object.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cases/names.h"
#include "cases/number.h"
#include "cases/pattern.h"

static const struct {
    const char *words[3];
    const char *law;
} identities[] = {
    [IDENTITY_PATH] = {{"path", NULL}, "`path` (the name itself); `<name>` gives the path"},
    [IDENTITY_KEY] =
        {{"key", NULL},
         "`key` (the runner's choice; or a number; or `<k>`, the key of an ftok), or `key: private`: the "
         "first of its kind made with IPC_PRIVATE; `<name>` "
         "gives the key as 0x%08x, `<name.dec>` in decimal, `<name.id>` the identifier"},
    [IDENTITY_NAME] = {{"name", NULL}, "`name` (`/` and the name); `<name>` gives it"},
    [IDENTITY_PORT] = {{"port", NULL}, "`port` (the runner's choice, never twice); `<name>` gives it"},
    [IDENTITY_PATH_AND_ID] =
        {{"path", "id", NULL},
         "`path` (a path, or the name of a declared file) and `id` (1 to 255); `<name>` gives the "
         "key as 0x%08x, `<name.dec>` in decimal"},
};

const char *const *object_identity_words(enum identity identity)
{
    return identities[identity].words;
}

const char *object_identity_law(enum identity identity)
{
    return identities[identity].law;
}

static bool is_identity(const struct kind_row *kind, const char *word)
{
    for (const char *const *known = identities[kind->identity].words; *known; known++)
        if (strcmp(*known, word) == 0)
            return true;
    return false;
}

/* "a queue", "semaphores" */
static const char *noun(struct reader *reader, const struct kind_row *kind)
{
    if (strcmp(kind->word, "semaphores") == 0)
        return kind->word;
    const char *article = kind->kind == OBJECT_FTOK ? "an" : "a";
    return arena_print(reader->arena, "%s %s", article, kind->word);
}

static bool refuse_word(struct reader *reader, const struct kind_row *kind, const struct node *key)
{
    const char **words = ROW_WORDS(reader, kind->states);
    return reader_fail(reader, key->at, "'%s' is not said of %s%s", key->text, noun(reader, kind),
                       reader_nearest_or_all(reader, key->text, words));
}

bool object_read_state(struct reader *reader, const struct name *name, const struct node *key,
                       const struct node *value, enum use use, struct state_value *state)
{
    const struct state_row *row = kind_state(name->kind, key->text);
    if (!row)
        return refuse_word(reader, name->kind, key);
    if (use == USE_GIVEN && !(row->places & GIVEN))
        return reader_fail(reader, key->at, "'%s' cannot be given: it is only looked at", row->word);
    if (use == USE_LOOKED && !(row->places & LOOKED))
        return reader_fail(reader, key->at, "'%s' cannot be looked at: it is only given", row->word);
    struct value_place place = {row->word, row->kind, NULL, use, name->kind->kind == OBJECT_MQ};
    state->row = row;
    return value_read(reader, value, &place, &state->value);
}

/* ---- identity ------------------------------------------------------------------------------------------------------- */

static bool has_parent_step(const char *path)
{
    for (const char *at = path; (at = strstr(at, "..")); at += 2)
        if ((at == path || at[-1] == '/') && (at[2] == '/' || at[2] == '\0'))
            return true;
    return false;
}

static void read_path(struct reader *reader, struct name *name, const struct node *value)
{
    enum stage stage = reader->stage;
    reader->stage = name->is_given ? stage : STAGE_NAMES;
    bool is_read = text_read(reader, value, TEXT_SENT, &name->identity);
    reader->stage = stage;
    if (!is_read)
        return;
    bool is_absolute = value->text[0] == '/';
    name->is_mounted_over = is_absolute && names_is_standin(name);
    if (value->len == 0 || memchr(value->text, '\0', value->len))
        reader_fail(reader, value->at, "'%s' is not a path", value->text);
    else if (is_absolute && !names_is_standin(name))
        reader_fail(
            reader, value->at,
            "a path is relative to the program's directory; only a stand-in may have an absolute one");
    else if (has_parent_step(value->text))
        reader_fail(reader, value->at, "a path does not leave the program's directory ('..')");
}

/* <k>: the key that ftok makes of a file. Of other objects the case says itself which key they have. */
static void read_key_of_file(struct reader *reader, struct name *name, const struct node *value)
{
    if (!number_read(reader, value, &name->key))
        return;
    name->has_key = true;
    const struct kind_row *kind = reader->names[name->key.name].kind;
    if (name->key.what != REF_VALUE || !kind || kind->identity != IDENTITY_PATH_AND_ID)
        reader_fail(reader, value->at, "%s is not the key of a file: name an ftok", value->text);
}

static void read_key(struct reader *reader, struct name *name, const struct node *value)
{
    int64_t key = 0;
    if (node_is(value, "private")) {
        name->is_private = true;
        return;
    }
    if (value->kind == NODE_TEXT && value->text[0] == '<') {
        read_key_of_file(reader, name, value);
        return;
    }
    if (!number_read_plain(reader, value, "a key is private, or", INT32_MIN, UINT32_MAX, &key))
        return;
    if (key == 0)
        reader_fail(reader, value->at, "the key 0 is IPC_PRIVATE: write private");
    name->has_key = true;
    name->key = (struct number){.at = value->at, .value = key};
}

static void read_small(struct reader *reader, struct name *name, const struct node *value, const char *what,
                       int64_t most)
{
    int64_t number = 0;
    name->has_key = true; /* a wrong one is told, and not missed besides */
    number_read_plain(reader, value, what, 1, most, &number);
    name->key = (struct number){.at = value->at, .value = number};
}

static void read_file_of_key(struct reader *reader, struct name *name, const struct node *value)
{
    name->ftok_file = names_object(reader, value);
    const struct kind_row *kind = name->ftok_file >= 0 ? reader->names[name->ftok_file].kind : NULL;
    if (kind && kind->identity != IDENTITY_PATH)
        reader_fail(reader, value->at, "'%s' is a %s and has no path", value->text, kind->word);
}

static void read_identity(struct reader *reader, struct name *name, const struct node *key,
                          const struct node *value)
{
    if (value->is_told)
        return;
    if (node_is(key, "key"))
        read_key(reader, name, value);
    else if (node_is(key, "port"))
        read_small(reader, name, value, "a port is", PORT_MAX);
    else if (node_is(key, "id"))
        read_small(reader, name, value, "an id is", FTOK_ID_MAX);
    else if (node_is(key, "name"))
        text_read(reader, value, TEXT_SENT, &name->identity);
    else if (name->kind->identity == IDENTITY_PATH_AND_ID && value->kind == NODE_TEXT &&
             names_find(reader, value->text) >= 0)
        read_file_of_key(reader, name, value);
    else
        read_path(reader, name, value);
}

static void default_identity(struct reader *reader, struct name *name)
{
    enum identity identity = name->kind->identity;
    if (name->identity.parts || (identity != IDENTITY_PATH && identity != IDENTITY_NAME))
        return;
    struct part *part = arena_alloc(reader->arena, sizeof *part);
    const char *text = arena_print(reader->arena, "%s%s", identity == IDENTITY_NAME ? "/" : "", name->word);
    *part = (struct part){.kind = PART_BYTES, .data = text, .len = strlen(text)};
    name->identity = (struct text){.at = name->at, .parts = part, .count = 1};
}

/* ---- the whole declaration ------------------------------------------------------------------------------------------ */

static bool has_state(const struct state_list *list, enum state state)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->values[i].row->state == state)
            return true;
    return false;
}

static void check_semaphores(struct reader *reader, const struct value *values)
{
    for (size_t i = 0; i < values->count; i++) {
        const struct number *number = &values->numbers[i];
        if (!number->is_ref && (number->value < 0 || number->value > SEMAPHORE_MAX))
            reader_fail(reader, number->at, "the value of a semaphore is a number from 0 to %d",
                        SEMAPHORE_MAX);
    }
}

static void check_given(struct reader *reader, const struct name *name)
{
    const struct state_list *list = &name->state;
    bool has_extent =
        has_state(list, STATE_SIZE) || has_state(list, STATE_TEXT) || has_state(list, STATE_INTS);
    if (name->kind->kind == OBJECT_SEGMENT && !has_extent)
        reader_fail(reader, name->at, "a given segment wants a size, a text or ints");
    for (size_t i = 0; name->kind->kind == OBJECT_SEMAPHORES && i < list->count; i++)
        if (list->values[i].row->state == STATE_VALUES)
            check_semaphores(reader, &list->values[i].value);
}

static void check_key_of_file(struct reader *reader, const struct name *name)
{
    if (!name->has_key || (name->ftok_file < 0 && !name->identity.parts))
        reader_fail(reader, name->at, "an ftok wants a path and an id: {is: ftok, path: FILE, id: N}");
}

static void read_words(struct reader *reader, struct name *name, const struct node *map)
{
    struct state_value *states = NULL;
    size_t count = 0;
    for (size_t i = 0; i < map->count; i++) {
        const struct node *key = map->keys[i];
        if (key->kind != NODE_TEXT || key->is_told || node_is(key, "is"))
            continue;
        if (is_identity(name->kind, key->text)) {
            read_identity(reader, name, key, map->items[i]);
            continue;
        }
        if (!name->is_given && kind_state(name->kind, key->text)) {
            reader_fail(reader, key->at,
                        "'%s' belongs to given or expect: under names stands only what identifies the object",
                        key->text);
            continue;
        }
        struct state_value state = {0};
        if (object_read_state(reader, name, key, map->items[i], USE_GIVEN, &state))
            *ARENA_ADD(reader->arena, states, count) = state;
    }
    name->state = (struct state_list){states, count};
}

static bool check_kind(struct reader *reader, const struct node *map, const struct node *kind)
{
    if (!kind)
        return reader_fail(reader, map->at, "'is' is missing: {is: KIND, ..}");
    if (!reader_is_text(reader, kind, "a kind of object, or {is: KIND, ..}"))
        return false;
    if (vocabulary_kind(kind->text))
        return true;
    const char **words = vocabulary_kind_words();
    reader_fail(reader, kind->at, "'%s' is not a kind of object%s; there are: %s", kind->text,
                reader_nearest(reader, kind->text, words), reader_join(reader, words));
    free(words);
    return false;
}

static void read_object(struct reader *reader, const struct node *key, const struct node *value)
{
    const struct node *kind = value->kind == NODE_MAP ? node_get(value, "is") : value;
    if (value->is_told || !check_kind(reader, value, kind))
        return;
    int index = key->kind == NODE_TEXT ? names_find(reader, key->text) : -1;
    struct name *name = index >= 0 ? &reader->names[index] : NULL;
    if (!name || name->at.line != key->at.line || name->at.column != key->at.column)
        return; /* not a name, or declared twice: told */
    if (value->kind == NODE_MAP)
        read_words(reader, name, value);
    default_identity(reader, name);
    if (name->kind->identity == IDENTITY_PATH_AND_ID)
        check_key_of_file(reader, name);
    if (name->is_given)
        check_given(reader, name);
}

void object_read_all(struct reader *reader, const struct node *map, bool is_given)
{
    if (!reader_is_map(reader, map,
                       is_given ? "given is a map: {NAME: KIND, ..}" : "names is a map: {NAME: KIND, ..}"))
        return;
    for (size_t i = 0; i < map->count; i++)
        read_object(reader, map->keys[i], map->items[i]);
}
