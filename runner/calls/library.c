/* Functions of the C library that a student knows by name and the kernel does not: announced by the probe. */
#include "calls/vocabulary.h"

#include <stddef.h>

#include "calls/decode.h"

static const struct param_row ftok_params[] = {
    {"id", PARAM_ID, VALUE_RANGE, NULL, 1, "the project number"},
    {0},
};

static const struct call_row popen_calls[] = {{"popen", decode_popen, CALL_LIBRARY}, {0}};
static const struct call_row pclose_calls[] = {
    {"pclose", decode_pclose, CALL_LIBRARY | CALL_WAITS | CALL_BY_EXIT}, {0}};
static const struct call_row ftok_calls[] = {{"ftok", decode_ftok, CALL_LIBRARY}, {0}};

static const struct deed_row deeds[] = {
    {"popen", FIRST_ANY, DEED_LOOKED, NULL, popen_calls, NULL, false, 0, "Runs a command with a pipe to it.",
     "runs a command by popen", "running a command by popen"},
    {"pclose", FIRST_ANY, DEED_LOOKED | DEED_BLOCKS, NULL, pclose_calls, NULL, false, 0,
     "Closes the pipe of popen and waits for the command.", "waits for a command by pclose",
     "waiting for a command by pclose"},
    {"ftok", FIRST_ANY, DEED_LOOKED, ftok_params, ftok_calls, NULL, false, 0,
     "Computes a System V key of a file.", "computes a key by ftok", "computing a key by ftok"},
    {0},
};

const struct mechanism mechanism_library = {"Library functions", NULL, deeds, NULL};
