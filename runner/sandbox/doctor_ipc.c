/* See doctor_ipc.h. Each makes one object and removes it, outside of any sandbox: so whoever could not remove it tries once more. */
#include "sandbox/doctor_ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sandbox/sandbox.h"

static bool remove_queue(int id)
{
    return msgctl(id, IPC_RMID, NULL) == 0;
}

static bool remove_set(int id)
{
    return semctl(id, 0, IPC_RMID) == 0;
}

static bool remove_segment(int id)
{
    return shmctl(id, IPC_RMID, NULL) == 0;
}

static int unlink_queue(const char *name)
{
    return (int)syscall(SYS_mq_unlink, name);
}

/* 0, or the errno of what made it or could not remove it. */
static int made_and_removed(int id, bool (*remove)(int id))
{
    return id >= 0 && (remove(id) || remove(id)) ? 0 : errno;
}

static int named_and_unlinked(long fd, const char *name, int (*unlink_it)(const char *name))
{
    return fd >= 0 && (unlink_it(name) == 0 || unlink_it(name) == 0) ? 0 : errno;
}

int step_queue(const struct patient *patient)
{
    (void)patient;
    return made_and_removed(msgget(IPC_PRIVATE, 0600), remove_queue);
}

int step_semaphores(const struct patient *patient)
{
    (void)patient;
    return made_and_removed(semget(IPC_PRIVATE, 1, 0600), remove_set);
}

int step_segment(const struct patient *patient)
{
    (void)patient;
    return made_and_removed(shmget(IPC_PRIVATE, 1, 0600), remove_segment);
}

int step_message_copy(const struct patient *patient)
{
    struct {
        long type;
        char text;
    } message = {1, 'x'};
    (void)patient;
    int id = msgget(IPC_PRIVATE, 0600);
    bool is_copied = id >= 0 && msgsnd(id, &message, 1, IPC_NOWAIT) == 0 &&
                     msgrcv(id, &message, 1, 0, MSG_COPY | IPC_NOWAIT) == 1;
    int number = errno;
    made_and_removed(id, remove_queue);
    return is_copied ? 0 : number;
}

int step_posix_queue(const struct patient *patient)
{
    char name[64];
    (void)patient;
    snprintf(name, sizeof name, "ipcgrade-doctor-%d", (int)getpid());
    long fd = syscall(SYS_mq_open, name, O_RDWR | O_CREAT | O_EXCL, 0600, NULL);
    if (fd < 0 && errno == EMFILE && !sandbox_is_shared())
        return 0; /* this user's room is used up, but a sandbox has a user of its own */
    return named_and_unlinked(fd, name, unlink_queue);
}

/* Without a name where that is possible, so that whoever is killed here leaves nothing. */
int step_posix_memory(const struct patient *patient)
{
    char name[64];
    (void)patient;
    cleanup_fd int nameless = open("/dev/shm", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
    if (nameless >= 0)
        return 0;
    snprintf(name, sizeof name, "/dev/shm/ipcgrade-doctor-%d", (int)getpid());
    cleanup_fd int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return named_and_unlinked(fd, name, unlink);
}
