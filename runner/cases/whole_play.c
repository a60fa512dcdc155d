/* What holds for the whole play: injected faults, and what must never happen. */
#include <errno.h>
#include <string.h>

#include "cases/deed.h"
#include "cases/names.h"
#include "cases/number.h"
#include "cases/step.h"

static bool is_injection_key(const char *word)
{
    return strcmp(word, "nth") == 0 || strcmp(word, "short") == 0;
}

static const char *faults_text(struct reader *reader, const struct deed_row *row)
{
    const char *text = "";
    for (const int *fault = row->faults; fault && *fault; fault++)
        text = arena_print(reader->arena, "%s%s%s", text, *text ? ", " : "", errno_name(*fault));
    if (row->may_be_short)
        text = arena_print(reader->arena, "%s%sshort", text, *text ? ", " : "");
    return *text ? text : "nothing";
}

static bool can_fail_with(const struct deed_row *row, int error)
{
    for (const int *fault = row->faults; fault && *fault; fault++)
        if (*fault == error)
            return true;
    return false;
}

static void check_fault(struct reader *reader, const struct node *map, struct injection *injection)
{
    const struct deed *deed = &injection->deed;
    const struct node *error = node_get(map, "error"), *is_short = node_get(map, "short");
    if (!error == !is_short) {
        reader_fail(reader, map->at, "an injection wants one of error and short");
        return;
    }
    if (is_short) {
        if (!deed->row->may_be_short)
            reader_fail(reader, is_short->at, "%s never comes up short; possible: %s", deed->row->word,
                        faults_text(reader, deed->row));
        number_read_plain(reader, is_short, "short is", 1, INT32_MAX, &injection->short_bytes);
        return;
    }
    if (deed->error_count != 1) {
        if (deed->error_count > 1)
            reader_fail(reader, error->at, "one error is injected at a time");
        return;
    }
    injection->error = deed->errors[0];
    if (injection->error == EINTR)
        reader_fail(reader, error->at,
                    "EINTR is not injected: a program without a handler never meets it; send a signal to one "
                    "that has a handler");
    else if (injection->error != 0 && !can_fail_with(deed->row, injection->error))
        reader_fail(reader, error->at, "%s is not made to fail with %s; possible: %s", deed->row->word,
                    errno_name(injection->error), faults_text(reader, deed->row));
}

static void check_object(struct reader *reader, const struct node *map, const struct deed *deed)
{
    static const char *const everywhere[] = {"read", "write", "open", NULL};
    for (const char *const *word = everywhere; deed->first.kind == TARGET_ANY && *word; word++)
        if (strcmp(*word, deed->row->word) == 0)
            reader_fail(reader, map->at, "say which object: '%s: any' also hits what the libraries do",
                        deed->row->word);
}

static bool check_actor(struct reader *reader, const struct who *who)
{
    const struct name *name = &reader->names[who->name];
    return name->role == NAME_ACTOR ||
           reader_fail(reader, who->at, "'%s' is not a student's program", name->word);
}

static void read_injection(struct reader *reader, const struct node *key, const struct node *value,
                           struct injection *injection)
{
    struct deed_place place = {.is_other = is_injection_key};
    injection->nth = 1;
    if (!names_who(reader, key, &injection->who) || !check_actor(reader, &injection->who) || value->is_told)
        return;
    place.who = injection->who.name;
    deed_read(reader, value, &place, &injection->deed);
    if (!injection->deed.row)
        return;
    check_fault(reader, value, injection);
    check_object(reader, value, &injection->deed);
    const struct node *nth = node_get(value, "nth");
    if (nth && node_is(nth, "each"))
        injection->nth = 0;
    else if (nth && !nth->is_told)
        number_read_plain(reader, nth, "nth is 'each' or", 1, INT32_MAX, &injection->nth);
}

static void read_never(struct reader *reader, const struct node *key, const struct node *value,
                       struct never *never)
{
    struct deed_place place = {0};
    if (!names_who(reader, key, &never->who) || !check_actor(reader, &never->who) || value->is_told)
        return;
    place.who = never->who.name;
    deed_read(reader, value, &place, &never->deed);
}

void inject_read_all(struct reader *reader, const struct node *list, struct scenario *scenario)
{
    struct injection *injections = NULL;
    reader->stage = STAGE_WHOLE_PLAY;
    for (size_t i = 0; i < node_count(list); i++) {
        const struct node *map = node_item(list, i);
        if (!reader_has_items(reader, map, "inject is a list: [{WHO: {DEED: .., error: E}}]"))
            continue;
        for (size_t k = 0; k < map->count; k++)
            read_injection(reader, map->keys[k], map->items[k],
                           ARENA_ADD(reader->arena, injections, scenario->injection_count));
    }
    scenario->injections = injections;
}

void never_read_all(struct reader *reader, const struct node *list, struct scenario *scenario)
{
    struct never *nevers = NULL;
    reader->stage = STAGE_WHOLE_PLAY;
    for (size_t i = 0; i < node_count(list); i++) {
        const struct node *map = node_item(list, i);
        if (!reader_has_items(reader, map, "never is a list: [{WHO: {DEED: ..}}]"))
            continue;
        for (size_t k = 0; k < map->count; k++)
            read_never(reader, map->keys[k], map->items[k],
                       ARENA_ADD(reader->arena, nevers, scenario->never_count));
    }
    scenario->nevers = nevers;
}
