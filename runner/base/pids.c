/* Reading numbers in /proc; see pids.h. */
#include "base/pids.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct pids pids_of(const char *folder)
{
    return (struct pids){.fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
}

struct pids pids_of_tasks(pid_t pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    return pids_of(path);
}

bool pids_are_told(const struct pids *pids)
{
    return pids->fd >= 0;
}

static bool fill(struct pids *pids)
{
    ssize_t len = pids->fd < 0 ? 0 : getdents64(pids->fd, pids->room, sizeof pids->room);
    pids->at = 0;
    pids->len = len > 0 ? (size_t)len : 0;
    return len > 0;
}

pid_t pids_next(struct pids *pids)
{
    while (pids->at < pids->len || fill(pids)) {
        const struct dirent64 *entry = (const struct dirent64 *)(const void *)(pids->room + pids->at);
        pids->at += entry->d_reclen;
        pid_t number = (pid_t)strtol(entry->d_name, NULL, 10);
        if (number > 0)
            return number;
    }
    return 0;
}

void pids_end(const struct pids *pids)
{
    if (pids->fd >= 0)
        close(pids->fd);
}
