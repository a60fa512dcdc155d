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

/* The message that is to come; a `gives` of streams is a text. */
static void message_text(struct stage *stage, const struct message *message, struct bytes *to)
{
    cleanup_free char *type = message->has_type ? range_text(stage, &message->type) : NULL;
    cleanup_free char *text = message->has_text ? pattern_text(stage, &message->text) : NULL;
    if (type)
        bytes_print(to, message->is_prio ? _(" of priority %s") : _(" of type %s"), type);
    if (text)
        bytes_print(to, _(" with %s"), text);
}

static void deed_value_text(struct stage *stage, const struct param_value *param, struct bytes *to)
{
    const struct value *value = &param->value;
    cleanup_free char *text = NULL;
    if (param->row->kind == VALUE_TEXT)
        text = pattern_text(stage, &value->pattern);
    else if (param->row->kind == VALUE_RANGE || param->row->kind == VALUE_NUMBER)
        text = range_text(stage, &value->range);
    if (text && param->row->param == PARAM_GIVES)
        bytes_print(to, _(" and gets %s"), strcmp(text, "\"\"") == 0 ? _("nothing") : text);
    else if (text)
        bytes_print(to, " %s%s%s", param->row->param == PARAM_TEXT ? "" : param->row->word,
                    param->row->param == PARAM_TEXT ? "" : " ", text);
    if (text)
        return;
    if (param->row->kind == VALUE_MESSAGE) {
        message_text(stage, &value->message, to);
        return;
    }
    if (param->row->param == PARAM_UNTIL) {
        bytes_print(to, "%s", _(" to the end of file"));
        return;
    }
    if (param->row->kind != VALUE_FLAGS && param->row->kind != VALUE_WORD)
        return;
    for (const struct word_row *row = param->row->words; row->word; row++)
        if (param->row->kind == VALUE_WORD ? row->value == value->bits
                                           : row->value && (value->bits & row->value) == row->value)
            bytes_print(to, " (%s)", row->word);
}

void deed_text(struct stage *stage, const struct deed *deed, struct bytes *to)
{
    cleanup_free char *thing = NULL;
    if (deed->first.kind == TARGET_NAME)
        thing = thing_text(stage, deed->first.name);
    const char *object = thing                             ? thing
                         : deed->first.kind == TARGET_KIND ? _(object_kind_noun(deed->first.object))
                         : deed->first.kind == TARGET_END  ? deed->first.word
                                                           : _("anything");
    const char *done = _(deed->row->done), *hole = strstr(done, "%s");
    if (hole)
        bytes_print(to, "%.*s%s%s", (int)(hole - done), done, object, hole + 2);
    else
        bytes_print(to, "%s", done);
    for (size_t i = 0; i < deed->count; i++)
        deed_value_text(stage, &deed->params[i], to);
    for (size_t i = 0; i < deed->error_count; i++)
        bytes_print(to, "%s%s", i ? _(" or ") : _(" and gets "), errno_name(deed->errors[i]));
}

static void line_between(struct bytes *to)
{
    if (to->len > 0)
        bytes_print(to, "\n");
}

static void tell_deed(struct stage *stage, const struct who *who, const struct deed *deed,
                      struct bytes *expected, struct bytes *seen)
{
    line_between(expected);
    who_text(stage, who, expected);
    bytes_print(expected, " ");
    deed_text(stage, deed, expected);
    line_between(seen);
    if (!asks_for_bytes(deed)) {
        bytes_print(seen, "%s\n", _("no such call was completed"));
    } else {
        cleanup_bytes struct bytes moved = {0};
        bool met_eof;
        match_stream(stage, who, deed, &moved, &met_eof);
        cleanup_free char *text = text_printable(bytes_text(&moved), moved.len, 400);
        who_text(stage, who, seen);
        bytes_print(seen, ": \"%s\"%s\n", text, met_eof ? _(", then end of file") : "");
    }
    living_text(stage, who, seen);
    unseen_text(stage, who, deed, seen);
}

static void tell_item(struct stage *stage, const struct expectation *item, struct bytes *expected,
                      struct bytes *seen)
{
    size_t from = 0;
    if (item->kind != EXPECT_WHO) {
        line_between(expected);
        line_between(seen);
        state_expected(stage, item, expected);
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
            fact_expected(stage, &item->who, &look->facts[f], expected);
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
