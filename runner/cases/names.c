/* Declaring, finding and checking names. */
#include "cases/names.h"

#include <string.h>

#include "base/bytes.h"
#include "cases/complaint.h"
#include "cases/facts.h"
#include "cases/scenario_read.h"
#include "cases/step.h"

bool names_is_standin(const struct name *name)
{
    return name->role == NAME_OBJECT && name->kind && name->kind->kind == OBJECT_STANDIN;
}

bool names_is_person(const struct name *name)
{
    return name->role != NAME_OBJECT || names_is_standin(name);
}

int names_find(struct reader *reader, const char *word)
{
    for (size_t i = 0; i < reader->name_count; i++)
        if (strcmp(reader->names[i].word, word) == 0)
            return (int)i;
    return -1;
}

const char **names_words(struct reader *reader)
{
    /* Asked for by every error; when no more are told, the list is not made. */
    size_t count = reader->errors > ERRORS_PER_FILE ? 0 : reader->name_count;
    const char **words = arena_alloc(reader->arena, (count + 1) * sizeof *words);
    for (size_t i = 0; i < count; i++)
        words[i] = reader->names[i].word;
    return words;
}

static bool is_name(const struct node *node)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz",
                      more[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    return node->len > 0 && strchr(letters, node->text[0]) && node->text[0] &&
           strspn(node->text, more) == node->len;
}

static bool check_length(struct reader *reader, const struct node *node)
{
    return node->len <= NAME_MAX_LETTERS ||
           reader_fail(reader, node->at, "a name has at most %d letters", NAME_MAX_LETTERS);
}

bool names_is_word(struct reader *reader, const struct node *node)
{
    if (!reader_is_text(reader, node, "a name is expected here"))
        return false;
    if (!is_name(node))
        return reader_fail(reader, node->at, "'%s' is not a name (small letters, digits, _)", node->text);
    return check_length(reader, node);
}

static bool is_in(const char *word, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(*list, word) == 0)
            return true;
    return false;
}

const char *const names_reserved[] = {"any",    "nothing", "nonzero", "present", "absent", "not_yet",
                                      "int",    "word",    "line",    "pipe",    "stdin",  "stdout",
                                      "stderr", "user",    "other",   "private", NULL};

static bool is_reserved(struct reader *reader, const char *word)
{
    return vocabulary_deed(word) || vocabulary_kind(word) || fact_find(word) || is_in(word, names_reserved) ||
           is_in(word, ROW_WORDS(reader, case_keys)) || is_in(word, ROW_WORDS(reader, step_keys));
}

static bool check_word(struct reader *reader, const struct node *node, bool has_path)
{
    if (!reader_is_text(reader, node, "a name is expected here"))
        return false;
    if (!is_name(node))
        return reader_fail(reader, node->at, "'%s' is not a name (small letters, digits, _)%s", node->text,
                           has_path ? "; give the path with path:" : "");
    if (is_reserved(reader, node->text))
        return reader_fail(reader, node->at, "'%s' is a word of the language and cannot be a name",
                           node->text);
    return check_length(reader, node);
}

bool names_check_new(struct reader *reader, const struct node *node)
{
    if (!check_word(reader, node, false))
        return false;
    int known = names_find(reader, node->text);
    return known < 0 || reader_fail(reader, node->at, "'%s' is declared already, at line %d", node->text,
                                    reader->names[known].at.line);
}

/* ---- declaring ------------------------------------------------------------------------------------------------------ */

static struct name *add(struct reader *reader, const struct node *node, enum name_role role)
{
    int known = names_find(reader, node->text);
    if (known >= 0 && reader->names[known].at.line > 0) {
        reader_fail(reader, node->at, "'%s' is declared already, at line %d", node->text,
                    reader->names[known].at.line);
        return NULL;
    }
    struct name *name =
        known >= 0 ? &reader->names[known] : ARENA_ADD(reader->arena, reader->names, reader->name_count);
    *name = (struct name){.at = node->at, .word = node->text, .role = role, .ftok_file = -1};
    return name;
}

static void add_peer(struct reader *reader)
{
    struct name *peer = ARENA_ADD(reader->arena, reader->names, reader->name_count);
    *peer = (struct name){.word = "peer", .role = NAME_PUPPET, .ftok_file = -1};
}

static void declare_puppets(struct reader *reader, const struct node *puppets)
{
    for (size_t i = 0; i < (puppets->kind == NODE_MAP ? puppets->count : node_count(puppets)); i++) {
        const struct node *node = puppets->kind == NODE_MAP ? puppets->keys[i] : node_item(puppets, i);
        if (check_word(reader, node, false))
            add(reader, node, NAME_PUPPET);
    }
}

static void declare_objects(struct reader *reader, const struct node *map, bool is_given)
{
    for (size_t i = 0; map->kind == NODE_MAP && i < map->count; i++) {
        if (!check_word(reader, map->keys[i], true))
            continue;
        if (node_is(map->keys[i], "peer")) {
            reader_fail(reader, map->keys[i]->at, "'peer' is the puppet that every case has");
            continue;
        }
        struct name *name = add(reader, map->keys[i], NAME_OBJECT);
        const struct node *value = map->items[i],
                          *kind = value->kind == NODE_MAP ? node_get(value, "is") : value;
        if (!name)
            continue;
        name->is_given = is_given;
        name->kind = kind && kind->kind == NODE_TEXT ? vocabulary_kind(kind->text) : NULL;
    }
}

static void declare_actors(struct reader *reader, const struct node *steps)
{
    for (size_t i = 0; steps->kind == NODE_LIST && i < steps->count; i++) {
        const struct node *start = node_get(steps->items[i], "start");
        for (size_t k = 0; start && start->kind == NODE_MAP && k < start->count; k++) {
            const struct node *node = start->keys[k];
            int known = node->kind == NODE_TEXT ? names_find(reader, node->text) : -1;
            if (known >= 0 && reader->names[known].role == NAME_ACTOR)
                continue; /* told where the start is read */
            if (node_is(node, "peer"))
                reader_fail(reader, node->at, "'peer' is the puppet that every case has");
            else if (check_word(reader, node, false))
                add(reader, node, NAME_ACTOR);
        }
    }
}

static void gather(struct bytes *spoken, const struct node *node)
{
    if (node->kind == NODE_TEXT)
        bytes_print(spoken, "%s\n", node->text);
    for (size_t i = 0; node->kind != NODE_TEXT && i < node->count; i++)
        gather(spoken, node->items[i]);
}

static void gather_spoken(struct reader *reader, const struct node *steps)
{
    cleanup_bytes struct bytes spoken = {0};
    for (size_t i = 0; steps->kind == NODE_LIST && i < steps->count; i++) {
        const struct node *start = node_get(steps->items[i], "start"),
                          *send = node_get(steps->items[i], "send");
        if (start)
            gather(&spoken, start);
        if (send)
            gather(&spoken, send);
    }
    reader->spoken = arena_text(reader->arena, bytes_text(&spoken));
}

void names_declare(struct reader *reader, const struct node *root)
{
    const struct node *puppets = node_get(root, "puppets"), *given = node_get(root, "given");
    const struct node *names = node_get(root, "names"), *steps = node_get(root, "steps");
    reader->spoken = "";
    add_peer(reader);
    if (puppets)
        declare_puppets(reader, puppets);
    if (given)
        declare_objects(reader, given, true);
    if (names)
        declare_objects(reader, names, false);
    if (steps) {
        declare_actors(reader, steps);
        gather_spoken(reader, steps);
    }
    reader->players = arena_alloc(reader->arena, reader->name_count * sizeof *reader->players);
}

/* ---- using ---------------------------------------------------------------------------------------------------------- */

const struct word_row names_parts[] = {{"parent", WHO_PARENT}, {"child", WHO_CHILD}, {"held", WHO_HELD}, {0}};

static bool read_part(struct reader *reader, const struct node *node, const char *part, struct who *who)
{
    const struct name *name = &reader->names[who->name];
    const struct word_row *row = names_parts;
    while (row->word && strcmp(row->word, part) != 0)
        row++;
    if (!row->word)
        return reader_fail(reader, node->at, "'%s' is not one of parent, child, held%s", part,
                           reader_nearest(reader, part, ROW_WORDS(reader, names_parts)));
    if (name->role != NAME_ACTOR)
        return reader_fail(reader, node->at, "'%s' has no .%s: only a student's program has one", name->word,
                           part);
    if (row->value == WHO_HELD && !reader->players[who->name].was_held && reader->stage == STAGE_STEPS)
        return reader_fail(reader, node->at, "nothing holds '%s'", name->word);
    who->part = (enum who_part)row->value;
    return true;
}

bool names_who(struct reader *reader, const struct node *node, struct who *who)
{
    *who = (struct who){.at = node->at, .name = -1, .part = WHO_ALL};
    if (!reader_is_text(reader, node, "a name is expected here"))
        return false;
    char *word = arena_copy(reader->arena, node->text, node->len), *dot = strchr(word, '.');
    if (dot)
        *dot = '\0';
    who->name = names_find(reader, word);
    if (who->name < 0)
        return reader_fail(reader, node->at, "nobody and nothing is called '%s'%s", word,
                           reader_nearest(reader, word, names_words(reader)));
    reader->players[who->name].is_used = true;
    return !dot || read_part(reader, node, dot + 1, who);
}

bool names_check_no_key(struct reader *reader, const struct node *node, int index)
{
    const struct name *name = &reader->names[index];
    if (name->role != NAME_OBJECT || !name->kind || name->kind->identity != IDENTITY_PATH_AND_ID)
        return true;
    return reader_fail(reader, node->at,
                       "'%s' is the key of a file and no object; <%s> stands for it in texts and numbers",
                       name->word, name->word);
}

int names_object(struct reader *reader, const struct node *node)
{
    struct who who;
    if (!names_who(reader, node, &who) || !names_check_no_key(reader, node, who.name))
        return -1;
    if (reader->names[who.name].role == NAME_OBJECT)
        return who.name;
    reader_fail(reader, node->at, "'%s' is not an object", node->text);
    return -1;
}

bool names_check_started(struct reader *reader, const struct who *who)
{
    const struct name *name = &reader->names[who->name];
    if (reader->stage != STAGE_STEPS || name->role != NAME_ACTOR || reader->players[who->name].is_started)
        return true;
    return reader_fail(reader, who->at, "'%s' has not been started yet", name->word);
}

bool names_check_named(struct reader *reader, struct where at, int index)
{
    const struct name *name = &reader->names[index];
    bool is_asked =
        reader->stage == STAGE_STEPS && !name->is_given; /* of what is given it was told already */
    for (size_t i = 0; is_asked && i < name->identity.count; i++) {
        const struct part *part = &name->identity.parts[i];
        if (part->kind == PART_REF && reader->names[part->name].role == NAME_ACTOR &&
            !reader->players[part->name].is_started)
            return reader_fail(reader, at,
                               "the path of '%s' holds the pid of '%s', which has not been started yet",
                               name->word, reader->names[part->name].word);
    }
    return true;
}

static bool is_spoken(struct reader *reader, const struct name *name)
{
    bool is_key_alone = name->kind && name->kind->identity == IDENTITY_PATH_AND_ID;
    if (name->has_key && !is_key_alone)
        return true;
    if (is_key_alone || !name->kind || name->kind->identity == IDENTITY_KEY ||
        name->kind->identity == IDENTITY_PORT)
        return false;
    for (size_t i = 0; i < name->identity.count; i++)
        if (name->identity.parts[i].kind == PART_BYTES &&
            strstr(reader->spoken, name->identity.parts[i].data))
            return true;
    return false;
}

void names_check_used(struct reader *reader)
{
    for (size_t i = 0; i < reader->name_count; i++) {
        const struct name *name = &reader->names[i];
        bool is_declared = name->at.line > 0 && name->role != NAME_ACTOR;
        if (is_declared && !reader->players[i].is_used && !is_spoken(reader, name))
            reader_fail(reader, name->at, "'%s' is declared and never used", name->word);
    }
}
