/* The JSON Schema (draft 7, which editors and validators all read) of case files and of assignment.yaml.
 *
 * Made from the tables that the loader reads with, so that an editor completes and explains what the program knows. A schema sees
 * data, not text, and no two places at once: how a number is written, quotes, names that are declared elsewhere are the
 * loader's alone. What a schema can judge, the two judge alike; tools/schema.py holds them against each other.
 *
 * Layer: cases (may name base and calls).
 */
#ifndef IPCGRADE_CASES_SCHEMA_H
#define IPCGRADE_CASES_SCHEMA_H

#include <stdbool.h>
#include <stdio.h>

/* False: out of memory, or it could not be written (errno says why). */
bool schema_write_case(FILE *to);
bool schema_write_assignment(FILE *to);

#endif
