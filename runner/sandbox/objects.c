/* Limits and removal; see objects.h. */
#include "sandbox/objects.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sandbox/ground.h"

/* Generous for an exercise, and bearable for a machine that grades several: segments of 256 MiB together, 256,000 semaphores of 64 bytes, 1024 queues of 16 KiB. */
bool objects_limit(void)
{
    static const struct {
        const char *path, *value;
    } rows[] = {
        {"/proc/sys/kernel/shmall", "65536\n"}, /* pages */
        {"/proc/sys/kernel/sem", "32000 256000 500 32000\n"},
        {"/proc/sys/kernel/msgmni", "1024\n"},
    };
    bool are_limited = true;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        are_limited &= ground_write(rows[i].path, rows[i].value, NULL);
    return are_limited;
}

bool objects_limit_of(pid_t pid, bool *is_lost)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/ipc", (int)pid);
    cleanup_fd int own = open("/proc/self/ns/ipc", O_RDONLY | O_CLOEXEC);
    cleanup_fd int theirs = open(path, O_RDONLY | O_CLOEXEC);
    *is_lost = false;
    if (own < 0 || theirs < 0 || setns(theirs, CLONE_NEWIPC) < 0)
        return false;
    bool are_limited = objects_limit();
    *is_lost = setns(own, CLONE_NEWIPC) < 0;
    return are_limited && !*is_lost;
}

/* The namespace would give their bytes back some time after its end, and until then the next sandbox of the same user lacks them. */
void objects_remove_queues(void)
{
    cleanup_dir DIR *folder = opendir("/dev/mqueue");
    for (const struct dirent *entry; folder && (entry = readdir(folder));)
        unlinkat(dirfd(folder), entry->d_name, 0);
}

/* ---- System V: three kinds, one way to walk ---------------------------------------------------------------------------- */

/* The kernel's table: the highest place that is in use; whose the object in a place is, and its identifier (-1: none); its end. */
struct kind {
    int (*last)(void);
    int (*look)(int place, struct ipc_perm *permissions);
    int (*remove)(int id);
};

static int last_segment(void)
{
    struct shm_info info;
    return shmctl(0, SHM_INFO, (struct shmid_ds *)&info);
}

static int look_segment(int place, struct ipc_perm *permissions)
{
    struct shmid_ds status = {0};
    int id = shmctl(place, SHM_STAT_ANY, &status);
    *permissions = status.shm_perm;
    return id;
}

static int remove_segment(int id)
{
    return shmctl(id, IPC_RMID, NULL);
}

static int last_queue(void)
{
    struct msginfo info;
    return msgctl(0, MSG_INFO, (struct msqid_ds *)&info);
}

static int look_queue(int place, struct ipc_perm *permissions)
{
    struct msqid_ds status = {0};
    int id = msgctl(place, MSG_STAT_ANY, &status);
    *permissions = status.msg_perm;
    return id;
}

static int remove_queue(int id)
{
    return msgctl(id, IPC_RMID, NULL);
}

static int last_set(void)
{
    struct seminfo info;
    return semctl(0, 0, SEM_INFO, &info);
}

static int look_set(int place, struct ipc_perm *permissions)
{
    struct semid_ds status = {0};
    int id = semctl(place, 0, SEM_STAT_ANY, &status);
    *permissions = status.sem_perm;
    return id;
}

static int remove_set(int id)
{
    return semctl(id, 0, IPC_RMID);
}

static const struct kind kinds[] = {{last_segment, look_segment, remove_segment},
                                    {last_queue, look_queue, remove_queue},
                                    {last_set, look_set, remove_set}};

/* Whose they are: NULL for all. Whoever has made one may remove it, to whomever he has given it. */
static void remove_where(const uid_t *owner)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        for (int place = 0, last = kinds[i].last(); place <= last; place++) {
            struct ipc_perm permissions;
            int id = kinds[i].look(place, &permissions);
            if (id >= 0 && (!owner || permissions.uid == *owner || permissions.cuid == *owner))
                kinds[i].remove(id);
        }
}

void objects_remove_all(void)
{
    remove_where(NULL);
}

/* A container's root may not remove what is somebody else's, so he becomes him, if he is not that user already (ground_join()). */
bool objects_remove_of(uid_t owner, struct err *err)
{
    uid_t own = geteuid();
    pid_t parent = getppid();
    int signal_number = ground_death_signal();
    if (own != owner && seteuid(owner) < 0)
        return err_sys(err, "become who has made objects in the sandbox");
    remove_where(&owner);
    if (own != owner && seteuid(own) < 0)
        return err_sys(err, "become ourselves again in the sandbox");
    ground_die_with(parent, signal_number);
    return true;
}
