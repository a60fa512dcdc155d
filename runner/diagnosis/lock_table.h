/* Who has the lock that somebody waits for, as the kernel tells it in /proc/locks (proc_locks(5)). For reports; no verdict rests on it.
 *
 * Layer: diagnosis.
 */
#ifndef IPCGRADE_DIAGNOSIS_LOCK_TABLE_H
#define IPCGRADE_DIAGNOSIS_LOCK_TABLE_H

#include <sys/types.h>

/* The pid, as the table counts, of who holds the lock that `waiter` waits for; 0: none is known. `table` is the text of
 * /proc/locks: a lock's waiters stand behind it, under the same number, with "->". */
pid_t lock_holder_in(const char *table, pid_t waiter);

/* The same of the kernel's table as it is now. */
pid_t lock_holder_of(pid_t waiter);

#endif
