/* `ipcgrade rules`: the laws that every program is held against. */
#include "rules/rules.h"

#include <stdio.h>

#include "base/text.h"
#include "commands/command.h"
#include "commands/language.h"
#include "commands/options.h"

static int run_rules(const struct command *command, int argc, char **argv)
{
    struct options options = {.command = command, .argc = argc, .argv = argv, .language = language_wanted()};
    int option = options_next(&options), count = 0;
    if (option != OPTIONS_END)
        return options_status(option);
    options_arguments(&options, &count);
    if (count > 0)
        return options_wrong(&options, "takes no argument");
    for (size_t i = 0; rules[i]; i++) {
        printf("%s%s (%s)\n  %s\n", i ? "\n" : "", rules[i]->id, _(severity_word(rules[i]->severity)),
               _(rules[i]->law));
        printf(_("  silent: %s\n"), _(rules[i]->silent));
        printf(_("  see: %s\n"), rules[i]->see);
    }
    return EXIT_FULL;
}

const struct command command_rules = {
    .name = "rules",
    .arguments = "",
    .law = "list the rules that ipcgrade trace holds against every program",
    .run = run_rules,
};
