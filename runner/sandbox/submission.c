/* Copying a submission in. It is hostile: a symbolic link in it could point at the instructor's files, so no link is followed, and what
 * is opened is looked at again after opening. Compiled programs are left out: make would take a stale one for up to date.
 */
#include "sandbox/submission.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "sandbox/build.h"

enum { DEPTH = 16, NOTES = 16 << 10 };

struct copying {
    struct sandbox *sandbox;
    struct bytes *notes;
    size_t files, entries; /* entries: whatever its kind */
    off_t bytes;
    uid_t owner; /* of the submission's folder */
    bool is_too_large;
};

static void note(struct copying *copying, const char *path, const char *why)
{
    if (copying->notes->len > NOTES)
        return;
    cleanup_free char *shown = text_printable(path, strlen(path), PATH_MAX);
    bytes_print(copying->notes, "ipcgrade: %s: %s\n", shown, why);
}

bool build_leaves_out(int fd)
{
    char magic[4];
    return pread(fd, magic, sizeof magic, 0) == sizeof magic && memcmp(magic, "\177ELF", sizeof magic) == 0;
}

static bool copy_file(struct copying *copying, int directory, const char *name, const char *path,
                      struct err *err)
{
    struct stat status;
    cleanup_fd int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) < 0)
        return err_sys(err, "open %s in the submission", path);
    if (!S_ISREG(status.st_mode)) {
        note(copying, path, _("left out: it changed while it was copied"));
        return true;
    }
    /* A second name of a file of somebody else, which the student could not read himself, perhaps. */
    if (status.st_nlink > 1 && status.st_uid != copying->owner) {
        note(copying, path, _("left out: a hard link to somebody else's file"));
        return true;
    }
    if (build_leaves_out(fd)) {
        note(copying, path, _("left out: a compiled file (everything is built here)"));
        return true;
    }
    copying->bytes += status.st_size;
    if (++copying->files > BUILD_FILES || copying->bytes > BUILD_BYTES) {
        copying->is_too_large = true;
        return true;
    }
    return sandbox_put(copying->sandbox, fd, path, status.st_mode & 0100 ? 0755 : 0644, err);
}

static bool copy_directory(struct copying *copying, int fd, const char *above, int depth, struct err *err);

static bool copy_entry(struct copying *copying, int directory, const char *name, const char *path, int depth,
                       struct err *err)
{
    struct stat status;
    if (++copying->entries > BUILD_ENTRIES) {
        copying->is_too_large = true;
        return true;
    }
    if (strncmp(path, BUILD_OWN_NAMES, sizeof BUILD_OWN_NAMES - 1) == 0) {
        note(copying, path, _("left out: ipcgrade puts a file of its own there"));
        return true;
    }
    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return err_sys(err, "look at %s in the submission", path);
    if (S_ISREG(status.st_mode))
        return copy_file(copying, directory, name, path, err);
    if (!S_ISDIR(status.st_mode)) {
        note(copying, path,
             S_ISLNK(status.st_mode) ? _("left out: a symbolic link") : _("left out: not a plain file"));
        return true;
    }
    if (strcmp(name, ".git") == 0)
        return true;
    if (depth == 0) {
        note(copying, path, _("left out: too deep"));
        return true;
    }
    int below = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below < 0)
        return err_sys(err, "open %s in the submission", path);
    return copy_directory(copying, below, path, depth - 1, err);
}

static void close_directory(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

/* Takes the descriptor. */
static bool copy_directory(struct copying *copying, int fd, const char *above, int depth, struct err *err)
{
    __attribute__((cleanup(close_directory))) DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return err_sys(err, "read the submission");
    }
    errno = 0;
    for (struct dirent *entry; !copying->is_too_large && (entry = readdir(dir)); errno = 0) {
        char path[PATH_MAX];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int len = snprintf(path, sizeof path, "%s%s%s", above, *above ? "/" : "", entry->d_name);
        if (len < 0 || (size_t)len >= sizeof path)
            continue; /* deeper than DEPTH anyway */
        if (!copy_entry(copying, fd, entry->d_name, path, depth, err))
            return false;
    }
    return errno == 0 || copying->is_too_large || err_sys(err, "read the submission");
}

bool submission_copy(struct sandbox *sandbox, const char *directory, struct bytes *notes, bool *is_too_large,
                     struct err *err)
{
    struct copying copying = {.sandbox = sandbox, .notes = notes};
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_sys(err, "open the submission %s", directory);
    struct stat status;
    if (fstat(fd, &status) < 0) {
        err_sys(err, "look at the submission %s", directory);
        close(fd);
        return false;
    }
    copying.owner = status.st_uid;
    bool is_copied = copy_directory(&copying, fd, "", DEPTH, err);
    *is_too_large = copying.is_too_large;
    return is_copied;
}

bool submission_has_makefile(const char *directory, bool *is_there, struct err *err)
{
    static const char *const names[] = {"GNUmakefile", "makefile", "Makefile"}; /* make(1), -f */
    *is_there = false;
    for (size_t i = 0; i < sizeof names / sizeof *names && !*is_there; i++) {
        struct stat status;
        cleanup_free char *path = NULL;
        if (asprintf(&path, "%s/%s", directory, names[i]) < 0)
            return err_sys(err, "keep the name of a Makefile");
        *is_there = lstat(path, &status) == 0;
        if (!*is_there && errno != ENOENT)
            return err_sys(err, "look for %s", path);
    }
    return true;
}
