/* Four calls, and their objects; see broker_objects.h. */
#include "sandbox/broker_objects.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/cleanup.h"

/* As objects.c has them for a sandbox of its own. */
enum { MOST_OBJECTS = 1024, MOST_SEGMENT_BYTES = 256 << 20 };
enum { NAME_ROOM = 256, USUAL_MASK = 022 };

struct broker_object {
    long call;    /* by which it was made */
    int id;       /* of System V's */
    ino_t number; /* of a POSIX queue: another may have its name by now */
    char name[NAME_ROOM];
};

/* ---- what was made ------------------------------------------------------------------------------------------------------- */

static bool has(const struct broker *broker, long call, int id, ino_t number)
{
    for (size_t i = 0; i < broker->count; i++)
        if (broker->objects[i].call == call && broker->objects[i].id == id &&
            broker->objects[i].number == number)
            return true;
    return false;
}

static bool has_room(struct broker *broker)
{
    struct broker_object *more =
        broker->count < MOST_OBJECTS ? realloc(broker->objects, (broker->count + 1) * sizeof *more) : NULL;
    if (more)
        broker->objects = more;
    return more;
}

static void remember(struct broker *broker, const struct broker_object *object)
{
    broker->objects[broker->count++] = *object; /* has_room() */
}

static ino_t number_of(int queue)
{
    struct stat status;
    return fstat(queue, &status) == 0 ? status.st_ino : 0;
}

/* Who has made a queue may have shut it for himself, but for one of both ways. */
static void remove_named(const struct broker_object *object)
{
    cleanup_fd int queue = (int)syscall(SYS_mq_open, object->name, O_RDONLY | O_NONBLOCK, 0, NULL);
    if (queue < 0)
        queue = (int)syscall(SYS_mq_open, object->name, O_WRONLY | O_NONBLOCK, 0, NULL);
    if (queue >= 0 ? number_of(queue) == object->number : errno == EACCES)
        syscall(SYS_mq_unlink, object->name);
}

static void remove_one(const struct broker_object *object)
{
    switch (object->call) {
    case SYS_msgget: msgctl(object->id, IPC_RMID, NULL); break;
    case SYS_semget: semctl(object->id, 0, IPC_RMID); break;
    case SYS_shmget: shmctl(object->id, IPC_RMID, NULL); break;
    default: remove_named(object); break;
    }
}

void broker_remove_all(struct broker *broker)
{
    for (size_t i = 0; i < broker->count; i++)
        remove_one(&broker->objects[i]);
    free(broker->objects);
    broker->objects = NULL;
    broker->count = broker->segment_bytes = 0;
}

/* ---- System V ------------------------------------------------------------------------------------------------------------ */

/* msgget has no size; semget's and shmget's is the second argument. */
static long get(const struct seccomp_data *data, int key, int flags, size_t size)
{
    return data->nr == SYS_msgget ? syscall(SYS_msgget, key, flags) : syscall(data->nr, key, size, flags);
}

static long make_key(struct broker *broker, const struct seccomp_data *data, int flags)
{
    size_t size = data->nr == SYS_msgget ? 0 : data->args[1];
    bool is_segment = data->nr == SYS_shmget;
    if (is_segment && size > MOST_SEGMENT_BYTES - broker->segment_bytes)
        return -ENOSPC;
    if (!has_room(broker))
        return -ENOSPC;
    long id = get(data, (int)data->args[0], flags, size);
    if (id < 0)
        return errno == EEXIST ? -EACCES : -errno; /* somebody has made it just now */
    remember(broker, &(struct broker_object){.call = data->nr, .id = (int)id});
    broker->segment_bytes += is_segment ? size : 0;
    return id;
}

/* By its key: one of those that were made here, or a new one. */
static long make_system_v(struct broker *broker, const struct seccomp_data *data)
{
    int key = (int)data->args[0], flags = (int)data->args[data->nr == SYS_msgget ? 1 : 2];
    if (key == IPC_PRIVATE)
        return make_key(broker, data, flags);
    long id = get(data, key, 0, 0);
    if (id >= 0 && !has(broker, data->nr, (int)id, 0))
        return -EACCES;
    if (id < 0)
        return errno == ENOENT && flags & IPC_CREAT ? make_key(broker, data, flags | IPC_EXCL) : -errno;
    id = get(data, key, flags, data->nr == SYS_msgget ? 0 : data->args[1]);
    return id < 0 ? -errno : id;
}

/* ---- POSIX queues -------------------------------------------------------------------------------------------------------- */

/* From the memory of who asks; false where it cannot be read, or he has gone and another has his number. */
static bool read_from(const struct broker_question *question, uint64_t address, void *to, size_t len,
                      ssize_t *got)
{
    struct iovec here = {to, len},
                 there = {(void *)(uintptr_t)address, len}; // NOLINT(performance-no-int-to-ptr)
    *got = process_vm_readv((pid_t)question->notif->pid, &here, 1, &there, 1, 0);
    return *got > 0 && ioctl(question->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &question->notif->id) == 0;
}

static bool read_name(const struct broker_question *question, char *name)
{
    ssize_t len;
    return read_from(question, question->notif->data.args[0], name, NAME_ROOM, &len) &&
           memchr(name, '\0', (size_t)len);
}

/* The number that it has with who asks. */
static long give(const struct broker_question *question, int queue)
{
    struct seccomp_notif_addfd add = {
        .id = question->notif->id, .srcfd = (unsigned)queue, .newfd_flags = O_CLOEXEC};
    int number = ioctl(question->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
    return number < 0 ? -errno : number;
}

static long find_queue(struct broker *broker, const struct broker_question *question, const char *name)
{
    int flags = (int)question->notif->data.args[1] & ~(O_CREAT | O_EXCL);
    cleanup_fd int queue = (int)syscall(SYS_mq_open, name, flags, 0, NULL);
    if (queue < 0)
        return -errno;
    return has(broker, SYS_mq_open, 0, number_of(queue)) ? give(question, queue) : -EACCES;
}

static long make_queue(struct broker *broker, const struct broker_question *question)
{
    const struct seccomp_data *data = &question->notif->data;
    struct broker_object object = {.call = SYS_mq_open};
    struct mq_attr attributes;
    ssize_t len = 0;
    int flags = (int)data->args[1];
    bool is_new = flags & O_CREAT, has_attributes = is_new && data->args[3];
    if (!read_name(question, object.name) ||
        (has_attributes && (!read_from(question, data->args[3], &attributes, sizeof attributes, &len) ||
                            len < (ssize_t)sizeof attributes)))
        return -EACCES;
    if (!is_new)
        return find_queue(broker, question, object.name);
    if (!has_room(broker))
        return -ENOSPC;
    cleanup_fd int queue =
        (int)syscall(SYS_mq_open, object.name, flags | O_EXCL, (mode_t)data->args[2] & ~(mode_t)USUAL_MASK,
                     has_attributes ? &attributes : NULL);
    if (queue < 0)
        return errno != EEXIST  ? -errno
               : flags & O_EXCL ? -EEXIST
                                : find_queue(broker, question, object.name);
    object.number = number_of(queue);
    long result = give(question, queue);
    if (result < 0)
        remove_one(&object);
    else
        remember(broker, &object);
    return result;
}

long broker_make(struct broker *broker, const struct broker_question *question)
{
    const struct seccomp_data *data = &question->notif->data;
    return data->nr == SYS_mq_open ? make_queue(broker, question) : make_system_v(broker, data);
}
