/* Objects that have a path: FIFOs, files, directories, socket files, and what POSIX IPC keeps in /dev/shm and /dev/mqueue. Nothing is
 * opened but plain files, never through a symbolic link at the end, and never so that it could wait.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "inspect/question.h"

enum { PERMISSIONS = 07777 };

void path_of(const struct identity_of *which, char *to, size_t room)
{
    const char *name = which->path + (which->path[0] == '/');
    switch ((int)which->kind) {
    case OBJECT_SEM: snprintf(to, room, "/dev/shm/sem.%s", name); break;
    case OBJECT_SHM: snprintf(to, room, "/dev/shm/%s", name); break;
    case OBJECT_MQ: snprintf(to, room, "/dev/mqueue/%s", name); break;
    default: snprintf(to, room, "%s", which->path); break;
    }
}

enum object_kind kind_of_mode(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFIFO: return OBJECT_FIFO;
    case S_IFREG: return OBJECT_FILE;
    case S_IFDIR: return OBJECT_DIR;
    case S_IFSOCK: return OBJECT_UNIX;
    default: return OBJECT_OTHER;
    }
}

static bool read_text(const char *path, struct object_state *state, struct err *err)
{
    cleanup_fd int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    char part[16384];
    ssize_t len = -1;
    while (fd >= 0 && (len = read(fd, part, sizeof part)) > 0)
        if (!bytes_add(&state->text, part, (size_t)len, INSPECT_TEXT))
            return true;
    return len == 0 || err_sys(err, "read %s", path);
}

bool path_look(const struct identity_of *which, struct object_state *state, struct err *err)
{
    char path[320];
    struct stat status;
    path_of(which, path, sizeof path);
    if (lstat(path, &status) < 0) /* who has put a link in the place of a folder leads us where nothing is */
        return err_is_absence(errno) || err_sys(err, "look at %s", path);
    enum object_kind kind = kind_of_mode(status.st_mode);
    bool is_posix = which->kind == OBJECT_SEM || which->kind == OBJECT_SHM || which->kind == OBJECT_MQ;
    state->is_there = true;
    state->id = (struct object_id){is_posix ? which->kind : kind, status.st_dev, status.st_ino};
    state->mode = status.st_mode & PERMISSIONS;
    state->owner = status.st_uid;
    state->size = (uint64_t)status.st_size;
    /* What the file of a queue shows is not what the queue holds. */
    return kind != OBJECT_FILE || which->kind == OBJECT_MQ || read_text(path, state, err);
}

bool path_give(const char *path, const struct object_state *state, mode_t mode, enum object_kind kind,
               struct object_id *id, struct err *err)
{
    struct stat status;
    if (!owner_is_ours(state->owner) && lchown(path, state->owner, state->owner) < 0)
        return err_sys(err, "give %s to user %d", path, (int)state->owner);
    if (chmod(path, mode) < 0 || lstat(path, &status) < 0)
        return err_sys(err, "set the mode of %s", path);
    *id = (struct object_id){kind, status.st_dev, status.st_ino};
    return true;
}

static bool fifo_make(const struct identity_of *which, const struct object_state *state, mode_t mode,
                      struct object_id *id, struct err *err)
{
    if (mkfifo(which->path, 0600) < 0)
        return err_sys(err, "make the FIFO %s", which->path);
    id->kind = OBJECT_FIFO;
    return path_give(which->path, state, mode, OBJECT_FIFO, id, err);
}

static bool dir_make(const struct identity_of *which, const struct object_state *state, mode_t mode,
                     struct object_id *id, struct err *err)
{
    if (mkdir(which->path, 0700) < 0)
        return err_sys(err, "make the directory %s", which->path);
    if (path_give(which->path, state, mode, OBJECT_DIR, id, err))
        return true;
    rmdir(which->path);
    return false;
}

static bool file_make(const struct identity_of *which, const struct object_state *state, mode_t mode,
                      struct object_id *id, struct err *err)
{
    char path[320];
    path_of(which, path, sizeof path);
    cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_sys(err, "make %s", path);
    id->kind = OBJECT_FILE;
    for (size_t at = 0; at < state->text.len;) {
        ssize_t len = write(fd, state->text.data + at, state->text.len - at);
        if (len < 0)
            return err_sys(err, "fill %s", path);
        at += (size_t)len;
    }
    if (state->size > state->text.len && ftruncate(fd, (off_t)state->size) < 0)
        return err_sys(err, "set the size of %s", path);
    return path_give(path, state, mode, which->kind == OBJECT_SHM ? OBJECT_SHM : OBJECT_FILE, id, err);
}

/* The file that a server leaves behind when it goes without unlink(2). */
static bool socket_make(const struct identity_of *which, const struct object_state *state, mode_t mode,
                        struct object_id *id, struct err *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int type = which->kind == OBJECT_UNIX_DGRAM ? SOCK_DGRAM : SOCK_STREAM;
    if (strlen(which->path) >= sizeof address.sun_path)
        return err_set(err, "%s is too long a name for a socket", which->path);
    memcpy(address.sun_path, which->path, strlen(which->path));
    cleanup_fd int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return err_sys(err, "make the socket file %s", which->path);
    id->kind = which->kind;
    return path_give(which->path, state, mode, which->kind, id, err);
}

bool path_remove(const struct identity_of *which, struct err *err)
{
    char path[320];
    path_of(which, path, sizeof path);
    return unlink(path) == 0 || err_sys(err, "remove %s", path);
}

const struct object_ways fifo_ways = {OBJECT_FIFO, path_look, fifo_make, path_remove};
const struct object_ways file_ways = {OBJECT_FILE, path_look, file_make, path_remove};
const struct object_ways dir_ways = {OBJECT_DIR, path_look, dir_make, NULL};
const struct object_ways socket_ways = {OBJECT_UNIX, path_look, socket_make, path_remove};
const struct object_ways posix_ways = {OBJECT_SEM, path_look, NULL, path_remove};
const struct object_ways memory_ways = {OBJECT_SHM, path_look, file_make, path_remove};
