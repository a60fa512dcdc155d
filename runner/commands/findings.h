/* What the rules have found, for people and as JSON. */
#ifndef IPCGRADE_COMMANDS_FINDINGS_H
#define IPCGRADE_COMMANDS_FINDINGS_H

#include <stdio.h>

#include "rules/rules.h"

/* How many there are of that severity. */
size_t findings_count(const struct study *study, enum severity severity);

/* The gravest first, each with its place, the other end and the pages to read. Nothing when there is none. */
void findings_print(const struct study *study, FILE *to, bool has_colour);

/* {"findings": [..], "errors": N, ..}; caller frees the text. NULL: no memory. */
char *findings_json(const struct study *study, char *const command[]);

#endif
