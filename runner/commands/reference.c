/* `ipcgrade reference`: the case language, from the tables that read it. */
#include "cases/reference.h"

#include <stdio.h>

#include "commands/command.h"
#include "commands/language.h"
#include "commands/options.h"

static int run_reference(const struct command *command, int argc, char **argv)
{
    struct options options = {.command = command, .argc = argc, .argv = argv, .language = language_wanted()};
    int option = options_next(&options), count = 0;
    if (option != OPTIONS_END)
        return options_status(option);
    options_arguments(&options, &count);
    if (count > 0)
        return options_wrong(&options, "takes no argument");
    reference_write(stdout);
    return EXIT_FULL;
}

const struct command command_reference = {
    .name = "reference",
    .arguments = "",
    .law = "print the reference of the case language, as Markdown",
    .run = run_reference,
};
