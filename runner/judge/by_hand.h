/* For the tests of this room: texts and a stage made by hand, without sandbox and tracer.
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

#endif
