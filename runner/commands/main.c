/* ipcgrade: picks the subcommand. The table below is all that is known here; each subcommand is a file of its own. */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/language.h"
#include "commands/surroundings.h"

enum { MOST_COMMANDS = 16 };

const struct command *const commands[] = {&command_grade,     &command_watch,  &command_lint,  &command_list,
                                          &command_explain,   &command_doctor, &command_trace, &command_rules,
                                          &command_reference, &command_schema, &command_kit,   NULL};

static const char usage[] = "usage: ipcgrade COMMAND [OPTION...] [ARGUMENT...]\n";

static int print_help(void)
{
    printf("%s\nGrades assignments on interprocess communication.\n\ncommands:\n", usage);
    for (const struct command *const *command = commands; *command; command++)
        printf("  %-11s %s\n", (*command)->name, (*command)->law);
    printf(
        "\n`ipcgrade COMMAND --help` tells more. Exit status: 0 full marks, 1 points lost, 2 wrong usage or\n"
        "a wrong case, 3 the grader or the machine broke.\n");
    return EXIT_FULL;
}

static int wrong(const char *what, const char *word)
{
    const char *names[MOST_COMMANDS + 1] = {NULL};
    size_t count = 0;
    for (const struct command *const *command = commands; *command && count < MOST_COMMANDS; command++)
        names[count++] = (*command)->name;
    const char *nearest = text_nearest(word, names);
    cleanup_free char *shown = text_printable(word, strlen(word), 64);
    if (nearest)
        fprintf(stderr, "ipcgrade: %s '%s'; did you mean '%s'?\n%s", what, shown, nearest, usage);
    else
        fprintf(stderr, "ipcgrade: %s '%s'\n%s", what, shown, usage);
    return EXIT_WRONG;
}

static int run(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "ipcgrade: no command\n%s", usage);
        return EXIT_WRONG;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
        return print_help();
    if (strcmp(argv[1], "--version") == 0) {
        printf("ipcgrade %s\n", IPCGRADE_VERSION);
        return EXIT_FULL;
    }
    for (const struct command *const *command = commands; *command; command++)
        if (strcmp(argv[1], (*command)->name) == 0)
            return (*command)->run(*command, argc - 1, argv + 1);
    return wrong(*argv[1] == '-' ? "unknown option" : "unknown command", argv[1]);
}

/* Whoever has not got what was printed (a full disk, a closed stream) is not told that all is well. */
static int end_with(int status)
{
    bool is_written = fflush(stdout) == 0 && !ferror(stdout);
    if (is_written || status == EXIT_BROKEN)
        return status;
    fputs("ipcgrade: not all could be written to standard output\n", stderr);
    return EXIT_BROKEN;
}

int main(int argc, char **argv)
{
    surroundings_fill_streams();
    json_set_alloc_funcs(memory_allocate, free);
    language_use(language_wanted());
    return end_with(run(argc, argv));
}
