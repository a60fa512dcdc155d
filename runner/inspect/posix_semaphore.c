/* Named POSIX semaphores: the C library itself says what they hold. */
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "inspect/question.h"

/* sem_open() would want a right that init may lack, and the name could be gone in between; the file is mapped as it does. */
static bool read_value(const char *path, struct object_state *state, struct err *err)
{
    cleanup_fd int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;
    int value = 0;
    if (fd < 0 || fstat(fd, &status) < 0)
        return err_sys(err, "open %s", path);
    if (!S_ISREG(status.st_mode) || status.st_size < (off_t)sizeof(sem_t))
        return true; /* something else that stands there */
    sem_t *sem = mmap(NULL, sizeof *sem, PROT_READ, MAP_SHARED, fd, 0);
    if (sem == MAP_FAILED)
        return err_sys(err, "map %s", path);
    sem_getvalue(sem, &value);
    munmap(sem, sizeof *sem);
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
    sem_close(sem);
    path_of(which, path, sizeof path);
    return path_give(path, state, mode, OBJECT_SEM, id, err);
}

const struct object_ways sem_ways = {OBJECT_SEM, sem_look, sem_make, path_remove};
