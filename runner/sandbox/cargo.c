/* Files in and out. The student's programs may have filled the case's directory with anything before a file is taken out, so nothing is
 * opened through a symbolic link and nothing that could wait (a FIFO) is waited for.
 */
#include "sandbox/cargo.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sandbox/sandbox.h"

enum { OLDEST_IN_ZIP = 315619200, OLDEST = 1 }; /* 1980-01-02 00:00:00 and 1970-01-01 00:00:01, UTC */

time_t cargo_long_ago(time_t now)
{
    return now > OLDEST_IN_ZIP ? OLDEST_IN_ZIP : OLDEST;
}

/* openat2(2) keeps us below the directory; kernels before 5.6 do not have it, there the last part alone is guarded. */
static int open_below(int directory, const char *path, int flags, mode_t mode)
{
    flags |= O_CLOEXEC | O_NOFOLLOW | (flags & O_PATH ? 0 : O_NONBLOCK | O_NOCTTY);
    struct open_how how = {.flags = (unsigned)flags,
                           .mode = mode,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    int fd = (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        fd = openat(directory, path, flags, mode);
    return fd;
}

static bool is_plain_path(const char *path)
{
    for (const char *part = path; *part; part += strcspn(part, "/"), part += *part == '/')
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0'))
            return false;
    return *path != '\0';
}

/* Every directory that the path leads through. They belong to the student, as if the student had made them. */
static bool make_parents(const struct world *world, int directory, const char *path, struct err *err)
{
    char part[PATH_MAX];
    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
        if (mkdirat(directory, part, 0755) < 0) {
            if (errno != EEXIST)
                return err_sys(err, "make the directory %s in the sandbox", part);
            continue;
        }
        if (path[0] != '/' && world->ground.is_root &&
            fchownat(directory, part, world->ground.student, world->ground.student, AT_SYMLINK_NOFOLLOW) < 0)
            return err_sys(err, "give the directory %s to the student", part);
    }
    return true;
}

static bool copy_bytes(int from, int to, const char *path, struct err *err)
{
    off_t at = 0;
    for (;;) {
        ssize_t len = sendfile(to, from, &at, 1 << 20);
        if (len == 0)
            return true;
        if (len < 0)
            return err_sys(err, "copy %s into the sandbox", path);
    }
}

/* All files are equally old, and older than whatever is made of them. Else the moments at which they happened to be copied (on a busy machine a tick of the kernel's clock
 * comes between two of them) would tell make which of them is out of date, and a clock that is set back would make what was built older than its source. */
static bool set_time(const struct world *world, int fd, const char *path, struct err *err)
{
    const struct timespec times[2] = {{.tv_sec = world->long_ago}, {.tv_sec = world->long_ago}};
    return futimens(fd, times) == 0 || err_sys(err, "set the time of %s", path);
}

static bool copy_file(const struct world *world, int directory, int from, const char *path, mode_t mode,
                      struct err *err)
{
    if (!make_parents(world, directory, path, err))
        return false;
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    cleanup_fd int to = path[0] == '/' ? open(path, flags, 0600) : open_below(directory, path, flags, 0600);
    if (to < 0)
        return err_sys(err, "make %s in the sandbox", path);
    if (!copy_bytes(from, to, path, err))
        return false;
    bool is_students = path[0] != '/' && world->ground.is_root;
    if (is_students && fchown(to, world->ground.student, world->ground.student) < 0)
        return err_sys(err, "give %s to the student", path);
    if (fchmod(to, mode) < 0)
        return err_sys(err, "set the mode of %s", path);
    return set_time(world, to, path, err);
}

/* The stored copy of the same file of the host, or a new one. Without mounts it lies where it is first wanted. NULL with *err. */
static const char *store(struct world *world, int fd, const char *path, mode_t mode, struct err *err)
{
    struct stat status;
    if (fstat(fd, &status) < 0) {
        err_sys(err, "look at the file for %s", path);
        return NULL;
    }
    for (size_t i = 0; i < world->stored_count; i++)
        if (world->stored[i].device == status.st_dev && world->stored[i].number == status.st_ino)
            return world->stored[i].path;
    if (world->stored_count == CARGO_STORED) {
        err_set(err, "more than %d different files for the sandbox", CARGO_STORED);
        return NULL;
    }
    struct cargo_stored *new = &world->stored[world->stored_count];
    *new = (struct cargo_stored){.device = status.st_dev, .number = status.st_ino};
    if (world->ground.flags & CLONE_NEWNS)
        snprintf(new->path, sizeof new->path, "/.store/%zu", world->stored_count);
    else
        snprintf(new->path, sizeof new->path, "%s", path);
    if (!copy_file(world, world->directory_fd, fd, new->path, mode, err))
        return NULL;
    world->stored_count++;
    return new->path;
}

static bool mount_over(const struct world *world, const char *stored, const char *path, struct err *err)
{
    int directory = world->directory_fd;
    if (faccessat(directory, path, F_OK, 0) < 0) {
        if (!make_parents(world, directory, path, err))
            return false;
        cleanup_fd int place = openat(directory, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
        if (place < 0)
            return err_sys(err, "make a place for %s in the sandbox", path);
    }
    unsigned long flags = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV;
    if (mount(stored, path, NULL, MS_BIND, NULL) < 0 || mount(NULL, path, NULL, flags, NULL) < 0)
        return err_sys(err, "put %s in its place in the sandbox", path);
    return true;
}

static bool put_read_only(struct world *world, int fd, const char *path, mode_t mode, struct err *err)
{
    bool can_mount = world->ground.flags & CLONE_NEWNS;
    if (!can_mount && path[0] == '/') {
        errno = ENOTSUP;
        return err_sys(err, "put a file over %s without a mount namespace", path);
    }
    /* A process of which the image cannot be read hides from its equals; from an ordinary user it would hide, too. */
    if (!world->ground.is_root)
        mode |= (mode & 0111) << 2;
    const char *stored = store(world, fd, path, mode, err);
    if (!stored)
        return false;
    if (can_mount)
        return mount_over(world, stored, path, err);
    if (strcmp(stored, path) == 0)
        return true;
    return (make_parents(world, world->directory_fd, path, err) &&
            linkat(world->directory_fd, stored, world->directory_fd, path, 0) == 0) ||
           err_sys(err, "put %s in its place", path);
}

bool cargo_put(struct world *world, int fd, const char *path, mode_t mode, struct err *err)
{
    if (!is_plain_path(path))
        return err_set(err, "\"%s\" is no place for a file in the sandbox", path);
    if (path[0] == '/' || !(mode & 0222))
        return put_read_only(world, fd, path, mode, err);
    return copy_file(world, world->directory_fd, fd, path, mode, err);
}

/* The student may have shut it for himself, too. */
static bool open_up(const struct world *world, const char *path)
{
    struct stat status;
    char name[64];
    cleanup_fd int at = open_below(world->directory_fd, path, O_PATH, 0);
    if (at < 0 || fstat(at, &status) < 0 || !S_ISREG(status.st_mode))
        return false;
    snprintf(name, sizeof name, "/proc/self/fd/%d", at);
    return chmod(name, (status.st_mode & 0777) | 0400) == 0;
}

bool cargo_take(const struct world *world, const char *path, int *fd, struct err *err)
{
    errno = ENOENT;
    if (path[0] == '/' || !is_plain_path(path))
        return err_sys(err, "open \"%s\", which is no file of the case's directory", path);
    *fd = open_below(world->directory_fd, path, O_RDONLY, 0);
    if (*fd < 0 && errno == EACCES) {
        if (open_up(world, path))
            *fd = open_below(world->directory_fd, path, O_RDONLY, 0);
        else
            errno = EACCES;
    }
    return *fd >= 0 || err_sys(err, "open %s in the sandbox", path);
}

void cargo_remove_all(const char *directory)
{
    char *paths[] = {(char *)directory, NULL};
    FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
    /* On overlayfs a file has another st_dev than its directory; FTS_XDEV, unlike FTW_MOUNT of nftw(3), keeps out of strange directories only. */
    for (FTSENT *entry; walk && (entry = fts_read(walk));)
        if (entry->fts_info == FTS_D)
            (void)!chmod(entry->fts_path, 0700); /* whoever made it may have shut it */
        else
            remove(entry->fts_path);
    if (walk)
        fts_close(walk);
}
