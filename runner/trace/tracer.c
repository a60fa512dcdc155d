/* The tracer itself: making it, seizing, taking it apart. What its tracees do is stops.c.
 *
 * Sources: ptrace(2), "Attaching and detaching" (SEIZE); signalfd(2).
 */
#include "trace/tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/pids.h"
#include "trace/mapping.h"

enum { CALL_NUMBERS = 1024 };

static const uintptr_t options = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP |
                                 PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                                 PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT;

void tracer_set_trouble(struct tracer *tracer, const char *format, ...)
{
    va_list args;
    if (tracer->trouble[0] != '\0')
        return;
    va_start(args, format);
    vsnprintf(tracer->trouble, sizeof tracer->trouble, format, args);
    va_end(args);
}

const char *tracer_trouble(const struct tracer *tracer)
{
    return tracer->trouble[0] != '\0' ? tracer->trouble : NULL;
}

int tracer_poll_fd(const struct tracer *tracer)
{
    return tracer->signal_fd;
}

static void add_rows(struct tracer *tracer, const struct call_row *row, const struct deed_row *deed)
{
    for (; row && row->name; row++) {
        int number = seccomp_syscall_resolve_name(row->name);
        if (number < 0 || number >= CALL_NUMBERS || tracer->rows[number] || !row->decode)
            continue;
        tracer->rows[number] = row;
        tracer->deeds[number] = deed;
    }
}

static bool learn_vocabulary(struct tracer *tracer)
{
    tracer->rows = calloc(CALL_NUMBERS, sizeof(void *));
    tracer->deeds = calloc(CALL_NUMBERS, sizeof(void *));
    if (!tracer->rows || !tracer->deeds)
        return false;
    tracer->row_count = CALL_NUMBERS;
    for (const struct mechanism *const *m = vocabulary; *m; m++) {
        add_rows(tracer, (*m)->calls, NULL);
        for (const struct deed_row *deed = (*m)->deeds; deed && deed->word; deed++)
            add_rows(tracer, deed->calls, deed);
    }
    return true;
}

static bool listen_for_children(struct tracer *tracer, struct err *err)
{
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &child, &tracer->old_mask) != 0)
        return err_sys(err, "block SIGCHLD");
    tracer->has_mask = true;
    tracer->old_handler = signal(SIGCHLD, SIG_DFL); /* who has us ignore it, has the kernel tell us nothing */
    tracer->signal_fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    return tracer->signal_fd >= 0 || err_sys(err, "make a descriptor for SIGCHLD");
}

/* All unnamed pipes lie on one device of the kernel; that tells them from FIFOs. */
static bool learn_pipe_device(struct tracer *tracer, struct err *err)
{
    int ends[2];
    struct stat info;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return err_sys(err, "make a pipe");
    bool is_known = fstat(ends[0], &info) == 0;
    close(ends[0]);
    close(ends[1]);
    tracer->pipe_device = info.st_dev;
    return is_known || err_sys(err, "look at a pipe");
}

/* Its device and inode, in the numbers that /proc/PID/maps uses; on some file systems stat(2) has others. */
static bool learn_probe(struct tracer *tracer, struct err *err)
{
    const char *path = tracer->config.probe_file;
    struct mapping mapping;
    if (!path)
        return true;
    cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *text = fd < 0 ? MAP_FAILED : mmap(NULL, 1, PROT_READ, MAP_PRIVATE, fd, 0);
    if (text == MAP_FAILED)
        return err_sys(err, "look at the probe, %s", path);
    errno = 0;
    bool is_known = mapping_at(getpid(), (uint64_t)(uintptr_t)text, &mapping) ||
                    err_sys(err, "find the probe, %s, in memory", path);
    munmap(text, 1);
    tracer->probe = (struct object_id){OBJECT_FILE, mapping.device, mapping.number};
    return is_known;
}

bool tracer_new(struct tracer **result, const struct tracer_config *config, struct err *err)
{
    struct tracer *tracer = calloc(1, sizeof *tracer);
    if (!tracer)
        return err_set(err, "make a tracer: out of memory");
    tracer->config = *config;
    tracer->signal_fd = -1;
    if (!learn_vocabulary(tracer)) {
        tracer_free(tracer);
        return err_set(err, "make a tracer: out of memory");
    }
    if (!library_learn(tracer, err) || !learn_probe(tracer, err) || !listen_for_children(tracer, err) ||
        !learn_pipe_device(tracer, err) ||
        (!socket_learn_device(tracer) && !err_sys(err, "make a pair of sockets"))) {
        tracer_free(tracer);
        return false;
    }
    *result = tracer;
    return true;
}

bool tracer_seize(struct tracer *tracer, pid_t pid, int actor, struct process **process, struct err *err)
{
    pid_t tgid, ppid, inner;
    if (ptrace(PTRACE_SEIZE, pid, 0, options) != 0)
        return err_sys(err, "trace process %d", (int)pid);
    errno = 0;
    struct member *member =
        procfs_ids(tracer, pid, &tgid, &ppid, &inner) ? tasks_new_member(tracer, pid, NULL) : NULL;
    if (!member || !tasks_add(tracer, pid, member))
        return err_sys(err, "look at process %d, which is to be traced", (int)pid);
    member->pub.inner_pid = inner;
    member->pub.actor = actor;
    member->pub.is_main = true;
    *process = &member->pub;
    return true;
}

/* Children that had not been seen before their makers were killed. */
static void kill_unknown(void)
{
    int status;
    pid_t tid;
    while ((tid = waitpid(-1, &status, __WALL | WNOHANG)) > 0)
        if (WIFSTOPPED(status)) {
            kill(tid, SIGKILL);
            ptrace(PTRACE_CONT, tid, 0, 0);
        }
}

/* First told to go on: it may stand on its way out, where nobody could tell it, and have no status left. */
static void reap_task(pid_t tid)
{
    int status = 0;
    do {
        if (ptrace(PTRACE_CONT, tid, 0, SIGKILL) < 0 && errno != ESRCH)
            break;
    } while (waitpid(tid, &status, __WALL) == tid && WIFSTOPPED(status));
}

/* A thread that nobody had seen when its process was killed may stop on its way out only behind kill_unknown(), and keep its leader's status back for ever. No more of them come. */
static void reap_unseen_threads(pid_t pid)
{
    cleanup_pids struct pids threads = pids_of_tasks(pid);
    for (pid_t tid; (tid = pids_next(&threads));)
        if (tid != pid)
            reap_task(tid);
}

/* Threads first: a leader's status is kept back until they are gone. */
static void reap(struct tracer *tracer, bool leaders)
{
    for (size_t i = 0; i < tracer->task_count; i++) {
        pid_t tid = tracer->tasks[i]->pub.tid;
        if ((tid == tracer->tasks[i]->pub.process->pid) != leaders)
            continue;
        if (leaders)
            reap_unseen_threads(tid);
        reap_task(tid);
    }
}

/* False where one could not be killed: then nobody is waited for, and all of them end with us (PTRACE_O_EXITKILL). */
static bool kill_known(const struct tracer *tracer)
{
    bool are_killed = true;
    for (size_t i = 0; i < tracer->task_count; i++)
        are_killed &= kill(tracer->tasks[i]->pub.process->pid, SIGKILL) == 0 || errno == ESRCH;
    return are_killed;
}

static void restore_signals(const struct tracer *tracer)
{
    if (tracer->old_handler != SIG_ERR)
        signal(SIGCHLD, tracer->old_handler);
    sigprocmask(SIG_SETMASK, &tracer->old_mask, NULL);
}

void tracer_free(struct tracer *tracer)
{
    if (!tracer)
        return;
    if (kill_known(tracer)) {
        kill_unknown();
        reap(tracer, false);
        reap(tracer, true);
    }
    events_free(tracer);
    tasks_free(tracer);
    reader_end(tracer);
    source_forget(tracer);
    free(tracer->objects);
    free(tracer->attachments.items);
    socket_free(tracer);
    free(tracer->rows);
    free(tracer->deeds);
    if (tracer->signal_fd >= 0)
        close(tracer->signal_fd);
    if (tracer->has_mask)
        restore_signals(tracer);
    free(tracer);
}
