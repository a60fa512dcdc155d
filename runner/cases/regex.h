/* Regular expressions of a case, checked before anything runs. Layer: cases. */
#ifndef IPCGRADE_CASES_REGEX_H
#define IPCGRADE_CASES_REGEX_H

#include "cases/scenario.h"

/* True when PCRE2 compiles it. Else `why` says what is wrong and at which character of the expression. */
bool regex_check(const struct text *text, char *why, size_t room);

#endif
