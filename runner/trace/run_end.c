/* How a run ends that does not end by itself.
 *
 * A key of the terminal (ctrl-C) sends its signal to the command as well, and what that does with it is its own business; we only note it, and when the command
 * has ended, whoever is left is ended as soon as nobody goes on. A signal that somebody sends to us alone is handed on to the command; if nobody goes on
 * then, everything is ended. Either way what was found is still told.
 *
 * Ending is done in the way a person would: whoever has a handler for SIGINT or SIGTERM is sent that, so that a server can clean up, and what is left when
 * nobody goes on again is killed. Who asks a third time has it killed at once.
 *
 * Sources: termios(3) (ISIG), signalfd(2) (ssi_code), sigaction(2) (si_code), proc(5) (SigCgt, ShdPnd).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "trace/run_private.h"
#include "trace/tracer.h"

enum { REQUESTS_MOST = 3 };

static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

int end_listen(sigset_t *taken)
{
    struct sigaction now;
    sigemptyset(taken);
    for (size_t i = 0; i < sizeof ending_signals / sizeof *ending_signals; i++)
        if (sigaction(ending_signals[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
            sigaddset(taken, ending_signals[i]); /* what is ignored (nohup) stays so */
    /* A background process that writes to its terminal is stopped where `stty tostop` asks for that, unless it blocks the signal. */
    sigset_t blocked = *taken;
    sigaddset(&blocked, SIGTTOU);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    return signalfd(-1, taken, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* A set of signals from /proc/PID/status; bit (signal - 1). */
static uint64_t signals_in(pid_t pid, const char *field)
{
    char path[64], line[256];
    size_t len = strlen(field);
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    cleanup_file FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, field, len) == 0)
            return strtoull(line + len, NULL, 16);
    return 0;
}

static bool has_signal(uint64_t set, int signal)
{
    return set >> (signal - 1) & 1;
}

/* ---- ending ----------------------------------------------------------------------------------------------------------- */

static bool ask(const struct process *process)
{
    uint64_t caught = process->is_dead ? 0 : signals_in(process->pid, "SigCgt:");
    int signal = has_signal(caught, SIGINT) ? SIGINT : has_signal(caught, SIGTERM) ? SIGTERM : 0;
    return signal != 0 && kill(process->pid, signal) == 0;
}

static size_t ask_all(struct run *run)
{
    size_t asked = 0;
    for (size_t i = 0; i < tracer_process_count(run->tracer); i++)
        asked += ask(tracer_process(run->tracer, i));
    return asked;
}

static void kill_all(struct run *run)
{
    run->ending = ENDING_KILLED;
    for (size_t i = 0; i < tracer_process_count(run->tracer); i++) {
        struct process *process = tracer_process(run->tracer, i);
        if (process->is_dead)
            continue;
        process->is_group_killed_by_us = true;
        kill(process->pid, SIGKILL);
    }
}

void end_all(struct run *run)
{
    run->result->was_ended = true;
    if (run->ending == ENDING_NOT && ask_all(run) > 0) {
        run->ending = ENDING_ASKED;
        lines_note(run, _("nobody goes on: who has a handler for it is sent SIGINT or SIGTERM"));
        return;
    }
    lines_note(run, _("nobody goes on: all that is left is killed"));
    kill_all(run);
}

/* ---- asked to ------------------------------------------------------------------------------------------------------------ */

/* Time may end its wait, other than by a timer of its own. */
static bool is_limited(struct tracee *tracee)
{
    const struct event *now = tracee->pub.now;
    return now && (now->call.wait == WAIT_LIMITED || socket_is_limited(tracee, &now->call));
}

/* Nobody does anything but to look again and again, each time in vain: a server that polls. */
static bool only_idles(const struct run *run)
{
    for (size_t i = 0; i < tracer_task_count(run->tracer); i++) {
        struct tracee *tracee = (struct tracee *)tracer_task(run->tracer, i);
        bool has_timer = timer_pending((struct member *)tracee->pub.process, 0, now_ns());
        bool may_change = tracee->pub.state == TASK_IDLING || is_limited(tracee);
        if (has_timer || (may_change && !idle_holds(tracee)))
            return false;
    }
    return true;
}

/* A person may still type something. */
static bool waits_for_terminal(const struct run *run)
{
    char path[64], name[64];
    for (size_t i = 0; i < tracer_task_count(run->tracer); i++) {
        const struct task *task = tracer_task(run->tracer, i);
        if (!task->now || !task->now->call.deed || strcmp(task->now->call.deed->word, "read") != 0)
            continue;
        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)task->tid, task->now->call.fd);
        ssize_t len = readlink(path, name, sizeof name - 1);
        name[len > 0 ? len : 0] = '\0';
        if (strncmp(name, "/dev/pts/", 9) == 0 || strncmp(name, "/dev/tty", 8) == 0)
            return true;
    }
    return false;
}

bool end_is_due(const struct run *run, enum scene scene)
{
    bool is_at_rest = scene == SCENE_AT_REST;
    bool is_asked_for =
        run->requests > 0 || run->ending != ENDING_NOT || (run->was_interrupted && run->main->is_dead);
    if (run->options->is_ended_at_rest && is_at_rest)
        return true;
    return (is_asked_for || (run->options->with && !waits_for_terminal(run))) &&
           (is_at_rest || only_idles(run));
}

/* Somebody who signals our whole group has reached the command, too: it is not told twice. */
static void hand_on(struct run *run, int signal, pid_t sender)
{
    bool has_it = run->senders[signal] == sender || has_signal(signals_in(run->main->pid, "ShdPnd:"), signal);
    if (!has_it)
        kill(run->main->pid, signal);
    run->senders[signal] = 0;
}

static void take(struct run *run, const struct signalfd_siginfo *info)
{
    int signal = (int)info->ssi_signo;
    run->result->request = signal;
    if (info->ssi_code == SI_KERNEL && !run->main->is_dead) {
        run->was_interrupted = true;
        return;
    }
    if (++run->requests >= REQUESTS_MOST || run->main->is_dead) {
        run->result->was_ended = true;
        kill_all(run);
    } else {
        hand_on(run, signal, (pid_t)info->ssi_pid);
    }
}

bool end_on_signal(struct run *run, int from)
{
    struct signalfd_siginfo info;
    bool has_come = false;
    for (; read(from, &info, sizeof info) == sizeof info; has_come = true)
        take(run, &info);
    return has_come;
}
