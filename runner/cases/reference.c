/* The reference. Whatever a table knows is printed from it, so that the manual cannot say less or more than the program reads. */
#include "cases/reference.h"

#include <string.h>

#include "cases/facts.h"
#include "cases/object.h"
#include "cases/pattern.h"
#include "cases/reference_text.h"
#include "cases/scenario_read.h"
#include "cases/settings.h"
#include "cases/start.h"
#include "cases/step.h"
#include "cases/target.h"
#include "cases/value.h"

/* Inside a table '|' would begin another column. */
static void cell(FILE *to, const char *text)
{
    for (; *text; text++)
        fprintf(to, "%s%c", *text == '|' ? "\\" : "", *text);
}

static void row(FILE *to, const char *word, const char *value, const char *law)
{
    fprintf(to, "| `%s` | ", word);
    cell(to, value);
    fprintf(to, " | ");
    cell(to, law);
    fprintf(to, " |\n");
}

static void keys(FILE *to, const char *title, const struct key_row *rows)
{
    fprintf(to, "### %s\n\n| key | value | meaning |\n|---|---|---|\n", title);
    for (; rows->word; rows++)
        row(to, rows->word, rows->value, rows->law);
    fprintf(to, "\n");
}

/* ---- objects -------------------------------------------------------------------------------------------------------- */

static const char *places(unsigned where)
{
    return where == (GIVEN | LOOKED) ? "given and looked at"
           : where == GIVEN          ? "given only"
                                     : "looked at only";
}

static void kind(FILE *to, const struct kind_row *kind)
{
    fprintf(to, "#### `%s`: %s\n\n", kind->word, kind->law);
    fprintf(to, "Told from others by %s. %s\n\n", object_identity_law(kind->identity),
            kind->is_judged ? "Looked for among what is left behind."
                            : "Not looked for among what is left behind.");
    if (!kind->states)
        return;
    fprintf(to, "| state | value | meaning |\n|---|---|---|\n");
    for (const struct state_row *state = kind->states; state->word; state++) {
        fprintf(to, "| `%s` | %s | ", state->word, value_kind_text(state->kind));
        cell(to, state->law);
        fprintf(to, "; %s |\n", places(state->places));
    }
    fprintf(to, "\n");
}

static void objects(FILE *to)
{
    fprintf(to, "### Kinds of object\n\n");
    for (const struct mechanism *const *m = vocabulary; *m; m++)
        for (const struct kind_row *row = (*m)->kinds; row && row->word; row++)
            kind(to, row);
    fprintf(to, "In looks a deed may also name, without declaring it, a kind (`fifo`, `queue`, ..) or");
    for (const struct word_row *row = target_streams; row->word; row++)
        fprintf(to, "%s `%s`", row == target_streams ? "" : ",", row->word);
    fprintf(to, ": an unnamed pipe or socket pair, and the runner's streams, wherever they are duplicated "
                "to; or `any`.\n\n");
}

/* ---- deeds ---------------------------------------------------------------------------------------------------------- */

static const char *const firsts[] = {
    [FIRST_OBJECT] = "object", [FIRST_END] = "end",       [FIRST_ANY] = "any",
    [FIRST_WHO] = "WHO",       [FIRST_STATUS] = "status", [FIRST_FILE] = "stand-in or file",
};

static void words(FILE *to, const struct param_row *param)
{
    if (!param->words)
        return;
    fprintf(to, ":");
    for (const struct word_row *row = param->words; row->word; row++)
        fprintf(to, " `%s`", row->word);
}

static void kinds(FILE *to, const struct deed_row *deed)
{
    const char *before = deed->first == FIRST_END ? "An end, or one of: " : "Goes with: ";
    for (int kind = 0; kind < OBJECT_KINDS; kind++) {
        if (!(deed->kinds >> kind & 1) || !vocabulary_kind_row(kind))
            continue;
        fprintf(to, "%s`%s`", before, vocabulary_kind_row(kind)->word);
        before = ", ";
    }
    if (*before == ',')
        fprintf(to, ".\n");
}

static void faults(FILE *to, const struct deed_row *deed)
{
    const char *before = "Can be injected: ";
    for (const int *fault = deed->faults; fault && *fault; fault++) {
        fprintf(to, "%s%s", before, errno_name(*fault));
        before = ", ";
    }
    if (deed->may_be_short)
        fprintf(to, "%s`short`", before);
    if (deed->faults || deed->may_be_short)
        fprintf(to, ".\n");
}

static void deed(FILE *to, const struct deed_row *deed)
{
    fprintf(to, "#### `%s: %s`\n\n%s\n", deed->word, firsts[deed->first], deed->law);
    kinds(to, deed);
    if (!(deed->uses & DEED_LOOKED))
        fprintf(to, "Only puppets do it.\n");
    if (!(deed->uses & DEED_DONE))
        fprintf(to, "Only looked for.\n");
    if (deed->uses & DEED_BLOCKS)
        fprintf(to, "Can stand under `blocks`.\n");
    faults(to, deed);
    fprintf(to, "\n");
    if (!deed->params)
        return;
    fprintf(to, "| parameter | value | meaning |\n|---|---|---|\n");
    for (const struct param_row *param = deed->params; param->word; param++) {
        fprintf(to, "| `%s` | %s", param->word, value_kind_text(param->kind));
        words(to, param);
        fprintf(to, " | ");
        cell(to, param->law);
        fprintf(to, " |\n");
    }
    fprintf(to, "\n");
}

static void deeds(FILE *to)
{
    fprintf(to, "### Deeds\n\nWhat stands first is an *object* (declared; in a look also its "
                "kind, or `any`) or an *end* (of a puppet: a name that it has got by `as`, of a stand-in "
                "also `stdin stdout "
                "stderr`; in a look an object). Every deed also takes `error: E` (an errno or a list: it "
                "fails so) and, where "
                "it is looked for, "
                "`returns: RANGE`. A puppet's deed carries at most 1 MiB.\n\n");
    for (const struct mechanism *const *m = vocabulary; *m; m++) {
        if (!(*m)->deeds)
            continue;
        fprintf(to, "**%s**\n\n", (*m)->name);
        for (const struct deed_row *row = (*m)->deeds; row->word; row++)
            deed(to, row);
    }
}

/* ---- the rest ------------------------------------------------------------------------------------------------------- */

static void fact_rows(FILE *to)
{
    fprintf(to, "### Facts\n\n| fact | value | holds when, at the end of the turn |\n|---|---|---|\n");
    for (const struct fact_row *fact = facts; fact->word; fact++)
        row(to, fact->word, value_kind_text(fact->kind), fact->law);
    fprintf(to, "\n");
}

static void values(FILE *to)
{
    fprintf(to, "### Values\n\n"
                "| value | how it is written |\n|---|---|\n"
                "| number | decimal or `0x..`, as C writes it; a `<name>` may stand for it |\n"
                "| RANGE | looked at: a number, a list of numbers, `{min: N, max: N}`; done by a puppet or "
                "given: one number |\n"
                "| mode | octal, with its leading 0: `0600` |\n"
                "| flag | names as in C; in looks: at least these |\n"
                "| DATA | a text, `{fill: N}` or `{hex: \"80 ff\"}`; so is an argument of a program, "
                "without NUL bytes and at most 131071 bytes long |\n"
                "| TEXT | DATA, which is exact, or a pattern (below) |\n"
                "| text | in a deed of a puppet and in `given`: DATA; in a look: TEXT |\n"
                "| name | small letters, digits, `_`; begins with a letter; not a word of the language |\n"
                "| WHO | `name`, or of a student's program `name.parent` (the started process), `name.child` "
                "(any descendant), "
                "`name.held` |\n"
                "| points | a number with at most one decimal |\n\n");
    fprintf(to, "### Patterns\n\n| word | value | meaning |\n|---|---|---|\n");
    for (const struct key_row *word = pattern_words; word->word; word++)
        row(to, word->word, word->value, word->law);
    fprintf(to, "\nIn every expected text");
    for (const struct word_row *word = reference_wilds; word->word; word++)
        fprintf(to, "%s `<%s>`", word == reference_wilds ? "" : ",", word->word);
    fprintf(to, " stand for any such.\n\n");
}

static void limits(FILE *to)
{
    fprintf(to, "### Limits\n\n| limit | meaning |\n|---|---|\n");
    for (const struct limit_row *limit = limit_rows; limit->word; limit++)
        fprintf(to, "| `%s` | %s |\n", limit->word, limit->law);
    fprintf(to, "\n");
}

static void rules(FILE *to)
{
    const char *separator = "";
    fprintf(to, "### Rules\n\n| end check | law |\n|---|---|\n");
    for (const struct rule_row *rule = rule_rows; rule->word; rule++)
        if (rule->law)
            fprintf(to, "| `%s` | %s |\n", rule->word, rule->law);
    fprintf(to, "\nThe rules of IPC, whose laws `ipcgrade rules` tells:");
    for (const struct rule_row *rule = rule_rows; rule->word; rule++) {
        if (rule->law)
            continue;
        fprintf(to, "%s `%s`", separator, rule->word);
        separator = ",";
    }
    fprintf(to, ".\n\n");
}

void reference_write(FILE *to)
{
    keys(to, "Keys of a case", case_keys);
    keys(to, "Steps", step_keys);
    keys(to, "Options of `start`", start_options);
    keys(to, "Where a `hold` stops", hold_keys);
    fact_rows(to);
    values(to);
    objects(to);
    deeds(to);
    limits(to);
    rules(to);
    keys(to, "Keys of assignment.yaml", assignment_keys);
}
