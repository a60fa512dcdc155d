/* Library calls, as the probe announces them.
 *
 * Theory of operation. The probe (probe/probe.c) makes a marker call before and behind each function that it wraps; the filter stops it there like any traced
 * call. The first marker begins an event, is ruled on and can be held exactly as the entry of a system call; the second ends it. In between the task makes
 * its system calls as ever: the futex wait that *proves* that it is blocked in sem_wait() is a call of its own, and task_library() says in which
 * function it is made. A task can be in several library calls at once (a handler posts a semaphore during a wait), and may leave one
 * by longjmp() and never end it; entry and exit are paired by the address of the wrapper's frame.
 *
 * A marker is a claim. It is believed only if the instruction lies in a private, executable, unwritable mapping of the probe's own inode. Anybody
 * else's marker is a call that does not exist, and gives ENOSYS.
 */
#include "trace/tracer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "trace/mapping.h"

enum { FRAME = 5 }; /* which argument */

/* Of /proc/PID/maps, in a whole play, for marks of who has no probe: a second's work. Nobody but a liar makes one such mark, and his maps may have as many lines as he likes. */
enum { MOST_STRAYED = 1000000 };

bool library_learn(struct tracer *tracer, struct err *err)
{
    static const char *const names[] = PROBE_NAMES;
    for (int i = 0; i < PROBE_FUNCTIONS; i++) {
        tracer->functions[i] = vocabulary_call(names[i], &tracer->function_deeds[i]);
        if (!tracer->functions[i])
            return err_set(err, "the vocabulary does not know %s", names[i]);
    }
    return true;
}

static bool find_probe(struct tracee *tracee, uint64_t ip, struct mapping *mapping)
{
    const struct object_id *probe = &tracee->tracer->probe;
    size_t *strayed = &tracee->tracer->strayed, lines = 0;
    bool is_found = false;
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/maps", (int)tracee->pub.tid);
    cleanup_file FILE *maps = *strayed < MOST_STRAYED ? fopen(name, "re") : NULL;
    for (; maps && !is_found && mapping_next(maps, mapping); lines++)
        is_found = mapping->start <= ip && ip < mapping->end;
    is_found = is_found && !mapping->is_shared && !mapping->is_writable && mapping->is_executable &&
               mapping->device == probe->device && mapping->number == probe->number;
    *strayed += is_found ? 0 : lines;
    return is_found;
}

/* Where the probe lies in a process never changes without its doing; so that is looked up once for each image, and inherited by fork. Once it is known, a mark from elsewhere is
 * nobody's. */
static bool is_genuine(struct tracee *tracee, uint64_t ip)
{
    struct member *member = (struct member *)tracee->pub.process;
    struct mapping mapping;
    if (member->probe_end > 0 || tracee->tracer->probe.number == 0)
        return ip >= member->probe_start && ip < member->probe_end;
    if (!find_probe(tracee, ip, &mapping))
        return false;
    member->probe_start = mapping.start;
    member->probe_end = mapping.end;
    return true;
}

/* ---- entry ------------------------------------------------------------------------------------------------------------ */

static bool is_scratch_used(const struct tracee *tracee)
{
    for (int i = 0; i < tracee->library_count; i++)
        if (tracee->library[i].event == tracee->library_scratch)
            return true;
    return false;
}

static struct event *new_event(struct tracee *tracee, const struct __ptrace_syscall_info *info,
                               struct library_call *entry)
{
    struct tracer *tracer = tracee->tracer;
    const struct call_row *row = tracer->functions[entry->function];
    again_settle(tracee);
    entry->is_over = call_is_over_budget(tracee, tracer->function_deeds[entry->function]);
    bool is_logged = (!entry->is_over && !idle_expects(tracee, row)) || is_scratch_used(tracee);
    struct event *event =
        is_logged ? events_new(tracer, tracee) : events_scratch(tracer, tracee, &tracee->library_scratch);
    if (!event)
        return NULL;
    event->call.row = row;
    event->call.deed = tracer->function_deeds[entry->function];
    for (int i = 1; i < FRAME; i++)
        event->call.arg[i - 1] = info->seccomp.args[i];
    events_decode(tracer, event);
    if (!entry->is_over)
        object_of_function(tracee, event);
    return event;
}

/* The innermost is the last; when there are too many (left by longjmp), the oldest is forgotten. */
static void push(struct tracee *tracee, const struct library_call *entry)
{
    int kept = 0;
    for (int i = 0; i < tracee->library_count; i++)
        if (tracee->library[i].frame != entry->frame) /* a frame that is used anew was left */
            tracee->library[kept++] = tracee->library[i];
    if (kept == LIBRARY_DEPTH)
        memmove(tracee->library, tracee->library + 1, (size_t)--kept * sizeof *entry);
    tracee->library[kept] = *entry;
    tracee->library_count = kept + 1;
}

static void keep_event(struct tracee *tracee, struct library_call *entry)
{
    if (entry->event != tracee->library_scratch)
        return;
    entry->event = events_promote(tracee->tracer, &tracee->library_scratch);
    call_remember(tracee, entry->event);
}

/* The task stands at the second marker, or at the first of one that fails by order. */
static void end_call(struct tracee *tracee, struct library_call *entry, int64_t result)
{
    finish_event(tracee, entry->event, result);
    if (!entry->is_over && !idle_repeats(tracee, entry->event))
        keep_event(tracee, entry);
    tracee->pub.now = entry->event;
    if (call_is_to_be_held(tracee, entry->event)) {
        call_hold_after(tracee);
        return;
    }
    tracee->pub.now = NULL;
    resume(tracee, 0);
}

static void apply(struct tracee *tracee, struct library_call *entry, struct ruling ruling)
{
    tracee->phase = PHASE_CODE;
    if (ruling.kind == RULING_HOLD) {
        ruling_keep(tracee, ruling);
        keep_event(tracee, entry);
        tracee->pub.now = entry->event;
        registers_void_call(tracee, -ENOSYS);
        tracee->phase = PHASE_SKIPPED;
    } else if (ruling.kind == RULING_FAIL) {
        entry->event->is_injected = true;
        registers_void_call(tracee, ruling.error);
        end_call(tracee, entry, -ruling.error);
        return;
    } else {
        push(tracee, entry);
        tracee->pub.now = NULL;
    }
    resume(tracee, 0);
}

static void enter(struct tracee *tracee, const struct __ptrace_syscall_info *info, int function)
{
    struct trace_hooks *hooks = &tracee->tracer->config.hooks;
    struct library_call entry = {.frame = info->seccomp.args[FRAME], .function = function};
    struct ruling ruling = {.kind = RULING_GO};
    bool is_second = again_matches(tracee, info);
    entry.event = is_second ? tracee->again.event : new_event(tracee, info, &entry);
    if (is_second)
        tracee->again.event = NULL;
    tracee->nr = info->seccomp.nr;
    tracee->ip = info->instruction_pointer;
    tracee->sp = info->stack_pointer;
    tracee->has_vforked = false;
    tracee->pub.now = entry.event;
    if (!entry.event) {
        tracee->phase = PHASE_CODE;
        resume(tracee, 0);
        return;
    }
    if (entry.event != tracee->library_scratch)
        call_remember(tracee, entry.event);
    bool is_wanted = entry.event->call.wait != WAIT_NONE ||
                     (entry.event != tracee->library_scratch && entry.event->counts &&
                      tracee->tracer->stack_count < tracee->tracer->config.stacks_kept);
    if (is_wanted && !entry.event->stack)
        stack_capture(tracee, entry.event);
    if (is_second)
        ruling = ruling_take(tracee);
    else if (hooks->entry)
        ruling = hooks->entry(hooks->context, &tracee->pub, entry.event);
    apply(tracee, &entry, ruling);
}

/* ---- exit ------------------------------------------------------------------------------------------------------------- */

static void leave(struct tracee *tracee, const struct __ptrace_syscall_info *info, int function)
{
    uint64_t frame = info->seccomp.args[FRAME];
    int at = tracee->library_count;
    tracee->phase = PHASE_CODE;
    tracee->pub.now = NULL;
    while (at > 0 && (tracee->library[at - 1].frame != frame || tracee->library[at - 1].function != function))
        at--;
    if (at == 0) { /* entered before a fork, by the parent */
        resume(tracee, 0);
        return;
    }
    struct library_call entry = tracee->library[at - 1];
    tracee->library_count = at - 1; /* those further in were left by longjmp */
    int64_t result = (int64_t)info->seccomp.args[1], error = (int64_t)info->seccomp.args[2];
    entry.event->call.arg[FRAME] = info->seccomp.args[3];
    end_call(tracee, &entry, error > 0 ? -error : result);
}

static void hello(struct tracee *tracee)
{
    struct member *member = (struct member *)tracee->pub.process;
    member->pub.has_probe = true;
    if (member->is_preloaded)
        registers_void_call(tracee, PROBE_IS_INJECTED);
    tracee->phase = PHASE_CODE;
    tracee->pub.now = NULL;
    resume(tracee, 0);
}

bool library_mark(struct tracee *tracee, const struct __ptrace_syscall_info *info)
{
    uint64_t what = info->seccomp.args[0];
    int function = (int)(what & PROBE_FUNCTION);
    if (!is_genuine(tracee, info->instruction_pointer) || function >= PROBE_FUNCTIONS)
        return false;
    switch (what & ~(uint64_t)PROBE_FUNCTION) {
    case PROBE_HELLO: hello(tracee); return true;
    case PROBE_ENTER: enter(tracee, info, function); return true;
    case PROBE_LEAVE: leave(tracee, info, function); return true;
    default: return false; /* of another version */
    }
}

/* ---- inside ------------------------------------------------------------------------------------------------------------ */

static bool is_call(const struct event *event, const char *name)
{
    return event->call.row && strcmp(event->call.row->name, name) == 0;
}

/* Is `inner` what the function does itself, and not what a handler does meanwhile? Of a wait that is known exactly. */
static bool is_part(const struct library_call *entry, const struct event *inner)
{
    enum { SEM_SIZE = 32 }; /* of a sem_t */
    uint64_t sem = entry->event->call.arg[0];
    switch ((enum probe_function)entry->function) {
    case PROBE_SEM_WAIT:
    case PROBE_SEM_TIMEDWAIT:
    case PROBE_SEM_CLOCKWAIT:
        return is_call(inner, "futex") && inner->call.arg[0] >= sem && inner->call.arg[0] < sem + SEM_SIZE;
    case PROBE_PCLOSE: return is_call(inner, "wait4") || is_call(inner, "waitid") || is_call(inner, "close");
    case PROBE_SEM_OPEN:
    case PROBE_SEM_CLOSE:
    case PROBE_SEM_UNLINK:
    case PROBE_POPEN: return true;
    case PROBE_SEM_INIT:
    case PROBE_SEM_DESTROY:
    case PROBE_SEM_TRYWAIT:
    case PROBE_SEM_POST:
    case PROBE_FTOK:
    case PROBE_FUNCTIONS: break;
    }
    return false;
}

static const struct library_call *around(const struct tracee *tracee, const struct event *inner)
{
    for (int i = tracee->library_count; i-- > 0;)
        if (tracee->library[i].frame > tracee->sp && is_part(&tracee->library[i], inner))
            return &tracee->library[i];
    return NULL;
}

bool library_is_around(const struct tracee *tracee, const struct event *inner)
{
    return around(tracee, inner) != NULL;
}

struct event *task_library(const struct task *task)
{
    const struct tracee *tracee = (const struct tracee *)task;
    bool is_in_call = task->now && !(task->now->call.row->traits & CALL_LIBRARY);
    const struct library_call *entry = is_in_call ? around(tracee, task->now) : NULL;
    return entry ? entry->event : NULL;
}

void library_cut(struct tracee *tracee)
{
    for (int i = 0; i < tracee->library_count; i++)
        tracee->library[i].event->is_cut = true;
    tracee->library_count = 0;
}

bool task_futex_object(const struct task *task, struct object_id *id)
{
    struct tracee *tracee = (struct tracee *)(uintptr_t)task; // NOLINT: looking changes nothing
    char name[128];
    return task->now && is_call(task->now, "futex") &&
           object_of_sem(tracee, task->now->call.arg[0], id, name, sizeof name);
}
