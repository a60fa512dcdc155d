/* System V objects: look, make, remove. Runs in init, which may do anything to them; the counts of attachments and the waiting processes
 * are read before we touch the object ourselves.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/question.h"

enum { MESSAGE_ROOM = 1 << 20, USUAL_SEGMENT = 4096, PERMISSIONS = 0777 };

struct message_buffer {
    long type;
    char text[];
};

static bool is_missing(void)
{
    return errno == ENOENT || errno == EINVAL || errno == EIDRM;
}

/* By its identifier; a private one that has none yet is missing. */
static bool is_known(const struct identity_of *which)
{
    errno = ENOENT;
    return which->id >= 0 || which->is_private;
}

static int queue_id(const struct identity_of *which)
{
    return is_known(which) ? which->id : msgget(which->key, 0);
}

static int semaphores_id(const struct identity_of *which)
{
    return is_known(which) ? which->id : semget(which->key, 0, 0);
}

static int segment_id(const struct identity_of *which)
{
    return is_known(which) ? which->id : shmget(which->key, 0, 0);
}

int sysv_id(const struct identity_of *which)
{
    switch ((int)which->kind) {
    case OBJECT_QUEUE: return queue_id(which);
    case OBJECT_SEMAPHORES: return semaphores_id(which);
    default: return segment_id(which);
    }
}

/* What all three have in common. */
static void note(struct object_state *state, enum object_kind kind, int id,
                 const struct ipc_perm *permissions)
{
    state->is_there = true;
    state->id = (struct object_id){.kind = kind, .number = (uint64_t)id};
    state->mode = permissions->mode & PERMISSIONS;
    state->owner = permissions->uid;
}

static void set_permissions(struct ipc_perm *permissions, const struct object_state *state, mode_t mode)
{
    permissions->mode = (unsigned short)mode;
    permissions->uid = state->owner;
    if (!owner_is_ours(state->owner))
        permissions->gid = state->owner;
}

static int new_key(const struct identity_of *which)
{
    return which->is_private ? IPC_PRIVATE : which->key;
}

/* ---- message queues -------------------------------------------------------------------------------------------------- */

/* Message number `at` without taking it (MSG_COPY, msgrcv(2)); needs a kernel with checkpoint/restore. 0: no more; -1: cannot. */
static int peek(int id, struct message_buffer *buffer, size_t at, struct object_message *message)
{
    ssize_t len = msgrcv(id, buffer, MESSAGE_ROOM, (long)at, MSG_COPY | IPC_NOWAIT | MSG_NOERROR);
    if (len < 0)
        return errno == ENOMSG ? 0 : -1;
    *message =
        (struct object_message){.type = buffer->type, .len = (size_t)len, .text = malloc((size_t)len + 1)};
    if (!message->text)
        return -1;
    memcpy(message->text, buffer->text, (size_t)len);
    message->text[len] = '\0';
    return 1;
}

static void peek_all(int id, struct object_state *state)
{
    struct message_buffer *buffer = malloc(sizeof *buffer + MESSAGE_ROOM);
    int more = -1;
    state->messages = calloc(INSPECT_MESSAGES, sizeof *state->messages);
    while (buffer && state->messages && state->message_count < INSPECT_MESSAGES &&
           (more = peek(id, buffer, state->message_count, &state->messages[state->message_count])) == 1)
        state->message_count++;
    free(buffer);
    state->are_messages_known = more == 0 || state->message_count == state->count;
}

static bool queue_look(const struct identity_of *which, struct object_state *state, struct err *err)
{
    struct msqid_ds status = {0};
    int id = queue_id(which);
    if (id < 0 || msgctl(id, IPC_STAT, &status) < 0)
        return is_missing() || err_sys(err, "look at a message queue");
    note(state, OBJECT_QUEUE, id, &status.msg_perm);
    state->size = status.__msg_cbytes;
    state->count = status.msg_qnum;
    state->capacity = status.msg_qbytes;
    state->last_sender = status.msg_lspid;
    state->last_receiver = status.msg_lrpid;
    peek_all(id, state);
    return true;
}

static bool send_message(int id, const struct object_message *message)
{
    struct message_buffer *buffer = malloc(sizeof *buffer + message->len);
    if (!buffer)
        return false;
    buffer->type = message->type ? message->type : 1;
    memcpy(buffer->text, message->text ? message->text : "", message->len);
    bool is_sent = msgsnd(id, buffer, message->len, IPC_NOWAIT) == 0;
    int number = errno;
    free(buffer);
    errno = number;
    return is_sent;
}

static bool send_messages(int id, const struct object_state *state, struct err *err)
{
    for (size_t i = 0; i < state->message_count; i++)
        if (!send_message(id, &state->messages[i]))
            return err_sys(err, "put message %zu into a queue", i + 1);
    return true;
}

/* Told before anything else can fail, so that it can be taken away. */
static bool is_made(int id, enum object_kind kind, struct object_id *made)
{
    if (id >= 0)
        *made = (struct object_id){.kind = kind, .number = (uint64_t)id};
    return id >= 0;
}

static bool queue_make(const struct identity_of *which, const struct object_state *state, mode_t mode,
                       struct object_id *made, struct err *err)
{
    struct msqid_ds status = {0};
    int id = msgget(new_key(which), IPC_CREAT | IPC_EXCL | 0600);
    if (!is_made(id, OBJECT_QUEUE, made) || msgctl(id, IPC_STAT, &status) < 0)
        return err_sys(err, "make a message queue");
    if (state->capacity)
        status.msg_qbytes = state->capacity;
    if (msgctl(id, IPC_SET, &status) < 0)
        return err_sys(err, "set the capacity of a message queue");
    if (!send_messages(id, state, err))
        return false;
    set_permissions(&status.msg_perm, state, mode);
    return msgctl(id, IPC_SET, &status) == 0 || err_sys(err, "set up a message queue");
}

static bool queue_remove(const struct identity_of *which, struct err *err)
{
    return msgctl(queue_id(which), IPC_RMID, NULL) == 0 || err_sys(err, "remove a message queue");
}

/* ---- semaphores ------------------------------------------------------------------------------------------------------ */

static void read_semaphores(int id, struct object_state *state)
{
    unsigned short values[INSPECT_VALUES] = {0};
    union semaphore_argument all = {.values = values};
    size_t shown = state->size < INSPECT_VALUES ? state->size : INSPECT_VALUES;
    bool has_all = state->size <= INSPECT_VALUES && semctl(id, 0, GETALL, all) == 0;
    for (size_t i = 0; i < shown; i++) {
        state->values[i] = has_all ? values[i] : semctl(id, (int)i, GETVAL);
        state->waiting_more[i] = semctl(id, (int)i, GETNCNT);
        state->waiting_zero[i] = semctl(id, (int)i, GETZCNT);
        state->last_pid[i] = semctl(id, (int)i, GETPID);
    }
    state->value_count = shown;
    state->last_sender = shown ? state->last_pid[0] : 0;
}

static bool semaphores_look(const struct identity_of *which, struct object_state *state, struct err *err)
{
    struct semid_ds status = {0};
    union semaphore_argument argument = {.status = &status};
    int id = semaphores_id(which);
    if (id < 0 || semctl(id, 0, IPC_STAT, argument) < 0)
        return is_missing() || err_sys(err, "look at a semaphore set");
    note(state, OBJECT_SEMAPHORES, id, &status.sem_perm);
    state->size = status.sem_nsems;
    state->count = status.sem_nsems;
    read_semaphores(id, state);
    return true;
}

static bool semaphores_make(const struct identity_of *which, const struct object_state *state, mode_t mode,
                            struct object_id *made, struct err *err)
{
    struct semid_ds status = {0};
    union semaphore_argument argument = {.status = &status}, all;
    unsigned short values[INSPECT_VALUES] = {0};
    size_t count = state->value_count ? state->value_count : state->size ? state->size : 1;
    int id = semget(new_key(which), (int)count, IPC_CREAT | IPC_EXCL | 0600);
    if (!is_made(id, OBJECT_SEMAPHORES, made) || semctl(id, 0, IPC_STAT, argument) < 0)
        return err_sys(err, "make a semaphore set");
    for (size_t i = 0; i < state->value_count && i < INSPECT_VALUES; i++)
        values[i] = (unsigned short)state->values[i];
    all.values = values;
    if (state->value_count && semctl(id, 0, SETALL, all) < 0)
        return err_sys(err, "set the values of a semaphore set");
    set_permissions(&status.sem_perm, state, mode);
    return semctl(id, 0, IPC_SET, argument) == 0 || err_sys(err, "set up a semaphore set");
}

static bool semaphores_remove(const struct identity_of *which, struct err *err)
{
    return semctl(semaphores_id(which), 0, IPC_RMID) == 0 || err_sys(err, "remove a semaphore set");
}

/* ---- shared memory --------------------------------------------------------------------------------------------------- */

/* Else we would be counted among those who have attached it. */
static bool let_go(const void *memory, struct err *err)
{
    return shmdt(memory) == 0 || err_sys(err, "let go of a shared memory segment");
}

static bool segment_look(const struct identity_of *which, struct object_state *state, struct err *err)
{
    struct shmid_ds status = {0};
    int id = segment_id(which);
    if (id < 0 || shmctl(id, IPC_STAT, &status) < 0)
        return is_missing() || err_sys(err, "look at a shared memory segment");
    note(state, OBJECT_SEGMENT, id, &status.shm_perm);
    state->size = status.shm_segsz;
    state->attached = status.shm_nattch;
    const char *memory = shmat(id, NULL, SHM_RDONLY);
    if ((intptr_t)memory == -1)
        return is_missing() || err_sys(err, "look into a shared memory segment");
    bytes_add(&state->text, memory, state->size < INSPECT_TEXT ? state->size : INSPECT_TEXT, INSPECT_TEXT);
    return let_go(memory, err);
}

static bool fill_segment(int id, const struct object_state *state, struct err *err)
{
    if (state->text.len == 0)
        return true;
    char *memory = shmat(id, NULL, 0);
    if ((intptr_t)memory == -1)
        return err_sys(err, "attach a shared memory segment");
    memcpy(memory, state->text.data, state->text.len);
    return let_go(memory, err);
}

static bool segment_make(const struct identity_of *which, const struct object_state *state, mode_t mode,
                         struct object_id *made, struct err *err)
{
    struct shmid_ds status = {0};
    size_t size = state->size ? state->size : USUAL_SEGMENT;
    size = size < state->text.len ? state->text.len : size;
    int id = shmget(new_key(which), size, IPC_CREAT | IPC_EXCL | 0600);
    if (!is_made(id, OBJECT_SEGMENT, made) || shmctl(id, IPC_STAT, &status) < 0)
        return err_sys(err, "make a shared memory segment");
    set_permissions(&status.shm_perm, state, mode);
    return fill_segment(id, state, err) &&
           (shmctl(id, IPC_SET, &status) == 0 || err_sys(err, "set up a shared memory segment"));
}

static bool segment_remove(const struct identity_of *which, struct err *err)
{
    return shmctl(segment_id(which), IPC_RMID, NULL) == 0 || err_sys(err, "remove a shared memory segment");
}

const struct object_ways queue_ways = {OBJECT_QUEUE, queue_look, queue_make, queue_remove};
const struct object_ways semaphores_ways = {OBJECT_SEMAPHORES, semaphores_look, semaphores_make,
                                            semaphores_remove};
const struct object_ways segment_ways = {OBJECT_SEGMENT, segment_look, segment_make, segment_remove};
