/* Who has the lock that somebody waits for, as the kernel tells it in /proc/locks (proc_locks(5)). For reports; no verdict rests on it.
 *
 * Layer: diagnosis.
 */
#ifndef IPCGRADE_DIAGNOSIS_LOCK_TABLE_H
#define IPCGRADE_DIAGNOSIS_LOCK_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define LOCK_TO_END INT64_MAX

struct lock_held {
    pid_t
        pid; /* as the table counts; of flock(2): who made it; -1: of an open file description; 0: no lock is known */
    bool is_shared;     /* LOCK_SH, F_RDLCK */
    bool is_posix;      /* belongs to the process, not to the open file description */
    int64_t start, end; /* bytes, both included; end LOCK_TO_END: to the end of the file */
    char text[96]; /* the row without its number, as fdinfo shows it, too (proc_pid_fdinfo(5), "lock:") */
};

/* The lock that is in the way of `waiter`; false: none is known. Who asks for a lock of an open file description (F_OFD_SETLKW) has no pid in the table: he is looked for by the `inode` of the
 * file, and found where all such waiters of that file wait for the same lock. */
bool lock_in_way_in(const char *table, pid_t waiter, uint64_t inode, struct lock_held *held);
bool lock_in_way(pid_t waiter, uint64_t inode,
                 struct lock_held *held); /* of the kernel's table as it is now */

/* Does this text of /proc/PID/fdinfo/N belong to the open file description that has the lock? */
bool lock_is_of(const struct lock_held *held, const char *fdinfo);

/* The pid, as the table counts, of who holds the lock that `waiter` waits for; 0: none is known. `table` is the text of
 * /proc/locks: a lock's waiters stand behind it, under the same number, with "->". */
pid_t lock_holder_in(const char *table, pid_t waiter);

/* The same of the kernel's table as it is now. */
pid_t lock_holder_of(pid_t waiter);

#endif
