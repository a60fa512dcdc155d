/* A result as JSON, both ways. The names are those of result.schema.json, which stands beside this file.
 *
 * Points are exact: hundredths are written as the decimal number that a person would write (7, 7.1, 7.05) and read back as the same
 * hundredths. Key order is the order of fields.c.
 *
 * Layer: result (may name base only).
 */
#ifndef IPCGRADE_RESULT_RESULT_JSON_H
#define IPCGRADE_RESULT_RESULT_JSON_H

#include "base/err.h"
#include "result/result.h"

/* The text of one case on one line, or of a whole result over many lines with a final newline; NUL-terminated, valid UTF-8
 * whatever the result holds (what is not UTF-8 is shown as \xNN). Caller frees. NULL only without memory. */
char *case_result_to_json(const struct case_result *result);
char *result_to_json(const struct result *result);

/* Read what the above wrote. *result is filled and the caller's on success only, zeroed otherwise. Strict: an unknown or doubled key, a
 * missing one, a wrong type or a number out of range is an error that names the key. */
bool case_result_from_json(struct case_result *result, const char *text, size_t len, struct err *err);
bool result_from_json(struct result *result, const char *text, size_t len, struct err *err);

#endif
