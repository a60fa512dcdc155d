/* Accounts of a semaphore: what each thread has taken from it and given to it, by the event log.
 *
 * Whoever has taken more than he gave is to give it back. But a semaphore that somebody has given more than he took tells of events (an item is there, your turn): there nobody
 * owes anything. What was before a semctl() that set the value does not count any more.
 *
 * Layer: diagnosis.
 */
#ifndef IPCGRADE_DIAGNOSIS_ACCOUNTS_H
#define IPCGRADE_DIAGNOSIS_ACCOUNTS_H

#include "trace/trace.h"

struct account { /* of one thread */
    int process; /* index */
    pid_t tid;
    int balance;                /* given minus taken */
    int undo;                   /* what the kernel will add when the process ends: SEM_UNDO */
    const struct event *taking; /* the last that took, that gave, that did anything; NULL: none */
    const struct event *giving;
    const struct event *using;
    const struct event *change; /* ... that changed the value, also by setting it */
};

struct accounts {
    struct account *items; /* owned */
    size_t count;
    bool tells_events;
};

/* Read the log. `num` is the semaphore of a System V set; of POSIX ones 0. What lies in a process's own memory is another semaphore in every process that has it
 * at the same address: then only the events of `process` count (an index; -1: all). Ends the process when there is no memory; let go with accounts_free(). */
void accounts_read(struct accounts *accounts, struct tracer *tracer, const struct object_id *object,
                   unsigned short num, int process);
void accounts_free(struct accounts *accounts);

#endif
