/* Loading a suite for a command, and telling what is wrong with it.
 *
 * Layer: commands.
 */
#ifndef IPCGRADE_COMMANDS_COMPLAIN_H
#define IPCGRADE_COMMANDS_COMPLAIN_H

#include <stdbool.h>
#include <stdio.h>

#include "cases/scenario.h"

/* Print each as file:line:col: text, notes as file:line:col: note: text. Returns how many are errors. */
size_t complaints_print(FILE *to, const struct complaints *complaints, bool with_notes);

/* Load the suite in `directory`, a buffer of PATHS_ROOM bytes; empty: find the program's own cases and put their folder there. False when it cannot be
 * loaded: everything has been told on standard error, and *status is what to end with. */
bool suite_or_complain(struct suite **suite, char *directory, int *status);

#endif
