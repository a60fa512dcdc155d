/* Text for people: printable forms of hostile bytes, the nearest right word, the runner's known filling, translation. */
#ifndef IPCGRADE_BASE_TEXT_H
#define IPCGRADE_BASE_TEXT_H

#include <libintl.h>
#include <stddef.h>

/* Marks a sentence that a student reads, for translation (gettext(3)). */
#define _(sentence) gettext(sentence)

/* Marks a sentence of a table for translation; whoever takes it from there says _(). */
#define N_(text) text

/* Escape everything that is not printable UTF-8: \n \t \0 \r \e as in C, other bytes as \xNN, a backslash as \\.
 * `max` is the most bytes of input that are shown; more is cut and marked "... (N bytes)". Caller frees. Never NULL. */
char *text_printable(const void *data, size_t len, size_t max);

/* The same in place, for a name that is shown as it is: each byte that is not printable UTF-8 becomes '?'. Backslashes stay. */
void text_tame(char *name);

/* The word of the NULL-terminated list that is nearest to `word` by edit distance, if near enough to be meant, else NULL. */
const char *text_nearest(const char *word, const char *const *list);

/* Byte number `at` of the runner's known filling ({fill: N}). Printable, no newline twice within 64, never NUL.
 * Lines are at most 64 bytes, so that the filling also passes a terminal. */
char text_fill(size_t at);

#endif
