/* The terms of which a case is made: texts, numbers, ranges, patterns, as plain data.
 *
 * Who owns them, and how long they live, says scenario.h.
 *
 * Layer: cases (may name base and calls).
 */
#ifndef IPCGRADE_CASES_TERMS_H
#define IPCGRADE_CASES_TERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum part_kind {
    PART_BYTES, /* data, len */
    PART_FILL,  /* the runner's known bytes: len of them */
    PART_REF,   /* <name>, <name.id>, <name.dec>, <name.child>: replaced when the step is played */
    PART_WILD,  /* <int> <word> <line> <any>, in expected texts only: `wild` */
};
enum ref_what { REF_VALUE, REF_ID, REF_DEC, REF_PARENT, REF_CHILD };
enum wild { WILD_INT, WILD_WORD, WILD_LINE, WILD_ANY };

struct part {
    enum part_kind kind;
    const char *data; /* PART_BYTES; a NUL follows */
    size_t len;
    int name; /* PART_REF: index into names */
    enum ref_what what;
    enum wild wild;
};

struct text { /* DATA */
    struct where at;
    const struct part *parts;
    size_t count;
};

struct number {
    struct where at;
    bool is_ref; /* the value of a name (a pid, an identifier) */
    int name;
    enum ref_what what;
    int64_t value;
};

struct range { /* N, a list of N, or {min, max} */
    struct where at;
    const struct number *one_of; /* count of them; or NULL: min and max */
    size_t count;
    bool has_min, has_max;
    struct number min, max;
};

enum pattern_kind { PATTERN_EXACT, PATTERN_CONTAINS, PATTERN_MATCHES, PATTERN_LINES, PATTERN_ANY_ORDER };

struct text_list {
    const struct text *texts;
    size_t count;
};

struct pattern { /* TEXT */
    struct where at;
    enum pattern_kind kind;
    struct text_list
        texts; /* exact: one; contains: all of these; lines: in this order; matches: the source with refs */
    const struct text_list *groups; /* any_order: each group keeps its order */
    size_t group_count;
};

#endif
