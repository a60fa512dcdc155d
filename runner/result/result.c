/* The result model; see result.h. What is owned is known from the rows of fields.c. */
#include "result/result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "result/fields.h"

static void shape_free(const struct shape *shape, char *base);

static void texts_free(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

static void list_free(const struct shape *shape, char *items, size_t count)
{
    for (size_t i = 0; items && i < count; i++)
        shape_free(shape, items + i * shape->size);
    free(items);
}

static void field_free(const struct field *field, char *base)
{
    void *at = base + field->offset;
    size_t count = field->count ? *(size_t *)(void *)(base + field->count) : 0;
    if (field->kind == FIELD_TEXT)
        free(*(char **)at);
    else if (field->kind == FIELD_TEXTS)
        texts_free(*(char ***)at, count);
    else if (field->kind == FIELD_SHAPE)
        shape_free(field->shape, at);
    else if (field->kind == FIELD_LIST)
        list_free(field->shape, *(char **)at, count);
}

static void shape_free(const struct shape *shape, char *base)
{
    for (const struct field *field = shape->fields; field->name; field++)
        field_free(field, base);
    memset(base, 0, shape->size);
}

void case_result_free(struct case_result *result)
{
    shape_free(&case_shape, (char *)result);
}

void result_free(struct result *result)
{
    shape_free(&result_shape, (char *)result);
}

void result_set(char **field, const char *text)
{
    char *copy = text ? strdup(text) : NULL;
    free(*field);
    *field = copy;
}

void result_skeleton(struct case_result *result, const char *program)
{
    char *reason = NULL;
    if (asprintf(&reason, _("%s: still the skeleton"), program) < 0)
        return;
    free(result->reason);
    result->reason = reason;
    result_set(&result->lacks, program);
    result->is_skeleton = true;
}

bool verdict_is_judged(enum verdict verdict)
{
    return verdict == PASSED || verdict == FAILED;
}

const char *verdict_word(enum verdict verdict)
{
    static const char *const words[VERDICTS] = {
        [PASSED] = "passed",
        [FAILED] = "failed",
        [BROKEN] = "broken",
        [SKIPPED] = "skipped",
    };
    return words[verdict];
}

struct points_text points_text(int hundredths)
{
    struct points_text points;
    unsigned size = hundredths < 0 ? 0U - (unsigned)hundredths : (unsigned)hundredths;
    const char *sign = hundredths < 0 ? "-" : "";
    if (size % 100 == 0)
        snprintf(points.text, sizeof points.text, "%s%u", sign, size / 100);
    else if (size % 10 == 0)
        snprintf(points.text, sizeof points.text, "%s%u.%u", sign, size / 100, size % 100 / 10);
    else
        snprintf(points.text, sizeof points.text, "%s%u.%02u", sign, size / 100, size % 100);
    return points;
}
