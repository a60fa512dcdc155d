/* The options of `start`. */
#include "cases/start.h"

#include <string.h>

#include "cases/names.h"
#include "cases/pattern.h"
#include "cases/settings.h"
#include "cases/value.h"

bool start_check_program(struct reader *reader, const struct node *node)
{
    if (!reader->assignment)
        return true;
    const struct program *programs = reader->assignment->programs;
    const char **words = NULL;
    size_t count = 0;
    for (size_t i = 0; i < reader->assignment->program_count; i++) {
        if (node_is(node, programs[i].name))
            return true;
        *ARENA_ADD(reader->arena, words, count) = programs[i].name;
    }
    *ARENA_ADD(reader->arena, words, count) = NULL;
    return reader_fail(reader, node->at, "'%s' is not a program of the assignment%s", node->text,
                       reader_nearest(reader, node->text, words));
}

/* An argument that spells the name of an object whose key, port or path is something else. */
static void note_name_for_value(struct reader *reader, const struct node *node)
{
    static const char *const values[] = {
        [IDENTITY_PATH] = "path", [IDENTITY_KEY] = "key",         [IDENTITY_NAME] = "name",
        [IDENTITY_PORT] = "port", [IDENTITY_PATH_AND_ID] = "key",
    };
    int index = node->kind == NODE_TEXT ? names_find(reader, node->text) : -1;
    const struct name *name = index >= 0 ? &reader->names[index] : NULL;
    if (!name || name->role != NAME_OBJECT || !name->kind)
        return;
    const struct text *identity = &name->identity;
    bool is_itself = identity->count == 1 && identity->parts[0].kind == PART_BYTES &&
                     strcmp(identity->parts[0].data, name->word) == 0;
    if (!is_itself)
        reader_note(reader, node->at, "the program gets the letters '%s'; <%s> gives the %s", name->word,
                    name->word, values[name->kind->identity]);
}

static void read_run(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct start *start = into;
    (void)key;
    if (value->kind != NODE_LIST || value->count == 0) {
        if (!value->is_told)
            reader_fail(reader, value->at, "a program and its arguments are a list: [program, argument...]");
        return;
    }
    text_read_arguments(reader, value, "argument", &start->run);
    for (size_t i = 1; i < value->count; i++)
        note_name_for_value(reader, value->items[i]);
    if (reader_is_text(reader, value->items[0], "the name of a program is expected here")) {
        start->program = value->items[0]->text;
        start_check_program(reader, value->items[0]);
    }
}

static bool is_variable(const struct node *key)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    if (key->kind != NODE_TEXT || key->len == 0 || !strchr(letters, key->text[0]))
        return false;
    return strspn(key->text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789") == key->len;
}

static void read_env(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct start *start = into;
    struct text_list *list = NULL;
    (void)key;
    if (!reader_is_map(reader, value, "env is a map: {NAME: text, ..}"))
        return;
    for (size_t i = 0; i < value->count; i++) {
        const struct node *name = value->keys[i];
        if (!is_variable(name)) {
            reader_fail(reader, name->at, "'%s' is not the name of a variable",
                        name->kind == NODE_TEXT ? name->text : "");
            continue;
        }
        struct part *part = arena_alloc(reader->arena, sizeof *part);
        struct text *pair = arena_alloc(reader->arena, 2 * sizeof *pair);
        *part = (struct part){.kind = PART_BYTES, .data = name->text, .len = name->len};
        pair[0] = (struct text){.at = name->at, .parts = part, .count = 1};
        text_read(reader, value->items[i], TEXT_SENT, &pair[1]);
        note_name_for_value(reader, value->items[i]);
        *ARENA_ADD(reader->arena, list, start->env_count) = (struct text_list){pair, 2};
    }
    start->env = list;
}

static const struct word_row io_words[] = {{"terminal", false}, {"pipe", true}, {0}};
static const struct word_row stdin_words[] = {{"closed", STREAM_CLOSED}, {"none", STREAM_NONE}, {0}};
static const struct word_row stdout_words[] = {{"closed", STREAM_CLOSED}, {"full", STREAM_FULL}, {0}};

static void read_io(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    int64_t is_piped = false;
    (void)key;
    reader_word(reader, value, io_words, "a value of io", &is_piped);
    ((struct start *)into)->is_piped = is_piped;
}

static void read_input(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct start *start = into;
    (void)key;
    start->has_input = true;
    data_read(reader, value, TEXT_SENT, &start->input);
}

static void read_stdin(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    struct start *start = into;
    int64_t stream = STREAM_USUAL;
    reader_word(reader, value, stdin_words, "a value of stdin", &stream);
    start->in = (enum stream)stream;
    if (start->has_input)
        reader_fail(reader, key->at, "standard input is a pipe with the input, or %s: not both",
                    value->text ? value->text : "this");
}

static void read_stdout(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    int64_t stream = STREAM_USUAL;
    (void)key;
    reader_word(reader, value, stdout_words, "a value of stdout", &stream);
    ((struct start *)into)->out = (enum stream)stream;
}

static void read_user(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    int64_t owner = 0;
    (void)key;
    reader_word(reader, value, value_owners, "a user", &owner);
    ((struct start *)into)->is_other_user = owner != 0;
}

static void read_limits(struct reader *reader, const struct node *key, const struct node *value, void *into)
{
    (void)key;
    limits_read(reader, value, &((struct start *)into)->limits);
}

const struct key_row start_options[] = {
    {"run", read_run, "[program, argument..]", "what is started; alone it can stand for the whole map", "run",
     NULL},
    {"env", read_env, "{NAME: text}",
     "added to a small fixed environment (PATH, HOME, LANG=C.UTF-8, TERM=dumb)", "env", NULL},
    {"io", read_io, "`terminal`, `pipe`",
     "`terminal` (default): standard input and output are one terminal, without echo; `pipe`: two pipes. "
     "Standard error is "
     "always a pipe",
     NULL, io_words},
    {"input", read_input, "DATA", "standard input is a pipe with this and then end of file", "data", NULL},
    {"stdin", read_stdin, "`closed`, `none`", "standard input is closed, or /dev/null", NULL, stdin_words},
    {"stdout", read_stdout, "`closed`, `full`", "standard output is closed, or /dev/full", NULL,
     stdout_words},
    {"user", read_user, "`user`, `other`", "`other`: the second user; a machine without one skips the case",
     NULL, value_owners},
    {"limits", read_limits, "{LIMIT: N}", "over the case's; set when the program reaches its entry point",
     "limits", NULL},
    {0},
};

static void take_part(struct reader *reader, const struct start *start, struct where at)
{
    struct player *player = &reader->players[start->actor];
    player->is_started = player->is_used = true;
    player->started_at = at;
    player->input = start->has_input || start->in != STREAM_USUAL ? INPUT_NOT_OPEN : INPUT_OPEN;
    player->is_on_terminal = !start->is_piped && player->input == INPUT_OPEN;
}

static bool read_one(struct reader *reader, const struct node *key, const struct node *value,
                     struct start *start)
{
    size_t errors = reader->errors;
    if (value->is_told)
        return false;
    *start = (struct start){.actor = start->actor, .limits = limits_unsaid()};
    if (value->kind != NODE_MAP)
        read_run(reader, key, value, start);
    else if (reader_keys(reader, value, start_options, "an option of start", start) &&
             !node_get(value, "run"))
        reader_fail(reader, key->at, "'run' is missing: {run: [program, argument..], OPTION: ..}");
    return reader->errors == errors;
}

bool start_read_all(struct reader *reader, const struct node *map, const struct start **starts, size_t *count)
{
    struct start *list = NULL;
    *count = 0;
    if (!reader_has_items(reader, map, "start is a map: {ACTOR: [program, argument..], ..}"))
        return false;
    bool is_right = true;
    for (size_t i = 0; i < map->count; i++) {
        const struct node *key = map->keys[i];
        int actor = key->kind == NODE_TEXT ? names_find(reader, key->text) : -1;
        if (actor < 0 || reader->names[actor].role != NAME_ACTOR) {
            is_right = false; /* told by names_declare() */
            continue;
        }
        if (reader->players[actor].is_started)
            is_right = reader_fail(reader, key->at, "'%s' has been started already", key->text);
        struct start *start = ARENA_ADD(reader->arena, list, *count);
        start->actor = actor;
        is_right &= read_one(reader, key, map->items[i], start);
    }
    for (size_t i = 0; i < *count; i++)
        take_part(reader, &list[i], reader->names[list[i].actor].at);
    *starts = list;
    return is_right;
}
