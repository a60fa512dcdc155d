/* Telling what is wrong with a suite; see complain.h. */
#include "commands/complain.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/paths.h"

#include <string.h>

size_t complaints_print(FILE *to, const struct complaints *complaints, bool with_notes)
{
    size_t errors = 0;
    for (size_t i = 0; i < complaints->count; i++) {
        const struct complaint *one = &complaints->items[i];
        errors += !one->is_note;
        if (one->is_note && !with_notes)
            continue;
        if (one->at.file)
            fputs(one->at.file, to);
        if (one->at.file && one->at.line > 0)
            fprintf(to, ":%d:%d", one->at.line, one->at.column);
        fprintf(to, "%s%s%s\n", one->at.file ? ": " : "", one->is_note ? "note: " : "", one->text);
    }
    return errors;
}

bool suite_or_complain(struct suite **suite, char *directory, int *status)
{
    struct complaints complaints = {0};
    struct err err = {0};
    if (!*directory && !paths_cases(directory, &err)) {
        err_print(stderr, &err);
        *status = EXIT_WRONG;
        return false;
    }
    bool is_loaded = suite_load(suite, directory, &complaints);
    if (!is_loaded) {
        size_t errors = complaints_print(stderr, &complaints, false);
        fprintf(stderr, "ipcgrade: %zu %s in the cases; nothing was run\n", errors,
                errors == 1 ? "error" : "errors");
        *status = EXIT_WRONG;
    }
    complaints_free(&complaints);
    return is_loaded;
}
