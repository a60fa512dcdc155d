/* One expected text, made ready to be compared: plain bytes, or a regular expression where it holds wildcards.
 *
 * Layer: judge. Sources: pcre2api(3).
 */
#ifndef IPCGRADE_JUDGE_WANTED_H
#define IPCGRADE_JUDGE_WANTED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "judge/stage.h"

struct slice { /* borrowed bytes */
    const char *data;
    size_t len;
};

/* Owned; let go with wanted_free(). */
struct wanted {
    struct bytes source; /* the bytes, or the regular expression */
    void *code;          /* compiled, or NULL: plain */
};

/* `is_regex`: the text is a regular expression of the case's author (`matches`). What stands for a <name> is plain in it, and
 * wildcards are wildcards. False with *err when a <name> means nothing now; nothing is to be freed then. */
bool wanted_make(struct stage *stage, const struct text *text, bool is_regex, struct wanted *wanted,
                 struct err *err);

/* Is it the whole of what came or, unless `is_whole`, a part of it? False with *err when PCRE2 gave up. */
bool wanted_holds(const struct wanted *wanted, struct slice came, bool is_whole, struct err *err);

void wanted_free(struct wanted *wanted); /* safe on a zeroed struct */

#define cleanup_wanted __attribute__((cleanup(wanted_free)))

#endif
