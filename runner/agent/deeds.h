/* The deeds that an agent can do: one function each, found by the word of the vocabulary. */
#ifndef IPCGRADE_AGENT_DEEDS_H
#define IPCGRADE_AGENT_DEEDS_H

#include "agent/ends.h"
#include "agent/order.h"

struct agent {
    struct mailbox *box;
    struct ends ends;
};

/* Does the order in the mailbox and fills in reply.result, .error, ... Blocks as the call blocks. */
struct agent_deed {
    const char *word; /* NULL ends a table */
    void (*perform)(struct agent *agent);
};

/* The tables, one per mechanism file beside this header. */
extern const struct agent_deed agent_stream_deeds[], agent_process_deeds[], agent_sysv_deeds[],
    agent_posix_deeds[], agent_semaphore_deeds[];
extern const struct agent_deed agent_lock_deeds[];
extern const struct agent_deed agent_socket_deeds[];

/* ---- for the deeds ------------------------------------------------------------------------------------------------- */

/* Take over what a system call gave: -1 becomes errno. Returns it. */
long agent_result(struct agent *agent, long result);

/* The order cannot be carried out as it stands; told as the case's or runner's fault. */
void agent_trouble(struct agent *agent, const char *what, const char *name);

/* The descriptor that the order is about, or -1 after agent_trouble(). */
int agent_fd(struct agent *agent);

/* The attachment or mapping that the order is about, or NULL after agent_trouble(). */
struct end *agent_mapping(struct agent *agent);

/* Keep a new descriptor under the order's first or second `as`. */
void agent_keep_fd(struct agent *agent, int which, int fd);

/* Keep it under that name, beside what the order's `as` says. */
void agent_keep_as(struct agent *agent, const char *name, int fd);

/* socket.c: datagrams, and whatever descriptors are passed with. */
int agent_sends_messages(const struct agent *agent, int fd);
void agent_receive(struct agent *agent, int fd);
void agent_send(struct agent *agent, int fd);

static inline int64_t agent_value(const struct agent *agent, enum param param)
{
    return agent->box->order.value[param];
}

static inline int agent_is_written(const struct agent *agent, enum param param)
{
    return (int)((agent->box->order.known >> param) & 1);
}

#endif
