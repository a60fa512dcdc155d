/* Init's loop: one order, one answer, and in between reaping of orphans.
 *
 * It waits for nobody but the runner: no order makes it wait for a student's process, except WIRE_REAP after everything was killed. All
 * signals are blocked; inside a pid namespace nobody but the runner could kill it anyway, not even by kill(-1, SIGKILL).
 */
#include "sandbox/init.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "sandbox/account.h"
#include "sandbox/cargo.h"
#include "sandbox/child.h"
#include "sandbox/doing.h"
#include "sandbox/fence.h"
#include "sandbox/kill.h"
#include "sandbox/leavings.h"
#include "sandbox/objects.h"
#include "sandbox/wire.h"

/* Where it cannot be sent, init ends, and why is its last word (init_live). */
static bool answer(struct init *init, const struct wire_head *head, const void *data, const int *fds,
                   size_t fd_count)
{
    return wire_send(init->control, head, data, fds, fd_count, &init->trouble);
}

static bool answer_done(struct init *init)
{
    struct wire_head head = {.kind = WIRE_DONE, .lacks = init->world.ground.lacks};
    return answer(init, &head, NULL, NULL, 0);
}

static bool answer_failed(struct init *init, const struct err *err)
{
    struct wire_head head = {
        .kind = WIRE_FAILED, .number = err->number, .lacks = init->world.failed, .len = strlen(err->text)};
    return answer(init, &head, err->text, NULL, 0);
}

static bool answer_as(struct init *init, bool is_done, const struct err *err)
{
    return is_done ? answer_done(init) : answer_failed(init, err);
}

/* Take in whoever has ended. */
static void reap(struct init *init)
{
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
        for (size_t i = 0; i < INIT_LEADERS; i++)
            if (init->leaders[i] == pid) {
                init->leaders[i] = 0;
                init->has_lost_leader = true;
            }
}

/* ---- orders ---------------------------------------------------------------------------------------------------------- */

/* With ids mapped from root, init becomes the sandbox's own root: from here on it has no hold on the machine's files. */
static bool become_root_inside(const struct init *init, struct err *err)
{
    const struct ground *ground = &init->world.ground;
    if (!(ground->flags & CLONE_NEWUSER) || !ground->is_root)
        return true;
    if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
        return err_sys(err, "become root of the sandbox");
    return true;
}

/* Better to begin again on another ground than to break every case: each of its processes would be refused. */
static bool can_spawn(struct world *world, struct err *err)
{
    bool is_refused, can_nest = ground_can_nest(&world->ground, &is_refused, err);
    if (is_refused)
        world->failed = LACKS_USER_NS;
    return can_nest;
}

/* What is the machine's, and made by us in the name of others: it stays until we remove it. */
static bool lends(const struct world *world)
{
    return world_lends_objects(world) || world_lends_files(world);
}

static bool do_start(struct init *init, struct wire_message *order)
{
    struct err err = {0};
    (void)order;
    bool has_objects = init->world.ground.flags & CLONE_NEWIPC;
    bool is_done = become_root_inside(init, &err);
    bool are_limited = !has_objects || objects_limit(); /* /proc/sys is read-only soon */
    if (init->world.ground.flags & CLONE_NEWUSER)
        account_limit();
    is_done = is_done && world_make(&init->world, &err) && can_spawn(&init->world, &err) &&
              fence_scope(&init->world.ground, &err);
    /* After the change of user, which would undo it. Where something of the machine's is left init has still to tidy up: it sees the socket close. */
    if (init->world.ground.flags & CLONE_NEWPID && !lends(&init->world))
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (!is_done)
        return answer_failed(init, &err);
    struct wire_head head = {.kind = WIRE_DONE, .number = !are_limited, .lacks = init->world.ground.lacks};
    return answer(init, &head, NULL, NULL, 0);
}

static bool do_put(struct init *init, struct wire_message *order)
{
    struct err err = {0};
    bool is_done =
        cargo_put(&init->world, order->fds[0], bytes_text(&order->data), (mode_t)order->head.number, &err);
    return answer_as(init, is_done, &err);
}

static bool do_seal(struct init *init, struct wire_message *order)
{
    struct err err = {0};
    (void)order;
    bool is_done = world_seal(&init->world, init->config->hidden, &err);
    if (is_done && !(init->world.ground.flags & CLONE_NEWNS))
        is_done = fence_make(init->world.directory, init->config->hidden, world_tells_makers(&init->world),
                             &init->world.fence, &err);
    return answer_as(init, is_done, &err);
}

static bool do_take(struct init *init, struct wire_message *order)
{
    struct err err = {0};
    cleanup_fd int fd = -1;
    if (!cargo_take(&init->world, bytes_text(&order->data), &fd, &err))
        return answer_failed(init, &err);
    struct wire_head head = {.kind = WIRE_DONE};
    return answer(init, &head, NULL, &fd, 1);
}

static void add_leader(struct init *init, pid_t pid)
{
    for (size_t i = 0; i < INIT_LEADERS; i++)
        if (init->leaders[i] == 0) {
            init->leaders[i] = pid;
            return;
        }
}

static bool do_spawn(struct init *init, struct wire_message *order)
{
    const struct child_filter filter = {init->config->filter, init->config->filter_length};
    /* Root's objects would be of no use to another user. */
    bool is_lent = lends(&init->world) && !init->world.ground.is_root;
    cleanup_fd int broker = is_lent ? broker_invite(&init->broker) : -1;
    pid_t own = getpid(), pid = fork();
    if (pid == 0)
        child_lead(&init->world, own, &filter, broker, order);
    struct err err = {0};
    if (pid > 0)
        add_leader(init, pid);
    if (pid < 0)
        err_sys(&err, "fork in the sandbox");
    return answer_as(init, pid > 0, &err);
}

static bool do_ask(struct init *init, struct wire_message *order)
{
    cleanup_bytes struct bytes reply = {0};
    struct err err = {0};
    if (!init->config->answer) {
        err_set(&err, "the sandbox was asked, but nobody is there to answer");
        return answer_failed(init, &err);
    }
    init->config->answer(init->config->answer_context, bytes_text(&order->data), order->data.len, &reply);
    if (memory_was_short()) /* the reply may lack something */
        return answer_as(init, err_set(&err, "memory was short in the sandbox"), &err);
    struct wire_head head = {.kind = WIRE_DONE, .len = reply.len};
    return answer(init, &head, reply.data, NULL, 0);
}

static bool do_kill(struct init *init, struct wire_message *order)
{
    (void)order;
    memset(init->leaders, 0, sizeof init->leaders); /* from now on they end by us */
    if (!kill_all(&init->world.ground)) {
        struct err err = {0};
        err_sys(&err, "kill all in the sandbox");
        answer_failed(init, &err);
        return false; /* init ends, and the kernel does it */
    }
    broker_end(&init->broker);
    bool are_named = kill_name_rest(&init->world.ground, init->control);
    struct wire_head head = {.kind = WIRE_DONE, .number = !are_named};
    return answer(init, &head, NULL, NULL, 0);
}

static bool do_reap(struct init *init, struct wire_message *order)
{
    (void)order;
    kill_reap(&init->world.ground);
    return answer_done(init);
}

/* Without a namespace of our own only those are ours to remove of which the owner tells whose they are. */
static bool remove_objects(const struct ground *ground, struct err *err)
{
    if (ground->flags & CLONE_NEWIPC) {
        objects_remove_all();
        return true;
    }
    return !ground->has_own_ids || ground->flags & CLONE_NEWUSER ||
           (objects_remove_of(ground->student, err) && objects_remove_of(ground->other, err));
}

static bool do_clean(struct init *init, struct wire_message *order)
{
    struct err err = {0};
    (void)order;
    bool is_done = remove_objects(&init->world.ground, &err);
    if (!(init->world.ground.lacks & LACKS_MQUEUE))
        objects_remove_queues();
    return answer_as(init, is_done, &err);
}

/* A leader that ends takes its terminal away from the session, whose processes get SIGHUP: what they did then was not their doing. */
static bool do_ping(struct init *init, struct wire_message *order)
{
    struct err err = {0};
    (void)order;
    reap(init);
    for (size_t i = 0; i < INIT_LEADERS; i++)
        init->has_lost_leader |= init->leaders[i] > 0 && kill_is_ending(init->leaders[i]);
    if (init->has_lost_leader) {
        err_set(&err, "the process that leads a session of the sandbox was killed");
        err.number = EOWNERDEAD;
    }
    return answer_as(init, !init->has_lost_leader, &err);
}

static bool do_look(struct init *init, struct wire_message *order)
{
    struct doing doing;
    (void)order;
    doing_look(&init->world.ground, &doing);
    struct wire_head head = {.kind = WIRE_DONE, .len = sizeof doing};
    return answer(init, &head, &doing, NULL, 0);
}

static bool (*const orders[])(struct init *, struct wire_message *) = {
    [WIRE_START] = do_start, [WIRE_PUT] = do_put,   [WIRE_SEAL] = do_seal, [WIRE_TAKE] = do_take,
    [WIRE_SPAWN] = do_spawn, [WIRE_ASK] = do_ask,   [WIRE_KILL] = do_kill, [WIRE_REAP] = do_reap,
    [WIRE_CLEAN] = do_clean, [WIRE_PING] = do_ping, [WIRE_LOOK] = do_look,
};

static bool obey(struct init *init)
{
    cleanup_message struct wire_message order = WIRE_EMPTY;
    return wire_receive(init->control, &order, WIRE_FOR_EVER, &init->trouble) &&
           order.head.kind < sizeof orders / sizeof *orders && orders[order.head.kind](init, &order);
}

/* ---- life ------------------------------------------------------------------------------------------------------------ */

static void reap_orphans(struct init *init, int signals)
{
    struct signalfd_siginfo unused;
    while (read(signals, &unused, sizeof unused) > 0)
        ;
    reap(init);
}

/* Keep the control socket, the place, what is to be held and, for a crash report, standard error; what else the runner has open is none of our business. */
static bool let_go_of_descriptors(struct init *init)
{
    enum { CONTROL = 3 };
    int held = init->config->held > 0 ? fcntl(init->config->held, F_DUPFD_CLOEXEC, CONTROL + 1) : -1;
    if (init->config->held > 0 && held < 0)
        return err_sys(&init->trouble, "hold a descriptor in the sandbox");
    if (init->control != CONTROL && dup3(init->control, CONTROL, O_CLOEXEC) < 0)
        return err_sys(&init->trouble, "keep the sandbox's socket");
    init->control = CONTROL;
    place_narrow(&init->place, init->world.ground.flags);
    place_close_others(&init->place, CONTROL + 1, held);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null >= 0) {
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
        close(null);
    }
    return true;
}

static bool block_signals(struct init *init, int *signals)
{
    sigset_t all, children;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    signal(SIGCHLD, SIG_DFL); /* ignoring it would reap behind our back */
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    *signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
    return *signals >= 0 || err_sys(&init->trouble, "make a descriptor for SIGCHLD in the sandbox");
}

/* What a student must not have, and what we must. */
static bool settle(struct init *init)
{
    bool may_be_seen = !(init->world.ground.flags & CLONE_NEWUSER); /* by a student with our user */
    setsid();
    prctl(PR_SET_NAME, "ipcgrade-init", 0, 0, 0);
    syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING,
            NULL); /* an empty one: the runner's own is nobody's business */
    return (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ||
            err_sys(&init->trouble, "do without new privileges in the sandbox")) &&
           (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 ||
            err_sys(&init->trouble, "take in orphans in the sandbox")) &&
           (!may_be_seen || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 ||
            err_sys(&init->trouble, "hide our memory in the sandbox"));
}

/* Until the runner goes, or something forbids it. */
static void serve(struct init *init, int signals)
{
    enum { OWN = 2 };
    struct pollfd wait[OWN + BROKER_LINES] = {{.fd = init->control, .events = POLLIN},
                                              {.fd = signals, .events = POLLIN}};
    for (;;) {
        broker_wait(&init->broker, &wait[OWN]);
        if (poll(wait, OWN + BROKER_LINES, -1) < 0) {
            if (errno == EINTR)
                continue;
            err_sys(&init->trouble, "wait in the sandbox");
            return;
        }
        broker_answer(&init->broker, &wait[OWN]);
        if (wait[1].revents)
            reap_orphans(init, signals);
        if (wait[0].revents && !obey(init))
            return;
    }
}

void init_live(struct init *init)
{
    int signals;
    if (let_go_of_descriptors(init) && block_signals(init, &signals) && settle(init))
        serve(init, signals);
    if (*init->trouble.text && init->trouble.number != EPIPE) /* else the runner has gone */
        answer_failed(init, &init->trouble);
    if (!(init->world.ground.flags & CLONE_NEWPID)) {
        kill_all(&init->world.ground);
        kill_reap(&init->world.ground);
        remove_objects(&init->world.ground, NULL); /* the runner was killed: nobody has asked for it */
    }
    broker_end(&init->broker);
    bool is_apart = (init->world.ground.flags & CLONE_NEWIPC) && (init->world.ground.flags & CLONE_NEWNS);
    if (!is_apart && init->config->depart)
        init->config->depart(init->config->answer_context);
    if (!(init->world.ground.flags & CLONE_NEWNS)) {
        cargo_remove_all(init->world.directory);
        leavings_remove(&init->world.ground);
    }
    _exit(0);
}
