/* The numbers in a folder of /proc: processes, or the tasks of one. Wants no memory: who ends because there is none left must find those that he has to end, all the same.
 *
 *     cleanup_pids struct pids all = pids_of("/proc");
 *     for (pid_t pid; (pid = pids_next(&all));)
 *
 * Layer: base. Sources: proc(5); getdents64(2).
 */
#ifndef IPCGRADE_BASE_PIDS_H
#define IPCGRADE_BASE_PIDS_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct pids {
    int fd; /* owned; -1: the folder could not be opened */
    size_t at, len;
    _Alignas(struct dirent64) char room[4096];
};

struct pids pids_of(const char *folder);
struct pids pids_of_tasks(pid_t pid);

bool pids_are_told(const struct pids *pids); /* the folder is open */

/* The next number; 0: there is none, or it cannot be read. What has no number is passed over. */
pid_t pids_next(struct pids *pids);

void pids_end(const struct pids *pids);

#define cleanup_pids __attribute__((cleanup(pids_end)))

#endif
