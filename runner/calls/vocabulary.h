/* The vocabulary: every kind of object, every deed, its parameters, and the family of system calls that it covers.
 *
 * This is the one table of the program. The case parser, the agent's orders, the tracer's filter and decoders, the looks, the
 * reference manual, the schema and the sentences of reports all come from it. Each IPC mechanism is one file with one
 * `const struct mechanism`; a further mechanism is one new file and one line in vocabulary.c.
 *
 * Layer: calls (may name base only). All tables are constant and live for ever; pointers into them are borrowed.
 */
#ifndef IPCGRADE_CALLS_VOCABULARY_H
#define IPCGRADE_CALLS_VOCABULARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- objects ------------------------------------------------------------------------------------------------------- */

enum object_kind {
    OBJECT_NONE,
    OBJECT_FIFO,
    OBJECT_FILE,
    OBJECT_DIR,
    OBJECT_STANDIN,
    OBJECT_QUEUE,      /* System V */
    OBJECT_SEMAPHORES, /* System V */
    OBJECT_SEGMENT,    /* System V */
    OBJECT_SEM,        /* POSIX named */
    OBJECT_SHM,        /* POSIX */
    OBJECT_MQ,         /* POSIX */
    OBJECT_TCP,
    OBJECT_UDP,
    OBJECT_UNIX,
    OBJECT_UNIX_DGRAM,
    OBJECT_FTOK,
    /* Kinds that no case declares, but that the tracer meets and a deed may name as a word. */
    OBJECT_PIPE, /* an unnamed pipe or socketpair that is none of the runner's streams */
    OBJECT_STDIN,
    OBJECT_STDOUT,
    OBJECT_STDERR,
    OBJECT_OTHER, /* a device, an epoll, an eventfd ... */
    OBJECT_ANY,   /* only in deeds: whatever */
    OBJECT_KINDS
};

/* What the kernel calls an object. Two descriptors lead to the same object when kind-independent device and number agree. */
struct object_id {
    enum object_kind kind;
    uint64_t device; /* st_dev; 0 for System V */
    uint64_t number; /* st_ino; the IPC identifier for System V */
};

/* ---- values --------------------------------------------------------------------------------------------------------- */

/* How the text of a place in a case is read (CASES, sections 2 and 3). */
enum value_kind {
    VALUE_NUMBER,   /* as C writes it; a <name> may stand for it */
    VALUE_RANGE,    /* number, list of numbers, {min, max}; in `do` a single number */
    VALUE_MODE,     /* octal with its leading 0 */
    VALUE_FLAGS,    /* words of the row's table, or-ed; in looks: at least these */
    VALUE_WORD,     /* one word of the row's table */
    VALUE_NAME,     /* a new name (`as`); a list of two for pipe and socketpair */
    VALUE_TEXT,     /* DATA in `do` and `given`, TEXT (a pattern) in looks */
    VALUE_MESSAGE,  /* {type|prio: N, text: T}, both optional */
    VALUE_MESSAGES, /* list of them: complete and in order */
    VALUE_NUMBERS,  /* list of numbers */
    VALUE_OPS,      /* list of [num, op, flag..] */
    VALUE_TEXTS,    /* list of texts (arguments) */
    VALUE_SIGNAL,   /* SIGxxx */
    VALUE_SIGNALS,  /* one or a list */
    VALUE_EXIT,     /* `exit`: number, list of numbers, or the word nonzero */
    VALUE_WHO,      /* an actor or puppet with its part */
    VALUE_OBJECT,   /* a declared object */
    VALUE_ENDS,     /* list of a puppet's own names, or of `any`, for descriptors passed */
    VALUE_OWNER,    /* `user` or `other` */
    VALUE_DEED,     /* `blocks` */
};

struct word_row {
    const char *word; /* NULL ends the table */
    int64_t value;
};

/* Every parameter word of every deed; also the index of a decoded value. Names and kinds per deed are in its rows. */
enum param {
    PARAM_FLAGS,
    PARAM_MODE,
    PARAM_AS,
    PARAM_GIVES,
    PARAM_UNTIL,
    PARAM_FDS,
    PARAM_TEXT,
    PARAM_HOW,
    PARAM_ONTO,
    PARAM_TO,
    PARAM_SIZE,
    PARAM_TYPE,
    PARAM_START,
    PARAM_LEN,
    PARAM_OP,
    PARAM_ARGS,
    PARAM_SIG,
    PARAM_CMD,
    PARAM_CAPACITY,
    PARAM_NSEMS,
    PARAM_NUM,
    PARAM_VALUE,
    PARAM_VALUES,
    PARAM_OPS,
    PARAM_AT,
    PARAM_PROT,
    PARAM_MAXMSG,
    PARAM_MSGSIZE,
    PARAM_PRIO,
    PARAM_ID,
    PARAM_STATUS,
    PARAM_COUNT
};

struct param_row {
    const char *word; /* NULL ends the table */
    enum param param;
    enum value_kind kind;
    const struct word_row *words; /* for VALUE_FLAGS and VALUE_WORD */
    int64_t usual;                /* what a puppet passes when nothing is written */
    const char *law;              /* one phrase for the reference */
};

/* ---- kinds of object ------------------------------------------------------------------------------------------------ */

enum state {
    STATE_MODE,
    STATE_OWNER,
    STATE_TEXT,
    STATE_SIZE,
    STATE_MESSAGES,
    STATE_COUNT,
    STATE_CAPACITY,
    STATE_VALUES,
    STATE_INTS,
    STATE_ATTACHED,
    STATE_VALUE,
    STATE_MAXMSG,
    STATE_MSGSIZE,
    STATE_WORDS
};

enum { GIVEN = 1, LOOKED = 2 }; /* where a state word may stand */

struct state_row {
    const char *word; /* NULL ends the table */
    enum state state;
    enum value_kind kind;
    unsigned places; /* GIVEN | LOOKED */
    const char *law;
};

/* How an object of a kind is told from others. */
enum identity { IDENTITY_PATH, IDENTITY_KEY, IDENTITY_NAME, IDENTITY_PORT, IDENTITY_PATH_AND_ID };

struct kind_row {
    enum object_kind kind;
    const char *word; /* NULL ends the table */
    const char *noun; /* for reports: "FIFO", "message queue" */
    enum identity identity;
    const struct state_row *states; /* or NULL */
    bool is_judged;                 /* looked for among what is left behind */
    const char *law;
};

/* ---- deeds ---------------------------------------------------------------------------------------------------------- */

/* What stands as the deed's first value. */
enum first_kind {
    FIRST_OBJECT, /* a declared object (or its kind, or any, in looks) */
    FIRST_END,    /* a puppet's own name from `as`, or an object; in looks an object, a kind, stdin.., any */
    FIRST_ANY,    /* the word any; for `pipe` and `socketpair` done by a puppet: two new names */
    FIRST_WHO,    /* whom (kill) */
    FIRST_STATUS, /* a number (exit) */
    FIRST_FILE,   /* exec: a stand-in or file, or any */
};

enum { DEED_DONE = 1, DEED_LOOKED = 2, DEED_BLOCKS = 4 }; /* by puppets; in looks; in `blocks` */

struct call; /* calls/call.h */

/* One system call of a family. */
struct call_row {
    const char *name; /* as libseccomp names it; NULL ends the table */
    void (*decode)(
        struct call *call); /* fills in the decoded fields from the raw arguments; see calls/call.h */
    unsigned traits;        /* CALL_ traits */
};

enum {
    CALL_WAITS =
        1, /* can wait for a process, the runner or a signal (the white list of DESIGN, "Quiescent") */
    CALL_SLEEPS = 2, /* waits for time alone */
    CALL_QUIET = 4,  /* never changes an object by succeeding (polling calls; see trace/idle.c) */
    CALL_BY_EXIT =
        8, /* decoded again at exit, when the kernel has filled memory (msgrcv, pipe, accept, read) */
    CALL_DENIED = 16,    /* refused with EPERM by the filter (DESIGN, "Tracer") */
    CALL_LIBRARY = 1024, /* no system call: a library function that the probe announces (probe/mark.h) */
};

struct deed_row {
    const char *word; /* NULL ends the table */
    enum first_kind first;
    unsigned uses;                  /* DEED_ uses */
    const struct param_row *params; /* or NULL */
    const struct call_row *calls;   /* or NULL: only a puppet does it (exit, poke) */
    const int *faults;              /* errnos that `inject` may give, 0-terminated; NULL: none */
    bool may_be_short;              /* `inject` with short: N */
    unsigned long long kinds;       /* bit (1 << object_kind) of what may stand first; 0: not asked */
    const char *law;                /* one sentence for the reference */
    const char *done;               /* for reports, %s is the object: "opens %s" */
    const char *doing;              /* "opening %s", for "blocked in .." and "wait for .." */
};

struct mechanism {
    const char *name;             /* chapter in the reference */
    const struct kind_row *kinds; /* or NULL */
    const struct deed_row *deeds; /* or NULL */
    const struct call_row *calls; /* further calls to trace that no deed names (poll, futex, ...), or NULL */
};

/* All mechanisms, NULL-terminated, in the order of the reference. */
extern const struct mechanism *const vocabulary[];

/* Look-ups; NULL or false when there is none. */
const struct deed_row *vocabulary_deed(const char *word);
const struct kind_row *vocabulary_kind(const char *word);
const struct kind_row *vocabulary_kind_row(enum object_kind kind);
const struct param_row *deed_param(const struct deed_row *deed, const char *word);
const struct state_row *kind_state(const struct kind_row *kind, const char *word);
const struct call_row *vocabulary_call(const char *syscall_name, const struct deed_row **deed);

/* NULL-terminated arrays of the words, for "did you mean". Caller frees the array, not the words. */
const char **vocabulary_deed_words(void);
const char **vocabulary_kind_words(void);

/* "FIFO", "message queue", "pipe", ... for any kind. */
const char *object_kind_noun(enum object_kind kind);
bool object_same(const struct object_id *a, const struct object_id *b);
int object_compare(const void *a, const void *b); /* for qsort(3) of struct object_id: 0 for the same */

/* errno and signal names: 0 when there is no such name. Names come from glibc (strerrorname_np, sigabbrev_np). */
int errno_by_name(const char *name);
/* strerror(3) as programs print it that choose no language, whatever ours is; never NULL, static storage */
const char *error_words(int number);
const char *errno_name(int number); /* "ENXIO", or "errno 999" for unknown ones; never NULL, static storage */
int signal_by_name(const char *name);
const char *signal_name(int number); /* "SIGTERM", "SIGRTMIN+1"; never NULL, static storage */

#endif
