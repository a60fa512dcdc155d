/* POSIX message queues. */
#include "calls/vocabulary.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>

#include "calls/decode.h"

#define QUEUES (1ULL << OBJECT_MQ)

static const struct state_row states[] = {
    {"messages", STATE_MESSAGES, VALUE_MESSAGES, GIVEN,
     "what waits in it, {prio, text}; nobody can look into it, so `count` is looked at"},
    {"count", STATE_COUNT, VALUE_RANGE, LOOKED, "how many messages wait"},
    {"maxmsg", STATE_MAXMSG, VALUE_RANGE, GIVEN | LOOKED, "most messages that it holds; 10 where not given"},
    {"msgsize", STATE_MSGSIZE, VALUE_RANGE, GIVEN | LOOKED, "most bytes of a message; 8192 where not given"},
    {"mode", STATE_MODE, VALUE_MODE, GIVEN | LOOKED, "permission bits"},
    {"owner", STATE_OWNER, VALUE_OWNER, GIVEN | LOOKED, "`user` or `other`"},
    {0},
};

static const struct kind_row kinds[] = {
    {OBJECT_MQ, "mq", "POSIX message queue", IDENTITY_NAME, states, true, "a POSIX message queue"},
    {0},
};

static const struct word_row open_flags[] = {
    {"O_RDONLY", O_RDONLY},
    {"O_WRONLY", O_WRONLY},
    {"O_RDWR", O_RDWR},
    {"O_CREAT", O_CREAT},
    {"O_EXCL", O_EXCL},
    {"O_NONBLOCK", O_NONBLOCK},
    {0},
};

static const struct param_row open_params[] = {
    {"flags", PARAM_FLAGS, VALUE_FLAGS, open_flags, O_RDWR, "how it is opened; a puppet: O_RDWR"},
    {"mode", PARAM_MODE, VALUE_MODE, NULL, 0600, "permissions of a queue that is made"},
    {"maxmsg", PARAM_MAXMSG, VALUE_RANGE, NULL, 10, "most messages of a queue that is made"},
    {"msgsize", PARAM_MSGSIZE, VALUE_RANGE, NULL, 8192, "most bytes of its messages"},
    {"as", PARAM_AS, VALUE_NAME, NULL, 0, "the puppet's name for the descriptor"},
    {0},
};
static const struct param_row send_params[] = {
    {"prio", PARAM_PRIO, VALUE_RANGE, NULL, 0, "the priority"},
    {"text", PARAM_TEXT, VALUE_TEXT, NULL, 0, "the bytes"},
    {0},
};
static const struct param_row receive_params[] = {
    {"gives", PARAM_GIVES, VALUE_MESSAGE, NULL, 0, "{prio, text} of what comes"},
    {0},
};

static const int open_faults[] = {EMFILE, ENOSPC, 0};

static const struct call_row open_calls[] = {{"mq_open", decode_mq_open, CALL_BY_EXIT}, {0}};
static const struct call_row unlink_calls[] = {{"mq_unlink", decode_mq_unlink, 0}, {0}};
static const struct call_row notify_calls[] = {{"mq_notify", decode_mq_notify, 0}, {0}};
static const struct call_row send_calls[] = {{"mq_timedsend", decode_mq_timedsend, CALL_WAITS}, {0}};
static const struct call_row receive_calls[] = {
    {"mq_timedreceive", decode_mq_timedreceive, CALL_WAITS | CALL_BY_EXIT}, {0}};

static const struct deed_row deeds[] = {
    {"mq_open", FIRST_OBJECT, DEED_DONE | DEED_LOOKED, open_params, open_calls, open_faults, false, QUEUES,
     "Makes or opens a POSIX message queue.", "opens %s", "opening %s"},
    {"mq_unlink", FIRST_OBJECT, DEED_DONE | DEED_LOOKED, NULL, unlink_calls, NULL, false, QUEUES,
     "Removes the name of a POSIX message queue.", "removes %s", "removing %s"},
    {"mq_notify", FIRST_OBJECT, DEED_LOOKED, NULL, notify_calls, NULL, false, QUEUES,
     "Registers to be told when a message comes into the empty queue.", "asks to be told of messages in %s",
     "asking to be told of messages in %s"},
    {"mq_send", FIRST_END, DEED_DONE | DEED_LOOKED | DEED_BLOCKS, send_params, send_calls, NULL, false,
     QUEUES, "Sends a message (mq_send, mq_timedsend).", "sends a message to %s", "sending a message to %s"},
    {"mq_receive", FIRST_END, DEED_DONE | DEED_LOOKED | DEED_BLOCKS, receive_params, receive_calls, NULL,
     false, QUEUES, "Receives a message (mq_receive, mq_timedreceive).", "receives a message from %s",
     "receiving a message from %s"},
    {0},
};

const struct mechanism mechanism_posix_message = {"POSIX message queues", kinds, deeds, NULL};
