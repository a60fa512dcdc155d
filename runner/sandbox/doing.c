/* Working or sleeping; see doing.h. */
#include "sandbox/doing.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sandbox/kill.h"
#include "sandbox/sandbox.h"

enum { TEXT = 1024 };

static void close_directory(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}
#define cleanup_dir __attribute__((cleanup(close_directory)))

/* Processor time, that of its children that have ended included, stands 11 to 14 fields behind the state, in ticks: proc_pid_stat(5). */
static uint64_t cpu_in(const char *state)
{
    enum { BEFORE = 11, TIMES = 4 };
    uint64_t ticks = 0;
    for (int field = 0; state && field < BEFORE + TIMES; field++) {
        if (field >= BEFORE)
            ticks += strtoull(state, NULL, 10);
        state = strchr(state, ' ');
        state += state != NULL;
    }
    return ticks * 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
}

/* What stands behind the name, which may hold anything: "S 1 ...". NULL: it is gone. `text` is room for the file. */
static const char *read_state(const char *path, char *text, size_t room)
{
    cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? 0 : read(fd, text, room - 1);
    text[len > 0 ? len : 0] = '\0';
    const char *bracket = strrchr(text, ')');
    return bracket && bracket[1] == ' ' ? bracket + 2 : NULL;
}

/* S is a sleep that a signal may end, T and t are stops. */
static bool is_task_asleep(pid_t pid, pid_t tid)
{
    char path[64], text[TEXT];
    snprintf(path, sizeof path, "/proc/%d/task/%d/stat", (int)pid, (int)tid);
    const char *state = read_state(path, text, sizeof text);
    return !state || strchr("StTZX", *state) != NULL;
}

static bool is_asleep(pid_t pid)
{
    char path[64];
    bool is = true;
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    cleanup_dir DIR *tasks = opendir(path);
    for (struct dirent *entry; is && tasks && (entry = readdir(tasks));) {
        pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);
        is = tid <= 0 || is_task_asleep(pid, tid);
    }
    return is;
}

static uint64_t cpu_of_the_living_ms(pid_t pid)
{
    char path[64], text[TEXT];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    return cpu_in(read_state(path, text, sizeof text));
}

static uint64_t cpu_of_the_dead_ms(void)
{
    struct rusage used;
    if (getrusage(RUSAGE_CHILDREN, &used) < 0)
        return 0;
    return (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
           (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
}

void doing_look(const struct ground *ground, struct doing *doing)
{
    bool has_namespace = ground->flags & CLONE_NEWPID;
    *doing = (struct doing){.cpu_ms = cpu_of_the_dead_ms()};
    cleanup_dir DIR *dir = has_namespace && (ground->lacks & LACKS_PROC) ? NULL : opendir("/proc");
    doing->is_asleep = dir != NULL;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid > 0 && pid != getpid() && (has_namespace || kill_descends_from(pid, getpid()))) {
            doing->is_asleep = doing->is_asleep && is_asleep(pid);
            doing->cpu_ms += cpu_of_the_living_ms(pid);
        }
    }
}
