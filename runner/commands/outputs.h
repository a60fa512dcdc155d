/* The reports that one run writes: --format F[:FILE], several times.
 *
 * Layer: commands.
 */
#ifndef IPCGRADE_COMMANDS_OUTPUTS_H
#define IPCGRADE_COMMANDS_OUTPUTS_H

#include "base/err.h"
#include "report/writer.h"

enum { MOST_OUTPUTS = 16 };

struct output {
    const struct writer *writer;
    const char *path; /* NULL: standard output; borrowed from the command line or the environment */
    char *before;     /* owned: what the file held, where the report goes behind it; else NULL */
};

struct outputs {
    struct output items[MOST_OUTPUTS];
    size_t count;
    int language;
    bool is_verbose;
    bool has_failed; /* a live report could not be written; it has been told */
};

/* Add what --format says. False with the nearest right word, when standard output is taken already, or when the file's folder cannot be written. A
 * format whose file an environment variable names goes there when no file is given, behind what is in it; so do its companions. */
bool outputs_add(struct outputs *outputs, const char *text, struct err *err);

void outputs_free(struct outputs *outputs); /* what it owns; not the struct */

/* The formats, a line each, as the help of `grade` lists them. */
void outputs_list_formats(FILE *to);

/* Whether standard output is a terminal that is to be coloured (NO_COLOR, TERM). */
bool outputs_want_colour(void);

/* How a report on standard output is to look. */
struct report_options outputs_standard_options(const struct outputs *outputs);

/* Write those files anew that are kept up to date while the run goes on. */
void outputs_write_live(struct outputs *outputs, const struct result *result);

/* One of them goes to standard output. */
bool outputs_has_standard(const struct outputs *outputs);

/* Write all; none at all means a terminal report on standard output. Every trouble is told on standard error; false when there was any. */
bool outputs_write(struct outputs *outputs, const struct result *result);

#endif
