/* Errors that are passed upwards: one fixed-size struct on the caller's stack, filled once, where the cause is known.
 *
 * Layer: base. Names nothing above itself.
 */
#ifndef IPCGRADE_BASE_ERR_H
#define IPCGRADE_BASE_ERR_H

#include <stdbool.h>
#include <stdio.h>

/* A place in a file that a user wrote. Lines and columns count from 1; line 0 means "no place". `file` is borrowed. */
struct where {
    const char *file;
    int line;
    int column;
};

/* What went wrong. Untouched on success. */
struct err {
    char text[768]; /* one line, without the place, without a final full stop */
    struct where at;
    int number; /* the errno behind it, or 0 */
};

/* Each fills *err and returns false, so that a function can end in `return err_set(err, ...)`. `err` may be NULL. Where memory was refused
 * to this process before, the text says so, too: that may be the reason. */
bool err_set(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool err_at(struct err *err, struct where at, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Like err_set, and adds ": " and the text of errno, which it also keeps as err->number. */
bool err_sys(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Does this errno tell of what somebody named, and not of the machine: nothing is there, it is closed, it is of another kind? (path_resolution(7)) Then it is theirs to mend. */
bool err_is_of_name(int number);

/* ... or says that nothing is there, by that path? */
bool err_is_absence(int number);

/* ... or only of the machine, whatever was named: a bad disk, no memory, no descriptor? */
bool err_is_of_machine(int number);

/* Print "file:line:col: text" (or "ipcgrade: text" without a place) and a newline. */
void err_print(FILE *to, const struct err *err);

#endif
