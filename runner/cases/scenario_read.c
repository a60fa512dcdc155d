/* The top level of a case. The table's order is the order of reading: names before steps, steps before what remains. */
#include "cases/scenario_read.h"

#include <string.h>

#include "cases/names.h"
#include "cases/number.h"
#include "cases/object.h"
#include "cases/pattern.h"
#include "cases/settings.h"
#include "cases/start.h"
#include "cases/step.h"
#include "cases/value.h"

const struct word_row visibility_words[] = {
    {"visible", VISIBLE},
    {"hidden", HIDDEN},
    {"after_due_date", AFTER_DUE_DATE},
    {0},
};

static void read_title(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct scenario *scenario = into;
    words_read(reader, value, &scenario->title);
    if (scenario->title.in[ENGLISH] && !*scenario->title.in[ENGLISH])
        reader_fail(reader, key->at, "the title is empty");
}

static void read_program(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    (void)key;
    if (reader_is_text(reader, value, "the name of a program is expected here") &&
        start_check_program(reader, value))
        ((struct scenario *)into)->program = value->text;
}

static void read_points(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    (void)key;
    hundredths_read(reader, value, "points are", &((struct scenario *)into)->points);
}

static void read_visibility(struct reader *reader, const struct node *key, const struct node *value,
                            void *into)
{
    int64_t visibility = VISIBLE;
    (void)key;
    reader_word(reader, value, visibility_words, "a visibility", &visibility);
    ((struct scenario *)into)->visibility = (enum visibility)visibility;
}

static void read_needs(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct scenario *scenario = into;
    const char **ids = NULL;
    struct where *places = NULL;
    size_t count = 0;
    (void)key;
    for (size_t i = 0; i < node_count(value); i++) {
        const struct node *item = node_item(value, i);
        if (!reader_is_text(reader, item, "the id of a case is expected here: GROUP/NAME"))
            continue;
        *ARENA_ADD(reader->arena, places, count) = item->at;
        *ARENA_ADD(reader->arena, ids, scenario->need_count) = item->text;
    }
    scenario->needs = ids;
    reader->places = places;
}

static void read_see(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct scenario *scenario = into;
    const char **sources = NULL;
    (void)key;
    for (size_t i = 0; i < node_count(value); i++) {
        const char *source = text_read_plain(reader, node_item(value, i));
        if (source)
            *ARENA_ADD(reader->arena, sources, scenario->see_count) = source;
    }
    scenario->see = sources;
}

static void read_hint(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    (void)key;
    words_read(reader, value, &((struct scenario *)into)->hint);
}

static void read_puppet(struct reader *reader, const struct node *key, const struct node *value)
{
    static const char law[] = "a puppet is a name, or {name: {user: other}}";
    int index = key->kind == NODE_TEXT ? names_find(reader, key->text) : -1;
    if (index < 0 || reader->names[index].role != NAME_PUPPET || !reader_is_map(reader, value, law))
        return;
    for (size_t i = 0; i < value->count; i++) {
        int64_t owner = 0;
        if (!node_is(value->keys[i], "user"))
            reader_fail(reader, value->keys[i]->at, law);
        else if (reader_word(reader, value->items[i], value_owners, "a user", &owner))
            reader->names[index].is_other_user = owner != 0;
    }
}

static void read_puppets(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    (void)key;
    (void)into;
    for (size_t i = 0; value->kind == NODE_MAP && i < value->count; i++)
        read_puppet(reader, value->keys[i], value->items[i]);
}

static void read_given(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    (void)key;
    (void)into;
    object_read_all(reader, value, true);
}

static void read_names(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    (void)key;
    (void)into;
    object_read_all(reader, value, false);
}

static void read_limits(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    (void)key;
    limits_read(reader, value, &((struct scenario *)into)->limits);
}

static void read_inject(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    (void)key;
    inject_read_all(reader, value, into);
}

static void read_steps(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    (void)key;
    step_read_all(reader, value, into);
}

static void read_never(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    (void)key;
    never_read_all(reader, value, into);
}

static const int *read_objects(struct reader *reader, const struct node *value, size_t *count)
{
    int *list = NULL;
    const char **words = NULL;
    size_t known = 0;
    for (size_t i = 0; i < reader->name_count; i++)
        if (reader->names[i].role == NAME_OBJECT)
            *ARENA_ADD(reader->arena, words, known) = reader->names[i].word;
    *ARENA_ADD(reader->arena, words, known) = NULL;
    for (size_t i = 0; i < node_count(value); i++) {
        const struct node *item = node_item(value, i);
        if (!reader_is_text(reader, item, "the name of an object is expected here"))
            continue;
        int index = names_find(reader, item->text);
        if (index < 0 || reader->names[index].role != NAME_OBJECT) {
            reader_fail(reader, item->at, "'%s' is not declared under given or names%s", item->text,
                        reader_nearest(reader, item->text, words));
            continue;
        }
        reader->players[index].is_used = true;
        if (names_check_no_key(reader, item, index))
            *ARENA_ADD(reader->arena, list, *count) = index;
    }
    return list;
}

static void read_left(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct scenario *scenario = into;
    (void)key;
    scenario->has_left = true;
    if (!node_is(value, "nothing"))
        scenario->left = read_objects(reader, value, &scenario->left_count);
}

static void read_may_be_left(struct reader *reader, const struct node *key, const struct node *value,
                             void *into)
{
    struct scenario *scenario = into;
    (void)key;
    scenario->may_be_left = read_objects(reader, value, &scenario->may_be_left_count);
}

static void read_rules(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct scenario *scenario = into;
    const struct assignment *assignment = reader->assignment;
    (void)key;
    prices_read(reader, value, assignment ? assignment->prices : NULL,
                assignment ? assignment->price_count : 0, &scenario->prices, &scenario->price_count);
}

const struct key_row case_keys[] = {
    {"title", read_title, "text or {en: .., ko: ..}", "one sentence, as in the textbook", "title", NULL},
    {"program", read_program, "a program of the assignment",
     "the exercise; without it the program of the first `start`", "plain", NULL},
    {"points", read_points, "number, one decimal at most", "what the case is worth; 1", "points", NULL},
    {"visibility", read_visibility, "`visible`, `hidden`, `after_due_date`",
     "a hidden case shows group, points and verdict only; `visible`", NULL, visibility_words},
    {"needs", read_needs, "id, or a list", "cases (`GROUP/NAME`) that must pass first", "plains", NULL},
    {"see", read_see, "text, or a list", "sources: manual pages, chapters", "plains", NULL},
    {"hint", read_hint, "text or {en: .., ko: ..}", "advice when the case fails", "sentence", NULL},
    {"puppets", read_puppets, "list of names, or {NAME: {user: other}}",
     "puppets beside `peer`, which always exists", "puppets", NULL},
    {"given", read_given, "{NAME: KIND or {is: KIND, ..}}",
     "what is there before the first step, and in which state", "given", NULL},
    {"names", read_names, "{NAME: KIND or {is: KIND, ..}}",
     "what the program is to make: kind and identity, no state", "named", NULL},
    {"limits", read_limits, "{LIMIT: N}", "over the assignment's", "limits", NULL},
    {"inject", read_inject, "[{WHO: {DEED, error: E or short: N, nth: N or `each`}}]",
     "makes the `nth` (1) matching call fail, or come up short; `each`: all of them", "inject", NULL},
    {"steps", read_steps, "list of steps", "the play", "steps", NULL},
    {"never", read_never, "[{WHO: DEED}]", "fails at the moment it happens, at any time of the play", "never",
     NULL},
    {"left", read_left, "list of objects, or `nothing`", "what must remain, instead of what was given",
     "left", NULL},
    {"may_be_left", read_may_be_left, "list of objects", "what may remain or go", "objects", NULL},
    {"rules", read_rules, "{RULE: N or `ignored`}", "what an end check or a finding costs; see below",
     "prices", NULL},
    {0},
};

static void check_costs(struct reader *reader, const struct scenario *scenario)
{
    int costs = 0;
    struct where at = scenario->at;
    for (size_t i = 0; i < scenario->step_count; i++) {
        costs += scenario->steps[i].cost;
        at = scenario->steps[i].has_cost ? scenario->steps[i].at : at; /* the last one */
    }
    if (costs > scenario->points)
        reader_fail(reader, at, "the costs of the steps (%s) are more than the points (%s)",
                    hundredths_text(reader->arena, costs), hundredths_text(reader->arena, scenario->points));
}

static void find_program(struct reader *reader, struct scenario *scenario)
{
    bool has_start = false;
    for (size_t i = 0; i < scenario->step_count; i++) {
        if (scenario->steps[i].kind != STEP_START || scenario->steps[i].count == 0)
            continue;
        has_start = true;
        if (!scenario->program)
            scenario->program = scenario->steps[i].starts[0].program;
    }
    if (!has_start && reader->errors == 0)
        reader_fail(reader, scenario->at, "nothing is started: a case starts at least one program");
}

void scenario_read(struct reader *reader, const struct document *document, struct scenario *scenario)
{
    const struct node *root = document->root;
    scenario->at = (struct where){reader->file, 1, 1};
    scenario->points = 100;
    scenario->limits = limits_unsaid();
    scenario->source = document->source;
    if (reader->assignment) {
        scenario->prices = reader->assignment->prices;
        scenario->price_count = reader->assignment->price_count;
    }
    reader->scenario = scenario;
    if (!reader_is_map(reader, root, "a case is a map of keys: title: .., steps: .."))
        return;
    names_declare(reader, root);
    reader_keys(reader, root, case_keys, "a key of a case", scenario);
    scenario->names = reader->names;
    scenario->name_count = reader->name_count;
    if (!node_get(root, "title"))
        reader_fail(reader, scenario->at, "'title' is missing");
    if (!node_get(root, "steps"))
        reader_fail(reader, scenario->at, "'steps' is missing");
    check_costs(reader, scenario);
    find_program(reader, scenario);
    /* Where something else is wrong, what was to use a name may be just that. */
    if (reader->errors == 0)
        names_check_used(reader);
}
