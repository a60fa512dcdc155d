/* `ipcgrade rules`: the laws that every program is held against. */
#include "rules/rules.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "commands/command.h"
#include "commands/language.h"
#include "commands/options.h"
#include "commands/progress.h"
#include "report/page.h"

enum { RULES_MOST = 128, INDENT = 2, BESIDE = 10, WIDTH_MOST = 100 };

static void put_rule(const struct rule *rule, bool is_first, const struct page *page)
{
    printf("%s%s (%s)\n", is_first ? "" : "\n", rule->id, _(severity_word(rule->severity)));
    page_labelled(page, INDENT, BESIDE, _("law"), STYLE_PLAIN, _(rule->law));
    page_labelled(page, INDENT, BESIDE, _("silent"), STYLE_PLAIN, _(rule->silent));
    if (rule->is_of_code)
        page_labelled(page, INDENT, BESIDE, "", STYLE_PLAIN,
                      _("Also shells and other programs of the system, where no source line is known."));
    page_labelled(page, INDENT, BESIDE, _("see"), STYLE_PLAIN, rule->see);
}

static const struct rule *find_rule(const char *id)
{
    for (size_t i = 0; rules[i]; i++)
        if (strcmp(rules[i]->id, id) == 0)
            return rules[i];
    return NULL;
}

static int complain(const struct options *options, const char *id)
{
    const char *names[RULES_MOST] = {NULL};
    for (size_t i = 0; i < RULES_MOST - 1 && rules[i]; i++)
        names[i] = rules[i]->id;
    const char *nearest = text_nearest(id, names);
    if (nearest)
        return options_wrong(options, "no rule '%s'; did you mean '%s'?", id, nearest);
    return options_wrong(options, "no rule '%s'; `ipcgrade rules` lists them", id);
}

static int run_rules(const struct command *command, int argc, char **argv)
{
    struct options options = {.command = command, .argc = argc, .argv = argv, .language = language_wanted()};
    int option = options_next(&options), count = 0, width = terminal_width(1);
    if (option != OPTIONS_END)
        return options_status(option);
    const struct page page = {stdout, width > WIDTH_MOST ? WIDTH_MOST : width, false, language_has_utf8()};
    char **ids = options_arguments(&options, &count);
    for (int i = 0; i < count; i++)
        if (!find_rule(ids[i]))
            return complain(&options, ids[i]);
    for (int i = 0; i < count; i++)
        put_rule(find_rule(ids[i]), i == 0, &page);
    for (size_t i = 0; count == 0 && rules[i]; i++)
        put_rule(rules[i], i == 0, &page);
    return EXIT_FULL;
}

const struct command command_rules = {
    .name = "rules",
    .arguments = "[RULE...]",
    .law = "tell the rules that ipcgrade trace holds every program against",
    .run = run_rules,
};
