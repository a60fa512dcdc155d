/* The names of UNIX sockets: one socket may have several.
 *
 * Theory of operation. Where a path leads to a socket's file, it is the socket that this file was made for, whatever the path is: the file has a number (its inode), which a link, a renaming and /proc/self/fd/N
 * all lead to. So a server may make its socket under another name and put it in place when it listens. The text counts where there is no file (yet, or any more) and for abstract names; its
 * directory is written as the kernel writes it, so that `door`, `./door` and `/proc/self/cwd/door` are one text. What a case calls a socket by is any name that it ever had.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "trace/tracer.h"

void socket_names_free(struct tracer *tracer)
{
    for (size_t i = 0; i < tracer->socket_name_count; i++)
        free(tracer->socket_names[i].path);
    free(tracer->socket_names);
}

static bool is_abstract(const char *path)
{
    return path[0] == '@';
}

/* The directory as the kernel writes it; where it is not there, the whole as it was written. */
static void whole_path(const struct tracee *tracee, const char *path, int dirfd, char *to, size_t room)
{
    char link[64], base[PATH_MAX], directory[PATH_MAX];
    const char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path;
    snprintf(base, sizeof base, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
    cleanup_fd int at = is_abstract(path) ? -1 : path_open(tracee, base, dirfd, true);
    snprintf(link, sizeof link, "/proc/self/fd/%d", at);
    ssize_t len = at < 0 ? -1 : readlink(link, directory, sizeof directory - 1);
    directory[len > 0 ? len : 0] = '\0';
    if (len > 0)
        snprintf(to, room, "%s/%s", strcmp(directory, "/") == 0 ? "" : directory, last);
    else
        snprintf(to, room, "%s", path);
}

/* The socket's file that a path leads to. False: none. */
static bool find_file(const struct tracee *tracee, const char *path, int dirfd, struct object_id *file)
{
    struct stat info;
    cleanup_fd int at = is_abstract(path) ? -1 : path_open(tracee, path, dirfd, true);
    if (at < 0 || fstat(at, &info) != 0 || !S_ISSOCK(info.st_mode))
        return false;
    *file = (struct object_id){OBJECT_UNIX, info.st_dev, info.st_ino};
    return true;
}

/* The newest first: numbers of inodes come again. */
static struct socket_name *of_file(const struct tracer *tracer, const struct object_id *file)
{
    for (size_t i = tracer->socket_name_count; i-- > 0;)
        if (object_same(&tracer->socket_names[i].file, file))
            return &tracer->socket_names[i];
    return NULL;
}

static struct socket_name *of_text(const struct tracer *tracer, const char *path)
{
    for (size_t i = tracer->socket_name_count; i-- > 0;)
        if (strcmp(tracer->socket_names[i].path, path) == 0)
            return &tracer->socket_names[i];
    return NULL;
}

static struct socket_name *add(struct tracer *tracer, const char *path, uint64_t number)
{
    char *copy = strdup(path);
    if (!copy || !tasks_grow(&tracer->socket_names, tracer->socket_name_count + 1, &tracer->socket_name_room,
                             sizeof *tracer->socket_names)) {
        free(copy);
        return NULL;
    }
    struct socket_name *name = &tracer->socket_names[tracer->socket_name_count++];
    *name = (struct socket_name){.path = copy, .number = number};
    return name;
}

static bool has_another_name(const struct tracer *tracer, const struct socket_name *name)
{
    for (size_t i = 0; i < tracer->socket_name_count; i++)
        if (tracer->socket_names[i].number == name->number &&
            strcmp(tracer->socket_names[i].path, name->path) != 0)
            return true;
    return false;
}

/* Behind a bind its file is new, and nobody's yet. A name that is free to be bound, of a socket that has others, is a new socket's. */
uint64_t socket_number(struct tracee *tracee, const struct call *call)
{
    struct tracer *tracer = tracee->tracer;
    char whole[2 * PATH_MAX];
    struct object_id file;
    bool is_bind = call_is(call, "bind"), is_made = is_bind && call->is_done;
    struct socket_name *name =
        !is_made && find_file(tracee, call->path, AT_FDCWD, &file) ? of_file(tracer, &file) : NULL;
    if (name)
        return name->number;
    whole_path(tracee, call->path, AT_FDCWD, whole, sizeof whole);
    name = of_text(tracer, whole);
    if (name && is_bind && !is_made && has_another_name(tracer, name))
        name = NULL;
    if (!name && (name = add(tracer, whole, tracer->socket_numbers + 1)))
        tracer->socket_numbers++;
    return name ? name->number : 0;
}

void socket_name_bound(struct tracee *tracee, const char *path)
{
    char whole[2 * PATH_MAX];
    struct object_id file;
    if (!find_file(tracee, path, AT_FDCWD, &file))
        return;
    for (struct socket_name *old; (old = of_file(tracee->tracer, &file));)
        old->file = (struct object_id){0};
    whole_path(tracee, path, AT_FDCWD, whole, sizeof whole);
    struct socket_name *name = of_text(tracee->tracer, whole);
    if (name)
        name->file = file;
}

/* Who looks at it next calls it by the new name. */
static void rename_known(struct tracer *tracer, uint64_t number)
{
    static const enum object_kind kinds[] = {OBJECT_UNIX, OBJECT_UNIX_DGRAM};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct object_id id = {.kind = kinds[i], .number = number};
        struct known_object *known = object_ever_known(tracer, &id);
        if (known)
            known->name[0] = '\0';
    }
}

void socket_name_linked(struct tracee *tracee, const char *path, int dirfd)
{
    struct tracer *tracer = tracee->tracer;
    char whole[2 * PATH_MAX];
    struct object_id file;
    const struct socket_name *old = tracer->socket_name_count > 0 && find_file(tracee, path, dirfd, &file)
                                        ? of_file(tracer, &file)
                                        : NULL;
    if (!old)
        return;
    uint64_t number = old->number;
    whole_path(tracee, path, dirfd, whole, sizeof whole);
    struct socket_name *name = add(tracer, whole, number);
    if (name)
        name->file = file;
    rename_known(tracer, number);
}

const char *tracer_socket_path(const struct tracer *tracer, const struct object_id *id, size_t which)
{
    bool is_local = id->device == 0 && (id->kind == OBJECT_UNIX || id->kind == OBJECT_UNIX_DGRAM);
    for (size_t i = tracer->socket_name_count; is_local && i-- > 0;)
        if (tracer->socket_names[i].number == id->number && which-- == 0)
            return tracer->socket_names[i].path;
    return "";
}
