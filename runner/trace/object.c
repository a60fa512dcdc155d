/* What a call works on: descriptors, paths and System V identifiers become object identities and names for people.
 *
 * Descriptors are looked up in /proc/TID/fd (2 us) and kept per process until something closes or replaces them; every call that could is
 * traced. A path is looked up as the tracee sees it: below its root, from its directory. Nothing is ever opened but with O_PATH: a real open of
 * a pipe's /proc entry would make a new end.
 */
#include "trace/tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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

/* A descriptor of ours (O_PATH) of the directory that a relative path begins at, or of the root. */
static int open_base(const struct tracee *tracee, const char *path, int dirfd)
{
    char name[32] = "root", base[64];
    if (path[0] != '/' && dirfd == AT_FDCWD)
        snprintf(name, sizeof name, "cwd");
    else if (path[0] != '/')
        snprintf(name, sizeof name, "fd/%d", dirfd);
    snprintf(base, sizeof base, "/proc/%d/%s", (int)tracee->pub.tid, name);
    int fd = open(base, O_PATH | O_CLOEXEC);
    if (fd < 0)
        procfs_missed(tracee->tracer, tracee->pub.tid, name);
    return fd;
}

/* A path of the student's leads wherever he likes: most of what errno can say is his doing. EAGAIN stays only when open_in() has given up. Always false. */
static bool leads_nowhere(const struct tracee *tracee)
{
    if (err_is_of_machine(errno) || errno == EAGAIN)
        tracer_set_trouble(tracee->tracer, "look at a path that task %d names: %m", (int)tracee->pub.tid);
    return false;
}

/* In the root of the tracee absolute links stay below that root. A rename or a mount anywhere on the machine may make the kernel ask us to try again: where many
 * processors do nothing else, without end. */
static int open_in(int base, const char *path, uint64_t flags)
{
    enum { TRIES = 1000 };
    const struct open_how how = {.flags = O_PATH | O_CLOEXEC | flags,
                                 .resolve = path[0] == '/' ? RESOLVE_IN_ROOT : 0};
    int fd = -1;
    for (int i = 0; i < TRIES && fd < 0 && (i == 0 || errno == EAGAIN); i++)
        fd = (int)syscall(SYS_openat2, base, path, &how, sizeof how);
    return fd;
}

static bool stat_path(const struct tracee *tracee, const char *path, int dirfd, bool follow,
                      struct stat *info)
{
    int links = follow ? 0 : AT_SYMLINK_NOFOLLOW;
    cleanup_fd int base = open_base(tracee, path, dirfd);
    if (base < 0)
        return false;
    if (path[0] != '/')
        return fstatat(base, path, info, links) == 0 || leads_nowhere(tracee);
    cleanup_fd int at = open_in(base, path, follow ? 0 : O_NOFOLLOW);
    return (at >= 0 && fstat(at, info) == 0) || leads_nowhere(tracee);
}

bool object_is_link(const struct tracee *tracee, const struct call *call)
{
    struct stat info;
    return call->path[0] && stat_path(tracee, call->path, call->dirfd, false, &info) && S_ISLNK(info.st_mode);
}

static bool removes_name(const struct call *call)
{
    return call_is(call, "unlink") || call_is(call, "unlinkat") || call_is(call, "mq_unlink");
}

static bool names_queue(const struct call *call)
{
    return call_is(call, "mq_open") || call_is(call, "mq_unlink");
}

/* The rest of a path that begins so. NULL: it does not. */
static const char *behind(const char *path, const char *beginning)
{
    size_t len = strlen(beginning);
    return strncmp(path, beginning, len) == 0 ? path + len : NULL;
}

/* The names by which a process calls its own program, or a file that it has open: "self" would be us, and a link of /proc is followed by no path that is to stay in a root. Never
 * further than the link: what lies behind it is the student's. False: it is none of them. */
static bool is_own_link(const struct tracee *tracee, const char *path, char *link, size_t room)
{
    char number[32];
    snprintf(number, sizeof number, "/proc/%d/", (int)tracee->pub.process->inner_pid);
    const char *const own[] = {behind(path, "/proc/self/"), behind(path, "/proc/thread-self/"),
                               behind(path, number)};
    const char *rest = NULL, *fd = behind(path, "/dev/fd/");
    for (size_t i = 0; i < sizeof own / sizeof *own && !rest; i++)
        rest = own[i];
    if (rest && !fd)
        fd = behind(rest, "fd/");
    bool is_number = fd && *fd && strspn(fd, "0123456789") == strlen(fd);
    if (is_number)
        snprintf(link, room, "/proc/%d/fd/%s", (int)tracee->pub.tid, fd);
    else if (rest && strcmp(rest, "exe") == 0)
        snprintf(link, room, "/proc/%d/exe", (int)tracee->pub.tid);
    return is_number || (rest && strcmp(rest, "exe") == 0);
}

/* The file that an execve names: by its path, or by its descriptor alone. */
int object_open_program(const struct tracee *tracee, const struct call *exec)
{
    char path[64];
    int fd = -1;
    errno = 0;
    if (exec->path[0] == '\0') {
        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)tracee->pub.tid, exec->fd);
        fd = exec->fd < 0 ? -1 : open(path, O_PATH | O_CLOEXEC);
    } else if (is_own_link(tracee, exec->path, path, sizeof path)) {
        fd = open(path, O_PATH | O_CLOEXEC);
    } else {
        cleanup_fd int base = open_base(tracee, exec->path, exec->dirfd);
        fd = base < 0 ? -1 : open_in(base, exec->path, 0);
    }
    if (fd < 0)
        leads_nowhere(tracee);
    return fd;
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
    if (path[0] == '\0' || !stat_path(tracee, path, call->dirfd, follow, &info))
        return false;
    identify(tracee->tracer, &info, id);
    if (id->kind == OBJECT_FILE)
        id->kind = kind_of_posix_path(path, OBJECT_FILE);
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
    if (known && (is_rmid || removes_name(call)))
        known->is_removed = true;
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
