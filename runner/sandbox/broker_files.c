/* Files in /dev/shm; see broker_files.h.
 *
 * A file is known by its inode: so it is found again when it was renamed, or has got its name by link(2), as a semaphore of the C library's does, and what another program of this user has
 * there is never taken for it. Only what lies in the folder itself has a name that shm_open() or sem_open() find.
 */
#include "sandbox/broker_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

#define FOLDER "/dev/shm"
enum { NONE = -1 };

/* What a call says; `folder` is a descriptor or AT_FDCWD. */
struct wanted {
    int folder;
    uint64_t flags, mode;
    char path[PATH_MAX];
};

/* Which arguments say it; NONE: none does. Of openat2() flags and mode lie in memory. */
static const struct row {
    int call, folder, path, flags, mode;
} rows[] = {
    {SYS_open, NONE, 0, 1, 2},
    {SYS_creat, NONE, 0, NONE, 1},
    {SYS_openat, 0, 1, 2, 3},
    {SYS_openat2, 0, 1, NONE, NONE},
};

static const struct row *row_of(const struct broker_question *question)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (question->notif->data.nr == rows[i].call)
            return &rows[i];
    return NULL;
}

bool broker_makes_file(const struct broker_question *question)
{
    return row_of(question);
}

static bool read_wanted(const struct broker_question *question, struct wanted *wanted)
{
    const struct row *row = row_of(question);
    const __u64 *args = question->notif->data.args;
    struct open_how how = {.flags = O_CREAT | O_WRONLY | O_TRUNC}; /* as creat has them */
    if (row->call == SYS_openat2 && !broker_read(question, args[2], &how, sizeof how))
        return false;
    wanted->folder = row->folder == NONE ? AT_FDCWD : (int)args[row->folder];
    wanted->flags = row->flags == NONE ? how.flags : args[row->flags];
    wanted->mode = row->mode == NONE ? how.mode : args[row->mode];
    return wanted->flags & O_CREAT &&
           broker_read_text(question, args[row->path], wanted->path, sizeof wanted->path);
}

/* ---- where it would lie -------------------------------------------------------------------------------------------------- */

/* As who asks finds it, with room for a path behind. False where /proc tells nothing of his numbers. */
static bool start_of(const struct broker_question *question, int folder, char *to, size_t room)
{
    char shown[32] = "", own[32];
    snprintf(own, sizeof own, "%d", (int)getpid());
    bool is_seen = readlink("/proc/self", shown, sizeof shown - 1) > 0 && strcmp(shown, own) == 0;
    if (folder == AT_FDCWD)
        snprintf(to, room, "/proc/%u/cwd/", question->notif->pid);
    else
        snprintf(to, room, "/proc/%u/fd/%d/", question->notif->pid, folder);
    return is_seen;
}

/* The shared folder, if the path leads into it: owned. *name is the rest. What /proc shows is another's for us than for who asks. */
static int folder_of(const struct broker_question *question, const struct wanted *wanted, const char **name)
{
    char parent[64 + PATH_MAX] = "";
    const char *slash = strrchr(wanted->path, '/');
    struct stat shared, status;
    *name = slash ? slash + 1 : wanted->path;
    if (strncmp(wanted->path, "/proc/", 6) == 0 ||
        (wanted->path[0] != '/' && !start_of(question, wanted->folder, parent, sizeof parent)))
        return -1;
    strncat(parent, wanted->path, (size_t)(*name - wanted->path));
    cleanup_fd int fd = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
    bool is_shared = fd >= 0 && fstat(fd, &status) == 0 && stat(FOLDER, &shared) == 0 &&
                     status.st_dev == shared.st_dev && status.st_ino == shared.st_ino;
    return is_shared ? steal_fd(&fd) : -1;
}

/* ---- what was made ------------------------------------------------------------------------------------------------------- */

/* Call `each` for what was made and has a name there. */
static void walk(struct broker *broker,
                 void (*each)(int folder, const char *name, size_t index, void *context), void *context)
{
    cleanup_dir DIR *folder = broker->file_count > 0 ? opendir(FOLDER) : NULL;
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        struct stat status;
        bool is_file = fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                       S_ISREG(status.st_mode);
        for (size_t i = 0; is_file && i < broker->file_count; i++)
            if (broker->files[i] == status.st_ino)
                each(dirfd(folder), entry->d_name, i, context);
    }
}

static void note(int folder, const char *name, size_t index, void *context)
{
    bool *are_there = context;
    (void)folder;
    (void)name;
    are_there[index] = true;
}

static void forget_gone(struct broker *broker)
{
    bool are_there[BROKER_FILES] = {false};
    size_t kept = 0;
    walk(broker, note, are_there);
    for (size_t i = 0; i < broker->file_count; i++)
        if (are_there[i])
            broker->files[kept++] = broker->files[i];
    broker->file_count = kept;
}

static bool has_room(struct broker *broker)
{
    if (broker->file_count == BROKER_FILES)
        forget_gone(broker);
    return broker->file_count < BROKER_FILES;
}

static void remove_name(int folder, const char *name, size_t index, void *context)
{
    (void)index;
    (void)context;
    unlinkat(folder, name, 0);
}

void broker_remove_files(struct broker *broker)
{
    walk(broker, remove_name, NULL);
    broker->file_count = 0;
}

/* ---- making -------------------------------------------------------------------------------------------------------------- */

/* What he cannot be given is not made. */
static long hand_out(struct broker *broker, const struct broker_question *question, int fd, unsigned flags)
{
    struct stat status;
    if (fstat(fd, &status) < 0)
        return -errno;
    broker->files[broker->file_count++] = status.st_ino; /* has_room() */
    return broker_give(question, fd, flags & O_CLOEXEC);
}

/* What is there already, and what cannot be made, is the kernel's matter. */
static long make_in(struct broker *broker, const struct broker_question *question,
                    const struct wanted *wanted, int folder, const char *name, bool *is_left)
{
    struct stat status;
    mode_t mode = (mode_t)wanted->mode & ~(mode_t)BROKER_MASK;
    *is_left = fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
    if (*is_left)
        return 0;
    if (!has_room(broker))
        return -ENOSPC;
    cleanup_fd int fd = openat(folder, name, ((int)wanted->flags & ~O_DIRECT) | O_EXCL | O_CLOEXEC, 0);
    *is_left = fd < 0;
    if (*is_left)
        return 0;
    long result = fchmod(fd, mode) == 0 ? hand_out(broker, question, fd, (unsigned)wanted->flags) : -errno;
    if (result < 0)
        unlinkat(folder, name, 0);
    return result;
}

long broker_make_file(struct broker *broker, const struct broker_question *question, bool *is_left)
{
    struct wanted wanted;
    const char *name = "";
    cleanup_fd int folder = read_wanted(question, &wanted) ? folder_of(question, &wanted, &name) : -1;
    *is_left = folder < 0;
    return folder < 0 ? 0 : make_in(broker, question, &wanted, folder, name, is_left);
}
