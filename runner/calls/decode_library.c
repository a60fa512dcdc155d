/* Decoders of library functions that the probe announces (probe/mark.h). Their arguments are those of the function; the result is what it gave, a
 * negative errno for a failure.
 */
#include "calls/decode.h"

#include <fcntl.h>

void decode_sem_open(struct call *call)
{
    call_read_string(call, call->arg[0], call->path, sizeof call->path);
    call_set(call, PARAM_FLAGS, (int)call->arg[1]);
    if (!(call->arg[1] & O_CREAT))
        return;
    call_set(call, PARAM_MODE, (int)call->arg[2] & 07777);
    call_set(call, PARAM_VALUE, (int64_t)(unsigned)call->arg[3]);
}

void decode_sem_unlink(struct call *call)
{
    call_read_string(call, call->arg[0], call->path, sizeof call->path);
}

void decode_sem_init(struct call *call)
{
    call_set(call, PARAM_VALUE, (int64_t)(unsigned)call->arg[2]);
}

void decode_sem_wait(struct call *call)
{
    call->wait = WAIT_EVENT;
}

void decode_sem_timedwait(struct call *call)
{
    call->wait = WAIT_LIMITED;
}

void decode_popen(struct call *call)
{
    call_read_string(call, call->arg[0], call->path, sizeof call->path);
    call_read_string(call, call->arg[1], call->path2, sizeof call->path2);
}

void decode_pclose(struct call *call)
{
    call->wait = WAIT_EVENT;
    if (call->is_done && call->error == 0)
        call_set(call, PARAM_STATUS, call->result);
}

void decode_ftok(struct call *call)
{
    call_read_string(call, call->arg[0], call->path, sizeof call->path);
    call_set(call, PARAM_ID, (int)call->arg[1]);
}
