/* Landlock in place of namespaces; see fence.h. The filters are in fence_calls.c.
 *
 * Rights are given by hierarchy and cannot be taken back further down. So where something hidden lies below a folder of the system, not the folder is given but each of its entries, without that one.
 */
#include "sandbox/fence.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

/* As later kernels have it; what they do not know must be 0. */
struct rules {
    uint64_t files, network, scope;
};

enum {
    MOVES = 2,  /* the version of Landlock that lets files be moved between folders */
    SCOPES = 6, /* that knows scopes */
    TRUNCATES = 3,
    SCOPE_ABSTRACT_SOCKET = 1,
    SCOPE_SIGNAL = 2,
};

#define TRUNCATE (1ULL << 14)
#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RUN (READ | LANDLOCK_ACCESS_FS_EXECUTE)
#define CHANGE (READ | LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE)
#define OF_FILES                                                                                             \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE)
#define ALL                                                                                                  \
    (RUN | CHANGE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |                         \
     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |              \
     LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER)
#define HANDLED (ALL | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK)

#define QUEUES "/dev/mqueue"

/* What world.c shows where it can, and of /dev what stands for it. */
static const struct {
    const char *path;
    uint64_t rights;
} places[] = {
    {"/usr", RUN},
    {"/bin", RUN},
    {"/sbin", RUN},
    {"/lib", RUN},
    {"/lib32", RUN},
    {"/lib64", RUN},
    {"/libx32", RUN},
    {"/gnu", RUN},
    {"/nix", RUN},
    {"/etc/alternatives", READ},
    {"/etc/ld.so.conf.d", READ},
    {"/etc/ld.so.cache", READ},
    {"/etc/ld.so.conf", READ},
    {"/etc/passwd", READ},
    {"/etc/group", READ},
    {"/etc/nsswitch.conf", READ},
    {"/etc/hosts", READ},
    {"/etc/hostname", READ},
    {"/etc/host.conf", READ},
    {"/etc/services", READ},
    {"/etc/protocols", READ},
    {"/etc/localtime", READ},
    {"/proc", CHANGE},
    {"/dev/null", CHANGE},
    {"/dev/zero", CHANGE},
    {"/dev/full", CHANGE},
    {"/dev/random", CHANGE},
    {"/dev/urandom", CHANGE},
    {"/dev/tty", CHANGE},
    {"/dev/ptmx", CHANGE},
    {"/dev/pts", CHANGE},
    {QUEUES, CHANGE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG},
    {"/dev/shm", ALL},
    {"/tmp", ALL},
};

/* ---- Landlock ---------------------------------------------------------------------------------------------------------- */

/* -1 with errno where there is none. */
static int version(void)
{
    return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

static int make_set(const struct rules *rules)
{
    return (int)syscall(SYS_landlock_create_ruleset, rules, sizeof *rules, 0); /* close-on-exec */
}

bool fence_scope(const struct ground *ground, struct err *err)
{
    uint64_t scope = (ground->flags & CLONE_NEWPID ? 0 : SCOPE_SIGNAL) |
                     (ground->flags & CLONE_NEWNET ? 0 : SCOPE_ABSTRACT_SOCKET);
    if (!scope || version() < SCOPES)
        return true;
    cleanup_fd int fd = make_set(&(struct rules){.scope = scope});
    return (fd >= 0 || err_sys(err, "make the sandbox's scope")) && fence_enter(fd, err);
}

bool fence_enter(int fd, struct err *err)
{
    return fd < 0 || syscall(SYS_landlock_restrict_self, fd, 0) == 0 ||
           err_sys(err, "close the machine's files to the sandbox");
}

/* ---- files ------------------------------------------------------------------------------------------------------------- */

/* Is `path` the folder, or below it? */
static bool is_in(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    return strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

bool fence_gives_away(const char *path)
{
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        cleanup_free char *place = places[i].rights == ALL ? realpath(places[i].path, NULL) : NULL;
        if (place && is_in(path, place))
            return true;
    }
    return false;
}

static bool give_one(int set, const char *path, uint64_t rights, struct err *err)
{
    struct stat status;
    cleanup_fd int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) < 0)
        return true; /* who cannot reach it needs no rights */
    rights &= S_ISDIR(status.st_mode) ? ~0ULL : OF_FILES;
    rights &= version() < TRUNCATES ? ~TRUNCATE : ~0ULL;
    struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = fd};
    return syscall(SYS_landlock_add_rule, set, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0 ||
           err_sys(err, "open %s to the sandbox", path);
}

enum { WHOLE, APART, HIDDEN };

/* Neither `path` nor what is hidden has a link in it. */
static int what_is(const char *path, const char *const *hidden)
{
    int what = WHOLE;
    for (; *hidden; hidden++) {
        if (is_in(path, *hidden))
            return HIDDEN;
        if (is_in(*hidden, path))
            what = APART;
    }
    return what;
}

/* Of what is given apart the links are left out: what they lead to is given where it lies, or not at all. */
static bool give(int set, const char *path, uint64_t rights, const char *const *hidden, struct err *err)
{
    int what = what_is(path, hidden);
    if (what == WHOLE)
        return give_one(set, path, rights, err);
    struct dirent **entries = NULL;
    int count = what == APART ? scandir(path, &entries, NULL, NULL) : 0;
    bool is_given = true;
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        cleanup_free char *below = NULL;
        bool is_left_out = entries[i]->d_type == DT_LNK || strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
        if (is_given && !is_left_out)
            is_given = asprintf(&below, "%s/%s", path, name) > 0 && give(set, below, rights, hidden, err);
        free(entries[i]);
    }
    free(entries);
    return is_given;
}

/* Where anything may be made nothing can be hidden: who makes a new entry needs rights to the folder, and a program that uses /tmp is not at fault. */
static bool give_all(int set, const char *directory, const char *const *hidden, bool has_queues,
                     struct err *err)
{
    static const char *const none[] = {NULL};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        bool is_left_out = !has_queues && strcmp(places[i].path, QUEUES) == 0;
        cleanup_free char *path = is_left_out ? NULL : realpath(places[i].path, NULL);
        if (path && !give(set, path, places[i].rights, places[i].rights == ALL ? none : hidden, err))
            return false;
    }
    return give_one(set, directory, ALL, err);
}

/* In a process of its own: with a fence around all but /dev/mqueue, can a POSIX queue be made? Where its file system is not mounted there is no name by which it could be
 * given, and the queue is made and not opened: it stays for the caller to remove. The errno; 0: yes. */
static int try_queue(const char *name)
{
    struct rules rules = {.files = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                   LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE};
    struct err err = {0};
    int set = make_set(&rules);
    if (set < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || !give_one(set, QUEUES, rules.files, &err) ||
        !fence_enter(set, &err))
        return errno;
    long queue = syscall(SYS_mq_open, name, O_RDWR | O_CREAT | O_EXCL, 0600, NULL);
    if (queue < 0)
        return errno == EACCES ? EACCES : 0;
    return syscall(SYS_mq_unlink, name) < 0 ? errno : 0;
}

bool fence_is_there(void)
{
    char name[64];
    int has = version(), status = 0;
    if (has < 0)
        return false;
    errno = EOPNOTSUPP;
    if (has < MOVES)
        return false;
    snprintf(name, sizeof name, "ipcgrade-fence-%d", (int)getpid());
    pid_t pid = fork();
    if (pid == 0)
        _exit(try_queue(name));
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    syscall(SYS_mq_unlink, name);
    errno = WEXITSTATUS(status);
    return pid > 0 && status == 0;
}

static void free_texts(char **texts)
{
    for (char **text = texts; texts && *text; text++)
        free(*text);
    free(texts);
}

/* Those that are there, without links; NULL: no memory. */
static char **without_links(const char *const *paths)
{
    size_t count = 0, kept = 0;
    while (paths && paths[count])
        count++;
    char **texts = calloc(count + 1, sizeof *texts);
    for (size_t i = 0; texts && i < count; i++)
        if ((texts[kept] = realpath(paths[i], NULL)))
            kept++;
    return texts;
}

bool fence_make(const char *directory, const char *const *hidden, bool has_queues, int *fd, struct err *err)
{
    *fd = -1;
    if (!fence_is_there())
        return true;
    uint64_t handled = version() < TRUNCATES ? HANDLED & ~TRUNCATE : HANDLED;
    char **texts = without_links(hidden);
    *fd = make_set(&(struct rules){.files = handled});
    bool is_made = texts && *fd >= 0;
    if (!is_made)
        err_sys(err, "make the fence of the sandbox's files");
    is_made = is_made && give_all(*fd, directory, (const char *const *)texts, has_queues, err);
    free_texts(texts);
    return is_made;
}
