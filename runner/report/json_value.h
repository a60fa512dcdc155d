/* Values of JSON reports: safe texts and exact points. See jansson.h.
 *
 * Layer: report.
 */
#ifndef IPCGRADE_REPORT_JSON_VALUE_H
#define IPCGRADE_REPORT_JSON_VALUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Of text that was made safe already (page.h, brief.h), which it frees. NULL is "". */
json_t *json_value_taken(char *safe);

/* 7, 7.1, 7.05: dumped with JSON_VALUE_DIGITS digits it is the decimal that a person would write. */
json_t *json_value_points(int hundredths);

json_t *json_value_seconds(double seconds); /* to the millisecond */

#define JSON_VALUE_DIGITS JSON_REAL_PRECISION(15)

/* Writes it over many lines with a final newline, and lets go of it. False when it is NULL or cannot be written. */
bool json_value_write(FILE *to, json_t *json);

#endif
