/* A YAML file as a tree whose every node knows its place: what remains of YAML when all its traps are taken away.
 *
 * One document, at most 64 KiB and 12 levels; no anchors, aliases, tags, directives, no key twice, no empty value. Every scalar
 * is its text; nobody asks YAML for a type. Layer: cases (may name base).
 */
#ifndef IPCGRADE_CASES_DOCUMENT_H
#define IPCGRADE_CASES_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cases/arena.h"
#include "cases/scenario.h"

enum { DOCUMENT_BYTES_MAX = 64 * 1024, DOCUMENT_LEVELS_MAX = 12 };

enum node_kind { NODE_TEXT, NODE_LIST, NODE_MAP };
enum quoting { QUOTED_NOT, QUOTED_SINGLE, QUOTED_DOUBLE, QUOTED_BLOCK };

struct node {
    enum node_kind kind;
    struct where at;
    /* Something is wrong with it that has been told already: whoever would read its value fails without a word. */
    bool is_told;
    /* NODE_TEXT */
    enum quoting quoting;
    const char *text; /* a NUL follows, and may stand inside */
    size_t len;
    bool is_cut_by_hash;  /* plain, and what follows it on the line looks like text that became a comment */
    bool has_high_escape; /* "\x80" to "\xff" in double quotes: a character, not a byte */
    /* NODE_LIST: items. NODE_MAP: keys and, at the same index, items (their values). */
    const struct node **keys;
    const struct node **items;
    size_t count;
};

struct document {
    const char *source; /* the file's bytes, NUL-terminated */
    size_t len;
    const struct node *root;
};

/* Read a file. `name` is what errors call it. All errors are added to `complaints`; false when there is no tree at all. A tree
 * may be usable although there were errors (their nodes are marked). Everything lives in the arena. */
bool document_load(struct document *document, struct arena *arena, struct complaints *complaints,
                   const char *name);
bool document_parse(struct document *document, struct arena *arena, struct complaints *complaints,
                    const char *name, const char *bytes, size_t len);

/* The value under `key` in a map, or NULL. */
const struct node *node_get(const struct node *map, const char *key);

/* Where a list may stand, one item may stand for a list of one. */
size_t node_count(const struct node *node);
const struct node *node_item(const struct node *node, size_t index);

bool node_is(const struct node *node, const char *word); /* it is the text `word` */

#endif
