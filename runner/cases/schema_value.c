/* Values in the schema: how each kind of value is written, as the readers of value.c and number.c take it. A number may also be the text that stood between
 * quotes.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cases/facts.h"
#include "cases/names.h"
#include "cases/reference_text.h"
#include "cases/scenario_read.h"
#include "cases/schema_parts.h"
#include "cases/step.h"

/* ---- numbers -------------------------------------------------------------------------------------------------------- */

static json_t *build_number(void)
{
    cleanup_free char *wilds = schema_alternatives(reference_wilds),
                      *parts = schema_alternatives(reference_parts);
    cleanup_free char *pattern = NULL;
    if (!wilds || !parts ||
        asprintf(&pattern,
                 "^(-?(0[xX][0-9a-fA-F]{1,16}|0|[1-9][0-9]{0,18})|<(?!(%s)>)[a-z][a-z0-9_]*([.](%s))?>)$",
                 wilds, parts) < 0)
        return NULL;
    return json_pack("{s:[s, s], s:I, s:I, s:s}", "type", "integer", "string", "minimum",
                     (json_int_t)INT64_MIN, "maximum", (json_int_t)INT64_MAX, "pattern", pattern);
}

static json_t *build_numbers(void)
{
    return schema_some(schema_ref("number"), 0);
}

/* A number with bounds, or a <name>. */
static json_t *bounded(json_int_t least, json_int_t most)
{
    return json_pack("{s:[o, {s:I, s:I}]}", "allOf", schema_ref("number"), "minimum", least, "maximum", most);
}

static json_t *range(json_t *number)
{
    json_t *ends = json_object();
    json_object_set_new(ends, "min", schema_ref("number"));
    json_object_set_new(ends, "max", schema_ref("number"));
    ends = schema_closed(ends);
    json_object_set_new(ends, "minProperties", json_integer(1));
    json_t *copy = json_deep_copy(number);
    return json_pack("{s:[o, o, o]}", "anyOf", number, schema_list(copy, 1), ends);
}

static json_t *build_range(void)
{
    return range(schema_ref("number"));
}

static json_t *build_status(void)
{
    return bounded(0, STATUS_MAX);
}

static json_t *build_exit(void)
{
    return json_pack("{s:[{s:s}, o]}", "anyOf", "const", "nonzero", range(schema_ref("status")));
}

/* Of a number nobody knows any more whether it was written with a leading 0. */
static json_t *build_mode(void)
{
    return json_pack("{s:[s, s], s:i, s:i, s:s, s:s}", "type", "integer", "string", "minimum", 0, "maximum",
                     7777, "pattern", "^0[0-7]{0,4}$", "description", "octal, with its leading 0: `0600`");
}

static json_t *build_points(void)
{
    return json_pack("{s:[s, s], s:i, s:f, s:s}", "type", "number", "string", "minimum", 0, "maximum", 9999.9,
                     "pattern", "^[0-9]{1,4}([.][0-9])?$");
}

/* ---- names of C ----------------------------------------------------------------------------------------------------- */

static json_t *build_signal(void)
{
    json_t *words = json_array();
    for (int number = 1; number < SIGNALS; number++)
        json_array_append_new(words, json_string(signal_name(number)));
    return json_pack("{s:o}", "enum", words);
}

static json_t *build_signals(void)
{
    return schema_some(schema_ref("signal"), 0);
}

static json_t *build_errno(void)
{
    json_t *words = json_array();
    for (int number = 1; number <= HIGHEST_ERRNO; number++)
        if (errno_by_name(errno_name(number)) == number)
            json_array_append_new(words, json_string(errno_name(number)));
    return json_pack("{s:o}", "enum", words);
}

static json_t *build_errnos(void)
{
    return schema_some(schema_ref("errno"), 1);
}

/* ---- names of the case ---------------------------------------------------------------------------------------------- */

#define NAME "[a-z][a-z0-9_]*"

/* As a value a name can look like true or null to whoever reads YAML. */
static json_t *name(const char *pattern)
{
    return json_pack("{s:[s, s, s], s:s}", "type", "string", "boolean", "null", "pattern", pattern);
}

/* Several tables know `exit` or `hint`, and no item of an enum may stand there twice. */
static void add_word(json_t *words, const char *word)
{
    size_t index = 0;
    json_t *known = NULL;
    json_array_foreach(words, index, known) if (strcmp(json_string_value(known), word) == 0) return;
    json_array_append_new(words, json_string(word));
}

static void add_words(json_t *words, const void *rows, size_t row_size)
{
    for (const char *row = rows; row && *(const char *const *)row; row += row_size)
        add_word(words, *(const char *const *)row);
}

/* What is_reserved() in names.c refuses. */
static json_t *reserved(void)
{
    json_t *words = json_array();
    for (const struct mechanism *const *m = vocabulary; *m; m++) {
        add_words(words, (*m)->deeds, sizeof *(*m)->deeds);
        for (const struct kind_row *kind = (*m)->kinds; kind && kind->word; kind++)
            add_word(words, kind->word);
    }
    add_words(words, facts, sizeof *facts);
    add_words(words, names_reserved, sizeof *names_reserved);
    add_words(words, case_keys, sizeof *case_keys);
    add_words(words, step_keys, sizeof *step_keys);
    return words;
}

static json_t *build_word(void)
{
    json_t *word = name("^" NAME "$");
    json_object_set_new(word, "maxLength", json_integer(NAME_MAX_LETTERS));
    return word;
}

static json_t *build_name(void)
{
    return json_pack("{s:[o, {s:{s:o}}]}", "allOf", schema_ref("word"), "not", "enum", reserved());
}

/* Whoever declares something new: `peer` is there already. */
static json_t *build_new_name(void)
{
    return json_pack("{s:[o, {s:{s:s}}]}", "allOf", schema_ref("name"), "not", "const", "peer");
}

static json_t *build_who(void)
{
    cleanup_free char *parts = schema_alternatives(names_parts), *pattern = NULL;
    if (!parts || asprintf(&pattern, "^" NAME "([.](%s))?$", parts) < 0)
        return NULL;
    return name(pattern);
}

static json_t *build_whos(void)
{
    return schema_some(schema_ref("who"), 1);
}

static json_t *build_objects(void)
{
    return schema_some(schema_ref("name"), 0);
}

static json_t *build_left(void)
{
    return json_pack("{s:[{s:s}, o]}", "anyOf", "const", "nothing", schema_ref("objects"));
}

/* ---- by kind -------------------------------------------------------------------------------------------------------- */

static json_t *value_message(const struct value_place *place)
{
    bool is_given = place->use == USE_GIVEN && place->kind == VALUE_MESSAGES;
    json_int_t least = place->has_prio ? 0 : 1, most = place->has_prio ? PRIORITY_MAX : INT64_MAX;
    json_t *number = is_given                   ? bounded(least, most)
                     : place->use == USE_LOOKED ? schema_ref("range")
                                                : schema_ref("number");
    json_t *parts = json_object();
    json_object_set_new(parts, place->has_prio ? "prio" : "type", number);
    json_object_set_new(parts, "text", schema_ref(place->use == USE_LOOKED ? "pattern" : "data"));
    return schema_closed(parts);
}

static json_t *value_ops(const struct value_place *place)
{
    json_t *op =
        json_pack("{s:s, s:[o, o], s:o, s:i}", "type", "array", "items", schema_ref("number"),
                  schema_ref("number"), "additionalItems", SCHEMA_WORDS(place->words), "minItems", 2);
    json_t *ops = schema_list(op, 0);
    json_object_set_new(ops, "maxItems", json_integer(OPS_MAX));
    return ops;
}

static json_t *value_numbers(const struct value_place *place)
{
    if (place->use == USE_LOOKED)
        return schema_ref("numbers");
    return json_pack("{s:[o, {s:i}]}", "allOf", schema_ref("numbers"), "maxItems", NUMBERS_MAX);
}

static json_t *value_text(const struct value_place *place)
{
    return schema_ref(place->use == USE_LOOKED ? "pattern"
                      : place->use == USE_DONE ? "data_of_deed"
                                               : "data");
}

static json_t *value_ends(const struct value_place *place)
{
    json_t *any = json_pack("{s:s}", "const", "any");
    return schema_some(place->use == USE_LOOKED ? any : schema_either(any, schema_ref("word")), 0);
}

json_t *schema_value(const struct value_place *place)
{
    bool is_looked = place->use == USE_LOOKED;
    switch (place->kind) {
    case VALUE_NUMBER: return schema_ref("number");
    case VALUE_RANGE: return schema_ref(is_looked ? "range" : "number");
    case VALUE_MODE: return schema_ref("mode");
    case VALUE_FLAGS: return schema_some(SCHEMA_WORDS(place->words), 0);
    case VALUE_WORD: return SCHEMA_WORDS(place->words);
    case VALUE_NAME: return is_looked ? json_false() : schema_ref("new_name");
    case VALUE_TEXT: return value_text(place);
    case VALUE_MESSAGE: return value_message(place);
    case VALUE_MESSAGES: return schema_some(value_message(place), 0);
    case VALUE_NUMBERS: return value_numbers(place);
    case VALUE_OPS: return value_ops(place);
    case VALUE_TEXTS: return schema_some(schema_ref("argument"), 0);
    case VALUE_SIGNAL: return schema_ref("signal");
    case VALUE_SIGNALS: return schema_ref("signals");
    case VALUE_EXIT: return schema_ref("exit");
    case VALUE_WHO: return schema_ref("who");
    case VALUE_OBJECT: return schema_ref("name");
    case VALUE_ENDS: return value_ends(place);
    case VALUE_OWNER: return SCHEMA_WORDS(value_owners);
    case VALUE_DEED: return json_pack("{s:[{s:s}, o]}", "anyOf", "const", "any", schema_ref("deed_blocked"));
    }
    return NULL;
}

const struct schema_definition schema_value_definitions[] = {
    {"number", build_number},
    {"numbers", build_numbers},
    {"range", build_range},
    {"status", build_status},
    {"exit", build_exit},
    {"mode", build_mode},
    {"points", build_points},
    {"signal", build_signal},
    {"signals", build_signals},
    {"errno", build_errno},
    {"errnos", build_errnos},
    {"word", build_word},
    {"name", build_name},
    {"new_name", build_new_name},
    {"who", build_who},
    {"whos", build_whos},
    {"objects", build_objects},
    {"left", build_left},
    {0},
};
