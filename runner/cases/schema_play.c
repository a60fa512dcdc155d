/* Steps, and the other keys of a case, in the schema; the keys of assignment.yaml, too. */
#include "cases/schema_parts.h"
#include "cases/settings.h"
#include "cases/start.h"
#include "cases/step.h"

/* A map that is `whole` when it has the key, and `other` without it. */
static json_t *by_key(const char *key, json_t *whole, json_t *other)
{
    return json_pack("{s:s, s:{s:[s]}, s:o, s:o}", "type", "object", "if", "required", key, "then", whole,
                     "else", other);
}

static json_t *only(const char *key, json_t *value)
{
    json_t *keys = json_object();
    json_object_set_new(keys, key, value);
    return schema_closed(keys);
}

/* ---- steps ---------------------------------------------------------------------------------------------------------- */

static json_t *build_run(void)
{
    return json_pack("{s:s, s:[o], s:o, s:i}", "type", "array", "items", schema_ref("plain"),
                     "additionalItems", schema_ref("argument"), "minItems", 1);
}

static json_t *build_env(void)
{
    json_t *variable = json_pack("{s:s}", "pattern", "^[A-Za-z_][A-Za-z0-9_]*$");
    return schema_map(variable, schema_ref("sent"), 0);
}

static json_t *build_starts(void)
{
    json_t *options = schema_keys(start_options);
    json_object_set_new(options, "required", json_pack("[s]", "run"));
    json_object_set_new(options, "dependencies",
                        json_pack("{s:{s:{s:b}}}", "stdin", "properties", "input", false));
    return schema_map(schema_ref("new_name"), schema_either(schema_ref("run"), options), 1);
}

static json_t *build_acts(void)
{
    return schema_map(schema_ref("word"),
                      by_key("blocks", only("blocks", schema_ref("deed_begun")), schema_ref("deed_done")), 1);
}

static json_t *build_expect_map(void)
{
    json_t *looks = schema_some(schema_ref("look"), 1);
    json_t *who = json_pack("{s:[o, {s:{s:s}}]}", "allOf", schema_ref("who"), "not", "const", "any");
    json_t *any = json_pack("{s:[o, o, {s:[s, s]}]}", "anyOf", json_deep_copy(looks), schema_ref("state"),
                            "enum", "present", "absent");
    json_t *map = schema_map(who, any, 1);
    /* Only a student's program has parts. */
    json_object_set_new(map, "patternProperties", json_pack("{s:o}", "[.]", looks));
    return map;
}

static json_t *build_expect(void)
{
    return by_key("any", only("any", schema_list(schema_ref("expect_map"), 1)), schema_ref("expect_map"));
}

static json_t *build_sends(void)
{
    return schema_map(schema_ref("who"), schema_ref("data"), 1);
}

static json_t *build_signals_sent(void)
{
    return schema_map(schema_ref("who"), schema_ref("signal"), 1);
}

static json_t *build_hold_before(void)
{
    return by_key("blocks", only("blocks", json_pack("{s:s}", "const", "any")), schema_ref("deed_looked"));
}

static json_t *build_holds(void)
{
    json_t *point = schema_keys(hold_keys);
    json_object_update_new(point, json_pack("{s:i, s:i}", "minProperties", 1, "maxProperties", 1));
    return schema_map(schema_ref("who"), point, 1);
}

/* Exactly one key makes it a step. */
static json_t *build_step(void)
{
    json_t *step = schema_keys(step_keys), *kinds = json_array();
    for (const struct key_row *row = step_keys; row->word; row++)
        if (step_is_kind(row))
            schema_required(kinds, row->word);
    json_object_set_new(step, "oneOf", kinds);
    json_object_set_new(step, "dependencies", json_pack("{s:[s]}", "cost", "expect"));
    return step;
}

static json_t *build_steps(void)
{
    json_t *steps = schema_list(schema_ref("step"), 1);
    json_object_set_new(steps, "contains", json_pack("{s:s, s:[s]}", "type", "object", "required", "start"));
    return steps;
}

/* ---- the rest of a case --------------------------------------------------------------------------------------------- */

static json_t *build_puppets(void)
{
    json_t *puppet = only("user", SCHEMA_WORDS(value_owners));
    return schema_either(schema_some(schema_ref("name"), 0), schema_map(schema_ref("name"), puppet, 0));
}

static json_t *of_deeds(const char *deed)
{
    return schema_some(schema_map(schema_ref("who"), schema_ref(deed), 1), 0);
}

static json_t *build_inject(void)
{
    return of_deeds("deed_injected");
}

static json_t *build_never(void)
{
    return of_deeds("deed_looked");
}

static json_t *build_limits(void)
{
    json_t *limits = json_object();
    for (const struct limit_row *row = limit_rows; row->word; row++)
        json_object_set_new(limits, row->word, schema_told(schema_count(row->least, LIMIT_MAX), row->law));
    return schema_closed(limits);
}

static json_t *build_prices(void)
{
    json_t *prices = json_object();
    for (const struct rule_row *row = rule_rows; row->word; row++) {
        json_t *price = json_pack("{s:[{s:s}, o]}", "anyOf", "const", "ignored", schema_ref("points"));
        json_object_set_new(prices, row->word, row->law ? schema_told(price, row->law) : price);
    }
    return schema_closed(prices);
}

/* ---- assignment.yaml ------------------------------------------------------------------------------------------------ */

#define NO_FILE_NAME "(?![-/])(?!.*[.][.])(?![.]$)"

static json_t *build_file(void)
{
    return json_pack("{s:[s, s], s:s}", "type", "string", "number", "pattern",
                     "^" NO_FILE_NAME "[A-Za-z0-9_.-]+$");
}

static json_t *build_programs(void)
{
    json_t *sources = json_object();
    json_object_set_new(sources, "library", schema_ref("file"));
    json_object_set_new(sources, "driver",
                        json_pack("{s:[s, s], s:s}", "type", "string", "number", "pattern",
                                  "^" NO_FILE_NAME "[A-Za-z0-9_./-]+$"));
    json_t *program = schema_closed(sources);
    json_object_set_new(program, "dependencies",
                        json_pack("{s:[s], s:[s]}", "library", "driver", "driver", "library"));
    return schema_map(schema_ref("file"), program, 1);
}

static json_t *build_groups(void)
{
    return schema_map(schema_ref("plain"), schema_ref("points"), 1);
}

const struct schema_definition schema_play_definitions[] = {
    {"run", build_run},
    {"env", build_env},
    {"starts", build_starts},
    {"acts", build_acts},
    {"expect_map", build_expect_map},
    {"expect", build_expect},
    {"sends", build_sends},
    {"signals_sent", build_signals_sent},
    {"hold_before", build_hold_before},
    {"holds", build_holds},
    {"step", build_step},
    {"steps", build_steps},
    {"puppets", build_puppets},
    {"inject", build_inject},
    {"never", build_never},
    {"limits", build_limits},
    {"prices", build_prices},
    {"file", build_file},
    {"programs", build_programs},
    {"groups", build_groups},
    {0},
};
