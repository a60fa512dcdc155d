/* Deeds in the schema. A deed is a map with one word that is a deed, and then that deed's parameters: the map's keys are told for all deeds, and
 * `dependencies` says what may stand beside each.
 */
#include <string.h>

#include "cases/facts.h"
#include "cases/schema_parts.h"
#include "cases/target.h"

/* Where deeds stand. */
struct place {
    unsigned uses; /* DEED_ uses that the row must have */
    enum use use;
    bool is_blocked;  /* looked for, and not over yet: it has given nothing */
    bool is_injected; /* made to fail */
    bool has_facts;   /* facts may stand beside it: a look */
};

static bool stands(const struct place *place, const struct deed_row *row)
{
    bool is_fact = place->has_facts && fact_find(row->word);
    bool can_fail = row->faults || row->may_be_short;
    return (row->uses & place->uses) == place->uses && !is_fact && (can_fail || !place->is_injected);
}

/* ---- what stands first ---------------------------------------------------------------------------------------------- */

/* Whether a word that is none of the language is declared, and as what, the case alone knows. */
static json_t *looked_object(const struct place *place, const struct deed_row *row)
{
    /* inject: these calls are also made by libraries everywhere. */
    static const char *const everywhere[] = {"read", "write", "open", NULL};
    bool may_be_any = true;
    for (const char *const *word = everywhere; place->is_injected && *word; word++)
        may_be_any &= strcmp(*word, row->word) != 0;
    json_t *words = may_be_any ? json_pack("[s]", "any") : json_array();
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        if (vocabulary_kind_row(kind) && target_takes_kind(row, kind))
            json_array_append_new(words, json_string(vocabulary_kind_row(kind)->word));
    for (const struct word_row *stream = target_streams; stream->word; stream++)
        if (target_takes_kind(row, (enum object_kind)stream->value))
            json_array_append_new(words, json_string(stream->word));
    return schema_either(json_pack("{s:o}", "enum", words), schema_ref("name"));
}

static json_t *any_or_pair(const struct place *place, const struct deed_row *row)
{
    bool is_pair = strcmp(row->word, "pipe") == 0 || strcmp(row->word, "socketpair") == 0;
    if (place->use == USE_LOOKED || !is_pair)
        return json_pack("{s:s}", "const", "any");
    return json_pack("{s:s, s:o, s:i, s:i, s:b}", "type", "array", "items", schema_ref("new_name"),
                     "minItems", 2, "maxItems", 2, "uniqueItems", true);
}

static json_t *first(const struct place *place, const struct deed_row *row)
{
    bool is_looked = place->use == USE_LOOKED;
    switch (row->first) {
    case FIRST_OBJECT:
    case FIRST_FILE: return is_looked ? looked_object(place, row) : schema_ref("name");
    case FIRST_END: return is_looked ? looked_object(place, row) : schema_ref("word");
    case FIRST_ANY: return any_or_pair(place, row);
    case FIRST_WHO: return schema_ref("who");
    case FIRST_STATUS: return schema_ref("status");
    }
    return NULL;
}

/* ---- what stands beside --------------------------------------------------------------------------------------------- */

static void add_param(json_t *keys, const struct place *place, const struct deed_row *row,
                      const struct param_row *param)
{
    bool is_gain = param->param == PARAM_GIVES || param->param == PARAM_UNTIL;
    struct value_place value = {param->word, param->kind, param->words, place->use,
                                row->kinds == 1ULL << OBJECT_MQ};
    if ((is_gain && place->is_blocked) || (param->kind == VALUE_NAME && place->use == USE_LOOKED))
        return;
    json_object_set_new(keys, param->word, schema_told(schema_value(&value), param->law));
}

static json_t *faults(const struct deed_row *row)
{
    json_t *names = json_array();
    for (const int *fault = row->faults; fault && *fault; fault++)
        json_array_append_new(names, json_string(errno_name(*fault)));
    json_t *fault = json_pack("{s:o}", "enum", names), *copy = json_deep_copy(fault);
    json_t *list = schema_list(copy, 1);
    json_object_set_new(list, "maxItems", json_integer(1));
    return schema_either(fault, list);
}

static void add_injection(json_t *keys, const struct deed_row *row)
{
    json_t *nth = schema_either(json_pack("{s:s}", "const", "each"), schema_count(1, INT32_MAX));
    json_object_set_new(keys, "nth", schema_told(nth, "which matching call; 1"));
    if (row->faults)
        json_object_set_new(keys, "error", schema_told(faults(row), "it fails so"));
    if (row->may_be_short)
        json_object_set_new(keys, "short",
                            schema_told(schema_count(1, INT32_MAX), "at most so many bytes move"));
}

static void add_result(json_t *keys)
{
    json_object_set_new(keys, "error", schema_told(schema_ref("errnos"), "it fails so: an errno, or a list"));
    json_object_set_new(keys, "returns", schema_told(schema_ref("range"), "what the call returns"));
}

static json_t *beside(const struct place *place, const struct deed_row *row)
{
    json_t *keys = json_object();
    json_object_set_new(keys, row->word, json_true());
    for (const struct fact_row *fact = facts; place->has_facts && fact->word; fact++)
        json_object_set_new(keys, fact->word, json_true());
    if (!place->is_blocked)
        add_result(keys);
    if (place->is_injected)
        add_injection(keys, row);
    for (const struct param_row *param = row->params; param && param->word; param++)
        add_param(keys, place, row, param);
    return schema_closed(keys);
}

/* ---- the map -------------------------------------------------------------------------------------------------------- */

static void add_deed(const struct place *place, const struct deed_row *row, json_t *map, json_t *one_of)
{
    if (!stands(place, row))
        return;
    json_object_set_new(json_object_get(map, "properties"), row->word,
                        schema_told(first(place, row), row->law));
    json_object_set_new(json_object_get(map, "dependencies"), row->word, beside(place, row));
    schema_required(one_of, row->word);
}

/* A map with a deed; *one_of is the caller's: {"required": [WORD]} for each. */
static json_t *deeds(const struct place *place, json_t **one_of)
{
    json_t *map = json_pack("{s:s, s:{}, s:{}}", "type", "object", "properties", "dependencies");
    *one_of = json_array();
    for (const struct mechanism *const *m = vocabulary; *m; m++)
        for (const struct deed_row *row = (*m)->deeds; row && row->word; row++)
            add_deed(place, row, map, *one_of);
    return map;
}

/* Without a deed only these keys may be there: so a misspelt deed is itself what is complained of. */
static json_t *else_closed(json_t *map, json_t *one_of, json_t *properties, int least)
{
    json_t *closed = schema_closed(properties);
    json_object_set_new(closed, "minProperties", json_integer(least));
    json_object_set_new(map, "if", json_pack("{s:o}", "anyOf", one_of));
    json_object_set_new(map, "else", closed);
    return map;
}

static json_t *deed(const struct place *place)
{
    json_t *one_of = NULL, *map = deeds(place, &one_of);
    return else_closed(map, one_of, json_object(), 1);
}

static json_t *build_done(void)
{
    return deed(&(struct place){DEED_DONE, USE_DONE, false, false, false});
}

static json_t *build_begun(void)
{
    return deed(&(struct place){DEED_DONE | DEED_BLOCKS, USE_DONE, false, false, false});
}

static json_t *build_looked(void)
{
    return deed(&(struct place){DEED_LOOKED, USE_LOOKED, false, false, false});
}

static json_t *build_blocked(void)
{
    return deed(&(struct place){DEED_LOOKED | DEED_BLOCKS, USE_LOOKED, true, false, false});
}

static json_t *build_injected(void)
{
    json_t *map = deed(&(struct place){DEED_LOOKED, USE_LOOKED, false, true, false});
    json_object_set_new(map, "oneOf",
                        json_pack("[{s:[s]}, {s:[s]}]", "required", "error", "required", "short"));
    return map;
}

/* ---- looks ---------------------------------------------------------------------------------------------------------- */

/* A process ends in one way: beside one such fact none of the others. */
static json_t *without_other_ends(const struct fact_row *end)
{
    json_t *others = json_object();
    for (const struct fact_row *fact = facts; fact->word; fact++)
        if (fact != end && fact_is_end(fact))
            json_object_set_new(others, fact->word, json_false());
    return json_pack("{s:o}", "properties", others);
}

static json_t *build_look(void)
{
    static const struct place place = {DEED_LOOKED, USE_LOOKED, false, false, true};
    json_t *one_of = NULL, *look = deeds(&place, &one_of);
    for (const struct fact_row *fact = facts; fact->word; fact++) {
        struct value_place value = {fact->word, fact->kind, fact->words, USE_LOOKED, false};
        json_object_set_new(json_object_get(look, "properties"), fact->word,
                            schema_told(schema_value(&value), fact->law));
        if (fact_is_end(fact))
            json_object_set_new(json_object_get(look, "dependencies"), fact->word, without_other_ends(fact));
    }
    json_t *alone = json_object();
    for (const struct fact_row *fact = facts; fact->word; fact++)
        json_object_set_new(alone, fact->word, json_true());
    return else_closed(look, one_of, alone, 1);
}

const struct schema_definition schema_deed_definitions[] = {
    {"deed_done", build_done},
    {"deed_begun", build_begun},
    {"deed_looked", build_looked},
    {"deed_blocked", build_blocked},
    {"deed_injected", build_injected},
    {"look", build_look},
    {0},
};
