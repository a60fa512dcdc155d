/* Named POSIX semaphores: the C library itself says what they hold. */
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "inspect/question.h"

/* Something else may stand there: a FIFO, which would be waited for, a link, a socket. */
static bool is_no_file(int error)
{
    return error == ELOOP || error == ENXIO;
}

/* Returns how much there is of it; -1: it cannot be read. */
static ssize_t read_semaphore(int fd, sem_t *sem)
{
    size_t have = 0;
    ssize_t len = 1;
    while (have < sizeof *sem && len > 0) {
        len = pread(fd, (char *)sem + have, sizeof *sem - have, (off_t)have);
        have += len > 0 ? (size_t)len : 0;
    }
    return len < 0 ? -1 : (ssize_t)have;
}

/* sem_open() would want a right that init may lack, and the name could be gone in between. The file is read, not mapped: a student may cut it at any time. */
static bool read_value(const char *path, struct object_state *state, struct err *err)
{
    cleanup_fd int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat status;
    sem_t sem;
    int value = 0;
    if (fd < 0 && is_no_file(errno))
        return true;
    if (fd < 0 || fstat(fd, &status) < 0)
        return err_sys(err, "open %s", path);
    ssize_t len = S_ISREG(status.st_mode) ? read_semaphore(fd, &sem) : 0;
    if (len < (ssize_t)sizeof sem)
        return len >= 0 || err_sys(err, "read %s", path);
    sem_getvalue(&sem, &value);
    state->value = value > 0 ? (uint64_t)value : 0;
    return true;
}

static bool sem_look(const struct identity_of *which, struct object_state *state, struct err *err)
{
    char path[320];
    path_of(which, path, sizeof path);
    return path_look(which, state, err) && (!state->is_there || read_value(path, state, err));
}

static bool sem_make(const struct identity_of *which, const struct object_state *state, mode_t mode,
                     struct object_id *id, struct err *err)
{
    char path[320];
    sem_t *sem = sem_open(which->path, O_CREAT | O_EXCL, 0600, (unsigned)state->value);
    if (sem == SEM_FAILED)
        return err_sys(err, "make the semaphore %s", which->path);
    id->kind = OBJECT_SEM;
    sem_close(sem);
    path_of(which, path, sizeof path);
    return path_give(path, state, mode, OBJECT_SEM, id, err);
}

const struct object_ways sem_ways = {OBJECT_SEM, sem_look, sem_make, path_remove};
