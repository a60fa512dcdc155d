/* System V shared memory. */
#include "calls/vocabulary.h"

#include <errno.h>
#include <stddef.h>
#include <sys/shm.h>

#include "calls/decode.h"

#define SEGMENTS (1ULL << OBJECT_SEGMENT)

static const struct state_row states[] = {
    {"size", STATE_SIZE, VALUE_RANGE, GIVEN | LOOKED, "bytes"},
    {"text", STATE_TEXT, VALUE_TEXT, GIVEN | LOOKED,
     "what it holds, up to the first NUL where a text is asked for"},
    {"ints", STATE_INTS, VALUE_NUMBERS, GIVEN | LOOKED, "what it holds, read as ints from its beginning"},
    {"attached", STATE_ATTACHED, VALUE_RANGE, LOOKED, "how many attachments there are"},
    {"mode", STATE_MODE, VALUE_MODE, GIVEN | LOOKED, "permission bits"},
    {"owner", STATE_OWNER, VALUE_OWNER, GIVEN | LOOKED, "`user` or `other`"},
    {0},
};

static const struct kind_row kinds[] = {
    {OBJECT_SEGMENT, "segment", "shared memory segment", IDENTITY_KEY, states, true,
     "a System V shared memory segment"},
    {0},
};

static const struct word_row get_flags[] = {{"IPC_CREAT", IPC_CREAT}, {"IPC_EXCL", IPC_EXCL}, {0}};
static const struct word_row attach_flags[] = {{"SHM_RDONLY", SHM_RDONLY}, {"SHM_RND", SHM_RND}, {0}};
static const struct word_row control_commands[] = {
    {"IPC_RMID", IPC_RMID},
    {"IPC_SET", IPC_SET},
    {"IPC_STAT", IPC_STAT},
    {0},
};

static const struct param_row get_params[] = {
    {"size", PARAM_SIZE, VALUE_RANGE, NULL, 0, "bytes"},
    {"flags", PARAM_FLAGS, VALUE_FLAGS, get_flags, 0, "IPC_CREAT, IPC_EXCL"},
    {"mode", PARAM_MODE, VALUE_MODE, NULL, 0600, "permissions"},
    {0},
};
static const struct param_row attach_params[] = {
    {"flags", PARAM_FLAGS, VALUE_FLAGS, attach_flags, 0, "SHM_RDONLY, SHM_RND"},
    {"as", PARAM_AS, VALUE_NAME, NULL, 0, "the puppet's name for the attachment"},
    {0},
};
static const struct param_row control_params[] = {
    {"cmd", PARAM_CMD, VALUE_WORD, control_commands, IPC_STAT, "what to do"},
    {"mode", PARAM_MODE, VALUE_MODE, NULL, 0600, "with IPC_SET: the new permissions"},
    {0},
};
static const struct param_row poke_params[] = {
    {"text", PARAM_TEXT, VALUE_TEXT, NULL, 0, "the bytes to put there"},
    {"at", PARAM_AT, VALUE_RANGE, NULL, 0, "at which byte"},
    {0},
};

static const int get_faults[] = {ENOSPC, ENOMEM, 0};
static const int attach_faults[] = {ENOMEM, 0};

static const struct call_row get_calls[] = {{"shmget", decode_shmget, CALL_BY_EXIT}, {0}};
static const struct call_row attach_calls[] = {{"shmat", decode_shmat, CALL_BY_EXIT}, {0}};
static const struct call_row detach_calls[] = {{"shmdt", decode_shmdt, 0}, {0}};
static const struct call_row control_calls[] = {{"shmctl", decode_shmctl, CALL_BY_EXIT}, {0}};

static const struct deed_row deeds[] = {
    {"shmget", FIRST_OBJECT, DEED_DONE | DEED_LOOKED, get_params, get_calls, get_faults, false, SEGMENTS,
     "Makes or finds a shared memory segment.", "gets %s", "getting %s"},
    {"shmat", FIRST_OBJECT, DEED_DONE | DEED_LOOKED, attach_params, attach_calls, attach_faults, false,
     SEGMENTS, "Attaches a segment.", "attaches %s", "attaching %s"},
    {"shmdt", FIRST_END, DEED_DONE | DEED_LOOKED, NULL, detach_calls, NULL, false, 0, "Detaches a segment.",
     "detaches %s", "detaching %s"},
    {"shmctl", FIRST_OBJECT, DEED_DONE | DEED_LOOKED, control_params, control_calls, NULL, false, SEGMENTS,
     "Controls a segment.", "controls %s", "controlling %s"},
    {"poke", FIRST_END, DEED_DONE, poke_params, NULL, NULL, false, 0,
     "Puts bytes into an attached segment or mapping.", "puts bytes into %s", "putting bytes into %s"},
    {0},
};

const struct mechanism mechanism_sysv_memory = {"System V shared memory", kinds, deeds, NULL};
