/* Looks; see looks.h. */
#include "judge/looks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "judge/expand.h"
#include "judge/facts.h"
#include "judge/match.h"
#include "judge/orders.h"
#include "judge/process_text.h"
#include "judge/states.h"
#include "judge/things.h"

/* ---- deeds ------------------------------------------------------------------------------------------------------------ */

static bool asks_for_bytes(const struct deed *deed)
{
    return match_is_stream(deed) && deed->error_count == 0 &&
           (deed_value(deed, PARAM_GIVES) || deed_value(deed, PARAM_TEXT) || deed_value(deed, PARAM_UNTIL));
}

/* The first event from `from` on that answers to the deed; its number + 1 goes to *next. */
static bool deed_was_done(struct stage *stage, const struct who *who, const struct deed *deed, size_t from,
                          size_t *next)
{
    for (size_t i = from; i < tracer_event_count(stage->tracer); i++) {
        const struct event *event = tracer_event(stage->tracer, i);
        if (!event || !event->counts || event->call.deed != deed->row)
            continue;
        if (!stage_made_by(stage, who, event) || !match_done(stage, deed, event))
            continue;
        *next = i + 1;
        return true;
    }
    return false;
}

/* All bytes that WHO moved on the object, and whether the end was met. */
static bool stream_deed_holds(struct stage *stage, const struct who *who, const struct deed *deed)
{
    const struct value *text = deed_value(deed, PARAM_GIVES), *until = deed_value(deed, PARAM_UNTIL);
    text = text ? text : deed_value(deed, PARAM_TEXT);
    cleanup_bytes struct bytes moved = {0};
    bool met_eof;
    size_t next;
    bool any = match_stream(stage, who, deed, &moved, &met_eof);
    if (deed_value(deed, PARAM_FDS) && !deed_was_done(stage, who, deed, 0, &next))
        return false;
    return any && (!until || met_eof) &&
           (!text || pattern_holds(stage, &text->pattern, moved.data, moved.len, true, NULL));
}

static bool deed_holds(struct stage *stage, const struct who *who, const struct deed *deed, size_t from,
                       size_t *next)
{
    const struct actor *actor = stage_actor(stage, who->name);
    if (actor->role != ROLE_STUDENT)
        return actor->order && actor->order->row == deed->row &&
               order_outcome(stage, actor, deed, NULL) == OUTCOME_DONE;
    if (asks_for_bytes(deed))
        return stream_deed_holds(stage, who, deed);
    return deed_was_done(stage, who, deed, from, next);
}

/* ---- maps ------------------------------------------------------------------------------------------------------------- */

static bool look_holds(struct stage *stage, const struct who *who, const struct look *look, size_t *from)
{
    for (size_t i = 0; i < look->count; i++)
        if (!fact_holds(stage, who, &look->facts[i]))
            return false;
    return !look->deed || deed_holds(stage, who, look->deed, *from, from);
}

static bool item_holds(struct stage *stage, const struct expectation *item)
{
    size_t from = 0;
    if (item->kind != EXPECT_WHO)
        return state_holds(stage, item);
    for (size_t i = 0; i < item->look_count; i++)
        if (!look_holds(stage, &item->who, &item->looks[i], &from))
            return false;
    return true;
}

static bool map_holds(struct stage *stage, const struct expect_map *map)
{
    for (size_t i = 0; i < map->count; i++)
        if (!item_holds(stage, &map->items[i]))
            return false;
    return true;
}

typedef void fact_fn(struct stage *stage, const struct who *who, const struct fact *fact);

static void each_fact(struct stage *stage, const struct expect_map *map, fact_fn *apply)
{
    for (size_t i = 0; i < map->count; i++)
        for (size_t k = 0; k < map->items[i].look_count; k++)
            for (size_t f = 0; f < map->items[i].looks[k].count; f++)
                apply(stage, &map->items[i].who, &map->items[i].looks[k].facts[f]);
}

bool looks_hold(struct stage *stage, const struct step *step)
{
    for (size_t i = 0; i < step->count; i++) {
        if (!map_holds(stage, &step->alternatives[i]))
            continue;
        each_fact(stage, &step->alternatives[i], fact_take);
        return true;
    }
    return false;
}

void looks_ask(struct stage *stage, const struct step *step)
{
    for (size_t i = 0; i < step->count; i++)
        each_fact(stage, &step->alternatives[i], fact_ask);
}

/* ---- in words --------------------------------------------------------------------------------------------------------- */

static void line_between(struct bytes *to)
{
    if (to->len > 0)
        bytes_print(to, "\n");
}

static void tell_deed(struct stage *stage, const struct who *who, const struct deed *deed,
                      struct bytes *expected, struct bytes *seen)
{
    line_between(expected);
    prose_who(expected, stage_prose(stage), who);
    bytes_print(expected, " ");
    prose_deed(expected, stage_prose(stage), deed, false);
    line_between(seen);
    if (!asks_for_bytes(deed)) {
        bytes_print(seen, "%s\n", _("no such call was completed"));
    } else {
        cleanup_bytes struct bytes moved = {0};
        bool met_eof;
        match_stream(stage, who, deed, &moved, &met_eof);
        cleanup_free char *text = text_printable(bytes_text(&moved), moved.len, 400);
        prose_who(seen, stage_prose(stage), who);
        bytes_print(seen, ": \"%s\"%s\n", text, met_eof ? _(", then end of file") : "");
    }
    living_text(stage, who, seen);
    unseen_text(stage, who, deed, "\n", seen);
}

static void tell_item(struct stage *stage, const struct expectation *item, struct bytes *expected,
                      struct bytes *seen)
{
    size_t from = 0;
    if (item->kind != EXPECT_WHO) {
        line_between(expected);
        line_between(seen);
        prose_expectation(expected, stage_prose(stage), item);
        state_seen(stage, item, seen);
        return;
    }
    for (size_t k = 0; k < item->look_count; k++) {
        const struct look *look = &item->looks[k];
        for (size_t f = 0; f < look->count; f++) {
            if (fact_holds(stage, &item->who, &look->facts[f]))
                continue;
            line_between(expected);
            line_between(seen);
            prose_fact(expected, stage_prose(stage), &item->who, &look->facts[f]);
            fact_seen(stage, &item->who, &look->facts[f], seen);
        }
        if (look->deed && !deed_holds(stage, &item->who, look->deed, from, &from))
            tell_deed(stage, &item->who, look->deed, expected, seen);
    }
}

void looks_tell(struct stage *stage, const struct step *step, struct bytes *expected, struct bytes *seen)
{
    for (size_t i = 0; i < step->count; i++) {
        const struct expect_map *map = &step->alternatives[i];
        if (i > 0) {
            line_between(expected);
            bytes_print(expected, "%s", _("or:"));
        }
        for (size_t k = 0; k < map->count; k++)
            if (!item_holds(stage, &map->items[k]))
                tell_item(stage, &map->items[k], expected, seen);
    }
}
