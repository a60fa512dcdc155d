/* Decoders of the POSIX calls: message queues, mappings, and what open and unlink mean below /dev/shm. */
#include "calls/decode.h"

#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <string.h>

/* What gets its name when it is finished, or none. */
static bool makes_nameless(const struct call *call)
{
    bool is_folder = strcmp(call->path, "/dev/shm") == 0 || strcmp(call->path, "/dev/shm/") == 0;
    return is_folder && call_knows(call, PARAM_FLAGS) && (call->value[PARAM_FLAGS] & O_TMPFILE) == O_TMPFILE;
}

/* Shared memory objects and named semaphores are files there; whoever opens or removes one does what the C library's functions of these words do. A
 * word that no mechanism has leaves the call in its own family. */
void decode_posix_name(struct call *call, const char *of_memory, const char *of_semaphore)
{
    static const char directory[] = "/dev/shm/", semaphore[] = "/dev/shm/sem.";
    if (strncmp(call->path, directory, sizeof directory - 1) != 0 && !makes_nameless(call))
        return;
    bool is_semaphore = strncmp(call->path, semaphore, sizeof semaphore - 1) == 0;
    const struct deed_row *deed = vocabulary_deed(is_semaphore ? of_semaphore : of_memory);
    if (deed)
        call->deed = deed;
}

/* The C library takes the leading slash off before the kernel sees the name. */
static void take_queue_name(struct call *call)
{
    if (call->is_done) /* at the exit the memory may hold something else by now */
        return;
    call->path[0] = '/';
    call_read_string(call, call->arg[0], call->path + 1, sizeof call->path - 1);
}

void decode_mq_open(struct call *call)
{
    struct mq_attr attributes;
    int flags = (int)call->arg[1];
    take_queue_name(call);
    call_set(call, PARAM_FLAGS, flags);
    call->made[0] = call->is_done && call->error == 0 ? (int)call->result : -1;
    if (!(flags & O_CREAT))
        return;
    call_set(call, PARAM_MODE, (int64_t)(call->arg[2] & 07777));
    if (call->is_done || !call_read(call, call->arg[3], &attributes, sizeof attributes))
        return;
    call_set(call, PARAM_MAXMSG, attributes.mq_maxmsg);
    call_set(call, PARAM_MSGSIZE, attributes.mq_msgsize);
}

void decode_mq_unlink(struct call *call)
{
    take_queue_name(call);
}

/* To take a registration back is no registration. */
void decode_mq_notify(struct call *call)
{
    struct sigevent event;
    call->fd = (int)call->arg[0];
    if (call->arg[1] == 0)
        call->deed = NULL;
    else if (call_read(call, call->arg[1], &event, sizeof event)) {
        call_set(call, PARAM_OP, event.sigev_notify);
        call_set(call, PARAM_SIG, event.sigev_signo);
    }
}

static void timed(struct call *call)
{
    call->fd = (int)call->arg[0];
    call->wait = call->arg[4] ? WAIT_LIMITED : WAIT_EVENT;
    call_set(call, PARAM_SIZE, (int64_t)call->arg[2]);
}

void decode_mq_timedsend(struct call *call)
{
    timed(call);
    call_set(call, PARAM_PRIO, (int64_t)(unsigned)call->arg[3]);
    if (!call->is_done)
        call_read_data(call, call->arg[1], (size_t)call->arg[2]);
}

void decode_mq_timedreceive(struct call *call)
{
    unsigned priority;
    timed(call);
    if (!call->is_done || call->error != 0)
        return;
    call_read_data(call, call->arg[1], (size_t)call->result);
    if (call_read(call, call->arg[3], &priority, sizeof priority))
        call_set(call, PARAM_GIVES, priority);
}

void decode_mmap(struct call *call)
{
    call->fd = (int)call->arg[4];
    call_set(call, PARAM_SIZE, (int64_t)call->arg[1]);
    call_set(call, PARAM_PROT, (int)call->arg[2]);
    call_set(call, PARAM_FLAGS, (int)call->arg[3]);
    call_set(call, PARAM_AT, call->is_done && call->error == 0 ? call->result : (int64_t)call->arg[0]);
}

void decode_munmap(struct call *call)
{
    call_set(call, PARAM_AT, (int64_t)call->arg[0]);
    call_set(call, PARAM_SIZE, (int64_t)call->arg[1]);
}
