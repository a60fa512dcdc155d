/* `ipcgrade schema`: the JSON Schema of case files, from the tables that read them. */
#include "cases/schema.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands/command.h"
#include "commands/language.h"
#include "commands/options.h"

static const struct {
    const char *name;
    bool (*write)(FILE *to);
} schemas[] = {{"case", schema_write_case}, {"assignment", schema_write_assignment}};

static int run_schema(const struct command *command, int argc, char **argv)
{
    struct options options = {.command = command, .argc = argc, .argv = argv, .language = language_wanted()};
    int option = options_next(&options), count = 0;
    if (option != OPTIONS_END)
        return options_status(option);
    char **names = options_arguments(&options, &count);
    if (count > 1)
        return options_wrong(&options, "one schema at a time: case or assignment");
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++) {
        if (count == 1 && strcmp(names[0], schemas[i].name) != 0)
            continue;
        if (schemas[i].write(stdout))
            return EXIT_FULL;
        fprintf(stderr, "ipcgrade schema: write it: %s\n", strerror(errno));
        return EXIT_BROKEN;
    }
    return options_wrong(&options, "there is no schema '%s'; there are: case, assignment", names[0]);
}

const struct command command_schema = {
    .name = "schema",
    .arguments = "[case|assignment]",
    .law = "print the JSON Schema of cases, or of assignment.yaml, for editors",
    .about = "An editor with yaml-language-server completes and explains by it. What a schema cannot see, as "
             "names that are\n"
             "declared elsewhere in the file, `ipcgrade lint` tells.",
    .run = run_schema,
};
