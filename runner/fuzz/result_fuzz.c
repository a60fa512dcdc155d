/* The reader of results under a fuzzer: the input is what a worker process has sent, which may have been led astray. What is read is written and
 * read again, and must be the same.
 *
 * Bytes at random are no JSON, and text that is hardly ever is. So an input that does not begin as JSON does is a recipe for it, along the rows of result/fields.c: of each
 * field whether it is there, is what it should be, or is something else.
 */
#include "fuzz/fuzz.h"

#include <jansson.h>

#include "base/err.h"
#include "result/fields.h"
#include "result/result_json.h"
#include "result/score.h"

enum { MOST_ITEMS = 3, MOST_TEXT = 16, ASCII = 0x7f };

/* ---- the recipe ----------------------------------------------------------------------------------------------------------- */

static json_t *make_shape(struct feed *input, const struct shape *shape);

static json_t *make_text(struct feed *input)
{
    char text[MOST_TEXT];
    size_t len = feed_byte(input) % (MOST_TEXT + 1);
    feed_take(input, text, len);
    for (size_t i = 0; i < len; i++)
        text[i] &= ASCII;
    return json_stringn(text, len);
}

static json_t *make_number(struct feed *input)
{
    uint8_t how = feed_byte(input);
    if (how % 8 == 0)
        return json_integer((json_int_t)feed_number(input));
    return how % 8 == 1 ? json_real((double)(int64_t)feed_number(input) / 100) : json_integer(how / 8);
}

static json_t *make_list(struct feed *input, const struct shape *shape)
{
    json_t *list = json_array();
    for (size_t count = feed_byte(input) % (MOST_ITEMS + 1); count > 0; count--)
        json_array_append_new(list, shape ? make_shape(input, shape) : make_text(input));
    return list;
}

/* Of the first few: so the name of one that is there is often met. */
static json_t *make_actor(struct feed *input)
{
    static const char *const names[] = {"", "a", "b"};
    return json_string(names[feed_byte(input) % (sizeof names / sizeof *names)]);
}

static json_t *make_right(struct feed *input, const struct field *field)
{
    switch (field->kind) {
    case FIELD_TEXT: return strcmp(field->name, "name") == 0 ? make_actor(input) : make_text(input);
    case FIELD_POINTS:
    case FIELD_INT:
    case FIELD_SIZE:
    case FIELD_NUMBER:
    case FIELD_SECONDS: return make_number(input);
    case FIELD_BOOL: return json_boolean(feed_byte(input) & 1);
    case FIELD_VERDICT: return json_string(verdict_word((enum verdict)(feed_byte(input) % VERDICTS)));
    case FIELD_ACTOR: return make_actor(input);
    case FIELD_TEXTS: return make_list(input, NULL);
    case FIELD_SHAPE: return make_shape(input, field->shape);
    case FIELD_LIST: return make_list(input, field->shape);
    }
    return NULL;
}

static json_t *make_wrong(struct feed *input)
{
    switch (feed_byte(input) % 6) {
    case 0: return json_null();
    case 1: return json_object();
    case 2: return json_array();
    case 3: return make_text(input);
    case 4: return json_true();
    default: return json_integer((json_int_t)feed_number(input));
    }
}

static json_t *make_shape(struct feed *input, const struct shape *shape)
{
    enum { LEFT_OUT = 251, WRONG = 254, WITH_ANOTHER = 255 };
    json_t *object = json_object();
    for (const struct field *field = shape->fields; field->name; field++) {
        uint8_t how = feed_byte(input);
        bool is_left_out = (how >= LEFT_OUT && how < WRONG) || (!field->is_required && how % 2 == 0);
        if (!is_left_out)
            json_object_set_new(object, field->name,
                                how == WRONG ? make_wrong(input) : make_right(input, field));
        if (how == WITH_ANOTHER)
            json_object_set_new(object, "another", json_null());
    }
    return object;
}

/* ---- what must hold --------------------------------------------------------------------------------------------------------- */

static void check_again(const struct case_result *read)
{
    struct case_result again;
    struct err err = {0};
    char *first = case_result_to_json(read);
    must(first != NULL, "what was read can be written");
    must(case_result_from_json(&again, first, strlen(first), &err), "what was written can be read");
    char *second = case_result_to_json(&again);
    must(second && strcmp(first, second) == 0, "it is the same");
    free(first);
    free(second);
    case_result_free(&again);
}

static void read_one(const char *text, size_t size)
{
    struct case_result read;
    struct err err = {0};
    if (case_result_from_json(&read, text, size, &err))
        check_again(&read);
    else
        must(err.text[0] != '\0', "what is refused is refused with words");
    case_result_free(&read);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct feed input = {data, size};
    if (size > 0 && data[0] == '{') {
        read_one((const char *)data, size);
        return 0;
    }
    json_t *json = make_shape(&input, &case_shape);
    char *text = json_dumps(json, JSON_COMPACT);
    must(text != NULL, "the recipe makes JSON");
    read_one(text, strlen(text));
    free(text);
    json_decref(json);
    return 0;
}
