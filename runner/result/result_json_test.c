/* A result as JSON and back: nothing lost, points exact, the schema kept, and nothing accepted that is not whole. */
#include "result/result_json.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/run_test.h"
#include "result/fields.h"

/* ---- made-up results, filled through the rows so that no field can be forgotten -------------------------------------- */

static void fill_shape(const struct shape *shape, char *base, int *number);

static char *made_text(int *number)
{
    char *text = NULL;
    ck_assert_int_ge(asprintf(&text, "text %d \"quoted\" \\n 한국어", ++*number), 0);
    return text;
}

static char *fill_list(const struct shape *shape, size_t count, int *number)
{
    char *items = calloc(count, shape->size);
    for (size_t i = 0; i < count; i++)
        fill_shape(shape, items + i * shape->size, number);
    return items;
}

static void fill_field(const struct field *field, char *base, int *number)
{
    void *at = base + field->offset;
    if (field->count)
        *(size_t *)(void *)(base + field->count) = 2;
    switch (field->kind) {
    case FIELD_TEXT: *(char **)at = made_text(number); break;
    case FIELD_POINTS: *(int *)at = 700 + ++*number; break;
    case FIELD_INT: *(int *)at = ++*number; break;
    case FIELD_SIZE: *(size_t *)at = (size_t)++ * number; break;
    case FIELD_NUMBER: *(uint64_t *)at = INT64_MAX - (uint64_t)++ * number; break;
    case FIELD_SECONDS: *(double *)at = ++*number / 1000.0; break;
    case FIELD_BOOL: *(bool *)at = true; break;
    case FIELD_VERDICT: *(enum verdict *)at = SKIPPED; break;
    case FIELD_ACTOR: *(int *)at = 1; break;
    case FIELD_TEXTS:
        *(char ***)at = calloc(2, sizeof(char *));
        (*(char ***)at)[0] = made_text(number);
        (*(char ***)at)[1] = made_text(number);
        break;
    case FIELD_SHAPE: fill_shape(field->shape, at, number); break;
    case FIELD_LIST: *(char **)at = fill_list(field->shape, 2, number); break;
    }
}

static void fill_shape(const struct shape *shape, char *base, int *number)
{
    for (const struct field *field = shape->fields; field->name; field++)
        fill_field(field, base, number);
}

static struct result full_result(void)
{
    struct result result;
    int number = 0;
    memset(&result, 0, sizeof result);
    fill_shape(&result_shape, (char *)&result, &number);
    return result;
}

/* ---- the part of JSON Schema that result.schema.json uses ------------------------------------------------------------- */

static json_t *load_schema(void)
{
    json_error_t error;
    json_t *schema = json_load_file("runner/result/result.schema.json", JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(schema != NULL, "%s:%d: %s", error.source, error.line, error.text);
    return schema;
}

static bool has_type(const json_t *json, const char *type)
{
    return (strcmp(type, "object") == 0 && json_is_object(json)) ||
           (strcmp(type, "array") == 0 && json_is_array(json)) ||
           (strcmp(type, "string") == 0 && json_is_string(json)) ||
           (strcmp(type, "null") == 0 && json_is_null(json)) ||
           (strcmp(type, "boolean") == 0 && json_is_boolean(json)) ||
           (strcmp(type, "integer") == 0 && json_is_integer(json)) ||
           (strcmp(type, "number") == 0 && json_is_number(json));
}

static bool type_fits(const json_t *types, const json_t *json)
{
    if (!types || json_is_string(types))
        return !types || has_type(json, json_string_value(types));
    for (size_t i = 0; i < json_array_size(types); i++)
        if (has_type(json, json_string_value(json_array_get(types, i))))
            return true;
    return false;
}

static bool is_one_of(const json_t *list, const json_t *json)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_equal(json_array_get(list, i), json))
            return true;
    return !list;
}

static bool fits(const json_t *root, const json_t *schema, json_t *json);

static bool object_fits(const json_t *root, const json_t *schema, json_t *json)
{
    const json_t *properties = json_object_get(schema, "properties"),
                 *required = json_object_get(schema, "required");
    for (size_t i = 0; i < json_array_size(required); i++)
        if (!json_object_get(json, json_string_value(json_array_get(required, i))))
            return false;
    for (void *at = json_object_iter(json); at; at = json_object_iter_next(json, at)) {
        const json_t *property = json_object_get(properties, json_object_iter_key(at));
        if (!property || !fits(root, property, json_object_iter_value(at)))
            return false;
    }
    return true;
}

static bool fits(const json_t *root, const json_t *schema, json_t *json)
{
    const char *ref = json_string_value(json_object_get(schema, "$ref"));
    const json_t *minimum = json_object_get(schema, "minimum"), *items = json_object_get(schema, "items");
    if (ref && !fits(root, json_object_get(json_object_get(root, "$defs"), ref + strlen("#/$defs/")), json))
        return false;
    if (!type_fits(json_object_get(schema, "type"), json) ||
        !is_one_of(json_object_get(schema, "enum"), json))
        return false;
    if (minimum && json_number_value(json) < json_number_value(minimum))
        return false;
    for (size_t i = 0; items && i < json_array_size(json); i++)
        if (!fits(root, items, json_array_get(json, i)))
            return false;
    return !json_object_get(schema, "properties") || object_fits(root, schema, json);
}

static bool result_fits(const struct result *result)
{
    char *text = result_to_json(result);
    json_t *schema = load_schema(), *json = json_loads(text, 0, NULL);
    ck_assert_ptr_nonnull(json);
    bool is_fit = fits(schema, schema, json);
    json_decref(schema);
    json_decref(json);
    free(text);
    return is_fit;
}

/* ---- tests ---------------------------------------------------------------------------------------------------------------- */

START_TEST(every_field_comes_back)
{
    struct result result = full_result(), back;
    struct err err = {0};
    char *text = result_to_json(&result);
    ck_assert_msg(result_from_json(&back, text, strlen(text), &err), "%s", err.text);
    ck_assert_str_eq(back.cases[1].failures[1].hint[1], result.cases[1].failures[1].hint[1]);
    ck_assert_str_eq(back.cases[0].left[1].at.file, result.cases[0].left[1].at.file);
    ck_assert_int_eq(back.cases[0].events[0].actor, 1);
    ck_assert_uint_eq(back.cases[0].events[0].time_ns, result.cases[0].events[0].time_ns);
    ck_assert_int_eq(back.cases[1].score, result.cases[1].score);
    ck_assert_int_eq(back.verdict, SKIPPED);
    ck_assert(back.cases[1].is_hidden && back.build.is_cut && back.is_partial);
    /* All fields: a second writing is the same, byte by byte, and each made-up text is in it. */
    char *again = result_to_json(&back);
    ck_assert_str_eq(again, text);
    free(again);
    free(text);
    result_free(&result);
    result_free(&back);
}
END_TEST

START_TEST(a_case_comes_back_on_one_line)
{
    struct result result = full_result();
    struct case_result back;
    struct err err = {0};
    char *text = case_result_to_json(&result.cases[0]);
    ck_assert_ptr_null(strchr(text, '\n'));
    ck_assert_msg(case_result_from_json(&back, text, strlen(text), &err), "%s", err.text);
    ck_assert_str_eq(back.actors[0].state, result.cases[0].actors[0].state);
    case_result_free(&back);
    free(text);
    result_free(&result);
}
END_TEST

START_TEST(hundredths_are_exact)
{
    struct case_result one = {0}, back;
    for (int hundredths = 0; hundredths < 20000; hundredths += 1 + (hundredths > 1000) * 36) {
        char wanted[64];
        one.score = hundredths;
        one.max_score = INT32_MAX;
        char *text = case_result_to_json(&one);
        snprintf(wanted, sizeof wanted, "\"score\":%s,", points_text(hundredths).text);
        ck_assert_msg(strstr(text, wanted) != NULL, "%s lacks %s", text, wanted);
        ck_assert_ptr_nonnull(strstr(text, "\"max_score\":21474836.47,"));
        ck_assert(case_result_from_json(&back, text, strlen(text), NULL));
        ck_assert_int_eq(back.score, hundredths);
        ck_assert_int_eq(back.max_score, INT32_MAX);
        case_result_free(&back);
        free(text);
    }
}
END_TEST

START_TEST(the_schema_is_kept)
{
    struct result full = full_result(), empty = {0};
    ck_assert(result_fits(&full));
    ck_assert(result_fits(&empty));
    full.cases[1].score = -1; /* the check itself can say no */
    ck_assert(!result_fits(&full));
    result_free(&full);
}
END_TEST

static void names_stand_in(const struct shape *shape, const json_t *root, const char *ref)
{
    const json_t *schema = *ref ? json_object_get(json_object_get(root, "$defs"), ref) : root;
    const json_t *properties = json_object_get(schema, "properties");
    size_t count = 0;
    for (const struct field *field = shape->fields; field->name; field++, count++)
        ck_assert_msg(json_object_get(properties, field->name) != NULL, "the schema lacks %s", field->name);
    ck_assert_uint_eq(count, json_object_size(properties));
}

START_TEST(the_schema_names_every_field)
{
    json_t *schema = load_schema();
    names_stand_in(&result_shape, schema, "");
    names_stand_in(&case_shape, schema, "case");
    json_decref(schema);
}
END_TEST

START_TEST(the_promised_names_are_there)
{
    static const char *const promised[] = {"id",    "title",     "group",  "program", "verdict",
                                           "score", "max_score", "reason", "hint",    "events"};
    struct result result = {0};
    struct case_result one = {0};
    result.cases = &one;
    result.count = 1;
    char *text = result_to_json(&result);
    json_t *json = json_loads(text, 0, NULL), *first = json_array_get(json_object_get(json, "cases"), 0);
    for (size_t i = 0; i < sizeof promised / sizeof *promised; i++)
        ck_assert_msg(json_object_get(first, promised[i]) != NULL, "%s", promised[i]);
    ck_assert(json_object_get(json, "score") && json_object_get(json, "max_score") &&
              json_object_get(json, "verdict"));
    json_decref(json);
    free(text);
}
END_TEST

START_TEST(hostile_bytes_stay_json)
{
    struct case_result one = {0}, back;
    char bytes[256];
    for (int i = 0; i < 255; i++)
        bytes[i] = (char)(i + 1);
    bytes[255] = '\0';
    result_set(&one.reason, bytes);
    char *text = case_result_to_json(&one);
    ck_assert_ptr_nonnull(text);
    for (const char *c = text; *c; c++)
        ck_assert_int_ge((unsigned char)*c, 0x20);
    ck_assert(case_result_from_json(&back, text, strlen(text), NULL));
    ck_assert_ptr_nonnull(strstr(back.reason, "\\xff"));
    case_result_free(&back);
    case_result_free(&one);
    free(text);
}
END_TEST

START_TEST(a_cut_text_is_refused)
{
    struct result result = full_result();
    struct case_result back;
    char *text = case_result_to_json(&result.cases[0]);
    size_t len = strlen(text);
    for (size_t cut = 0; cut < len; cut += 7) {
        struct err err = {0};
        ck_assert(!case_result_from_json(&back, text, cut, &err));
        ck_assert_str_ne(err.text, "");
    }
    free(text);
    result_free(&result);
}
END_TEST

static const struct {
    const char *from, *to, *says;
} wrongs[] = {
    {"\"score\":0", "\"score\":\"0\"", "'score'"},
    {"\"score\":0", "\"score\":0.001", "'score'"},
    {"\"score\":0", "\"score\":1e300", "'score'"},
    {"\"score\":0", "\"score\":0,\"extra\":1", "unknown key"},
    {"\"score\":0", "\"score\":0,\"score\":1", "uplicate"},
    {"\"score\":0,", "", "lacks 'score'"},
    {"\"passed\"", "\"perfect\"", "'verdict'"},
    {"\"events\":[]", "\"events\":{}", "'events'"},
    {"\"events\":[]", "\"events\":[3]", "'events'"},
    {"\"events\":[]", "\"events\":[{\"actor\":\"nobody\",\"pid\":1,\"time_ns\":1,\"text\":\"\"}]", "'actor'"},
    {"\"events\":[]", "\"events\":[{\"actor\":null,\"pid\":9999999999,\"time_ns\":1,\"text\":\"\"}]",
     "'pid'"},
    {"\"events\":[]", "\"events\":[{\"actor\":null,\"pid\":1,\"time_ns\":-1,\"text\":\"\"}]", "'time_ns'"},
    {"\"events\":[]", "\"events\":[],\"see\":[1]", "'see'"},
    {"\"events\":[]", "\"events\":[],\"hidden\":1", "'hidden'"},
    {"\"events\":[]", "\"events\":[],\"seconds\":-1", "'seconds'"},
};

START_TEST(nonsense_is_refused)
{
    struct case_result one = {0}, back;
    struct err err = {0};
    char *text = case_result_to_json(&one), *bent = NULL;
    const char *at = strstr(text, wrongs[_i].from);
    ck_assert_ptr_nonnull(at);
    ck_assert_int_ge(
        asprintf(&bent, "%.*s%s%s", (int)(at - text), text, wrongs[_i].to, at + strlen(wrongs[_i].from)), 0);
    ck_assert(!case_result_from_json(&back, bent, strlen(bent), &err));
    ck_assert_msg(strstr(err.text, wrongs[_i].says) != NULL, "%s: %s", bent, err.text);
    ck_assert_ptr_null(back.events);
    free(bent);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("result_json");
    TCase *tests = tcase_create("result_json");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, every_field_comes_back);
    tcase_add_test(tests, a_case_comes_back_on_one_line);
    tcase_add_test(tests, hundredths_are_exact);
    tcase_add_test(tests, the_schema_is_kept);
    tcase_add_test(tests, the_schema_names_every_field);
    tcase_add_test(tests, the_promised_names_are_there);
    tcase_add_test(tests, hostile_bytes_stay_json);
    tcase_add_test(tests, a_cut_text_is_refused);
    tcase_add_loop_test(tests, nonsense_is_refused, 0, (int)(sizeof wrongs / sizeof *wrongs));
    return run_suite(suite);
}
