/* Killing and reaping; see kill.h for the theory. */
#include "sandbox/kill.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sandbox/sandbox.h"
#include "sandbox/wire.h"

/* Against a fork bomb that outruns us; each round kills all that it sees. */
enum { ROUNDS = 10000 };

static void cleanup_dir_fn(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}
#define cleanup_dir __attribute__((cleanup(cleanup_dir_fn)))

/* The next entry that is a number, or 0. */
static pid_t next_number(DIR *dir)
{
    for (struct dirent *entry; (entry = readdir(dir));)
        if (isdigit((unsigned char)entry->d_name[0]))
            return (pid_t)strtol(entry->d_name, NULL, 10);
    return 0;
}

static DIR *open_tasks(pid_t pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    return opendir(path);
}

/* State letter and parent from /proc/PID/stat; the name in between may hold anything, so we look for its last bracket. */
static bool read_stat(pid_t pid, char *state, pid_t *parent)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (len <= 0)
        return false;
    text[len] = '\0';
    char *bracket = strrchr(text, ')');
    if (!bracket || strlen(bracket) < sizeof ") S 1" - 1)
        return false;
    *state = bracket[2];
    *parent = (pid_t)strtol(bracket + 3, NULL, 10);
    return true;
}

bool kill_descends_from(pid_t pid, pid_t ancestor)
{
    char state;
    while (pid > 1 && read_stat(pid, &state, &pid))
        if (pid == ancestor)
            return true;
    return false;
}

bool kill_is_ending(pid_t pid)
{
    enum { EXITING = 0x4, FLAGS = 6 /* fields behind the state */ }; /* PF_EXITING, proc(5) "flags" */
    char path[64], text[512], *at;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    text[len > 0 ? len : 0] = '\0';
    at = strrchr(text, ')');
    for (int field = 0; at && field <= FLAGS; field++)
        at = strchr(at + 1, ' ');
    return at && (strtoul(at, NULL, 10) & EXITING);
}

/* A tracee that stops on its way out (PTRACE_EVENT_EXIT) waits for its tracer; the signal has done what it can. */
static bool is_as_good_as_dead(char state)
{
    return state == 'Z' || state == 'X' || state == 't';
}

/* Without a pid namespace: send every descendant the signal once. Returns how many may still do something. */
static size_t signal_descendants(int signal_number)
{
    cleanup_dir DIR *dir = opendir("/proc");
    size_t count = 0;
    pid_t pid, parent;
    char state;
    while (dir && (pid = next_number(dir)))
        if (pid != getpid() && read_stat(pid, &state, &parent) && kill_descends_from(pid, getpid())) {
            bool is_still = is_as_good_as_dead(state) || (signal_number == SIGSTOP && strchr("TD", state));
            if (!is_still || signal_number == SIGKILL)
                kill(pid, signal_number);
            count += !is_still;
        }
    return count;
}

/* Who is killed makes room for another under RLIMIT_NPROC, and a fork bomb has more of the processor than we. Who is stopped keeps his place and does nothing with it. Whoever waits in D, for a
 * child of vfork(2), say, forks nobody until that one goes on. */
static void stop_descendants(void)
{
    for (int round = 0; round < ROUNDS && signal_descendants(SIGSTOP) > 0; round++)
        ;
}

bool kill_all(const struct ground *ground)
{
    if (ground->flags & CLONE_NEWPID)
        return kill(-1, SIGKILL) == 0 || errno == ESRCH;
    stop_descendants();
    for (int round = 0; round < ROUNDS && signal_descendants(SIGKILL) > 0; round++)
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
    return true;
}

/* In its own name where the kernel translates numbers between namespaces, else by number. One that is gone already needs no name. */
static void name_task(int socket, pid_t tid, bool has_namespace)
{
    struct wire_head head = {.kind = WIRE_TASK, .number = has_namespace ? 0 : tid};
    if (has_namespace)
        wire_send_as(socket, &head, tid, NULL);
    else
        wire_send(socket, &head, NULL, NULL, 0, NULL);
}

static void name_process(int socket, pid_t pid, bool has_namespace)
{
    cleanup_dir DIR *tasks = open_tasks(pid);
    pid_t tid;
    while (tasks && (tid = next_number(tasks)))
        if (tid != pid)
            name_task(socket, tid, has_namespace);
    name_task(socket, pid, has_namespace);
}

bool kill_name_rest(const struct ground *ground, int socket)
{
    bool has_namespace = ground->flags & CLONE_NEWPID;
    if (has_namespace && (ground->lacks & LACKS_PROC))
        return false;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    cleanup_dir DIR *dir = opendir("/proc");
    pid_t pid;
    while (dir && (pid = next_number(dir)))
        if (pid != getpid() && (has_namespace || kill_descends_from(pid, getpid())))
            name_process(socket, pid, has_namespace);
    return dir;
}

void kill_reap(const struct ground *ground)
{
    for (;;) {
        if (waitpid(-1, NULL, 0) < 0 && errno == ECHILD)
            return;
        if (!(ground->flags & CLONE_NEWPID))
            signal_descendants(SIGKILL); /* an orphan may have become ours only now */
    }
}

/* One status of a tracee that was killed. It may stop on its way out (PTRACE_EVENT_EXIT), or have stopped there and not been told to go on, for want of a request that failed: then no
 * status of it will ever come. So it is told before each wait; who is not stopped does not mind. Who cannot be told is left to PTRACE_O_EXITKILL. */
static pid_t take_status(pid_t tid, int options)
{
    int status;
    if (ptrace(PTRACE_CONT, tid, 0, 0) < 0 && errno != ESRCH)
        return -1;
    pid_t got = waitpid(tid, &status, __WALL | options);
    return got > 0 && WIFSTOPPED(status) ? 0 : got;
}

void kill_reap_tracee(pid_t tid)
{
    pid_t got;
    do /* ECHILD: not ours, or the tracer has waited already */
        got = take_status(tid, 0);
    while (got == 0 || (got < 0 && errno == EINTR));
}

static bool is_our_tracee(pid_t pid, pid_t tid)
{
    static const char label[] = "TracerPid:";
    char path[96], line[256];
    long tracer = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/status", (int)pid, (int)tid);
    cleanup_file FILE *file = fopen(path, "re");
    while (file && tracer == 0 && fgets(line, sizeof line, file))
        if (strncmp(line, label, sizeof label - 1) == 0)
            tracer = strtol(line + sizeof label - 1, NULL, 10);
    return tracer == getpid();
}

size_t kill_reap_tracees(void)
{
    cleanup_dir DIR *dir = opendir("/proc");
    size_t left = 0;
    pid_t pid, tid;
    while (dir && (pid = next_number(dir))) {
        cleanup_dir DIR *tasks = open_tasks(pid);
        while (tasks && (tid = next_number(tasks)))
            if (is_our_tracee(pid, tid))
                left += take_status(tid, WNOHANG) == 0;
    }
    return left;
}
