/* Reading /proc; see procs.h. */
#include "sandbox/procs.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "calls/own_wait.h"
#include "sandbox/ground.h"

/* Fields of /proc/PID/stat, counted from the state. */
enum { STATE, PARENT, FLAGS = 6, FIRST_TIME = 11, LAST_TIME = 14 };

enum { STATUS_ROOM = 8192 };

/* "R 1 ..." */
static bool parse(const char *at, struct proc_stat *stat)
{
    char *end;
    *stat = (struct proc_stat){.state = *at++};
    for (int field = PARENT; field <= LAST_TIME; field++, at = end) {
        long long value = strtoll(at, &end, 10);
        if (end == at)
            return false;
        if (field == PARENT)
            stat->parent = (pid_t)value;
        else if (field == FLAGS)
            stat->flags = (unsigned)value;
        else if (field >= FIRST_TIME)
            stat->cpu_ticks += (uint64_t)value;
    }
    return true;
}

/* The name may hold anything, so we look for its last bracket. */
bool procs_stat(pid_t pid, pid_t tid, struct proc_stat *stat)
{
    char path[64], text[1024];
    if (tid)
        snprintf(path, sizeof path, "/proc/%d/task/%d/stat", (int)pid, (int)tid);
    else
        snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    text[len > 0 ? len : 0] = '\0';
    const char *bracket = strrchr(text, ')');
    return bracket && bracket[1] == ' ' && bracket[2] != '\0' && parse(bracket + 2, stat);
}

static bool read_of_task(pid_t pid, pid_t tid, const char *file, char *text, size_t room)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/%s", (int)pid, (int)tid, file);
    cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, room - 1);
    text[len > 0 ? len : 0] = '\0';
    return len > 0;
}

/* /proc tells the place only to whom the kernel lets look into the task. Root without CAP_SYS_PTRACE is let when it has the task's ids, and those that count are the ones that
 * files are opened with, on which no signal to us depends but one: that of our parent's death. */
static void take_ids(uid_t uid, gid_t gid)
{
    pid_t parent = getppid();
    int signal_number = ground_death_signal();
    setfsgid(gid);
    setfsuid(uid);
    ground_die_with(parent, signal_number);
}

/* Two files of it, or nothing of them. */
static bool read_as_owner(pid_t pid, pid_t tid, char place[PROCS_PLACE], char call[PROCS_PLACE])
{
    char path[64];
    struct stat owner;
    snprintf(path, sizeof path, "/proc/%d", (int)pid);
    if (stat(path, &owner) < 0)
        return false;
    take_ids(owner.st_uid, owner.st_gid);
    bool is_told = read_of_task(pid, tid, "wchan", place, PROCS_PLACE);
    read_of_task(pid, tid, "syscall", call, PROCS_PLACE);
    take_ids(geteuid(), getegid());
    return is_told;
}

bool procs_is_own_wait(pid_t pid, pid_t tid)
{
    char place[PROCS_PLACE], call[PROCS_PLACE];
    return read_as_owner(pid, tid, place, call) && own_wait_is(place, call);
}

long procs_call(pid_t pid, pid_t tid, char place[PROCS_PLACE])
{
    char call[PROCS_PLACE];
    bool is_told = read_as_owner(pid, tid, place, call);
    return is_told && isdigit((unsigned char)call[0]) ? strtol(call, NULL, 10) : -1;
}

/* The number behind one of the labels of its status, of which each begins with a newline. */
static uint64_t labelled(const char *text, const char *label)
{
    const char *at = strstr(text, label);
    return at ? strtoull(at + strlen(label), NULL, 10) : 0;
}

uint64_t procs_sleeps(pid_t pid, pid_t tid)
{
    char text[STATUS_ROOM];
    if (!read_of_task(pid, tid, "status", text, sizeof text))
        return 0;
    return labelled(text, "\nvoluntary_ctxt_switches:") + labelled(text, "\nnonvoluntary_ctxt_switches:");
}

pid_t procs_tracer(pid_t pid, pid_t tid)
{
    char text[STATUS_ROOM];
    return read_of_task(pid, tid, "status", text, sizeof text) ? (pid_t)labelled(text, "\nTracerPid:") : 0;
}

bool procs_descends(pid_t pid, pid_t ancestor)
{
    struct proc_stat stat;
    for (; pid > 1 && procs_stat(pid, 0, &stat); pid = stat.parent)
        if (stat.parent == ancestor)
            return true;
    return false;
}
