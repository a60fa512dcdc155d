/* Texts in the schema, as pattern.c reads them.
 *
 * Who reads YAML for the schema has given each scalar a type: `0600` has come to be the number 600, `no` perhaps false. So a text may be of any type.
 */
#include <stdio.h>

#include "base/cleanup.h"
#include "cases/pattern.h"
#include "cases/reference_text.h"
#include "cases/schema_parts.h"
#include "cases/settings.h"

/* Any scalar; `refused` is an expression that no text may match, or NULL. */
static json_t *scalar(const char *refused)
{
    json_t *text = json_pack("{s:[s, s, s, s]}", "type", "string", "number", "boolean", "null");
    if (refused)
        json_object_set_new(text, "not", json_pack("{s:s, s:s}", "type", "string", "pattern", refused));
    return text;
}

#define NUL "\\u0000"

static json_t *build_text(void)
{
    return scalar(NULL);
}

static json_t *build_plain(void)
{
    return scalar(NUL);
}

static json_t *build_plains(void)
{
    return schema_some(schema_ref("plain"), 0);
}

static json_t *build_command(void)
{
    return json_pack("{s:[o, {s:i}]}", "allOf", schema_ref("plain"), "minLength", 1);
}

/* Nothing that stands for something unknown: what is sent is said. */
static json_t *scalar_sent(const char *also_refused)
{
    cleanup_free char *wilds = schema_alternatives(reference_wilds), *refused = NULL;
    if (!wilds || asprintf(&refused, "(^|[^<])<(%s)>%s", wilds, also_refused) < 0)
        return NULL;
    return scalar(refused);
}

static json_t *build_sent(void)
{
    return scalar_sent("");
}

static json_t *build_fill(void)
{
    return schema_count(1, FILL_MAX);
}

static json_t *build_hex(void)
{
    return json_pack("{s:[s, s], s:i, s:s}", "type", "string", "number", "minimum", 0, "pattern",
                     "^[ \\n]*([0-9a-fA-F]{2}[ \\n]*)*$");
}

/* text | {fill: N} | {hex: ".."} */
static json_t *data(json_t *text, json_int_t most)
{
    json_t *fill = json_object(), *hex = json_object();
    json_object_set_new(fill, "fill", schema_count(1, most));
    json_object_set_new(hex, "hex", schema_ref("hex"));
    return json_pack("{s:[o, {s:s, s:o, s:[s], s:b}, {s:s, s:o, s:[s], s:b}]}", "anyOf", text, "type",
                     "object", "properties", fill, "required", "fill", "additionalProperties", false, "type",
                     "object", "properties", hex, "required", "hex", "additionalProperties", false);
}

static json_t *build_data(void)
{
    return data(schema_ref("sent"), FILL_MAX);
}

static json_t *build_data_of_deed(void)
{
    return data(schema_ref("sent"), DEED_BYTES_MAX);
}

static json_t *build_argument(void)
{
    return data(scalar_sent("|" NUL), ARGUMENT_MAX);
}

static json_t *build_contained(void)
{
    return schema_some(data(schema_ref("text"), FILL_MAX), 1);
}

static json_t *build_line(void)
{
    return scalar("\\n");
}

static json_t *build_lines(void)
{
    return schema_some(schema_ref("line"), 0);
}

static json_t *build_any_order(void)
{
    return schema_some(schema_ref("lines"), 0);
}

/* TEXT: a text, or exactly one word of a pattern. */
static json_t *build_pattern(void)
{
    json_t *words = schema_keys(pattern_words);
    json_object_update_new(words, json_pack("{s:i, s:i}", "minProperties", 1, "maxProperties", 1));
    return schema_either(schema_ref("text"), words);
}

static json_t *in_languages(const char *shape)
{
    json_t *languages = json_object();
    for (const struct word_row *row = language_words; row->word; row++)
        json_object_set_new(languages, row->word, schema_ref(row->value == ENGLISH ? shape : "plain"));
    languages = schema_closed(languages);
    json_object_set_new(languages, "required", json_pack("[s]", language_words[ENGLISH].word));
    return schema_either(schema_ref(shape), languages);
}

static json_t *build_sentence(void)
{
    return in_languages("plain");
}

static json_t *build_title(void)
{
    return in_languages("command");
}

const struct schema_definition schema_text_definitions[] = {
    {"text", build_text},         {"plain", build_plain},         {"plains", build_plains},
    {"command", build_command},   {"sent", build_sent},           {"fill", build_fill},
    {"hex", build_hex},           {"data", build_data},           {"data_of_deed", build_data_of_deed},
    {"argument", build_argument}, {"contained", build_contained}, {"line", build_line},
    {"lines", build_lines},       {"any_order", build_any_order}, {"pattern", build_pattern},
    {"sentence", build_sentence}, {"title", build_title},         {0},
};
