/* What people call an object: the last part of its path, its key, what it is. Names of a student's choosing are tamed here, where they come from.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "trace/tracer.h"

static void name_ipc(struct known_object *known, const struct call *call)
{
    if (call->ipc_key == 0)
        snprintf(known->name, sizeof known->name, "private id %d", call->ipc_id);
    else
        snprintf(known->name, sizeof known->name, "key 0x%08x", (unsigned)call->ipc_key);
}

/* Of a path, as people name a file by it. */
static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

void object_name_path(struct known_object *known, const struct tracee *tracee, int dirfd, const char *path)
{
    snprintf(known->name, sizeof known->name, "%s", last_part(path));
    text_tame(known->name);
    if (path[0] == '/')
        snprintf(known->path, sizeof known->path, "%s", path);
    else if (dirfd == AT_FDCWD) {
        char cwd[64], directory[PATH_MAX];
        snprintf(cwd, sizeof cwd, "/proc/%d/cwd", (int)tracee->pub.tid);
        ssize_t len = readlink(cwd, directory, sizeof directory - 1);
        directory[len > 0 ? len : 0] = '\0';
        if (snprintf(known->path, sizeof known->path, "%s/%s", directory, path) >= (int)sizeof known->path)
            known->path[0] = '\0';
    }
}

/* The name of something that was open before it could be seen to be opened: from its /proc link. */
static void name_link(struct known_object *known, const struct tracee *tracee, int fd)
{
    char link[64], target[PATH_MAX];
    snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)tracee->pub.tid, fd);
    ssize_t len = readlink(link, target, sizeof target - 1);
    target[len > 0 ? len : 0] = '\0';
    if (known->id.kind == OBJECT_PIPE)
        snprintf(known->name, sizeof known->name, "%s",
                 strncmp(target, "socket:", 7) == 0 ? "socket pair" : "pipe");
    else if (strncmp(target, "/dev/pts/", 9) == 0 || strncmp(target, "/dev/tty", 8) == 0)
        snprintf(known->name, sizeof known->name, "the terminal");
    else if (strncmp(target, "anon_inode:", 11) == 0)
        snprintf(known->name, sizeof known->name, "%.*s", 50, target + 11);
    else
        snprintf(known->name, sizeof known->name, "%.*s", 60, last_part(target));
}

void object_name(struct tracee *tracee, struct event *event, int fd)
{
    struct call *call = &event->call;
    struct known_object *known =
        event->object.kind == OBJECT_NONE ? NULL : object_learn(tracee->tracer, &event->object);
    bool is_anonymous = event->object.kind == OBJECT_OTHER; /* these share one inode: named anew each time */
    if (!known) {
        snprintf(event->object_name, sizeof event->object_name, "%.*s", 60, last_part(call->path));
        text_tame(event->object_name);
        return;
    }
    if (known->name[0] == '\0' || is_anonymous) {
        if (socket_print_name(tracee->tracer, &known->id, known->name, sizeof known->name))
            (void)known; /* it has its name */
        else if (call->has_ipc)
            name_ipc(known, call);
        else if (fd >= 0)
            name_link(known, tracee, fd);
        else
            object_name_path(known, tracee, call->dirfd, call->path);
    }
    text_tame(known->name);
    memcpy(event->object_name, known->name, sizeof event->object_name);
}
