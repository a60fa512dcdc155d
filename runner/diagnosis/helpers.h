/* Inside the diagnosis room: filling in one wait. */
#ifndef IPCGRADE_DIAGNOSIS_HELPERS_H
#define IPCGRADE_DIAGNOSIS_HELPERS_H

#include "diagnosis/accounts.h"
#include "diagnosis/holders.h"
#include "diagnosis/waits.h"

struct search { /* what all mechanisms need */
    struct tracer *tracer;
    const struct history *history;
    const struct inspector *inspector; /* NULL: the kernel is not asked */
    /* Read when they are needed first, and kept for the other waits: there may be a thousand. */
    struct holders holders;
    bool has_holders;
    struct accounts accounts; /* of the semaphore below */
    bool has_accounts;
    struct object_id object;
    unsigned short num;
    int process;
};

/* One mechanism: fills in wait->wait_for, its facts and its helpers. */
typedef void find_helpers(struct search *search, struct wait *wait);

find_helpers helpers_of_read, helpers_of_write, helpers_of_open, helpers_of_poll; /* helpers_stream.c */
find_helpers helpers_of_accept, helpers_of_connect;                               /* helpers_socket.c */
find_helpers helpers_of_msgrcv, helpers_of_msgsnd, helpers_of_mq_receive,
    helpers_of_mq_send;                                          /* helpers_queue.c */
find_helpers helpers_of_semop, helpers_of_sem;                   /* helpers_semaphore.c */
find_helpers helpers_of_wait, helpers_of_lock, helpers_of_pause; /* helpers_process.c */
find_helpers helpers_of_futex;                                   /* helpers_thread.c */

/* Add one, unless that process, thread and descriptor are there already. */
void helper_add(struct wait *wait, const struct helper *helper);

/* waits.c: living processes other than the wait's own that have done something with its object; `word` is the deed that counts most, and is told when they have done it; they are
 * probable. `is_needed`: nothing else counts. */
void helpers_add_users(const struct search *search, struct wait *wait, const char *word, bool is_needed);

/* helpers_stream.c. `through` as in struct helper. */
struct holders *search_holders(struct search *search);
void helper_add_holder(const struct search *search, struct wait *wait, const struct holder *holder,
                       enum help help, int through);
enum { MOST_FDS = 1024 };

/* helpers_socket.c: as helpers_of_read (`wanted` END_WRITE) and helpers_of_write (END_READ), for a connection or a datagram socket. */
void socket_wait(struct search *search, struct wait *wait, int fd, unsigned wanted, int through);

#endif
