/* The value of a parameter, state word or fact, read as its row says. Layer: cases, private to the loader. */
#ifndef IPCGRADE_CASES_VALUE_H
#define IPCGRADE_CASES_VALUE_H

#include "cases/reader.h"

enum use {
    USE_DONE,   /* a puppet does it: every value is said */
    USE_GIVEN,  /* state before the first step: likewise */
    USE_LOOKED, /* expected: ranges and patterns */
};

enum { SIGNALS = 32, HIGHEST_ERRNO = 133, STATUS_MAX = 255, PRIORITY_MAX = 32767 };
enum { OPS_MAX = 32, NUMBERS_MAX = 256 }; /* what an order to a puppet holds (AGENT_OPS, AGENT_VALUES) */

/* Where a value stands. */
struct value_place {
    const char *word; /* of the row, for errors */
    enum value_kind kind;
    const struct word_row *words;
    enum use use;
    bool has_prio; /* of messages: each has a priority, not a type */
};

bool value_read(struct reader *reader, const struct node *node, const struct value_place *place,
                struct value *value);

/* SIGxxx and Exxx by name. */
bool value_signal(struct reader *reader, const struct node *node, int *number);
bool value_errnos(struct reader *reader, const struct node *node, const int **numbers, size_t *count);

/* How the reference writes a kind of value: "NUMBER", "octal mode", ... */
const char *value_kind_text(enum value_kind kind);

extern const struct word_row value_owners[];

#endif
