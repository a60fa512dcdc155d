/* Pieces of a JSON Schema. Each function gives a new value that is the caller's, and takes over what it is given; out of memory
 * gives NULL, and a NULL that is given makes NULL.
 *
 * Layer: cases, private to schema.c and its sisters.
 */
#ifndef IPCGRADE_CASES_SCHEMA_PARTS_H
#define IPCGRADE_CASES_SCHEMA_PARTS_H

#include <jansson.h>

#include "cases/value.h"

/* What several places share stands once, under its name. */
struct schema_definition {
    const char *name; /* NULL ends the table */
    json_t *(*build)(void);
};
extern const struct schema_definition schema_text_definitions[], schema_value_definitions[],
    schema_object_definitions[], schema_deed_definitions[], schema_play_definitions[];

json_t *schema_ref(const char *definition);
json_t *schema_told(json_t *schema, const char *law); /* with a description */

/* A map of these keys and no other. */
json_t *schema_closed(json_t *properties);
/* A map of any keys that fit `names`, at least so many, each with such a value. */
json_t *schema_map(json_t *names, json_t *values, int least);
json_t *schema_list(json_t *items, int least);
/* One item may stand for a list of one. */
json_t *schema_some(json_t *item, int least);
json_t *schema_either(json_t *one, json_t *other);

/* One of the words of a table whose rows begin with their word. */
json_t *schema_words(const void *rows, size_t row_size);
#define SCHEMA_WORDS(rows) schema_words((rows), sizeof *(rows))
/* A map by a table of keys. */
json_t *schema_keys(const struct key_row *rows);

/* A number that is written out and lies between the two. */
json_t *schema_count(json_int_t least, json_int_t most);

/* [{"required": [WORD]}, ..]: for anyOf and oneOf. */
json_t *schema_required(json_t *list, const char *word);

/* "int|word|line|any", for an expression; caller frees. */
char *schema_alternatives(const struct word_row *rows);

/* The value of a parameter, state word or fact. */
json_t *schema_value(const struct value_place *place);

#endif
