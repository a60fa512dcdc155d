/* One case at a time on a machine that shares its names; see machine_lock.h. */
#include "commands/machine_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

/* Both belong to the system, so a link to either is its own doing. Where there is no /dev/shm, keys alone are shared. */
static const char *const folders[] = {"/dev/shm", "/"};

int machine_lock_open(struct err *err)
{
    int lock = -1;
    for (size_t i = 0; i < sizeof folders / sizeof *folders && lock < 0; i++)
        lock = open(folders[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock < 0)
        err_sys(err, "open %s", folders[0]);
    return lock;
}

bool machine_lock_wait(int lock, struct err *err)
{
    int result;
    while ((result = flock(lock, LOCK_EX)) < 0 && errno == EINTR)
        ;
    return result == 0 || err_sys(err, "lock %s", folders[0]);
}

bool machine_lock_try(int lock, struct err *err)
{
    return flock(lock, LOCK_EX | LOCK_NB) == 0 || err_sys(err, "lock %s", folders[0]);
}
