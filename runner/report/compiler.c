/* Errors of compilers; see compiler.h. */
#include "report/compiler.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ":12" at *at: the number, and *at behind it; 0 when there is none. */
static int take_number(const char **at)
{
    char *end = NULL;
    if (**at != ':' || (*at)[1] < '0' || (*at)[1] > '9')
        return 0;
    long number = strtol(*at + 1, &end, 10);
    *at = end;
    return number > 0 && number < INT_MAX ? (int)number : 0;
}

static bool read_line(const char *line, int len, struct compiler_error *error)
{
    static const char *const words[] = {": error: ", ": fatal error: "};
    const char *at = line + strcspn(line, ":\n");
    if (at == line || *at != ':')
        return false;
    snprintf(error->file, sizeof error->file, "%.*s", (int)(at - line), line);
    error->line = take_number(&at);
    error->column = take_number(&at);
    for (size_t i = 0; error->line > 0 && i < sizeof words / sizeof *words; i++) {
        size_t word = strlen(words[i]);
        if (strncmp(at, words[i], word) != 0)
            continue;
        snprintf(error->text, sizeof error->text, "%.*s", len - (int)(at - line) - (int)word, at + word);
        return true;
    }
    return false;
}

bool compiler_next(const char **rest, struct compiler_error *error)
{
    while (*rest && **rest) {
        const char *line = *rest;
        size_t len = strcspn(line, "\n");
        *rest = line + len + (line[len] == '\n');
        if (len < INT_MAX && read_line(line, (int)len, error))
            return true;
    }
    return false;
}
