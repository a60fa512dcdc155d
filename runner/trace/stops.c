/* The stops of tracees.
 *
 * Theory of operation. One loop of waitpid(-1, __WALL | WNOHANG) hands each status to stopped() or ended(). A stop is one of: the entry of a
 * traced call, the exit of one that was let in, an event (fork, exec, exit), a signal on its way to the task, a group stop. Each ends in exactly one
 * resume(), unless the task is to stay: held, ready (an agent), parked (frozen), or listening in a group stop. A request that gives ESRCH
 * means that the task was killed meanwhile: nothing is done, its status will come.
 *
 * Sources: ptrace(2), "Group-stop", "PTRACE_EVENT stops", "execve under ptrace".
 */
#include "trace/tracer.h"

#include <errno.h>
#include <seccomp.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Whoever polls without sleeping has a new status as soon as its last was handled: without an end there would be no time for a proof. */
enum { SYSCALL_STOP = SIGTRAP | 0x80, MOST_AT_ONCE = 256 };

void resume_by(struct tracee *tracee, int what, int signal)
{
    if (tracee->phase == PHASE_CODE || tracee->phase == PHASE_CALL || tracee->phase == PHASE_UNWATCHED)
        tracee->pub.state = TASK_RUNNING;
    tracee->pub.sleeps_unseen = false;
    request(tracee, what, 0, (uintptr_t)signal);
}

void resume(struct tracee *tracee, int signal)
{
    bool wants_exit = tracee->phase == PHASE_CALL || tracee->phase == PHASE_SKIPPED;
    resume_by(tracee, wants_exit ? PTRACE_SYSCALL : PTRACE_CONT, signal);
}

/* ---- entries and exits ---------------------------------------------------------------------------------------------- */

static bool get_info(struct tracee *tracee, struct __ptrace_syscall_info *info)
{
    return request(tracee, PTRACE_GET_SYSCALL_INFO, sizeof *info, (uintptr_t)info);
}

static void at_marker(struct tracee *tracee, uint64_t mailbox)
{
    struct trace_hooks *hooks = &tracee->tracer->config.hooks;
    tracee->mailbox = mailbox;
    tracee->phase = PHASE_READY;
    tracee->pub.is_ready = true;
    tracee->pub.now = NULL;
    tracee->pub.state = TASK_HELD;
    if (hooks->ready)
        hooks->ready(hooks->context, &tracee->pub);
}

/* A call without a row: a limit that is set, a stranger's marker, or the rest of an interrupted wait of which only the entry was asked for. */
static void pass_by(struct tracee *tracee, const struct __ptrace_syscall_info *info)
{
    const uint64_t nr = info->seccomp.nr;
    own_limit_note(tracee, info);
    if (tracee->phase == PHASE_UNWATCHED && nr == (uint64_t)SCMP_SYS(restart_syscall)) {
        tracee->nr = nr; /* it is still in it, under another number */
        return;
    }
    tracee->phase = PHASE_CODE;
    tracee->pub.now = NULL;
}

static void at_entry(struct tracee *tracee)
{
    struct __ptrace_syscall_info info;
    if (!get_info(tracee, &info))
        return;
    uint64_t nr = info.seccomp.nr;
    if (nr == AGENT_MARKER && tracee->pub.process->is_agent) {
        at_marker(tracee, info.seccomp.args[0]);
    } else if (tracee->tracer->is_frozen) {
        tracee->phase = PHASE_PARKED;
    } else if (nr == PROBE_MARKER && library_mark(tracee, &info)) {
        return;
    } else if (nr == (uint64_t)SCMP_SYS(restart_syscall) && tracee->again.event) {
        /* The rest of an interrupted wait: the same call, as its program sees it. */
        tracee->pub.now = tracee->again.event;
        tracee->again.event = NULL;
        tracee->pub.now->signal = 0;
        tracee->phase = PHASE_CALL;
        resume(tracee, 0);
    } else if (nr < tracee->tracer->row_count && tracee->tracer->rows[nr]) {
        enter_call(tracee, &info);
    } else {
        pass_by(tracee, &info);
        resume(tracee, 0);
    }
}

static void at_exit(struct tracee *tracee)
{
    struct __ptrace_syscall_info info;
    if (!get_info(tracee, &info))
        return;
    if (info.op != PTRACE_SYSCALL_INFO_EXIT ||
        (tracee->phase != PHASE_CALL && tracee->phase != PHASE_SKIPPED))
        resume(tracee, 0);
    else if (tracee->phase == PHASE_SKIPPED)
        leave_skipped(tracee);
    else
        leave_call(tracee, info.exit.rval);
}

/* ---- events ----------------------------------------------------------------------------------------------------------- */

static unsigned long event_message(struct tracee *tracee)
{
    unsigned long message = 0;
    request(tracee, PTRACE_GETEVENTMSG, 0, (uintptr_t)&message);
    return message;
}

static void at_fork(struct tracee *tracee, int event)
{
    pid_t child = (pid_t)event_message(tracee);
    /* It may have come, been adopted, and ended, all before this event of its parent: then it is nobody's to adopt again. */
    if (child > 0 && !tasks_find(tracee->tracer, child) && procfs_is_ours(tracee->tracer, child))
        tasks_adopt(tracee->tracer, child, tracee);
    tracee->has_vforked |= event == PTRACE_EVENT_VFORK;
    resume(tracee, 0); /* its exit is still to come */
}

static void cut_event(struct tracee *tracee)
{
    if (tracee->pub.now && !tracee->pub.now->call.is_done)
        tracee->pub.now->is_cut = true;
    if (tracee->again.event)
        tracee->again.event->is_cut = true;
    tracee->pub.now = tracee->again.event = NULL;
    library_cut(tracee);
}

/* Whoever executed has the process's number now, and its former leader has vanished without a status. */
static struct tracee *after_exec(struct tracer *tracer, struct tracee *leader, pid_t former)
{
    struct tracee *self = former == leader->pub.tid ? leader : tasks_find(tracer, former);
    if (!self || self == leader)
        return leader;
    cut_event(leader);
    tasks_bury(tracer, leader);
    tasks_rename(tracer, self, leader->pub.tid);
    return self;
}

static void at_exec(struct tracee *tracee)
{
    struct tracee *self = after_exec(tracee->tracer, tracee, (pid_t)event_message(tracee));
    self->is_leaving = false;
    image_changed(self);
    resume(self, 0);
}

/* Still there, for the last time: its children are not yet handed over to init. */
static void at_leaving(struct tracee *tracee)
{
    tracee->is_leaving = true;
    cpu_note((struct member *)tracee->pub.process);
    tracee->pub.process->zombies_at_end = process_zombies(tracee->tracer, tracee->pub.process);
    tracee->phase = PHASE_CODE;
    resume(tracee, 0);
}

static void at_stop_event(struct tracee *tracee, int signal)
{
    bool is_group_stop = signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
    if (!is_group_stop) {
        resume(tracee, 0);
        return;
    }
    if (request(tracee, PTRACE_LISTEN, 0, 0))
        tracee->pub.state = TASK_STOPPED;
}

static void at_event(struct tracee *tracee, int event, int signal)
{
    switch (event) {
    case PTRACE_EVENT_SECCOMP: at_entry(tracee); break;
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE: at_fork(tracee, event); break;
    case PTRACE_EVENT_EXEC: at_exec(tracee); break;
    case PTRACE_EVENT_EXIT: at_leaving(tracee); break;
    case PTRACE_EVENT_STOP: at_stop_event(tracee, signal); break;
    default: resume(tracee, 0);
    }
}

/* ---- signals ---------------------------------------------------------------------------------------------------------- */

static pid_t sender_of(const siginfo_t *info)
{
    bool has_sender = info->si_code == SI_USER || info->si_code == SI_QUEUE || info->si_code == SI_TKILL;
    return has_sender ? info->si_pid : 0;
}

static void at_signal(struct tracee *tracee, int signal)
{
    struct trace_hooks *hooks = &tracee->tracer->config.hooks;
    siginfo_t info = {0};
    if (signal == SIGTRAP && (image_entered(tracee) || tracee->is_stepping)) {
        if (tracee->is_stepping)
            again_stepped(tracee);
        tracee->is_stepping = false;
        resume(tracee, 0);
        return;
    }
    request(tracee, PTRACE_GETSIGINFO, 0, (uintptr_t)&info);
    timer_signal((struct member *)tracee->pub.process, signal);
    stack_of_crash(tracee, signal, &info);
    lost_note(tracee, signal, &info);
    if (hooks->signalled)
        hooks->signalled(hooks->context, &tracee->pub, signal, sender_of(&info));
    int how = again_signal(tracee, signal);
    tracee->is_stepping = how == PTRACE_SINGLESTEP;
    resume_by(tracee, how, signal);
}

/* ---- statuses --------------------------------------------------------------------------------------------------------- */

static void stopped(struct tracer *tracer, pid_t tid, int status)
{
    struct tracee *tracee = tasks_find(tracer, tid);
    int signal = WSTOPSIG(status), event = (int)((unsigned)status >> 16);
    if (!tracee)
        tracee = tasks_adopt(tracer, tid, NULL);
    if (!tracee) { /* not of the scene; let it go */
        if (ptrace(PTRACE_CONT, tid, 0, 0) < 0 && errno != ESRCH)
            tracer_set_trouble(tracer, "let process %d go: %m", (int)tid);
        return;
    }
    if (tracee->is_stepping && (event != 0 || signal == SYSCALL_STOP))
        tracee->is_stepping = false; /* there was no handler to step into */
    if (event != 0)
        at_event(tracee, event, signal);
    else if (signal == SYSCALL_STOP)
        at_exit(tracee);
    else
        at_signal(tracee, signal);
}

static void process_ended(struct tracer *tracer, struct member *member, int status)
{
    for (size_t i = tracer->task_count; i-- > 0;)
        if (tracer->tasks[i]->pub.process == &member->pub) {
            cut_event(tracer->tasks[i]);
            tasks_bury(tracer, tracer->tasks[i]);
        }
    member->pub.is_dead = true;
    member->died_in_turn = tracer->turn;
    member->pub.wait_status = status;
    tracer->dead_cpu_ns += member->cpu_ns;
    if (tracer->config.hooks.ended)
        tracer->config.hooks.ended(tracer->config.hooks.context, &member->pub);
}

static void ended(struct tracer *tracer, pid_t tid, int status)
{
    struct tracee *tracee = tasks_find(tracer, tid);
    tracer->reader.is_reaped |= tid == tracer->reader.pid;
    if (!tracee)
        return;
    struct member *member = (struct member *)tracee->pub.process;
    if (tracee->pub.now && tracee->phase == PHASE_CALL && tracee->tracer->deeds[tracee->nr] &&
        strcmp(tracee->tracer->deeds[tracee->nr]->word, "fork") == 0)
        member->is_cloning = tracer->may_have_unseen = true;
    cut_event(tracee);
    if (tid == member->pub.pid)
        process_ended(tracer, member, status);
    else
        tasks_bury(tracer, tracee);
}

static uint64_t own_cpu_ns(void)
{
    struct timespec used = {0};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
}

size_t tracer_pump(struct tracer *tracer)
{
    struct signalfd_siginfo ignored;
    size_t handled = 0;
    uint64_t began_ns = own_cpu_ns();
    int status;
    pid_t tid;
    (void)!read(tracer->signal_fd, &ignored,
                sizeof ignored); /* there is one at most: SIGCHLD does not queue */
    while (handled < MOST_AT_ONCE &&
           ((tid = waitpid(-1, &status, __WALL | WNOHANG)) > 0 || (tid < 0 && errno == EINTR))) {
        if (tid < 0)
            continue; /* what has been announced is announced no second time */
        handled++;
        tracer->statuses++;
        if (WIFSTOPPED(status))
            stopped(tracer, tid, status);
        else
            ended(tracer, tid, status);
    }
    tracer->pumped_ns += own_cpu_ns() - began_ns;
    return handled;
}

void tracer_freeze(struct tracer *tracer, bool is_frozen)
{
    tracer->is_frozen = is_frozen;
    for (size_t i = 0; !is_frozen && i < tracer->task_count; i++)
        if (tracer->tasks[i]->phase == PHASE_PARKED) {
            tracer->tasks[i]->phase = PHASE_CODE;
            at_entry(tracer->tasks[i]);
        }
}
