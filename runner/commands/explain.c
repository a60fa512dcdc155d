/* `ipcgrade explain CASE`: cases in prose. */
#include "cases/explain.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/complain.h"
#include "commands/language.h"
#include "commands/options.h"
#include "commands/paths.h"
#include "commands/progress.h"
#include "report/page.h"

enum { OPT_CASES };

static const struct option_row rows[] = {
    [OPT_CASES] = {"cases", "DIR", "the folder with assignment.yaml and the cases"},
    {NULL, NULL, NULL},
};

static int unknown_case(const struct options *options, const struct suite *suite, const char *id)
{
    cleanup_free const char **ids = calloc(suite->count + 1, sizeof *ids);
    for (size_t i = 0; ids && i < suite->count; i++)
        ids[i] = suite->scenarios[i].id;
    const char *nearest = ids ? text_nearest(id, ids) : NULL;
    if (nearest)
        return options_wrong(options, "no case '%s'; did you mean '%s'?", id, nearest);
    return options_wrong(options, "no case '%s'; `ipcgrade list` shows them", id);
}

/* Length of "- " or "12. " at the beginning of a list's item, else 0. */
static size_t marker_length(const char *line)
{
    size_t digits = strspn(line, "0123456789");
    if (digits > 0 && strncmp(line + digits, ". ", 2) == 0)
        return digits + 2;
    return strncmp(line, "- ", 2) == 0 ? 2 : 0;
}

/* The prose keeps its own lines and indentation; what is too long for the terminal goes on below its beginning. */
static void put_prose(const struct page *page, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n"), indent = strspn(text, " "), marker = marker_length(text + indent);
        if (indent > len)
            indent = len;
        cleanup_free char *label = strndup(text + indent, marker);
        cleanup_free char *line = strndup(text + indent + marker, len - indent - marker);
        page_labelled(page, (int)indent, (int)(indent + marker), label, STYLE_PLAIN, line ? line : "");
        text += len + (text[len] == '\n');
    }
}

static int explain_one(const struct scenario *scenario, int language)
{
    int width = terminal_width(STDOUT_FILENO);
    const struct page page = {stdout, width > 100 ? 100 : width, false, language_has_utf8()};
    cleanup_free char *text = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&text, &len);
    bool is_told = memory && explain_case(memory, scenario, language ? KOREAN : ENGLISH);
    if (!memory || fclose(memory) != 0 || !is_told)
        return EXIT_BROKEN;
    put_prose(&page, text);
    return EXIT_FULL;
}

static int explain_all(const struct options *options, const struct suite *suite)
{
    int count = 0, status = EXIT_FULL;
    char **ids = options_arguments(options, &count);
    for (int i = 0; i < count; i++)
        if (!suite_find(suite, ids[i]))
            return unknown_case(options, suite, ids[i]);
    for (int i = 0; i < count && status == EXIT_FULL; i++) {
        fputs(i ? "\n" : "", stdout);
        status = explain_one(suite_find(suite, ids[i]), options->language);
    }
    return status;
}

static int run_explain(const struct command *command, int argc, char **argv)
{
    struct options options = {.command = command, .argc = argc, .argv = argv, .language = language_wanted()};
    char cases[PATHS_ROOM] = "";
    struct suite *suite = NULL;
    int option, count = 0, status = EXIT_FULL;
    while ((option = options_next(&options)) >= 0)
        snprintf(cases, sizeof cases, "%s", options.value);
    if (option != OPTIONS_END)
        return options_status(option);
    options_arguments(&options, &count);
    if (count == 0)
        return options_wrong(&options, "no case is named");
    if (!suite_or_complain(&suite, cases, &status))
        return status;
    status = explain_all(&options, suite);
    suite_free(suite);
    return status;
}

const struct command command_explain = {
    .name = "explain",
    .arguments = "CASE...",
    .law = "tell a case in prose, with its hint and sources",
    .about = "CASE is an id, as `ipcgrade list` shows it.",
    .options = rows,
    .run = run_explain,
};
