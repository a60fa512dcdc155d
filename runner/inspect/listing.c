/* What is there: System V objects (tables.c), the rest by looking into the directories where it can be. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "inspect/question.h"

enum { LIST_MAX = PACK_MAX, PERMISSIONS = 0777 };

struct list {
    const struct question *question;
    struct bytes *found;
    size_t count;
    dev_t case_device; /* the case's directory, which may lie in one of the others */
    ino_t case_number;
    int trouble; /* errno of what could not be looked at through no doing of the submission's, or 0 */
};

/* What has gone meanwhile, is closed to init or is no directory shows nothing. All else is trouble of ours: nobody may lose a point by what was not seen. */
static void note_trouble(struct list *list, int error)
{
    static const int harmless[] = {0, ENOENT, EACCES, EPERM, ENOTDIR, ELOOP};
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (harmless[i] == error)
            return;
    list->trouble = list->trouble ? list->trouble : error;
}

/* Its owner is the kernel's number so far. */
static void add(struct list *list, const struct found *found)
{
    struct found told = *found;
    told.owner = owner_inside(list->question->student, found->owner);
    if (bytes_add(list->found, &told, sizeof told, LIST_MAX))
        list->count++;
}

static void add_row(void *list, const struct table_row *row)
{
    add(list, &row->found);
}

static bool is_students(const struct list *list, uid_t uid)
{
    return owner_is_students(list->question->student, uid);
}

/* ---- directories ----------------------------------------------------------------------------------------------------- */

struct place {
    const char *path;
    const char *prefix;     /* of the names that are told */
    enum object_kind plain; /* what a plain file is here; OBJECT_NONE: nothing */
};
static const struct place places[] = {
    {"/proc/self/cwd", "",
     OBJECT_NONE}, /* the case's directory; as "." it is closed to whoever may not pass it */
    {"/tmp", "/tmp/", OBJECT_NONE},
    {"/dev/shm", "/dev/shm/", OBJECT_SHM},
    {"/dev/mqueue", "/", OBJECT_MQ},
};

static bool tell(const struct place *place, const struct stat *status, const char *name, struct found *found)
{
    static const char semaphore[] = "sem.";
    enum object_kind kind = kind_of_mode(status->st_mode);
    *found = (struct found){.id = {kind, status->st_dev, status->st_ino},
                            .owner = status->st_uid,
                            .mode = status->st_mode & PERMISSIONS,
                            .size = (uint64_t)status->st_size};
    snprintf(found->name, sizeof found->name, "%s%s", place->prefix, name);
    bool is_link = S_ISLNK(status->st_mode); /* where others look for an object of that name */
    if (kind != OBJECT_FILE && !is_link)
        return kind == OBJECT_FIFO || kind == OBJECT_UNIX;
    found->id.kind = place->plain;
    if (place->plain == OBJECT_SHM && strncmp(name, semaphore, strlen(semaphore)) == 0) {
        found->id.kind = OBJECT_SEM;
        name += strlen(semaphore);
    }
    snprintf(found->name, sizeof found->name, "/%.254s", name);
    return place->plain != OBJECT_NONE;
}

/* ---- walking ---------------------------------------------------------------------------------------------------------- */

/* A folder on the way from the place to where we are. Only the last one is open: however deep it goes, it takes no more descriptors. */
struct level {
    struct bytes below; /* names of the folders in it, each with its NUL */
    size_t next;        /* where the one to go to begins */
    size_t path;        /* length of its name, as it is told */
    dev_t device;
    ino_t number;
    bool is_too_wide; /* there was no room for all of `below` */
    bool was_shut;
    mode_t mode; /* that it had then */
};

struct walk {
    struct list *list;
    const struct place *place;
    int fd; /* the folder where we are; owned */
    struct level *levels;
    size_t depth;
    char path[sizeof((struct found *)0)->name]; /* from the place; cut where it is too long to be told */
};

static void walk_name(struct walk *walk, const char *name)
{
    size_t len = strlen(walk->path);
    snprintf(walk->path + len, sizeof walk->path - len, "%s%s", len ? "/" : "", name);
}

/* Without mounts of our own /tmp is everybody's. What lies in the directory of another runner's case may have got the number of an inode
 * that was ours a moment ago. Where each student is a user of his own, his folders are none of those, whatever their name. */
static bool is_of_other_case(const struct list *list, const char *name, const struct stat *status)
{
    static const char prefix[] = "ipcgrade-case-"; /* as the sandbox names them */
    if (status->st_dev == list->case_device && status->st_ino == list->case_number)
        return true;
    bool is_ours = list->question->has_own_ids && is_students(list, status->st_uid);
    return list->question->is_shared && !is_ours && strncmp(name, prefix, sizeof prefix - 1) == 0;
}

/* Of so many folders in one place some are not looked into: no want of memory of ours, but what whoever made them wanted. One of them is told in place of what may be in it. */
static void walk_folder(struct walk *walk, struct level *level, const char *name, const struct stat *status)
{
    size_t len = strlen(name) + 1;
    if (is_of_other_case(walk->list, name, status) ||
        (walk->list->question->is_shared && status->st_dev != level->device)) /* somebody's mount */
        return;
    if (level->below.len + len <= LIST_MAX) {
        if (!bytes_add(&level->below, name, len, LIST_MAX))
            note_trouble(walk->list, ENOMEM);
        return;
    }
    struct found found = {.id = {OBJECT_DIR, status->st_dev, status->st_ino}, .owner = status->st_uid};
    snprintf(found.name, sizeof found.name, "%s%.200s", walk->place->prefix, name);
    if (!level->is_too_wide && is_students(walk->list, status->st_uid))
        add(walk->list, &found);
    level->is_too_wide = true;
}

static void walk_entry(struct walk *walk, const char *name)
{
    struct stat status;
    struct found found;
    struct level *level = &walk->levels[walk->depth - 1];
    if (fstatat(walk->fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
        note_trouble(walk->list, errno);
        return;
    }
    if (S_ISDIR(status.st_mode)) {
        walk_folder(walk, level, name, &status);
        return;
    }
    walk_name(walk, name);
    if (tell(walk->place, &status, walk->path, &found))
        add(walk->list, &found);
    walk->path[level->path] = '\0';
}

/* A folder that cannot be read shows nothing; with init's rights, or the owner's, that is rare. */
static int open_folder(const struct list *list, int fd, const char *name, struct level *level)
{
    const int flags = O_DIRECTORY | O_CLOEXEC | (fd == AT_FDCWD ? 0 : O_NOFOLLOW); /* a place may be a link */
    int below = openat(fd, name, O_RDONLY | flags);
    bool can_pass = below >= 0 && faccessat(below, ".", X_OK, AT_EACCESS) == 0;
    if (can_pass || (below < 0 && errno != EACCES) || !list->question->may_open)
        return below;
    cleanup_fd int shut = below >= 0 ? below : openat(fd, name, O_PATH | flags);
    level->was_shut =
        shut >= 0 && closed_unlock(list->question->student, shut, S_IRUSR | S_IXUSR, &level->mode);
    return shut >= 0 ? openat(shut, ".", O_RDONLY | flags) : -1;
}

/* Takes the descriptor. */
static void leave_folder(int fd, const struct level *level)
{
    if (level->was_shut)
        fchmod(fd, level->mode);
    close(fd);
}

/* Takes the descriptor: we are in that folder now. */
static bool walk_into(struct walk *walk, int fd, const struct level *new)
{
    struct stat status;
    cleanup_dir DIR *folder = NULL;
    struct level *levels = reallocarray(walk->levels, walk->depth + 1, sizeof *levels);
    cleanup_fd int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (levels)
        walk->levels = levels;
    if (!levels || copy < 0 || fstat(fd, &status) < 0 || !(folder = fdopendir(copy))) {
        note_trouble(walk->list, levels ? errno : ENOMEM);
        leave_folder(fd, new);
        return false;
    }
    steal_fd(&copy);
    if (walk->fd >= 0) /* the way back is ".." */
        close(walk->fd);
    walk->fd = fd;
    levels[walk->depth] = *new;
    levels[walk->depth].path = strlen(walk->path);
    levels[walk->depth].device = status.st_dev;
    levels[walk->depth++].number = status.st_ino;
    errno = 0;
    for (struct dirent *entry; (entry = readdir(folder)); errno = 0)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            walk_entry(walk, entry->d_name);
    note_trouble(walk->list, errno);
    return true;
}

/* Back to the folder above. False: we are elsewhere now. */
static bool walk_up(struct walk *walk)
{
    struct stat status = {0};
    struct level *left = &walk->levels[--walk->depth];
    int up = walk->depth > 0 ? openat(walk->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (walk->depth > 0 && (up < 0 || fstat(up, &status) < 0))
        note_trouble(walk->list, errno);
    bytes_free(&left->below);
    leave_folder(walk->fd, left);
    walk->fd = up;
    if (walk->depth == 0)
        return true;
    const struct level *level = &walk->levels[walk->depth - 1];
    walk->path[level->path] = '\0';
    return up >= 0 && status.st_dev == level->device && status.st_ino == level->number;
}

static void walk_down(struct walk *walk)
{
    struct level *level = &walk->levels[walk->depth - 1], new = {0};
    const char *name = level->below.data + level->next;
    level->next += strlen(name) + 1;
    int below = open_folder(walk->list, walk->fd, name, &new);
    if (below < 0) {
        note_trouble(walk->list, errno);
        return;
    }
    walk_name(walk, name);
    if (!walk_into(walk, below, &new))
        walk->path[walk->levels[walk->depth - 1].path] = '\0';
}

/* Whoever moves folders while we look hides what is in them: so one of them is told itself. (Where it was trouble of ours, nothing of the list is told.) */
static void walk_home(struct walk *walk)
{
    struct level unused = {0};
    const struct level *lost = &walk->levels[walk->depth - 1];
    struct found found = {.id = {OBJECT_DIR, lost->device, lost->number},
                          .owner = walk->list->question->student};
    snprintf(found.name, sizeof found.name, "%s%.200s", walk->place->prefix, walk->path);
    add(walk->list, &found);
    while (walk->depth > 1)
        bytes_free(&walk->levels[--walk->depth].below);
    walk->path[0] = '\0';
    if (walk->fd >= 0)
        close(walk->fd);
    walk->fd = open_folder(walk->list, AT_FDCWD, walk->place->path, &unused);
    if (walk->fd < 0)
        walk->levels[0].next = walk->levels[0].below.len;
}

static void list_place(struct list *list, const struct place *place)
{
    struct walk walk = {.list = list, .place = place, .fd = -1};
    struct level top = {0};
    int fd = open_folder(list, AT_FDCWD, place->path, &top);
    if (fd < 0)
        note_trouble(list, errno);
    else
        walk_into(&walk, fd, &top);
    while (walk.depth > 0) {
        const struct level *level = &walk.levels[walk.depth - 1];
        if (level->next < level->below.len)
            walk_down(&walk);
        else if (!walk_up(&walk))
            walk_home(&walk);
    }
    free(walk.levels);
}

/* ---- all ------------------------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const struct found *one = a, *two = b;
    if (one->id.kind != two->id.kind)
        return one->id.kind < two->id.kind ? -1 : 1;
    int names = strcmp(one->name, two->name);
    return names ? names : (one->id.number > two->id.number) - (one->id.number < two->id.number);
}

static bool list_places(struct list *list, bool are_posix_alone, struct err *err)
{
    struct stat status;
    if (stat("/proc/self/cwd", &status) < 0) { /* "." may be shut */
        note_trouble(list, errno);
    } else {
        list->case_device = status.st_dev;
        list->case_number = status.st_ino;
    }
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (!are_posix_alone || places[i].plain != OBJECT_NONE)
            list_place(list, &places[i]);
    errno = list->trouble;
    return !list->trouble || err_sys(err, "list what there is");
}

bool list_all(const struct question *question, struct bytes *found, size_t *count, struct err *err)
{
    struct list list = {.question = question, .found = found};
    if (!table_each(OBJECT_ANY, add_row, &list, err) || !list_places(&list, false, err))
        return false;
    if (list.count)
        qsort(found->data, list.count, sizeof(struct found), compare);
    *count = list.count;
    return true;
}

bool list_posix(const struct question *question, struct bytes *found, size_t *count, struct err *err)
{
    struct list list = {.question = question, .found = found};
    bool is_listed = list_places(&list, true, err);
    *count = list.count;
    return is_listed;
}
