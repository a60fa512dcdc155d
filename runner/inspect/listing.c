/* What is there: System V objects from /proc/sysvipc, the rest by looking into the directories where it can be. */
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

enum { LIST_MAX = PACK_MAX, DEPTH = 16, COLUMNS = 16, PERMISSIONS = 0777 };

struct list {
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

static void add(struct list *list, const struct found *found)
{
    if (bytes_add(list->found, found, sizeof *found, LIST_MAX))
        list->count++;
}

/* ---- System V -------------------------------------------------------------------------------------------------------- */

/* Which column of /proc/sysvipc/ holds what; see proc(5). */
static const struct table {
    const char *path;
    enum object_kind kind;
    int size, owner, creator, last, attached; /* columns, or -1 */
} tables[] = {
    {"/proc/sysvipc/msg", OBJECT_QUEUE, 4, 7, -1, 5, -1},
    {"/proc/sysvipc/sem", OBJECT_SEMAPHORES, 3, 4, -1, -1, -1},
    {"/proc/sysvipc/shm", OBJECT_SEGMENT, 3, 7, 4, 5, 6},
};
enum { KEY = 0, ID = 1, MODE = 2 };

static long long column(const long long *columns, int which)
{
    return which < 0 ? 0 : columns[which];
}

/* Every column is decimal but the permissions, which are octal. */
static bool read_row(const char *line, long long *columns)
{
    char *end;
    for (int i = 0; i < COLUMNS; i++) {
        columns[i] = strtoll(line, &end, i == MODE ? 8 : 10);
        if (end == line)
            return i > MODE;
        line = end;
    }
    return true;
}

static void add_row(struct list *list, const struct table *table, const long long *columns)
{
    struct found found = {.id = {.kind = table->kind, .number = (uint64_t)columns[ID]},
                          .key = (int)columns[KEY],
                          .owner = owner_inside((uid_t)columns[table->owner]),
                          .mode = (mode_t)columns[MODE] & PERMISSIONS,
                          .size = (uint64_t)columns[table->size],
                          .creator = (pid_t)column(columns, table->creator),
                          .last = (pid_t)column(columns, table->last),
                          .attached = (uint64_t)column(columns, table->attached)};
    snprintf(found.name, sizeof found.name, "0x%08x", (unsigned)found.key);
    add(list, &found);
}

/* A kernel without System V IPC has no such file: then there is nothing. */
static bool list_table(struct list *list, const struct table *table, struct err *err)
{
    cleanup_file FILE *file = fopen(table->path, "re");
    char line[512];
    if (!file)
        return errno == ENOENT || err_sys(err, "read %s", table->path);
    while (fgets(line, sizeof line, file)) {
        long long columns[COLUMNS] = {0};
        if (read_row(line, columns)) /* not so the heading */
            add_row(list, table, columns);
    }
    return !ferror(file) || err_sys(err, "read %s", table->path);
}

/* ---- directories ----------------------------------------------------------------------------------------------------- */

struct place {
    const char *path;
    const char *prefix;     /* of the names that are told */
    enum object_kind plain; /* what a plain file is here; OBJECT_NONE: nothing */
};
static const struct place places[] = {
    {".", "", OBJECT_NONE},
    {"/tmp", "/tmp/", OBJECT_NONE},
    {"/dev/shm", "/dev/shm/", OBJECT_SHM},
    {"/dev/mqueue", "/", OBJECT_MQ},
};

static bool tell(const struct place *place, const struct stat *status, const char *name, struct found *found)
{
    static const char semaphore[] = "sem.";
    enum object_kind kind = kind_of_mode(status->st_mode);
    *found = (struct found){.id = {kind, status->st_dev, status->st_ino},
                            .owner = owner_inside(status->st_uid),
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

/* Without mounts of our own /tmp is everybody's. What lies in the directory of another runner's case may have got the number of an inode
 * that was ours a moment ago. */
static bool is_of_other_case(const char *name)
{
    static const char prefix[] = "ipcgrade-case-"; /* as the sandbox names them */
    return strncmp(name, prefix, sizeof prefix - 1) == 0;
}

static void list_directory(struct list *list, const struct place *place, int fd, const char *above,
                           int depth);

static void list_entry(struct list *list, const struct place *place, int fd, const char *name,
                       const char *path, int depth)
{
    struct stat status;
    struct found found;
    if (fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
        note_trouble(list, errno);
        return;
    }
    if (!S_ISDIR(status.st_mode)) {
        if (tell(place, &status, path, &found))
            add(list, &found);
        return;
    }
    bool is_case = status.st_dev == list->case_device && status.st_ino == list->case_number;
    if (is_case || is_of_other_case(name) || depth == 0)
        return;
    int below = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below >= 0)
        list_directory(list, place, below, path, depth - 1);
    else
        note_trouble(list, errno);
}

/* Takes the descriptor. A directory that cannot be read shows nothing; with init's rights that is rare. */
static void list_directory(struct list *list, const struct place *place, int fd, const char *above, int depth)
{
    DIR *dir = fdopendir(fd);
    if (!dir) {
        note_trouble(list, errno);
        close(fd);
        return;
    }
    errno = 0;
    for (struct dirent *entry; (entry = readdir(dir)); errno = 0) {
        char path[sizeof((struct found *)0)->name];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int len = snprintf(path, sizeof path, "%s%s%s", above, *above ? "/" : "", entry->d_name);
        if (len > 0 && (size_t)len < sizeof path)
            list_entry(list, place, fd, entry->d_name, path, depth);
    }
    note_trouble(list, errno);
    closedir(dir);
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

bool list_all(struct bytes *found, size_t *count, struct err *err)
{
    struct list list = {.found = found};
    struct stat status;
    if (stat(".", &status) < 0) {
        note_trouble(&list, errno);
    } else {
        list.case_device = status.st_dev;
        list.case_number = status.st_ino;
    }
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (!list_table(&list, &tables[i], err))
            return false;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        int fd = open(places[i].path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0)
            list_directory(&list, &places[i], fd, "", DEPTH);
        else
            note_trouble(&list, errno);
    }
    errno = list.trouble;
    if (list.trouble)
        return err_sys(err, "list what there is");
    if (list.count)
        qsort(found->data, list.count, sizeof(struct found), compare);
    *count = list.count;
    return true;
}
