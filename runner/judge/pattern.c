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
