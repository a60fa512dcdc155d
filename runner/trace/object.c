/* What a call works on: descriptors, paths and System V identifiers become object identities and names for people.
 *
 * Descriptors are looked up in /proc/TID/fd (2 us) and kept per process until something closes or replaces them; every call that could is
 * traced. A path is looked up as the tracee sees it: path.c.
 */
#include "trace/tracer.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"

static void identify(const struct tracer *tracer, const struct stat *info, struct object_id *id)
{
    id->device = info->st_dev;
    id->number = info->st_ino;
    switch (info->st_mode & S_IFMT) {
    case S_IFIFO: id->kind = info->st_dev == tracer->pipe_device ? OBJECT_PIPE : OBJECT_FIFO; break;
    case S_IFREG: id->kind = OBJECT_FILE; break;
    case S_IFDIR: id->kind = OBJECT_DIR; break;
    case S_IFSOCK: id->kind = OBJECT_PIPE; break; /* a socket pair, or another: socket_resolve() */
    default: id->kind = OBJECT_OTHER;
    }
}

static enum object_kind kind_of_posix_path(const char *path, enum object_kind plain)
{
    static const char memory[] = "/dev/shm/", semaphore[] = "/dev/shm/sem.", queue[] = "/dev/mqueue/";
    if (strncmp(path, semaphore, sizeof semaphore - 1) == 0)
        return OBJECT_SEM;
    if (strncmp(path, memory, sizeof memory - 1) == 0)
        return OBJECT_SHM;
    return strncmp(path, queue, sizeof queue - 1) == 0 ? OBJECT_MQ : plain;
}

/* What stat takes for a plain file may be what POSIX IPC keeps: a queue lies in a file system of its own kind, mounted or not, a shared memory object or a
 * semaphore in a directory of its own. */
static enum object_kind kind_of_open_file(const char *link)
{
    enum { QUEUES = 0x19800202 }; /* MQUEUE_MAGIC, statfs(2) */
    char target[PATH_MAX];
    struct statfs system;
    if (statfs(link, &system) == 0 && system.f_type == QUEUES)
        return OBJECT_MQ;
    ssize_t len = readlink(link, target, sizeof target - 1);
    target[len > 0 ? len : 0] = '\0';
    return kind_of_posix_path(target, OBJECT_FILE);
}

void object_of_fd(struct tracee *tracee, int fd, struct object_id *id)
{
    struct member *member = (struct member *)tracee->pub.process;
    bool may_cache = fd >= 0 && fd < CACHED_FDS && !member->is_shared;
    char path[64];
    struct stat info;
    *id = (struct object_id){0};
    if (may_cache && member->fds.is_known[fd]) {
        *id = member->fds.id[fd];
        socket_resolve(tracee->tracer, id);
        return;
    }
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)tracee->pub.tid, fd);
    if (procfs_stat(tracee->tracer, tracee->pub.tid, fd, &info))
        identify(tracee->tracer, &info, id);
    if (id->kind == OBJECT_FILE)
        id->kind = kind_of_open_file(path);
    if (id->kind == OBJECT_OTHER)
        tracee->tracer->has_terminals |= terminal_is_master(&info);
    if (may_cache && id->kind != OBJECT_NONE) {
        member->fds.is_known[fd] = true;
        member->fds.id[fd] = *id; /* of a socket itself: its name may change */
    }
    socket_resolve(tracee->tracer, id);
}

void object_forget_fd(struct member *member, int fd)
{
    if (fd < 0)
        memset(member->fds.is_known, 0, sizeof member->fds.is_known);
    else if (fd < CACHED_FDS)
        member->fds.is_known[fd] = false;
}

/* As the task sees it. */
static bool look_at_path(struct tracee *tracee, const char *path, int dirfd, bool follow, struct stat *info,
                         struct object_id *id)
{
    char link[64];
    cleanup_fd int at = path_open(tracee, path, dirfd, follow);
    if (at < 0 || fstat(at, info) != 0)
        return false;
    identify(tracee->tracer, info, id);
    snprintf(link, sizeof link, "/proc/self/fd/%d", at);
    if (id->kind == OBJECT_FILE)
        id->kind = kind_of_open_file(link);
    return true;
}

bool object_is_link(const struct tracee *tracee, const struct call *call)
{
    struct stat info;
    cleanup_fd int at = call->path[0] ? path_open(tracee, call->path, call->dirfd, false) : -1;
    return at >= 0 && fstat(at, &info) == 0 && S_ISLNK(info.st_mode);
}

static bool removes_name(const struct call *call)
{
    return call_is(call, "unlink") || call_is(call, "unlinkat") || call_is(call, "mq_unlink");
}

static bool names_queue(const struct call *call)
{
    return call_is(call, "mq_open") || call_is(call, "mq_unlink");
}

/* The file that an execve names: by its path, or by its descriptor alone. */
int object_open_program(const struct tracee *tracee, const struct call *exec)
{
    if (exec->path[0] == '\0')
        return path_open_descriptor(tracee, exec->fd);
    return path_open(tracee, exec->path, exec->dirfd, true);
}

/* The name of a queue is a path only where the queues are mounted. */
bool object_of_path(struct tracee *tracee, const struct call *call, const char *path, struct object_id *id)
{
    bool follow = !removes_name(call) && (!call->deed || strcmp(call->deed->word, "rename") != 0);
    char queue[sizeof call->path + sizeof "/dev/mqueue"];
    struct stat info;
    if (names_queue(call)) {
        snprintf(queue, sizeof queue, "/dev/mqueue%s", path);
        path = queue;
    }
    if (path[0] == '\0' || !look_at_path(tracee, path, call->dirfd, follow, &info, id))
        return false;
    if (S_ISSOCK(info.st_mode))
        id->kind = OBJECT_UNIX;
    return true;
}

static enum object_kind ipc_kind(const struct call *call)
{
    switch (call->row->name[0] == 's' ? call->row->name[1] : 'q') {
    case 'e': return OBJECT_SEMAPHORES;
    case 'h': return OBJECT_SEGMENT;
    default: return OBJECT_QUEUE;
    }
}

/* Programs there are that open every file they find. */
static uint32_t *bucket_of(struct tracer *tracer, const struct object_id *id)
{
    uint64_t mixed = (id->number + id->device * 31 + (uint64_t)id->kind) * 0x9e3779b97f4a7c15ULL;
    return &tracer->object_buckets[mixed >> 32 & (OBJECT_BUCKETS - 1)];
}

static struct known_object *find_known(struct tracer *tracer, const struct object_id *id, bool removed_too)
{
    struct known_object *known;
    for (uint32_t place = *bucket_of(tracer, id); place > 0; place = known->older) {
        known = &tracer->objects[place - 1];
        if (known->id.kind == id->kind && object_same(&known->id, id) && (removed_too || !known->is_removed))
            return known;
    }
    return NULL;
}

struct known_object *object_known(struct tracer *tracer, const struct object_id *id)
{
    return find_known(tracer, id, false);
}

struct known_object *object_ever_known(struct tracer *tracer, const struct object_id *id)
{
    return find_known(tracer, id, true);
}

struct known_object *object_learn(struct tracer *tracer, const struct object_id *id)
{
    struct known_object *known = object_known(tracer, id);
    if (known)
        return known;
    if (!tasks_grow(&tracer->objects, tracer->object_count + 1, &tracer->object_room,
                    sizeof *tracer->objects))
        return NULL;
    uint32_t *bucket = bucket_of(tracer, id);
    known = &tracer->objects[tracer->object_count++];
    *known = (struct known_object){.id = *id, .older = *bucket};
    *bucket = (uint32_t)tracer->object_count;
    return known;
}

static bool closes(const struct call *call)
{
    return call->row->name[0] == 'c' && strncmp(call->row->name, "close", 5) == 0;
}

static void forget_closed(struct tracee *tracee, const struct call *call)
{
    struct member *member = (struct member *)tracee->pub.process;
    if (closes(call))
        object_forget_fd(member, call->fd); /* close_range has no fd: all are forgotten */
    else if (call_knows(call, PARAM_ONTO))
        object_forget_fd(member, (int)call->value[PARAM_ONTO]);
}

void object_of_entry(struct tracee *tracee, struct event *event)
{
    struct call *call = &event->call;
    if (call->has_ipc && call->ipc_id >= 0) {
        event->object = (struct object_id){.kind = ipc_kind(call), .number = (uint64_t)call->ipc_id};
        object_name(tracee, event, -1);
    } else if (call->fd >= 0) {
        object_of_fd(tracee, call->fd, &event->object);
        socket_of_entry(tracee, event);
        object_name(tracee, event, call->fd);
        if (call->fd_count == 2 && call->fds[0].fd == call->fd && call->deed)
            object_of_fd(tracee, call->fds[1].fd, &event->into);
    } else if (call->path[0] != '\0') {
        object_of_path(tracee, call, call->path, &event->object);
        object_name(tracee, event, -1);
    } else if (attached_ends(call))
        attached_find(tracee->tracer, event);
    forget_closed(tracee, call);
}

void object_removed(struct tracer *tracer, const struct object_id *id)
{
    struct known_object *known = object_known(tracer, id);
    if (known)
        known->is_removed = true;
}

static void note_removed(struct tracer *tracer, const struct event *event)
{
    const struct call *call = &event->call;
    struct known_object *known = object_known(tracer, &event->object);
    bool is_rmid = call->has_ipc && call_knows(call, PARAM_CMD) && call->value[PARAM_CMD] == 0; /* IPC_RMID */
    if (!known)
        return;
    if (removes_name(call) && known->links > 0)
        known->links--;
    else if (is_rmid || removes_name(call))
        known->is_removed = true;
}

/* It is called as it was called last. */
static void note_renamed(struct tracee *tracee, const struct event *event)
{
    const struct call *call = &event->call;
    bool is_link = call_is(call, "link") || call_is(call, "linkat");
    bool has_folders = call_is(call, "linkat") || call_is(call, "renameat") || call_is(call, "renameat2");
    int dirfd = has_folders ? (int)call->arg[2] : AT_FDCWD;
    if (!is_link && (!call->deed || strcmp(call->deed->word, "rename") != 0))
        return;
    struct known_object *known = object_known(tracee->tracer, &event->object);
    if (known && known->id.kind != OBJECT_DIR) {
        known->links += is_link;
        object_name_path(known, tracee, dirfd, call->path2);
    }
    socket_name_linked(tracee, call->path2, dirfd);
}

/* What a call may have made: whether it did is known to those who saw the state before (run.c), or from IPC_PRIVATE, O_EXCL and mkfifo. */
static void note_made(struct tracer *tracer, const struct event *event, bool was_there)
{
    struct known_object *known = object_known(tracer, &event->object);
    if (!known || was_there || known->is_made)
        return;
    known->is_made = true;
    known->event = event->number;
}

static void note_packets(struct tracer *tracer, const struct event *event)
{
    struct known_object *known = object_known(tracer, &event->object);
    if (known && call_is(&event->call, "pipe2") && event->call.value[PARAM_FLAGS] & O_DIRECT)
        known->is_packets = true;
}

static void made_ends(struct tracee *tracee, struct event *event)
{
    for (int i = 0; i < 2; i++)
        if (event->call.made[i] >= 0) {
            object_forget_fd((struct member *)tracee->pub.process, event->call.made[i]);
            object_of_fd(tracee, event->call.made[i], &event->made[i]);
        }
}

void object_of_exit(struct tracee *tracee, struct event *event)
{
    struct call *call = &event->call;
    bool was_there = event->object.kind != OBJECT_NONE;
    if (call->row->traits & CALL_LIBRARY) {
        object_of_function_exit(tracee, event);
        return;
    }
    if (call->error != 0)
        return;
    socket_of_exit(tracee, event);
    made_ends(tracee, event);
    socket_made_file(tracee, event);
    note_renamed(tracee, event);
    if (was_there && !call->has_ipc)
        note_removed(tracee->tracer, event);
    if (call->has_ipc && call->ipc_id >= 0) {
        event->object = (struct object_id){.kind = ipc_kind(call), .number = (uint64_t)call->ipc_id};
        object_name(tracee, event, -1);
        note_removed(tracee->tracer, event);
        if (call->row->name[3] == 'g' && call->row->name[4] == 'e')
            note_made(tracee->tracer, event, false);
    } else if (!was_there && event->made[0].kind != OBJECT_NONE) {
        event->object = event->made[0];
        object_name(tracee, event, call->path[0] ? -1 : call->made[0]);
        note_made(tracee->tracer, event, call->path[0] == '\0');
        note_packets(tracee->tracer, event);
    } else if (!was_there && call->path[0] != '\0' &&
               object_of_path(tracee, call, call->path, &event->object)) {
        object_name(tracee, event, -1);
        note_made(tracee->tracer, event, false);
    }
    forget_closed(tracee, call);
}
