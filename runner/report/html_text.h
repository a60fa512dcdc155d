/* Markup that no text can break out of: whatever is put into it is made visible (page.h) and escaped.
 *
 * Layer: report. Source: HTML, "Escaping a string"; XML 1.0, 2.2 (the page is well-formed XML, too).
 */
#ifndef IPCGRADE_REPORT_HTML_TEXT_H
#define IPCGRADE_REPORT_HTML_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* The most bytes of one text that the page shows; what was cut is marked. */
enum { HTML_TEXT_MOST = 32 << 10 };

/* `format` is markup as it stands; %s is a text (or NULL, which is empty), safe also between double quotes; %d and %zu are numbers. Nothing else is known. */
void html_print(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As many as `len` bytes of a text that is safe already (page_safe()), escaped. */
void html_escape(FILE *to, const char *safe, size_t len);

/* The text, cut and with everything dangerous made visible, but not escaped. Caller frees. Never NULL. */
char *html_safe(const char *text);

/* The text as a string of JSON that may stand within <script>: no character of it means anything to a parser of HTML. With its quotes. */
void html_json(FILE *to, const char *text);

#endif
