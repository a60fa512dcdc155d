/* The reference of the case language, made from the tables that also read it. Layer: cases. */
#ifndef IPCGRADE_CASES_REFERENCE_H
#define IPCGRADE_CASES_REFERENCE_H

#include <stdio.h>

/* Write it as Markdown: what stands in cases/README.md between its two marks. */
void reference_write(FILE *to);

#endif
