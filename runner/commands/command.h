/* Subcommands: one file each, listed in main.c. The rows below are what parses a command line and what its --help prints.
 *
 * Layer: commands (may name everything).
 */
#ifndef IPCGRADE_COMMANDS_COMMAND_H
#define IPCGRADE_COMMANDS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The exit status of every subcommand (DESIGN, "The command"). */
enum exit_status {
    EXIT_FULL = 0,   /* full marks, or: nothing to complain about */
    EXIT_LOST = 1,   /* points were lost; trace: an error was found */
    EXIT_WRONG = 2,  /* wrong usage, or a wrong case */
    EXIT_BROKEN = 3, /* the grader or the machine */
};

struct option_row {
    const char *name;     /* long name without dashes; NULL ends the table */
    const char *argument; /* its name for the help, or NULL: takes none */
    const char *law;      /* one phrase */
};

struct command {
    const char *name;      /* NULL ends the table */
    const char *arguments; /* for the usage line: "SUBMISSION", "CASE...", "" */
    const char *law;       /* one line for the list of subcommands */
    const char *about;     /* further lines for --help, or NULL */
    const struct option_row *options;
    void (*list)(FILE *to); /* a table that --help ends with, or NULL */
    bool stops_at_argument; /* what follows the first argument is not ours: trace */
    /* argv[0] is the subcommand's name. Returns an exit status. */
    int (*run)(const struct command *command, int argc, char **argv);
};

extern const struct command command_grade, command_watch, command_lint, command_list, command_explain,
    command_doctor, command_trace, command_rules, command_reference, command_schema, command_kit;
extern const struct command *const commands[]; /* NULL-terminated */

#endif
