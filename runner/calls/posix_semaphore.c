/* POSIX semaphores, named and unnamed. They live in memory: only the probe and the futex wait in the end tell what is done to them. */
#include "calls/vocabulary.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>

#include "calls/decode.h"

#define SEMS (1ULL << OBJECT_SEM)

static const struct state_row states[] = {
    {"value", STATE_VALUE, VALUE_RANGE, GIVEN | LOOKED, "what sem_getvalue gives"},
    {"mode", STATE_MODE, VALUE_MODE, GIVEN | LOOKED, "permission bits"},
    {"owner", STATE_OWNER, VALUE_OWNER, GIVEN | LOOKED, "`user` or `other`"},
    {0},
};

static const struct kind_row kinds[] = {
    {OBJECT_SEM, "sem", "POSIX semaphore", IDENTITY_NAME, states, true, "a named POSIX semaphore"},
    {0},
};

static const struct word_row open_flags[] = {{"O_CREAT", O_CREAT}, {"O_EXCL", O_EXCL}, {0}};

static const struct param_row open_params[] = {
    {"flags", PARAM_FLAGS, VALUE_FLAGS, open_flags, 0, "O_CREAT, O_EXCL"},
    {"mode", PARAM_MODE, VALUE_MODE, NULL, 0600, "permissions of a new one"},
    {"value", PARAM_VALUE, VALUE_RANGE, NULL, 0, "value of a new one"},
    {"as", PARAM_AS, VALUE_NAME, NULL, 0, "the puppet's name for it"},
    {0},
};
static const struct param_row init_params[] = {
    {"value", PARAM_VALUE, VALUE_RANGE, NULL, 0, "the value at the beginning"},
    {0},
};

static const int open_faults[] = {EMFILE, ENOSPC, 0};

static const struct call_row open_calls[] = {{"sem_open", decode_sem_open, CALL_LIBRARY}, {0}};
static const struct call_row close_calls[] = {{"sem_close", decode_nothing, CALL_LIBRARY}, {0}};
static const struct call_row unlink_calls[] = {{"sem_unlink", decode_sem_unlink, CALL_LIBRARY}, {0}};
static const struct call_row init_calls[] = {{"sem_init", decode_sem_init, CALL_LIBRARY}, {0}};
static const struct call_row wait_calls[] = {
    {"sem_wait", decode_sem_wait, CALL_LIBRARY | CALL_WAITS},
    {"sem_timedwait", decode_sem_timedwait, CALL_LIBRARY | CALL_WAITS},
    {"sem_clockwait", decode_sem_timedwait, CALL_LIBRARY | CALL_WAITS},
    {0},
};
static const struct call_row trywait_calls[] = {{"sem_trywait", decode_nothing, CALL_LIBRARY}, {0}};
static const struct call_row post_calls[] = {{"sem_post", decode_nothing, CALL_LIBRARY}, {0}};
static const struct call_row other_calls[] = {{"sem_destroy", decode_nothing, CALL_LIBRARY}, {0}};

static const struct deed_row deeds[] = {
    {"sem_open", FIRST_OBJECT, DEED_DONE | DEED_LOOKED, open_params, open_calls, open_faults, false, SEMS,
     "Makes or opens a named semaphore.", "opens %s", "opening %s"},
    {"sem_close", FIRST_END, DEED_DONE | DEED_LOOKED, NULL, close_calls, NULL, false, 0,
     "Closes a named semaphore.", "closes %s", "closing %s"},
    {"sem_unlink", FIRST_OBJECT, DEED_DONE | DEED_LOOKED, NULL, unlink_calls, NULL, false, SEMS,
     "Removes the name of a semaphore.", "unlinks %s", "unlinking %s"},
    {"sem_init", FIRST_ANY, DEED_LOOKED, init_params, init_calls, NULL, false, 0,
     "Makes an unnamed semaphore.", "makes an unnamed semaphore", "making an unnamed semaphore"},
    {"sem_wait", FIRST_END, DEED_DONE | DEED_LOOKED | DEED_BLOCKS, NULL, wait_calls, NULL, false, SEMS,
     "Takes from a semaphore, waiting if it is 0 (sem_wait, sem_timedwait, sem_clockwait).", "waits for %s",
     "waiting for %s"},
    {"sem_trywait", FIRST_END, DEED_DONE | DEED_LOOKED, NULL, trywait_calls, NULL, false, SEMS,
     "Takes from a semaphore, or fails if it is 0.", "tries to take from %s", "trying to take from %s"},
    {"sem_post", FIRST_END, DEED_DONE | DEED_LOOKED, NULL, post_calls, NULL, false, SEMS,
     "Adds one to a semaphore.", "posts %s", "posting %s"},
    {0},
};

const struct mechanism mechanism_posix_semaphore = {"POSIX semaphores", kinds, deeds, other_calls};
