/* Is a list of lines an interleaving of groups of lines?
 *
 * Theory of operation. A state is how far each group has come; a line can be taken by any group whose next text it matches. The
 * search goes forward with the first group that fits and turns back where no group takes a line. States that led nowhere are
 * remembered by a hash in which groups with the same texts are exchangeable, so that equal writers cost little. Longer groups are
 * asked first, since a single text may as well come later, and a list may not. That leaves work only where different groups share
 * lines, and a limit for the worst of that.
 */
#include "judge/interleaving.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

enum { MOST_FAILED = 1 << 20 };

struct writer { /* one writer */
    struct wanted *texts;
    size_t count, at;
    uint64_t kind; /* the same for groups with the same texts */
};

struct hashes { /* a set; 0 is a free place */
    uint64_t *items;
    size_t count, room;
};

struct search {
    struct writer *groups;
    size_t group_count;
    struct wanted *texts; /* of all groups */
    size_t text_count;
    const struct slice *lines;
    size_t count;
    size_t *taker; /* per line: the group that took it */
    uint64_t state;
    struct hashes failed;
};

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t mixed = (a ^ (b * 0x9e3779b97f4a7c15ULL)) + 0x2545f4914f6cdd1dULL;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31);
}

static size_t place_of(const struct hashes *set, uint64_t hash)
{
    size_t place = hash & (set->room - 1);
    while (set->items[place] && set->items[place] != hash)
        place = (place + 1) & (set->room - 1);
    return place;
}

static bool hashes_have(const struct hashes *set, uint64_t hash)
{
    return set->room > 0 && set->items[place_of(set, hash)] == hash;
}

static bool hashes_grow(struct hashes *set)
{
    struct hashes grown = {.count = set->count, .room = set->room ? set->room * 2 : 256};
    grown.items = calloc(grown.room, sizeof *grown.items);
    if (!grown.items)
        return false;
    for (size_t i = 0; i < set->room; i++)
        if (set->items[i])
            grown.items[place_of(&grown, set->items[i])] = set->items[i];
    free(set->items);
    *set = grown;
    return true;
}

static bool hashes_add(struct hashes *set, uint64_t hash)
{
    if (set->count * 2 >= set->room && !hashes_grow(set))
        return false;
    size_t place = place_of(set, hash);
    set->count += set->items[place] == 0;
    set->items[place] = hash;
    return true;
}

/* ---- making ready -------------------------------------------------------------------------------------------------- */

static int longer_first(const void *a, const void *b)
{
    const struct writer *one = a, *other = b;
    return (one->count < other->count) - (one->count > other->count);
}

static bool make_group(struct stage *stage, const struct text_list *list, struct search *search,
                       struct err *err)
{
    struct writer *group = &search->groups[search->group_count++];
    group->texts = &search->texts[search->text_count];
    for (; group->count < list->count; group->count++, search->text_count++) {
        struct wanted *wanted = &group->texts[group->count];
        if (!wanted_make(stage, &list->texts[group->count], false, wanted, err))
            return false;
        group->kind = mix(group->kind, wanted->source.len * 2 + (wanted->code != NULL));
        for (size_t i = 0; i < wanted->source.len; i++)
            group->kind = mix(group->kind, (unsigned char)wanted->source.data[i]);
    }
    return true;
}

static bool make_search(struct stage *stage, const struct pattern *pattern, struct search *search,
                        struct err *err)
{
    search->groups = calloc(pattern->group_count + 1, sizeof *search->groups);
    search->texts = calloc(search->count + 1, sizeof *search->texts);
    search->taker = calloc(search->count + 1, sizeof *search->taker);
    if (!search->groups || !search->texts || !search->taker)
        return err_sys(err, "compare lines");
    for (size_t g = 0; g < pattern->group_count; g++)
        if (!make_group(stage, &pattern->groups[g], search, err))
            return false;
    qsort(search->groups, search->group_count, sizeof *search->groups, longer_first);
    return true;
}

static void free_search(struct search *search)
{
    for (size_t i = 0; i < search->text_count; i++)
        wanted_free(&search->texts[i]);
    free(search->texts);
    free(search->groups);
    free(search->taker);
    free(search->failed.items);
}

/* ---- a quick no ------------------------------------------------------------------------------------------------------ */

static int compare_slices(const void *a, const void *b)
{
    const struct slice *one = a, *other = b;
    int order = memcmp(one->data, other->data, one->len < other->len ? one->len : other->len);
    return order ? order : (one->len > other->len) - (one->len < other->len);
}

static bool has_wildcards(const struct search *search)
{
    for (size_t i = 0; i < search->count; i++)
        if (search->texts[i].code)
            return true;
    return false;
}

/* Whatever the order: are these the lines at all? Answers only where no text has wildcards, else "maybe". */
static bool may_hold(const struct search *search)
{
    if (has_wildcards(search))
        return true;
    cleanup_free struct slice *want = calloc(2 * search->count + 1, sizeof *want);
    if (!want)
        return true;
    struct slice *came = want + search->count;
    for (size_t i = 0; i < search->count; i++) {
        want[i] = (struct slice){bytes_text(&search->texts[i].source), search->texts[i].source.len};
        came[i] = search->lines[i];
    }
    qsort(want, search->count, sizeof *want, compare_slices);
    qsort(came, search->count, sizeof *came, compare_slices);
    bool holds = true;
    for (size_t i = 0; holds && i < search->count; i++)
        holds = compare_slices(&want[i], &came[i]) == 0;
    return holds;
}

/* ---- the search ------------------------------------------------------------------------------------------------------ */

/* The state is a sum over groups, so that a step changes one term. */
static uint64_t term(const struct writer *group)
{
    return group->at == 0 ? 0 : mix(group->kind, group->at);
}

static void move_group(struct search *search, size_t g, bool is_forward)
{
    struct writer *group = &search->groups[g];
    search->state -= term(group);
    group->at += is_forward ? 1 : (size_t)-1;
    search->state += term(group);
}

/* The first group from `g` on that can take the line and has not led nowhere before; it has taken it then. */
static bool take_line(struct search *search, size_t line, size_t g, struct err *err)
{
    for (; g < search->group_count; g++) {
        const struct writer *group = &search->groups[g];
        if (group->at == group->count ||
            !wanted_holds(&group->texts[group->at], search->lines[line], true, err))
            continue;
        move_group(search, g, true);
        if (!hashes_have(&search->failed, search->state)) {
            search->taker[line] = g;
            return true;
        }
        move_group(search, g, false);
    }
    return false;
}

static bool run_search(struct search *search, struct err *err)
{
    size_t line = 0, from = 0;
    while (line < search->count) {
        if (take_line(search, line, from, err)) {
            line++;
            from = 0;
            continue;
        }
        if (line == 0)
            return false;
        if (search->failed.count >= MOST_FAILED || !hashes_add(&search->failed, search->state))
            return err_set(err, "too many lines could be anybody's; the comparison was given up");
        from = search->taker[--line];
        move_group(search, from++, false);
    }
    return true;
}

bool interleaving_holds(struct stage *stage, const struct pattern *pattern, const struct slice *lines,
                        size_t count, struct err *err)
{
    struct search search = {.lines = lines, .count = count};
    size_t wanted = 0;
    for (size_t g = 0; g < pattern->group_count; g++)
        wanted += pattern->groups[g].count;
    if (wanted != count)
        return false;
    bool holds = make_search(stage, pattern, &search, err) && may_hold(&search) && run_search(&search, err);
    free_search(&search);
    return holds;
}
