/* The runner's side: make the sandbox, give orders, let it go.
 *
 * Theory of operation: init is a fork of the runner in new namespaces (ground.c). The runner writes its id maps, then everything goes by orders over
 * a socket pair (wire.h), one at a time: build the world (world.c), put files in, seal, spawn, ask, kill. What the machine refuses while the
 * world is built is left out, and the whole is begun again without it.
 */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sandbox/cargo.h"
#include "sandbox/doing.h"
#include "sandbox/fence.h"
#include "sandbox/kill.h"
#include "sandbox/objects.h"
#include "sandbox/own_directory.h"
#include "sandbox/sandbox_private.h"

enum { DEFAULT_DISK = 64 << 20 };

/* ---- orders ---------------------------------------------------------------------------------------------------------- */

bool sandbox_failed(const struct wire_message *message, struct err *err)
{
    err_set(err, "%s", bytes_text(&message->data));
    if (err)
        err->number = message->head.number;
    return false;
}

/* That init has ended is no error here: it may have said why, which is heard next. */
static bool tell(const struct sandbox *sandbox, const struct wire_head *head, const void *data,
                 const int *fds, size_t fd_count, struct err *err)
{
    struct err why = {0};
    if (wire_send(sandbox->control, head, data, fds, fd_count, &why) || why.number == EPIPE ||
        why.number == ECONNRESET)
        return true;
    if (err)
        *err = why;
    return false;
}

bool sandbox_order(struct sandbox *sandbox, const struct wire_head *head, const void *data, const int *fds,
                   size_t fd_count, struct wire_message *got, struct err *err)
{
    if (!tell(sandbox, head, data, fds, fd_count, err) ||
        !wire_receive(sandbox->control, got, PATIENCE_MS, err))
        return false;
    return got->head.kind != WIRE_FAILED || sandbox_failed(got, err);
}

static bool order_plain(struct sandbox *sandbox, enum wire_kind kind, struct err *err)
{
    cleanup_message struct wire_message got = WIRE_EMPTY;
    struct wire_head head = {.kind = kind};
    return sandbox_order(sandbox, &head, NULL, NULL, 0, &got, err);
}

bool sandbox_ask(struct sandbox *sandbox, const void *question, size_t len, struct bytes *reply,
                 struct err *err)
{
    cleanup_message struct wire_message got = WIRE_EMPTY;
    struct wire_head head = {.kind = WIRE_ASK, .len = len};
    bytes_clear(reply);
    if (!sandbox_order(sandbox, &head, question, NULL, 0, &got, err))
        return false;
    struct bytes old = *reply;
    *reply = got.data;
    got.data = old;
    return true;
}

bool sandbox_answers(struct sandbox *sandbox, struct err *err)
{
    cleanup_message struct wire_message got = WIRE_EMPTY;
    struct wire_head head = {.kind = WIRE_PING};
    struct err why = {0};
    if (sandbox_order(sandbox, &head, NULL, NULL, 0, &got, &why))
        return true;
    if (got.head.kind == WIRE_FAILED) {
        *err = why;
        return false;
    }
    return err_set(err, "the sandbox's own process is gone, and all others with it: %s", why.text);
}

bool sandbox_look(struct sandbox *sandbox, uint64_t *cpu_ms, bool *is_asleep, struct err *err)
{
    cleanup_message struct wire_message got = WIRE_EMPTY;
    struct wire_head head = {.kind = WIRE_LOOK};
    struct doing doing;
    if (!sandbox_order(sandbox, &head, NULL, NULL, 0, &got, err))
        return false;
    if (got.data.len != sizeof doing)
        return err_set(err, "the sandbox did not say what is done in it");
    memcpy(&doing, got.data.data, sizeof doing);
    *cpu_ms = doing.cpu_ms;
    *is_asleep = doing.is_asleep;
    return true;
}

bool sandbox_put(struct sandbox *sandbox, int fd, const char *path, mode_t mode, struct err *err)
{
    cleanup_message struct wire_message got = WIRE_EMPTY;
    struct wire_head head = {.kind = WIRE_PUT, .number = (int)mode, .len = strlen(path)};
    return sandbox_order(sandbox, &head, path, &fd, 1, &got, err);
}

bool sandbox_take(struct sandbox *sandbox, const char *path, int *fd, struct err *err)
{
    cleanup_message struct wire_message got = WIRE_EMPTY;
    struct wire_head head = {.kind = WIRE_TAKE, .len = strlen(path)};
    if (!sandbox_order(sandbox, &head, path, NULL, 0, &got, err))
        return false;
    *fd = steal_fd(&got.fds[0]);
    return *fd >= 0 || err_set(err, "the sandbox did not give %s out", path);
}

/* ---- making ---------------------------------------------------------------------------------------------------------- */

/* Where the directory lies is known only after the clone; the runner tells it in its first message. */
static _Noreturn void be_init(struct sandbox *sandbox, const struct sandbox_config *config, int control)
{
    struct init init = {.config = config, .control = control, .place = sandbox->place};
    struct wire_message where = WIRE_EMPTY;
    init.world.ground = sandbox->ground;
    init.world.directory = sandbox->directory;
    init.world.fence = -1;
    init.world.is_traced = config->is_traced;
    if (!(sandbox->ground.flags & CLONE_NEWPID))
        fence_find_ours(&init.world.ours);
    init.world.disk_bytes = config->disk_bytes ? config->disk_bytes : DEFAULT_DISK;
    close(sandbox->control);
    struct err err = {0};
    if (!wire_receive(control, &where, WIRE_FOR_EVER, &err) || where.head.kind != WIRE_START ||
        where.data.len >= sizeof sandbox->directory) {
        struct wire_head head = {.kind = WIRE_FAILED, .number = err.number, .len = strlen(err.text)};
        wire_send(control, &head, err.text, NULL, 0, NULL);
        _exit(1);
    }
    memcpy(sandbox->directory, bytes_text(&where.data), where.data.len + 1);
    wire_message_free(&where);
    init_live(&init);
}

static bool fork_init(struct sandbox *sandbox, const struct sandbox_config *config, struct err *err)
{
    int ends[2], yes = 1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return err_sys(err, "make a socket for the sandbox");
    sandbox->control = ends[0];
    if (setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) < 0) {
        close(ends[1]);
        return err_sys(err, "ask for credentials on the sandbox's socket");
    }
    /* Init holds the place as long as it lives, and removes what belongs to these ids. */
    bool has_place = ground_hold(&sandbox->ground, &sandbox->place, err);
    pid_t pid = has_place ? ground_clone(&sandbox->ground, err) : -1;
    if (pid == 0)
        be_init(sandbox, config, ends[1]);
    close(ends[1]);
    place_let_go(&sandbox->place);
    if (pid < 0)
        return false;
    sandbox->init = pid;
    snprintf(sandbox->directory, sizeof sandbox->directory, "/case");
    return true;
}

static bool start_init(struct sandbox *sandbox, const struct sandbox_config *config, unsigned *failed,
                       struct err *err)
{
    cleanup_message struct wire_message got = WIRE_EMPTY;
    struct wire_head where = {.kind = WIRE_START}, start = {.kind = WIRE_START};
    bool has_own = !(sandbox->ground.flags & CLONE_NEWNS);
    *failed = LACKS_USER_NS;
    if (!ground_map(&sandbox->ground, sandbox->init, err))
        return false;
    *failed = 0;
    if (has_own && !own_directory_name(sandbox, err))
        return false;
    /* Init knows of the directory before it is there: if we are killed, it takes it away. */
    where.len = strlen(sandbox->directory);
    if (!tell(sandbox, &where, sandbox->directory, NULL, 0, err) ||
        (has_own && !own_directory_make(sandbox, config->wants_other_user, err)))
        return false;
    bool is_started = sandbox_order(sandbox, &start, NULL, NULL, 0, &got, err);
    sandbox->is_started = is_started;
    if (!is_started) {
        *failed = got.head.lacks;
        return false;
    }
    sandbox->ground.lacks |= got.head.lacks;
    bool is_lost = false;
    if (got.head.number != 0 && !objects_limit_of(sandbox->init, &is_lost) && is_lost)
        return err_sys(err, "come back from the sandbox's objects");
    return true;
}

static bool put_files(struct sandbox *sandbox, const struct sandbox_config *config, struct err *err)
{
    for (size_t i = 0; i < config->file_count; i++) {
        const struct sandbox_file *file = &config->files[i];
        cleanup_fd int fd = open(file->host_path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            return err_sys(err, "open %s", file->host_path);
        if (!sandbox_put(sandbox, fd, file->path, file->mode, err))
            return false;
    }
    return order_plain(sandbox, WIRE_SEAL, err);
}

/* One try. `*failed` says what to leave out in the next. */
static bool try_open(struct sandbox *sandbox, const struct sandbox_config *config, unsigned *failed,
                     struct err *err)
{
    *failed = 0;
    return fork_init(sandbox, config, err) && start_init(sandbox, config, failed, err) &&
           put_files(sandbox, config, err);
}

/* What is open is let go, to be opened again by somebody who may trace. */
static bool join(struct sandbox *sandbox, struct err *err)
{
    struct ground ground = sandbox->ground;
    struct place place = PLACE_EMPTY;
    sandbox_close(sandbox);
    bool has_joined = ground_hold(&ground, &place, err) && ground_join(&ground, err);
    place_keep(&place); /* as the user, it is for good */
    return has_joined;
}

bool sandbox_open(struct sandbox **sandbox, const struct sandbox_config *config, struct err *err)
{
    unsigned without = ground_without(), failed;
    for (;;) {
        struct err trouble = {0};
        struct sandbox *new = calloc(1, sizeof *new);
        if (!new)
            return err_sys(err, "make room for a sandbox");
        new->control = -1;
        new->place = PLACE_EMPTY;
        ground_choose(&new->ground, without);
        new->ground.queue_bytes = config->queue_bytes;
        if (try_open(new, config, &failed, &trouble)) {
            if (config->is_traced && ground_must_join(&new->ground, config->wants_other_user)) {
                if (!join(new, err))
                    return false;
                continue;
            }
            *sandbox = new;
            return true;
        }
        sandbox_close(new);
        if (failed == 0 || (without | failed) == without) {
            if (err)
                *err = trouble;
            return false;
        }
        without |= failed;
    }
}

bool sandbox_is_shared(void)
{
    struct ground ground;
    ground_choose(&ground, ground_without());
    return ground_is_shared(&ground);
}

unsigned sandbox_lacks(const struct sandbox *sandbox)
{
    return sandbox->ground.lacks;
}

bool sandbox_has_own_ids(const struct sandbox *sandbox)
{
    return sandbox->ground.has_own_ids;
}

bool sandbox_refuses_objects(const struct sandbox *sandbox)
{
    const struct ground *ground = &sandbox->ground;
    bool are_the_machines = !ground->has_own_ids && !(ground->flags & CLONE_NEWIPC);
    return are_the_machines && (ground->is_root || !fence_can_ask());
}

pid_t sandbox_init_pid(const struct sandbox *sandbox)
{
    return sandbox->init;
}

const char *sandbox_directory(const struct sandbox *sandbox)
{
    return sandbox->directory;
}

static bool is_below(const char *path, const char *directory)
{
    size_t len = strlen(directory);
    return strncmp(path, directory, len) == 0 && path[len] == '/';
}

bool sandbox_is_system(const struct sandbox *sandbox, const char *path)
{
    bool is_shown = false;
    for (const char *const *root = world_system; *root; root++)
        is_shown |= is_below(path, *root);
    return is_shown && !is_below(path, sandbox->directory); /* which may lie anywhere without mounts */
}

/* ---- ending ---------------------------------------------------------------------------------------------------------- */

bool sandbox_kill_all(struct sandbox *sandbox, struct err *err)
{
    struct wire_head head = {.kind = WIRE_KILL};
    if (!tell(sandbox, &head, NULL, NULL, 0, err))
        return false;
    for (;;) {
        cleanup_message struct wire_message got = WIRE_EMPTY;
        if (!wire_receive(sandbox->control, &got, PATIENCE_MS, err))
            return false;
        if (got.head.kind == WIRE_TASK) {
            kill_reap_tracee(got.head.number ? got.head.number : got.sender);
            continue;
        }
        if (got.head.kind == WIRE_FAILED)
            return err_set(err, "%s", bytes_text(&got.data));
        while (got.head.number && kill_reap_tracees() > 0)
            ; /* they were killed, so this ends */
        break;
    }
    return order_plain(sandbox, WIRE_REAP, err);
}

/* Wait for init. The kernel lets it go only after all inside are reaped, our dead tracees too; usually that has been done. */
static void reap_init(struct sandbox *sandbox)
{
    enum { A_MOMENT_MS = 20 };
    cleanup_fd int pidfd = (int)syscall(SYS_pidfd_open, sandbox->init, 0);
    struct pollfd wait = {.fd = pidfd, .events = POLLIN};
    while (pidfd >= 0 && poll(&wait, 1, A_MOMENT_MS) <= 0)
        kill_reap_tracees();
    while (waitpid(sandbox->init, NULL, 0) < 0 && errno == EINTR)
        ;
}

void sandbox_close(struct sandbox *sandbox)
{
    if (!sandbox)
        return;
    if (sandbox->init > 0) {
        if (sandbox->is_started && sandbox_kill_all(sandbox, NULL))
            order_plain(sandbox, WIRE_CLEAN, NULL);
        close(sandbox->control);
        if (!sandbox->is_started || (sandbox->ground.flags & CLONE_NEWPID))
            kill(sandbox->init, SIGKILL);
        reap_init(sandbox);
    } else if (sandbox->control >= 0) {
        close(sandbox->control);
    }
    for (size_t i = 0; i < sandbox->waiting_count; i++)
        close(sandbox->waiting[i].socket);
    free(sandbox->waiting);
    own_directory_remove(sandbox);
    free(sandbox);
}
