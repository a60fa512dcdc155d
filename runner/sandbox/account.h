/* On whose account the kernel writes what a sandbox uses.
 *
 * Bytes of POSIX queues, queued signals, processes, inotify instances and namespaces are counted for the user inside, and once more for the user who has
 * *made* the user namespace, up to that user's own limit: what one sandbox takes there, all others of the same maker lack. So a runner that may choose makes each sandbox as
 * a user of its own (`base`), who has nothing else. Who has one user only leaves each sandbox a part of his limits.
 *
 * Layer: sandbox, private to the room. Sources: user_namespaces(7), setrlimit(2), namespaces(7) ("The /proc/sys/user directory"), setresuid(2), capabilities(7).
 */
#ifndef IPCGRADE_SANDBOX_ACCOUNT_H
#define IPCGRADE_SANDBOX_ACCOUNT_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "sandbox/ground.h"

enum { ACCOUNT_SIGNALS, ACCOUNT_QUEUES, ACCOUNT_SHARED };

struct account { /* what the process was before */
    bool is_own, is_shared;
    int death_signal, is_dumpable;
    pid_t parent;
    struct rlimit limits[ACCOUNT_SHARED];
    bool is_known[ACCOUNT_SHARED];
};

/* Around the clone of init. What the machine refuses on entering is left as it was: then neighbours share. account_leave() keeps errno, or sets it and is false: the runner
 * could not become again who it was. */
void account_enter(struct account *account, const struct ground *ground);
bool account_leave(const struct account *account, const struct ground *ground, bool is_init);

/* In init, while /proc/sys can be written: how many watches on files, which no exercise needs, a sandbox may take. */
void account_limit(void);

#endif
