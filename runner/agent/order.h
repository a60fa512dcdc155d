/* What passes between the runner and an agent (a puppet or a stand-in): orders and replies in the agent's own memory.
 *
 * The agent makes the marker call with the address of its mailbox and is stopped there by the tracer: that is "without orders". The runner writes the
 * order into the mailbox (process_vm_writev), lets the agent go, and finds the reply in the mailbox at the next marker. There is no descriptor and no channel that
 * student code could reach; the marker means something only in a process whose executable is the agent (recognised by device and inode).
 *
 * Layer: shared by agent/ (static, libc only) and judge/; names only calls/vocabulary.h for the numbers of parameters.
 */
#ifndef IPCGRADE_AGENT_ORDER_H
#define IPCGRADE_AGENT_ORDER_H

#include <stdint.h>

#include "calls/vocabulary.h"

/* A system call number that no architecture uses; without a tracer it gives ENOSYS. */
enum { AGENT_MARKER = 7777 };
enum {
    AGENT_MAGIC = 0x69706367,
    AGENT_DATA = 1 << 20,
    AGENT_NAME = 48,
    AGENT_OPS = 32,
    AGENT_VALUES = 256,
    AGENT_FDS = 8
};

/* How the object of a deed is found. */
enum order_object {
    ORDER_NOTHING,
    ORDER_END,    /* end: an own name from an earlier `as` */
    ORDER_STREAM, /* fd 0, 1 or 2 */
    ORDER_PATH,   /* path */
    ORDER_KEY,    /* key (System V), or port */
    ORDER_ID,     /* id (System V, made with IPC_PRIVATE) */
    ORDER_PID,    /* pid (kill) */
};

struct order {
    char deed[16];
    enum order_object object;
    enum object_kind kind;
    char end[AGENT_NAME];
    char as[2][AGENT_NAME];
    int32_t fd, key, id, pid;
    char path[256];
    char path2[256]; /* rename: the new name; connect: the own one */
    int64_t value[PARAM_COUNT];
    uint64_t known; /* bit (1 << PARAM_x): value[] was written in the case; else it holds the usual value */
    struct {
        int32_t num, op, flags;
    } ops[AGENT_OPS];
    uint32_t op_count;
    int32_t values[AGENT_VALUES];
    uint32_t value_count;
    char fds[AGENT_FDS][AGENT_NAME]; /* read, write: names of descriptors that are passed */
    uint32_t fd_count;
    uint64_t data_len;   /* bytes of mailbox.data that are to be written, sent, poked */
    uint64_t want_len;   /* read: go on until so many bytes are there (0: one read) */
    int32_t until_eof;   /* read: go on until end of file */
    int32_t wants_error; /* the case demands a failure: EAGAIN is an answer, not a reason to wait */
};

struct reply {
    int64_t result;   /* of the call, or -1 */
    int32_t error;    /* errno, or 0 */
    int64_t type;     /* msgrcv: the type */
    uint64_t got_len; /* bytes in mailbox.got */
    uint64_t total;   /* bytes that came in all (got holds at most AGENT_DATA) */
    int32_t met_eof;
    uint32_t fd_count; /* read: descriptors that came */
    char trouble
        [128]; /* the order itself could not be carried out ("nothing is called 'r'"): the runner's or case's fault */
};

struct mailbox {
    uint32_t magic;
    uint32_t size; /* sizeof(struct mailbox): must be the runner's */
    struct order order;
    struct reply reply;
    char data[AGENT_DATA];
    char got[AGENT_DATA];
};

#endif
