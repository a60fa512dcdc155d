/* Expected texts against what came (CASES, section 8, TEXT). Wildcards and `matches` go through PCRE2 with a match limit, so that neither a hostile output nor
 * an unlucky expression can hang the runner.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "judge/expand.h"

enum { MATCH_LIMIT = 5000000, DEPTH_LIMIT = 200000, MOST_LINES = 100000, MOST_GROUPS = 64 };

struct slice {
    const char *data;
    size_t len;
};

static bool has_wildcards(const struct text *text)
{
    for (size_t i = 0; i < text->count; i++)
        if (text->parts[i].kind == PART_WILD)
            return true;
    return false;
}

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

/* The text as a regular expression: bytes as they are, wildcards as classes. */
static bool text_regex(struct stage *stage, const struct text *text, struct bytes *regex, struct err *err)
{
    static const char *const wild[] = { [WILD_INT] = "[+-]?[0-9]+",
                                        [WILD_WORD] = "[^ \\t\\n]+",
                                        [WILD_LINE] = "[^\\n]*",
                                        [WILD_ANY] = "(?s:.*)" };
    for (size_t i = 0; i < text->count; i++) {
        const struct part *part = &text->parts[i];
        if (part->kind == PART_WILD) {
            bytes_print(regex, "%s", wild[part->wild]);
            continue;
        }
        cleanup_bytes struct bytes plain = { 0 };
        if (!expand_text(stage, &(struct text){ .parts = part, .count = 1 }, &plain, err))
            return false;
        add_quoted(regex, bytes_text(&plain), plain.len);
    }
    return true;
}

/* Does the whole of `data` (or, unless `is_whole`, a part of it) match? */
static bool regex_holds(const struct bytes *regex, const char *data, size_t len, bool is_whole, struct err *err)
{
    int number;
    PCRE2_SIZE offset;
    uint32_t options = is_whole ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)bytes_text(regex), regex->len, options, &number, &offset, NULL);
    if (!code)
        return err_set(err, "a pattern of the case cannot be compiled");
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    pcre2_match_data *match = pcre2_match_data_create_from_pattern(code, NULL);
    pcre2_set_match_limit(context, MATCH_LIMIT);
    pcre2_set_depth_limit(context, DEPTH_LIMIT);
    int found = pcre2_match(code, (PCRE2_SPTR)data, len, 0, 0, match, context);
    pcre2_match_data_free(match);
    pcre2_match_context_free(context);
    pcre2_code_free(code);
    if (found == PCRE2_ERROR_MATCHLIMIT || found == PCRE2_ERROR_DEPTHLIMIT || found == PCRE2_ERROR_HEAPLIMIT)
        return err_set(err, "the text was too long or too odd for the pattern of the case");
    return found >= 0;
}

static bool text_holds(struct stage *stage, const struct text *text, struct slice came, bool is_whole, struct err *err)
{
    cleanup_bytes struct bytes want = { 0 };
    if (has_wildcards(text))
        return text_regex(stage, text, &want, err) && regex_holds(&want, came.data, came.len, is_whole, err);
    if (!expand_text(stage, text, &want, err))
        return false;
    if (is_whole)
        return want.len == came.len && memcmp(bytes_text(&want), came.data, came.len) == 0;
    return want.len == 0 || memmem(came.data, came.len, bytes_text(&want), want.len) != NULL;
}

/* Cut into lines; the last newline may lack. Caller frees. NULL: too many. */
static struct slice *split_lines(struct slice came, size_t *count)
{
    struct slice *lines = NULL;
    size_t room = 0;
    *count = 0;
    while (came.len > 0 && *count < MOST_LINES) {
        const char *end = memchr(came.data, '\n', came.len);
        size_t len = end ? (size_t)(end - came.data) : came.len;
        if (*count == room) {
            room = room ? room * 2 : 16;
            lines = reallocarray(lines, room, sizeof *lines);
            if (!lines)
                abort();
        }
        lines[(*count)++] = (struct slice){ came.data, len };
        size_t used = end ? len + 1 : len;
        came = (struct slice){ came.data + used, came.len - used };
    }
    return lines;
}

static bool lines_hold(struct stage *stage, const struct text_list *want, struct slice came, struct err *err)
{
    size_t count;
    cleanup_free struct slice *lines = split_lines(came, &count);
    if (count != want->count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!text_holds(stage, &want->texts[i], lines[i], true, err))
            return false;
    return true;
}

/* Search for an interleaving: each line is the next one of some group. Backtracks only where two groups could take the same line. */
struct interleaving {
    struct stage *stage;
    const struct pattern *pattern;
    const struct slice *lines;
    size_t count;
    size_t at[MOST_GROUPS];
    long tries;
};

static bool interleaves(struct interleaving *search, size_t line)
{
    if (line == search->count)
        return true;
    for (size_t g = 0; g < search->pattern->group_count; g++) {
        const struct text_list *group = &search->pattern->groups[g];
        if (search->at[g] == group->count || search->tries-- <= 0)
            continue;
        if (!text_holds(search->stage, &group->texts[search->at[g]], search->lines[line], true, NULL))
            continue;
        search->at[g]++;
        if (interleaves(search, line + 1))
            return true;
        search->at[g]--;
    }
    return false;
}

static bool any_order_holds(struct stage *stage, const struct pattern *pattern, struct slice came)
{
    size_t count, wanted = 0;
    cleanup_free struct slice *lines = split_lines(came, &count);
    for (size_t g = 0; g < pattern->group_count; g++)
        wanted += pattern->groups[g].count;
    if (wanted != count || pattern->group_count > MOST_GROUPS)
        return false;
    struct interleaving search = { .stage = stage, .pattern = pattern, .lines = lines, .count = count, .tries = 1000000 };
    return interleaves(&search, 0);
}

static bool contains_all(struct stage *stage, const struct text_list *want, struct slice came, struct err *err)
{
    for (size_t i = 0; i < want->count; i++)
        if (!text_holds(stage, &want->texts[i], came, false, err))
            return false;
    return true;
}

static bool matches(struct stage *stage, const struct text_list *source, struct slice came, struct err *err)
{
    cleanup_bytes struct bytes regex = { 0 };
    return source->count == 1 && expand_text(stage, &source->texts[0], &regex, err) &&
           regex_holds(&regex, came.data, came.len, true, err);
}

static bool slice_holds(struct stage *stage, const struct pattern *pattern, struct slice came, struct err *err)
{
    switch (pattern->kind) {
    case PATTERN_EXACT: return text_holds(stage, &pattern->texts.texts[0], came, true, err);
    case PATTERN_CONTAINS: return contains_all(stage, &pattern->texts, came, err);
    case PATTERN_MATCHES: return matches(stage, &pattern->texts, came, err);
    case PATTERN_LINES: return lines_hold(stage, &pattern->texts, came, err);
    case PATTERN_ANY_ORDER: return any_order_holds(stage, pattern, came);
    }
    return false;
}

bool pattern_holds(struct stage *stage, const struct pattern *pattern, const void *data, size_t len, bool nul_counts,
                   struct err *err)
{
    struct slice came = { data ? data : "", len };
    if (slice_holds(stage, pattern, came, err))
        return true;
    if (nul_counts || len == 0 || came.data[len - 1] != '\0')
        return false;
    return slice_holds(stage, pattern, (struct slice){ came.data, len - 1 }, err);
}

/* ---- in words ------------------------------------------------------------------------------------------------------ */

enum { SHOWN = 400 };

static void print_text(struct stage *stage, const struct text *text, struct bytes *to)
{
    static const char *const wild[] = { [WILD_INT] = "<int>", [WILD_WORD] = "<word>", [WILD_LINE] = "<line>", [WILD_ANY] = "<any>" };
    bytes_print(to, "\"");
    for (size_t i = 0; i < text->count; i++) {
        const struct part *part = &text->parts[i];
        cleanup_bytes struct bytes plain = { 0 };
        if (part->kind == PART_WILD) {
            bytes_print(to, "%s", wild[part->wild]);
            continue;
        }
        if (!expand_text(stage, &(struct text){ .parts = part, .count = 1 }, &plain, NULL))
            bytes_print(&plain, "<%s>", stage->scenario->names[part->name].word);
        cleanup_free char *shown = text_printable(bytes_text(&plain), plain.len, SHOWN);
        bytes_print(to, "%s", shown);
    }
    bytes_print(to, "\"");
}

static void print_list(struct stage *stage, const struct text_list *list, const char *between, struct bytes *to)
{
    for (size_t i = 0; i < list->count; i++) {
        bytes_print(to, "%s", i ? between : "");
        print_text(stage, &list->texts[i], to);
    }
}

char *pattern_text(struct stage *stage, const struct pattern *pattern)
{
    struct bytes text = { 0 };
    switch (pattern->kind) {
    case PATTERN_EXACT: print_list(stage, &pattern->texts, "", &text); break;
    case PATTERN_CONTAINS:
        bytes_print(&text, "%s ", _("something that contains"));
        print_list(stage, &pattern->texts, _(" and "), &text);
        break;
    case PATTERN_MATCHES:
        bytes_print(&text, "%s ", _("something that matches"));
        print_list(stage, &pattern->texts, "", &text);
        break;
    case PATTERN_LINES:
        bytes_print(&text, "%s ", _("the lines"));
        print_list(stage, &pattern->texts, ", ", &text);
        break;
    case PATTERN_ANY_ORDER:
        bytes_print(&text, "%s ", _("in any order the lines"));
        for (size_t g = 0; g < pattern->group_count; g++) {
            bytes_print(&text, "%s", g ? "; " : "");
            print_list(stage, &pattern->groups[g], _(", then "), &text);
        }
        break;
    }
    if (!text.data)
        bytes_print(&text, "\"\"");
    return text.data;
}
