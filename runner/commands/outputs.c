/* The reports that one run writes; see outputs.h. */
#include "commands/outputs.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "commands/language.h"
#include "commands/progress.h"

enum { MOST_WRITERS = 32, FILE_WIDTH = 80, MOST_BEFORE = 16 << 20 };

static bool unknown_format(const char *name, struct err *err)
{
    const char *names[MOST_WRITERS + 1] = {NULL};
    for (int i = 0; i < MOST_WRITERS && writers[i]; i++)
        names[i] = writers[i]->name;
    const char *nearest = text_nearest(name, names);
    if (nearest)
        return err_set(err, "unknown format '%s'; did you mean '%s'?", name, nearest);
    return err_set(err, "unknown format '%s'", name);
}

/* Better to say so now than after the run. */
static bool can_be_written(const char *path, struct err *err)
{
    struct stat status;
    cleanup_free char *copy = strdup(path);
    if (!*path)
        return err_set(err, "a format's file has no name");
    if (!copy)
        return err_sys(err, "keep the name of a format's file");
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return err_set(err, "%s is a directory", path);
    const char *folder = dirname(copy);
    return access(folder, W_OK | X_OK) == 0 || err_sys(err, "write into %s", folder);
}

static bool is_taken(const struct outputs *outputs, const char *path)
{
    for (size_t i = 0; i < outputs->count; i++) {
        const char *other = outputs->items[i].path;
        if (path == other || (path && other && strcmp(path, other) == 0))
            return true;
    }
    return false;
}

static bool is_added(const struct outputs *outputs, const struct writer *writer)
{
    for (size_t i = 0; i < outputs->count; i++)
        if (outputs->items[i].writer == writer)
            return true;
    return false;
}

/* What a file holds; "" where there is none. Caller frees. */
static char *file_text(const char *path, struct err *err)
{
    cleanup_bytes struct bytes text = {0};
    char chunk[4096];
    size_t got;
    cleanup_file FILE *file = fopen(path, "re");
    bool is_read = file || errno == ENOENT || err_sys(err, "read %s", path);
    while (is_read && file && (got = fread(chunk, 1, sizeof chunk, file)) > 0)
        is_read = bytes_add(&text, chunk, got, MOST_BEFORE) ||
                  err_set(err, "%s holds more than %d MiB", path, MOST_BEFORE >> 20);
    return is_read ? strdup(bytes_text(&text)) : NULL;
}

static bool add(struct outputs *outputs, const struct writer *writer, const char *path, bool is_behind,
                struct err *err)
{
    if (path && !can_be_written(path, err))
        return false;
    if (is_taken(outputs, path))
        return err_set(err, "two formats for %s; give one of them another file: --format %s:FILE",
                       path ? path : "standard output", writer->name);
    if (outputs->count == MOST_OUTPUTS)
        return err_set(err, "more than %d formats", MOST_OUTPUTS);
    char *before = is_behind ? file_text(path, err) : NULL;
    if (is_behind && !before)
        return false;
    outputs->items[outputs->count++] = (struct output){writer, path, before};
    return true;
}

/* The file that a variable of the environment names for this format; NULL when there is none. */
static const char *variable_path(const struct writer *writer)
{
    const char *path = writer->variable ? getenv(writer->variable) : NULL;
    return path && *path ? path : NULL;
}

static bool add_companions(struct outputs *outputs, const struct writer *writer, struct err *err)
{
    for (const struct writer *const *other = writer->companions; other && *other; other++) {
        const char *path = variable_path(*other);
        if (path && !is_added(outputs, *other) && !add(outputs, *other, path, true, err))
            return false;
    }
    return true;
}

bool outputs_add(struct outputs *outputs, const char *text, struct err *err)
{
    const char *colon = strchr(text, ':'), *path = colon ? colon + 1 : NULL;
    cleanup_free char *name = strndup(text, strcspn(text, ":"));
    const struct writer *writer = name ? writer_find(name) : NULL;
    if (!writer)
        return unknown_format(name ? name : "", err);
    const char *usual = path ? NULL : variable_path(writer);
    return add(outputs, writer, path ? path : usual, usual != NULL, err) &&
           add_companions(outputs, writer, err);
}

void outputs_free(struct outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++)
        free(outputs->items[i].before);
    outputs->count = 0;
}

void outputs_list_formats(FILE *to)
{
    enum { NAME_WIDTH = 16 };
    fputs("\nformats:\n", to);
    for (const struct writer *const *writer = writers; *writer; writer++)
        fprintf(to, "  %-*s%s\n", NAME_WIDTH, (*writer)->name, (*writer)->law);
}

bool outputs_want_colour(void)
{
    const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) && !(no_colour && *no_colour) && term && strcmp(term, "dumb") != 0;
}

struct report_options outputs_standard_options(const struct outputs *outputs)
{
    return (struct report_options){.language = outputs->language,
                                   .width = terminal_width(STDOUT_FILENO),
                                   .has_colour = outputs_want_colour(),
                                   .has_utf8 = language_has_utf8(),
                                   .is_verbose = outputs->is_verbose};
}

static struct report_options options_for(const struct outputs *outputs, const struct output *output)
{
    if (!output->path)
        return outputs_standard_options(outputs);
    return (struct report_options){.language = outputs->language,
                                   .width = FILE_WIDTH,
                                   .has_utf8 = true,
                                   .is_verbose = outputs->is_verbose};
}

static bool write_one(const struct outputs *outputs, const struct output *output, const struct result *result)
{
    struct err err = {0};
    struct report_options options = options_for(outputs, output);
    const char *before = output->before ? output->before : "";
    if (report_write_behind(output->writer, output->path, before, result, &options, &err))
        return true;
    err_print(stderr, &err);
    return false;
}

void outputs_write_live(struct outputs *outputs, const struct result *result)
{
    for (size_t i = 0; i < outputs->count && !outputs->has_failed; i++)
        if (outputs->items[i].path && outputs->items[i].writer->is_live)
            outputs->has_failed = !write_one(outputs, &outputs->items[i], result);
}

bool outputs_has_standard(const struct outputs *outputs)
{
    return is_taken(outputs, NULL);
}

bool outputs_write(struct outputs *outputs, const struct result *result)
{
    const struct output usual = {&writer_terminal, NULL, NULL};
    bool is_written = outputs->count > 0 || write_one(outputs, &usual, result);
    for (size_t i = 0; i < outputs->count; i++)
        is_written = write_one(outputs, &outputs->items[i], result) && is_written;
    return is_written;
}
