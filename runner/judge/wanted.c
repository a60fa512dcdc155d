/* One expected text against what came; see wanted.h. Wildcards and `matches` go through PCRE2 with limits, so that neither a
 * hostile output nor an unlucky expression can hang the runner.
 */
#include "judge/wanted.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>
#include <string.h>

#include "judge/expand.h"

enum { MATCH_LIMIT = 5000000, DEPTH_LIMIT = 200000 };

static void add_quoted(struct bytes *regex, const char *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)data[i];
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80)
            bytes_add(regex, &data[i], 1, SIZE_MAX / 4);
        else
            bytes_print(regex, "\\x{%02x}", c);
    }
}

/* The text as a regular expression: wildcards as classes, bytes as they are, or as the expression that they make. */
static bool add_regex(struct stage *stage, const struct text *text, bool is_regex, struct bytes *to,
                      struct err *err)
{
    static const char *const wild[] = {[WILD_INT] = "[+-]?[0-9]+",
                                       [WILD_WORD] = "[^ \\t\\n]+",
                                       [WILD_LINE] = "[^\\n]*",
                                       [WILD_ANY] = "(?s:.*)"};
    for (size_t i = 0; i < text->count; i++) {
        const struct part *part = &text->parts[i];
        cleanup_bytes struct bytes plain = {0};
        if (part->kind == PART_WILD) {
            bytes_print(to, "(?:%s)", wild[part->wild]);
            continue;
        }
        if (is_regex && part->kind == PART_BYTES) {
            bytes_add(to, part->data, part->len, SIZE_MAX / 4);
            continue;
        }
        if (!expand_text(stage, &(struct text){.parts = part, .count = 1}, &plain, err))
            return false;
        bytes_print(to, "(?:"); /* a quantifier behind it means all of it */
        add_quoted(to, bytes_text(&plain), plain.len);
        bytes_print(to, ")");
    }
    return true;
}

static bool has_wildcards(const struct text *text)
{
    for (size_t i = 0; i < text->count; i++)
        if (text->parts[i].kind == PART_WILD)
            return true;
    return false;
}

static bool compile(struct wanted *wanted, struct err *err)
{
    int number;
    PCRE2_SIZE offset;
    wanted->code =
        pcre2_compile((PCRE2_SPTR)bytes_text(&wanted->source), wanted->source.len, 0, &number, &offset, NULL);
    return wanted->code || err_set(err, "a pattern of the case cannot be compiled");
}

bool wanted_make(struct stage *stage, const struct text *text, bool is_regex, struct wanted *wanted,
                 struct err *err)
{
    bool wants_code = is_regex || has_wildcards(text);
    *wanted = (struct wanted){0};
    if (wants_code ? add_regex(stage, text, is_regex, &wanted->source, err) && compile(wanted, err)
                   : expand_text(stage, text, &wanted->source, err))
        return true;
    wanted_free(wanted);
    return false;
}

static bool regex_holds(const pcre2_code *code, struct slice came, bool is_whole, struct err *err)
{
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    pcre2_match_data *match = pcre2_match_data_create_from_pattern(code, NULL);
    pcre2_set_match_limit(context, MATCH_LIMIT);
    pcre2_set_depth_limit(context, DEPTH_LIMIT);
    uint32_t options = is_whole ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0;
    int found = pcre2_match(code, (PCRE2_SPTR)came.data, came.len, 0, options, match, context);
    pcre2_match_data_free(match);
    pcre2_match_context_free(context);
    if (found == PCRE2_ERROR_MATCHLIMIT || found == PCRE2_ERROR_DEPTHLIMIT || found == PCRE2_ERROR_HEAPLIMIT)
        return err_set(err, "the text was too long or too odd for the pattern of the case");
    return found >= 0;
}

bool wanted_holds(const struct wanted *wanted, struct slice came, bool is_whole, struct err *err)
{
    const struct bytes *plain = &wanted->source;
    if (wanted->code)
        return regex_holds(wanted->code, came, is_whole, err);
    if (is_whole)
        return plain->len == came.len && memcmp(bytes_text(plain), came.data, came.len) == 0;
    return plain->len == 0 || memmem(came.data, came.len, bytes_text(plain), plain->len) != NULL;
}

void wanted_free(struct wanted *wanted)
{
    pcre2_code_free(wanted->code);
    bytes_free(&wanted->source);
    wanted->code = NULL;
}
