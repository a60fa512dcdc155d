/* Pipes and descriptors: pipe, socketpair, dup. */
#include "calls/vocabulary.h"

#include <errno.h>
#include <stddef.h>

#include "calls/decode.h"

static const struct param_row dup_params[] = {
    {"onto", PARAM_ONTO, VALUE_NUMBER, NULL, -1, "the number that it gets"},
    {"as", PARAM_AS, VALUE_NAME, NULL, 0, "the puppet's name for the new descriptor"},
    {0},
};

static const int pipe_faults[] = {EMFILE, ENFILE, 0};

static const struct call_row pipe_calls[] = {
    {"pipe", decode_pipe, CALL_BY_EXIT}, {"pipe2", decode_pipe2, CALL_BY_EXIT}, {0}};
static const struct call_row socketpair_calls[] = {{"socketpair", decode_socketpair, CALL_BY_EXIT}, {0}};
static const struct call_row dup_calls[] = {
    {"dup", decode_dup, CALL_BY_EXIT},
    {"dup2", decode_dup2, CALL_BY_EXIT},
    {"dup3", decode_dup2, CALL_BY_EXIT},
    {"fcntl", decode_fcntl, CALL_BY_EXIT | CALL_WAITS},
    {0},
};

static const struct deed_row deeds[] = {
    {"pipe", FIRST_ANY, DEED_DONE | DEED_LOOKED, NULL, pipe_calls, pipe_faults, false, 0,
     "Makes a pipe (pipe, pipe2). A puppet names both ends: [r, w].", "makes a pipe", "making a pipe"},
    {"socketpair", FIRST_ANY, DEED_DONE | DEED_LOOKED, NULL, socketpair_calls, pipe_faults, false, 0,
     "Makes a pair of connected sockets. A puppet names both ends: [a, b].", "makes a socket pair",
     "making a socket pair"},
    {"dup", FIRST_END, DEED_DONE | DEED_LOOKED, dup_params, dup_calls, pipe_faults, false, 0,
     "Makes a second descriptor (dup, dup2, dup3, F_DUPFD).", "duplicates %s", "duplicating %s"},
    {0},
};

const struct mechanism mechanism_pipe = {"Pipes and descriptors", NULL, deeds, NULL};
