/* What all readers share: errors with a place and the nearest right word, tables of keys, words of tables. */
#include "cases/reader.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "cases/complaint.h"

/* Beyond this many candidates nobody is helped, and the search would be slow. */
enum { CANDIDATES_MAX = 1000 };

bool reader_fail(struct reader *reader, struct where at, const char *format, ...)
{
    reader->errors++;
    va_list args;
    va_start(args, format);
    complaint_add(reader->complaints, at, false, format, args);
    va_end(args);
    return false;
}

void reader_note(struct reader *reader, struct where at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    complaint_add(reader->complaints, at, true, format, args);
    va_end(args);
}

const char **row_words(struct arena *arena, const void *rows, size_t row_size)
{
    const char **words = NULL;
    size_t count = 0;
    for (const char *row = rows; row && *(const char *const *)row; row += row_size)
        *ARENA_ADD(arena, words, count) = *(const char *const *)row;
    *ARENA_ADD(arena, words, count) = NULL;
    return words;
}

const char *reader_nearest(struct reader *reader, const char *word, const char *const *list)
{
    size_t count = 0;
    while (list[count])
        count++;
    /* One letter is near to every other letter. */
    if (reader->errors > ERRORS_PER_FILE || count > CANDIDATES_MAX || strlen(word) < 2)
        return "";
    const char *nearest = text_nearest(word, list);
    return nearest ? arena_print(reader->arena, "; did you mean '%s'?", nearest) : "";
}

const char *reader_join(struct reader *reader, const char *const *list)
{
    const char *joined = "";
    for (; *list; list++)
        joined = arena_print(reader->arena, "%s%s%s", joined, *joined ? ", " : "", *list);
    return joined;
}

const char *reader_nearest_or_all(struct reader *reader, const char *word, const char *const *list)
{
    enum { FEW = 12 };
    const char *nearest = reader_nearest(reader, word, list);
    size_t count = 0;
    while (list[count])
        count++;
    if (*nearest || count == 0 || count > FEW)
        return nearest;
    return arena_print(reader->arena, "; there are: %s", reader_join(reader, list));
}

static void refuse_unknown_keys(struct reader *reader, const struct node *map, const struct key_row *rows,
                                const char *what)
{
    const char **words = ROW_WORDS(reader, rows);
    for (size_t i = 0; i < map->count; i++) {
        const struct node *key = map->keys[i];
        if (key->kind != NODE_TEXT || key->is_told)
            continue;
        const struct key_row *row = rows;
        while (row->word && !node_is(key, row->word))
            row++;
        if (row->word)
            continue;
        reader_fail(reader, key->at, "'%s' is not %s%s", key->text, what,
                    reader_nearest_or_all(reader, key->text, words));
    }
}

bool reader_keys(struct reader *reader, const struct node *map, const struct key_row *rows, const char *what,
                 void *into)
{
    if (!reader_is_map(reader, map, arena_print(reader->arena, "a map of keys; each is %s", what)))
        return false;
    refuse_unknown_keys(reader, map, rows, what);
    for (const struct key_row *row = rows; row->word; row++) {
        size_t i = 0;
        while (i < map->count && !node_is(map->keys[i], row->word))
            i++;
        /* A second key of the same name was told, and is not read. */
        if (i < map->count && !map->items[i]->is_told)
            row->read(reader, map->keys[i], map->items[i], into);
    }
    return true;
}

bool reader_is_map(struct reader *reader, const struct node *node, const char *expected)
{
    if (node->kind != NODE_MAP && !node->is_told)
        reader_fail(reader, node->at, "%s", expected);
    return node->kind == NODE_MAP;
}

bool reader_is_text(struct reader *reader, const struct node *node, const char *expected)
{
    if (node->kind != NODE_TEXT && !node->is_told)
        reader_fail(reader, node->at, "%s", expected);
    return node->kind == NODE_TEXT && !node->is_told;
}

bool reader_has_items(struct reader *reader, const struct node *node, const char *expected)
{
    if (!reader_is_map(reader, node, expected))
        return false;
    return node->count > 0 || reader_fail(reader, node->at, "%s", expected);
}

bool reader_word(struct reader *reader, const struct node *node, const struct word_row *rows,
                 const char *what, int64_t *value)
{
    const char **words = ROW_WORDS(reader, rows);
    const char *all = reader_join(reader, words);
    if (!reader_is_text(reader, node, arena_print(reader->arena, "one word is expected: %s", all)))
        return false;
    for (const struct word_row *row = rows; row->word; row++) {
        if (node_is(node, row->word)) {
            *value = row->value;
            return true;
        }
    }
    return reader_fail(reader, node->at, "'%s' is not %s%s; there are: %s", node->text, what,
                       reader_nearest(reader, node->text, words), all);
}
