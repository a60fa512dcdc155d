/* System V message queues. */
#include "calls/vocabulary.h"

#include <errno.h>
#include <stddef.h>
#include <sys/msg.h>

#include "calls/decode.h"

#define QUEUES (1ULL << OBJECT_QUEUE)

static const struct state_row states[] = {
    {"messages", STATE_MESSAGES, VALUE_MESSAGES, GIVEN | LOOKED,
     "what waits in it, in order, each {type, text}"},
    {"count", STATE_COUNT, VALUE_RANGE, LOOKED, "how many messages wait"},
    {"capacity", STATE_CAPACITY, VALUE_RANGE, GIVEN | LOOKED,
     "most bytes of text that it holds (msg_qbytes)"},
    {"mode", STATE_MODE, VALUE_MODE, GIVEN | LOOKED, "permission bits"},
    {"owner", STATE_OWNER, VALUE_OWNER, GIVEN | LOOKED, "`user` or `other`"},
    {0},
};

static const struct kind_row kinds[] = {
    {OBJECT_QUEUE, "queue", "message queue", IDENTITY_KEY, states, true, "a System V message queue"},
    {0},
};

static const struct word_row get_flags[] = {{"IPC_CREAT", IPC_CREAT}, {"IPC_EXCL", IPC_EXCL}, {0}};
static const struct word_row control_commands[] = {
    {"IPC_RMID", IPC_RMID},
    {"IPC_SET", IPC_SET},
    {"IPC_STAT", IPC_STAT},
    {0},
};
static const struct word_row send_flags[] = {{"IPC_NOWAIT", IPC_NOWAIT}, {0}};
static const struct word_row receive_flags[] = {
    {"IPC_NOWAIT", IPC_NOWAIT},
    {"MSG_NOERROR", MSG_NOERROR},
    {"MSG_EXCEPT", MSG_EXCEPT},
    {0},
};

static const struct param_row get_params[] = {
    {"flags", PARAM_FLAGS, VALUE_FLAGS, get_flags, 0, "IPC_CREAT, IPC_EXCL"},
    {"mode", PARAM_MODE, VALUE_MODE, NULL, 0600, "permissions"},
    {0},
};
static const struct param_row control_params[] = {
    {"cmd", PARAM_CMD, VALUE_WORD, control_commands, IPC_STAT, "what to do"},
    {"mode", PARAM_MODE, VALUE_MODE, NULL, 0600, "with IPC_SET: the new permissions"},
    {"capacity", PARAM_CAPACITY, VALUE_RANGE, NULL, 0, "with IPC_SET: the new capacity in bytes"},
    {0},
};
static const struct param_row send_params[] = {
    {"type", PARAM_TYPE, VALUE_RANGE, NULL, 1, "the message type"},
    {"text", PARAM_TEXT, VALUE_TEXT, NULL, 0, "the text, without the type"},
    {"flags", PARAM_FLAGS, VALUE_FLAGS, send_flags, 0, "IPC_NOWAIT"},
    {0},
};
static const struct param_row receive_params[] = {
    {"type", PARAM_TYPE, VALUE_RANGE, NULL, 0,
     "0: the first; N: the first of type N; -N: the lowest up to N"},
    {"size", PARAM_SIZE, VALUE_RANGE, NULL, 8192, "room for the text in bytes"},
    {"flags", PARAM_FLAGS, VALUE_FLAGS, receive_flags, 0, "IPC_NOWAIT, MSG_NOERROR, MSG_EXCEPT"},
    {"gives", PARAM_GIVES, VALUE_MESSAGE, NULL, 0, "{type, text} of what comes"},
    {0},
};

static const int get_faults[] = {ENOSPC, ENOMEM, 0};

static const struct call_row get_calls[] = {{"msgget", decode_msgget, CALL_BY_EXIT}, {0}};
static const struct call_row control_calls[] = {{"msgctl", decode_msgctl, CALL_BY_EXIT}, {0}};
static const struct call_row send_calls[] = {{"msgsnd", decode_msgsnd, CALL_WAITS}, {0}};
static const struct call_row receive_calls[] = {{"msgrcv", decode_msgrcv, CALL_WAITS | CALL_BY_EXIT}, {0}};

static const struct deed_row deeds[] = {
    {"msgget", FIRST_OBJECT, DEED_DONE | DEED_LOOKED, get_params, get_calls, get_faults, false, QUEUES,
     "Makes or finds a message queue.", "gets %s", "getting %s"},
    {"msgctl", FIRST_OBJECT, DEED_DONE | DEED_LOOKED, control_params, control_calls, NULL, false, QUEUES,
     "Controls a message queue.", "controls %s", "controlling %s"},
    {"msgsnd", FIRST_OBJECT, DEED_DONE | DEED_LOOKED | DEED_BLOCKS, send_params, send_calls, NULL, false,
     QUEUES, "Sends a message.", "sends a message to %s", "sending a message to %s"},
    {"msgrcv", FIRST_OBJECT, DEED_DONE | DEED_LOOKED | DEED_BLOCKS, receive_params, receive_calls, NULL,
     false, QUEUES, "Receives a message.", "receives a message from %s", "receiving a message from %s"},
    {0},
};

const struct mechanism mechanism_sysv_message = {"System V message queues", kinds, deeds, NULL};
