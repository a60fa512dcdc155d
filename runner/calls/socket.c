/* Sockets: addresses in the internet and in the file system, connections, datagrams. Reading and writing them is stream.c. */
#include "calls/vocabulary.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>

#include "calls/decode.h"

#define KIND(kind) (1ULL << (kind))

static const struct state_row file_states[] = {
    {"mode", STATE_MODE, VALUE_MODE, GIVEN | LOOKED, "permission bits"},
    {"owner", STATE_OWNER, VALUE_OWNER, GIVEN | LOOKED, "`user` or `other`"},
    {0},
};

static const struct kind_row kinds[] = {
    {OBJECT_TCP, "tcp", "TCP port", IDENTITY_PORT, NULL, false,
     "a TCP port and every connection to it; given: the runner has taken the port"},
    {OBJECT_UDP, "udp", "UDP port", IDENTITY_PORT, NULL, false,
     "a UDP port; given: the runner has taken the port"},
    {OBJECT_UNIX, "unix", "UNIX socket", IDENTITY_PATH, file_states, true,
     "a UNIX stream socket with a name, and every connection to it; given: a socket file that nobody serves"},
    {OBJECT_UNIX_DGRAM, "unix_dgram", "UNIX datagram socket", IDENTITY_PATH, file_states, true,
     "a UNIX datagram socket with a name; given: a socket file that nobody serves"},
    {0},
};

static const struct word_row shutdown_words[] = {
    {"write", SHUT_WR}, {"read", SHUT_RD}, {"both", SHUT_RDWR}, {0}};

static const struct param_row bind_params[] = {
    {"as", PARAM_AS, VALUE_NAME, NULL, 0, "the puppet's name for the socket"},
    {0},
};
static const struct param_row listen_params[] = {
    {"as", PARAM_AS, VALUE_NAME, NULL, 0, "the puppet's name for the socket"},
    {"backlog", PARAM_SIZE, VALUE_RANGE, NULL, 16, "how many connections may wait to be accepted"},
    {0},
};
static const struct param_row connect_params[] = {
    {"as", PARAM_AS, VALUE_NAME, NULL, 0, "the puppet's name for the socket"},
    {"from", PARAM_TO, VALUE_OBJECT, NULL, 0,
     "the puppet's own address, where answers come to; without it a UNIX socket has none"},
    {0},
};
static const struct param_row accept_params[] = {
    {"as", PARAM_AS, VALUE_NAME, NULL, 0, "the puppet's name for the connection"},
    {0},
};
static const struct param_row shutdown_params[] = {
    {"how", PARAM_HOW, VALUE_WORD, shutdown_words, SHUT_WR,
     "which direction ends: `write` (the other side meets end of file), `read`, `both`"},
    {0},
};

static const int accept_faults[] = {EMFILE, ENFILE, ECONNABORTED, 0};

static const struct call_row bind_calls[] = {{"bind", decode_bind, 0}, {0}};
static const struct call_row listen_calls[] = {{"listen", decode_listen, 0}, {0}};
static const struct call_row connect_calls[] = {{"connect", decode_connect, CALL_WAITS}, {0}};
static const struct call_row accept_calls[] = {
    {"accept", decode_accept, CALL_WAITS | CALL_BY_EXIT},
    {"accept4", decode_accept, CALL_WAITS | CALL_BY_EXIT},
    {0},
};
static const struct call_row shutdown_calls[] = {{"shutdown", decode_shutdown, 0}, {0}};

/* What tells sockets apart, and how long they wait. */
static const struct call_row other_calls[] = {
    {"socket", decode_socket, CALL_BY_EXIT | CALL_QUIET},
    {"setsockopt", decode_setsockopt, CALL_QUIET},
    {0},
};

static const unsigned long long named =
    KIND(OBJECT_TCP) | KIND(OBJECT_UDP) | KIND(OBJECT_UNIX) | KIND(OBJECT_UNIX_DGRAM);
static const unsigned long long streams = KIND(OBJECT_TCP) | KIND(OBJECT_UNIX);

static const struct deed_row deeds[] = {
    {"bind", FIRST_OBJECT, DEED_DONE | DEED_LOOKED, bind_params, bind_calls, NULL, false, named,
     "Gives a socket its name; a puppet makes the socket, too. Its datagram socket sends to whom it last "
     "heard from.",
     "binds a socket to %s", "binding a socket to %s"},
    {"listen", FIRST_OBJECT, DEED_DONE | DEED_LOOKED, listen_params, listen_calls, NULL, false, streams,
     "Waits for connections from now on; a puppet makes and binds the socket, too.", "listens at %s",
     "listening at %s"},
    {"connect", FIRST_OBJECT, DEED_DONE | DEED_LOOKED | DEED_BLOCKS, connect_params, connect_calls, NULL,
     false, named, "Connects to, or says where datagrams go; a puppet makes the socket, too.",
     "connects to %s", "connecting to %s"},
    {"accept", FIRST_END, DEED_DONE | DEED_LOOKED | DEED_BLOCKS, accept_params, accept_calls, accept_faults,
     false, 0, "Takes a connection that has come (accept, accept4).", "accepts a connection at %s",
     "accepting a connection at %s"},
    {"shutdown", FIRST_END, DEED_DONE | DEED_LOOKED, shutdown_params, shutdown_calls, NULL, false, 0,
     "Ends one direction of a connection, or both.", "shuts down %s", "shutting down %s"},
    {0},
};

const struct mechanism mechanism_socket = {"Sockets", kinds, deeds, other_calls};
