/* System V semaphore sets. */
#include "calls/vocabulary.h"

#include <errno.h>
#include <stddef.h>
#include <sys/sem.h>

#include "calls/decode.h"

#define SETS (1ULL << OBJECT_SEMAPHORES)

static const struct state_row states[] = {
    {"values", STATE_VALUES, VALUE_NUMBERS, GIVEN | LOOKED, "the value of each semaphore"},
    {"mode", STATE_MODE, VALUE_MODE, GIVEN | LOOKED, "permission bits"},
    {"owner", STATE_OWNER, VALUE_OWNER, GIVEN | LOOKED, "`user` or `other`"},
    {0},
};

static const struct kind_row kinds[] = {
    {OBJECT_SEMAPHORES, "semaphores", "semaphore set", IDENTITY_KEY, states, true,
     "a System V semaphore set"},
    {0},
};

static const struct word_row get_flags[] = {{"IPC_CREAT", IPC_CREAT}, {"IPC_EXCL", IPC_EXCL}, {0}};
static const struct word_row control_commands[] = {
    {"IPC_RMID", IPC_RMID},
    {"IPC_SET", IPC_SET},
    {"IPC_STAT", IPC_STAT},
    {"SETVAL", SETVAL},
    {"SETALL", SETALL},
    {"GETVAL", GETVAL},
    {"GETALL", GETALL},
    {"GETPID", GETPID},
    {"GETNCNT", GETNCNT},
    {"GETZCNT", GETZCNT},
    {0},
};
static const struct word_row operation_flags[] = {{"IPC_NOWAIT", IPC_NOWAIT}, {"SEM_UNDO", SEM_UNDO}, {0}};

static const struct param_row get_params[] = {
    {"nsems", PARAM_NSEMS, VALUE_RANGE, NULL, 1, "how many semaphores"},
    {"flags", PARAM_FLAGS, VALUE_FLAGS, get_flags, 0, "IPC_CREAT, IPC_EXCL"},
    {"mode", PARAM_MODE, VALUE_MODE, NULL, 0600, "permissions"},
    {0},
};
static const struct param_row control_params[] = {
    {"num", PARAM_NUM, VALUE_RANGE, NULL, 0, "which semaphore"},
    {"cmd", PARAM_CMD, VALUE_WORD, control_commands, IPC_STAT, "what to do"},
    {"value", PARAM_VALUE, VALUE_RANGE, NULL, 0, "with SETVAL: the value"},
    {"values", PARAM_VALUES, VALUE_NUMBERS, NULL, 0, "with SETALL: all values"},
    {"mode", PARAM_MODE, VALUE_MODE, NULL, 0600, "with IPC_SET: the new permissions"},
    {0},
};
static const struct param_row operation_params[] = {
    {"num", PARAM_NUM, VALUE_RANGE, NULL, 0, "which semaphore"},
    {"op", PARAM_OP, VALUE_RANGE, NULL, -1, "what is added; 0 waits for zero"},
    {"flags", PARAM_FLAGS, VALUE_FLAGS, operation_flags, 0, "IPC_NOWAIT, SEM_UNDO"},
    {"ops", PARAM_OPS, VALUE_OPS, operation_flags, 0, "several at once: [[num, op, flag..], ..]"},
    {0},
};

static const int get_faults[] = {ENOSPC, ENOMEM, 0};

static const struct call_row get_calls[] = {{"semget", decode_semget, CALL_BY_EXIT}, {0}};
static const struct call_row control_calls[] = {{"semctl", decode_semctl, CALL_BY_EXIT}, {0}};
static const struct call_row operation_calls[] = {
    {"semop", decode_semop, CALL_WAITS}, {"semtimedop", decode_semtimedop, CALL_WAITS}, {0}};

static const struct deed_row deeds[] = {
    {"semget", FIRST_OBJECT, DEED_DONE | DEED_LOOKED, get_params, get_calls, get_faults, false, SETS,
     "Makes or finds a semaphore set.", "gets %s", "getting %s"},
    {"semctl", FIRST_OBJECT, DEED_DONE | DEED_LOOKED, control_params, control_calls, NULL, false, SETS,
     "Controls a semaphore set.", "controls %s", "controlling %s"},
    {"semop", FIRST_OBJECT, DEED_DONE | DEED_LOOKED | DEED_BLOCKS, operation_params, operation_calls, NULL,
     false, SETS, "Changes, or waits for, semaphores (semop, semtimedop).", "operates on %s",
     "waiting for %s"},
    {0},
};

const struct mechanism mechanism_sysv_semaphore = {"System V semaphores", kinds, deeds, NULL};
