/* Four calls, and their objects; see broker_objects.h. */
#include "sandbox/broker_objects.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

/* As objects.c has them for a sandbox of its own. */
enum { MOST_OBJECTS = 1024, MOST_SEGMENT_BYTES = 256 << 20, MOST_SEMAPHORES = 256000, MOST_OF_A_SET = 32000 };
enum { NAME_ROOM = 256 };

struct broker_object {
    long call;    /* by which it was made */
    int id;       /* of System V's */
    size_t size;  /* a segment's bytes, a set's semaphores */
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

static void remember(struct broker *broker, const struct broker_object *object)
{
    broker->objects[broker->count++] = *object; /* has_room() */
}

static ino_t number_of(int queue)
{
    struct stat status;
    return fstat(queue, &status) == 0 ? status.st_ino : 0;
}

/* Does its name lead to it, as far as can be seen? Who has made a queue may have shut it for himself, but for one of both ways. */
static bool is_named(const struct broker_object *object)
{
    cleanup_fd int queue = (int)syscall(SYS_mq_open, object->name, O_RDONLY | O_NONBLOCK, 0, NULL);
    if (queue < 0 && errno == EACCES)
        queue = (int)syscall(SYS_mq_open, object->name, O_WRONLY | O_NONBLOCK, 0, NULL);
    return queue >= 0 ? number_of(queue) == object->number : errno != ENOENT;
}

static void remove_one(const struct broker_object *object)
{
    switch (object->call) {
    case SYS_msgget: msgctl(object->id, IPC_RMID, NULL); break;
    case SYS_semget: semctl(object->id, 0, IPC_RMID); break;
    case SYS_shmget: shmctl(object->id, IPC_RMID, NULL); break;
    default:
        if (is_named(object))
            syscall(SYS_mq_unlink, object->name);
        break;
    }
}

static int look_at(const struct broker_object *object)
{
    struct msqid_ds queue;
    struct semid_ds set;
    struct shmid_ds segment;
    switch (object->call) {
    case SYS_msgget: return msgctl(object->id, IPC_STAT, &queue);
    case SYS_semget: return semctl(object->id, 0, IPC_STAT, &set);
    default: return shmctl(object->id, IPC_STAT, &segment);
    }
}

/* A removed segment that somebody has mapped holds its bytes, and is there. */
static bool is_there(const struct broker_object *object)
{
    if (object->call == SYS_mq_open)
        return is_named(object);
    return look_at(object) >= 0 || (errno != EINVAL && errno != EIDRM);
}

/* ---- how much there may be ----------------------------------------------------------------------------------------------- */

static void count(struct broker *broker, const struct broker_object *object, bool is_new)
{
    size_t change = is_new ? object->size : 0 - object->size;
    if (object->call == SYS_shmget)
        broker->segment_bytes += change;
    else if (object->call == SYS_semget)
        broker->semaphores += change;
}

/* A build may have removed what it has made: nobody tells us. */
static void forget_gone(struct broker *broker)
{
    size_t kept = 0;
    for (size_t i = 0; i < broker->count; i++)
        if (is_there(&broker->objects[i]))
            broker->objects[kept++] = broker->objects[i];
        else
            count(broker, &broker->objects[i], false);
    broker->count = kept;
}

static bool fits(const struct broker *broker, long call, size_t size)
{
    size_t bytes = call == SYS_shmget ? size : 0, semaphores = call == SYS_semget ? size : 0;
    return broker->count < MOST_OBJECTS && bytes <= MOST_SEGMENT_BYTES - broker->segment_bytes &&
           semaphores <= MOST_SEMAPHORES - broker->semaphores;
}

static bool has_room(struct broker *broker, long call, size_t size)
{
    if (!fits(broker, call, size))
        forget_gone(broker);
    if (!fits(broker, call, size))
        return false;
    struct broker_object *more = reallocarray(broker->objects, broker->count + 1, sizeof *more);
    if (more)
        broker->objects = more;
    return more;
}

void broker_remove_all(struct broker *broker)
{
    for (size_t i = 0; i < broker->count; i++)
        remove_one(&broker->objects[i]);
    free(broker->objects);
    broker->objects = NULL;
    broker->count = broker->segment_bytes = broker->semaphores = 0;
}

/* ---- System V ------------------------------------------------------------------------------------------------------------ */

/* msgget has no size; semget's and shmget's is the second argument. */
static long get(const struct seccomp_data *data, int key, int flags, size_t size)
{
    return data->nr == SYS_msgget ? syscall(SYS_msgget, key, flags) : syscall(data->nr, key, size, flags);
}

static size_t size_of(const struct seccomp_data *data)
{
    switch (data->nr) {
    case SYS_semget: return (unsigned)data->args[1];
    case SYS_shmget: return data->args[1];
    default: return 0;
    }
}

static long make_key(struct broker *broker, const struct seccomp_data *data, int flags)
{
    struct broker_object object = {.call = data->nr, .size = size_of(data)};
    if (object.call == SYS_semget && object.size > MOST_OF_A_SET)
        return -EINVAL;
    if (!has_room(broker, object.call, object.size))
        return -ENOSPC;
    object.id = (int)get(data, (int)data->args[0], flags, object.size);
    if (object.id < 0)
        return errno == EEXIST ? -EACCES : -errno; /* somebody has made it just now */
    remember(broker, &object);
    count(broker, &object, true);
    return object.id;
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
    id = get(data, key, flags, size_of(data));
    return id < 0 ? -errno : id;
}

/* ---- POSIX queues -------------------------------------------------------------------------------------------------------- */

static long find_queue(struct broker *broker, const struct broker_question *question, const char *name)
{
    int flags = (int)question->notif->data.args[1] & ~(O_CREAT | O_EXCL);
    cleanup_fd int queue = (int)syscall(SYS_mq_open, name, flags, 0, NULL);
    if (queue < 0)
        return -errno;
    return has(broker, SYS_mq_open, 0, number_of(queue)) ? broker_give(question, queue, O_CLOEXEC) : -EACCES;
}

static long make_queue(struct broker *broker, const struct broker_question *question)
{
    const struct seccomp_data *data = &question->notif->data;
    struct broker_object object = {.call = SYS_mq_open};
    struct mq_attr attributes = {0};
    int flags = (int)data->args[1];
    bool is_new = flags & O_CREAT, has_attributes = is_new && data->args[3];
    if (!broker_read_text(question, data->args[0], object.name, sizeof object.name) ||
        (has_attributes && !broker_read(question, data->args[3], &attributes, sizeof attributes)))
        return -EACCES;
    if (!is_new)
        return find_queue(broker, question, object.name);
    if (!has_room(broker, SYS_mq_open, 0))
        return -ENOSPC;
    cleanup_fd int queue =
        (int)syscall(SYS_mq_open, object.name, flags | O_EXCL, (mode_t)data->args[2] & ~(mode_t)BROKER_MASK,
                     has_attributes ? &attributes : NULL);
    if (queue < 0)
        return errno != EEXIST  ? -errno
               : flags & O_EXCL ? -EEXIST
                                : find_queue(broker, question, object.name);
    object.number = number_of(queue);
    long result = broker_give(question, queue, O_CLOEXEC);
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
