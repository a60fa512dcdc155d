/* For the tests of this room: texts, deeds, calls and a stage made by hand, without sandbox and tracer.
 *
 * The stage knows the queue q (key 0x1234), the FIFO box (path "a.b+c"), and the puppet peer, which was not started.
 */
#ifndef IPCGRADE_JUDGE_BY_HAND_H
#define IPCGRADE_JUDGE_BY_HAND_H

#include <string.h>

#include "calls/vocabulary.h"
#include "judge/stage.h"

#define LENGTH(...) (sizeof(__VA_ARGS__) / sizeof *(__VA_ARGS__))

#define BYTES(text) ((struct part){.kind = PART_BYTES, .data = (text), .len = sizeof(text) - 1})
#define FILL(count) ((struct part){.kind = PART_FILL, .len = (count)})
#define WILD(which) ((struct part){.kind = PART_WILD, .wild = (which)})
#define REF(of, as) ((struct part){.kind = PART_REF, .name = (of), .what = (as)})

#define TEXT(...)                                                                                            \
    ((struct text){.parts = (const struct part[]){__VA_ARGS__},                                              \
                   .count = LENGTH((const struct part[]){__VA_ARGS__})})
#define TEXTS(...)                                                                                           \
    ((struct text_list){.texts = (const struct text[]){__VA_ARGS__},                                         \
                        .count = LENGTH((const struct text[]){__VA_ARGS__})})
#define PLAIN(text) TEXT(BYTES(text))
#define EXACT(...) ((struct pattern){.kind = PATTERN_EXACT, .texts = TEXTS(TEXT(__VA_ARGS__))})

#define NUMBER(of) ((struct number){.value = (of)})
#define ONE_OF(...)                                                                                          \
    ((struct range){.one_of = (const struct number[]){__VA_ARGS__},                                          \
                    .count = LENGTH((const struct number[]){__VA_ARGS__})})
#define ONLY(of) ONE_OF(NUMBER(of))

enum { Q, BOX, PEER, NAMES };

struct by_hand {
    struct scenario scenario;
    struct name names[NAMES];
    struct thing things[NAMES];
    struct actor actors[1];
    int actor_of[NAMES];
    struct stage stage;
};

/* Fill in; the pointers inside lead into *hand, which must stay where it is. */
static inline struct stage *by_hand(struct by_hand *hand)
{
    *hand = (struct by_hand){
        .names =
            {[Q] = {.word = "q", .role = NAME_OBJECT, .kind = vocabulary_kind("queue"), .is_given = true},
             [BOX] = {.word = "box", .role = NAME_OBJECT, .kind = vocabulary_kind("fifo"), .is_given = true},
             [PEER] = {.word = "peer", .role = NAME_PUPPET}},
        .things = {[Q] = {.path = "q", .key = 0x1234, .given = {OBJECT_QUEUE, 0, 77}},
                   [BOX] = {.path = "a.b+c", .given = {OBJECT_FIFO, 5, 99}}},
        .actors = {{.name = PEER, .word = "peer", .role = ROLE_PUPPET, .main = -1}},
        .actor_of = {[Q] = -1, [BOX] = -1, [PEER] = 0},
    };
    hand->scenario = (struct scenario){.names = hand->names, .name_count = NAMES};
    hand->stage = (struct stage){.scenario = &hand->scenario,
                                 .actors = hand->actors,
                                 .actor_count = 1,
                                 .actor_of = hand->actor_of,
                                 .things = hand->things};
    return &hand->stage;
}

/* ---- deeds and calls ------------------------------------------------------------------------------------ */

/* The deed of that word, on anything, with the parameters. */
#define PARAMS(...)                                                                                          \
    (const struct param_value[]){__VA_ARGS__}, LENGTH((const struct param_value[]){__VA_ARGS__})

static inline struct deed a_deed(const char *word, const struct param_value *params, size_t count)
{
    return (struct deed){
        .row = vocabulary_deed(word), .first = {.kind = TARGET_ANY}, .params = params, .count = count};
}

static inline const struct param_row *param_of(const char *word, const char *param)
{
    return deed_param(vocabulary_deed(word), param);
}

static inline struct param_value with_bits(const char *word, const char *param, int64_t value)
{
    return (struct param_value){param_of(word, param), {.bits = value}};
}

static inline struct param_value with_range(const char *word, const char *param, struct range range)
{
    return (struct param_value){param_of(word, param), {.range = range}};
}

/* A successful call of the family of the word. */
static inline struct event a_call(const char *word)
{
    struct event made = {0};
    call_init(&made.call);
    made.call.deed = vocabulary_deed(word);
    made.call.row = made.call.deed->calls;
    made.call.is_done = true;
    return made;
}

static inline void give_data(struct event *to, const char *data, size_t len)
{
    bytes_add(&to->call.data, data, len, len);
    to->call.data_len = len;
}

#endif
