/* `ipcgrade list`: what is graded, and what it is worth. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/complain.h"
#include "commands/grading.h"
#include "commands/language.h"
#include "commands/options.h"
#include "commands/paths.h"
#include "commands/progress.h"
#include "report/page.h"

enum { OPT_CASES, OPT_ONLY, OPT_PROGRAM, OPT_FILES };
enum { MOST_PATTERNS = 64, COLUMNS = 5 };

static const struct option_row rows[] = {
    [OPT_CASES] = {"cases", "DIR", "the folder with assignment.yaml and the cases"},
    [OPT_ONLY] = {"only", "PATTERN", "only these, as for `ipcgrade grade`; what they need is listed too"},
    [OPT_PROGRAM] = {"program", "NAME", "only cases that start this program"},
    [OPT_FILES] = {"files", NULL, "print nothing but the cases' files, a line each"},
    {NULL, NULL, NULL},
};

struct list {
    struct options options;
    char cases[PATHS_ROOM];
    const char *patterns[MOST_PATTERNS];
    size_t pattern_count;
    const char *program; /* or NULL */
    bool only_files;
};

static const char *visibility_word(enum visibility visibility)
{
    switch (visibility) {
    case VISIBLE: return "";
    case HIDDEN: return _("hidden");
    case AFTER_DUE_DATE: return _("after due date");
    }
    return "";
}

static const char *in_language(const struct words *words, int language)
{
    return words->in[language] ? words->in[language] : words->in[ENGLISH];
}

static bool is_listed(const struct list *list, const struct plan *plan, size_t index)
{
    return plan->states[index] != PLAN_LEFT_OUT &&
           (!list->program || scenario_starts(&plan->suite->scenarios[index], list->program));
}

static void print_files(const struct list *list, const struct plan *plan)
{
    for (size_t i = 0; i < plan->suite->count; i++)
        if (is_listed(list, plan, i))
            puts(plan->suite->scenarios[i].at.file);
}

static void put_total(const struct page *page, size_t count, int points)
{
    char text[128];
    snprintf(text, sizeof text, _("%zu cases, %s points"), count, points_text(points).text);
    fputc('\n', page->to);
    page_text(page, 0, STYLE_STRONG, text);
}

static void print_list(const struct list *list, const struct plan *plan, const int *shares)
{
    const struct column columns[COLUMNS] = {{.head = _("CASE")},
                                            {.head = _("POINTS"), .is_right = true},
                                            {.head = _("PROGRAM")},
                                            {.head = _("TOLD")},
                                            {.head = _("TITLE"), .is_wrapped = true}};
    const struct suite *suite = plan->suite;
    const struct page page = {stdout, terminal_width(STDOUT_FILENO), false, language_has_utf8()};
    cleanup_free const char **cells = calloc(suite->count * COLUMNS + 1, sizeof *cells);
    cleanup_free struct points_text *points = calloc(suite->count + 1, sizeof *points);
    size_t count = 0;
    int sum = 0;
    if (!cells || !points)
        return;
    for (size_t i = 0; i < suite->count; i++) {
        const struct scenario *scenario = &suite->scenarios[i];
        if (!is_listed(list, plan, i))
            continue;
        points[i] = points_text(shares[i]);
        sum += shares[i];
        const char *row[COLUMNS] = {scenario->id, points[i].text, scenario->program,
                                    visibility_word(scenario->visibility),
                                    in_language(&scenario->title, list->options.language)};
        memcpy(&cells[count++ * COLUMNS], row, sizeof row);
    }
    page_table(&page, 0, columns, COLUMNS, cells, count, NULL);
    put_total(&page, count, sum);
}

static int list_suite(struct list *list, const struct suite *suite)
{
    struct plan plan = {0};
    struct err err = {0};
    int status = EXIT_FULL;
    cleanup_free int *shares = calloc(suite->count + 1, sizeof *shares);
    if (!plan_new(&plan, suite, list->patterns, list->pattern_count, &err))
        status = options_failed(&list->options, &err);
    else if (list->only_files)
        print_files(list, &plan);
    else if (shares && suite_share(suite, shares))
        print_list(list, &plan, shares);
    plan_free(&plan);
    return status;
}

static bool is_program(const struct suite *suite, const char *name)
{
    for (size_t i = 0; i < suite->assignment.program_count; i++)
        if (strcmp(suite->assignment.programs[i].name, name) == 0)
            return true;
    return false;
}

static void take_option(struct list *list, int option)
{
    switch (option) {
    case OPT_CASES: snprintf(list->cases, sizeof list->cases, "%s", list->options.value); break;
    case OPT_PROGRAM: list->program = list->options.value; break;
    case OPT_FILES: list->only_files = true; break;
    default:
        if (list->pattern_count < MOST_PATTERNS)
            list->patterns[list->pattern_count++] = list->options.value;
    }
}

static int run_list(const struct command *command, int argc, char **argv)
{
    struct list list = {
        .options = {.command = command, .argc = argc, .argv = argv, .language = language_wanted()}};
    struct suite *suite = NULL;
    int option, count = 0, status = EXIT_FULL;
    while ((option = options_next(&list.options)) >= 0)
        take_option(&list, option);
    if (option != OPTIONS_END)
        return options_status(option);
    options_arguments(&list.options, &count);
    if (count > 0)
        return options_wrong(&list.options, "takes no argument; did you mean --only?");
    if (!suite_or_complain(&suite, list.cases, &status))
        return status;
    status = list.program && !is_program(suite, list.program)
                 ? options_wrong(&list.options, "the assignment has no program '%s'", list.program)
                 : list_suite(&list, suite);
    suite_free(suite);
    return status;
}

const struct command command_list = {
    .name = "list",
    .arguments = "",
    .law = "list the cases and what they are worth",
    .options = rows,
    .run = run_list,
};
