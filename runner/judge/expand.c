/* Texts and numbers of a case with their <names> replaced; see expand.h. Patterns are in pattern.c. */
#include "judge/expand.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "judge/things.h"

enum { MOST_TEXT = 16 << 20 };

/* The pid of an actor, its started process or its one child, as the sandbox counts. */
static bool expand_pid(struct stage *stage, const struct actor *actor, enum ref_what what, struct bytes *to,
                       struct err *err)
{
    enum who_part part = what == REF_CHILD ? WHO_CHILD : WHO_PARENT;
    const struct process *process = stage_one(stage, &(struct who){.name = actor->name, .part = part});
    if (!process)
        return err_set(err, what == REF_CHILD ? _("%s has no child") : _("%s has not been started"),
                       actor->word);
    bytes_print(to, "%d", (int)process->inner_pid);
    return true;
}

bool expand_ref(struct stage *stage, int name, enum ref_what what, struct bytes *to, struct err *err)
{
    const struct actor *actor = stage_actor(stage, name);
    const struct name *row = &stage->scenario->names[name];
    if (actor && (row->role != NAME_OBJECT || what == REF_CHILD || what == REF_PARENT))
        return expand_pid(stage, actor, what, to, err);
    if (what == REF_ID) {
        struct object_id id;
        if (!thing_find(stage, name, &id))
            return err_set(err, _("there is no %s '%s'"), row->kind->noun, row->word);
        bytes_print(to, "%" PRIu64, id.number);
        return true;
    }
    return thing_print(stage, name, what, to, err);
}

bool expand_text(struct stage *stage, const struct text *text, struct bytes *to, struct err *err)
{
    for (size_t i = 0; i < text->count; i++) {
        const struct part *part = &text->parts[i];
        switch (part->kind) {
        case PART_BYTES: bytes_add(to, part->data, part->len, MOST_TEXT); break;
        case PART_FILL:
            for (size_t at = 0; at < part->len; at++)
                bytes_add(to, &(char){text_fill(at)}, 1, MOST_TEXT);
            break;
        case PART_REF:
            if (!expand_ref(stage, part->name, part->what, to, err))
                return false;
            break;
        case PART_WILD: return err_set(err, "a wildcard cannot be sent");
        }
    }
    return true;
}

bool expand_number(struct stage *stage, const struct number *number, int64_t *value, struct err *err)
{
    *value = number->value;
    if (!number->is_ref)
        return true;
    cleanup_bytes struct bytes text = {0};
    if (!expand_ref(stage, number->name, number->what, &text, err))
        return false;
    char *end;
    *value = strtoll(bytes_text(&text), &end, 0);
    return *end == '\0' || err_set(err, "<%s> is not a number: '%s'",
                                   stage->scenario->names[number->name].word, bytes_text(&text));
}

bool range_holds(struct stage *stage, const struct range *range, int64_t value)
{
    int64_t bound;
    for (size_t i = 0; i < range->count; i++)
        if (expand_number(stage, &range->one_of[i], &bound, NULL) && bound == value)
            return true;
    if (range->one_of)
        return false;
    if (range->has_min && (!expand_number(stage, &range->min, &bound, NULL) || value < bound))
        return false;
    return !range->has_max || (expand_number(stage, &range->max, &bound, NULL) && value <= bound);
}

/* ---- in words ------------------------------------------------------------------------------------------------------ */

static bool expand_now(void *context, int name, enum ref_what what, struct bytes *to)
{
    return expand_ref(context, name, what, to, NULL);
}

struct prose stage_prose(struct stage *stage)
{
    return (struct prose){.scenario = stage->scenario, .expand = expand_now, .context = stage};
}
