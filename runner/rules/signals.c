/* sigpipe-kills-server, sigpipe-kills, signal-too-early, lost-signal: signals that come when nobody is ready for them. */
#include "rules/facts.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- sigpipe-kills-server, sigpipe-kills ---------------------------------------------------------------------------------- */

static void server_end(struct study *study, const struct ledger *ledger);
static void writer_end(struct study *study, const struct ledger *ledger);

const struct rule rule_sigpipe_kills_server = {
    .id = "sigpipe-kills-server",
    .severity = SEVERITY_ERROR,
    .law = "A server lives on when one of its clients goes away.",
    .see = "signal(7) (SIGPIPE), write(2) (EPIPE)",
    .silent = "Filters that die of SIGPIPE because the reader of their output has had enough: what they "
              "wrote to was a plain pipe; who has closed the socket where clients come in: it serves one "
              "only; who is a client himself of the one he wrote to. For a FIFO it is a warning.",
    .end = server_end,
};

const struct rule rule_sigpipe_kills = {
    .id = "sigpipe-kills",
    .severity = SEVERITY_WARNING,
    .law = "Who writes to a pipe or socket has a reader, or is ready for SIGPIPE.",
    .see = "signal(7) (SIGPIPE), pipe(7)",
    .silent = "Programs that were executed and write to what they found open; standard output.",
    .end = writer_end,
};

/* It has a socket where clients come in, and has not closed it. */
static bool serves(const struct study *study, int process)
{
    int listener = -1;
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || event->process != process)
            continue;
        if (is_deed(event, "accept") || is_deed(event, "listen"))
            listener = event->call.fd;
        if (is_deed(event, "close") && event->call.fd == listener)
            listener = -1;
    }
    return listener >= 0;
}

static const struct event *last_write(const struct study *study, int process)
{
    for (size_t i = tracer_event_count(study_tracer(study)); i > 0; i--) {
        const struct event *event = tracer_event(study_tracer(study), i - 1);
        if (event->call.row && event->process == process && is_deed(event, "write"))
            return event;
    }
    return NULL;
}

static bool is_killed_by(const struct process *process, int signal)
{
    return process->is_dead && process->counts && !process->is_group_killed_by_us &&
           (process->wait_status & 0x7f) == signal;
}

/* What it wrote to came by accept(): a server may well be the client of another one. */
static bool is_to_client(const struct study *study, const struct event *write)
{
    for (size_t i = (size_t)write->number; i > 0; i--) {
        const struct event *event = tracer_event(study_tracer(study), i - 1);
        if (event->call.row && event->process == write->process && event->call.made[0] == write->call.fd)
            return is_deed(event, "accept");
    }
    return false;
}

/* What is to be said of its death: a server's is an error. */
static bool dies_as_server(const struct study *study, const struct process *process,
                           const struct event *write)
{
    return (is_to_client(study, write) && serves(study, process->index)) || write->object.kind == OBJECT_FIFO;
}

static void server_end(struct study *study, const struct ledger *ledger)
{
    (void)ledger;
    for (size_t i = 0; i < tracer_process_count(study_tracer(study)); i++) {
        const struct process *process = tracer_process(study_tracer(study), i);
        const struct event *write = is_killed_by(process, SIGPIPE) ? last_write(study, process->index) : NULL;
        if (write && dies_as_server(study, process, write))
            finding_add(study, &rule_sigpipe_kills_server,
                        is_to_client(study, write) ? SEVERITY_ERROR : SEVERITY_WARNING,
                        &(struct place){.process = process->index, .event = write},
                        "SIGPIPE has killed it when it wrote to somebody who had gone away");
    }
}

static void writer_end(struct study *study, const struct ledger *ledger)
{
    (void)ledger;
    for (size_t i = 0; i < tracer_process_count(study_tracer(study)); i++) {
        const struct process *process = tracer_process(study_tracer(study), i);
        const struct event *write = is_killed_by(process, SIGPIPE) ? last_write(study, process->index) : NULL;
        if (write && write->call.fd > 2 && !is_another_program(study, process) &&
            !dies_as_server(study, process, write))
            finding_add(study, &rule_sigpipe_kills, SEVERITY_WARNING,
                        &(struct place){.process = process->index, .event = write},
                        "SIGPIPE has killed it: nobody had the other end open when it wrote");
    }
}

/* ---- signal-too-early ----------------------------------------------------------------------------------------------------- */

static void early_end(struct study *study, const struct ledger *ledger);

const struct rule rule_signal_too_early = {
    .id = "signal-too-early",
    .severity = SEVERITY_WARNING,
    .law = "A process is sent SIGUSR1, SIGUSR2 or a real-time signal only when it surely has its handler: "
           "until then the signal kills it.",
    .see = "sigaction(2), sigprocmask(2), signal(7)",
    .silent = "Signals that are meant to end a process (SIGTERM, SIGKILL, SIGINT, ...).",
    .end = early_end,
};

static const struct event *kill_of(const struct study *study, const struct process *victim, int signal)
{
    for (size_t i = tracer_event_count(study_tracer(study)); i > 0; i--) {
        const struct event *event = tracer_event(study_tracer(study), i - 1);
        if (event->call.row && is_deed(event, "kill") && event->process != victim->index &&
            event->call.value[PARAM_SIG] == signal && event->call.value[PARAM_ID] == victim->inner_pid)
            return event;
    }
    return NULL;
}

static void early_end(struct study *study, const struct ledger *ledger)
{
    (void)ledger;
    for (size_t i = 0; i < tracer_process_count(study_tracer(study)); i++) {
        const struct process *process = tracer_process(study_tracer(study), i);
        int signal = process->wait_status & 0x7f;
        bool is_message = signal == SIGUSR1 || signal == SIGUSR2 || signal >= SIGRTMIN;
        const struct event *kill =
            is_message && is_killed_by(process, signal) ? kill_of(study, process, signal) : NULL;
        if (kill)
            finding_add(study, &rule_signal_too_early, SEVERITY_WARNING,
                        &(struct place){.process = kill->process, .event = kill},
                        "%s has killed process %d, which had no handler for it; probably it came too early",
                        signal_name(signal), (int)process->pid);
    }
}

/* ---- lost-signal ---------------------------------------------------------------------------------------------------------- */

static void lost_stands(struct study *study, const struct waits *waits);

const struct rule rule_lost_signal = {
    .id = "lost-signal",
    .severity = SEVERITY_WARNING,
    .law =
        "Who waits for a signal has it blocked until sigsuspend() or sigwait() waits: what comes between the "
        "test and pause() is lost.",
    .see = "sigsuspend(2), pause(2)",
    .silent =
        "Only when everything is at rest; processes that a signal has ever woken from such a wait, or to "
        "which nobody of the program has sent one that they handle; processes that handle another one, too, "
        "which nobody has sent yet (SIGTERM, say).",
    .stands = lost_stands,
};

bool was_woken(const struct study *study, const struct process *process)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && event->process == process->index && is_deed(event, "sigsuspend") &&
            event->call.is_done)
            return true;
    }
    return false;
}

/* The call that has sent it a signal which it handles, or set an alarm: since all is at rest, no alarm is to come any more. */
static bool has_sent(const struct event *event, const struct process *process)
{
    if (is_call(event, "alarm") && event->process == process->index)
        return event->call.arg[0] > 0 && catches(process, SIGALRM);
    return is_deed(event, "kill") && has_succeeded(event) &&
           event->call.value[PARAM_ID] == process->inner_pid && event->call.value[PARAM_SIG] > 0 &&
           catches(process, (int)event->call.value[PARAM_SIG]);
}

static const struct event *sent_before(const struct study *study, const struct wait *wait)
{
    for (size_t i = 0; i < wait->event->number; i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && has_sent(event, wait->task->process))
            return event;
    }
    return NULL;
}

/* The end of a child that has ended, where SIGCHLD is all that the process handles. */
static const struct event *end_of_child(const struct study *study, const struct process *process)
{
    if (!catches(process, SIGCHLD) || catches_signals(process))
        return NULL;
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && is_deed(event, "exit") &&
            tracer_process(study_tracer(study), (size_t)event->process)->parent == process->index)
            return event;
    }
    return NULL;
}

static bool is_sent(const struct study *study, const struct process *process, int signal)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row)
            continue;
        if (is_call(event, "alarm") && event->process == process->index && signal == SIGALRM)
            return true;
        if (is_deed(event, "kill") && event->call.value[PARAM_SIG] == signal)
            return true;
    }
    return false;
}

/* It handles a signal that nobody has sent so far, and that somebody outside could: that may be what it waits for. */
static bool waits_for_another(const struct study *study, const struct process *process)
{
    for (int signal = 1; signal <= SIGRTMAX; signal++) {
        bool is_from_inside =
            signal == SIGCHLD || signal == SIGPIPE || (signal > SIGSYS && signal < SIGRTMIN);
        if (!is_from_inside && catches(process, signal) && !is_sent(study, process, signal))
            return true;
    }
    return false;
}

static void lost_stands(struct study *study, const struct waits *waits)
{
    for (size_t i = 0; i < waits->count; i++) {
        const struct wait *wait = &waits->items[i];
        if (!is_deed(wait->event, "sigsuspend") || was_woken(study, wait->task->process) ||
            waits_for_another(study, wait->task->process))
            continue;
        const struct event *sent = sent_before(study, wait);
        if (!sent)
            sent = end_of_child(study, wait->task->process);
        if (sent)
            finding_add(
                study, &rule_lost_signal, SEVERITY_WARNING,
                &(struct place){wait->task->process->index, wait->event, sent, "the signal was sent by"},
                "it waits for a signal, and the one that it was sent had come before it waited; "
                "probably nobody sends another");
    }
}
