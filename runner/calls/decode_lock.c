/* Decoders of file locks. Which lock is meant lies in memory and is read at the entry; whom a query found, at the exit. */
#include "calls/decode.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

bool call_asks_for_lock(const struct call *call)
{
    int64_t command = call_knows(call, PARAM_CMD) ? call->value[PARAM_CMD] : -1;
    return command == F_GETLK || command == F_OFD_GETLK;
}

static bool is_lock_command(int command)
{
    return command == F_SETLK || command == F_SETLKW || command == F_GETLK || command == F_OFD_SETLK ||
           command == F_OFD_SETLKW || command == F_OFD_GETLK;
}

/* fcntl(2), F_GETLK: the type becomes F_UNLCK when the lock could be had, else the structure tells of a lock in the way. */
static void take_holder(struct call *call)
{
    struct flock lock;
    if (call_asks_for_lock(call) && call->error == 0 && call_read(call, call->arg[2], &lock, sizeof lock))
        call_set(call, PARAM_ID, lock.l_type == F_UNLCK ? 0 : lock.l_pid);
}

bool decode_lock(struct call *call)
{
    int command = (int)call->arg[1];
    struct flock lock;
    if (!is_lock_command(command))
        return false;
    call->deed = vocabulary_deed("lock");
    call->wait = command == F_SETLKW || command == F_OFD_SETLKW ? WAIT_EVENT : WAIT_NONE;
    if (call->is_done) {
        take_holder(call);
        return true;
    }
    if (!call_read(call, call->arg[2], &lock, sizeof lock))
        return true;
    call_set(call, PARAM_TYPE, lock.l_type);
    call_set(call, PARAM_HOW, lock.l_whence);
    call_set(call, PARAM_LEN, lock.l_len);
    /* Counted from elsewhere it is another number; what is not known matches no `start`. */
    call_set(call, lock.l_whence == SEEK_SET ? PARAM_START : PARAM_AT, lock.l_start);
    return true;
}

void decode_flock(struct call *call)
{
    call->fd = (int)call->arg[0];
    call_set(call, PARAM_OP, (int)call->arg[1]);
    call->wait = call->arg[1] & (LOCK_NB | LOCK_UN) ? WAIT_NONE : WAIT_EVENT;
}
