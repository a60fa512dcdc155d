/* Inside the diagnosis room: filling in one wait. */
#ifndef IPCGRADE_DIAGNOSIS_HELPERS_H
#define IPCGRADE_DIAGNOSIS_HELPERS_H

#include "diagnosis/waits.h"

struct search { /* what all mechanisms need */
    struct tracer *tracer;
    const struct history *history;
    const struct inspector *inspector;
};

/* One mechanism: fills in wait->wait_for, its facts and its helpers. */
typedef void find_helpers(const struct search *search, struct wait *wait);

find_helpers helpers_of_read, helpers_of_write, helpers_of_open, helpers_of_poll;  /* helpers_stream.c */
find_helpers helpers_of_msgrcv, helpers_of_msgsnd, helpers_of_semop;               /* helpers_sysv.c */
find_helpers helpers_of_sem;                                                       /* helpers_posix.c */
find_helpers helpers_of_wait, helpers_of_lock, helpers_of_futex, helpers_of_pause; /* helpers_process.c */

/* Add one, unless that process and descriptor are there already. */
void helper_add(struct wait *wait, const struct helper *helper);

#endif
