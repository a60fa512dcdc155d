/* References in texts.
 *
 * <word> is a key, port, path or pid that is said once, in `given`, `names`, `puppets` or by `start`. Whether it is known when
 * the text is needed is checked here: what `given` makes cannot hold the pid of a program that has not been started.
 */
#include "cases/reference_text.h"

#include <string.h>

#include "cases/names.h"

const struct word_row reference_wilds[] = {
    {"int", WILD_INT}, {"word", WILD_WORD}, {"line", WILD_LINE}, {"any", WILD_ANY}, {0},
};

const struct word_row reference_parts[] = {
    {"id", REF_ID}, {"dec", REF_DEC}, {"parent", REF_PARENT}, {"child", REF_CHILD}, {0},
};

static size_t word_length(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && ((text[n] >= 'a' && text[n] <= 'z') || (n > 0 && text[n] >= '0' && text[n] <= '9') ||
                       (n > 0 && text[n] == '_')))
        n++;
    return n;
}

size_t reference_scan(const char *text, size_t len)
{
    if (len < 3 || text[0] != '<')
        return 0;
    size_t n = 1 + word_length(text + 1, len - 1);
    if (n == 1)
        return 0;
    if (n < len && text[n] == '.') {
        size_t part = word_length(text + n + 1, len - n - 1);
        n += part > 0 ? part + 1 : 0;
    }
    return n < len && text[n] == '>' ? n + 1 : 0;
}

bool reference_is_wild(const char *text, size_t len, struct part *part)
{
    for (const struct word_row *row = reference_wilds; row->word; row++) {
        if (strlen(row->word) == len - 2 && strncmp(row->word, text + 1, len - 2) == 0) {
            *part = (struct part){.kind = PART_WILD, .wild = (enum wild)row->value};
            return true;
        }
    }
    return false;
}

static const char *key_of_system_v = "only a queue, a semaphore set or a segment has";

static bool check_part(struct reader *reader, struct where at, const char *ref, const struct name *name,
                       enum ref_what what)
{
    bool has_key = name->role == NAME_OBJECT && name->kind && name->kind->identity == IDENTITY_KEY;
    bool is_key = name->role == NAME_OBJECT && name->kind && name->kind->identity == IDENTITY_PATH_AND_ID;
    if (what == REF_DEC && is_key)
        return true;
    if (what == REF_ID && is_key)
        return reader_fail(reader, at, "%s: the key of a file has no identifier", ref);
    if ((what == REF_ID || what == REF_DEC) && name->kind && !has_key)
        return reader_fail(reader, at, "%s: %s an identifier and a key", ref, key_of_system_v);
    if ((what == REF_ID || what == REF_DEC) && name->role != NAME_OBJECT)
        return reader_fail(reader, at, "%s: %s an identifier and a key", ref, key_of_system_v);
    if ((what == REF_PARENT || what == REF_CHILD) && name->role != NAME_ACTOR)
        return reader_fail(reader, at, "%s: only a student's program has a parent and a child", ref);
    return true;
}

static bool check_stage(struct reader *reader, struct where at, const char *ref, int index,
                        enum ref_what what)
{
    const struct name *name = &reader->names[index];
    if (name->role != NAME_ACTOR)
        return names_check_named(reader, at, index);
    if (reader->stage == STAGE_WHOLE_PLAY || (reader->stage == STAGE_NAMES && what != REF_CHILD))
        return true;
    if (reader->stage != STAGE_STEPS || !reader->players[index].is_started)
        return reader_fail(reader, at, "%s: '%s' has not been started yet", ref, name->word);
    return true;
}

bool reference_resolve(struct reader *reader, struct where at, const char *text, size_t len,
                       struct part *part)
{
    const char *ref = arena_copy(reader->arena, text, len);
    char *word = arena_copy(reader->arena, text + 1, len - 2);
    char *dot = strchr(word, '.');
    enum ref_what what = REF_VALUE;
    if (dot) {
        const struct word_row *row = reference_parts;
        while (row->word && strcmp(row->word, dot + 1) != 0)
            row++;
        if (!row->word)
            return reader_fail(reader, at, "%s: '%s' is not one of id, dec, parent, child%s", ref, dot + 1,
                               reader_nearest(reader, dot + 1, ROW_WORDS(reader, reference_parts)));
        what = (enum ref_what)row->value;
        *dot = '\0';
    }
    int index = names_find(reader, word);
    if (index < 0 && reference_is_wild(ref, len, part))
        return reader_fail(reader, at, "%s stands for something unknown, and only in expected texts", ref);
    if (index < 0)
        return reader_fail(reader, at,
                           "%s: nothing is called '%s'%s (a literal < before a word is written <<)", ref,
                           word, reader_nearest(reader, word, names_words(reader)));
    reader->players[index].is_used = true;
    *part = (struct part){.kind = PART_REF, .name = index, .what = what};
    return check_part(reader, at, ref, &reader->names[index], what) &&
           check_stage(reader, at, ref, index, what);
}
