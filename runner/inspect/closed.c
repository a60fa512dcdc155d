/* What its owner has closed to everybody is opened for a look, and closed again as it was.
 *
 * Init may do anything to the objects of a sandbox where it is root of a user namespace. Where there is none it is some user of the machine: the student's own, or root without what it
 * takes. The owner himself may change the mode, so a look is never kept from us by a student, and what is closed with good reason (a queue that is only written to) is judged like any other.
 * A path is walked from descriptor to descriptor, through no link: what is opened is what was looked at.
 *
 * Sources: path_resolution(7), proc(5) (/proc/self/fd), msgctl(2), semctl(2), shmctl(2) (the .._STAT_ANY operations ask for no permission), seteuid(2), prctl(2) (PR_SET_PDEATHSIG).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "inspect/question.h"

enum { PERMISSIONS = 07777, LOOK = 0400, PASS = 0100 };

/* ---- paths ------------------------------------------------------------------------------------------------------------- */

static bool change_mode(int fd, mode_t mode)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d",
             fd); /* fchmod(2) refuses a descriptor that is none but a name (O_PATH) */
    return chmod(path, mode) == 0;
}

bool closed_unlock(uid_t student, int fd, mode_t bits, mode_t *was)
{
    struct stat status;
    if (fstat(fd, &status) < 0)
        return false;
    *was = status.st_mode & PERMISSIONS;
    return owner_is_students(student, status.st_uid) && change_mode(fd, *was | bits);
}

/* Takes the descriptor, to lock it again. */
static bool unlock(struct opened *opened, int fd, mode_t bits)
{
    mode_t was;
    if (opened->count == OPENED_MOST || !closed_unlock(opened->student, fd, bits, &was)) {
        close(fd);
        return false;
    }
    opened->paths[opened->count].fd = fd;
    opened->paths[opened->count++].mode = was;
    return true;
}

/* The entry itself, be it a link; -1: not to be had. */
static int step_to(struct opened *opened, int folder, const char *name)
{
    int fd = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 || errno != EACCES)
        return fd;
    int again = fcntl(folder, F_DUPFD_CLOEXEC, 0);
    if (again < 0 || !unlock(opened, again, PASS))
        return -1;
    return openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

/* It leads wherever the student wants us not to look; through none of his we go. */
static bool is_students_link(const struct opened *opened, int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISLNK(status.st_mode) &&
           owner_is_students(opened->student, status.st_uid);
}

/* The last of the path, with the way to it unlocked. */
static int walk(struct opened *opened, char *path)
{
    char *rest = path;
    cleanup_fd int at =
        open(*path == '/' ? "/" : "/proc/self/cwd", O_PATH | O_DIRECTORY | O_CLOEXEC); /* "." may be shut */
    for (const char *name; at >= 0 && (name = strtok_r(rest, "/", &rest));) {
        int below = step_to(opened, at, name);
        close(at);
        at = below;
        opened->is_astray |= at >= 0 && *rest && is_students_link(opened, at);
    }
    return steal_fd(&at);
}

static bool open_path(struct opened *opened, const struct identity_of *which)
{
    char path[320];
    struct stat status;
    path_of(which, path, sizeof path);
    int fd = walk(opened, path);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return true; /* behind what was shut there is nothing */
    if (fd < 0 || fstat(fd, &status) < 0)
        return false;
    bool is_posix = which->kind == OBJECT_SEM || which->kind == OBJECT_SHM || which->kind == OBJECT_MQ;
    opened->id = (struct object_id){is_posix ? which->kind : kind_of_mode(status.st_mode), status.st_dev,
                                    status.st_ino};
    opened->mode = status.st_mode & PERMISSIONS;
    opened->owner = status.st_uid;
    opened->is_students = owner_is_students(opened->student, status.st_uid);
    if (S_ISREG(status.st_mode) && !(status.st_mode & LOOK))
        return unlock(opened, fd, LOOK);
    close(fd);
    return true;
}

/* ---- System V ---------------------------------------------------------------------------------------------------------- */

static struct ipc_perm *permissions(struct opened *opened)
{
    switch ((int)opened->id.kind) {
    case OBJECT_QUEUE: return &opened->was.queue.msg_perm;
    case OBJECT_SEMAPHORES: return &opened->was.set.sem_perm;
    default: return &opened->was.segment.shm_perm;
    }
}

/* Either way to the object: IPC_SET, or the .._STAT_ANY of its kind, which give back the identifier. */
static int control(struct opened *opened, bool is_set)
{
    int id = (int)opened->id.number;
    union semaphore_argument set = {.status = &opened->was.set};
    switch ((int)opened->id.kind) {
    case OBJECT_QUEUE: return msgctl(id, is_set ? IPC_SET : MSG_STAT_ANY, &opened->was.queue);
    case OBJECT_SEMAPHORES: return semctl(id, 0, is_set ? IPC_SET : SEM_STAT_ANY, set);
    default: return shmctl(id, is_set ? IPC_SET : SHM_STAT_ANY, &opened->was.segment);
    }
}

/* Root without CAP_IPC_OWNER is nobody to an object, but may become its owner. Who changes his user is not told any more of his parent's death. */
static bool become(uid_t uid)
{
    int signal_number = 0;
    if (owner_is_ours(uid))
        return true;
    prctl(PR_GET_PDEATHSIG, &signal_number, 0, 0, 0);
    bool is_he = seteuid(uid) == 0;
    prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0);
    return is_he;
}

/* The owner may have given it away, and may do with it what he likes all the same: whoever made it stays one of its owners. */
static bool open_system_v(struct opened *opened, const struct identity_of *which)
{
    opened->id = (struct object_id){.kind = which->kind, .number = (uint64_t)sysv_id(which)};
    if (control(opened, false) != (int)opened->id.number)
        return false;
    struct ipc_perm *perm = permissions(opened);
    opened->mode = perm->mode & PERMISSIONS;
    opened->owner = perm->uid;
    bool is_makers = owner_is_students(opened->student, perm->cuid);
    opened->is_students = is_makers || owner_is_students(opened->student, perm->uid);
    uid_t as = owner_is_ours(perm->cuid) || is_makers ? perm->cuid : perm->uid;
    opened->before = geteuid();
    if (!opened->is_students || !become(as))
        return false;
    opened->is_set = !(perm->mode & LOOK);
    perm->mode |= 0600;
    if (opened->is_set && control(opened, true) < 0)
        opened->is_set = false;
    perm->mode = (unsigned short)opened->mode;
    return opened->is_set || (perm->mode & LOOK);
}

/* ---- both -------------------------------------------------------------------------------------------------------------- */

static bool is_system_v(enum object_kind kind)
{
    return kind == OBJECT_QUEUE || kind == OBJECT_SEMAPHORES || kind == OBJECT_SEGMENT;
}

bool closed_open(const struct question *question, struct opened *opened)
{
    const struct identity_of *which = &question->which;
    *opened = (struct opened){.student = question->student, .before = geteuid()};
    return is_system_v(which->kind) ? open_system_v(opened, which) : open_path(opened, which);
}

void closed_again(struct opened *opened)
{
    if (opened->is_set)
        control(opened, true);
    become(opened->before);
    while (opened->count > 0) {
        opened->count--;
        change_mode(opened->paths[opened->count].fd, opened->paths[opened->count].mode);
        close(opened->paths[opened->count].fd);
    }
}

void closed_tell(const struct opened *opened, struct object_state *state)
{
    state->is_there = true;
    state->id = opened->id;
    state->mode = opened->mode;
    state->owner = opened->owner;
}
