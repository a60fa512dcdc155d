/* One reader for all deeds, driven by the rows of the vocabulary. What stands first is read in target.c. */
#include "cases/deed.h"

#include <stdlib.h>
#include <string.h>

#include "cases/names.h"
#include "cases/number.h"
#include "cases/target.h"
#include "cases/value.h"

static bool is_other(const struct deed_place *place, const char *word)
{
    return place->is_other && place->is_other(word);
}

/* From key number `from` on. */
static const struct deed_row *find_from(const struct node *map, size_t from, const struct deed_place *place,
                                        const struct node **key)
{
    for (size_t i = from; i < map->count; i++) {
        const struct node *word = map->keys[i];
        const struct deed_row *row = word->kind == NODE_TEXT ? vocabulary_deed(word->text) : NULL;
        if (!row || is_other(place, word->text))
            continue;
        *key = word;
        return row;
    }
    return NULL;
}

const struct deed_row *deed_find(const struct node *map, const struct deed_place *place,
                                 const struct node **key)
{
    return find_from(map, 0, place, key);
}

static void refuse_second(struct reader *reader, const struct node *map, const struct deed_place *place,
                          const struct deed_row *first, const struct node *first_key)
{
    size_t from = 0;
    while (map->keys[from] != first_key)
        from++;
    const struct node *key = NULL;
    const struct deed_row *second = find_from(map, from + 1, place, &key);
    if (second)
        reader_fail(reader, key->at, "one deed at a time: '%s' and '%s'; write %s", first->word, second->word,
                    place->is_done ? "a step for each" : "a list if both are meant, in this order");
}

static const struct deed_row *must_find(struct reader *reader, const struct node *map,
                                        const struct deed_place *place, const struct node **key)
{
    if (!reader_has_items(reader, map, "a deed is a map: {WORD: what, parameter: value, ..}"))
        return NULL;
    const struct deed_row *row = deed_find(map, place, key);
    if (row) {
        refuse_second(reader, map, place, row, *key);
        return row;
    }
    const char **words = vocabulary_deed_words();
    for (size_t i = 0; i < map->count; i++) {
        const struct node *word = map->keys[i];
        if (word->kind != NODE_TEXT || is_other(place, word->text))
            continue;
        reader_fail(reader, word->at, "'%s' is not a deed%s", word->text,
                    reader_nearest(reader, word->text, words));
        free(words);
        return NULL;
    }
    free(words);
    reader_fail(reader, map->at, "a deed is missing");
    return NULL;
}

static bool check_use(struct reader *reader, struct where at, const struct deed_row *row,
                      const struct deed_place *place)
{
    if (place->must_block && !(row->uses & DEED_BLOCKS))
        return reader_fail(reader, at, "'%s' never blocks", row->word);
    if (place->is_done && !(row->uses & DEED_DONE))
        return reader_fail(reader, at, "no puppet does '%s': it is only looked for", row->word);
    if (!place->is_done && !(row->uses & DEED_LOOKED))
        return reader_fail(reader, at, "'%s' is not looked for: only puppets do it", row->word);
    return true;
}

static bool refuse_param(struct reader *reader, const struct node *key, const struct deed_row *row)
{
    const char **words = ROW_WORDS(reader, row->params);
    size_t count = 0;
    while (words[count])
        count++;
    *ARENA_ADD(reader->arena, words, count) = "error";
    *ARENA_ADD(reader->arena, words, count) = NULL;
    return reader_fail(reader, key->at, "'%s' is not a parameter of %s%s", key->text, row->word,
                       reader_nearest_or_all(reader, key->text, words));
}

static bool read_result(struct reader *reader, const struct node *key, const struct node *value,
                        const struct deed_place *place, struct deed *deed)
{
    if (place->must_block && !place->is_done)
        return reader_fail(reader, key->at, "a call that blocks has no '%s' yet", key->text);
    if (node_is(key, "error"))
        return value_errnos(reader, value, &deed->errors, &deed->error_count);
    deed->has_returns = true;
    return range_read(reader, value, false, &deed->returns);
}

static bool read_param(struct reader *reader, const struct node *key, const struct node *value,
                       const struct deed_place *place, struct deed *deed, struct param_value *param)
{
    const struct param_row *row = deed_param(deed->row, key->text);
    bool is_gain = row->param == PARAM_GIVES || row->param == PARAM_UNTIL;
    if (is_gain && place->must_block && !place->is_done)
        return reader_fail(reader, key->at, "a call that blocks has no '%s' yet", key->text);
    struct value_place at = {row->word, row->kind, row->words, place->is_done ? USE_DONE : USE_LOOKED,
                             deed->row->kinds == 1ULL << OBJECT_MQ};
    param->row = row;
    return value_read(reader, value, &at, &param->value);
}

/* All keys but the deed's own word. */
static bool read_params(struct reader *reader, const struct node *map, const struct node *word,
                        const struct deed_place *place, struct deed *deed)
{
    struct param_value *params = NULL;
    bool is_right = true;
    for (size_t i = 0; i < map->count; i++) {
        const struct node *key = map->keys[i], *value = map->items[i];
        if (key == word || key->kind != NODE_TEXT || key->is_told || value->is_told)
            continue;
        bool is_result = node_is(key, "error") || node_is(key, "returns");
        if (deed_param(deed->row, key->text))
            is_right &=
                read_param(reader, key, value, place, deed, ARENA_ADD(reader->arena, params, deed->count));
        else if (is_other(place, key->text))
            continue;
        else if (is_result)
            is_right &= read_result(reader, key, value, place, deed);
        else if (!vocabulary_deed(key->text)) /* a second deed was told */
            is_right = refuse_param(reader, key, deed->row);
    }
    deed->params = params;
    return is_right;
}

/* What a puppet has after the deed: new names, and one less. Also after a mistake, so that it is told once. */
static void keep_own_names(struct reader *reader, const struct deed_place *place, const struct deed *deed)
{
    static const char *const letting_go[] = {"close", "shmdt", "munmap", "sem_close", NULL};
    if (deed->error_count > 0)
        return;
    if (deed->first.kind == TARGET_PAIR) {
        target_own_add(reader, place->who, deed->first.word);
        target_own_add(reader, place->who, deed->first.word2);
    }
    const struct value *as = deed_value(deed, PARAM_AS), *passed = deed_value(deed, PARAM_FDS);
    if (as && as->word)
        target_own_add(reader, place->who, as->word);
    for (size_t i = 0; passed && strcmp(deed->row->word, "read") == 0 && i < passed->count; i++)
        target_own_add(reader, place->who, passed->words[i]);
    for (const char *const *word = letting_go; deed->first.kind == TARGET_END && *word; word++)
        if (strcmp(*word, deed->row->word) == 0)
            target_own_close(reader, place->who, deed->first.word);
}

bool deed_read(struct reader *reader, const struct node *map, const struct deed_place *place,
               struct deed *deed)
{
    *deed = (struct deed){.at = map->at};
    const struct node *key = NULL;
    deed->row = must_find(reader, map, place, &key);
    if (!deed->row) {
        const struct node *as = node_get(map, "as");
        if (place->is_done && as && as->kind == NODE_TEXT)
            target_own_add(reader, place->who, as->text);
        return false;
    }
    bool is_right = check_use(reader, key->at, deed->row, place);
    is_right &= target_read(reader, node_get(map, key->text), deed->row, place, &deed->first);
    is_right &= read_params(reader, map, key, place, deed);
    if (place->is_done)
        keep_own_names(reader, place, deed);
    return is_right;
}
