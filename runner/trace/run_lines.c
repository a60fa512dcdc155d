/* The lines of `ipcgrade trace`: what is told of calls, signals and ends, and what is left out because it tells nothing.
 *
 * Calls are told when they end (several processes are told in the order of their results); those that wait when nobody can go on are told once as unfinished, so
 * that a hanging program shows where it hangs.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "trace/run_private.h"
#include "trace/source.h"
#include "trace/trace.h"

/* ---- telling ---------------------------------------------------------------------------------------------------------- */

/* `tid`: a thread beside the first is told from it; 0: the process is meant. */
static void tell_who(const struct run *run, const struct process *process, pid_t tid)
{
    const char *on = run->options->color ? "\033[36m" : "", *off = run->options->color ? "\033[0m" : "";
    fprintf(run->options->to, "%s[%s %d", on, process->program, (int)process->pid);
    if (tid != 0 && tid != process->pid)
        fprintf(run->options->to, _(" thread %d"), (int)tid);
    fprintf(run->options->to, "]%s ", off);
}

static void tell_source(struct run *run, const struct event *event)
{
    struct source_at at;
    bool is_asked = event->call.error != 0 || event->call.wait != WAIT_NONE;
    if (run->options->wants_source && is_asked && run_source(run, event, &at))
        fprintf(run->options->to, _("  at %s:%d"), at.file, at.line);
}

static void tell_object(const struct run *run, const struct event *event)
{
    bool is_new = event->call.fd >= 0 || event->call.has_ipc; /* a path stands in the call itself */
    if (is_new && event->object_name[0] != '\0') {
        cleanup_free char *name = text_printable(event->object_name, strlen(event->object_name), 64);
        fprintf(run->options->to, "  (%s)", name);
    }
}

static void tell_call(struct run *run, const struct event *event, const char *more)
{
    run->result->calls++;
    run->result->failed += event->call.error != 0;
    if (run->options->is_quiet)
        return;
    cleanup_free char *line = call_text(&event->call);
    const char *on = run->options->color && event->call.error ? "\033[31m" : "", *off = *on ? "\033[0m" : "";
    tell_who(run, tracer_process(run->tracer, (size_t)event->process), event->tid);
    fprintf(run->options->to, "%s%s%s%s", on, line, off, more);
    tell_object(run, event);
    tell_source(run, event);
    fputc('\n', run->options->to);
}

/* ---- what tells nothing ----------------------------------------------------------------------------------------------- */

static bool is_plain(const struct object_id *id)
{
    return id->kind == OBJECT_FILE || id->kind == OBJECT_DIR;
}

/* Libraries, locales, settings: what every program reads and nobody shares. */
static bool is_system_path(const char *path)
{
    static const char *const roots[] = {"/usr", "/lib", "/lib64", "/etc", "/proc", "/sys"};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        size_t len = strlen(roots[i]);
        if (strncmp(path, roots[i], len) == 0 && (path[len] == '/' || path[len] == '\0'))
            return true;
    }
    return false;
}

static bool is_known_system(const struct run *run, const struct object_id *id)
{
    for (size_t i = 0; i < run->system_count; i++)
        if (object_same(&run->system[i], id))
            return true;
    return false;
}

static void note_system(struct run *run, const struct object_id *id)
{
    if (is_known_system(run, id))
        return;
    struct object_id *grown = reallocarray(run->system, run->system_count + 1, sizeof *grown);
    if (!grown)
        return; /* then a line too many is told */
    run->system = grown;
    run->system[run->system_count++] = *id;
}

/* Does the call only read a file of the system? */
static bool is_of_system(struct run *run, const struct event *event)
{
    const struct call *call = &event->call;
    const struct object_id *id = &event->object;
    bool is_open = call->deed && strcmp(call->deed->word, "open") == 0;
    if (!is_open)
        return is_plain(id) && call->path[0] == '\0' && is_known_system(run, id);
    bool is_read = is_system_path(call->path) &&
                   (call->value[PARAM_FLAGS] & (O_WRONLY | O_RDWR | O_CREAT)) == 0 &&
                   (is_plain(id) || id->kind == OBJECT_NONE);
    if (is_read && is_plain(id))
        note_system(run, id);
    return is_read;
}

static bool is_wanted(struct run *run, const struct event *event)
{
    bool is_own = event->counts && !event->is_inner && !is_of_system(run, event);
    return event->call.row && (run->options->wants_all || is_own);
}

/* ---- searching along PATH --------------------------------------------------------------------------------------------- */

static struct search *search_of(struct run *run, pid_t tid)
{
    return &run->searches[(size_t)tid % (sizeof run->searches / sizeof *run->searches)];
}

static void tell_search(struct run *run, struct search *search)
{
    cleanup_free char *more = NULL;
    if (search->tid == 0)
        return;
    if (search->tries > 1 && asprintf(&more, _("  (the last of %zu tries along PATH)"), search->tries) < 0)
        more = NULL;
    tell_call(run, search->event, more ? more : "");
    search->tid = 0;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* A program that is not in one folder is looked for in the next: only how that came out is news. True: the call needs no line, or not yet. */
static bool is_search(struct run *run, const struct event *event)
{
    struct search *search = search_of(run, event->tid);
    const struct call *call = &event->call;
    bool is_exec = call->deed && strcmp(call->deed->word, "exec") == 0;
    bool is_next = is_exec && search->tid == event->tid &&
                   strcmp(base_name(search->event->call.path), base_name(call->path)) == 0;
    if (!is_next)
        tell_search(run, search);
    else if (call->error == 0)
        search->tid = 0;
    if (!is_exec || call->error != ENOENT || event->number == EVENT_NOT_LOGGED)
        return false;
    *search = (struct search){event->tid, event, is_next ? search->tries + 1 : 1};
    return true;
}

static bool at_exit(void *context, struct task *task, const struct event *event)
{
    struct run *run = context;
    (void)task;
    if (is_wanted(run, event) && !is_search(run, event))
        tell_call(run, event, "");
    return false;
}

static void at_image(void *context, struct process *process)
{
    (void)context;
    process->counts = true;
}

/* Whatever is executed is looked at; nothing else would be asked for. */
static bool at_exec(void *context, struct process *process, const char *path)
{
    (void)context, (void)process, (void)path;
    return true;
}

static void at_end(void *context, struct process *process)
{
    struct run *run = context;
    int status = process->wait_status;
    if (search_of(run, process->pid)->tid == process->pid)
        tell_search(run, search_of(run, process->pid));
    if (run->options->is_quiet || process->program[0] == '\0')
        return; /* the command could not be executed; that is told as an error */
    tell_who(run, process, 0);
    if (WIFSIGNALED(status))
        fprintf(run->options->to, _("+++ killed by %s%s +++\n"), signal_name(WTERMSIG(status)),
                WTERMSIG(status) == SIGSYS ? _(" (a 32-bit call?)") : "");
    else
        fprintf(run->options->to, _("+++ exited with %d +++\n"), WEXITSTATUS(status));
}

static bool is_crash(int signal)
{
    return signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL || signal == SIGABRT;
}

static void at_signal(void *context, struct task *task, int signal, pid_t sender)
{
    struct run *run = context;
    const struct event *crash = task->process->crash;
    struct source_at at;
    if (task->process == run->main)
        run->senders[signal] = sender;
    if (run->options->is_quiet || (!task->process->has_entered && !run->options->wants_all))
        return;
    tell_who(run, task->process, task->tid);
    if (sender > 0)
        fprintf(run->options->to, _("--- %s from process %d ---"), signal_name(signal), (int)sender);
    else
        fprintf(run->options->to, "--- %s ---", signal_name(signal));
    if (run->options->wants_source && is_crash(signal) && crash && source_find(run->tracer, crash, NULL, &at))
        fprintf(run->options->to, _("  at %s:%d"), at.file, at.line);
    fputc('\n', run->options->to);
}

void lines_of_waiting(struct run *run)
{
    uint64_t last = run->told;
    for (size_t i = 0; i < tracer_task_count(run->tracer); i++) {
        const struct task *task = tracer_task(run->tracer, i);
        const struct event *function = task_library(task), *now = function ? function : task->now;
        if (!now || task->state != TASK_BLOCKED || task->now->number < run->told || !is_wanted(run, now))
            continue;
        tell_call(run, now, _(" waits"));
        last = task->now->number + 1 > last ? task->now->number + 1 : last;
    }
    run->told = last;
    fflush(run->options->to);
}

void lines_note(const struct run *run, const char *sentence)
{
    if (!run->options->is_quiet)
        fprintf(run->options->to, "--- %s ---\n", sentence);
}

struct trace_hooks lines_hooks(struct run *run)
{
    return (struct trace_hooks){.context = run,
                                .exit = at_exit,
                                .image = at_image,
                                .preloads = at_exec,
                                .ended = at_end,
                                .signalled = at_signal};
}
