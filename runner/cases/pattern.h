/* Texts: DATA (what is sent, what is given) and TEXT (what is expected). Layer: cases, private to the loader. */
#ifndef IPCGRADE_CASES_PATTERN_H
#define IPCGRADE_CASES_PATTERN_H

#include "cases/reader.h"

enum text_use {
    TEXT_SENT,     /* every byte is said */
    TEXT_EXPECTED, /* <int> <word> <line> <any> may stand in it */
    TEXT_REGEX,    /* the same, and a backslash is the expression's own */
};

/* DEED_BYTES_MAX: what one deed of a puppet can carry (AGENT_DATA). */
/* ARGUMENT_MAX: the longest string of execve(), 32 pages (execve(2), MAX_ARG_STRLEN), without its NUL byte. */
enum { FILL_MAX = 16 * 1024 * 1024, DEED_BYTES_MAX = 1024 * 1024, ARGUMENT_MAX = 128 * 1024 - 1 };

/* Bytes that are said; references count as nothing. */
size_t text_length(const struct text *text);

/* One scalar; references become parts. */
bool text_read(struct reader *reader, const struct node *node, enum text_use use, struct text *text);

/* The same without references: titles, hints, sources. NULL on an error. */
const char *text_read_plain(struct reader *reader, const struct node *node);

/* DATA, one or several (arguments): none holds a NUL byte or is longer than ARGUMENT_MAX. `what` is a word for errors:
 * "argument". */
bool text_read_arguments(struct reader *reader, const struct node *node, const char *what,
                         struct text_list *list);

/* text | {fill: N} | {hex: ".."} */
bool data_read(struct reader *reader, const struct node *node, enum text_use use, struct text *text);

/* DATA where every byte is said (is_exact), else also contains, matches, lines, any_order. */
bool pattern_read(struct reader *reader, const struct node *node, bool is_exact, struct pattern *pattern);

/* The words of a pattern, for the reference: word and law. */
extern const struct key_row pattern_words[];

/* The longest line of the text in bytes, without its newline; references count as nothing. */
size_t text_longest_line(const struct text *text);

#endif
