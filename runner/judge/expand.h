/* Texts and numbers of a case with their <names> replaced, and patterns compared with what came. */
#ifndef IPCGRADE_JUDGE_EXPAND_H
#define IPCGRADE_JUDGE_EXPAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "cases/prose.h"
#include "judge/stage.h"

/* What stands for <name>, <name.id>, <name.dec>, <name.child>. False with *err when there is none now (a child that does not exist). */
bool expand_ref(struct stage *stage, int name, enum ref_what what, struct bytes *to, struct err *err);

/* The bytes of a text without wildcards; appended to *to. */
bool expand_text(struct stage *stage, const struct text *text, struct bytes *to, struct err *err);

bool expand_number(struct stage *stage, const struct number *number, int64_t *value, struct err *err);

/* Is the value one of the range? A number that cannot be known now is in no range. */
bool range_holds(struct stage *stage, const struct range *range, int64_t value);

/* Does the text match? `nul_counts` false: one NUL at the end of what came is as none (messages, segments). A pattern that PCRE2 gives up on does not match, and
 * says so in *err (which may be NULL). */
bool pattern_holds(struct stage *stage, const struct pattern *pattern, const void *data, size_t len,
                   bool nul_counts, struct err *err);

/* The case's words (cases/prose.h) with what its names stand for now. */
struct prose stage_prose(struct stage *stage);

#endif
