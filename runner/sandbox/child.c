/* Leader and process; see child.h for the theory. Everything here runs after a fork of init, so it may change what it likes about itself; it
 * reports what goes wrong over the child's socket and then ends.
 */
#include "sandbox/child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "sandbox/broker.h"
#include "sandbox/fence.h"
#include "sandbox/terminal.h"

enum { STREAMS = 3, SOCKET_FD = 3, LIFTED = 10, CAPABILITIES = 64 };

struct child {
    const struct world *world;
    const struct child_filter *filter;
    struct wire_message *message;
    struct child_order order;
    pid_t init;
    int broker;
    int socket;
    int master, slave; /* -1 without a terminal */
    char *path;
    char **argv, **envp;
};

/* ---- what was ordered ------------------------------------------------------------------------------------------------ */

/* `count` pointers to the texts at *at, NULL-terminated; NULL when the message is too short. */
static char **texts_at(char **at, const char *end, size_t count)
{
    char **texts = calloc(count + 1, sizeof *texts);
    for (size_t i = 0; texts && i < count; i++) {
        if (*at >= end) {
            free(texts);
            return NULL;
        }
        texts[i] = *at;
        *at += strlen(*at) + 1;
    }
    return texts;
}

static bool read_order(struct child *child, struct err *err)
{
    struct bytes *data = &child->message->data;
    if (data->len <= sizeof child->order || data->data[data->len - 1] != '\0')
        return err_set(err, "an order to start a process is malformed");
    memcpy(&child->order, data->data, sizeof child->order);
    char *at = data->data + sizeof child->order, *end = data->data + data->len;
    child->path = at;
    at += strlen(at) + 1;
    child->argv = texts_at(&at, end, child->order.arg_count);
    child->envp = texts_at(&at, end, child->order.env_count);
    return (child->argv && child->envp) || err_set(err, "an order to start a process is malformed");
}

static _Noreturn void give_up(const struct child *child, const struct err *err)
{
    struct wire_head head = {.kind = WIRE_FAILED, .number = err->number, .len = strlen(err->text)};
    wire_send(child->socket, &head, err->text, NULL, 0, NULL);
    _exit(127);
}

/* ---- the leader ------------------------------------------------------------------------------------------------------ */

static uid_t user_of(const struct child *child)
{
    return child->order.is_other_user ? child->world->ground.other : child->world->ground.student;
}

/* The last descriptor of the order, if the runner lends one. */
static int lent_terminal(const struct child *child)
{
    int last = -1;
    for (size_t i = 0; i < WIRE_FDS && child->message->fds[i] >= 0; i++)
        last = child->message->fds[i];
    return last;
}

static bool take_terminal(struct child *child, struct err *err)
{
    uid_t owner = child->world->ground.is_root ? user_of(child) : (uid_t)-1;
    if (child->order.has_terminal)
        child->slave = lent_terminal(child);
    else if (!terminal_open(&child->master, &child->slave, owner, err))
        return false;
    return ioctl(child->slave, TIOCSCTTY, 0) == 0 || err_sys(err, "make it the session's terminal");
}

/* Reaps what is its child until it is killed with everything else. Signals are blocked, so nothing but SIGKILL ends it. */
static _Noreturn void look_after(void)
{
    closefrom(
        0); /* our copy of the child's socket too, by whose end the runner knows that the child has executed */
    for (;;)
        if (waitpid(-1, NULL, 0) < 0 && errno == ECHILD)
            pause();
}

/* ---- the process ----------------------------------------------------------------------------------------------------- */

static int stream_source(struct child *child, enum spawn_stream kind, size_t *pipe)
{
    switch (kind) {
    case SPAWN_TERMINAL: return child->slave;
    case SPAWN_PIPE: return child->message->fds[(*pipe)++];
    case SPAWN_NONE: return open("/dev/null", O_RDWR | O_CLOEXEC);
    case SPAWN_FULL: return open("/dev/full", O_RDWR | O_CLOEXEC);
    case SPAWN_CLOSED: return -1;
    }
    return -1;
}

/* Sources may lie in each other's places, so all are lifted first. Leaves 0, 1, 2, the socket and, until it is told, the terminal. */
static bool set_streams(struct child *child, struct err *err)
{
    enum spawn_stream kinds[STREAMS] = {child->order.in, child->order.out, SPAWN_PIPE};
    int lifted[STREAMS];
    size_t pipe = 1;
    for (int i = 0; i < STREAMS; i++) {
        int source = stream_source(child, kinds[i], &pipe);
        lifted[i] = source < 0 ? -1 : fcntl(source, F_DUPFD_CLOEXEC, LIFTED);
        if (lifted[i] < 0 && kinds[i] != SPAWN_CLOSED)
            return err_sys(err, "open standard stream %d", i);
    }
    int socket = fcntl(child->socket, F_DUPFD_CLOEXEC, LIFTED);
    if (socket < 0)
        return err_sys(err, "keep a process's socket");
    child->socket = socket;
    for (int i = 0; i < STREAMS; i++) {
        if (lifted[i] < 0)
            close(i);
        else if (dup2(lifted[i], i) < 0)
            return err_sys(err, "set standard stream %d", i);
    }
    return true;
}

static bool set_limit(__rlimit_resource_t which, rlim_t wanted, rlim_t spare, struct err *err)
{
    struct rlimit limit;
    if (wanted == 0 || wanted == RLIM_INFINITY)
        return true;
    if (getrlimit(which, &limit) < 0)
        return err_sys(err, "read a limit");
    limit.rlim_max = wanted + spare < limit.rlim_max ? wanted + spare : limit.rlim_max;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    return setrlimit(which, &limit) == 0 || err_sys(err, "set a limit");
}

/* What the runner's caller has set must not decide how deep a program may recurse. */
static bool set_usual_stack(struct err *err)
{
    enum { USUAL = 8 << 20 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) < 0)
        return err_sys(err, "read the limit of the stack");
    limit.rlim_cur = limit.rlim_max < USUAL ? limit.rlim_max : USUAL;
    return setrlimit(RLIMIT_STACK, &limit) == 0 || err_sys(err, "set the limit of the stack");
}

static bool set_limits(const struct spawn_limits *limits, struct err *err)
{
    static const struct rlimit none = {0, 0};
    enum { ONE_SECOND_FOR_SIGXCPU = 1 };
    return (setrlimit(RLIMIT_CORE, &none) == 0 || err_sys(err, "switch core files off")) &&
           set_usual_stack(err) && set_limit(RLIMIT_CPU, limits->cpu_seconds, ONE_SECOND_FOR_SIGXCPU, err) &&
           set_limit(RLIMIT_FSIZE, limits->file_bytes, 0, err) &&
           set_limit(RLIMIT_MSGQUEUE, limits->msgqueue_bytes, 0, err) &&
           set_limit(RLIMIT_NPROC, limits->processes, 0, err);
}

/* Those that would get in our own way before execve(2): by its limit of files a sender is measured, too, who gives descriptors away while others of this user have some under way
 * (unix(7), ETOOMANYREFS).
 */
static bool set_late_limits(const struct spawn_limits *limits, struct err *err)
{
    return sandbox_usual_files(err) && set_limit(RLIMIT_NOFILE, limits->nofile, 0, err) &&
           set_limit(RLIMIT_AS, limits->memory_bytes, 0, err);
}

static void drop_bounding_set(void)
{
    for (int i = 0; i < CAPABILITIES; i++)
        if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0)
            return;
}

/* See child.h for why the permitted capabilities stay until execve(2), which takes them away. */
static bool change_user(const struct child *child, struct err *err)
{
    uid_t uid = user_of(child);
    switch (child->world->ground.change) {
    case IDENTITY_SAME:
        drop_bounding_set(); /* a runner that is some kind of root: execve(2) would give its capabilities back */
        return true;
    case IDENTITY_NESTED:
        if (!ground_nest(err))
            return false;
        drop_bounding_set();
        return true;
    case IDENTITY_SETUID: break;
    }
    drop_bounding_set();
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 ||
        setresuid(uid, uid, uid) < 0)
        return err_sys(err, "change to user %u", uid);
    return true;
}

static void reset_signals(void)
{
    struct sigaction usual = {.sa_handler = SIG_DFL};
    for (int i = 1; i < NSIG; i++)
        sigaction(i, &usual, NULL);
}

/* Tell the runner that the process is there. Its pid in the runner's numbers comes with the message (SO_PASSCRED there). */
static bool report_ready(const struct child *child, struct err *err)
{
    struct child_ready ready = {.pid = getpid()};
    struct stat status;
    for (int i = 0; i < STREAMS; i++)
        if (fstat(i, &status) == 0) {
            ready.stream_id[i][0] = status.st_dev;
            ready.stream_id[i][1] = status.st_ino;
        }
    struct wire_head head = {.kind = WIRE_DONE, .len = sizeof ready};
    int terminal[] = {child->master, child->slave};
    return wire_send(child->socket, &head, &ready, terminal, child->master >= 0 ? 2 : 0, err);
}

static bool load_filter(const struct child *child, struct err *err)
{
    struct sock_fprog program = {.len = (unsigned short)child->filter->length,
                                 .filter = (struct sock_filter *)child->filter->filter};
    if (child->filter->length == 0)
        return true;
    /* SPEC_ALLOW: older kernels would otherwise slow the whole process down. */
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) == 0 ||
           err_sys(err, "load the filter");
}

/* What nobody follows would leave objects for good, where neither a namespace nor a user of its own tells whose they are: a build. */
static bool enter_fences(const struct child *child, struct err *err)
{
    const struct ground *ground = &child->world->ground;
    bool has_objects = world_lends_objects(child->world), has_files = world_lends_files(child->world);
    return fence_enter(child->world->fence, err) &&
           ((!has_objects && !has_files) || fence_makers(child->broker, has_objects, has_files, err)) &&
           (ground->flags & CLONE_NEWPID || fence_calls(&child->world->ours, err));
}

static bool prepare(struct child *child, struct err *err)
{
    setpgid(0, 0);
    if (child->slave >= 0 && tcsetpgrp(child->slave, getpid()) < 0) /* SIGTTOU is blocked */
        return err_sys(err, "put the process into the terminal's foreground");
    reset_signals();
    umask(BROKER_MASK);
    if (!set_streams(child, err))
        return false;
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* else our own files in /proc are not ours */
    ground_write("/proc/self/oom_score_adj", "1000", NULL);
    if (!change_user(child, err) || !set_limits(&child->order.limits, err))
        return false;
    if (!enter_fences(child, err))
        return false;
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* else nobody may trace us */
    return report_ready(child, err);
}

static _Noreturn void live(struct child *child)
{
    struct err err = {0};
    char go;
    if (!prepare(child, &err))
        give_up(child, &err);
    if (dup3(child->socket, SOCKET_FD, O_CLOEXEC) < 0)
        _exit(127);
    closefrom(SOCKET_FD + 1);
    ssize_t got;
    while ((got = recv(SOCKET_FD, &go, sizeof go, 0)) <= 0)
        if (got == 0 || errno != EINTR) /* 0: the runner has gone, and errno is an older one */
            _exit(127);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    errno = EINVAL;
    if (set_late_limits(&child->order.limits, &err) && load_filter(child, &err))
        execve(child->path, child->argv, child->envp);
    int number = errno;
    send(SOCKET_FD, &number, sizeof number, MSG_NOSIGNAL);
    _exit(127);
}

/* Without a pid namespace nobody else would end us when init is killed; and it may have been, just now. */
static bool die_with_init(const struct child *child, struct err *err)
{
    if (child->world->ground.flags & CLONE_NEWPID)
        return true;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
        return err_sys(err, "end with the sandbox");
    return getppid() == child->init || err_set(err, "the sandbox has ended");
}

void child_lead(const struct world *world, pid_t init, const struct child_filter *filter, int broker,
                struct wire_message *order)
{
    struct err err = {0};
    struct child child = {.world = world,
                          .filter = filter,
                          .message = order,
                          .init = init,
                          .broker = broker,
                          .socket = order->fds[0],
                          .master = -1,
                          .slave = -1};
    if ((setsid() < 0 && !err_sys(&err, "begin a session in the sandbox")) || !die_with_init(&child, &err) ||
        !read_order(&child, &err))
        give_up(&child, &err);
    bool has_terminal = child.order.in == SPAWN_TERMINAL || child.order.out == SPAWN_TERMINAL;
    if (has_terminal && !take_terminal(&child, &err))
        give_up(&child, &err);
    pid_t pid = fork();
    if (pid == 0)
        live(&child);
    if (pid < 0) {
        err_sys(&err, "fork in the sandbox");
        give_up(&child, &err);
    }
    look_after();
}
