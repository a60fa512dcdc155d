/* A page for a terminal: styles, wrapped text, tables. Everything that is put on it is made safe first: control bytes, broken UTF-8 and
 * characters that turn the direction of writing come out visible.
 *
 * Layer: report. Widths are columns of a terminal (wcwidth(3)); LC_CTYPE must be a UTF-8 locale, else all that is not ASCII is escaped.
 */
#ifndef IPCGRADE_REPORT_PAGE_H
#define IPCGRADE_REPORT_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct page {
    FILE *to;
    int width;
    bool has_colour, has_utf8;
};

/* How wide a page is on a terminal of so many columns: neither too narrow for a sentence nor too wide to read. */
int page_width(int columns);

enum style { STYLE_PLAIN, STYLE_STRONG, STYLE_GOOD, STYLE_BAD, STYLE_WARN, STYLE_QUIET, STYLES };

/* The text with everything dangerous made visible; newlines stay, tabs become blanks. Caller frees. Never NULL. */
char *page_safe(const char *text);

int page_columns(const char *safe); /* how many columns it takes, up to its first newline */

/* Break a safe text at blanks into lines of at most `width` columns, in the middle of words only where there is no other way. Caller frees. */
char *page_wrapped(const char *safe, int width);

/* `text` in that style, without newline. */
void page_put(const struct page *page, enum style style, const char *text);

/* A paragraph: wrapped, every line indented, a newline at the end. */
void page_text(const struct page *page, int indent, enum style style, const char *text);

/* `label`, then the text wrapped beside it, `beside` columns from the left; the label may be NULL. */
void page_labelled(const struct page *page, int indent, int beside, const char *label, enum style style,
                   const char *text);

/* A line across the page, with a text at its beginning and one at its end; either may be NULL. */
void page_rule(const struct page *page, enum style left_style, const char *left, enum style right_style,
               const char *right);

struct column {
    const char *head;
    bool is_right;
    bool is_wrapped; /* gives way when the table is too wide; one column at most */
};

/* A table by libsmartcols(3); `cells` holds row after row, `styles` one style per row or NULL. A cell may be NULL. */
void page_table(const struct page *page, int indent, const struct column *columns, size_t column_count,
                const char *const *cells, size_t row_count, const enum style *styles);

#endif
