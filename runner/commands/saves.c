/* What has been saved in a folder; see saves.h.
 *
 * Theory of operation: the kernel's queue of events is emptied first, then the tree is read: each folder is watched before its files are, so that whatever comes later
 * is told. What is missed in between (a new folder's first files, a queue that has run over) is found by the reading. A file that is still being
 * written is seen unfinished, but its end (IN_CLOSE_WRITE) is one more event.
 */
#include "commands/saves.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <fts.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/text.h"
#include "sandbox/build.h"

struct file {
    char *path; /* owned */
    uint64_t digest;
};

struct files {
    struct file *items;
    size_t count, room;
};

struct saves {
    char *folder; /* owned; no slash at its end */
    int events;
    struct files seen;    /* at the last look */
    struct files settled; /* and when it was settled */
    char **changed;       /* owned, also the paths */
    size_t changed_count;
};

/* What editors put beside a file while they work on it: Vim, Emacs, nano, gedit, Kate, the JetBrains ones. No Makefile leans on these. */
static const char *const editors_own[] = {
    ".*.sw?", ".*.un~", "4913", "*~", "#*#", ".#*", ".~*", "*.kate-swp", ".goutputstream-*", "*___jb_???___"};

static bool is_editors_own(const char *name)
{
    for (size_t i = 0; i < sizeof editors_own / sizeof *editors_own; i++)
        if (fnmatch(editors_own[i], name, 0) == 0)
            return true;
    return false;
}

static void files_free(struct files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->items[i].path);
    free(files->items);
    *files = (struct files){0};
}

/* Takes the path. */
static bool files_add(struct files *files, char *path, uint64_t digest)
{
    if (path && files->count == files->room) {
        size_t room = files->room ? 2 * files->room : 64;
        struct file *items = realloc(files->items, room * sizeof *items);
        if (items)
            *files = (struct files){items, files->count, room};
    }
    if (!path || files->count == files->room) {
        free(path);
        return false;
    }
    files->items[files->count++] = (struct file){path, digest};
    return true;
}

/* ---- reading the tree ------------------------------------------------------------------------------------------------------ */

static bool watch_folder(const struct saves *saves, const char *path, struct err *err)
{
    enum { EVENTS = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVE | IN_DELETE_SELF | IN_MOVE_SELF };
    if (inotify_add_watch(saves->events, path, EVENTS | IN_ONLYDIR) >= 0 || errno == ENOENT)
        return true; /* a folder that has gone meanwhile has told its parent so */
    if (errno == ENOSPC)
        return err_set(err,
                       _("watch %s: this user watches as many folders as the kernel allows; raise "
                         "fs.inotify.max_user_watches with sysctl(8)"),
                       path);
    return err_sys(err, _("watch %s"), path);
}

/* A file that cannot be read, or has just gone, has no contents. */
static bool add_file(struct files *files, const FTSENT *entry, size_t above)
{
    uint64_t digest = 0;
    cleanup_fd int fd = open(entry->fts_accpath, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0 && build_leaves_out(fd))
        return true;
    if (fd < 0 || !digest_file(fd, &digest))
        digest = 0;
    return files_add(files, strdup(entry->fts_path + above), digest);
}

static bool read_tree(const struct saves *saves, FTS *tree, struct files *files, struct err *err)
{
    size_t above = strlen(saves->folder) + 1;
    const FTSENT *entry;
    while ((errno = 0, entry = fts_read(tree)) != NULL) {
        if (entry->fts_info == FTS_D && strcmp(entry->fts_name, ".git") == 0)
            fts_set(tree, (FTSENT *)entry, FTS_SKIP);
        else if (entry->fts_info == FTS_D && !watch_folder(saves, entry->fts_path, err))
            return false;
        else if (entry->fts_level == FTS_ROOTLEVEL &&
                 (entry->fts_info == FTS_NS || entry->fts_info == FTS_DNR))
            return err_set(err, "%s: %s", saves->folder, strerror(entry->fts_errno));
        else if (entry->fts_info == FTS_F && !is_editors_own(entry->fts_name) &&
                 !add_file(files, entry, above))
            return err_set(err, "no memory for the files' names");
    }
    return errno == 0 || err_sys(err, _("read %s"), saves->folder);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

static bool read_files(const struct saves *saves, struct files *files, struct err *err)
{
    struct stat status;
    char *const roots[] = {saves->folder, NULL};
    if (stat(saves->folder, &status) == 0 && status.st_nlink == 0) /* "." outlives its removal */
        return err_set(err, _("%s: the folder was removed"), saves->folder);
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
    if (!tree)
        return err_sys(err, _("read %s"), saves->folder);
    bool is_read = read_tree(saves, tree, files, err);
    fts_close(tree);
    if (files->count > 1)
        qsort(files->items, files->count, sizeof *files->items, by_path);
    return is_read;
}

/* ---- what has changed ------------------------------------------------------------------------------------------------------ */

static void forget_changes(struct saves *saves)
{
    for (size_t i = 0; i < saves->changed_count; i++)
        free(saves->changed[i]);
    free(saves->changed);
    saves->changed = NULL;
    saves->changed_count = 0;
}

/* The next path in both, which are sorted, and whether it is the same there; NULL at their end. */
static const char *next_path(const struct files *before, const struct files *now, size_t *b, size_t *n,
                             bool *is_same)
{
    if (*b == before->count && *n == now->count)
        return NULL;
    int order = *b == before->count ? 1
                : *n == now->count  ? -1
                                    : strcmp(before->items[*b].path, now->items[*n].path);
    const char *path = order < 0 ? before->items[*b].path : now->items[*n].path;
    *is_same = order == 0 && before->items[*b].digest == now->items[*n].digest;
    *b += order <= 0;
    *n += order >= 0;
    return path;
}

static bool is_changed(const struct files *before, const struct files *now)
{
    bool is_same = true;
    size_t b = 0, n = 0;
    while (is_same && next_path(before, now, &b, &n, &is_same))
        ;
    return !is_same;
}

static bool note_changes(struct saves *saves)
{
    const struct files *before = &saves->settled, *now = &saves->seen;
    bool is_same = true;
    size_t b = 0, n = 0;
    forget_changes(saves);
    saves->changed = calloc(before->count + now->count + 1, sizeof *saves->changed);
    for (const char *path; saves->changed && (path = next_path(before, now, &b, &n, &is_same));) {
        char *copy = is_same ? NULL : strdup(path);
        if (copy)
            saves->changed[saves->changed_count++] = copy;
    }
    return saves->changed != NULL;
}

static bool copy_files(struct files *to, const struct files *from)
{
    files_free(to);
    for (size_t i = 0; i < from->count; i++)
        if (!files_add(to, strdup(from->items[i].path), from->items[i].digest))
            return false;
    return true;
}

static void empty_queue(const struct saves *saves)
{
    char events[64 << 10];
    while (read(saves->events, events, sizeof events) > 0)
        ;
}

bool saves_look(struct saves *saves, struct saved *saved, struct err *err)
{
    struct files now = {0};
    empty_queue(saves);
    if (!read_files(saves, &now, err)) {
        files_free(&now);
        return false;
    }
    bool is_new = is_changed(&saves->seen, &now);
    files_free(&saves->seen);
    saves->seen = now;
    if (!note_changes(saves))
        return err_set(err, "no memory for the changes");
    *saved = (struct saved){is_new, (const char *const *)saves->changed, saves->changed_count};
    return true;
}

/* Without memory more is told than has changed. */
void saves_settle(struct saves *saves)
{
    copy_files(&saves->settled, &saves->seen);
}

int saves_fd(const struct saves *saves)
{
    return saves->events;
}

bool saves_new(struct saves **saves, const char *folder, struct err *err)
{
    struct saves *new = calloc(1, sizeof *new);
    char *copy = strdup(folder);
    if (!new || !copy) {
        free(new);
        free(copy);
        return err_set(err, "no memory to watch a folder");
    }
    for (size_t len = strlen(copy); len > 1 && copy[len - 1] == '/'; len--)
        copy[len - 1] = '\0';
    *new = (struct saves){.folder = copy, .events = inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
    bool is_there = new->events >= 0 || err_sys(err, _("watch %s"), folder);
    if (!is_there || !read_files(new, &new->seen, err)) {
        saves_free(new);
        return false;
    }
    saves_settle(new);
    *saves = new;
    return true;
}

void saves_free(struct saves *saves)
{
    if (!saves)
        return;
    if (saves->events >= 0)
        close(saves->events);
    files_free(&saves->seen);
    files_free(&saves->settled);
    forget_changes(saves);
    free(saves->folder);
    free(saves);
}
