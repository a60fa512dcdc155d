/* Pieces of a JSON Schema: maps, lists, words; see schema_parts.h. */
#include "cases/schema_parts.h"

#include "base/bytes.h"

json_t *schema_ref(const char *definition)
{
    return json_pack("{s:s+}", "$ref", "#/definitions/", definition);
}

json_t *schema_told(json_t *schema, const char *law)
{
    /* Draft 7 ignores what stands beside $ref. */
    if (json_object_get(schema, "$ref"))
        return json_pack("{s:s, s:[o]}", "description", law, "allOf", schema);
    if (schema && json_object_set_new(schema, "description", json_string(law)) == 0)
        return schema;
    json_decref(schema);
    return NULL;
}

json_t *schema_closed(json_t *properties)
{
    return json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties, "additionalProperties",
                     false);
}

json_t *schema_map(json_t *names, json_t *values, int least)
{
    return json_pack("{s:s, s:o, s:o, s:i}", "type", "object", "propertyNames", names, "additionalProperties",
                     values, "minProperties", least);
}

json_t *schema_list(json_t *items, int least)
{
    return json_pack("{s:s, s:o, s:i}", "type", "array", "items", items, "minItems", least);
}

json_t *schema_either(json_t *one, json_t *other)
{
    return json_pack("{s:[o, o]}", "anyOf", one, other);
}

json_t *schema_some(json_t *item, int least)
{
    json_t *copy = json_deep_copy(item);
    return schema_either(item, schema_list(copy, least));
}

json_t *schema_words(const void *rows, size_t row_size)
{
    json_t *words = json_array();
    for (const char *row = rows; row && *(const char *const *)row; row += row_size)
        json_array_append_new(words, json_string(*(const char *const *)row));
    return json_pack("{s:o}", "enum", words);
}

json_t *schema_keys(const struct key_row *rows)
{
    json_t *properties = json_object();
    for (; rows->word; rows++) {
        json_t *shape = rows->shape ? schema_ref(rows->shape) : SCHEMA_WORDS(rows->words);
        json_object_set_new(properties, rows->word, schema_told(shape, rows->law));
    }
    return schema_closed(properties);
}

json_t *schema_count(json_int_t least, json_int_t most)
{
    static const char natural[] = "^(0[xX][0-9a-fA-F]+|0|[1-9][0-9]*)$";
    static const char positive[] = "^(0[xX]0*[1-9a-fA-F][0-9a-fA-F]*|[1-9][0-9]*)$";
    return json_pack("{s:[s, s], s:I, s:I, s:s}", "type", "integer", "string", "minimum", least, "maximum",
                     most, "pattern", least > 0 ? positive : natural);
}

json_t *schema_required(json_t *list, const char *word)
{
    json_array_append_new(list, json_pack("{s:[s]}", "required", word));
    return list;
}

char *schema_alternatives(const struct word_row *rows)
{
    struct bytes text = {0};
    for (const struct word_row *row = rows; row->word; row++)
        bytes_print(&text, "%s%s", row == rows ? "" : "|", row->word);
    return text.data;
}
