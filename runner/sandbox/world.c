/* Builds what the student's programs see: mounts, host name, loopback. See world.h for the theory.
 *
 * The new root is put together on the host's /tmp (its own mount namespace, nobody else sees it), then pivot_root(2) moves there and the
 * host's tree is let go. Paths below are written as they will be; `at()` puts the place of building before them.
 */
#include "sandbox/world.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sandbox/cargo.h"
#include "sandbox/sandbox.h"

#define BUILDING_PLACE "/tmp"
#define AT(path) BUILDING_PLACE path

enum { INODES = 16384, NAME_ROOM = 512 };

/* ---- single steps ---------------------------------------------------------------------------------------------------- */

static bool mount_one(const char *source, const char *target, const char *type, unsigned long flags,
                      const char *options, struct err *err)
{
    if (mount(source, target, type, flags, options) < 0)
        return err_sys(err, "mount %s on %s in the sandbox", source ? source : "again", target);
    return true;
}

/* Read-only, with everything below; the call is younger than some kernels that we run on (5.12). */
static bool set_read_only(const char *path, bool no_devices, struct err *err)
{
    enum { READ_ONLY = 1, NO_SUID = 2, NO_DEVICES = 4 };
    struct {
        uint64_t set, clear, propagation, user_namespace;
    } attributes = {.set = READ_ONLY | NO_SUID | (no_devices ? NO_DEVICES : 0)};
#ifdef SYS_mount_setattr
    if (syscall(SYS_mount_setattr, AT_FDCWD, path, AT_RECURSIVE, &attributes, sizeof attributes) == 0)
        return true;
    if (errno != ENOSYS)
        return err_sys(err, "make %s read-only in the sandbox", path);
#endif
    unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | (no_devices ? MS_NODEV : 0);
    if (mount(NULL, path, NULL, flags, NULL) < 0)
        return err_sys(err, "make %s read-only in the sandbox", path);
    return true;
}

/* There is nothing by that name, or nobody like us may see it. Any other error says nothing of what is there. */
static bool is_missing(void)
{
    return errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == ELOOP;
}

static bool make_dir(const char *path, mode_t mode, struct err *err)
{
    if (mkdir(path, mode) < 0 && errno != EEXIST)
        return err_sys(err, "make the directory %s in the sandbox", path);
    if (chmod(path, mode) < 0)
        return err_sys(err, "set the mode of %s in the sandbox", path);
    return true;
}

/* A write may take a part. */
static bool write_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t written = write(fd, text, len);
        if (written < 0)
            return false;
        text += written;
        len -= (size_t)written;
    }
    return true;
}

static bool make_file(const char *path, const char *text, struct err *err)
{
    cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    size_t len = strlen(text);
    return (fd >= 0 && write_all(fd, text, len)) || err_sys(err, "write %s in the sandbox", path);
}

static bool bind_read_only(const char *source, const char *target, struct err *err)
{
    return mount_one(source, target, NULL, MS_BIND | MS_REC, NULL, err) && set_read_only(target, true, err);
}

/* ---- the parts ------------------------------------------------------------------------------------------------------- */

static bool make_root(struct world *world, struct err *err)
{
    (void)world;
    return mount_one(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL, err) &&
           mount_one("tmpfs", BUILDING_PLACE, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=64m", err);
}

/* A directory of the host, or the link that stands there (/bin is one on most systems of today). */
static bool take_over(const char *path, bool is_needed, struct err *err)
{
    char target[NAME_ROOM], link[NAME_ROOM];
    struct stat status;
    snprintf(target, sizeof target, BUILDING_PLACE "%s", path);
    if (lstat(path, &status) < 0)
        return errno == ENOENT || (!is_needed && is_missing()) || err_sys(err, "look at %s", path);
    if (S_ISLNK(status.st_mode)) {
        ssize_t len = readlink(path, link, sizeof link - 1);
        if (len < 0)
            return err_sys(err, "read the link %s", path);
        link[len] = '\0';
        return symlink(link, target) == 0 || err_sys(err, "make the link %s in the sandbox", path);
    }
    if (!S_ISDIR(status.st_mode))
        return true;
    return make_dir(target, 0755, err) && bind_read_only(path, target, err);
}

/* The last two are where some systems keep everything; elsewhere they may be shut to us. */
const char *const world_system[] = {
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/alternatives", "/etc/ld.so.conf.d",
    "/gnu", "/nix", NULL};

static bool take_system(struct world *world, struct err *err)
{
    enum { COUNT = sizeof world_system / sizeof *world_system - 1, NEEDED = COUNT - 2 };
    (void)world;
    if (!make_dir(AT("/etc"), 0755, err))
        return false;
    for (size_t i = 0; i < COUNT; i++)
        if (!take_over(world_system[i], i < NEEDED, err))
            return false;
    return true;
}

/* For what the dynamic loader and the linker read; a missing one is no harm. */
static bool copy_if_there(const char *from, const char *to, struct err *err)
{
    cleanup_fd int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return is_missing() || err_sys(err, "open %s", from);
    cleanup_fd int out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    char part[16384];
    ssize_t len = 0;
    while (out >= 0 && (len = read(in, part, sizeof part)) > 0)
        if (!write_all(out, part, (size_t)len))
            return err_sys(err, "copy %s into the sandbox", from);
    return (out >= 0 && len == 0) || err_sys(err, "copy %s into the sandbox", from);
}

/* Students have the same names everywhere, whatever their numbers are. */
static bool make_users(struct world *world, struct err *err)
{
    char users[512], groups[256];
    bool is_plain = world->ground.change == IDENTITY_SETUID;
    unsigned student = is_plain ? world->ground.student : SANDBOX_STUDENT_UID;
    unsigned other = student + (SANDBOX_OTHER_UID - SANDBOX_STUDENT_UID);
    snprintf(users, sizeof users,
             "root:x:0:0:root:/:/bin/sh\nstudent:x:%u:%u:student:/case:/bin/sh\nother:x:%u:%u:other:/case:/"
             "bin/sh\n"
             "nobody:x:65534:65534:nobody:/:/bin/sh\n",
             student, student, other, other);
    snprintf(groups, sizeof groups, "root:x:0:\nstudent:x:%u:\nother:x:%u:\nnogroup:x:65534:\n", student,
             other);
    return make_file(AT("/etc/passwd"), users, err) && make_file(AT("/etc/group"), groups, err);
}

static bool make_etc(struct world *world, struct err *err)
{
    static const struct {
        const char *path, *text;
    } files[] = {
        {AT("/etc/nsswitch.conf"),
         "passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\n"},
        {AT("/etc/hosts"), "127.0.0.1 localhost\n::1 localhost\n"},
        {AT("/etc/hostname"), "case\n"},
        {AT("/etc/host.conf"), "multi on\n"},
    };
    if (!make_users(world, err))
        return false;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (!make_file(files[i].path, files[i].text, err))
            return false;
    return copy_if_there("/etc/ld.so.cache", AT("/etc/ld.so.cache"), err) &&
           copy_if_there("/etc/ld.so.conf", AT("/etc/ld.so.conf"), err) &&
           copy_if_there("/etc/services", AT("/etc/services"), err) &&
           copy_if_there("/etc/protocols", AT("/etc/protocols"), err);
}

/* The host's /proc instead shows more than we like and is not ours to limit; it is better than none. */
static bool make_proc(struct world *world, struct err *err)
{
    if (!make_dir(AT("/proc"), 0755, err))
        return false;
    unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    bool is_tried = !(world->ground.lacks & (LACKS_PROC | LACKS_PID_NS));
    if (!is_tried || mount("proc", AT("/proc"), "proc", flags, NULL) < 0) {
        world->ground.lacks |= LACKS_PROC;
        if (!mount_one("/proc", AT("/proc"), NULL, MS_BIND | MS_REC, NULL, err))
            return false;
    }
    /* Limits of the IPC and network namespaces belong to the sandbox's root, which an ordinary user's student is outside. */
    return bind_read_only(AT("/proc/sys"), AT("/proc/sys"), err);
}

static bool make_devices(struct world *world, struct err *err)
{
    static const char *const nodes[] = {"/dev/null",   "/dev/zero",    "/dev/full",
                                        "/dev/random", "/dev/urandom", "/dev/tty"};
    static const char *const links[][2] = {{"/proc/self/fd", AT("/dev/fd")},
                                           {"/proc/self/fd/0", AT("/dev/stdin")},
                                           {"/proc/self/fd/1", AT("/dev/stdout")},
                                           {"/proc/self/fd/2", AT("/dev/stderr")}};
    (void)world;
    if (!make_dir(AT("/dev"), 0755, err))
        return false;
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
        char target[64];
        snprintf(target, sizeof target, BUILDING_PLACE "%s", nodes[i]);
        if (!make_file(target, "", err) || !mount_one(nodes[i], target, NULL, MS_BIND, NULL, err))
            return false;
    }
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        if (symlink(links[i][0], links[i][1]) < 0)
            return err_sys(err, "make %s in the sandbox", links[i][1]);
    return true;
}

/* Where it cannot be mounted, the runner lends terminals of the host's, one by one; all of the host's would be too much to show. The machine
 * has some thousands for all together. */
static bool make_terminals(struct world *world, struct err *err)
{
    if (!make_dir(AT("/dev/pts"), 0755, err))
        return false;
    unsigned long flags = MS_NOSUID | MS_NOEXEC;
    bool is_tried = !(world->ground.lacks & LACKS_DEVPTS);
    if (!is_tried ||
        mount("devpts", AT("/dev/pts"), "devpts", flags, "newinstance,ptmxmode=0666,mode=0600,max=64") < 0)
        world->ground.lacks |= LACKS_DEVPTS;
    return symlink("pts/ptmx", AT("/dev/ptmx")) == 0 || err_sys(err, "make /dev/ptmx in the sandbox");
}

static bool make_queues(struct world *world, struct err *err)
{
    if (!make_dir(AT("/dev/mqueue"), 0755, err))
        return false;
    bool is_tried = !(world->ground.lacks & (LACKS_MQUEUE | LACKS_IPC_NS));
    if (!is_tried || mount("mqueue", AT("/dev/mqueue"), "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
        world->ground.lacks |= LACKS_MQUEUE;
    return true;
}

/* The limited tmpfs lies under the case's directory, which is one of its own directories: its top is then out of everybody's reach. */
static bool make_work(struct world *world, struct err *err)
{
    char options[96];
    snprintf(options, sizeof options, "mode=0755,size=%zu,nr_inodes=%d", world->disk_bytes, INODES);
    unsigned long flags = MS_NOSUID | MS_NODEV;
    return make_dir(AT("/case"), 0755, err) && make_dir(AT("/tmp"), 0755, err) &&
           make_dir(AT("/dev/shm"), 0755, err) &&
           mount_one("tmpfs", AT("/case"), "tmpfs", flags, options, err) &&
           make_dir(AT("/case/tmp"), 01777, err) && make_dir(AT("/case/shm"), 01777, err) &&
           make_dir(AT("/case/case"), 0777, err) &&
           (!world->ground.is_root ||
            chown(AT("/case/case"), world->ground.student, world->ground.student) == 0 ||
            err_sys(err, "give the case's directory to the student")) &&
           mount_one(AT("/case/tmp"), AT("/tmp"), NULL, MS_BIND, NULL, err) &&
           mount_one(AT("/case/shm"), AT("/dev/shm"), NULL, MS_BIND, NULL, err) &&
           mount_one(AT("/case/case"), AT("/case"), NULL, MS_BIND, NULL, err);
}

static bool move_in(struct world *world, struct err *err)
{
    (void)world;
    if (!make_dir(AT("/.store"), 0755, err))
        return false;
    if (chdir(BUILDING_PLACE) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 ||
        chdir("/") < 0)
        return err_sys(err, "make the sandbox's root the root");
    return true;
}

/* ---- all together ---------------------------------------------------------------------------------------------------- */

static bool make_mounts(struct world *world, struct err *err)
{
    static bool (*const steps[])(struct world *, struct err *) = {
        make_root,      take_system, make_etc,  make_proc, make_devices,
        make_terminals, make_queues, make_work, move_in,
    };
    world->failed = LACKS_MOUNT_NS;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (!steps[i](world, err))
            return false;
    world->failed = 0;
    return true;
}

bool world_tells_makers(const struct world *world)
{
    return world->is_traced || world->ground.has_own_ids;
}

bool world_lends_objects(const struct world *world)
{
    return !world_tells_makers(world) && !(world->ground.flags & CLONE_NEWIPC);
}

bool world_lends_files(const struct world *world)
{
    return !world_tells_makers(world) && !(world->ground.flags & CLONE_NEWNS);
}

/* Something that cannot be read over something that shall not be. Nothing to do where it is not visible anyway. */
static bool hide(const char *path, struct err *err)
{
    struct stat status;
    if (stat(path, &status) < 0)
        return is_missing() || err_sys(err, "look at %s in the sandbox", path);
    const char *cover = S_ISDIR(status.st_mode) ? "/.store/empty" : "/.store/nothing";
    return mount_one(cover, path, NULL, MS_BIND, NULL, err) && set_read_only(path, true, err);
}

bool world_seal(struct world *world, const char *const *hidden, struct err *err)
{
    if (!(world->ground.flags & CLONE_NEWNS))
        return true;
    if (!make_dir("/.store/empty", 0, err) || !make_file("/.store/nothing", "", err))
        return false;
    if (chmod("/.store/nothing", 0) < 0)
        return err_sys(err, "make the cover of hidden files");
    for (; hidden && *hidden; hidden++)
        if (!hide(*hidden, err))
            return false;
    return mount_one(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL, err);
}

static bool start_loopback(struct err *err)
{
    cleanup_fd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
        return err_sys(err, "start the loopback interface in the sandbox");
    return true;
}

bool world_make(struct world *world, struct err *err)
{
    int flags = world->ground.flags;
    struct msqid_ds unused;
    struct timespec now;
    if (!(flags & CLONE_NEWNS))
        world->ground.lacks |= LACKS_PROC | LACKS_DEVPTS | LACKS_MQUEUE;
    else if (!make_mounts(world, err))
        return false;
    if ((flags & CLONE_NEWUTS) && sethostname("case", 4) < 0) {
        world->failed = LACKS_UTS_NS;
        return err_sys(err, "name the sandbox's host");
    }
    if ((flags & CLONE_NEWNET) && !start_loopback(err)) {
        world->failed = LACKS_NET_NS;
        return false;
    }
    if (msgctl(-1, IPC_STAT, &unused) < 0 && errno == ENOSYS)
        world->ground.lacks |= LACKS_SYSV;
    if (syscall(SYS_mq_getsetattr, -1, NULL, NULL) < 0 && errno == ENOSYS)
        world->ground.lacks |= LACKS_MQUEUE;
    clock_gettime(CLOCK_REALTIME, &now);
    world->long_ago = cargo_long_ago(now.tv_sec);
    world->directory_fd = open(world->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (world->directory_fd < 0 || fchdir(world->directory_fd) < 0)
        return err_sys(err, "enter the case's directory %s", world->directory);
    return true;
}
