/* A case as plain data: what the loader makes of a YAML file, and what the director plays.
 *
 * Everything below is owned by the struct suite it was loaded into and lives until suite_free(). Nothing here changes after loading.
 * Names are declared once; whoever and whatever a case speaks of is an index into scenario->names.
 *
 * Layer: cases (may name base and calls).
 */
#ifndef IPCGRADE_CASES_SCENARIO_H
#define IPCGRADE_CASES_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "calls/vocabulary.h"
#include "cases/terms.h"

/* ---- people and things ---------------------------------------------------------------------------------------------- */

enum name_role {
    NAME_ACTOR,
    NAME_PUPPET,
    NAME_OBJECT
}; /* a stand-in is an object of kind OBJECT_STANDIN, and an actor */

enum who_part { WHO_ALL, WHO_PARENT, WHO_CHILD, WHO_HELD };

struct who {
    struct where at;
    int name;
    enum who_part part;
};

struct message {
    struct where at;
    bool has_type;
    bool is_prio; /* of a POSIX queue: `type` is a priority */
    struct range type;
    bool has_text;
    struct pattern text; /* in `given` and `do`: exact */
};

struct op {
    struct number num, op;
    int64_t flags;
};

/* What stands first in a deed. */
enum target_kind {
    TARGET_ANY,    /* any */
    TARGET_NAME,   /* a declared object (index) */
    TARGET_KIND,   /* pipe, fifo, queue, stdin, stdout, stderr ...: object_kind */
    TARGET_END,    /* a puppet's own name from `as`: word */
    TARGET_PAIR,   /* two new names, [r, w]: word, word2 */
    TARGET_WHO,    /* kill */
    TARGET_STATUS, /* exit */
};
struct target {
    struct where at;
    enum target_kind kind;
    int name;
    enum object_kind object;
    const char *word, *word2;
    struct who who;
    struct number status;
};

struct deed;

/* The value of one parameter, state word or fact. Which member holds is said by `kind` (the row's). */
struct value {
    struct where at;
    enum value_kind kind;
    struct range range;     /* NUMBER (a range of one), RANGE, EXIT */
    bool is_nonzero;        /* EXIT: nonzero */
    int64_t bits;           /* MODE, FLAGS, WORD, OWNER (1: other), SIGNAL */
    const char *word;       /* NAME */
    struct pattern pattern; /* TEXT; in `do` and `given` exact, or of kind exact with parts */
    struct message message; /* MESSAGE */
    const struct message *messages;
    size_t count;                 /* of messages, numbers, ops, signals, words */
    const struct number *numbers; /* NUMBERS */
    const struct op *ops;
    const int *signals;       /* SIGNALS */
    struct text_list texts;   /* TEXTS */
    struct who who;           /* WHO */
    int object;               /* OBJECT: index of the name */
    const char *const *words; /* ENDS */
    const struct deed *deed;  /* DEED: NULL means blocks: any */
};

struct param_value {
    const struct param_row *row;
    struct value value;
};

struct deed {
    struct where at;
    const struct deed_row *row;
    struct target first;
    const struct param_value *params;
    size_t count;
    const int *errors; /* `error`: one of these; NULL: success is meant */
    size_t error_count;
    bool has_returns;
    struct range returns;
};

/* The value of that parameter in the deed, or NULL when it is not written. */
const struct value *deed_value(const struct deed *deed, enum param param);

struct state_value {
    const struct state_row *row;
    struct value value;
};
struct state_list {
    const struct state_value *values;
    size_t count;
};

struct name {
    struct where at;
    const char *word;
    enum name_role role;
    /* actors: nothing more (steps say the rest). puppets: */
    bool is_other_user;
    /* objects: */
    const struct kind_row *kind;
    bool is_given;        /* else: under `names` */
    bool is_private;      /* key: private */
    bool is_mounted_over; /* a stand-in with an absolute path */
    struct text identity; /* path or name; when not written, made of the word as the kind's default says */
    bool has_key;         /* key or port written as a number; else the runner chooses */
    struct number key;    /* key, port, or ftok's id */
    int ftok_file; /* OBJECT_FTOK: index of the file's name if its path is a declared object, else -1 */
    struct state_list state;
};

/* ---- looks ---------------------------------------------------------------------------------------------------------- */

enum fact_kind {
    FACT_EXIT,
    FACT_KILLED,
    FACT_ENDS,
    FACT_STDOUT,
    FACT_STDERR,
    FACT_BLOCKS,
    FACT_ZOMBIES,
    FACT_CHILDREN,
    FACT_FDS,
    FACT_STARTS,
    FACT_ARGS,
    FACT_KINDS
};
enum { ENDS_ANY = 1, ENDS_NOT_YET = 2 };

struct fact_row { /* the table is in cases/facts.c */
    const char *word;
    enum fact_kind fact;
    enum value_kind kind;
    const struct word_row *words;
    const char *law;
};

struct fact {
    const struct fact_row *row;
    struct value value;
};

struct look { /* facts, and at most one deed */
    struct where at;
    const struct fact *facts;
    size_t count;
    const struct deed *deed; /* or NULL */
};

enum expect_kind { EXPECT_WHO, EXPECT_STATE, EXPECT_PRESENT, EXPECT_ABSENT };

struct expectation {
    struct where at;
    enum expect_kind kind;
    struct who who; /* EXPECT_WHO */
    const struct look *looks;
    size_t look_count; /* more than one: the deeds were completed in this order */
    int object;        /* the others: index of the name */
    struct state_list state;
};

struct expect_map {
    const struct expectation *items;
    size_t count;
};

/* ---- steps ---------------------------------------------------------------------------------------------------------- */

enum step_kind {
    STEP_START,
    STEP_DO,
    STEP_EXPECT,
    STEP_SEND,
    STEP_EOF,
    STEP_SIGNAL,
    STEP_HOLD,
    STEP_RELEASE
};

enum stream { STREAM_USUAL, STREAM_CLOSED, STREAM_NONE, STREAM_FULL };

struct limits { /* -1: not said */
    long cpu_seconds, wall_seconds, build_seconds, memory_mib, processes, output_kib, file_kib, nofile,
        msgqueue_bytes;
};

struct start {
    int actor;                   /* index of the name */
    struct text_list run;        /* program, argument.. */
    const char *program;         /* run.texts[0] as it is written; a program of the assignment */
    const struct text_list *env; /* env_count pairs: texts[0] is NAME, texts[1] the value */
    size_t env_count;
    bool is_piped; /* io: pipe */
    bool has_input;
    struct text input;
    enum stream in, out; /* stdin, stdout */
    bool is_other_user;
    struct limits limits;
};

struct act { /* one puppet's deed in `do` */
    struct who who;
    struct deed deed;
    bool must_block; /* {blocks: DEED} */
};

struct send {
    struct who who;
    struct text data;
};

struct signal_act {
    struct who who;
    int signal;
};

struct hold {
    struct who who;
    bool is_before;
    bool any_blocking;       /* before: {blocks: any} */
    const struct deed *deed; /* or NULL with any_blocking */
};

struct step {
    struct where at;
    enum step_kind kind;
    struct text_list hint; /* see languages below: index 0 en, 1 ko; count 0: none */
    bool has_cost;
    int cost;     /* hundredths of a point */
    size_t count; /* of the arrays below; only the step's own kind is set */
    const struct start *starts;
    const struct act *acts;
    const struct expect_map *alternatives; /* expect: count maps, one of which must hold (`any`); usually 1 */
    const struct send *sends;
    const struct who *whos; /* eof, release */
    const struct signal_act *signals;
    const struct hold *holds;
};

struct injection {
    struct who who;
    struct deed deed;
    int error;           /* or 0 */
    int64_t short_bytes; /* with error 0 */
    int64_t nth;         /* from 1; 0: each */
};

struct never {
    struct who who;
    struct deed deed;
};

/* ---- a case, a suite ------------------------------------------------------------------------------------------------ */

enum language { ENGLISH, KOREAN, LANGUAGES };

struct words { /* a text in both languages; korean may be NULL */
    const char *in[LANGUAGES];
};

enum visibility { VISIBLE, HIDDEN, AFTER_DUE_DATE };

struct price {        /* under `rules`: what a finding or an end check costs; -1: ignored */
    const char *rule; /* rule identifier, or crash, left */
    int cost;         /* hundredths */
};

struct scenario {
    struct where at;
    const char *id;    /* "fifo/open_blocks" */
    const char *group; /* "fifo" */
    struct words title, hint;
    const char *program; /* the exercise */
    int points;          /* hundredths, as written */
    enum visibility visibility;
    const char *const *needs; /* ids, need_count of them */
    size_t need_count;
    const char *const *see;
    size_t see_count;
    const struct name *names;
    size_t name_count; /* `peer` is always among them */
    struct limits limits;
    const struct injection *injections;
    size_t injection_count;
    const struct step *steps;
    size_t step_count;
    const struct never *nevers;
    size_t never_count;
    bool has_left; /* `left` replaces the list of given objects */
    const int *left;
    size_t left_count;
    const int *may_be_left;
    size_t may_be_left_count;
    const struct price *prices; /* the case's over the assignment's */
    size_t price_count;
    const char *source; /* the file's text, for quoting a step; NUL-terminated */
};

struct program {
    const char *name;
    const char *library, *driver; /* or NULL; driver is a path as written, relative to the cases directory */
};

struct group {
    const char *name;
    int points; /* hundredths */
};

struct assignment {
    struct words title;
    const struct program *programs;
    size_t program_count;
    const char *build;          /* "make" */
    const struct group *groups; /* none: group_count 0, a group's points are the sum of its cases */
    size_t group_count;
    const struct price *prices;
    size_t price_count;
    struct limits limits;
};

struct suite {
    const char
        *directory; /* where assignment.yaml lies; NULL when a file was loaded alone and none was found */
    struct assignment assignment;
    const struct scenario
        *scenarios; /* sorted by id; a case stands after the cases that it needs only by chance */
    size_t count;
    void *owner; /* everything above lives here */
};

/* An error or a note of the loader or of lint. */
struct complaint {
    struct where at; /* file is owned by the list */
    bool is_note;
    char text[768];
};
struct complaints {
    struct complaint *items;
    size_t count, room;
    void *owner;
    bool is_machines; /* something could not be read, and the author is not to blame */
};

/* Load cases/assignment.yaml and every cases/GROUP/NAME.yaml below `directory`. All errors of all files are added to `complaints`, sorted by
 * file and place; false when there is an error (not for notes alone), or the directory cannot be read (then one complaint says so).
 * On success *suite is the caller's, suite_free() lets go of it. */
bool suite_load(struct suite **suite, const char *directory, struct complaints *complaints);

/* Load one file alone, as `ipcgrade lint FILE` does; its id is made of its last folder and name. The assignment is the one beside it or one folder above, if any;
 * without any, programs are not checked. */
bool suite_load_file(struct suite **suite, const char *path, struct complaints *complaints);

/* Some step starts this program. */
bool scenario_starts(const struct scenario *scenario, const char *program);

/* An object or a program of it belongs to a second user, whom not every machine has for the sandbox. */
bool scenario_needs_other_user(const struct scenario *scenario);

/* It names a POSIX queue, of which a user may have few. */
bool scenario_names_queue(const struct scenario *scenario);

const struct scenario *suite_find(const struct suite *suite, const char *id);
void suite_free(struct suite *suite);

/* From now on a child that is forked has no copy of the suite: so the sandbox's own processes do not hold the cases, and each fork copies less. Who plays it calls this before. */
void suite_keep_from_children(const struct suite *suite);
void complaints_free(struct complaints *complaints);

/* The step as it stands in the file, without comment and surrounding blanks, on one line; caller frees. */
char *scenario_step_text(const struct scenario *scenario, size_t step);

#endif
