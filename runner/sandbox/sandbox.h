/* The sandbox of one case: fresh namespaces, an own init, limits, and processes started in it.
 *
 * The runner stays outside every namespace. Init is a fork of the runner (no exec), pid 1 of the sandbox where there are pid namespaces,
 * else a child subreaper; it takes orders over a socket pair and never runs the student's code itself. Each step (user, mount, pid, IPC, network, UTS
 * namespace, mounts, pivot_root, ...) is probed by doing it (doctor.h); what the machine does not allow is left out and told in `lacks`.
 *
 * Layer: sandbox (may name base and calls; not trace: the seccomp filter comes as data).
 * Sources: clone(2), user_namespaces(7), pid_namespaces(7), mount_namespaces(7), pivot_root(2), pty(7), unix(7) SCM_CREDENTIALS.
 */
#ifndef IPCGRADE_SANDBOX_SANDBOX_H
#define IPCGRADE_SANDBOX_SANDBOX_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/err.h"

struct sandbox;

enum { SANDBOX_STUDENT_UID = 1000, SANDBOX_OTHER_UID = 1001 }; /* as seen inside */
enum {
    SANDBOX_QUEUE_BYTES = 819200
}; /* of POSIX queues, where nothing is said: what the kernel's own RLIMIT_MSGQUEUE is */

/* A file that is put into the case's directory before anything runs (a program of the submission), or elsewhere. */
struct sandbox_file {
    const char *host_path;
    const char *
        path; /* inside; a name is in the case's directory, an absolute path is mounted over (bind, read-only) */
    mode_t
        mode; /* one without a right to read (0111) is readable all the same where the runner is an ordinary user */
};

/* Answers a question inside init, with init's rights (all capabilities over the sandbox), while the scene stands still. Set by the caller; runs in a process that
 * was forked from the runner before anything of the case happened, single-threaded. Adds the reply to *reply. */
typedef void sandbox_answer_fn(void *context, const void *question, size_t len, struct bytes *reply);

struct sandbox_config {
    const struct sandbox_file *files;
    size_t file_count;
    const char *const *
        hidden; /* host paths that must not be readable inside even if they lie in a system directory; NULL-terminated */
    size_t
        disk_bytes; /* of the case's directory, /tmp and /dev/shm together or each: 0 takes a default (64 MiB) */
    rlim_t
        queue_bytes; /* most that all POSIX queues inside may take, where the kernel counts neighbours' with them (sandbox_is_shared()); 0: no such bound */
    bool wants_other_user;
    bool
        is_traced; /* by the calling process, which may have to change its user for that (ground_join() in ground.h) */
    sandbox_answer_fn *answer;
    void (*depart)(
        void *
            answer_context); /* called in init when the runner has gone, where objects lie on the machine itself; may be NULL */
    void *answer_context;
    int held; /* a descriptor of the caller's that init keeps open to its own end, whatever becomes of the runner, and nobody else inside; 0: none */
    const struct sock_filter
        *filter; /* loaded by every spawned process just before it executes; may be NULL */
    size_t filter_length;
};

/* What the machine did not allow (bits; the environment variable IPCGRADE_WITHOUT=user,pid,mount,ipc,net,uts,proc,mqueue,devpts,sysv,other plays such a machine). What depends on it is skipped by the caller. */
enum {
    LACKS_USER_NS = 1,
    LACKS_PID_NS = 2,
    LACKS_MOUNT_NS = 4,
    LACKS_IPC_NS = 8,
    LACKS_NET_NS = 16,
    LACKS_UTS_NS = 32,
    LACKS_PROC = 64,
    LACKS_MQUEUE = 128,
    LACKS_OTHER_USER = 256,
    LACKS_DEVPTS = 512,
    LACKS_SYSV = 1024,
};

/* Make the sandbox and its init. False with *err when not even a bare one can be made. */
bool sandbox_open(struct sandbox **sandbox, const struct sandbox_config *config, struct err *err);

/* Do all sandboxes of this process share what the kernel grants to one user? */
bool sandbox_is_shared(void);

unsigned sandbox_lacks(const struct sandbox *sandbox);
bool sandbox_has_own_ids(const struct sandbox *sandbox); /* outside, no other process is the student's user */
/* Does a process that nobody follows get no System V object and no POSIX queue here? So it is where they would be the machine's, and init cannot make them in its name (broker.h). */
bool sandbox_refuses_objects(const struct sandbox *sandbox);
pid_t sandbox_init_pid(const struct sandbox *sandbox); /* as the runner counts */
const char *
sandbox_directory(const struct sandbox *sandbox); /* the case's directory as seen inside, "/case" */

/* Is this a file of the system, as seen inside: neither the case's, nor one without a name, nor one that anybody inside could have put there? */
bool sandbox_is_system(const struct sandbox *sandbox, const char *path);

enum spawn_stream {
    SPAWN_TERMINAL, /* one terminal without echo and output processing: stdin and stdout both */
    SPAWN_PIPE,
    SPAWN_NONE, /* /dev/null */
    SPAWN_FULL, /* /dev/full */
    SPAWN_CLOSED,
};

struct spawn {
    const char *path;          /* inside: absolute or relative to the directory */
    char *const *argv;         /* NULL-terminated */
    char *const *envp;         /* NULL-terminated */
    enum spawn_stream in, out; /* stderr is always a pipe */
    bool is_other_user;
    rlim_t cpu_seconds, memory_bytes, file_bytes,
        msgqueue_bytes; /* 0 or RLIM_INFINITY: none. Core files are never written. */
    rlim_t nofile;      /* set at once; a smaller limit for the entry point is the tracer's business */
    rlim_t
        processes; /* RLIMIT_NPROC, counted over the user in the sandbox; 0: none (the tracer's business) */
};

struct spawned {
    pid_t pid;       /* as the runner counts: to be seized */
    pid_t inner_pid; /* as the sandbox counts */
    int to_stdin; /* write end of a stdin pipe, or the terminal's master (the same number as from_stdout if that is one too), or -1. Non-blocking. */
    int from_stdout; /* read end, or the master, or -1. Non-blocking. */
    int from_stderr; /* read end, non-blocking */
    int terminal; /* the runner's own descriptor of the slave side, or -1: keeps the terminal alive, poll() on it is a barrier for what was sent */
    unsigned long stdin_id[2], stdout_id[2],
        stderr_id[2]; /* st_dev, st_ino of the child's side: to recognise the streams */
};

/* Make the process; it waits, dumpable, uid set, limits set, not yet executed and without filter, until sandbox_go(). The session leader of its terminal is a
 * process of ours; the actor is in a foreground process group of its own. Descriptors in *spawned are the caller's. */
bool sandbox_spawn(struct sandbox *sandbox, const struct spawn *spawn, struct spawned *spawned,
                   struct err *err);

/* Let it load the filter and execute. What goes wrong in the child before or at exec (ENOENT, ENOEXEC) arrives here: false with err->number. */
bool sandbox_go(struct sandbox *sandbox, const struct spawned *spawned, struct err *err);

/* The two halves of sandbox_go() for a caller that traces: `execve` of a traced process only ends when the tracer lets it. begin() lets it run; the descriptor
 * report_fd becomes readable (end of file: executed, or died before; an int: the errno). The caller closes it. */
bool sandbox_go_begin(struct sandbox *sandbox, const struct spawned *spawned, int *report_fd,
                      struct err *err);

/* Send a question to config->answer in init and wait for its reply. `reply` is cleared first. */
bool sandbox_ask(struct sandbox *sandbox, const void *question, size_t len, struct bytes *reply,
                 struct err *err);

/* Is init still there? When it dies, the kernel kills all others with it, as if by SIGKILL; before the first of them is seen dead, it has ceased to answer. So an answer proves that
 * whatever was seen so far was nobody's but theirs (pid_namespaces(7)). The same of the leaders of sessions: one that ends is seen to end before its session hears of it;
 * err->number is EOWNERDEAD then. */
bool sandbox_answers(struct sandbox *sandbox, struct err *err);

/* What all inside do together, where nobody traces them: processor time used so far, and whether everybody sleeps (nobody runs, could run, or waits for a disk). */
bool sandbox_look(struct sandbox *sandbox, uint64_t *cpu_ms, bool *is_asleep, struct err *err);

/* Kill everything inside except init, and reap it, those that the caller traces included: their statuses are taken here, a tracer has nothing to wait for
 * afterwards. Leaders of sessions go too. The IPC objects and files remain for inspection. */
bool sandbox_kill_all(struct sandbox *sandbox, struct err *err);

/* Does `runner`, a child of the caller who has sandboxes open, sleep behind a pipe that a program in them holds by splice(2) or sendfile(2), where no signal reaches him? That is proved when it was so at
 * two looks with the same count of `sleeps`: neither he nor who holds the pipe has been awake in between. False, too, where /proc does not tell.
 */
bool sandbox_holds(pid_t runner, uint64_t *sleeps);

/* `runner` was killed. What is in his sandboxes may keep him from his end: kills all of it but init, which clears up when he has gone. */
void sandbox_free_killed(pid_t runner);

/* This process and its forks may open as many files as the machine lets them; what a sandbox executes has the limit back that stood before. */
void sandbox_raise_files(void);
bool sandbox_usual_files(struct err *err); /* back to it */

/* Limit a process of the sandbox that runs already, softly and hard, as setrlimit(2) would from inside. */
bool sandbox_limit(pid_t pid, int resource, rlim_t value, struct err *err);

/* Copy an open file into the case's directory, as a file of struct sandbox_file with a relative path and a writable mode. */
bool sandbox_put(struct sandbox *sandbox, int fd, const char *path, mode_t mode, struct err *err);

/* Open a file below the case's directory for reading, through no symbolic link, without ever waiting. What it is, is for the caller to see by fstat(2). */
bool sandbox_take(struct sandbox *sandbox, const char *path, int *fd, struct err *err);

/* Remove what System V objects are left, end init, let go of everything. Never fails; safe on NULL. */
void sandbox_close(struct sandbox *sandbox);

#endif
