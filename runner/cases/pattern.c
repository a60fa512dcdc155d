/* Texts of a case.
 *
 * A text is cut into parts: bytes, references, wild words, filling. Escapes work only where YAML handles them, in double
 * quotes; a backslash anywhere else is nearly always an escape that was meant, and is refused (`matches` excepted). Regular
 * expressions are compiled once here, with something harmless in place of references, to tell mistakes with their place.
 */
#include "cases/pattern.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"
#include "cases/number.h"
#include "cases/reference_text.h"
#include "cases/regex.h"

static bool check_backslash(struct reader *reader, const struct node *node, enum text_use use)
{
    if (use == TEXT_REGEX || node->quoting == QUOTED_DOUBLE)
        return true;
    for (size_t i = 0; i + 1 < node->len; i++)
        if (node->text[i] == '\\' && node->text[i + 1] != '\0' &&
            strchr("0abtnvfre\"/\\N_LPxuU", node->text[i + 1]))
            return reader_fail(reader, node->at, "\\%c is an escape only in double quotes",
                               node->text[i + 1]);
    return true;
}

static void note_traps(struct reader *reader, const struct node *node)
{
    if (node->is_cut_by_hash)
        reader_note(reader, node->at, "the text ends before '#', which begins a comment");
    if (node->has_high_escape)
        reader_note(reader, node->at,
                    "from \\x80 on an escape is a character of two bytes; bytes are {hex: \"80 ff\"}");
}

static void add_bytes(struct reader *reader, struct part **parts, size_t *count, const char *data, size_t len)
{
    if (len > 0)
        *ARENA_ADD(reader->arena, *parts, *count) =
            (struct part){.kind = PART_BYTES, .data = arena_copy(reader->arena, data, len), .len = len};
}

/* "<<" before a word is a literal '<'. */
static bool is_doubled(const char *text, size_t left)
{
    return left >= 3 && text[0] == '<' && text[1] == '<' && text[2] >= 'a' && text[2] <= 'z';
}

static bool cut(struct reader *reader, const struct node *node, enum text_use use, struct part **parts,
                size_t *count)
{
    const char *text = node->text;
    size_t from = 0;
    bool is_right = true;
    for (size_t i = 0; i < node->len;) {
        if (is_doubled(text + i, node->len - i)) {
            add_bytes(reader, parts, count, text + from, i - from);
            from = i + 1;
            i += 2;
            continue;
        }
        size_t len = reference_scan(text + i, node->len - i);
        if (len == 0) {
            i++;
            continue;
        }
        struct part part = {0};
        add_bytes(reader, parts, count, text + from, i - from);
        if (use == TEXT_SENT || !reference_is_wild(text + i, len, &part))
            is_right &= reference_resolve(reader, node->at, text + i, len, &part);
        *ARENA_ADD(reader->arena, *parts, *count) = part;
        i += len;
        from = i;
    }
    add_bytes(reader, parts, count, text + from, node->len - from);
    return is_right;
}

bool text_read(struct reader *reader, const struct node *node, enum text_use use, struct text *text)
{
    *text = (struct text){.at = node->at};
    if (!reader_is_text(reader, node, "one text is expected here") || !check_backslash(reader, node, use))
        return false;
    note_traps(reader, node);
    struct part *parts = NULL;
    bool is_right = cut(reader, node, use, &parts, &text->count);
    text->parts = parts;
    return is_right;
}

const char *text_read_plain(struct reader *reader, const struct node *node)
{
    if (!reader_is_text(reader, node, "one text is expected here") ||
        !check_backslash(reader, node, TEXT_SENT))
        return NULL;
    note_traps(reader, node);
    if (strlen(node->text) != node->len) {
        reader_fail(reader, node->at, "a NUL byte cannot stand here");
        return NULL;
    }
    return node->text;
}

static bool read_hex(struct reader *reader, const struct node *node, struct part *part)
{
    static const char law[] = "hex wants pairs of hexadecimal digits: {hex: \"80 ff\"}";
    if (!reader_is_text(reader, node, law))
        return false;
    char *bytes = arena_alloc(reader->arena, node->len + 1);
    size_t len = 0;
    for (const char *at = node->text; *(at += strspn(at, " \n")); at += 2) {
        if (strspn(at, "0123456789abcdefABCDEF") < 2)
            return reader_fail(reader, node->at, law);
        bytes[len++] = (char)strtol((char[]){at[0], at[1], '\0'}, NULL, 16);
    }
    *part = (struct part){.kind = PART_BYTES, .data = bytes, .len = len};
    return true;
}

static bool read_fill(struct reader *reader, const struct node *node, struct part *part)
{
    int64_t len = 0;
    *part = (struct part){.kind = PART_FILL};
    bool is_right = number_read_plain(reader, node, "fill is", 1, FILL_MAX, &len);
    part->len = (size_t)len;
    return is_right;
}

/* The only key of a one-key map; NULL and an error for anything else. */
static const struct node *only_key(struct reader *reader, const struct node *map, const char *words)
{
    bool is_told = false;
    for (size_t i = 0; i < map->count; i++)
        is_told |= map->keys[i]->is_told || map->keys[i]->kind != NODE_TEXT;
    if (map->count == 1 && !is_told)
        return map->keys[0];
    if (!is_told)
        reader_fail(reader, map->at, "exactly one of %s", words);
    return NULL;
}

static const char data_words[] = "fill, hex";

static bool read_made(struct reader *reader, const struct node *map, struct text *text)
{
    const struct node *key = only_key(reader, map, data_words), *value = key ? map->items[0] : NULL;
    if (!key)
        return false;
    struct part *part = arena_alloc(reader->arena, sizeof *part);
    *text = (struct text){.at = map->at, .parts = part, .count = 1};
    if (node_is(key, "fill"))
        return read_fill(reader, value, part);
    if (node_is(key, "hex"))
        return read_hex(reader, value, part);
    return reader_fail(reader, key->at, "'%s' is not one of %s%s", key->text, data_words,
                       reader_nearest(reader, key->text, (const char *const[]){"fill", "hex", NULL}));
}

bool data_read(struct reader *reader, const struct node *node, enum text_use use, struct text *text)
{
    if (node->kind == NODE_TEXT)
        return text_read(reader, node, use, text);
    *text = (struct text){.at = node->at};
    if (node->kind == NODE_LIST)
        return reader_fail(reader, node->at, "a text, or one of %s", data_words);
    return read_made(reader, node, text);
}

/* Nothing that a kernel would refuse: a string of execve() holds no NUL byte and at most MAX_ARG_STRLEN (execve(2)). */
static bool is_argument(struct reader *reader, const struct text *text, const char *what)
{
    size_t len = 0;
    for (size_t i = 0; i < text->count; i++) {
        const struct part *part = &text->parts[i];
        if (part->kind == PART_BYTES && memchr(part->data, '\0', part->len))
            return reader_fail(reader, text->at, "no %s can hold a NUL byte", what);
        len += part->len;
    }
    return len <= ARGUMENT_MAX ||
           reader_fail(reader, text->at, "no %s is longer than %d bytes", what, ARGUMENT_MAX);
}

bool text_read_arguments(struct reader *reader, const struct node *node, const char *what,
                         struct text_list *list)
{
    struct text *texts = NULL;
    *list = (struct text_list){0};
    if (node->kind == NODE_MAP)
        return reader_fail(reader, node->at, "one text or a list of texts is expected here");
    bool is_right = true;
    for (size_t i = 0; i < node_count(node); i++) {
        struct text *text = ARENA_ADD(reader->arena, texts, list->count);
        is_right &= data_read(reader, node_item(node, i), TEXT_SENT, text) && is_argument(reader, text, what);
    }
    list->texts = texts;
    return is_right;
}

/* ---- TEXT ----------------------------------------------------------------------------------------------------------- */

static void read_contains(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct pattern *pattern = into;
    struct text *texts = NULL;
    pattern->kind = PATTERN_CONTAINS;
    for (size_t i = 0; i < node_count(value); i++)
        data_read(reader, node_item(value, i), TEXT_EXPECTED,
                  ARENA_ADD(reader->arena, texts, pattern->texts.count));
    if (pattern->texts.count == 0)
        reader_fail(reader, key->at, "an empty list asks for nothing");
    pattern->texts.texts = texts;
}

static void read_matches(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct pattern *pattern = into;
    struct text *text = arena_alloc(reader->arena, sizeof *text);
    (void)key;
    pattern->kind = PATTERN_MATCHES;
    pattern->texts = (struct text_list){text, 1};
    char why[200];
    if (text_read(reader, value, TEXT_REGEX, text) && !regex_check(text, why, sizeof why))
        reader_fail(reader, value->at, "not a regular expression: %s", why);
}

static bool read_line(struct reader *reader, const struct node *node, struct text *line)
{
    if (!text_read(reader, node, TEXT_EXPECTED, line))
        return false;
    return !memchr(node->text, '\n', node->len) ||
           reader_fail(reader, node->at, "a line carries no newline of its own");
}

static void read_lines(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct pattern *pattern = into;
    struct text *lines = NULL;
    pattern->kind = PATTERN_LINES;
    if (value->kind == NODE_MAP)
        reader_fail(reader, key->at, "lines are a list of texts");
    for (size_t i = 0; value->kind != NODE_MAP && i < node_count(value); i++)
        read_line(reader, node_item(value, i), ARENA_ADD(reader->arena, lines, pattern->texts.count));
    pattern->texts.texts = lines;
}

static void read_any_order(struct reader *reader, const struct node *key, const struct node *value,
                           void *into)
{
    struct pattern *pattern = into;
    struct text_list *groups = NULL;
    pattern->kind = PATTERN_ANY_ORDER;
    if (value->kind == NODE_MAP)
        reader_fail(reader, key->at, "any_order is a list of texts, or of lists of texts");
    for (size_t i = 0; value->kind != NODE_MAP && i < node_count(value); i++) {
        const struct node *item = node_item(value, i);
        struct text_list *group = ARENA_ADD(reader->arena, groups, pattern->group_count);
        struct text *lines = NULL;
        for (size_t k = 0; k < node_count(item); k++)
            read_line(reader, node_item(item, k), ARENA_ADD(reader->arena, lines, group->count));
        group->texts = lines;
    }
    pattern->groups = groups;
}

static void read_exact(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct pattern *pattern = into;
    struct text *text = arena_alloc(reader->arena, sizeof *text);
    struct part *part = arena_alloc(reader->arena, sizeof *part);
    pattern->kind = PATTERN_EXACT;
    if (node_is(key, "fill"))
        read_fill(reader, value, part);
    else
        read_hex(reader, value, part);
    *text = (struct text){.at = key->at, .parts = part, .count = 1};
    pattern->texts = (struct text_list){text, 1};
}

const struct key_row pattern_words[] = {
    {"contains", read_contains, "TEXT, or a list", "all of these stand somewhere in it", "contained", NULL},
    {"matches", read_matches, "REGEX", "the whole matches this regular expression (PCRE2)", "text", NULL},
    {"lines", read_lines, "list of texts", "exactly these lines in this order; the last newline may lack",
     "lines", NULL},
    {"any_order", read_any_order, "list of texts or of lists",
     "exactly these lines in any order; an inner list keeps its own order, so that every interleaving of "
     "several writers "
     "is one pattern",
     "any_order", NULL},
    {"fill", read_exact, "N",
     "the runner's known N bytes (sent, given and expected alike); printable, in short lines", "fill", NULL},
    {"hex", read_exact, "\"80 ff\"", "these bytes", "hex", NULL},
    {0},
};

static bool read_pattern_map(struct reader *reader, const struct node *node, struct pattern *pattern)
{
    const char **words = ROW_WORDS(reader, pattern_words);
    const char *all = reader_join(reader, words);
    const struct node *key = only_key(reader, node, all);
    if (!key)
        return false;
    for (const struct key_row *row = pattern_words; row->word; row++) {
        if (!node_is(key, row->word))
            continue;
        size_t errors = reader->errors;
        if (node->items[0]->is_told)
            return false;
        row->read(reader, key, node->items[0], pattern);
        return reader->errors == errors;
    }
    return reader_fail(reader, key->at, "'%s' is not one of %s%s", key->text, all,
                       reader_nearest(reader, key->text, words));
}

bool pattern_read(struct reader *reader, const struct node *node, bool is_exact, struct pattern *pattern)
{
    *pattern = (struct pattern){.at = node->at, .kind = PATTERN_EXACT};
    if (!is_exact && node->kind == NODE_LIST)
        return reader_fail(reader, node->at, "a text, or one of %s",
                           reader_join(reader, ROW_WORDS(reader, pattern_words)));
    if (!is_exact && node->kind == NODE_MAP)
        return read_pattern_map(reader, node, pattern);
    struct text *text = arena_alloc(reader->arena, sizeof *text);
    pattern->texts = (struct text_list){text, 1};
    return data_read(reader, node, is_exact ? TEXT_SENT : TEXT_EXPECTED, text);
}

size_t text_length(const struct text *text)
{
    size_t len = 0;
    for (size_t i = 0; i < text->count; i++)
        len += text->parts[i].len;
    return len;
}

static size_t longest_of_bytes(const struct part *part, size_t *column, size_t longest)
{
    for (size_t i = 0; i < part->len; i++) {
        *column = part->data[i] == '\n' ? 0 : *column + 1;
        longest = *column > longest ? *column : longest;
    }
    return longest;
}

size_t text_longest_line(const struct text *text)
{
    size_t longest = 0, column = 0;
    for (size_t i = 0; i < text->count; i++) {
        const struct part *part = &text->parts[i];
        if (part->kind == PART_BYTES)
            longest = longest_of_bytes(part, &column, longest);
        if (part->kind != PART_FILL)
            continue;
        /* The filling has a newline in every 64 bytes (base/text.h). */
        size_t first = part->len < 63 ? part->len : 63;
        longest = column + first > longest ? column + first : longest;
        column = part->len < 64 ? column + part->len : part->len % 64;
    }
    return longest;
}
