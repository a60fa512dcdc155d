/* Locks on files: fcntl's record locks, of a process or of an open file description, and flock's. */
#include "calls/vocabulary.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/file.h>

#include "calls/decode.h"

static const struct word_row lock_types[] = {
    {"F_RDLCK", F_RDLCK}, {"F_WRLCK", F_WRLCK}, {"F_UNLCK", F_UNLCK}, {0}};
static const struct word_row lock_commands[] = {
    {"F_SETLK", F_SETLK},
    {"F_SETLKW", F_SETLKW},
    {"F_GETLK", F_GETLK},
    {"F_OFD_SETLK", F_OFD_SETLK},
    {"F_OFD_SETLKW", F_OFD_SETLKW},
    {"F_OFD_GETLK", F_OFD_GETLK},
    {0},
};
static const struct word_row flock_operations[] = {
    {"LOCK_SH", LOCK_SH}, {"LOCK_EX", LOCK_EX}, {"LOCK_NB", LOCK_NB}, {"LOCK_UN", LOCK_UN}, {0}};

static const struct param_row lock_params[] = {
    {"type", PARAM_TYPE, VALUE_WORD, lock_types, F_WRLCK, "F_RDLCK, F_WRLCK, or F_UNLCK to give it back"},
    {"start", PARAM_START, VALUE_RANGE, NULL, 0,
     "the first byte; in looks where it was counted from the beginning of the file"},
    {"len", PARAM_LEN, VALUE_RANGE, NULL, 0, "how many bytes; 0: to the end, however long the file grows"},
    {"cmd", PARAM_CMD, VALUE_WORD, lock_commands, F_SETLKW,
     "how; F_GETLK and F_OFD_GETLK only ask, and `returns` is the pid of a holder, or 0"},
    {0},
};
static const struct param_row flock_params[] = {
    {"op", PARAM_OP, VALUE_FLAGS, flock_operations, LOCK_EX, "LOCK_SH, LOCK_EX, LOCK_UN; with LOCK_NB"},
    {0},
};

static const int lock_faults[] = {ENOLCK, 0};

/* fcntl's row stands at `dup`; which family a call belongs to is seen from its command (decode_fcntl). */
static const struct call_row lock_calls[] = {{0}};
static const struct call_row flock_calls[] = {{"flock", decode_flock, CALL_WAITS}, {0}};

static const struct deed_row deeds[] = {
    {"lock", FIRST_END, DEED_DONE | DEED_LOOKED | DEED_BLOCKS, lock_params, lock_calls, lock_faults, false, 0,
     "Locks or unlocks bytes of a file, or asks who has locked them (fcntl with F_SETLK and its sisters, "
     "lockf).",
     "locks %s", "locking %s"},
    {"flock", FIRST_END, DEED_DONE | DEED_LOOKED | DEED_BLOCKS, flock_params, flock_calls, lock_faults, false,
     0, "Locks or unlocks a whole file (flock).", "locks %s with flock", "locking %s with flock"},
    {0},
};

const struct mechanism mechanism_lock = {"File locks", NULL, deeds, NULL};
