/* Report formats. A writer formats the result and decides nothing; a further format is one file and one line in writer.c.
 *
 * Layer: report (may name base and result).
 */
#ifndef IPCGRADE_REPORT_WRITER_H
#define IPCGRADE_REPORT_WRITER_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "result/result.h"

enum { REPORT_ENGLISH, REPORT_KOREAN };

struct report_options {
    int language; /* of titles and hints; sentences follow gettext(3) */
    int width;    /* columns */
    bool has_colour;
    bool has_utf8;   /* else lines are drawn with ASCII */
    bool is_verbose; /* also list what passed */
};

struct writer {
    const char *name; /* NULL ends the table */
    const char *law;  /* one phrase for the help */
    bool is_live;     /* a file of it is written anew as cases end */
    const char *
        variable; /* or NULL: environment variable that names the file where none is given; the report goes behind what is in it */
    const struct writer *const *
        companions; /* or NULL: formats that are written too, where their variables are set; NULL-terminated */
    /* Writes the whole report; false when `to` cannot be written. Texts of the result may hold any bytes: what reaches `to` may not. */
    bool (*write)(FILE *to, const struct result *result, const struct report_options *options);
};

extern const struct writer writer_terminal, writer_json, writer_junit, writer_junit_strict, writer_tap,
    writer_gradescope, writer_github, writer_github_summary, writer_classroom, writer_sarif, writer_markdown,
    writer_gnu, writer_csv, writer_html;
extern const struct writer *const writers[]; /* NULL-terminated */

/* NULL when there is no such format. */
const struct writer *writer_find(const char *name);

/* Write the report to standard output (`path` NULL), or to the file `path`: first whole into memory, then to a new file beside the target,
 * which is then renamed over it, so that nobody ever sees half a report. What is no regular file (a FIFO, /dev/stdout) is written to directly;
 * a symbolic link keeps its place. */
bool report_write(const struct writer *writer, const char *path, const struct result *result,
                  const struct report_options *options, struct err *err);

/* The same, with `before` in front of the report: what the file held when the run began. */
bool report_write_behind(const struct writer *writer, const char *path, const char *before,
                         const struct result *result, const struct report_options *options, struct err *err);

#endif
