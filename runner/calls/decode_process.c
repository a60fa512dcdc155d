/* Decoders of calls on processes and signals. */
#include "calls/decode.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

enum { MOST_ARGUMENTS = 64, LONGEST_ARGUMENT = 1024 };

void decode_fork(struct call *call)
{
    call_set(call, PARAM_FLAGS, SIGCHLD);
}

void decode_clone(struct call *call)
{
    call_set(call, PARAM_FLAGS, (int64_t)call->arg[0]);
    if (call->arg[0] & CLONE_THREAD)
        call->deed = NULL; /* a thread is no process */
}

static void take_arguments(struct call *call, uint64_t vector)
{
    char text[LONGEST_ARGUMENT];
    for (int i = 0; i < MOST_ARGUMENTS; i++) {
        uint64_t address = 0;
        if (!call_read(call, vector + (uint64_t)i * sizeof address, &address, sizeof address) || address == 0)
            return;
        call_read_string(call, address, text, sizeof text);
        if (i == 1)
            call_read_string(call, address, call->path2, sizeof call->path2);
        size_t len = 0;
        while (text[len])
            len++;
        bytes_add(&call->data, text, len + 1, call->data_wanted);
    }
}

void decode_execve(struct call *call)
{
    call_read_string(call, call->arg[0], call->path, sizeof call->path);
    take_arguments(call, call->arg[1]);
}

void decode_execveat(struct call *call)
{
    call->dirfd = (int)call->arg[0];
    call_read_string(call, call->arg[1], call->path, sizeof call->path);
    if (call->path[0] == '\0') /* fexecve */
        call->fd = call->dirfd;
    take_arguments(call, call->arg[2]);
    call_set(call, PARAM_FLAGS, (int)call->arg[4]);
}

static void waits_for_child(struct call *call, int64_t id, int options)
{
    call_set(call, PARAM_ID, id);
    call_set(call, PARAM_FLAGS, options);
    call->wait = options & WNOHANG ? WAIT_NONE : WAIT_EVENT;
}

void decode_wait4(struct call *call)
{
    int status = 0;
    waits_for_child(call, (int)call->arg[0], (int)call->arg[2]);
    if (!call->is_done || call->error != 0 || call->result == 0)
        return;
    call_set(call, PARAM_VALUE, call->result);
    if (call_read(call, call->arg[1], &status, sizeof status))
        call_set(call, PARAM_STATUS, status);
}

static int status_of(const siginfo_t *info)
{
    switch (info->si_code) {
    case CLD_EXITED:
        return (info->si_status & 0xff) << 8; /* a program's other threads may have written anything */
    case CLD_DUMPED: return info->si_status | 0x80;
    case CLD_STOPPED:
    case CLD_TRAPPED: return 0x7f | (info->si_status & 0xff) << 8;
    case CLD_CONTINUED: return 0xffff;
    default: return info->si_status;
    }
}

void decode_waitid(struct call *call)
{
    siginfo_t info;
    waits_for_child(call, (int)call->arg[1], (int)call->arg[3]);
    call_set(call, PARAM_TYPE, (int)call->arg[0]);
    if (!call->is_done || call->error != 0 || !call_read(call, call->arg[2], &info, sizeof info) ||
        info.si_pid == 0)
        return;
    call_set(call, PARAM_VALUE, info.si_pid);
    call_set(call, PARAM_STATUS, status_of(&info));
}

void decode_kill(struct call *call)
{
    call_set(call, PARAM_ID, (int)call->arg[0]);
    call_set(call, PARAM_SIG, (int)call->arg[1]);
}

void decode_tgkill(struct call *call)
{
    call_set(call, PARAM_ID, (int)call->arg[0]);
    call_set(call, PARAM_SIG, (int)call->arg[2]);
}

void decode_pidfd_send_signal(struct call *call)
{
    call->fd = (int)call->arg[0];
    call_set(call, PARAM_SIG, (int)call->arg[1]);
}

void decode_exit(struct call *call)
{
    call_set(call, PARAM_STATUS, (int)call->arg[0] & 0xff);
}
