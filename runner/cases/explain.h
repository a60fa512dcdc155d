/* A case in prose, for people who did not write it. Layer: cases. */
#ifndef IPCGRADE_CASES_EXPLAIN_H
#define IPCGRADE_CASES_EXPLAIN_H

#include <stdbool.h>
#include <stdio.h>

#include "cases/scenario.h"

/* Who starts what, what is done, what is expected, hint, sources, points, needs. Title and hint in `language` where there is one,
 * the sentences between in the language of the locale. False when `to` cannot be written. */
bool explain_case(FILE *to, const struct scenario *scenario, enum language language);

#endif
