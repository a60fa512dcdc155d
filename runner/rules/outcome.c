/* never-ends, fatal-signal: a run that comes to no good end. Whatever else is found, or is not: neither may pass in silence. Both stand behind the other rules, and keep
 * silent where one of these has told the cause.
 */
#include "base/text.h"
#include "rules/facts.h"
#include "rules/stranded.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "trace/source.h"

/* ---- never-ends ---------------------------------------------------------------------------------------------------------- */

static void never_stands(struct study *study, const struct waits *waits);

const struct rule rule_never_ends = {
    .id = "never-ends",
    .severity = SEVERITY_WARNING,
    .law = "What a process waits for can come.",
    .see = "sigsuspend(2), select(2), poll(2)",
    .silent = "Only when everything is at rest; whenever somebody outside could end one of the waits: by a "
              "signal that a process handles, by a connection, a terminal, a FIFO or a key; a pause() "
              "without any handler, which waits to be killed; where another rule has told the cause.",
    .stands = never_stands,
};

/* It handles SIGCHLD and nothing that somebody outside would send, and it has no child that could still end. */
static bool waits_for_child_signal(const struct study *study, const struct wait *wait)
{
    const struct process *process = wait->task->process;
    return is_deed(wait->event, "sigsuspend") && catches(process, SIGCHLD) &&
           process_children(study_tracer(study), process) == 0 &&
           (process_zombies(study_tracer(study), process) > 0 || !was_woken(study, process));
}

/* select() or poll() was to look at something: a number of descriptors is named. Of these none is looked at, or nobody who could make one ready goes on. */
static bool looks_at_nothing(const struct wait *wait)
{
    const struct event *event = wait->event;
    bool is_select = is_call(event, "pselect6") || is_call(event, "select");
    bool is_poll = is_call(event, "poll") || is_call(event, "ppoll");
    bool has_descriptors = (is_select && event->call.arg[0] > 0) || (is_poll && event->call.arg[1] > 0);
    return has_descriptors && (wait->wait_for == WAIT_FOR_SIGNAL ||
                               (wait->wait_for == WAIT_FOR_ANY && wait->is_doomed && !wait->is_open));
}

/* Somebody has told of this wait, and not only of children that are lost meanwhile. */
static bool is_told(const struct study *study, const struct wait *wait)
{
    extern const struct rule rule_zombie, rule_orphan;
    for (size_t i = 0; i < study_count(study); i++) {
        const struct finding *finding = study_finding(study, i);
        bool is_of_waits =
            finding->rule->stands && finding->rule != &rule_zombie && finding->rule != &rule_orphan;
        if (finding->severity != SEVERITY_NOTE && is_of_waits &&
            (finding->place.event == wait->event || finding->place.other == wait->event))
            return true;
    }
    return false;
}

static void never_stands(struct study *study, const struct waits *waits)
{
    const struct wait *root = NULL;
    if (waits->count != tracer_task_count(study_tracer(study)))
        return;
    for (size_t i = 0; i < waits->count; i++) {
        const struct wait *wait = &waits->items[i];
        bool is_root = waits_for_child_signal(study, wait) || looks_at_nothing(wait);
        if (is_told(study, wait) || wait->is_open || catches_signals(wait->task->process) ||
            (!is_root && reach_of(study, wait) != REACH_NOBODY))
            return;
        root = is_root && !root ? wait : root;
    }
    if (root)
        finding_add(study, &rule_never_ends, SEVERITY_WARNING,
                    &(struct place){.process = root->task->process->index, .event = root->event},
                    is_deed(root->event, "sigsuspend")
                        ? "it waits for a signal, handles SIGCHLD alone, and has no child left that could "
                          "send one: probably it waits for ever (signals that come together are one)"
                        : "it waits for descriptors, and probably nobody is left who could make one of those "
                          "ready that it looks at");
}

/* ---- fatal-signal -------------------------------------------------------------------------------------------------------- */

static void fatal_end(struct study *study, const struct ledger *ledger);

const struct rule rule_fatal_signal = {
    .id = "fatal-signal",
    .severity = SEVERITY_ERROR,
    .law = "No process dies of a fault of its own.",
    .see = "signal(7), sigaction(2) (si_code, si_addr)",
    .silent = "Signals that somebody has sent, raise() included; children that call abort(), which their "
              "parent may expect; where another rule has told the cause. An error only when the command "
              "itself has died of a fault; a child whose end the parent may look at: a warning.",
    .end = fatal_end,
};

static const struct event *last_call_of(const struct study *study, int process)
{
    for (size_t i = tracer_event_count(study_tracer(study)); i > 0; i--) {
        const struct event *event = tracer_event(study_tracer(study), i - 1);
        if (event->call.row && event->process == process)
            return event;
    }
    return NULL;
}

/* Rules of memory tell of the death itself; others of the call in which it came. */
static bool is_explained(const struct study *study, const struct process *process, const struct event *last,
                         const char *name)
{
    for (size_t i = 0; i < study_count(study); i++) {
        const struct finding *finding = study_finding(study, i);
        if (finding->place.process == process->index && finding->severity != SEVERITY_NOTE &&
            (strstr(finding->text, name) || (last && finding->place.event == last)))
            return true;
    }
    return false;
}

static void say_why(const struct process *process, int signal, char *to, size_t room)
{
    cleanup_bytes struct bytes text = {0};
    if (process->lost.error != 0) {
        bytes_print(&text, "%s", _(" when it was to execute a program: "));
        lost_text(&process->lost, &text);
    } else if (signal == SIGSEGV || signal == SIGBUS)
        bytes_print(&text, _(": it touched address 0x%llx, which it may not"),
                    (unsigned long long)process->crash->call.arg[0]);
    snprintf(to, room, "%s", bytes_text(&text));
}

static void tell_death(struct study *study, const struct process *process, int signal)
{
    struct source_at at;
    char where[320] = "", why[320] = "", name[16];
    const struct event *last = last_call_of(study, process->index);
    bool is_fault = signal != SIGABRT, is_command = process->parent < 0;
    snprintf(name, sizeof name, "SIG%s", sigabbrev_np(signal));
    if (is_explained(study, process, last, name))
        return;
    if (source_find(study_tracer(study), process->crash, NULL, &at))
        snprintf(where, sizeof where, " at %s:%d", at.file, at.line);
    say_why(process, signal, why, sizeof why);
    finding_add(study, &rule_fatal_signal, is_fault && is_command ? SEVERITY_ERROR : SEVERITY_WARNING,
                &(struct place){.process = process->index, .event = last ? last : birth_of(study, process)},
                "SIG%s has killed [%s %d]%s%s%s", sigabbrev_np(signal), process->program, (int)process->pid,
                where, why, last ? _("; the call is its last one") : "");
}

static void fatal_end(struct study *study, const struct ledger *ledger)
{
    (void)ledger;
    for (size_t i = 0; i < tracer_process_count(study_tracer(study)); i++) {
        const struct process *process = tracer_process(study_tracer(study), i);
        int signal = process->is_dead ? process->wait_status & 0x7f : 0;
        bool is_own = signal > 0 && process->counts && process->crash &&
                      process->crash->call.arg[2] == (uint64_t)signal;
        if (is_own && (signal != SIGABRT || process->parent < 0))
            tell_death(study, process, signal);
    }
}
