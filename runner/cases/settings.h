/* What cases and assignment.yaml share: texts in two languages, limits, prices of rules. Layer: cases, private to the loader. */
#ifndef IPCGRADE_CASES_SETTINGS_H
#define IPCGRADE_CASES_SETTINGS_H

#include "cases/reader.h"

/* A text, or {en: .., ko: ..}. */
bool words_read(struct reader *reader, const struct node *node, struct words *words);

extern const struct word_row language_words[];

struct limit_row {
    const char *word; /* NULL ends the table */
    size_t offset;    /* in struct limits */
    int64_t least;
    const char *law;
};
enum { LIMIT_MAX = 1000000000 };
extern const struct limit_row limit_rows[];

struct limits limits_unsaid(void);
/* Adds what is written to *limits. */
bool limits_read(struct reader *reader, const struct node *node, struct limits *limits);

struct rule_row {
    const char *word; /* NULL ends the table */
    const char *law;  /* of an end check; NULL: a rule of IPC */
};
extern const struct rule_row rule_rows[];

/* {RULE: N | ignored, ..}; `defaults` come first and are replaced by rules of the same name. */
bool prices_read(struct reader *reader, const struct node *node, const struct price *defaults,
                 size_t default_count, const struct price **prices, size_t *count);

#endif
