/* Decoders of the System V calls. */
#include "calls/decode.h"

#include <stdlib.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

enum { IPC_64 = 0x100 }; /* what glibc adds to a command on some architectures */

static void gets(struct call *call, int64_t flags)
{
    call->has_ipc = true;
    call->ipc_key = (int)call->arg[0];
    call_set(call, PARAM_FLAGS, flags & ~0777);
    call_set(call, PARAM_MODE, flags & 0777);
    if (call->is_done && call->error == 0)
        call->ipc_id = (int)call->result;
}

static void on_id(struct call *call)
{
    call->has_ipc = true;
    call->ipc_id = (int)call->arg[0];
}

void decode_msgget(struct call *call)
{
    gets(call, (int)call->arg[1]);
}

void decode_semget(struct call *call)
{
    gets(call, (int)call->arg[2]);
    call_set(call, PARAM_NSEMS, (int)call->arg[1]);
}

void decode_shmget(struct call *call)
{
    gets(call, (int)call->arg[2]);
    call_set(call, PARAM_SIZE, (int64_t)call->arg[1]);
}

void decode_msgctl(struct call *call)
{
    struct msqid_ds data;
    int command = (int)call->arg[1] & ~IPC_64;
    on_id(call);
    call_set(call, PARAM_CMD, command);
    if (command != IPC_SET || !call_read(call, call->arg[2], &data, sizeof data))
        return;
    call_set(call, PARAM_MODE, data.msg_perm.mode & 0777);
    call_set(call, PARAM_CAPACITY, (int64_t)data.msg_qbytes);
}

void decode_semctl(struct call *call)
{
    struct semid_ds data;
    int command = (int)call->arg[2] & ~IPC_64;
    on_id(call);
    call_set(call, PARAM_NUM, (int)call->arg[1]);
    call_set(call, PARAM_CMD, command);
    if (command == SETVAL)
        call_set(call, PARAM_VALUE, (int)call->arg[3]);
    if (command == IPC_SET && call_read(call, call->arg[3], &data, sizeof data))
        call_set(call, PARAM_MODE, data.sem_perm.mode & 0777);
}

void decode_shmctl(struct call *call)
{
    struct shmid_ds data;
    int command = (int)call->arg[1] & ~IPC_64;
    on_id(call);
    call_set(call, PARAM_CMD, command);
    if (command == IPC_SET && call_read(call, call->arg[2], &data, sizeof data))
        call_set(call, PARAM_MODE, data.shm_perm.mode & 0777);
}

void decode_msgsnd(struct call *call)
{
    long type = 0;
    on_id(call);
    call_set(call, PARAM_SIZE, (int64_t)call->arg[2]);
    call_set(call, PARAM_FLAGS, (int)call->arg[3]);
    call->wait = call->arg[3] & IPC_NOWAIT ? WAIT_NONE : WAIT_EVENT;
    if (call->is_done || !call_read(call, call->arg[1], &type, sizeof type))
        return;
    call_set(call, PARAM_TYPE, type);
    call_read_data(call, call->arg[1] + sizeof type, call->arg[2]);
}

void decode_msgrcv(struct call *call)
{
    long type = 0;
    on_id(call);
    call_set(call, PARAM_SIZE, (int64_t)call->arg[2]);
    call_set(call, PARAM_TYPE, (int64_t)call->arg[3]);
    call_set(call, PARAM_FLAGS, (int)call->arg[4]);
    call->wait = call->arg[4] & IPC_NOWAIT ? WAIT_NONE : WAIT_EVENT;
    if (!call->is_done || call->error != 0 || !call_read(call, call->arg[1], &type, sizeof type))
        return;
    call_set(call, PARAM_GIVES, type);
    call_read_data(call, call->arg[1] + sizeof type, (size_t)call->result);
}

/* Only an operation that is not positive can wait; with IPC_NOWAIT on each of them nothing does. */
static bool may_wait(const struct call *call)
{
    for (int i = 0; i < call->op_count; i++)
        if (call->ops[i].op <= 0 && !(call->ops[i].flags & IPC_NOWAIT))
            return true;
    return false;
}

void decode_semop(struct call *call)
{
    on_id(call);
    if (call->is_done)
        return;
    size_t count = call->arg[2] < CALL_OPS ? (size_t)call->arg[2] : CALL_OPS;
    _Static_assert(sizeof(struct call_op) == sizeof(struct sembuf), "one array is read as the other");
    if (count == 0 || !call_read(call, call->arg[1], call->ops, count * sizeof *call->ops))
        return;
    call->op_count = (int)count;
    call_set(call, PARAM_NUM, call->ops[0].num);
    call_set(call, PARAM_OP, call->ops[0].op);
    call_set(call, PARAM_FLAGS, call->ops[0].flags);
    call->wait = may_wait(call) ? WAIT_EVENT : WAIT_NONE;
}

/* glibc's semop is semtimedop without a limit: the argument tells, not the number. */
void decode_semtimedop(struct call *call)
{
    struct timespec limit;
    decode_semop(call);
    if (call->wait != WAIT_EVENT || call->arg[3] == 0)
        return;
    call->wait = WAIT_LIMITED;
    if (call_read(call, call->arg[3], &limit, sizeof limit))
        call->wait_ns = decode_ns(limit.tv_sec, limit.tv_nsec, 1);
}

void decode_shmat(struct call *call)
{
    on_id(call);
    call_set(call, PARAM_FLAGS, (int)call->arg[2]);
    call_set(call, PARAM_AT, call->is_done && call->error == 0 ? call->result : (int64_t)call->arg[1]);
}

void decode_shmdt(struct call *call)
{
    call_set(call, PARAM_AT, (int64_t)call->arg[0]);
}
