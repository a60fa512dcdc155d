/* Command lines; see options.h. getopt_long(3) does the reading, we do the talking: one line that says what is wrong, with the nearest right
 * word, and the right usage.
 */
#include "commands/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "commands/language.h"

enum { MOST_OPTIONS = 24, HELP_COLUMN = 24, FIRST_CODE = 256 };

static const struct option_row common_options[] = {
    {"language", "en|ko", "the language of reports (default: that of the locale)"},
    {"help", NULL, "this text"},
    {NULL, NULL, NULL},
};
enum { COMMON_LANGUAGE, COMMON_HELP };

/* The command's own rows, then the common ones. */
static const struct option_row *option_at(const struct command *command, int index)
{
    const struct option_row *row = command->options;
    for (; row && row->name; row++, index--)
        if (index == 0)
            return row;
    return index < (int)(sizeof common_options / sizeof *common_options) - 1 ? &common_options[index] : NULL;
}

static void print_usage(FILE *to, const struct command *command)
{
    fprintf(to, "usage: ipcgrade %s [OPTION...]%s%s\n", command->name, *command->arguments ? " " : "",
            command->arguments);
}

static void print_help(const struct command *command)
{
    const struct option_row *row;
    print_usage(stdout, command);
    printf("\n%c%s.\n", toupper((unsigned char)*command->law), command->law + 1);
    if (command->about)
        printf("\n%s\n", command->about);
    printf("\noptions:\n");
    for (int i = 0; (row = option_at(command, i)) != NULL; i++) {
        int used =
            printf("  --%s%s%s", row->name, row->argument ? " " : "", row->argument ? row->argument : "");
        if (used > HELP_COLUMN - 2)
            printf("\n%*s%s\n", HELP_COLUMN, "", row->law);
        else
            printf("%*s%s\n", HELP_COLUMN - used, "", row->law);
    }
    if (command->list)
        command->list(stdout);
}

int options_wrong(const struct options *options, const char *format, ...)
{
    va_list args;
    cleanup_free char *text = NULL;
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    cleanup_free char *shown = text ? text_printable(text, strlen(text), 512) : NULL;
    if (!shown) {
        fputs("ipcgrade: no memory\n", stderr);
        return EXIT_BROKEN;
    }
    fprintf(stderr, "ipcgrade %s: %s\n", options->command->name, shown);
    print_usage(stderr, options->command);
    return EXIT_WRONG;
}

int options_failed(const struct options *options, const struct err *err)
{
    if (err->number == 0 || err_is_of_name(err->number))
        return options_wrong(options, "%s", err->text);
    err_print(stderr, err);
    return EXIT_BROKEN;
}

static void complain_unknown(const struct options *options, const char *word)
{
    const char *names[MOST_OPTIONS + 1];
    char bare[64];
    const struct option_row *row;
    int count = 0;
    for (; count < MOST_OPTIONS && (row = option_at(options->command, count)) != NULL; count++)
        names[count] = row->name;
    names[count] = NULL;
    snprintf(bare, sizeof bare, "%.*s", (int)strcspn(word + strspn(word, "-"), "="),
             word + strspn(word, "-"));
    const char *nearest = text_nearest(bare, names);
    if (nearest)
        options_wrong(options, "unknown option '%s'; did you mean '--%s'?", word, nearest);
    else
        options_wrong(options, "unknown option '%s'", word);
}

static int complain(const struct options *options, int code, int optopt_now)
{
    const char *word = options->argv[optind - 1];
    if (code == ':')
        options_wrong(options, "'%s' needs a value", word);
    else if (optopt_now >= FIRST_CODE)
        options_wrong(options, "'%s' takes no value", word);
    else if (optopt_now > 0) {
        char letter[4] = {'-', (char)optopt_now, '\0'};
        complain_unknown(options, letter);
    } else {
        complain_unknown(options, word);
    }
    return OPTIONS_WRONG;
}

static int take_common(struct options *options, int index)
{
    if (index == COMMON_HELP) {
        print_help(options->command);
        return OPTIONS_HELP;
    }
    if (language_read(options->value, &options->language)) {
        language_use(options->language);
        return options_next(options);
    }
    options_wrong(options, "unknown language '%s'; the languages are en and ko", options->value);
    return OPTIONS_WRONG;
}

int options_next(struct options *options)
{
    struct option table[MOST_OPTIONS + 1] = {0};
    const struct option_row *row;
    int count = 0, own = 0;
    for (; count < MOST_OPTIONS && (row = option_at(options->command, count)) != NULL; count++) {
        table[count] = (struct option){row->name, row->argument ? required_argument : no_argument, NULL,
                                       FIRST_CODE + count};
        own += row != common_options + COMMON_LANGUAGE && row != common_options + COMMON_HELP;
    }
    opterr = 0;
    int code = getopt_long(options->argc, options->argv, options->command->stops_at_argument ? "+:" : ":",
                           table, NULL);
    options->value = optarg;
    if (code < 0)
        return OPTIONS_END;
    if (code < FIRST_CODE)
        return complain(options, code, optopt);
    return code - FIRST_CODE < own ? code - FIRST_CODE : take_common(options, code - FIRST_CODE - own);
}

char **options_arguments(const struct options *options, int *count)
{
    *count = options->argc - optind;
    return options->argv + optind;
}

int options_status(int ended)
{
    return ended == OPTIONS_HELP ? EXIT_FULL : EXIT_WRONG;
}

bool options_number(const char *text, uint64_t min, uint64_t max, uint64_t *number)
{
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || value < min || value > max)
        return false;
    *number = value;
    return true;
}
