/* The errors in the output of a build, as gcc and clang print them: FILE:LINE:COLUMN: error: TEXT.
 *
 * Layer: report.
 */
#ifndef IPCGRADE_REPORT_COMPILER_H
#define IPCGRADE_REPORT_COMPILER_H

#include <stdbool.h>

enum { COMPILER_FILE = 256, COMPILER_TEXT = 1024 };

struct compiler_error { /* as printed: any bytes but NUL and newline; what is longer is cut */
    char file[COMPILER_FILE], text[COMPILER_TEXT];
    int line, column; /* column 0: not told */
};

/* The next error at or behind *rest, which is moved behind it; false when there is none. *rest may be NULL. */
bool compiler_next(const char **rest, struct compiler_error *error);

#endif
