/* Telling what is wrong with a suite; see complain.h. */
#include "commands/complain.h"

#include "base/cleanup.h"
#include "commands/command.h"
#include "commands/paths.h"
#include "report/page.h"

/* Names of files and words of cases are anybody's: nothing of them steers a terminal. */
static void print_complaint(FILE *to, const struct complaint *one)
{
    cleanup_free char *file = page_safe(one->at.file ? one->at.file : ""), *text = page_safe(one->text);
    fputs(file, to);
    if (*file && one->at.line > 0)
        fprintf(to, ":%d:%d", one->at.line, one->at.column);
    fprintf(to, "%s%s%s\n", *file ? ": " : "", one->is_note ? "note: " : "", text);
}

size_t complaints_print(FILE *to, const struct complaints *complaints, bool with_notes)
{
    size_t errors = 0;
    for (size_t i = 0; i < complaints->count; i++) {
        errors += !complaints->items[i].is_note;
        if (!complaints->items[i].is_note || with_notes)
            print_complaint(to, &complaints->items[i]);
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
        *status = complaints.is_machines ? EXIT_BROKEN : EXIT_WRONG;
    }
    complaints_free(&complaints);
    return is_loaded;
}
