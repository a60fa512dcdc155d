/* Numbers on the command lines of the programs of this room. */
#ifndef IPCGRADE_BENCH_ARGUMENT_H
#define IPCGRADE_BENCH_ARGUMENT_H

#include <errno.h>
#include <stdlib.h>

/* -1: it is no number from 0 up. */
static inline long argument_number(const char *text)
{
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && number >= 0 ? number : -1;
}

#endif
