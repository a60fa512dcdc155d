/* Objects in the schema: what `given` and `names` say, and the states that are looked at. Of a name that is looked at only the case itself knows the kind, so
 * the states of all kinds may stand there.
 */
#include <string.h>

#include "cases/object.h"
#include "cases/schema_parts.h"

static json_t *state_value(const struct kind_row *kind, const struct state_row *state, enum use use)
{
    struct value_place place = {state->word, state->kind, NULL, use, kind->kind == OBJECT_MQ};
    return schema_value(&place);
}

/* ---- declarations --------------------------------------------------------------------------------------------------- */

static json_t *build_path(void)
{
    return json_pack("{s:[o, {s:s, s:s}]}", "allOf", schema_ref("sent"), "pattern",
                     "^(?!/)(?!([^\\u0000]*/)?[.][.](/|$))[^\\u0000]+$", "description",
                     "relative to the program's directory");
}

/* Only a stand-in may lie anywhere: it takes the place of a program there. */
static json_t *build_path_of_program(void)
{
    return json_pack("{s:[o, {s:s}]}", "allOf", schema_ref("sent"), "pattern",
                     "^(?!([^\\u0000]*/)?[.][.](/|$))[^\\u0000]+$");
}

static json_t *build_key(void)
{
    return json_pack("{s:[{s:s}, {s:[o, {s:I, s:I, s:{s:[i, s]}}]}]}", "anyOf", "const", "private", "allOf",
                     schema_ref("number"), "minimum", (json_int_t)INT32_MIN, "maximum",
                     (json_int_t)UINT32_MAX, "not", "enum", 0, "0");
}

static json_t *identity_word(const struct kind_row *kind, const char *word)
{
    if (strcmp(word, "key") == 0)
        return schema_ref("key");
    if (strcmp(word, "port") == 0)
        return schema_count(1, PORT_MAX);
    if (strcmp(word, "id") == 0)
        return schema_count(1, FTOK_ID_MAX);
    if (strcmp(word, "name") == 0)
        return schema_ref("sent");
    return schema_ref(kind->kind == OBJECT_STANDIN ? "path_of_program" : "path");
}

static json_t *given_state(const struct kind_row *kind, const struct state_row *state)
{
    json_t *value = state_value(kind, state, USE_GIVEN);
    if (kind->kind != OBJECT_SEMAPHORES || state->state != STATE_VALUES)
        return value;
    json_t *number = json_pack("{s:[s, s], s:i, s:i}", "type", "integer", "string", "minimum", 0, "maximum",
                               SEMAPHORE_MAX);
    return json_pack("{s:[o, o]}", "allOf", value, schema_some(number, 0));
}

/* {is: KIND, ..} of one kind. */
static json_t *words_of(const struct kind_row *kind, bool is_given)
{
    json_t *words = json_object();
    json_object_set_new(words, "is", json_true());
    for (const char *const *word = object_identity_words(kind->identity); *word; word++)
        json_object_set_new(words, *word,
                            schema_told(identity_word(kind, *word), object_identity_law(kind->identity)));
    for (const struct state_row *state = kind->states; is_given && state && state->word; state++)
        if (state->places & GIVEN)
            json_object_set_new(words, state->word, schema_told(given_state(kind, state), state->law));
    return schema_closed(words);
}

/* What a declaration cannot do without, as check_given() and check_key_of_file() in object.c ask for it; NULL: nothing. */
static json_t *wanted(const struct kind_row *kind, bool is_given)
{
    if (kind->kind == OBJECT_FTOK)
        return json_pack("{s:[s, s]}", "required", "path", "id");
    if (kind->kind != OBJECT_SEGMENT || !is_given)
        return NULL;
    json_t *extents = json_array();
    for (const struct state_row *state = kind->states; state->word; state++)
        if (state->state == STATE_SIZE || state->state == STATE_TEXT || state->state == STATE_INTS)
            schema_required(extents, state->word);
    return json_pack("{s:o}", "anyOf", extents);
}

static json_t *one_kind(const struct kind_row *kind, bool is_given)
{
    json_t *declared = words_of(kind, is_given), *demands = wanted(kind, is_given);
    json_object_update(declared, demands);
    json_decref(demands);
    return json_pack("{s:{s:{s:{s:s}}, s:[s]}, s:o}", "if", "properties", "is", "const", kind->word,
                     "required", "is", "then", declared);
}

static json_t *declaration(bool is_given)
{
    json_t *alone = json_array(), *all = json_array(), *kinds = json_array();
    for (const struct mechanism *const *m = vocabulary; *m; m++)
        for (const struct kind_row *row = (*m)->kinds; row && row->word; row++) {
            json_t *also = wanted(row, is_given);
            if (!also)
                json_array_append_new(alone, json_string(row->word));
            json_decref(also);
            json_array_append_new(all, json_string(row->word));
            json_array_append_new(kinds, one_kind(row, is_given));
        }
    return json_pack("{s:[{s:o}, {s:s, s:[s], s:{s:{s:o}}, s:o}]}", "anyOf", "enum", alone, "type", "object",
                     "required", "is", "properties", "is", "enum", all, "allOf", kinds);
}

static json_t *build_given(void)
{
    return schema_map(schema_ref("new_name"), declaration(true), 0);
}

static json_t *build_named(void)
{
    return schema_map(schema_ref("new_name"), declaration(false), 0);
}

/* ---- states --------------------------------------------------------------------------------------------------------- */

/* Kinds share words: one that another kind reads otherwise may be written either way. */
static void add_state(json_t *words, const struct kind_row *kind, const struct state_row *state)
{
    json_t *known = json_object_get(words, state->word), *value = state_value(kind, state, USE_LOOKED);
    if (!known) {
        json_object_set_new(words, state->word, schema_told(value, state->law));
        return;
    }
    json_t *told = schema_told(value, json_string_value(json_object_get(known, "description")));
    if (json_equal(known, told))
        json_decref(told);
    else
        json_object_set_new(words, state->word, schema_either(json_incref(known), told));
}

static json_t *build_state(void)
{
    json_t *words = json_object();
    for (const struct mechanism *const *m = vocabulary; *m; m++)
        for (const struct kind_row *kind = (*m)->kinds; kind && kind->word; kind++)
            for (const struct state_row *state = kind->states; state && state->word; state++)
                if (state->places & LOOKED)
                    add_state(words, kind, state);
    words = schema_closed(words);
    json_object_set_new(words, "minProperties", json_integer(1));
    return words;
}

const struct schema_definition schema_object_definitions[] = {
    {"path", build_path},
    {"path_of_program", build_path_of_program},
    {"key", build_key},
    {"given", build_given},
    {"named", build_named},
    {"state", build_state},
    {0},
};
