/* Errors that are passed upwards; see err.h. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/memory.h"

/* Not everybody who goes without a text that has found no room says so, and what fails for the want of it has another reason to tell. */
static void say_memory(struct err *err)
{
    size_t used = strlen(err->text);
    if (memory_was_short() && err->number != ENOMEM && !strstr(err->text, "memory was short"))
        snprintf(err->text + used, sizeof err->text - used, " (memory was short)");
}

__attribute__((format(printf, 4, 0))) static void fill(struct err *err, struct where at, int number,
                                                       const char *format, va_list args)
{
    if (!err)
        return;
    err->at = at;
    err->number = number;
    int used = vsnprintf(err->text, sizeof err->text, format, args);
    if (number && used >= 0 && (size_t)used < sizeof err->text)
        snprintf(err->text + used, sizeof err->text - (size_t)used, ": %s", strerror(number));
    say_memory(err);
}

bool err_set(struct err *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fill(err, (struct where){0}, 0, format, args);
    va_end(args);
    return false;
}

bool err_at(struct err *err, struct where at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fill(err, at, 0, format, args);
    va_end(args);
    return false;
}

bool err_sys(struct err *err, const char *format, ...)
{
    int number = errno;
    va_list args;
    va_start(args, format);
    fill(err, (struct where){0}, number, format, args);
    va_end(args);
    return false;
}

static bool is_among(int number, const int *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (numbers[i] == number)
            return true;
    return false;
}

bool err_is_of_name(int number)
{
    static const int numbers[] = {ENOENT, ENOTDIR, ELOOP, EACCES, EPERM, EISDIR, ENXIO, ENAMETOOLONG, EROFS};
    return is_among(number, numbers, sizeof numbers / sizeof *numbers);
}

bool err_is_absence(int number)
{
    static const int numbers[] = {ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG};
    return is_among(number, numbers, sizeof numbers / sizeof *numbers);
}

bool err_is_of_machine(int number)
{
    static const int numbers[] = {EIO, ENOMEM, EMFILE, ENFILE, ENOBUFS};
    return is_among(number, numbers, sizeof numbers / sizeof *numbers);
}

void err_print(FILE *to, const struct err *err)
{
    if (err->at.line > 0)
        fprintf(to, "%s:%d:%d: %s\n", err->at.file, err->at.line, err->at.column, err->text);
    else
        fprintf(to, "ipcgrade: %s\n", err->text);
}
