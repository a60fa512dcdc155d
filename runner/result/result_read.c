/* Reading a result from JSON; see result_json.h. Nothing is taken on trust: the parent reads what a worker sent, which may have died in
 * the middle of it or been led astray.
 */
#include <jansson.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "result/fields.h"
#include "result/result_json.h"

struct reading {
    struct err *err;
    const struct case_result *of; /* the case that is being read: its actors come before its events */
};

static bool read_shape(struct reading *reading, const struct shape *shape, const json_t *json,
                       const char *name, char *base);

static bool wrong(const struct reading *reading, const char *name, const char *wanted)
{
    return err_set(reading->err, "'%s' is not %s", name, wanted);
}

static bool read_text(const struct reading *reading, const json_t *json, const char *name, char **text)
{
    if (json_is_null(json))
        return true;
    if (!json_is_string(json))
        return wrong(reading, name, "a text");
    *text = strdup(json_string_value(json));
    return *text != NULL;
}

static bool read_integer(const struct reading *reading, const json_t *json, const char *name, json_int_t min,
                         json_int_t max, json_int_t *value)
{
    *value = json_integer_value(json);
    if (!json_is_integer(json) || *value < min || *value > max)
        return wrong(reading, name, "a whole number in its range");
    return true;
}

static bool read_int(const struct reading *reading, const json_t *json, const char *name, int *value)
{
    json_int_t wide = 0;
    if (!read_integer(reading, json, name, INT_MIN, INT_MAX, &wide))
        return false;
    *value = (int)wide;
    return true;
}

static bool read_unsigned(const struct reading *reading, const json_t *json, const char *name,
                          uint64_t *value)
{
    json_int_t wide = 0;
    if (!read_integer(reading, json, name, 0, INT64_MAX, &wide))
        return false;
    *value = (uint64_t)wide;
    return true;
}

static bool read_size(const struct reading *reading, const json_t *json, const char *name, size_t *value)
{
    uint64_t wide = 0;
    if (!read_unsigned(reading, json, name, &wide))
        return false;
    *value = wide;
    return true;
}

static bool read_points(const struct reading *reading, const json_t *json, const char *name, int *hundredths)
{
    double scaled = json_number_value(json) * 100;
    bool is_sane = json_is_number(json) && scaled >= -INT_MAX && scaled <= INT_MAX;
    long long nearest = is_sane ? (long long)(scaled + (scaled < 0 ? -0.5 : 0.5)) : 0;
    if (!is_sane || scaled - (double)nearest > 1e-4 || scaled - (double)nearest < -1e-4)
        return wrong(reading, name, "a number of points with at most two decimals");
    *hundredths = (int)nearest;
    return true;
}

static bool read_seconds(const struct reading *reading, const json_t *json, const char *name, double *seconds)
{
    if (!json_is_number(json) || json_number_value(json) < 0)
        return wrong(reading, name, "a number of seconds");
    *seconds = json_number_value(json);
    return true;
}

static bool read_bool(const struct reading *reading, const json_t *json, const char *name, bool *value)
{
    if (!json_is_boolean(json))
        return wrong(reading, name, "true or false");
    *value = json_is_true(json);
    return true;
}

static bool read_verdict(const struct reading *reading, const json_t *json, const char *name,
                         enum verdict *verdict)
{
    const char *word = json_string_value(json);
    for (int v = 0; word && v < VERDICTS; v++) {
        if (strcmp(word, verdict_word((enum verdict)v)) == 0) {
            *verdict = (enum verdict)v;
            return true;
        }
    }
    return wrong(reading, name, "a verdict");
}

static bool read_actor(const struct reading *reading, const json_t *json, const char *name, int *actor)
{
    *actor = -1;
    if (json_is_null(json))
        return true;
    const char *word = json_string_value(json);
    for (size_t i = 0; word && reading->of && i < reading->of->actor_count; i++) {
        const char *known = reading->of->actors[i].name;
        if (known && strcmp(known, word) == 0) {
            *actor = (int)i;
            return true;
        }
    }
    return wrong(reading, name, "one of the actors");
}

/* Room for the array's items; *count grows only as they are read, so that what is there can always be freed. */
static bool list_room(const struct reading *reading, const json_t *json, const char *name, size_t size,
                      void *items)
{
    if (!json_is_array(json))
        return wrong(reading, name, "a list");
    size_t wanted = json_array_size(json);
    void *room = wanted ? calloc(wanted, size) : NULL;
    memcpy(items, &room, sizeof room);
    return room || wanted == 0 || err_set(reading->err, "no memory for '%s'", name);
}

static bool read_texts(const struct reading *reading, const json_t *json, const char *name, char ***texts,
                       size_t *count)
{
    if (!list_room(reading, json, name, sizeof **texts, texts))
        return false;
    while (*count < json_array_size(json)) {
        const json_t *item = json_array_get(json, *count);
        if (!json_is_string(item))
            return wrong(reading, name, "a list of texts");
        if (!read_text(reading, item, name, &(*texts)[(*count)++]))
            return false;
    }
    return true;
}

static bool read_list(struct reading *reading, const struct field *field, const json_t *json, char **items,
                      size_t *count)
{
    const struct shape *shape = field->shape;
    if (!list_room(reading, json, field->name, shape->size, items))
        return false;
    while (*count < json_array_size(json)) {
        const json_t *item = json_array_get(json, *count);
        char *base = *items + shape->size * (*count)++;
        if (!read_shape(reading, shape, item, field->name, base))
            return false;
    }
    return true;
}

static bool read_field(struct reading *reading, const struct field *field, const json_t *json, char *base)
{
    void *at = base + field->offset, *count = base + field->count;
    const char *name = field->name;
    switch (field->kind) {
    case FIELD_TEXT: return read_text(reading, json, name, at);
    case FIELD_POINTS: return read_points(reading, json, name, at);
    case FIELD_INT: return read_int(reading, json, name, at);
    case FIELD_SIZE: return read_size(reading, json, name, at);
    case FIELD_NUMBER: return read_unsigned(reading, json, name, at);
    case FIELD_SECONDS: return read_seconds(reading, json, name, at);
    case FIELD_BOOL: return read_bool(reading, json, name, at);
    case FIELD_VERDICT: return read_verdict(reading, json, name, at);
    case FIELD_ACTOR: return read_actor(reading, json, name, at);
    case FIELD_TEXTS: return read_texts(reading, json, name, at, count);
    case FIELD_SHAPE: return read_shape(reading, field->shape, json, name, at);
    case FIELD_LIST: return read_list(reading, field, json, at, count);
    }
    return false;
}

static bool read_shape(struct reading *reading, const struct shape *shape, const json_t *json,
                       const char *name, char *base)
{
    size_t known = 0;
    if (!json_is_object(json))
        return wrong(reading, name, "an object");
    if (shape == &case_shape)
        reading->of = (const void *)base;
    for (const struct field *field = shape->fields; field->name; field++) {
        const json_t *value = json_object_get(json, field->name);
        if (!value && field->is_required)
            return err_set(reading->err, "'%s' lacks '%s'", name, field->name);
        if (value && !read_field(reading, field, value, base))
            return false;
        known += value != NULL;
    }
    return known == json_object_size(json) || err_set(reading->err, "'%s' holds an unknown key", name);
}

static bool read_json(const struct shape *shape, const char *name, const char *text, size_t len, void *base,
                      struct err *err)
{
    json_error_t error;
    struct reading reading = {err, NULL};
    memset(base, 0, shape->size);
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    if (!json)
        return err_set(err, "not JSON: line %d, column %d: %s", error.line, error.column, error.text);
    bool is_read = read_shape(&reading, shape, json, name, base);
    json_decref(json);
    return is_read;
}

bool case_result_from_json(struct case_result *result, const char *text, size_t len, struct err *err)
{
    bool is_read = read_json(&case_shape, "case", text, len, result, err);
    if (!is_read)
        case_result_free(result);
    return is_read;
}

bool result_from_json(struct result *result, const char *text, size_t len, struct err *err)
{
    bool is_read = read_json(&result_shape, "result", text, len, result, err);
    if (!is_read)
        result_free(result);
    return is_read;
}
