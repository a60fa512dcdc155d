/* A YAML tree with places, made from libyaml's events.
 *
 * Events are pulled one at a time, so that the limit on depth bites before libyaml has worked through a file of brackets (it is
 * quadratic in their depth). Unlike the document interface, events show anchors and tags that nobody uses. Marks of libyaml
 * count characters from 0; `byte_of` leads from a character back to its byte in the file.
 */
#include "cases/document.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>

#include "base/cleanup.h"
#include "cases/complaint.h"
#include "cases/yaml_error.h"

/* NOLINTBEGIN(bugprone-sizeof-expression): arrays of pointers to nodes are meant */

struct builder {
    struct arena *arena;
    struct complaints *complaints;
    const char *file;
    const char *source;
    size_t len;
    uint32_t *byte_of; /* per character; chars + 1 of them */
    size_t chars;
    yaml_parser_t parser;
    int depth;
};

static struct where place(const struct builder *b, yaml_mark_t mark)
{
    return (struct where){b->file, (int)mark.line + 1, (int)mark.column + 1};
}

static void index_characters(struct builder *b)
{
    b->byte_of = arena_alloc(b->arena, (b->len + 1) * sizeof *b->byte_of);
    for (size_t i = 0; i < b->len; i++)
        if (((unsigned char)b->source[i] & 0xc0) != 0x80)
            b->byte_of[b->chars++] = (uint32_t)i;
    b->byte_of[b->chars] = (uint32_t)b->len;
}

static size_t byte_at(const struct builder *b, yaml_mark_t mark)
{
    return b->byte_of[mark.index < b->chars ? mark.index : b->chars];
}

/* After the plain text that ends at `end`: one blank and '#', or '#' glued to a word. An ordinary comment stands further off
 * and has a blank behind its '#'. */
static bool is_cut_by_hash(const struct builder *b, size_t end)
{
    size_t hash = end;
    while (hash < b->len && (b->source[hash] == ' ' || b->source[hash] == '\t'))
        hash++;
    if (hash == end || b->source[hash] != '#') /* the source has a NUL behind its end */
        return false;
    char next = b->source[hash + 1];
    return hash == end + 1 || !(next == ' ' || next == '\n' || next == '\0' || next == '#');
}

static bool has_high_escape(const char *from, const char *to)
{
    for (; from + 2 < to; from++) {
        if (from[0] != '\\')
            continue;
        if (from[1] == 'x' && strchr("89abcdefABCDEF", from[2]))
            return true;
        from++;
    }
    return false;
}

static bool next_event(struct builder *b, yaml_event_t *event)
{
    if (yaml_parser_parse(&b->parser, event))
        return true;
    yaml_error_tell(&b->parser, b->complaints, b->file, b->source, b->len, b->byte_of, b->chars);
    return false;
}

static void refuse_extras(struct builder *b, const struct node *node, const yaml_char_t *anchor,
                          const yaml_char_t *tag)
{
    static const char refusal[] =
        "%s is not part of the case language; put the text in quotes if you mean the sign";
    if (anchor)
        complain(b->complaints, node->at, refusal, "an anchor (&)");
    if (tag)
        complain(b->complaints, node->at, refusal, "a tag (!)");
}

static enum quoting quoting_of(yaml_scalar_style_t style)
{
    switch (style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE: return QUOTED_SINGLE;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE: return QUOTED_DOUBLE;
    case YAML_LITERAL_SCALAR_STYLE:
    case YAML_FOLDED_SCALAR_STYLE: return QUOTED_BLOCK;
    case YAML_ANY_SCALAR_STYLE:
    case YAML_PLAIN_SCALAR_STYLE: break;
    }
    return QUOTED_NOT;
}

static void build_text(struct builder *b, struct node *node, const yaml_event_t *event)
{
    size_t start = byte_at(b, event->start_mark), end = byte_at(b, event->end_mark);
    node->kind = NODE_TEXT;
    node->quoting = quoting_of(event->data.scalar.style);
    node->text = arena_copy(b->arena, event->data.scalar.value, event->data.scalar.length);
    node->len = event->data.scalar.length;
    node->is_cut_by_hash = node->quoting == QUOTED_NOT && is_cut_by_hash(b, end);
    node->has_high_escape =
        node->quoting == QUOTED_DOUBLE && has_high_escape(b->source + start, b->source + end);
    refuse_extras(b, node, event->data.scalar.anchor, event->data.scalar.tag);
}

static bool is_empty(const struct node *node)
{
    return node->kind == NODE_TEXT && node->quoting == QUOTED_NOT && node->len == 0;
}

static void refuse_empty(struct builder *b, struct node *key, struct node *value, bool in_flow)
{
    if (!is_empty(value) || value->is_told)
        return;
    value->is_told = true;
    if (key)
        key->is_told = true; /* it may be half a text, so nobody wants to hear that it is unknown too */
    const char *colon = key && key->kind == NODE_TEXT ? strchr(key->text, ':') : NULL;
    if (!key)
        complain(b->complaints, value->at, "an item without a value; an empty text is \"\"");
    else if (key->kind != NODE_TEXT)
        return; /* told as a key that is no word */
    else if (colon && in_flow && key->quoting == QUOTED_NOT)
        complain(b->complaints, key->at, "no value: after a colon comes a blank ('%.*s: %s')",
                 (int)(colon - key->text), key->text, colon + 1);
    else if (in_flow)
        complain(b->complaints, key->at,
                 "'%s' has no value; if it is part of a text with a comma, the text wants quotes; an empty "
                 "text is \"\"",
                 key->text);
    else
        complain(b->complaints, key->at, "'%s' has no value; an empty text is \"\"", key->text);
}

static int by_key(const void *a, const void *b)
{
    const struct node *left = *(const struct node *const *)a, *right = *(const struct node *const *)b;
    int order = strcmp(left->text, right->text);
    if (order != 0)
        return order;
    if (left->at.line != right->at.line)
        return left->at.line < right->at.line ? -1 : 1;
    return (left->at.column > right->at.column) - (left->at.column < right->at.column);
}

static void check_keys(struct builder *b, const struct node *map)
{
    const struct node **sorted = arena_alloc(b->arena, (map->count + 1) * sizeof *sorted);
    size_t count = 0;
    for (size_t i = 0; i < map->count; i++) {
        const struct node *key = map->keys[i];
        if (key->kind != NODE_TEXT)
            complain(b->complaints, key->at, "a key is a word, not a list or a map");
        else if (is_empty(key) && !key->is_told)
            complain(b->complaints, key->at, "a key is missing before the colon");
        else
            sorted[count++] = key;
    }
    qsort(sorted, count, sizeof *sorted, by_key);
    for (size_t i = 1; i < count; i++)
        if (strcmp(sorted[i - 1]->text, sorted[i]->text) == 0)
            complain(b->complaints, sorted[i]->at, "'%s' stands here twice; first at line %d",
                     sorted[i]->text, sorted[i - 1]->at.line);
}

static struct node *build(struct builder *b, const yaml_event_t *event);

/* The items up to the end event, keys and values in turn for a map. NULL at a syntax error. */
static bool build_items(struct builder *b, struct node *node, bool in_flow)
{
    size_t keys = 0;
    struct node *key = NULL;
    for (;;) {
        yaml_event_t event;
        if (!next_event(b, &event))
            return false;
        bool is_end = event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT;
        struct node *built = is_end ? NULL : build(b, &event);
        yaml_event_delete(&event);
        if (is_end)
            return true;
        if (!built)
            return false;
        if (node->kind == NODE_MAP && keys == node->count) {
            *ARENA_ADD(b->arena, node->keys, keys) = key = built;
            continue;
        }
        refuse_empty(b, key, built, in_flow);
        *ARENA_ADD(b->arena, node->items, node->count) = built;
    }
}

static struct node *build_collection(struct builder *b, struct node *node, bool in_flow)
{
    if (b->depth == DOCUMENT_LEVELS_MAX) {
        complain(b->complaints, node->at, "too deep: lists and maps may be nested %d levels",
                 DOCUMENT_LEVELS_MAX);
        return NULL;
    }
    b->depth++;
    bool is_whole = build_items(b, node, in_flow);
    b->depth--;
    if (is_whole && node->kind == NODE_MAP)
        check_keys(b, node);
    return is_whole ? node : NULL;
}

static struct node *build(struct builder *b, const yaml_event_t *event)
{
    struct node *node = arena_alloc(b->arena, sizeof *node);
    node->at = place(b, event->start_mark);
    switch (event->type) {
    case YAML_SCALAR_EVENT: build_text(b, node, event); return node;
    case YAML_SEQUENCE_START_EVENT:
        node->kind = NODE_LIST;
        refuse_extras(b, node, event->data.sequence_start.anchor, event->data.sequence_start.tag);
        return build_collection(b, node, event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
    case YAML_MAPPING_START_EVENT:
        node->kind = NODE_MAP;
        refuse_extras(b, node, event->data.mapping_start.anchor, event->data.mapping_start.tag);
        return build_collection(b, node, event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
    case YAML_ALIAS_EVENT:
        complain(
            b->complaints, node->at,
            "an alias (*) is not part of the case language; put the text in quotes if you mean the sign");
        *node = (struct node){.kind = NODE_TEXT, .at = node->at, .is_told = true, .text = ""};
        return node;
    default: return NULL; /* libyaml's grammar lets no other event stand where a node does */
    }
}

static void check_document_start(struct builder *b, const yaml_event_t *event)
{
    bool has_tags =
        event->data.document_start.tag_directives.start != event->data.document_start.tag_directives.end;
    if (event->data.document_start.version_directive || has_tags)
        complain(b->complaints, place(b, event->start_mark),
                 "a directive (%%) is not part of the case language");
}

/* NOLINTEND(bugprone-sizeof-expression) */

/* Pull events until the stream ends. False at a syntax error; *root stays NULL for an empty file. */
static bool build_stream(struct builder *b, const struct node **root)
{
    for (;;) {
        yaml_event_t event;
        if (!next_event(b, &event))
            return false;
        yaml_event_type_t type = event.type;
        bool is_second = type == YAML_DOCUMENT_START_EVENT && *root;
        if (is_second)
            complain(b->complaints, place(b, event.start_mark),
                     "a second document begins here; a file holds one");
        else if (type == YAML_DOCUMENT_START_EVENT)
            check_document_start(b, &event);
        bool is_node = type == YAML_SCALAR_EVENT || type == YAML_SEQUENCE_START_EVENT ||
                       type == YAML_MAPPING_START_EVENT || type == YAML_ALIAS_EVENT;
        if (is_node)
            *root = build(b, &event);
        yaml_event_delete(&event);
        if (type == YAML_STREAM_END_EVENT || is_second)
            return true;
        if (is_node && !*root)
            return false;
    }
}

bool document_parse(struct document *document, struct arena *arena, struct complaints *complaints,
                    const char *name, const char *bytes, size_t len)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    if (len >= 3 && memcmp(bytes, byte_order_mark, 3) == 0) {
        bytes += 3;
        len -= 3;
    }
    struct builder b = {.arena = arena, .complaints = complaints, .file = name, .len = len};
    *document = (struct document){.source = arena_copy(arena, bytes, len), .len = len};
    b.source = document->source;
    struct where top = {name, 1, 1};
    if (len > DOCUMENT_BYTES_MAX)
        return complain(complaints, top, "the file is too large: at most %d KiB", DOCUMENT_BYTES_MAX / 1024);
    index_characters(&b);
    if (!yaml_parser_initialize(&b.parser))
        return complain_unread(complaints, top, ENOMEM);
    yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&b.parser, (const unsigned char *)b.source, len);
    bool is_read = build_stream(&b, &document->root);
    yaml_parser_delete(&b.parser);
    if (is_read && (!document->root || is_empty(document->root)))
        return complain(complaints, top, "the file is empty");
    return is_read;
}

bool document_load(struct document *document, struct arena *arena, struct complaints *complaints,
                   const char *name)
{
    struct where top = {name, 1, 1};
    cleanup_fd int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return complain_unread(complaints, top, errno);
    cleanup_free char *bytes = malloc(DOCUMENT_BYTES_MAX + 1);
    if (!bytes)
        return complain_unread(complaints, top, ENOMEM);
    size_t len = 0;
    for (;;) {
        ssize_t got = read(fd, bytes + len, DOCUMENT_BYTES_MAX + 1 - len);
        if (got < 0)
            return complain_unread(complaints, top, errno);
        len += (size_t)got;
        if (got == 0 || len > DOCUMENT_BYTES_MAX)
            break;
    }
    return document_parse(document, arena, complaints, name, bytes, len);
}

const struct node *node_get(const struct node *map, const char *key)
{
    for (size_t i = 0; map->kind == NODE_MAP && i < map->count; i++)
        if (node_is(map->keys[i], key))
            return map->items[i];
    return NULL;
}

size_t node_count(const struct node *node)
{
    return node->kind == NODE_LIST ? node->count : 1;
}

const struct node *node_item(const struct node *node, size_t index)
{
    return node->kind == NODE_LIST ? node->items[index] : node;
}

bool node_is(const struct node *node, const char *word)
{
    return node->kind == NODE_TEXT && node->len == strlen(word) && strcmp(node->text, word) == 0;
}
