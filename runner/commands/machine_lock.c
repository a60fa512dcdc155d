/* One case at a time on a machine that shares its names; see machine_lock.h. */
#include "commands/machine_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>

#include "commands/pool.h"

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

static char *wait_apart(void *context, size_t index)
{
    const int *lock = context;
    (void)index;
    return machine_lock_wait(*lock, NULL) ? strdup("") : NULL;
}

/* What one worker gets, whatever becomes of him, is ours. *asked: what we are meanwhile, or 0. */
static bool wait_once(struct pool *pool, int *asked, struct err *err)
{
    struct pool_end end = {.signal = 0};
    if (!pool_start(pool, 0, err))
        return false;
    if (pool_wait(pool, -1, &end) == POOL_ENDED)
        bytes_free(&end.text);
    *asked = end.signal;
    return true;
}

bool machine_lock_await(int lock, struct err *err)
{
    struct pool *pool = NULL;
    struct err why = {0};
    int asked = 0, waits = 0;
    if (!pool_new(&pool, 1, wait_apart, &lock, err))
        return false;
    bool is_ours = machine_lock_try(lock, &why);
    while (!is_ours && why.number == EWOULDBLOCK && waits++ < MACHINE_LOCK_WAITS && !asked)
        is_ours = wait_once(pool, &asked, &why) && !asked && machine_lock_try(lock, &why);
    pool_free(pool);
    if (asked)
        raise(asked); /* as if nobody had waited for it */
    if (!is_ours && err)
        *err = why;
    return is_ours;
}
