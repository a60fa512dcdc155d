/* The first value of a deed: an object, an end, a pair of new names, whom, a status. */
#include "cases/target.h"

#include <string.h>

#include "cases/names.h"
#include "cases/number.h"

const struct word_row target_streams[] = {
    {"pipe", OBJECT_PIPE}, {"stdin", OBJECT_STDIN}, {"stdout", OBJECT_STDOUT}, {"stderr", OBJECT_STDERR}, {0},
};

void target_own_add(struct reader *reader, int puppet, const char *word)
{
    struct player *player = &reader->players[puppet];
    for (size_t i = 0; i < player->own_count; i++) {
        if (strcmp(player->own[i].word, word) == 0) {
            player->own[i].is_closed = false;
            return;
        }
    }
    *ARENA_ADD(reader->arena, player->own, player->own_count) = (struct own_name){.word = word};
}

void target_own_close(struct reader *reader, int puppet, const char *word)
{
    struct player *player = &reader->players[puppet];
    for (size_t i = 0; i < player->own_count; i++)
        if (strcmp(player->own[i].word, word) == 0)
            player->own[i].is_closed = true;
}

static const struct own_name *own_find(const struct player *player, const char *word)
{
    for (size_t i = 0; i < player->own_count; i++)
        if (strcmp(player->own[i].word, word) == 0)
            return &player->own[i];
    return NULL;
}

static enum object_kind stream_by_word(const char *word)
{
    for (const struct word_row *row = target_streams; row->word; row++)
        if (strcmp(row->word, word) == 0)
            return (enum object_kind)row->value;
    return OBJECT_NONE;
}

bool target_takes_kind(const struct deed_row *row, enum object_kind kind)
{
    static const unsigned long long programs = 1ULL << OBJECT_STANDIN | 1ULL << OBJECT_FILE;
    unsigned long long kinds = row->first == FIRST_FILE ? programs : row->kinds;
    return kinds == 0 || (kinds >> kind & 1);
}

static bool refuse_kind(struct reader *reader, const struct node *node, const struct deed_row *row,
                        const char *is_a)
{
    const char **words = NULL;
    size_t count = 0;
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        if (target_takes_kind(row, kind) && vocabulary_kind_row(kind))
            *ARENA_ADD(reader->arena, words, count) = vocabulary_kind_row(kind)->word;
    *ARENA_ADD(reader->arena, words, count) = NULL;
    return reader_fail(reader, node->at, "'%s' is a %s; '%s' goes with: %s", node->text, is_a, row->word,
                       reader_join(reader, words));
}

/* A declared object. */
static bool read_name(struct reader *reader, const struct node *node, const struct deed_row *row,
                      bool is_done, struct target *target)
{
    target->kind = TARGET_NAME;
    target->name = names_object(reader, node);
    if (target->name < 0 || (is_done && !names_check_named(reader, node->at, target->name)))
        return false;
    const struct kind_row *kind = reader->names[target->name].kind;
    return !kind || target_takes_kind(row, kind->kind) || refuse_kind(reader, node, row, kind->word);
}

static const char **own_words(struct reader *reader, const struct player *player)
{
    const char **words = NULL;
    size_t count = 0;
    for (size_t i = 0; i < player->own_count; i++)
        if (!player->own[i].is_closed)
            *ARENA_ADD(reader->arena, words, count) = player->own[i].word;
    *ARENA_ADD(reader->arena, words, count) = NULL;
    return words;
}

/* An end of a puppet: its own name, a stream of a stand-in, or an object. */
static bool read_own(struct reader *reader, const struct node *node, const struct deed_row *row, int puppet,
                     struct target *target)
{
    const struct name *name = &reader->names[puppet];
    const struct player *player = &reader->players[puppet];
    const struct own_name *own = own_find(player, node->text);
    enum object_kind stream = stream_by_word(node->text);
    if (own && !own->is_closed) {
        *target = (struct target){.at = node->at, .kind = TARGET_END, .word = own->word};
        return true;
    }
    if (own)
        return reader_fail(reader, node->at, "%s has closed '%s'", name->word, node->text);
    if (names_is_standin(name) && stream != OBJECT_NONE && stream != OBJECT_PIPE) {
        *target = (struct target){.at = node->at, .kind = TARGET_KIND, .object = stream};
        return true;
    }
    int known = names_find(reader, node->text);
    bool is_object = known >= 0 && reader->names[known].role == NAME_OBJECT;
    if (is_object && row->kinds != 0)
        return read_name(reader, node, row, true, target);
    if (is_object)
        return reader_fail(reader, node->at,
                           "%s has nothing called '%s': it must get it by 'as' and use that name", name->word,
                           node->text);
    return reader_fail(reader, node->at, "%s has nothing called '%s'%s", name->word, node->text,
                       reader_nearest(reader, node->text, own_words(reader, player)));
}

static bool read_looked(struct reader *reader, const struct node *node, const struct deed_row *row,
                        struct target *target)
{
    const struct kind_row *kind = vocabulary_kind(node->text);
    enum object_kind stream = stream_by_word(node->text);
    if (node_is(node, "any")) {
        target->kind = TARGET_ANY;
        return true;
    }
    if (!kind && stream == OBJECT_NONE)
        return read_name(reader, node, row, false, target);
    target->kind = TARGET_KIND;
    target->object = kind ? kind->kind : stream;
    return target_takes_kind(row, target->object) || refuse_kind(reader, node, row, node->text);
}

static bool read_object(struct reader *reader, const struct node *node, const struct deed_row *row,
                        const struct deed_place *place, struct target *target)
{
    if (!reader_is_text(reader, node, arena_print(reader->arena, "'%s' wants one object here", row->word)))
        return false;
    if (!place->is_done)
        return read_looked(reader, node, row, target);
    if (row->first == FIRST_END)
        return read_own(reader, node, row, place->who, target);
    if (node_is(node, "any") || vocabulary_kind(node->text))
        return reader_fail(reader, node->at, "a puppet needs one object: give the name of a declared one");
    return read_name(reader, node, row, true, target);
}

static bool read_pair(struct reader *reader, const struct node *node, struct target *target)
{
    if (node->kind != NODE_LIST || node->count != 2)
        return reader_fail(reader, node->at, "a puppet names both ends: [r, w]");
    const struct node *one = node->items[0], *two = node->items[1];
    if (!names_check_new(reader, one) || !names_check_new(reader, two))
        return false;
    if (node_is(one, two->text))
        return reader_fail(reader, two->at, "both ends are called '%s'", two->text);
    target->kind = TARGET_PAIR;
    target->word = one->text;
    target->word2 = two->text;
    return true;
}

static bool read_any(struct reader *reader, const struct node *node, const struct deed_row *row,
                     const struct deed_place *place, struct target *target)
{
    bool is_pair = place->is_done && (strcmp(row->word, "pipe") == 0 || strcmp(row->word, "socketpair") == 0);
    if (is_pair)
        return read_pair(reader, node, target);
    target->kind = TARGET_ANY;
    if (node->is_told || node_is(node, "any"))
        return !node->is_told;
    return reader_fail(reader, node->at, "'%s' has no object: write {%s: any}", row->word, row->word);
}

static bool read_who(struct reader *reader, const struct node *node, const struct deed_row *row,
                     const struct deed_place *place, struct target *target)
{
    (void)row;
    target->kind = TARGET_WHO;
    if (!place->is_done && node_is(node, "any")) {
        target->kind = TARGET_ANY;
        return true;
    }
    if (!names_who(reader, node, &target->who))
        return false;
    if (!names_is_person(&reader->names[target->who.name]))
        return reader_fail(reader, node->at, "'%s' is not a process", node->text);
    return names_check_started(reader, &target->who);
}

static bool read_status(struct reader *reader, const struct node *node, const struct deed_row *row,
                        const struct deed_place *place, struct target *target)
{
    (void)row;
    (void)place;
    target->kind = TARGET_STATUS;
    if (!number_read(reader, node, &target->status))
        return false;
    bool is_right = target->status.is_ref || (target->status.value >= 0 && target->status.value <= 255);
    return is_right || reader_fail(reader, node->at, "an exit status is a number from 0 to 255");
}

bool target_read(struct reader *reader, const struct node *node, const struct deed_row *row,
                 const struct deed_place *place, struct target *target)
{
    static bool (*const readers[])(struct reader *, const struct node *, const struct deed_row *,
                                   const struct deed_place *, struct target *) = {
        [FIRST_OBJECT] = read_object, [FIRST_END] = read_object,    [FIRST_ANY] = read_any,
        [FIRST_WHO] = read_who,       [FIRST_STATUS] = read_status, [FIRST_FILE] = read_object,
    };
    *target = (struct target){.at = node->at, .name = -1};
    return !node->is_told && readers[row->first](reader, node, row, place, target);
}
