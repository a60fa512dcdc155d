/* What objects hold; see states.h. */
#include "judge/states.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "judge/expand.h"
#include "judge/removal.h"
#include "judge/things.h"

enum { SHOWN = 400 };

/* The state now; is_there is false when it cannot be read. Caller frees both the contents and the struct. */
static struct object_state *read_state(struct stage *stage, int name)
{
    struct object_state *state = calloc(1, sizeof *state);
    struct identity_of which;
    struct err err = {0};
    if (!state)
        abort();
    bool is_known = thing_identity(stage, name, &which) && !(which.is_private && which.id < 0);
    if (is_known && !inspect_state(&stage->inspector, &which, state, &err)) {
        stage->is_shut_out |= err.number == EACCES;
        stage_broke(stage, &err);
    }
    return state;
}

static void drop_state(struct object_state *state)
{
    object_state_free(state);
    free(state);
}

static bool messages_hold(struct stage *stage, const struct value *value, const struct object_state *state)
{
    if (state->count != value->count)
        return false;
    for (size_t i = 0; i < value->count && i < state->message_count; i++) {
        const struct message *want = &value->messages[i];
        const struct object_message *have = &state->messages[i];
        if (want->has_type && !range_holds(stage, &want->type, have->type))
            return false;
        if (want->has_text && !pattern_holds(stage, &want->text, have->text, have->len, false, NULL))
            return false;
    }
    return true;
}

static bool numbers_hold(struct stage *stage, const struct value *value, const int *have, size_t count,
                         bool is_complete)
{
    if (is_complete ? count != value->count : count < value->count)
        return false;
    for (size_t i = 0; i < value->count; i++) {
        int64_t want;
        if (!expand_number(stage, &value->numbers[i], &want, NULL) || want != have[i])
            return false;
    }
    return true;
}

static bool is_memory(const struct object_state *state)
{
    return state->id.kind == OBJECT_SEGMENT || state->id.kind == OBJECT_SHM;
}

/* A segment is longer than its text: what counts ends at the first NUL, unless the expected text itself goes on. */
static bool text_holds(struct stage *stage, const struct value *value, const struct object_state *state)
{
    const char *data = bytes_text(&state->text);
    size_t len = state->text.len;
    if (is_memory(state) && !pattern_holds(stage, &value->pattern, data, len, false, NULL))
        len = strnlen(data, len);
    return pattern_holds(stage, &value->pattern, data, len, state->id.kind == OBJECT_FILE, NULL);
}

/* Of what is closed to everybody no more is known. */
static bool is_closed(const struct state_value *want, const struct object_state *state)
{
    return state->is_closed && want->row->state != STATE_MODE && want->row->state != STATE_OWNER;
}

static bool word_holds(struct stage *stage, const struct state_value *want, const struct object_state *state)
{
    const struct value *value = &want->value;
    int ints[INSPECT_VALUES];
    size_t room = sizeof ints, count = state->text.len < room ? state->text.len : room;
    switch (want->row->state) {
    case STATE_MODE: return (state->mode & 07777) == (mode_t)value->bits;
    case STATE_OWNER: return state->owner == (value->bits ? SANDBOX_OTHER_UID : SANDBOX_STUDENT_UID);
    case STATE_TEXT: return text_holds(stage, value, state);
    case STATE_SIZE: return range_holds(stage, &value->range, (int64_t)state->size);
    case STATE_MESSAGES: return messages_hold(stage, value, state);
    case STATE_COUNT: return range_holds(stage, &value->range, (int64_t)state->count);
    case STATE_CAPACITY:
    case STATE_MAXMSG: return range_holds(stage, &value->range, (int64_t)state->capacity);
    case STATE_MSGSIZE: return range_holds(stage, &value->range, (int64_t)state->message_size);
    case STATE_VALUES: return numbers_hold(stage, value, state->values, state->value_count, true);
    case STATE_INTS:
        memcpy(ints, bytes_text(&state->text), count);
        return numbers_hold(stage, value, ints, count / sizeof *ints, false);
    case STATE_ATTACHED: return range_holds(stage, &value->range, (int64_t)state->attached);
    case STATE_VALUE: return range_holds(stage, &value->range, (int64_t)state->value);
    case STATE_WORDS: break;
    }
    return false;
}

bool state_holds(struct stage *stage, const struct expectation *expectation)
{
    struct object_state *state = read_state(stage, expectation->object);
    bool holds = expectation->kind == EXPECT_ABSENT ? !state->is_there : state->is_there;
    for (size_t i = 0; holds && expectation->kind == EXPECT_STATE && i < expectation->state.count; i++)
        holds = !is_closed(&expectation->state.values[i], state) &&
                word_holds(stage, &expectation->state.values[i], state);
    drop_state(state);
    return holds;
}

/* ---- in words -------------------------------------------------------------------------------------------------------- */

static void see_messages(const struct object_state *state, struct bytes *to)
{
    if (state->count == 0)
        bytes_print(to, "%s", _("no message"));
    for (size_t i = 0; i < state->message_count; i++) {
        cleanup_free char *text = text_printable(state->messages[i].text, state->messages[i].len, SHOWN);
        bytes_print(to, _("%sa message of type %ld with \"%s\""), i ? ", " : "", state->messages[i].type,
                    text);
    }
}

static void see_ints(const int *ints, size_t count, struct bytes *to)
{
    for (size_t i = 0; i < count; i++)
        bytes_print(to, "%s%d", i ? ", " : "", ints[i]);
}

static void see_word(const struct state_value *want, const struct object_state *state, struct bytes *to)
{
    int ints[INSPECT_VALUES];
    size_t count = state->text.len / sizeof *ints;
    if (is_closed(want, state)) {
        bytes_print(to, _("%s: its mode %04o lets nobody look"), want->row->word,
                    (unsigned)state->mode & 07777);
        return;
    }
    if (want->row->state != STATE_MESSAGES)
        bytes_print(to, "%s ", want->row->word);
    switch (want->row->state) {
    case STATE_MODE: bytes_print(to, "%04o", (unsigned)state->mode & 07777); break;
    case STATE_OWNER: bytes_print(to, "%s", state->owner == SANDBOX_OTHER_UID ? "other" : "user"); break;
    case STATE_TEXT: {
        size_t len = is_memory(state) ? strnlen(bytes_text(&state->text), state->text.len) : state->text.len;
        cleanup_free char *text = text_printable(bytes_text(&state->text), len, SHOWN);
        bytes_print(to, "\"%s\"", text);
        break;
    }
    case STATE_SIZE: bytes_print(to, "%" PRIu64, state->size); break;
    case STATE_MESSAGES: see_messages(state, to); break;
    case STATE_COUNT: bytes_print(to, "%" PRIu64, state->count); break;
    case STATE_CAPACITY:
    case STATE_MAXMSG: bytes_print(to, "%" PRIu64, state->capacity); break;
    case STATE_MSGSIZE: bytes_print(to, "%" PRIu64, state->message_size); break;
    case STATE_VALUES: see_ints(state->values, state->value_count, to); break;
    case STATE_INTS:
        count = count < want->value.count ? count : want->value.count;
        memcpy(ints, bytes_text(&state->text), count * sizeof *ints);
        see_ints(ints, count, to);
        break;
    case STATE_ATTACHED: bytes_print(to, "%" PRIu64, state->attached); break;
    case STATE_VALUE: bytes_print(to, "%" PRIu64, state->value); break;
    case STATE_WORDS: break;
    }
}

void state_seen(struct stage *stage, const struct expectation *expectation, struct bytes *to)
{
    struct object_state *state = read_state(stage, expectation->object);
    cleanup_free char *thing = thing_text(stage, expectation->object);
    if (!state->is_there) {
        bytes_print(to, _("there is no %s"), thing);
        removal_text(stage, expectation->object, to);
    } else if (expectation->kind != EXPECT_STATE)
        bytes_print(to, _("%s is there"), thing);
    else
        bytes_print(to, _("%s has "), thing);
    for (size_t i = 0; state->is_there && expectation->kind == EXPECT_STATE && i < expectation->state.count;
         i++) {
        bytes_print(to, "%s", i ? ", " : "");
        see_word(&expectation->state.values[i], state, to);
    }
    drop_state(state);
}
