/* Looking things up in a loaded case. */
#include "cases/scenario.h"

#include <string.h>

#include "base/bytes.h"

const struct value *deed_value(const struct deed *deed, enum param param)
{
    for (size_t i = 0; i < deed->count; i++)
        if (deed->params[i].row && deed->params[i].row->param == param)
            return &deed->params[i].value;
    return NULL;
}

const struct scenario *suite_find(const struct suite *suite, const char *id)
{
    for (size_t i = 0; i < suite->count; i++)
        if (strcmp(suite->scenarios[i].id, id) == 0)
            return &suite->scenarios[i];
    return NULL;
}

bool scenario_starts(const struct scenario *scenario, const char *program)
{
    for (size_t i = 0; i < scenario->step_count; i++)
        for (size_t k = 0; scenario->steps[i].kind == STEP_START && k < scenario->steps[i].count; k++)
            if (strcmp(scenario->steps[i].starts[k].program, program) == 0)
                return true;
    return false;
}

bool scenario_names_queue(const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->name_count; i++)
        if (scenario->names[i].kind && scenario->names[i].kind->kind == OBJECT_MQ)
            return true;
    return false;
}

bool scenario_needs_other_user(const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->name_count; i++) {
        const struct name *name = &scenario->names[i];
        if (name->is_other_user)
            return true;
        for (size_t k = 0; k < name->state.count; k++)
            if (name->state.values[k].row->state == STATE_OWNER && name->state.values[k].value.bits)
                return true;
    }
    for (size_t i = 0; i < scenario->step_count; i++)
        for (size_t k = 0; scenario->steps[i].kind == STEP_START && k < scenario->steps[i].count; k++)
            if (scenario->steps[i].starts[k].is_other_user)
                return true;
    return false;
}

/* ---- a step as it stands in the file -------------------------------------------------------------------------------- */

static const char *line_start(const char *source, int line)
{
    for (; line > 1 && *source; line--) {
        source = strchr(source, '\n');
        if (!source)
            return "";
        source++;
    }
    return source;
}

static const char *skip_characters(const char *text, int count)
{
    for (; count > 0 && *text && *text != '\n'; count--)
        for (text++; ((unsigned char)*text & 0xc0) == 0x80;)
            text++;
    return text;
}

/* Walks over a step: what is quoted, how deep in brackets, where its text ends. */
struct walk {
    const char *at;
    int indent; /* the column at which the step's keys stand, from 0 */
    bool is_flow;
    int depth;
    char quote;
};

static bool is_opening_quote(const struct walk *walk, char before)
{
    return (*walk->at == '"' || *walk->at == '\'') && strchr(" \t\n[{,:", before);
}

/* At a line's end: does the next line that says something still belong to the step? */
static bool goes_on(const struct walk *walk)
{
    const char *line = walk->at + 1;
    while (*line) {
        size_t blanks = strspn(line, " \t\r");
        if (line[blanks] != '\n' && line[blanks] != '#')
            return line[blanks] && (int)blanks >= walk->indent;
        line += blanks;
        line = strchr(line, '\n');
        if (!line)
            return false;
        line++;
    }
    return false;
}

/* One character on. False when the step ends here. *is_shown: it belongs to the text. */
static bool walk_on(struct walk *walk, char before, bool *is_shown)
{
    char c = *walk->at;
    *is_shown = true;
    if (walk->quote) {
        if (c == '\\' && walk->quote == '"')
            return true;
        walk->quote = c == walk->quote && before != '\\' ? '\0' : walk->quote;
        return true;
    }
    if (is_opening_quote(walk, before)) {
        walk->quote = c;
    } else if (c == '#' && strchr(" \t\n", before)) {
        walk->at += strcspn(walk->at, "\n") - 1;
        *is_shown = false;
    } else if (c == '{' || c == '[') {
        walk->depth++;
    } else if (c == '}' || c == ']') {
        walk->depth--;
        return walk->depth >= 0;
    }
    if (walk->is_flow)
        return !(c == ',' && walk->depth == 0);
    return c != '\n' || goes_on(walk);
}

char *scenario_step_text(const struct scenario *scenario, size_t step)
{
    struct where at = scenario->steps[step].at;
    const char *line = line_start(scenario->source, at.line);
    struct walk walk = {.at = skip_characters(line, at.column - 1), .indent = at.column - 1};
    walk.is_flow = *walk.at == '{';
    struct bytes text = {0};
    bool is_shown = true, is_blank = false;
    for (char before = ' '; *walk.at; walk.at++) {
        char c = *walk.at;
        if (!walk_on(&walk, before, &is_shown))
            break;
        bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (is_shown && !is_space) {
            if (is_blank && text.len > 0)
                bytes_add(&text, " ", 1, text.len + 1);
            bytes_add(&text, &c, 1, text.len + 1);
        }
        is_blank = is_space || (is_blank && !is_shown);
        before = is_shown ? c : ' ';
    }
    bytes_print(&text, "%s", "");
    return text.data;
}
