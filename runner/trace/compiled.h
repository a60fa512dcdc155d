/* For tests of source lines only: a program of the test's own, written into a directory that goes with the test, and compiled there. The test stands in it meanwhile. */
#ifndef IPCGRADE_TRACE_COMPILED_H
#define IPCGRADE_TRACE_COMPILED_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* `directory` ends in XXXXXX, and is filled in. */
static inline void compiled_begin(char *directory, const char *text)
{
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
    FILE *file = fopen("program.c", "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static inline void compiled_end(const char *directory)
{
    static const char *const files[] = {"program.c", "program", "out", "err"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        unlink(files[i]);
    ck_assert_int_eq(chdir("/"), 0);
    rmdir(directory);
}

/* Makes "program" of it. */
static inline void compiled_with(const char *flags)
{
    char command[256];
    snprintf(command, sizeof command, "cc -w -D_GNU_SOURCE %s -o program program.c", flags);
    ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c): the compiler
}

/* The line of the text that has the comment "KIND: MARK"; 0: none has. */
static inline int compiled_line(const char *text, const char *kind, const char *mark)
{
    char wanted[64];
    int line = 1;
    snprintf(wanted, sizeof wanted, "/* %s: %s */", kind, mark);
    const char *at = strstr(text, wanted);
    for (const char *c = text; at && c < at; c++)
        line += *c == '\n';
    return at ? line : 0;
}

#endif
