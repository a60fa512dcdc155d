/* The steps of a case, one reader for each kind. */
#include "cases/step.h"

#include <signal.h>
#include <string.h>

#include "cases/deed.h"
#include "cases/look.h"
#include "cases/names.h"
#include "cases/number.h"
#include "cases/pattern.h"
#include "cases/settings.h"
#include "cases/start.h"
#include "cases/value.h"

/* "Maximum line length is 4096 chars (including the terminating newline character)": termios(3), canonical mode. */
enum { TERMINAL_LINE_MAX = 4095 };

static void begin(struct step *step, enum step_kind kind)
{
    step->kind = kind;
    step->count = 0; /* of another kind in the same map, which is told */
}

static void read_start(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct step *step = into;
    (void)key;
    begin(step, STEP_START);
    start_read_all(reader, value, &step->starts, &step->count);
}

/* ---- do ------------------------------------------------------------------------------------------------------------- */

static bool check_puppet(struct reader *reader, const struct who *who)
{
    const struct name *name = &reader->names[who->name];
    if (name->role == NAME_ACTOR)
        return reader_fail(
            reader, who->at,
            "'%s' is a student's program: it cannot be told what to do; declare a puppet, or expect",
            name->word);
    return names_is_person(name) || !name->kind ||
           reader_fail(reader, who->at, "'%s' is a %s: it cannot be told what to do", name->word,
                       name->kind->word);
}

static void read_act(struct reader *reader, const struct node *key, const struct node *value, struct act *act)
{
    if (!names_who(reader, key, &act->who) || !check_puppet(reader, &act->who) || value->is_told)
        return;
    struct player *player = &reader->players[act->who.name];
    struct deed_place place = {.who = act->who.name, .is_done = true};
    if (player->exit_line > 0)
        reader_fail(reader, key->at, "'%s' has ended, by its exit at line %d", key->text, player->exit_line);
    const struct node *blocks = node_get(value, "blocks");
    act->must_block = blocks != NULL;
    place.must_block = act->must_block;
    if (blocks && value->count > 1)
        reader_fail(reader, value->at, "beside 'blocks' stands nothing else: {blocks: {open: box}}");
    else
        deed_read(reader, blocks ? blocks : value, &place, &act->deed);
    bool is_puppet = reader->names[act->who.name].role == NAME_PUPPET; /* a stand-in may be executed again */
    if (is_puppet && act->deed.first.kind == TARGET_STATUS)
        player->exit_line = key->at.line;
}

static void read_do(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct step *step = into;
    struct act *list = NULL;
    (void)key;
    begin(step, STEP_DO);
    if (!reader_has_items(reader, value, "do is a map: {PUPPET: {WORD: what, ..}, ..}"))
        return;
    for (size_t i = 0; i < value->count; i++)
        read_act(reader, value->keys[i], value->items[i], ARENA_ADD(reader->arena, list, step->count));
    step->acts = list;
}

static void read_expect(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct step *step = into;
    (void)key;
    begin(step, STEP_EXPECT);
    look_read_alternatives(reader, value, &step->alternatives, &step->count);
}

/* ---- input ---------------------------------------------------------------------------------------------------------- */

static bool check_input(struct reader *reader, const struct who *who, const char *verb)
{
    const struct name *name = &reader->names[who->name];
    struct player *player = &reader->players[who->name];
    if (name->role != NAME_ACTOR)
        return reader_fail(reader, who->at, "'%s' is not a student's program: it has no input of the case",
                           name->word);
    if (who->part == WHO_CHILD || who->part == WHO_HELD)
        return reader_fail(reader, who->at, "the input is the started program's: write '%s'", name->word);
    if (!names_check_started(reader, who) || player->is_input_told)
        return false;
    player->is_input_told = player->input == INPUT_NOT_OPEN;
    if (player->input == INPUT_NOT_OPEN)
        return reader_fail(reader, player->started_at,
                           "the case %s '%s', whose standard input is not open for it", verb, name->word);
    return player->input != INPUT_ENDED ||
           reader_fail(reader, who->at, "the input of '%s' has ended already", name->word);
}

static void read_one_send(struct reader *reader, const struct node *key, const struct node *value,
                          struct send *send)
{
    bool has_who = names_who(reader, key, &send->who) && check_input(reader, &send->who, "sends to");
    if (value->is_told || !data_read(reader, value, TEXT_SENT, &send->data) || !has_who)
        return;
    if (reader->players[send->who.name].is_on_terminal && text_longest_line(&send->data) > TERMINAL_LINE_MAX)
        reader_fail(reader, value->at,
                    "a terminal takes lines of at most %d bytes; give 'input' or 'io: pipe' to the start",
                    TERMINAL_LINE_MAX);
}

static void read_send(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct step *step = into;
    struct send *list = NULL;
    (void)key;
    begin(step, STEP_SEND);
    if (!reader_has_items(reader, value, "send is a map: {ACTOR: text, ..}"))
        return;
    for (size_t i = 0; i < value->count; i++)
        read_one_send(reader, value->keys[i], value->items[i], ARENA_ADD(reader->arena, list, step->count));
    step->sends = list;
}

static void read_eof(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct step *step = into;
    struct who *list = NULL;
    begin(step, STEP_EOF);
    if (node_count(value) == 0)
        reader_fail(reader, key->at, "eof wants the name of a program");
    for (size_t i = 0; i < node_count(value); i++) {
        struct who *who = ARENA_ADD(reader->arena, list, step->count);
        if (names_who(reader, node_item(value, i), who) && check_input(reader, who, "ends the input of"))
            reader->players[who->name].input = INPUT_ENDED;
    }
    step->whos = list;
}

static void read_signal(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct step *step = into;
    struct signal_act *list = NULL;
    (void)key;
    begin(step, STEP_SIGNAL);
    if (!reader_has_items(reader, value, "signal is a map: {WHO: SIGNAL, ..}"))
        return;
    for (size_t i = 0; i < value->count; i++) {
        struct signal_act *act = ARENA_ADD(reader->arena, list, step->count);
        if (names_who(reader, value->keys[i], &act->who) && names_check_started(reader, &act->who) &&
            !names_is_person(&reader->names[act->who.name]))
            reader_fail(reader, act->who.at, "'%s' is not a process", value->keys[i]->text);
        if (!value->items[i]->is_told)
            value_signal(reader, value->items[i], &act->signal);
        if (act->who.part == WHO_HELD && act->signal == SIGKILL)
            reader->players[act->who.name].is_held = false; /* nobody is left who could be let go */
    }
    step->signals = list;
}

/* ---- hold, release -------------------------------------------------------------------------------------------------- */

static void read_point(struct reader *reader, const struct node *value, struct hold *hold)
{
    const struct node *blocks = hold->is_before ? node_get(value, "blocks") : NULL;
    struct deed_place place = {.who = hold->who.name};
    struct deed *deed = arena_alloc(reader->arena, sizeof *deed);
    hold->any_blocking = blocks != NULL;
    if (blocks && (value->count > 1 || !node_is(blocks, "any")))
        reader_fail(reader, blocks->at,
                    "a hold before any call that may block is written {before: {blocks: any}}");
    else if (!blocks && deed_read(reader, value, &place, deed))
        hold->deed = deed;
}

static void read_before(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct hold *hold = into;
    (void)key;
    hold->is_before = true;
    read_point(reader, value, hold);
}

static void read_after(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    (void)key;
    read_point(reader, value, into);
}

const struct key_row hold_keys[] = {
    {"before", read_before, "DEED, `{blocks: any}`",
     "nothing of the call has happened; a signal sent to the held process is handled first, then the call "
     "begins. `{blocks: "
     "any}`: the first call that would block if it were made now, on anything but plain files and the "
     "runner's streams (no open but of a FIFO, no read where something is there); of several threads each is "
     "held at its own, until none goes on",
     "hold_before", NULL},
    {"after", read_after, "DEED", "the call has been carried out, the program has not seen the result",
     "deed_looked", NULL},
    {0},
};

static void read_one_hold(struct reader *reader, const struct node *key, const struct node *value,
                          struct hold *hold)
{
    if (!names_who(reader, key, &hold->who))
        return;
    const struct name *name = &reader->names[hold->who.name];
    struct player *player = &reader->players[hold->who.name];
    if (name->role != NAME_ACTOR)
        reader_fail(reader, key->at, "'%s' does only what the case says: it needs no hold", name->word);
    else if (player->is_held)
        reader_fail(reader, key->at, "'%s' has a hold already, since line %d; release it first", name->word,
                    player->held_at.line);
    player->is_held = player->was_held = true;
    player->held_at = key->at;
    player->held_since = reader->acts;
    if (!value->is_told && reader_keys(reader, value, hold_keys, "before or after", hold) &&
        value->count != 1)
        reader_fail(reader, value->at, "a hold is one of before and after: {before: {write: box}}");
}

static void read_hold(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct step *step = into;
    struct hold *list = NULL;
    (void)key;
    begin(step, STEP_HOLD);
    if (!reader_has_items(reader, value, "hold is a map: {WHO: {before: DEED}}"))
        return;
    for (size_t i = 0; i < value->count; i++)
        read_one_hold(reader, value->keys[i], value->items[i], ARENA_ADD(reader->arena, list, step->count));
    step->holds = list;
}

static void read_release(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct step *step = into;
    struct who *list = NULL;
    begin(step, STEP_RELEASE);
    if (node_count(value) == 0)
        reader_fail(reader, key->at, "release wants the name of who is held");
    for (size_t i = 0; i < node_count(value); i++) {
        struct who *who = ARENA_ADD(reader->arena, list, step->count);
        if (!names_who(reader, node_item(value, i), who))
            continue;
        if (!reader->players[who->name].is_held)
            reader_fail(reader, who->at, "nothing holds '%s'", reader->names[who->name].word);
        else if (reader->players[who->name].held_since == reader->acts)
            reader_fail(reader, who->at,
                        "nobody moves between the hold on '%s' (line %d) and its release; a hold stands "
                        "before the step "
                        "that leads there",
                        reader->names[who->name].word, reader->players[who->name].held_at.line);
        reader->players[who->name].is_held = false;
    }
    step->whos = list;
}

/* ---- beside a step -------------------------------------------------------------------------------------------------- */

static void read_hint(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct step *step = into;
    struct words words = {{0}};
    (void)key;
    if (!words_read(reader, value, &words))
        return;
    struct text *texts = NULL;
    size_t count = 0;
    for (int language = 0; language < LANGUAGES && words.in[language]; language++) {
        struct part *part = arena_alloc(reader->arena, sizeof *part);
        *part =
            (struct part){.kind = PART_BYTES, .data = words.in[language], .len = strlen(words.in[language])};
        *ARENA_ADD(reader->arena, texts, count) = (struct text){.at = value->at, .parts = part, .count = 1};
    }
    step->hint = (struct text_list){texts, count};
}

static void read_cost(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct step *step = into;
    if (step->kind != STEP_EXPECT)
        reader_fail(reader, key->at, "only an expect can have a cost");
    step->has_cost = hundredths_read(reader, value, "a cost is", &step->cost);
}

/* Kinds of step first: hint and cost look at them. */
const struct key_row step_keys[] = {
    {"start", read_start, "{ACTOR: [program, argument..] or {run: [..], OPTION..}, ..}",
     "puts all actors of the map in place, then lets them go together", "starts", NULL},
    {"do", read_do, "{PUPPET: DEED or {blocks: DEED}, ..}",
     "a puppet or stand-in does it, successfully; several begin in the order written, within one turn. With "
     "`blocks` it begins "
     "and must be blocked when the turn is over",
     "acts", NULL},
    {"expect", read_expect, "{WHO: LOOK, OBJECT: STATE, ..} or {any: [{..}, {..}]}",
     "looks; everything in the map must hold at the same moment. `any`: one of the maps", "expect", NULL},
    {"send", read_send, "{ACTOR: DATA, ..}", "data to the standard input of the started program", "sends",
     NULL},
    {"eof", read_eof, "ACTOR, or a list", "the end of its standard input", "whos", NULL},
    {"signal", read_signal, "{WHO: SIGNAL, ..}", "sends it; fails when nobody of that name lives",
     "signals_sent", NULL},
    {"hold", read_hold, "{WHO: {before: DEED}} or {WHO: {after: DEED}}",
     "arms a trap; stands before the step that leads there", "holds", NULL},
    {"release", read_release, "WHO, or a list", "lets the held process go on; fails when nobody was caught",
     "whos", NULL},
    {"hint", read_hint, "text or {en: .., ko: ..}",
     "beside any step: advice when it fails, before the case's own", "sentence", NULL},
    {"cost", read_cost, "N", "beside expect: a look that fails costs so many points, and the play goes on",
     "points", NULL},
    {0},
};

bool step_is_kind(const struct key_row *row)
{
    return row->read != read_hint && row->read != read_cost;
}

static bool is_kind(const struct node *key)
{
    for (const struct key_row *row = step_keys; row->word; row++)
        if (node_is(key, row->word))
            return step_is_kind(row);
    return false;
}

static void refuse_second(struct reader *reader, const struct node *map)
{
    const struct node *first = NULL;
    for (size_t i = 0; i < map->count; i++) {
        if (first && is_kind(map->keys[i])) {
            reader_fail(reader, map->keys[i]->at,
                        "'%s' is a second step beside '%s': each step begins with '- '", map->keys[i]->text,
                        first->text);
            return;
        }
        first = is_kind(map->keys[i]) ? map->keys[i] : first;
    }
}

static void read_step(struct reader *reader, const struct node *map, struct step *step)
{
    static const char one_of[] = "a step holds one of do, eof, expect, hold, release, send, signal, start";
    step->at = map->at;
    if (!reader_is_map(reader, map, one_of) || map->is_told)
        return;
    size_t kinds = 0, errors = reader->errors;
    for (size_t i = 0; i < map->count; i++)
        kinds += is_kind(map->keys[i]);
    reader_keys(reader, map, step_keys, "a step", step);
    if (kinds > 1)
        refuse_second(reader, map);
    else if (kinds == 0 && reader->errors == errors)
        reader_fail(reader, map->at, one_of);
}

static void check_holds(struct reader *reader)
{
    for (size_t i = 0; i < reader->name_count; i++)
        if (reader->players[i].is_held)
            reader_fail(reader, reader->players[i].held_at, "the hold on '%s' is never released",
                        reader->names[i].word);
}

void step_read_all(struct reader *reader, const struct node *list, struct scenario *scenario)
{
    struct step *steps = NULL;
    if (list->kind != NODE_LIST || list->count == 0) {
        if (!list->is_told)
            reader_fail(reader, list->at, "steps are a list: each begins with '- '");
        return;
    }
    reader->stage = STAGE_STEPS;
    for (size_t i = 0; i < list->count; i++) {
        struct step *step = ARENA_ADD(reader->arena, steps, scenario->step_count);
        read_step(reader, list->items[i], step);
        reader->acts += step->kind != STEP_EXPECT && step->kind != STEP_HOLD;
    }
    scenario->steps = steps;
    check_holds(reader);
}
