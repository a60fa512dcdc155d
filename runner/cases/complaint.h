/* The list of what is wrong with the case files; see struct complaints in scenario.h.
 *
 * Layer: cases.
 */
#ifndef IPCGRADE_CASES_COMPLAINT_H
#define IPCGRADE_CASES_COMPLAINT_H

#include <stdarg.h>
#include <stdbool.h>

#include "cases/scenario.h"

/* More than this is not told of one file: it is not a case, and finding the nearest words would cost time. */
enum { ERRORS_PER_FILE = 100 };

/* Add an error or a note. The file name is copied. */
void complaint_add(struct complaints *complaints, struct where at, bool is_note, const char *format,
                   va_list args) __attribute__((format(printf, 4, 0)));

/* Add an error. Always false, so that a function can end in `return complain(...)`. */
bool complain(struct complaints *complaints, struct where at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Add the error that something could not be read, and why. Sets complaints->is_machines where that is no doing of the author's: no memory, no descriptor, a bad disk. Always false. */
bool complain_unread(struct complaints *complaints, struct where at, int error);

/* True when one of the complaints from number `from` on is an error, not a note. */
bool complaints_have_error(const struct complaints *complaints, size_t from);

/* By file, line, column; equal places keep their order. */
void complaints_sort(struct complaints *complaints);

#endif
