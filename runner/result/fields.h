/* What a result consists of, as data: the same rows write JSON, read it, and let go of the memory.
 *
 * Layer: result. Only for the modules of this room and their tests.
 */
#ifndef IPCGRADE_RESULT_FIELDS_H
#define IPCGRADE_RESULT_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

enum field_kind {
    FIELD_TEXT,    /* char * or NULL */
    FIELD_POINTS,  /* int, hundredths of a point; a number with at most two decimals in JSON */
    FIELD_INT,     /* int */
    FIELD_SIZE,    /* size_t */
    FIELD_NUMBER,  /* uint64_t; at most INT64_MAX, which is what jansson can hold */
    FIELD_SECONDS, /* double */
    FIELD_BOOL,    /* bool */
    FIELD_VERDICT, /* enum verdict, by its word */
    FIELD_ACTOR,   /* int, index into the case's actors; their name in JSON */
    FIELD_TEXTS,   /* char **, with its count at `count` */
    FIELD_SHAPE,   /* a struct inside, described by `shape` */
    FIELD_LIST,    /* an array of such structs, with its count at `count` */
};

struct shape;

struct field {
    const char *name; /* in JSON; NULL ends the table */
    enum field_kind kind;
    bool is_required; /* always written; others are left out when they are NULL, 0, false or empty */
    size_t offset, count;
    const struct shape *shape;
};

struct shape {
    size_t size;
    const struct field *fields;
};

extern const struct shape result_shape;
extern const struct shape case_shape;

#endif
