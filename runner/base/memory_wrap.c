/* Allocations of our own code pass here; see memory.h. The linker's --wrap gives the names: a call of malloc() is one of __wrap_malloc(), and __real_malloc() is the library's. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

// NOLINTBEGIN(bugprone-reserved-identifier): the linker's names
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t most);
int __real_vasprintf(char **to, const char *format, va_list args);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t most);
__attribute__((format(printf, 2, 0))) int __wrap_vasprintf(char **to, const char *format, va_list args);
__attribute__((format(printf, 2, 3))) int __wrap_asprintf(char **to, const char *format, ...);

void *__wrap_malloc(size_t size)
{
    return memory_note(__real_malloc(size), size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return memory_note(__real_calloc(count, size), count && size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return memory_note(__real_realloc(old, size), size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
    return memory_note(__real_reallocarray(old, count, size), count && size);
}

char *__wrap_strdup(const char *text)
{
    return memory_note(__real_strdup(text), 1);
}

char *__wrap_strndup(const char *text, size_t most)
{
    return memory_note(__real_strndup(text, most), 1);
}

int __wrap_vasprintf(char **to, const char *format, va_list args)
{
    int len = __real_vasprintf(to, format, args);
    memory_note(len < 0 ? NULL : *to, 1);
    return len;
}

int __wrap_asprintf(char **to, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = __wrap_vasprintf(to, format, args);
    va_end(args);
    return len;
}
// NOLINTEND(bugprone-reserved-identifier)
