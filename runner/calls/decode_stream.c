/* Decoders of calls on descriptors and names: open, close, dup, pipe, and the file system.  Data is decode_data.c. */
#include "calls/decode.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/stat.h>

static void take_path(struct call *call, int dirfd, uint64_t address)
{
    call->dirfd = dirfd;
    if (!call->is_done) /* at the exit the memory may hold something else by now */
        call_read_string(call, address, call->path, sizeof call->path);
}

static void take_made(struct call *call)
{
    call->made[0] = call->is_done && call->error == 0 ? (int)call->result : -1;
}

static void opened(struct call *call, int64_t flags, int64_t mode)
{
    call_set(call, PARAM_FLAGS, flags);
    if ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE) /* it holds the bit of O_DIRECTORY, too */
        call_set(call, PARAM_MODE, mode & 07777);
    call->wait = flags & (O_NONBLOCK | O_PATH) ? WAIT_NONE : WAIT_EVENT;
    take_made(call);
    decode_posix_name(call, "shm_open", "sem_open");
}

void decode_open(struct call *call)
{
    take_path(call, AT_FDCWD, call->arg[0]);
    opened(call, (int)call->arg[1], (int)call->arg[2]);
}

void decode_openat(struct call *call)
{
    take_path(call, (int)call->arg[0], call->arg[1]);
    opened(call, (int)call->arg[2], (int)call->arg[3]);
}

void decode_openat2(struct call *call)
{
    struct open_how how = {0};
    take_path(call, (int)call->arg[0], call->arg[1]);
    if (!call->is_done && call_read(call, call->arg[2], &how, sizeof how))
        opened(call, (int64_t)how.flags, (int64_t)how.mode);
    take_made(call);
}

void decode_creat(struct call *call)
{
    take_path(call, AT_FDCWD, call->arg[0]);
    opened(call, O_CREAT | O_WRONLY | O_TRUNC, (int)call->arg[1]);
}

void decode_fd(struct call *call)
{
    call->fd = (int)call->arg[0];
}

void decode_close_range(struct call *call)
{
    call_set(call, PARAM_START, (unsigned)call->arg[0]);
    call_set(call, PARAM_LEN, (unsigned)call->arg[1]);
    call_set(call, PARAM_FLAGS, (int)call->arg[2]);
}

/* mknod makes a FIFO, a socket file, a plain file, or (for root) a device: only the first is our deed. */
static void made_node(struct call *call, int64_t mode)
{
    call_set(call, PARAM_MODE, mode & 07777);
    call_set(call, PARAM_TYPE, mode & S_IFMT);
    if (!S_ISFIFO(mode))
        call->deed = NULL;
}

void decode_mknod(struct call *call)
{
    take_path(call, AT_FDCWD, call->arg[0]);
    made_node(call, (int)call->arg[1]);
}

void decode_mknodat(struct call *call)
{
    take_path(call, (int)call->arg[0], call->arg[1]);
    made_node(call, (int)call->arg[2]);
}

void decode_unlink(struct call *call)
{
    take_path(call, AT_FDCWD, call->arg[0]);
    decode_posix_name(call, "shm_unlink", "sem_unlink");
}

void decode_unlinkat(struct call *call)
{
    take_path(call, (int)call->arg[0], call->arg[1]);
    call_set(call, PARAM_FLAGS, (int)call->arg[2]);
    decode_posix_name(call, "shm_unlink", "sem_unlink");
}

void decode_rename(struct call *call)
{
    take_path(call, AT_FDCWD, call->arg[0]);
    call_read_string(call, call->arg[1], call->path2, sizeof call->path2);
}

void decode_renameat(struct call *call)
{
    take_path(call, (int)call->arg[0], call->arg[1]);
    call_read_string(call, call->arg[3], call->path2, sizeof call->path2);
}

void decode_chmod(struct call *call)
{
    take_path(call, AT_FDCWD, call->arg[0]);
    call_set(call, PARAM_MODE, (int64_t)(call->arg[1] & 07777));
}

void decode_fchmod(struct call *call)
{
    call->fd = (int)call->arg[0];
    call_set(call, PARAM_MODE, (int64_t)(call->arg[1] & 07777));
}

void decode_fchmodat(struct call *call)
{
    take_path(call, (int)call->arg[0], call->arg[1]);
    call_set(call, PARAM_MODE, (int64_t)(call->arg[2] & 07777));
}

void decode_truncate(struct call *call)
{
    take_path(call, AT_FDCWD, call->arg[0]);
    call_set(call, PARAM_SIZE, (int64_t)call->arg[1]);
}

void decode_ftruncate(struct call *call)
{
    call->fd = (int)call->arg[0];
    call_set(call, PARAM_SIZE, (int64_t)call->arg[1]);
}

static void take_two(struct call *call, uint64_t address)
{
    int made[2];
    if (!call->is_done || call->error != 0 || !call_read(call, address, made, sizeof made))
        return;
    call->made[0] = made[0];
    call->made[1] = made[1];
}

void decode_pipe(struct call *call)
{
    call_set(call, PARAM_FLAGS, 0);
    take_two(call, call->arg[0]);
}

void decode_pipe2(struct call *call)
{
    call_set(call, PARAM_FLAGS, (int)call->arg[1]);
    take_two(call, call->arg[0]);
}

void decode_socketpair(struct call *call)
{
    call_set(call, PARAM_TYPE, (int)call->arg[1]);
    take_two(call, call->arg[3]);
}

void decode_dup(struct call *call)
{
    call->fd = (int)call->arg[0];
    take_made(call);
}

void decode_dup2(struct call *call)
{
    call->fd = (int)call->arg[0];
    call_set(call, PARAM_ONTO, (int)call->arg[1]);
    take_made(call);
}

void decode_fcntl(struct call *call)
{
    int command = (int)call->arg[1];
    call->fd = (int)call->arg[0];
    call_set(call, PARAM_CMD, command);
    if (command == F_DUPFD || command == F_DUPFD_CLOEXEC) {
        take_made(call);
        return;
    }
    if (!decode_lock(call))
        call->deed = NULL;
}
