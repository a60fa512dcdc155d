/* The two schemas: a table of keys at the top, and below it the definitions that it leads to. */
#include "cases/schema.h"

#include <errno.h>
#include <string.h>

#include "cases/scenario_read.h"
#include "cases/schema_parts.h"

static const struct schema_definition *const tables[] = {
    schema_text_definitions, schema_value_definitions, schema_object_definitions,
    schema_deed_definitions, schema_play_definitions,  NULL,
};

static json_t *build(const char *name)
{
    for (const struct schema_definition *const *table = tables; *table; table++)
        for (const struct schema_definition *row = *table; row->name; row++)
            if (strcmp(row->name, name) == 0)
                return row->build();
    return NULL;
}

static bool add_definitions(json_t *definitions, const json_t *from);

static bool add_definition(json_t *definitions, const char *ref)
{
    const char *name = strrchr(ref, '/') + 1;
    if (json_object_get(definitions, name))
        return true;
    json_t *built = build(name);
    return built && json_object_set_new(definitions, name, built) == 0 && add_definitions(definitions, built);
}

/* All that `from` refers to, and what that refers to. Recursion ends, as each is added once. */
static bool add_definitions(json_t *definitions, const json_t *from)
{
    const char *key = NULL;
    json_t *value = NULL;
    size_t index = 0;
    bool is_whole = true;
    json_object_foreach((json_t *)from, key, value)
    {
        if (strcmp(key, "$ref") == 0)
            is_whole &= add_definition(definitions, json_string_value(value));
        else
            is_whole &= add_definitions(definitions, value);
    }
    json_array_foreach(from, index, value) is_whole &= add_definitions(definitions, value);
    return is_whole;
}

static bool write_schema(FILE *to, const char *title, const struct key_row *keys, json_t *required)
{
    json_t *schema =
        json_pack("{s:s, s:s}", "$schema", "http://json-schema.org/draft-07/schema#", "title", title);
    json_t *definitions = json_object();
    json_object_update_new(schema, schema_keys(keys));
    json_object_set_new(schema, "required", required);
    bool is_whole = add_definitions(definitions, schema);
    json_object_set_new(schema, "definitions", definitions);
    errno = is_whole ? 0 : ENOMEM;
    bool is_written = is_whole && json_dumpf(schema, to, JSON_INDENT(1)) == 0 && fputc('\n', to) != EOF;
    json_decref(schema);
    return is_written && fflush(to) == 0;
}

bool schema_write_case(FILE *to)
{
    return write_schema(to, "A case of ipcgrade", case_keys, json_pack("[s, s]", "title", "steps"));
}

bool schema_write_assignment(FILE *to)
{
    return write_schema(to, "assignment.yaml of ipcgrade", assignment_keys,
                        json_pack("[s, s]", "assignment", "programs"));
}
