/* A process in words; see process_text.h. */
#include "judge/process_text.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "judge/lock_holder.h"

/* How much the task tells of its process. A leader that has gone while its threads live counts as blocked, but is in no call. */
static int telling(const struct task *task)
{
    static const int weight[] = {
        [TASK_BLOCKED] = 5, [TASK_HELD] = 6,    [TASK_SLEEPING] = 4, [TASK_IDLING] = 3,
        [TASK_STOPPED] = 2, [TASK_RUNNING] = 1, [TASK_DEAD] = 0};
    return task->state == TASK_BLOCKED && !task->now ? 0 : weight[task->state];
}

struct task *process_task(const struct stage *stage, const struct process *process)
{
    struct task *best = NULL;
    for (size_t i = 0; i < tracer_task_count(stage->tracer); i++) {
        struct task *task = tracer_task(stage->tracer, i);
        if (task->process == process && (!best || telling(task) > telling(best)))
            best = task;
    }
    return best;
}

void source_text(struct stage *stage, const struct event *event, struct bytes *to)
{
    struct source_at at;
    if (event && event->stack && source_find(stage->tracer, event, stage->request->source_root, &at))
        bytes_print(to, _(" at %s:%d"), at.file, at.line);
}

void source_set(struct stage *stage, const struct event *event, struct source_line *to)
{
    struct source_at at;
    if (!event || !source_find(stage->tracer, event, stage->request->source_root, &at))
        return;
    result_set(&to->file, at.file);
    result_set(&to->function, at.function[0] ? at.function : NULL);
    to->line = at.line;
}

bool is_crash_signal(int signal)
{
    return signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL || signal == SIGABRT;
}

static void ended_text(struct stage *stage, const struct process *process, struct bytes *to)
{
    int status = process->wait_status;
    if (!WIFSIGNALED(status)) {
        bytes_print(to, _("ended with status %d"), WEXITSTATUS(status));
        return;
    }
    bytes_print(to, _("was killed by %s"), signal_name(WTERMSIG(status)));
    if (WTERMSIG(status) == SIGSYS)
        bytes_print(to, "%s", _(" (a 32-bit call?)"));
    if (process->lost.error != 0 && WTERMSIG(status) == SIGSEGV) {
        bytes_print(to, "%s", _(" when it was to execute a program: "));
        lost_text(&process->lost, to);
    } else if (is_crash_signal(WTERMSIG(status)))
        source_text(stage, process->crash, to);
}

static const char *state_words(const struct task *task)
{
    if (task->sleeps_unseen)
        return task->now ? _("sleeps in") : _("sleeps in a call that is not followed, last with");
    switch (task->state) {
    case TASK_BLOCKED: return _("is blocked in");
    case TASK_SLEEPING: return _("sleeps in");
    case TASK_IDLING: return _("asks again and again instead of waiting, last with");
    case TASK_HELD: return _("is held by the case at");
    case TASK_STOPPED: return _("is stopped, in");
    case TASK_RUNNING:
    case TASK_DEAD: break;
    }
    return _("is running, last with");
}

/* The last call that it made, for who is in none now. */
static const struct event *last_event(const struct stage *stage, const struct process *process)
{
    for (size_t i = tracer_event_count(stage->tracer); i > 0; i--) {
        const struct event *event = tracer_event(stage->tracer, i - 1);
        if (event && event->process == process->index)
            return event;
    }
    return NULL;
}

void process_text(struct stage *stage, const struct process *process, struct bytes *to)
{
    if (process->is_dead) {
        ended_text(stage, process, to);
        return;
    }
    const struct task *task = process_task(stage, process);
    const struct event *function = task ? task_library(task) : NULL;
    const struct event *event = function            ? function
                                : task && task->now ? task->now
                                                    : last_event(stage, process);
    if (!task || (task->is_ready && process->is_agent)) {
        bytes_print(to, "%s", _("does nothing until the case says so"));
        return;
    }
    if (!event) {
        bytes_print(to, "%s", _("is running"));
        return;
    }
    cleanup_free char *call = call_text(&event->call);
    bytes_print(to, "%s %s", state_words(task), call ? call : event->call.row->name);
    source_text(stage, event, to);
    lock_holder_text(stage, task, to);
}

void living_text(struct stage *stage, const struct who *who, struct bytes *to)
{
    bool any = false;
    for (size_t i = 0; i < tracer_process_count(stage->tracer); i++) {
        const struct process *process = tracer_process(stage->tracer, i);
        if (process->is_dead || !stage_is_who(stage, who, process))
            continue;
        bytes_print(to, "%s%s (%s, pid %d) ", any ? "\n" : "", stage->scenario->names[who->name].word,
                    process->program[0] ? process->program : "?", (int)process->inner_pid);
        process_text(stage, process, to);
        any = true;
    }
    if (any)
        return;
    const struct process *main = stage_one(stage, who);
    bytes_print(to, "%s ", stage->scenario->names[who->name].word);
    if (main)
        process_text(stage, main, to);
    else
        bytes_print(to, "%s", _("does not live"));
}

static bool is_library(const struct deed *deed)
{
    return deed->row->calls && (deed->row->calls->traits & CALL_LIBRARY);
}

static void tell_unseen(const struct process *process, const struct deed *deed, struct bytes *to)
{
    bytes_print(to,
                process->is_static ? _("%s is linked statically, so its calls of %s can neither be seen, nor "
                                       "held, nor made to fail: link it dynamically, without -static")
                                   : _("%s was started without the grader's probe: %s is not seen in it"),
                process->program, deed->row->word);
}

/* A function that makes no call of its own is seen by the probe or not at all. */
void unseen_text(struct stage *stage, const struct who *who, const struct deed *deed, const char *before,
                 struct bytes *to)
{
    const struct process *main = stage_one(stage, who);
    if (!is_library(deed) || !main || main->is_agent || main->program[0] == '\0')
        return;
    for (size_t i = 0; i < tracer_process_count(stage->tracer); i++)
        if (stage_is_who(stage, who, tracer_process(stage->tracer, i)) &&
            tracer_process(stage->tracer, i)->has_probe)
            return;
    bytes_print(to, "%s", before);
    tell_unseen(main, deed, to);
}

bool unseen_in_any(struct stage *stage, const struct who *who, const struct deed *deed, struct bytes *to)
{
    for (size_t i = 0; is_library(deed) && i < tracer_process_count(stage->tracer); i++) {
        const struct process *process = tracer_process(stage->tracer, i);
        if (!process->is_static || !process->counts || !stage_is_who(stage, who, process))
            continue;
        tell_unseen(process, deed, to);
        return true;
    }
    return false;
}
