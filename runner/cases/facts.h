/* The facts that a look can ask of an actor, puppet or stand-in. Layer: cases. */
#ifndef IPCGRADE_CASES_FACTS_H
#define IPCGRADE_CASES_FACTS_H

#include "cases/scenario.h"

extern const struct fact_row facts[]; /* a NULL word ends the table */

/* It says how a process has ended; a look asks for one of these at most. */
bool fact_is_end(const struct fact_row *row);

const struct fact_row *fact_find(const char *word); /* or NULL */

#endif
