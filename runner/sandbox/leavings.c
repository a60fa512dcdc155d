/* Cleaning up by owner; see leavings.h. Other submissions live meanwhile and may put a link where a folder was: every step goes from a descriptor, through no link. */
#include "sandbox/leavings.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

enum { DEPTH = 64 };

struct sweep {
    uid_t one, other;
    int top;               /* the folder where it began */
    unsigned names, lifts; /* folders that were too deep, and now lie in the top one */
};

static bool is_ours(const struct sweep *sweep, const struct stat *status)
{
    return status->st_uid == sweep->one || status->st_uid == sweep->other;
}

/* Each level costs a descriptor. What lies deeper is swept from the top another time. Somebody may have put something else where it is to lie. */
static void lift(struct sweep *sweep, int from, const char *name)
{
    enum { TRIES = 100 };
    char place[64];
    for (int i = 0; i < TRIES; i++) {
        snprintf(place, sizeof place, ".ipcgrade-left-%d-%u", (int)getpid(), sweep->names++);
        if (renameat2(from, name, sweep->top, place, RENAME_NOREPLACE) == 0) {
            sweep->lifts++;
            return;
        }
    }
}

static void sweep_folder(struct sweep *sweep, int fd, int depth);

static void sweep_entry(struct sweep *sweep, int folder, const char *name, int depth)
{
    struct stat status;
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return;
    if (S_ISDIR(status.st_mode) && depth == 0 && is_ours(sweep, &status)) {
        lift(sweep, folder, name);
        return;
    }
    bool may_hold_ours = is_ours(sweep, &status) || status.st_mode & S_IWOTH;
    if (S_ISDIR(status.st_mode) && may_hold_ours) {
        int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd >= 0)
            sweep_folder(sweep, fd, depth - 1);
    }
    if (is_ours(sweep, &status))
        unlinkat(folder, name, S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0);
}

/* Takes the descriptor. Somebody else's folder may hold files of ours, if he lets all write there. */
static void sweep_folder(struct sweep *sweep, int fd, int depth)
{
    struct stat status;
    if (fstat(fd, &status) == 0 && is_ours(sweep, &status))
        fchmod(fd, 0700); /* whoever made it may have shut it */
    cleanup_dir DIR *folder = fdopendir(fd);
    if (!folder) {
        close(fd);
        return;
    }
    for (const struct dirent *entry; depth >= 0 && (entry = readdir(folder));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            sweep_entry(sweep, fd, entry->d_name, depth);
}

void leavings_remove_from(const char *folder, uid_t one, uid_t other)
{
    cleanup_fd int top = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct sweep sweep = {one, other, top, 0, 0};
    unsigned before;
    do {
        before = sweep.lifts;
        int fd = top >= 0 ? openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
        if (fd >= 0)
            sweep_folder(&sweep, fd, DEPTH);
    } while (sweep.lifts > before);
}

void leavings_remove(const struct ground *ground)
{
    static const char *const folders[] = {"/tmp", "/dev/shm", "/dev/mqueue"};
    if (!ground->has_own_ids)
        return;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        leavings_remove_from(folders[i], ground->student, ground->other);
}
