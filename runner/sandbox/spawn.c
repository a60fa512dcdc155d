/* Starting processes, the runner's side: streams are made here, the rest is child.c's. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "sandbox/child.h"
#include "sandbox/sandbox_private.h"
#include "sandbox/terminal.h"

/* Both ends of what is made for one spawn. Whatever is still here in the end is closed. */
struct streams {
    int socket;           /* the runner's end of the child's socket */
    int ours[3];          /* -1 where there is no pipe */
    int theirs[WIRE_FDS]; /* as child.h says: socket, then pipes */
    size_t their_count;
    int master, slave; /* a terminal that is lent, or -1 */
};

static void streams_close(struct streams *streams)
{
    if (streams->socket >= 0)
        close(streams->socket);
    for (int i = 0; i < 3; i++)
        if (streams->ours[i] >= 0)
            close(streams->ours[i]);
    for (size_t i = 0; i < streams->their_count; i++)
        close(streams->theirs[i]);
    if (streams->master >= 0)
        close(streams->master);
    if (streams->slave >= 0)
        close(streams->slave);
}

/* Where the sandbox has no terminals of its own. */
static bool lend_terminal(const struct sandbox *sandbox, struct streams *streams, uid_t owner,
                          struct err *err)
{
    if (!terminal_open(&streams->master, &streams->slave, sandbox->ground.is_root ? owner : (uid_t)-1, err))
        return false;
    int theirs = fcntl(streams->slave, F_DUPFD_CLOEXEC, 0);
    if (theirs < 0)
        return err_sys(err, "lend a terminal");
    streams->theirs[streams->their_count++] = theirs;
    return true;
}

static bool needs_lent_terminal(const struct sandbox *sandbox, const struct spawn *spawn)
{
    return (sandbox->ground.lacks & LACKS_DEVPTS) &&
           (spawn->in == SPAWN_TERMINAL || spawn->out == SPAWN_TERMINAL);
}

/* `stream` is 0, 1 or 2. The file behind the pipe is given to the student, who may open /dev/stdout. */
static bool add_pipe(struct streams *streams, int stream, uid_t owner, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_sys(err, "make a pipe for standard stream %d", stream);
    int ours = stream == 0 ? ends[1] : ends[0];
    streams->ours[stream] = ours;
    streams->theirs[streams->their_count++] = stream == 0 ? ends[0] : ends[1];
    if (owner != geteuid() && fchown(ours, owner, (gid_t)-1) < 0)
        return err_sys(err, "give a pipe to the student");
    return fcntl(ours, F_SETFL, O_NONBLOCK) == 0 || err_sys(err, "set up a pipe");
}

static bool make_streams(const struct sandbox *sandbox, const struct spawn *spawn, struct streams *streams,
                         struct err *err)
{
    int ends[2], yes = 1;
    uid_t owner =
        sandbox->ground.outer_student + (spawn->is_other_user ? SANDBOX_OTHER_UID - SANDBOX_STUDENT_UID : 0);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return err_sys(err, "make a socket for a process");
    streams->socket = ends[0];
    streams->theirs[streams->their_count++] = ends[1];
    if (setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) < 0)
        return err_sys(err, "ask for credentials on a process's socket");
    return (spawn->in != SPAWN_PIPE || add_pipe(streams, 0, owner, err)) &&
           (spawn->out != SPAWN_PIPE || add_pipe(streams, 1, owner, err)) &&
           add_pipe(streams, 2, owner, err) &&
           (!needs_lent_terminal(sandbox, spawn) || lend_terminal(sandbox, streams, owner, err));
}

static bool add_texts(struct bytes *data, char *const *texts, size_t *count)
{
    for (*count = 0; texts && texts[*count]; ++*count)
        if (!bytes_add(data, texts[*count], strlen(texts[*count]) + 1, WIRE_MAX))
            return false;
    return true;
}

static bool send_order(struct sandbox *sandbox, const struct spawn *spawn, const struct streams *streams,
                       struct err *err)
{
    cleanup_bytes struct bytes data = {0};
    cleanup_message struct wire_message got = WIRE_EMPTY;
    struct child_order order = {.in = spawn->in,
                                .out = spawn->out,
                                .is_other_user = spawn->is_other_user,
                                .has_terminal = streams->master >= 0,
                                .limits = {spawn->cpu_seconds, spawn->memory_bytes, spawn->file_bytes,
                                           spawn->msgqueue_bytes, spawn->nofile, spawn->processes}};
    bool is_whole = bytes_add(&data, &order, sizeof order, WIRE_MAX) &&
                    bytes_add(&data, spawn->path, strlen(spawn->path) + 1, WIRE_MAX) &&
                    add_texts(&data, spawn->argv, &order.arg_count) &&
                    add_texts(&data, spawn->envp, &order.env_count);
    if (!is_whole || data.len >= WIRE_MAX) {
        errno = memory_was_short() ? ENOMEM : E2BIG;
        return err_sys(err, "start %s", spawn->path);
    }
    memcpy(data.data, &order, sizeof order);
    struct wire_head head = {.kind = WIRE_SPAWN, .len = data.len};
    return sandbox_order(sandbox, &head, data.data, streams->theirs, streams->their_count, &got, err);
}

static bool keep_waiting(struct sandbox *sandbox, pid_t inner_pid, int *socket, struct err *err)
{
    struct waiting *more = realloc(sandbox->waiting, (sandbox->waiting_count + 1) * sizeof *more);
    if (!more)
        return err_sys(err, "make room for a process");
    sandbox->waiting = more;
    more[sandbox->waiting_count++] = (struct waiting){inner_pid, steal_fd(socket)};
    return true;
}

static bool take_streams(const struct spawn *spawn, struct streams *streams, struct wire_message *got,
                         struct spawned *spawned, struct err *err)
{
    bool is_lent = streams->master >= 0;
    int master = steal_fd(is_lent ? &streams->master : &got->fds[0]);
    spawned->terminal = steal_fd(is_lent ? &streams->slave : &got->fds[1]);
    spawned->to_stdin = spawn->in == SPAWN_TERMINAL ? master : steal_fd(&streams->ours[0]);
    spawned->from_stdout = spawn->out == SPAWN_TERMINAL ? master : steal_fd(&streams->ours[1]);
    spawned->from_stderr = steal_fd(&streams->ours[2]);
    return master < 0 || fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK) == 0 ||
           err_sys(err, "set up a terminal");
}

static bool await_ready(struct sandbox *sandbox, const struct spawn *spawn, struct streams *streams,
                        struct spawned *spawned, struct err *err)
{
    cleanup_message struct wire_message got = WIRE_EMPTY;
    struct child_ready ready;
    if (!wire_receive(streams->socket, &got, PATIENCE_MS, err)) {
        if (err)
            sandbox_answers(sandbox, err); /* it may have gone with init, which has said why */
        return false;
    }
    if (got.head.kind == WIRE_FAILED)
        return sandbox_failed(&got, err);
    if (got.data.len != sizeof ready)
        return err_set(err, "a process of the sandbox sent a malformed report");
    memcpy(&ready, got.data.data, sizeof ready);
    *spawned = (struct spawned){.pid = got.sender, .inner_pid = ready.pid};
    memcpy(spawned->stdin_id, ready.stream_id[0], sizeof spawned->stdin_id);
    memcpy(spawned->stdout_id, ready.stream_id[1], sizeof spawned->stdout_id);
    memcpy(spawned->stderr_id, ready.stream_id[2], sizeof spawned->stderr_id);
    if (!keep_waiting(sandbox, ready.pid, &streams->socket, err))
        return false;
    return take_streams(spawn, streams, &got, spawned, err);
}

bool sandbox_spawn(struct sandbox *sandbox, const struct spawn *spawn, struct spawned *spawned,
                   struct err *err)
{
    struct streams streams = {.socket = -1, .ours = {-1, -1, -1}, .master = -1, .slave = -1};
    if (spawn->is_other_user && (sandbox->ground.lacks & LACKS_OTHER_USER))
        return err_set(err, "there is no second user on this machine");
    bool is_ordered =
        make_streams(sandbox, spawn, &streams, err) && send_order(sandbox, spawn, &streams, err);
    for (size_t i = 0; i < streams.their_count; i++) /* so that the child's end shows the end of the child */
        close(streams.theirs[i]);
    streams.their_count = 0;
    bool is_there = is_ordered && await_ready(sandbox, spawn, &streams, spawned, err);
    streams_close(&streams);
    return is_there;
}

bool sandbox_go_begin(struct sandbox *sandbox, const struct spawned *spawned, int *report_fd, struct err *err)
{
    size_t at = sandbox->waiting_count;
    while (at > 0 && sandbox->waiting[at - 1].inner_pid != spawned->inner_pid)
        at--;
    if (at == 0)
        return err_set(err, "process %d does not wait to be let go", (int)spawned->inner_pid);
    *report_fd = sandbox->waiting[at - 1].socket;
    sandbox->waiting[at - 1] = sandbox->waiting[--sandbox->waiting_count];
    if (send(*report_fd, "", 1, MSG_NOSIGNAL) == 1)
        return true;
    err_sys(err, "let process %d go", (int)spawned->inner_pid);
    close(*report_fd);
    *report_fd = -1;
    return false;
}

bool sandbox_go(struct sandbox *sandbox, const struct spawned *spawned, struct err *err)
{
    cleanup_fd int report = -1;
    int number = 0;
    ssize_t len;
    if (!sandbox_go_begin(sandbox, spawned, &report, err))
        return false;
    while ((len = recv(report, &number, sizeof number, 0)) < 0 && errno == EINTR)
        ;
    if (len == 0)
        return true;
    if (len == sizeof number)
        errno = number;
    return err_sys(err, "execute the program");
}
