/* Looks: facts and at most one deed of somebody, or the state of an object. */
#include "cases/look.h"

#include <stdlib.h>
#include <string.h>

#include "cases/deed.h"
#include "cases/facts.h"
#include "cases/names.h"
#include "cases/object.h"
#include "cases/value.h"

static bool is_fact(const char *word)
{
    return fact_find(word) != NULL;
}

static bool read_blocks(struct reader *reader, const struct node *node, const struct who *who,
                        struct value *value)
{
    *value = (struct value){.at = node->at, .kind = VALUE_DEED};
    if (node_is(node, "any"))
        return true;
    if (node->kind == NODE_TEXT)
        return !node->is_told &&
               reader_fail(reader, node->at,
                           "a deed or any is expected: {blocks: {open: box}}, {blocks: any}");
    struct deed_place place = {.who = who->name, .must_block = true};
    struct deed *deed = arena_alloc(reader->arena, sizeof *deed);
    value->deed = deed;
    return deed_read(reader, node, &place, deed);
}

static bool read_fact(struct reader *reader, const struct node *key, const struct node *node,
                      const struct who *who, struct fact *fact)
{
    fact->row = fact_find(key->text);
    bool is_of_standin = fact->row->fact == FACT_STARTS || fact->row->fact == FACT_ARGS;
    if (is_of_standin && !names_is_standin(&reader->names[who->name]))
        return reader_fail(reader, key->at, "'%s' is asked of stand-ins only", key->text);
    bool is_printed = fact->row->fact == FACT_STDOUT || fact->row->fact == FACT_STDERR;
    if (is_printed && reader->names[who->name].role != NAME_ACTOR)
        return reader_fail(reader, key->at,
                           "'%s' is asked of a student's program: what '%s' writes is seen where it arrives",
                           key->text, reader->names[who->name].word);
    if (fact->row->fact == FACT_EXIT && reader->names[who->name].role == NAME_PUPPET &&
        reader->players[who->name].exit_line == 0)
        return reader_fail(reader, key->at, "'%s' ends only when a do tells it to exit",
                           reader->names[who->name].word);
    if (fact->row->fact == FACT_BLOCKS)
        return !node->is_told && read_blocks(reader, node, who, &fact->value);
    struct value_place place = {fact->row->word, fact->row->kind, fact->row->words, USE_LOOKED, false};
    return value_read(reader, node, &place, &fact->value);
}

static void refuse_word(struct reader *reader, const struct node *key)
{
    const char **words = ROW_WORDS(reader, facts), **deeds = vocabulary_deed_words();
    size_t count = 0;
    while (words[count])
        count++;
    for (size_t i = 0; deeds[i]; i++)
        *ARENA_ADD(reader->arena, words, count) = deeds[i];
    *ARENA_ADD(reader->arena, words, count) = NULL;
    free(deeds);
    reader_fail(reader, key->at, "'%s' is not a fact or a deed%s", key->text,
                reader_nearest(reader, key->text, words));
}

static bool read_deed_of_look(struct reader *reader, const struct node *map, const struct who *who,
                              const struct deed_place *place, const struct node *key, struct look *look)
{
    struct deed *deed = arena_alloc(reader->arena, sizeof *deed);
    look->deed = deed;
    if (reader->names[who->name].role == NAME_ACTOR)
        reader_note(reader, key->at, "this asks how the program does it, not what comes of it");
    return deed_read(reader, map, place, deed);
}

static void check_one_end(struct reader *reader, const struct node *map, const struct look *look)
{
    int ends = 0;
    for (size_t i = 0; i < look->count; i++)
        ends += fact_is_end(look->facts[i].row);
    if (ends > 1)
        reader_fail(reader, map->at, "a process ends in one way: exit, killed or ends");
}

static bool read_look(struct reader *reader, const struct node *map, const struct who *who, struct look *look)
{
    *look = (struct look){.at = map->at};
    if (!reader_has_items(reader, map, "a look is a map of facts: {stdout: \"..\", exit: 0}"))
        return false;
    struct deed_place place = {.who = who->name, .is_other = is_fact};
    const struct node *word = NULL;
    const struct deed_row *deed = deed_find(map, &place, &word);
    struct fact *list = NULL;
    bool is_right = !deed || read_deed_of_look(reader, map, who, &place, word, look);
    for (size_t i = 0; i < map->count; i++) {
        const struct node *key = map->keys[i];
        if (key->kind != NODE_TEXT || key->is_told || (deed && deed_param(deed, key->text)))
            continue;
        if (is_fact(key->text))
            is_right &=
                read_fact(reader, key, map->items[i], who, ARENA_ADD(reader->arena, list, look->count));
        else if (!deed)
            refuse_word(reader, key);
    }
    look->facts = list;
    check_one_end(reader, map, look);
    return is_right;
}

static bool read_looks(struct reader *reader, const struct node *node, struct expectation *expectation)
{
    struct look *looks = NULL;
    bool is_right = names_check_started(reader, &expectation->who);
    if (node_count(node) == 0)
        is_right = reader_fail(reader, node->at, "an empty list asks for nothing");
    for (size_t i = 0; i < node_count(node); i++)
        is_right &= read_look(reader, node_item(node, i), &expectation->who,
                              ARENA_ADD(reader->arena, looks, expectation->look_count));
    expectation->looks = looks;
    return is_right;
}

static bool read_state(struct reader *reader, const struct node *map, const struct name *name,
                       struct expectation *expectation)
{
    static const char law[] = "of an object is asked: present, absent, or a map of its state";
    struct state_value *list = NULL;
    expectation->kind = EXPECT_STATE;
    if (!reader_has_items(reader, map, law) || !name->kind)
        return false;
    bool is_right = true;
    for (size_t i = 0; i < map->count; i++) {
        const struct node *key = map->keys[i];
        if (key->kind == NODE_TEXT && !key->is_told)
            is_right &= object_read_state(reader, name, key, map->items[i], USE_LOOKED,
                                          ARENA_ADD(reader->arena, list, expectation->state.count));
    }
    expectation->state.values = list;
    return is_right;
}

static bool read_expectation(struct reader *reader, const struct node *key, const struct node *value,
                             struct expectation *expectation)
{
    static const struct word_row presence[] = {{"present", EXPECT_PRESENT}, {"absent", EXPECT_ABSENT}, {0}};
    struct who *who = &expectation->who;
    *expectation = (struct expectation){.at = key->at, .object = -1};
    if (!names_who(reader, key, who) || value->is_told)
        return false;
    const struct name *name = &reader->names[who->name];
    if (name->role != NAME_OBJECT || (names_is_standin(name) && value->kind != NODE_TEXT))
        return read_looks(reader, value, expectation);
    if (!names_check_no_key(reader, key, who->name) || !names_check_named(reader, key->at, who->name))
        return false;
    expectation->object = who->name;
    if (value->kind != NODE_TEXT)
        return read_state(reader, value, name, expectation);
    int64_t kind = EXPECT_STATE;
    bool is_right = reader_word(reader, value, presence, "what can be said of an object", &kind);
    expectation->kind = (enum expect_kind)kind;
    return is_right;
}

static bool read_map(struct reader *reader, const struct node *node, struct expect_map *map)
{
    struct expectation *items = NULL;
    *map = (struct expect_map){0};
    if (!reader_has_items(reader, node, "expect is a map: {WHO: {FACT: .., ..}, OBJECT: {STATE: ..}}"))
        return false;
    bool is_right = true;
    for (size_t i = 0; i < node->count; i++)
        is_right &= read_expectation(reader, node->keys[i], node->items[i],
                                     ARENA_ADD(reader->arena, items, map->count));
    map->items = items;
    return is_right;
}

bool look_read_alternatives(struct reader *reader, const struct node *node, const struct expect_map **maps,
                            size_t *count)
{
    const struct node *any = node_get(node, "any");
    struct expect_map *list = NULL;
    *count = 0;
    if (!any) {
        bool is_read = read_map(reader, node, ARENA_ADD(reader->arena, list, *count));
        *maps = list;
        return is_read;
    }
    if (node->count > 1)
        return reader_fail(reader, node->at, "beside 'any' stands nothing else: {any: [{..}, {..}]}");
    bool is_right = (any->kind == NODE_LIST && any->count > 0) ||
                    reader_fail(reader, any->at, "'any' wants a list of maps, one of which must hold");
    for (size_t i = 0; any->kind == NODE_LIST && i < any->count; i++)
        is_right &= read_map(reader, any->items[i], ARENA_ADD(reader->arena, list, *count));
    *maps = list;
    return is_right;
}
