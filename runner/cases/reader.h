/* What all readers of a case share: where errors go, who and what has been declared, and how far the play has come.
 *
 * A file is read once, in the order of the play, and every part of it is read even when another was wrong: a reader that fails
 * has told why, and its caller goes on with the next part. So all mistakes of a file are told at once.
 *
 * Layer: cases, private to the loader.
 */
#ifndef IPCGRADE_CASES_READER_H
#define IPCGRADE_CASES_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "cases/arena.h"
#include "cases/document.h"
#include "cases/scenario.h"

enum input { INPUT_OPEN, INPUT_NOT_OPEN, INPUT_ENDED };

struct own_name { /* what a puppet has got by `as` */
    const char *word;
    bool is_closed;
};

/* What is known of a name while the steps are read; index as in scenario->names. */
struct player {
    bool is_used;
    bool is_started;
    struct where started_at;
    bool is_on_terminal;
    enum input input;
    bool is_input_told;
    int exit_line; /* a puppet that was told to end: where */
    bool is_held, was_held;
    struct where held_at;
    size_t held_since; /* reader->acts then */
    struct own_name *own;
    size_t own_count;
};

/* Which references may stand in a text now: to what exists before the first step, to what will (the path of an object under names), to what has been
 * started, to all. */
enum stage { STAGE_GIVEN, STAGE_NAMES, STAGE_STEPS, STAGE_WHOLE_PLAY };

struct reader {
    struct arena *arena;
    struct complaints *complaints;
    const char *file;
    size_t errors;                       /* of this file so far */
    const struct assignment *assignment; /* NULL: there is none, and programs are not checked */
    struct scenario *scenario;           /* the case that is being read; NULL for assignment.yaml */
    struct name *names;
    struct player *players;
    size_t name_count;
    const char *spoken; /* all arguments and inputs in one text, for "never used" */
    enum stage stage;
    size_t acts;                /* steps so far that let somebody go on */
    const struct where *places; /* of each of scenario->needs; in assignment.yaml of each group */
};

/* Add an error; always false. */
bool reader_fail(struct reader *reader, struct where at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void reader_note(struct reader *reader, struct where at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The first member of every row of a table is its word; a NULL word ends the table. Gives a NULL-terminated list. */
const char **row_words(struct arena *arena, const void *rows, size_t row_size);
#define ROW_WORDS(reader, rows) row_words((reader)->arena, (rows), sizeof *(rows))

/* "; did you mean 'x'?" or "". */
const char *reader_nearest(struct reader *reader, const char *word, const char *const *list);
/* The same; where none is like it and there are few, "; there are: a, b, c". */
const char *reader_nearest_or_all(struct reader *reader, const char *word, const char *const *list);
/* "a, b, c" */
const char *reader_join(struct reader *reader, const char *const *list);

/* One key of a map: how it is read, and what the reference says of it. */
struct key_row {
    const char *word; /* NULL ends the table */
    /* Reads the value into the struct that the table is about. `key` is where the word stands. */
    void (*read)(struct reader *reader, const struct node *key, const struct node *value, void *into);
    const char *value; /* what may stand there, for the reference */
    const char *law;   /* what it means, for the reference */
    const char *shape; /* the same for the schema: a definition of schema.c; NULL: one of `words` */
    const struct word_row *words;
};

/* Read a map by its table, in the order of the table. A key that is in none of the rows: "'x' is not WHAT; did you mean". */
bool reader_keys(struct reader *reader, const struct node *map, const struct key_row *rows, const char *what,
                 void *into);

/* Shape. Each tells what was expected; false when it is something else (or was told before). */
bool reader_is_map(struct reader *reader, const struct node *node, const char *expected);
bool reader_is_text(struct reader *reader, const struct node *node, const char *expected);

/* A map that is not empty. */
bool reader_has_items(struct reader *reader, const struct node *node, const char *expected);

/* A word of a table (rows of struct word_row): "'x' is not WHAT; did you mean 'y'?; there are: .." */
bool reader_word(struct reader *reader, const struct node *node, const struct word_row *rows,
                 const char *what, int64_t *value);

#endif
