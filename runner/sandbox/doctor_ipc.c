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
    return msgctl(id, IPC_RMID, NULL) == 0 || msgctl(id, IPC_RMID, NULL) == 0;
}

int step_queue(const struct patient *patient)
{
    (void)patient;
    int id = msgget(IPC_PRIVATE, 0600);
    return id < 0 || !remove_queue(id) ? errno : 0;
}

int step_semaphores(const struct patient *patient)
{
    (void)patient;
    int id = semget(IPC_PRIVATE, 1, 0600);
    return id < 0 || (semctl(id, 0, IPC_RMID) < 0 && semctl(id, 0, IPC_RMID) < 0) ? errno : 0;
}

int step_segment(const struct patient *patient)
{
    (void)patient;
    int id = shmget(IPC_PRIVATE, 1, 0600);
    return id < 0 || (shmctl(id, IPC_RMID, NULL) < 0 && shmctl(id, IPC_RMID, NULL) < 0) ? errno : 0;
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
    if (id >= 0)
        remove_queue(id);
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
    return fd < 0 || (syscall(SYS_mq_unlink, name) < 0 && syscall(SYS_mq_unlink, name) < 0) ? errno : 0;
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
    return fd < 0 || (unlink(name) < 0 && unlink(name) < 0) ? errno : 0;
}
