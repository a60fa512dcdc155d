/* `ipcgrade doctor`: what this machine allows, what is lost without it, and what helps. */
#include "sandbox/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "commands/command.h"
#include "commands/language.h"
#include "commands/options.h"
#include "commands/outputs.h"
#include "commands/paths.h"
#include "commands/progress.h"
#include "commands/surroundings.h"
#include "report/page.h"

enum { GAP = 2 };

static int widest_name(const struct doctor_row *rows, size_t count)
{
    int most = 0;
    for (size_t i = 0; i < count; i++) {
        int columns = page_columns(rows[i].name);
        most = columns > most ? columns : most;
    }
    return most;
}

static void put_row(const struct page *page, int beside, const struct doctor_row *row)
{
    char missing[256];
    if (row->is_there) {
        page_labelled(page, 0, beside, row->name, STYLE_GOOD, _("there"));
        return;
    }
    snprintf(missing, sizeof missing, row->error ? "%s (%s)" : "%s", _("missing"), strerror(row->error));
    page_labelled(page, 0, beside, row->name, STYLE_BAD, missing);
    page_text(page, beside, STYLE_PLAIN, row->lost);
    page_text(page, beside, STYLE_STRONG, row->remedy);
}

static int run_doctor(const struct command *command, int argc, char **argv)
{
    struct options options = {.command = command, .argc = argc, .argv = argv, .language = language_wanted()};
    struct doctor_row rows[DOCTOR_ROWS];
    struct err err = {0};
    char agent[PATHS_ROOM];
    int option = options_next(&options), count = 0;
    size_t missing = 0;
    if (option != OPTIONS_END)
        return options_status(option);
    options_arguments(&options, &count);
    if (count > 0)
        return options_wrong(&options, "takes no argument");
    if (!paths_agent(agent, &err)) {
        err_print(stderr, &err);
        return EXIT_BROKEN;
    }
    surroundings_set_signals();
    size_t row_count = doctor_examine(agent, rows);
    const struct page page = {stdout, terminal_width(STDOUT_FILENO), outputs_want_colour(),
                              language_has_utf8()};
    for (size_t i = 0; i < row_count; i++) {
        put_row(&page, widest_name(rows, row_count) + GAP, &rows[i]);
        missing += !rows[i].is_there;
    }
    return missing ? EXIT_LOST : EXIT_FULL;
}

const struct command command_doctor = {
    .name = "doctor",
    .arguments = "",
    .law = "say what this machine allows, and how to mend what it lacks",
    .about = "Exit status: 0 nothing is missing, 1 something is. Cases that need what is missing are "
             "skipped, at no cost.",
    .run = run_doctor,
};
