/* Reading a command line by the rows of its command. Every command also knows --help and --language.
 *
 * Layer: commands.
 */
#ifndef IPCGRADE_COMMANDS_OPTIONS_H
#define IPCGRADE_COMMANDS_OPTIONS_H

#include <stdint.h>

#include "base/err.h"
#include "commands/command.h"

struct options {
    const struct command *command;
    int argc;
    char **argv;
    const char *value; /* of the option that was read last; borrowed from argv */
    int language;      /* REPORT_ENGLISH or REPORT_KOREAN */
};

enum { OPTIONS_END = -1, OPTIONS_HELP = -2, OPTIONS_WRONG = -3 };

/* Zero-initialise, set command, argc, argv, language; then call until it is negative: the index of the option's row, or one of the above. After
 * OPTIONS_HELP the help has been printed, after OPTIONS_WRONG one line and the usage have (on standard error). Uses getopt_long(3). */
int options_next(struct options *options);

/* After OPTIONS_END: the arguments, in order, and how many. */
char **options_arguments(const struct options *options, int *count);

/* Print "ipcgrade NAME: what" and the right usage on standard error; returns EXIT_WRONG. */
int options_wrong(const struct options *options, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same for an error that was passed upwards; but one of the machine, as a want of memory or a bad disk, is none of the usage, and the status says that we broke. */
int options_failed(const struct options *options, const struct err *err);

/* The status to end with after a negative options_next() that is not OPTIONS_END. */
int options_status(int ended);

/* A decimal number from min to max; false when it is none. */
bool options_number(const char *text, uint64_t min, uint64_t max, uint64_t *number);

#endif
