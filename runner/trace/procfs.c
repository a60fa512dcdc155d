/* What /proc says of a task: never interrupts it.
 *
 * "Off the run queue" is read from wchan: the kernel names a place only for a task that neither runs nor is queued to run. A task sets its
 * state to S before it tests its condition and may be pre-empted in between; then it is S and still queued, and wchan is 0. Where wchan is
 * always 0 (a kernel without symbols), the file `syscall` tells the same, at a higher price.
 */
#include "trace/tracer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "calls/own_wait.h"

enum { STATUS_SIZE = 1 << 16 }; /* a line of it lists the groups, which may be many */

static ssize_t read_at(int *fd, pid_t tid, const char *file, char *text, size_t room)
{
    char path[64];
    if (*fd < 0) {
        snprintf(path, sizeof path, "/proc/%d/%s", (int)tid, file);
        *fd = open(path, O_RDONLY | O_CLOEXEC);
    }
    ssize_t len = *fd < 0 ? -1 : pread(*fd, text, room - 1, 0);
    if (len == 0)
        errno = ESRCH;              /* of who has just gone some files are empty */
    if (len == (ssize_t)room - 1) { /* cut, perhaps: then nothing is known of what is missing */
        errno = EOVERFLOW;
        len = -1;
    }
    text[len > 0 ? len : 0] = '\0';
    return len;
}

static ssize_t read_once(pid_t tid, const char *file, char *text, size_t room)
{
    int fd = -1;
    ssize_t len = read_at(&fd, tid, file, text, room);
    int error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    return len;
}

static bool is_gone(int number)
{
    return number == ENOENT || number == ESRCH || number == EBADF;
}

bool procfs_missed(struct tracer *tracer, pid_t tid, const char *file)
{
    return errno != EACCES && errno != EPERM && procfs_failed(tracer, tid, file);
}

bool procfs_failed(struct tracer *tracer, pid_t tid, const char *file)
{
    if (!is_gone(errno))
        tracer_set_trouble(tracer, "read /proc/%d/%s: %m", (int)tid, file);
    return false;
}

DIR *procfs_descriptors(struct tracer *tracer, pid_t tid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd", (int)tid);
    DIR *directory = opendir(path);
    if (!directory)
        procfs_missed(tracer, tid, "fd");
    return directory;
}

int procfs_next_descriptor(struct tracer *tracer, pid_t tid, DIR *directory)
{
    errno = 0;
    for (struct dirent *entry; (entry = readdir(directory)); errno = 0)
        if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9')
            return (int)strtol(entry->d_name, NULL, 10);
    if (errno)
        procfs_missed(tracer, tid, "fd");
    return -1;
}

bool procfs_stat(struct tracer *tracer, pid_t tid, int fd, struct stat *info)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)tid, fd);
    return fd >= 0 && (stat(path, info) == 0 || procfs_missed(tracer, tid, "fd"));
}

bool procfs_next_line(struct tracer *tracer, FILE *file, char *line, int room)
{
    if (!file)
        return false;
    if (fgets(line, room, file))
        return true;
    if (ferror(file) && !is_gone(errno)) /* what was not read of it might have changed everything */
        tracer_set_trouble(tracer, "read a table of /proc: %m");
    return false;
}

FILE *procfs_open(struct tracer *tracer, pid_t tid, const char *file)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)tid, file);
    FILE *stream = fopen(path, "re");
    if (!stream)
        procfs_missed(tracer, tid, file);
    return stream;
}

unsigned procfs_open_flags(struct tracer *tracer, pid_t tid, int fd)
{
    char name[32], line[128];
    unsigned flags = 0;
    snprintf(name, sizeof name, "fdinfo/%d", fd);
    cleanup_file FILE *file = procfs_open(tracer, tid, name);
    while (procfs_next_line(tracer, file, line, sizeof line))
        if (strncmp(line, "flags:", 6) == 0)
            flags = (unsigned)strtoul(line + 6, NULL, 8);
    return flags;
}

int task_borrow(const struct task *task, int fd)
{
    enum {
        OF_A_THREAD = O_EXCL
    }; /* PIDFD_THREAD, since Linux 6.9: a first thread that has ended has no descriptors */
    cleanup_fd int pidfd = (int)syscall(SYS_pidfd_open, task->tid, OF_A_THREAD);
    if (pidfd < 0)
        pidfd = (int)syscall(SYS_pidfd_open, task->process->pid, 0);
    return pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
}

FILE *procfs_open_of_any(struct tracer *tracer, const char *file)
{
    FILE *stream = NULL;
    for (size_t i = 0; i < tracer->task_count && !stream; i++)
        stream = procfs_open(tracer, tracer->tasks[i]->pub.tid, file);
    return stream;
}

static const char *field(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    return at ? at + strlen(name) : NULL;
}

static uint64_t number(const char *text, const char *name, int base)
{
    const char *at = field(text, name);
    return at ? strtoull(at, NULL, base) : 0;
}

static bool is_off_queue(struct tracee *tracee)
{
    char text[256];
    ssize_t len = read_at(&tracee->wchan_fd, tracee->pub.tid, "wchan", text, sizeof text);
    if (len > 0 && text[0] != '0')
        return tracee->tracer->has_wchan = true;
    if (len > 0 && tracee->tracer->has_wchan)
        return false;
    len = read_once(tracee->pub.tid, "syscall", text, sizeof text);
    return (len > 0 || procfs_missed(tracee->tracer, tracee->pub.tid, "syscall")) &&
           strncmp(text, "running", 7) != 0;
}

bool procfs_see(struct tracee *tracee, struct seen *seen)
{
    char text[STATUS_SIZE];
    *seen = (struct seen){.is_off = is_off_queue(tracee)};
    if (!seen->is_off)
        return true; /* the rest would not be looked at */
    if (read_at(&tracee->status_fd, tracee->pub.tid, "status", text, sizeof text) <= 0)
        return procfs_missed(tracee->tracer, tracee->pub.tid, "status");
    const char *state = field(text, "\nState:\t");
    seen->state = state ? *state : '?';
    seen->pending = number(text, "\nSigPnd:\t", 16) | number(text, "\nShdPnd:\t", 16);
    seen->blocked = number(text, "\nSigBlk:\t", 16);
    seen->caught = number(text, "\nSigCgt:\t", 16);
    seen->switches = number(text, "\nvoluntary_ctxt_switches:\t", 10) +
                     number(text, "\nnonvoluntary_ctxt_switches:\t", 10);
    return true;
}

bool procfs_is_own_wait(struct tracee *tracee)
{
    char place[256], call[256];
    return read_at(&tracee->wchan_fd, tracee->pub.tid, "wchan", place, sizeof place) > 0 &&
           read_once(tracee->pub.tid, "syscall", call, sizeof call) > 0 && own_wait_is(place, call);
}

uint64_t procfs_cpu_ns(pid_t tid)
{
    char text[128];
    return read_once(tid, "schedstat", text, sizeof text) > 0 ? strtoull(text, NULL, 10) : 0;
}

uint64_t procfs_starved_ns(pid_t tid)
{
    char text[128], *end;
    if (read_once(tid, "schedstat", text, sizeof text) <= 0)
        return 0;
    strtoull(text, &end, 10);
    return strtoull(end, NULL, 10);
}

uint64_t tracer_starved_ns(const struct tracer *tracer)
{
    uint64_t sum = procfs_starved_ns(getpid());
    for (size_t i = 0; i < tracer->task_count; i++)
        sum += procfs_starved_ns(tracer->tasks[i]->pub.tid);
    return sum;
}

static bool read_status(struct tracer *tracer, pid_t tid, char *text)
{
    return read_once(tid, "status", text, STATUS_SIZE) > 0 || procfs_missed(tracer, tid, "status");
}

/* A task whose status was taken already is traced by nobody any more, though its parent may still have to wait for it. */
bool procfs_is_ours(struct tracer *tracer, pid_t tid)
{
    char text[STATUS_SIZE];
    return read_status(tracer, tid, text) && number(text, "\nTracerPid:\t", 10) == (uint64_t)getpid();
}

bool procfs_ids(struct tracer *tracer, pid_t tid, pid_t *tgid, pid_t *ppid, pid_t *inner)
{
    char text[STATUS_SIZE];
    if (!read_status(tracer, tid, text))
        return false;
    *tgid = (pid_t)number(text, "\nTgid:\t", 10);
    *ppid = (pid_t)number(text, "\nPPid:\t", 10);
    /* NSpid: the numbers from our namespace inwards; the last is the task's own. */
    const char *at = field(text, "\nNStgid:\t");
    *inner = *tgid;
    while (at && *at != '\n' && *at != '\0') {
        char *end;
        *inner = (pid_t)strtol(at, &end, 10);
        at = *end == '\t' ? end + 1 : end;
        if (end == at && *end != '\n')
            break;
    }
    return true;
}

char procfs_state(struct tracer *tracer, pid_t pid, pid_t *ppid)
{
    char text[2048];
    if (read_once(pid, "stat", text, sizeof text) <= 0) {
        procfs_missed(tracer, pid, "stat");
        return '\0';
    }
    const char *at = strrchr(text, ')'); /* the name may hold anything */
    if (!at || at[1] != ' ')
        return '\0';
    *ppid = (pid_t)strtol(at + 3, NULL, 10);
    return at[2];
}

static uint64_t ignored_in(const char *status)
{
    /* Ignored by default, unless there is a handler: signal(7). */
    static const int quiet[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT};
    uint64_t ignored = number(status, "\nSigIgn:\t", 16), caught = number(status, "\nSigCgt:\t", 16);
    for (size_t i = 0; i < sizeof quiet / sizeof *quiet; i++)
        if (!(caught >> (quiet[i] - 1) & 1))
            ignored |= 1ULL << (quiet[i] - 1);
    return ignored;
}

uint64_t signals_ignored(const struct tracee *tracee)
{
    char text[STATUS_SIZE];
    return read_status(tracee->tracer, tracee->pub.tid, text) ? ignored_in(text) : 0;
}

bool procfs_only_ignored(struct tracer *tracer, pid_t tid)
{
    char text[STATUS_SIZE];
    if (!read_status(tracer, tid, text))
        return false;
    uint64_t waiting = number(text, "\nSigPnd:\t", 16) | number(text, "\nShdPnd:\t", 16);
    waiting &= ~number(text, "\nSigBlk:\t", 16);
    return waiting != 0 && (waiting & ~ignored_in(text)) == 0;
}

bool procfs_any_unknown(struct tracer *tracer)
{
    bool is_any = false;
    DIR *directory = opendir("/proc");
    if (!directory)
        tracer_set_trouble(tracer, "read /proc: %m");
    errno = 0;
    for (struct dirent *entry; directory && !is_any && (entry = readdir(directory)); errno = 0) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        is_any = pid > 0 && !tasks_find(tracer, pid) && procfs_is_ours(tracer, pid);
    }
    if (directory && !is_any && errno)
        tracer_set_trouble(tracer, "read /proc: %m");
    if (directory)
        closedir(directory);
    return is_any;
}

uint64_t procfs_limit(struct tracer *tracer, pid_t tid, const char *label)
{
    char text[STATUS_SIZE];
    if (read_once(tid, "limits", text, sizeof text) <= 0) {
        procfs_missed(tracer, tid, "limits");
        return RLIM_INFINITY;
    }
    const char *at = field(text, label);
    at = at ? at + strspn(at, " ") : "";
    return *at >= '0' && *at <= '9' ? strtoull(at, NULL, 10) : RLIM_INFINITY;
}

/* A descriptor above the limit is in nobody's way. */
bool procfs_has_no_descriptor(struct tracer *tracer, pid_t tid)
{
    uint64_t limit = procfs_limit(tracer, tid, "\nMax open files"), taken = 0;
    cleanup_dir DIR *directory = procfs_descriptors(tracer, tid);
    for (int fd; directory && (fd = procfs_next_descriptor(tracer, tid, directory)) >= 0;)
        taken += (uint64_t)fd < limit;
    return directory && taken >= limit;
}
