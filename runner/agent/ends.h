/* What an agent has by name: descriptors and attachments from earlier deeds (`as`). */
#ifndef IPCGRADE_AGENT_ENDS_H
#define IPCGRADE_AGENT_ENDS_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/order.h"

enum { AGENT_ENDS = 64, AGENT_NAME_OF_SOCKET = 128 };

struct end {
    char name[AGENT_NAME];             /* "" for a free place */
    int fd;                            /* or -1 */
    char *address;                     /* an attachment or mapping, or NULL */
    size_t size;                       /* of the mapping */
    char sender[AGENT_NAME_OF_SOCKET]; /* whom a datagram socket last heard from: struct sockaddr */
    unsigned sender_len;               /* 0: nobody, or one without a name */
};

struct ends {
    struct end items[AGENT_ENDS];
};

struct end *ends_find(struct ends *ends, const char *name); /* NULL: none of that name */
void ends_forget(struct end *end);

/* A place for that name, replacing one that is there (a case that reuses a name means the newer thing). NULL: too many. An empty name gets a place of its own. */
struct end *ends_add(struct ends *ends, const char *name);

#endif
