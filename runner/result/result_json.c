/* Writing a result as JSON; reading is in result_read.c. See result_json.h.
 *
 * Numbers: jansson prints doubles with the number of significant digits that it is told. An int's worth of hundredths has at most 10
 * digits, so 15 digits print the shortest decimal and never 7.0999999999999996; whole points are written as JSON integers.
 */
#include "result/result_json.h"

#include <jansson.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "result/fields.h"

enum { DIGITS = 15 };

struct writing {
    const struct case_result *of; /* the case whose actors are meant */
};

static json_t *write_shape(struct writing *writing, const struct shape *shape, const char *base);

static json_t *write_text(const char *text)
{
    if (!text)
        return json_null();
    json_t *json = json_string(text);
    if (json)
        return json;
    cleanup_free char *shown = text_printable(text, strlen(text), SIZE_MAX);
    return json_string(shown);
}

static json_t *write_points(int hundredths)
{
    return hundredths % 100 == 0 ? json_integer(hundredths / 100) : json_real(hundredths / 100.0);
}

/* Milliseconds are enough, and read better. */
static json_t *write_seconds(double seconds)
{
    bool is_sane = seconds >= 0 && seconds < 1e12;
    return json_real(is_sane ? (double)(long long)(seconds * 1000 + 0.5) / 1000 : 0);
}

static json_t *write_actor(const struct writing *writing, int actor)
{
    const struct case_result *of = writing->of;
    if (!of || actor < 0 || (size_t)actor >= of->actor_count)
        return json_null();
    return write_text(of->actors[actor].name);
}

static json_t *write_texts(char *const *texts, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, write_text(texts[i]));
    return list;
}

static json_t *write_list(struct writing *writing, const struct shape *shape, const char *items, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, write_shape(writing, shape, items + i * shape->size));
    return list;
}

static json_t *write_field(struct writing *writing, const struct field *field, const char *base)
{
    const void *at = base + field->offset;
    size_t count = field->count ? *(const size_t *)(const void *)(base + field->count) : 0;
    switch (field->kind) {
    case FIELD_TEXT: return write_text(*(char *const *)at);
    case FIELD_POINTS: return write_points(*(const int *)at);
    case FIELD_INT: return json_integer(*(const int *)at);
    case FIELD_SIZE: return json_integer((json_int_t) * (const size_t *)at);
    case FIELD_NUMBER: return json_integer((json_int_t)(*(const uint64_t *)at & INT64_MAX));
    case FIELD_SECONDS: return write_seconds(*(const double *)at);
    case FIELD_BOOL: return json_boolean(*(const bool *)at);
    case FIELD_VERDICT: return json_string(verdict_word(*(const enum verdict *)at));
    case FIELD_ACTOR: return write_actor(writing, *(const int *)at);
    case FIELD_TEXTS: return write_texts(*(char *const *const *)at, count);
    case FIELD_SHAPE: return write_shape(writing, field->shape, at);
    case FIELD_LIST: return write_list(writing, field->shape, *(char *const *)at, count);
    }
    return NULL;
}

static bool is_nothing(const json_t *json)
{
    return json_is_null(json) || json_is_false(json) || (json_is_array(json) && json_array_size(json) == 0) ||
           (json_is_number(json) && fpclassify(json_number_value(json)) == FP_ZERO);
}

static json_t *write_shape(struct writing *writing, const struct shape *shape, const char *base)
{
    json_t *object = json_object();
    if (shape == &case_shape)
        writing->of = (const void *)base;
    for (const struct field *field = shape->fields; field->name; field++) {
        json_t *value = write_field(writing, field, base);
        if (field->is_required || !is_nothing(value))
            json_object_set_new(object, field->name, value);
        else
            json_decref(value);
    }
    return object;
}

static char *write_json(const struct shape *shape, const void *base, size_t flags)
{
    struct writing writing = {NULL};
    json_t *json = write_shape(&writing, shape, base);
    char *text = json_dumps(json, flags | JSON_REAL_PRECISION(DIGITS));
    json_decref(json);
    return text;
}

char *case_result_to_json(const struct case_result *result)
{
    return write_json(&case_shape, result, JSON_COMPACT);
}

char *result_to_json(const struct result *result)
{
    cleanup_free char *text = write_json(&result_shape, result, JSON_INDENT(2));
    char *ended = NULL;
    if (!text || asprintf(&ended, "%s\n", text) < 0)
        return NULL;
    return ended;
}
