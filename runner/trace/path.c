/* Where a path leads that a task names, as the task sees it: below its root, from its directory, and by the names that lead each process to itself.
 *
 * Theory of operation. One openat2(2) finds nearly all. But a link of /proc (self/cwd, self/fd/N, and so /dev/fd/N and /dev/stdin) is followed by no path that is to stay in a root, and
 * "self" would be us, or nobody where the task's numbers are others. So where the one call meets links and comes to nothing, the path is walked, part by part, and links of the student's with it:
 * what leads a process to itself is taken from /proc/TID of the task, as we see it. Only of the task itself: what the kernel lets us see of others, init say, it need not let the task see.
 *
 * Nothing is ever opened but with O_PATH, so a FIFO gets no end and a device is not touched; each part alone, or by openat2, so that nothing leads out of the root.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "trace/tracer.h"

/* ---- at once ---------------------------------------------------------------------------------------------------------- */

/* What a link in the task's own folder of /proc leads to: "cwd", "root", "fd/3". */
static int open_own(const struct tracee *tracee, const char *link)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)tracee->pub.tid, link);
    return open(path, O_PATH | O_CLOEXEC);
}

/* The directory that a relative path begins at, or the root. */
static int open_base(const struct tracee *tracee, const char *path, int dirfd)
{
    char name[32] = "root";
    if (path[0] != '/' && dirfd == AT_FDCWD)
        snprintf(name, sizeof name, "cwd");
    else if (path[0] != '/')
        snprintf(name, sizeof name, "fd/%d", dirfd);
    int fd = open_own(tracee, name);
    if (fd < 0)
        procfs_missed(tracee->tracer, tracee->pub.tid, name);
    return fd;
}

/* A rename or a mount anywhere on the machine may make the kernel ask us to try again: where many processors do nothing else, without end. */
static int open_in(int base, const char *path, uint64_t flags, uint64_t resolve)
{
    enum { TRIES = 1000 };
    const struct open_how how = {.flags = O_PATH | O_CLOEXEC | flags, .resolve = resolve};
    int fd = -1;
    for (int i = 0; i < TRIES && fd < 0 && (i == 0 || errno == EAGAIN); i++)
        fd = (int)syscall(SYS_openat2, base, path, &how, sizeof how);
    return fd;
}

/* In the root of the task absolute links stay below that root; from elsewhere no link does. */
static int open_at_once(int base, const char *path, uint64_t flags, bool *has_links)
{
    bool is_absolute = path[0] == '/';
    int fd = open_in(base, path, flags, is_absolute ? RESOLVE_IN_ROOT : RESOLVE_NO_SYMLINKS), error = errno;
    *has_links = fd < 0 && (error == ELOOP || error == EXDEV);
    if (fd < 0 && is_absolute && error == ENOENT) {
        /* Not in the root, where somebody's renames would keep us trying: nobody goes to where this leads. */
        cleanup_fd int none = open_in(base, path + strspn(path, "/"), flags, RESOLVE_NO_SYMLINKS);
        *has_links = none < 0 && errno == ELOOP;
    }
    errno = error;
    return fd;
}

/* ---- part by part ------------------------------------------------------------------------------------------------------- */

struct walk {
    const struct tracee *tracee;
    int at; /* a descriptor of ours; owned */
    enum { ELSEWHERE, IN_OWN_FOLDER, IN_OWN_DESCRIPTORS } place;
    int links;               /* that were followed */
    char rest[2 * PATH_MAX]; /* still to be walked */
};

static void stand(struct walk *walk, int fd)
{
    close(walk->at);
    walk->at = fd;
}

/* Who took "self" for a link like others would come to our own descriptors: so it is the machine's failure when this cannot be told. */
static bool cannot_tell(const struct walk *walk)
{
    tracer_set_trouble(walk->tracee->tracer, "look where a path of task %d leads: %m",
                       (int)walk->tracee->pub.tid);
    return false;
}

static bool is_in_proc(const struct walk *walk)
{
    struct statfs system;
    bool is_told = fstatfs(walk->at, &system) == 0 || cannot_tell(walk);
    return is_told && system.f_type == PROC_SUPER_MAGIC;
}

static bool is_top_of_proc(const struct walk *walk)
{
    enum { ROOT_INODE = 1 }; /* PROC_ROOT_INO of the kernel */
    struct stat info;
    bool is_told = fstat(walk->at, &info) == 0 || cannot_tell(walk);
    return is_told && info.st_ino == ROOT_INODE && is_in_proc(walk);
}

static bool is_number(const char *text)
{
    return *text && strspn(text, "0123456789") == strlen(text);
}

static bool is_own_name(const char *name, const char *number)
{
    return strcmp(name, "self") == 0 || strcmp(name, "thread-self") == 0 || strcmp(name, number) == 0;
}

/* A link of the task's own folder. False: it is none. */
static bool own_link(const struct walk *walk, const char *name, char *link, size_t room)
{
    bool is_file = walk->place == IN_OWN_FOLDER &&
                   (strcmp(name, "cwd") == 0 || strcmp(name, "root") == 0 || strcmp(name, "exe") == 0);
    bool is_descriptor = walk->place == IN_OWN_DESCRIPTORS && is_number(name);
    if (is_file || is_descriptor)
        snprintf(link, room, "%s%s", is_descriptor ? "fd/" : "", name);
    return is_file || is_descriptor;
}

/* Nobody walks out of his root. */
static bool walk_up(struct walk *walk)
{
    struct stat here, top;
    cleanup_fd int root = open_own(walk->tracee, "root");
    walk->place = ELSEWHERE;
    if (root < 0 || fstat(root, &top) != 0 || fstat(walk->at, &here) != 0)
        return false;
    if (here.st_dev == top.st_dev && here.st_ino == top.st_ino)
        return true;
    int fd = openat(walk->at, "..", O_PATH | O_CLOEXEC);
    if (fd >= 0)
        stand(walk, fd);
    return fd >= 0;
}

/* What a link says comes before what is still to be walked. */
static bool follow_text(struct walk *walk, int link)
{
    enum { LINKS = 40 }; /* as many as the kernel follows */
    char text[PATH_MAX], rest[sizeof walk->rest];
    ssize_t len = readlinkat(link, "", text, sizeof text - 1);
    if (len < 0)
        return false;
    text[len] = '\0';
    snprintf(rest, sizeof rest, "%s", walk->rest);
    errno = walk->links++ < LINKS ? ENAMETOOLONG : ELOOP;
    if (errno == ELOOP || snprintf(walk->rest, sizeof walk->rest, "%s/%s", text, rest) >= (int)sizeof rest)
        return false;
    if (text[0] != '/')
        return true;
    int root = open_own(walk->tracee, "root");
    walk->place = ELSEWHERE;
    if (root >= 0)
        stand(walk, root);
    return root >= 0;
}

/* Other links of /proc than those of its root lead where their text does not say. */
static bool walk_down(struct walk *walk, const char *name, bool follows)
{
    char number[16], link[NAME_MAX + 8];
    bool is_linked = own_link(walk, name, link, sizeof link);
    struct stat info;
    snprintf(number, sizeof number, "%d", (int)walk->tracee->pub.process->inner_pid);
    bool is_own = is_own_name(name, number) && (follows || strcmp(name, number) == 0) && is_top_of_proc(walk);
    bool is_list = walk->place == IN_OWN_FOLDER && strcmp(name, "fd") == 0;
    int fd = is_linked && follows ? open_own(walk->tracee, link)
                                  : openat(walk->at, is_own ? number : name, O_PATH | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fstat(fd, &info) != 0) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    if (S_ISLNK(info.st_mode) && follows && !is_linked) {
        cleanup_fd int text = fd;
        errno = ELOOP;
        return (!is_in_proc(walk) || is_top_of_proc(walk)) && follow_text(walk, text);
    }
    walk->place = is_own ? IN_OWN_FOLDER : is_list ? IN_OWN_DESCRIPTORS : ELSEWHERE;
    stand(walk, fd);
    return true;
}

/* The first part of the rest. False: there is none, or it is longer than a name can be. */
static bool next_part(struct walk *walk, char *name, size_t room)
{
    const char *begins = walk->rest + strspn(walk->rest, "/");
    size_t len = strcspn(begins, "/");
    errno = len < room ? 0 : ENAMETOOLONG;
    if (len == 0 || len >= room)
        return false;
    memcpy(name, begins, len);
    name[len] = '\0';
    memmove(walk->rest, begins + len, strlen(begins + len) + 1);
    return true;
}

static bool walk_part(struct walk *walk, const char *name, bool follows_last)
{
    if (strcmp(name, ".") == 0)
        return true;
    if (strcmp(name, "..") == 0)
        return walk_up(walk);
    return walk_down(walk, name, follows_last || walk->rest[0] != '\0');
}

/* Takes `base`. */
static int walk_to(const struct tracee *tracee, int base, const char *path, bool follows_last)
{
    struct walk walk = {.tracee = tracee, .at = base};
    char name[NAME_MAX + 1];
    bool goes_on = (size_t)snprintf(walk.rest, sizeof walk.rest, "%s", path) < sizeof walk.rest;
    errno = ENAMETOOLONG;
    while (goes_on && next_part(&walk, name, sizeof name))
        goes_on = walk_part(&walk, name, follows_last);
    if (goes_on && errno == 0)
        return walk.at;
    int error = errno;
    close(walk.at);
    errno = error;
    return -1;
}

/* ---- for all ------------------------------------------------------------------------------------------------------------ */

/* A path of the student's leads wherever he likes: most of what errno can say is his doing. EAGAIN stays only when open_in() has given up. */
static void leads_nowhere(const struct tracee *tracee)
{
    if (err_is_of_machine(errno) || errno == EAGAIN)
        tracer_set_trouble(tracee->tracer, "look at a path that task %d names: %m", (int)tracee->pub.tid);
}

int path_open(const struct tracee *tracee, const char *path, int dirfd, bool follows_last)
{
    bool has_links = false;
    errno = 0;
    cleanup_fd int base = open_base(tracee, path, dirfd);
    if (base < 0)
        return -1;
    bool is_of_proc = strncmp(path, "/proc/", 6) == 0; /* it has links as a rule */
    int fd = is_of_proc ? -1 : open_at_once(base, path, follows_last ? 0 : O_NOFOLLOW, &has_links);
    if (is_of_proc || (fd < 0 && has_links))
        fd = walk_to(tracee, steal_fd(&base), path, follows_last);
    if (fd < 0)
        leads_nowhere(tracee);
    return fd;
}

int path_open_descriptor(const struct tracee *tracee, int number)
{
    char link[32];
    snprintf(link, sizeof link, "fd/%d", number);
    int fd = number < 0 ? -1 : open_own(tracee, link);
    if (fd < 0)
        leads_nowhere(tracee);
    return fd;
}
