/* The writers of reports under a fuzzer: any result, with hostile bytes in each of its texts, in every format. What a consumer would choke on is a
 * finding: JSON that is none, XML that is none, a control byte, half a character, a line of CSV with another number of columns.
 *
 * The input fills in the rows of result/fields.c, one after the other; which report is written, and with which options, comes first.
 */
#include "fuzz/fuzz.h"

#include <jansson.h>
#include <libxml/parser.h>
#include <locale.h>
#include <wchar.h>

#include "report/writer.h"
#include "result/fields.h"
#include "result/score.h"

enum { MOST_ITEMS = 3, DELETE = 0x7f, PAGE_SCRIPTS = 3 };

static void fill(struct feed *input, const struct shape *shape, char *base, const struct case_result **of);

static char *fill_text(struct feed *input, bool is_required)
{
    uint8_t len = feed_byte(input);
    if (len == 0 && !is_required)
        return NULL;
    char *text = calloc(1, (size_t)len + 1);
    must(text != NULL, "memory is there");
    feed_take(input, text, len);
    return text;
}

static void fill_list(struct feed *input, const struct field *field, char *base,
                      const struct case_result **of)
{
    size_t count = feed_byte(input) % (MOST_ITEMS + 1);
    const struct shape *shape = field->shape;
    char *items = calloc(count + 1, shape->size);
    must(items != NULL, "memory is there");
    memcpy(base + field->offset, &items, sizeof items);
    memcpy(base + field->count, &count, sizeof count);
    for (size_t i = 0; i < count; i++)
        fill(input, shape, items + i * shape->size, of);
}

static void fill_texts(struct feed *input, const struct field *field, char *base)
{
    size_t count = feed_byte(input) % (MOST_ITEMS + 1);
    char **texts = calloc(count + 1, sizeof *texts);
    must(texts != NULL, "memory is there");
    memcpy(base + field->offset, &texts, sizeof texts);
    memcpy(base + field->count, &count, sizeof count);
    for (size_t i = 0; i < count; i++)
        texts[i] = fill_text(input, true);
}

static int fill_actor(struct feed *input, const struct case_result *of)
{
    size_t actors = of ? of->actor_count : 0;
    return (int)(feed_byte(input) % (actors + 1)) - 1;
}

static void fill_field(struct feed *input, const struct field *field, char *base,
                       const struct case_result **of)
{
    void *at = base + field->offset;
    switch (field->kind) {
    case FIELD_TEXT: *(char **)at = fill_text(input, field->is_required); break;
    case FIELD_POINTS: *(int *)at = feed_byte(input); break;
    case FIELD_INT: *(int *)at = feed_byte(input) - 128; break;
    case FIELD_SIZE: *(size_t *)at = feed_byte(input); break;
    case FIELD_NUMBER: *(uint64_t *)at = feed_number(input); break;
    case FIELD_SECONDS: *(double *)at = feed_byte(input); break;
    case FIELD_BOOL: *(bool *)at = feed_byte(input) & 1; break;
    case FIELD_VERDICT: *(enum verdict *)at = (enum verdict)(feed_byte(input) % VERDICTS); break;
    case FIELD_ACTOR: *(int *)at = fill_actor(input, *of); break;
    case FIELD_TEXTS: fill_texts(input, field, base); break;
    case FIELD_SHAPE: fill(input, field->shape, at, of); break;
    case FIELD_LIST: fill_list(input, field, base, of); break;
    }
}

static void fill(struct feed *input, const struct shape *shape, char *base, const struct case_result **of)
{
    if (shape == &case_shape)
        *of = (const void *)base;
    for (const struct field *field = shape->fields; field->name; field++)
        fill_field(input, field, base, of);
}

/* ---- what must hold ---------------------------------------------------------------------------------------------------- */

/* Whole characters, and no control byte but ends of lines. JSON takes DEL for an ordinary character, and what makes texts of a result printable comes before it. */
static void check_bytes(const char *text, size_t len, bool is_json)
{
    mbstate_t state = {0};
    for (size_t i = 0; i < len;) {
        wchar_t wide;
        size_t taken = mbrtowc(&wide, text + i, len - i, &state);
        must(taken > 0 && taken <= len - i, "a report is UTF-8, without NUL");
        bool is_end = wide == L'\n' || (wide == L'\r' && i + 1 < len && text[i + 1] == '\n');
        must(is_end || (wide >= L' ' && (wide != DELETE || is_json)), "a report holds no control bytes");
        i += taken;
    }
}

static void check_json(const char *text, size_t len)
{
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    must(json != NULL, "a JSON report is JSON");
    json_decref(json);
}

static void check_xml(const char *text, size_t len)
{
    xmlDoc *document =
        xmlReadMemory(text, (int)len, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    must(document != NULL, "an XML report is XML");
    xmlFreeDoc(document);
}

/* Each record as many fields as the first; quotes close. */
static void check_csv(const char *text, size_t len)
{
    size_t fields = 1, of_first = 0;
    bool is_quoted = false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"')
            is_quoted = !is_quoted;
        else if (!is_quoted && text[i] == ',')
            fields++;
        else if (!is_quoted && text[i] == '\n') {
            must(of_first == 0 || fields == of_first, "each record of CSV has as many fields as its head");
            of_first = fields;
            fields = 1;
        }
    }
    must(!is_quoted, "quotes of CSV are closed");
}

/* As many test points as the plan says; nothing of a student's makes one. */
static void check_tap(const char *text, size_t len)
{
    size_t points = 0, planned = 0;
    for (const char *line = text; line < text + len; line = strchr(line, '\n') + 1) {
        points += strncmp(line, "ok ", 3) == 0 || strncmp(line, "not ok ", 7) == 0;
        if (strncmp(line, "1..", 3) == 0)
            planned = strtoul(line + 3, NULL, 10);
    }
    must(planned >= points, "TAP has no more test points than it has planned");
}

/* A page is XML but for its scripts, and has those that it is made with and no further one. */
static void check_html(const char *text, size_t len)
{
    char *copy = strndup(text, len);
    int scripts = 0;
    must(copy != NULL, "memory is there");
    for (char *begin; (begin = strcasestr(copy, "<script")); scripts++) {
        char *end = strstr(begin, "</script>");
        must(end != NULL, "scripts of a page end");
        end += strlen("</script>");
        memmove(begin, end, strlen(end) + 1);
    }
    must(scripts == PAGE_SCRIPTS, "a page has its own scripts");
    check_xml(copy, strlen(copy));
    free(copy);
}

static const struct check {
    const char *format;
    void (*check)(const char *text, size_t len);
} checks[] = {{"json", check_json}, {"gradescope", check_json},  {"sarif", check_json},
              {"junit", check_xml}, {"junit-strict", check_xml}, {"csv", check_csv},
              {"tap", check_tap},   {"html", check_html}};

static void check_report(const struct writer *writer, const struct result *result,
                         const struct report_options *options)
{
    char *text = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&text, &len);
    must(memory && writer->write(memory, result, options), "a report can be written");
    fclose(memory);
    if (!options->has_colour)
        check_bytes(text, len, strcmp(writer->name, "json") == 0);
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (strcmp(writer->name, checks[i].format) == 0)
            checks[i].check(text, len);
    free(text);
}

static const struct writer *any_writer(uint8_t number)
{
    size_t count = 0;
    while (writers[count])
        count++;
    must(count > 0, "there are writers");
    return writers[number % count];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct feed input = {data, size};
    struct result result = {0};
    const struct case_result *of = NULL;
    must(setlocale(LC_CTYPE, "C.UTF-8") != NULL, "UTF-8 is there");
    const struct writer *writer = any_writer(feed_byte(&input));
    uint8_t how = feed_byte(&input);
    struct report_options options = {.language = how & 1 ? REPORT_KOREAN : REPORT_ENGLISH,
                                     .width = 20 + feed_byte(&input),
                                     .has_colour = how & 2,
                                     .has_utf8 = how & 4,
                                     .is_verbose = how & 8};
    fill(&input, &result_shape, (char *)&result, &of);
    if (result.planned < result.count)
        result.planned = result.count; /* as whoever makes a result does */
    check_report(writer, &result, &options);
    result_free(&result);
    return 0;
}
