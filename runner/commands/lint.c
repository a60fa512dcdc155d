/* `ipcgrade lint CASE...`: what is wrong with case files, without running anything. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "commands/command.h"
#include "commands/complain.h"
#include "commands/language.h"
#include "commands/options.h"
#include "commands/paths.h"
#include "report/page.h"

enum { OPT_QUIET };

static const struct option_row rows[] = {
    [OPT_QUIET] = {"no-notes", NULL, "only errors"},
    {NULL, NULL, NULL},
};

struct lint {
    bool with_notes, is_machines; /* something could not be read, and nobody who wrote it is to blame */
    size_t errors, cases;
};

static bool lint_path(struct lint *lint, const char *path)
{
    struct complaints complaints = {0};
    struct suite *suite = NULL;
    struct stat status;
    if (stat(path, &status) != 0) {
        int number = errno;
        cleanup_free char *shown = page_safe(path);
        fprintf(stderr, "%s: %s\n", shown, strerror(number));
        lint->is_machines |= !err_is_of_name(number);
        return false;
    }
    bool is_loaded = S_ISDIR(status.st_mode) ? suite_load(&suite, path, &complaints)
                                             : suite_load_file(&suite, path, &complaints);
    lint->errors += complaints_print(stdout, &complaints, lint->with_notes);
    lint->is_machines |= complaints.is_machines;
    complaints_free(&complaints);
    if (is_loaded) {
        lint->cases += suite->count;
        suite_free(suite);
    }
    return true;
}

static int lint_all(struct lint *lint, char **paths, int count)
{
    char own[PATHS_ROOM];
    char *usual[] = {own};
    struct err err = {0};
    if (count == 0 && !paths_cases(own, &err)) {
        err_print(stderr, &err);
        return EXIT_WRONG;
    }
    for (int i = 0; i < (count ? count : 1); i++)
        if (!lint_path(lint, count ? paths[i] : usual[i]))
            lint->errors++;
    if (lint->errors > 0)
        fprintf(stderr, "ipcgrade: %zu %s\n", lint->errors, lint->errors == 1 ? "error" : "errors");
    else
        printf("%zu %s, no error\n", lint->cases, lint->cases == 1 ? "case" : "cases");
    return lint->is_machines ? EXIT_BROKEN : lint->errors > 0 ? EXIT_WRONG : EXIT_FULL;
}

static int run_lint(const struct command *command, int argc, char **argv)
{
    struct options options = {.command = command, .argc = argc, .argv = argv, .language = language_wanted()};
    struct lint lint = {.with_notes = true};
    int option, count = 0;
    while ((option = options_next(&options)) >= 0)
        lint.with_notes = option != OPT_QUIET;
    if (option != OPTIONS_END)
        return options_status(option);
    char **paths = options_arguments(&options, &count);
    return lint_all(&lint, paths, count);
}

const struct command command_lint = {
    .name = "lint",
    .arguments = "[CASE...]",
    .law = "check cases without running anything",
    .about = "CASE is a file, or a folder with assignment.yaml; without any, the program's own cases. "
             "Complaints are\n"
             "file:line:col: text. Exit status: 0 no error, 2 an error.",
    .options = rows,
    .run = run_lint,
};
