/* Expected texts against what came (CASES, section 8, TEXT); see expand.h. One text is compared in wanted.c, `any_order` in
 * interleaving.c.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "judge/expand.h"
#include "judge/interleaving.h"
#include "judge/wanted.h"

static bool text_holds(struct stage *stage, const struct text *text, struct slice came, bool is_whole,
                       struct err *err)
{
    cleanup_wanted struct wanted wanted = {0};
    return wanted_make(stage, text, false, &wanted, err) && wanted_holds(&wanted, came, is_whole, err);
}

/* Cut into lines; the last newline may lack. Caller frees. NULL: none. */
static struct slice *split_lines(struct slice came, size_t *count)
{
    struct slice *lines = NULL;
    size_t room = 0;
    *count = 0;
    while (came.len > 0) {
        const char *end = memchr(came.data, '\n', came.len);
        size_t len = end ? (size_t)(end - came.data) : came.len;
        if (*count == room) {
            room = room ? room * 2 : 16;
            lines = reallocarray(lines, room, sizeof *lines);
            if (!lines)
                abort();
        }
        lines[(*count)++] = (struct slice){came.data, len};
        size_t used = end ? len + 1 : len;
        came = (struct slice){came.data + used, came.len - used};
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

static bool any_order_holds(struct stage *stage, const struct pattern *pattern, struct slice came,
                            struct err *err)
{
    size_t count;
    cleanup_free struct slice *lines = split_lines(came, &count);
    return interleaving_holds(stage, pattern, lines, count, err);
}

static bool contains_all(struct stage *stage, const struct text_list *want, struct slice came,
                         struct err *err)
{
    for (size_t i = 0; i < want->count; i++)
        if (!text_holds(stage, &want->texts[i], came, false, err))
            return false;
    return true;
}

static bool matches(struct stage *stage, const struct text_list *source, struct slice came, struct err *err)
{
    cleanup_wanted struct wanted wanted = {0};
    return wanted_make(stage, &source->texts[0], true, &wanted, err) &&
           wanted_holds(&wanted, came, true, err);
}

static bool slice_holds(struct stage *stage, const struct pattern *pattern, struct slice came,
                        struct err *err)
{
    switch (pattern->kind) {
    case PATTERN_EXACT: return text_holds(stage, &pattern->texts.texts[0], came, true, err);
    case PATTERN_CONTAINS: return contains_all(stage, &pattern->texts, came, err);
    case PATTERN_MATCHES: return matches(stage, &pattern->texts, came, err);
    case PATTERN_LINES: return lines_hold(stage, &pattern->texts, came, err);
    case PATTERN_ANY_ORDER: return any_order_holds(stage, pattern, came, err);
    }
    return false;
}

bool pattern_holds(struct stage *stage, const struct pattern *pattern, const void *data, size_t len,
                   bool nul_counts, struct err *err)
{
    struct slice came = {data ? data : "", len};
    if (slice_holds(stage, pattern, came, err))
        return true;
    if (nul_counts || len == 0 || came.data[len - 1] != '\0')
        return false;
    return slice_holds(stage, pattern, (struct slice){came.data, len - 1}, err);
}

/* ---- in words ------------------------------------------------------------------------------------------------------ */

enum { SHOWN = 400 };

static void print_text(struct stage *stage, const struct text *text, struct bytes *to)
{
    static const char *const wild[] = {
        [WILD_INT] = "<int>", [WILD_WORD] = "<word>", [WILD_LINE] = "<line>", [WILD_ANY] = "<any>"};
    bytes_print(to, "\"");
    for (size_t i = 0; i < text->count; i++) {
        const struct part *part = &text->parts[i];
        cleanup_bytes struct bytes plain = {0};
        if (part->kind == PART_WILD) {
            bytes_print(to, "%s", wild[part->wild]);
            continue;
        }
        if (!expand_text(stage, &(struct text){.parts = part, .count = 1}, &plain, NULL))
            bytes_print(&plain, "<%s>", stage->scenario->names[part->name].word);
        cleanup_free char *shown = text_printable(bytes_text(&plain), plain.len, SHOWN);
        bytes_print(to, "%s", shown);
    }
    bytes_print(to, "\"");
}

static void print_list(struct stage *stage, const struct text_list *list, const char *between,
                       struct bytes *to)
{
    for (size_t i = 0; i < list->count; i++) {
        bytes_print(to, "%s", i ? between : "");
        print_text(stage, &list->texts[i], to);
    }
}

char *pattern_text(struct stage *stage, const struct pattern *pattern)
{
    struct bytes text = {0};
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
