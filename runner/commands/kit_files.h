/* Folders copied into a kit: templates with their words filled in, sources and cases as they are.
 *
 * Layer: commands. Source: fts(3).
 */
#ifndef IPCGRADE_COMMANDS_KIT_FILES_H
#define IPCGRADE_COMMANDS_KIT_FILES_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/err.h"

/* What stands in a template as @NAME@. */
struct kit_word {
    const char *name;  /* NULL ends the table */
    const char *value; /* borrowed */
};

/* Is this file, or this folder with all below it, taken over? `name` is its last part. */
typedef bool kit_filter(const char *name, const struct stat *status);

/* Make the folder `to` and all above it that is not there. */
bool kit_folder(const char *to, struct err *err);

/* Copy the file or folder `from` to `to`, links as what they lead to. A file that its owner may execute stays so, no other mode is kept. `is_wanted` NULL:
 * everything; `words` NULL: nothing is filled in. A template with a word that is not in the table is an error. */
bool kit_copy(const char *from, const char *to, kit_filter *is_wanted, const struct kit_word *words,
              struct err *err);

/* Write a file of this text. */
bool kit_write(const char *path, const char *text, struct err *err);

#endif
