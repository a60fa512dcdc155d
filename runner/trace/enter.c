/* Entries and exits of calls.
 *
 * Theory of operation. The filter stops a task at the entry of a traced call (PTRACE_EVENT_SECCOMP). The call is decoded, its object is
 * found, and the owner of the tracer rules on it. A call that goes on is resumed with PTRACE_SYSCALL, which gives its exit stop; then the
 * task runs free again with PTRACE_CONT.
 *
 * A hold *before* a call must be a real "nothing has happened yet": at the entry stop the call has begun already, and a signal would end it. So the
 * call is made void, its exit stop comes at once, and there the task is put back in front of the instruction and kept stopped. When it is
 * released, pending signals are handled first, as if it had been pre-empted in its own code; then the same call comes again (again.c knows it).
 */
#include "trace/tracer.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>

enum { EVENT_BUDGET = 50000, OTHERS_FACTOR = 4, SYSCALL_ARGS = 6, RESTART_FIRST = 512, RESTART_LAST = 516 };

/* What floods a log: who does it, does it again and again, and each time leaves behind what was there before. */
static bool floods(const struct deed_row *deed)
{
    static const char *const words[] = {"read",     "write",    "semop",   "msgsnd",    "msgrcv",
                                        "sem_wait", "sem_post", "mq_send", "mq_receive"};
    for (size_t i = 0; deed && i < sizeof words / sizeof *words; i++)
        if (strcmp(deed->word, words[i]) == 0)
            return true;
    return false;
}

/* Calls of each task that are kept even when others have used up what is kept of all. */
enum { OWN_SHARE = 100 };

/* Other calls, on which it hangs who has what, get a few times as much before their detail is dropped, too. */
bool call_is_over_budget(struct tracee *tracee, const struct deed_row *deed)
{
    const struct tracer_config *config = &tracee->tracer->config;
    long budget = config->event_budget > 0 ? config->event_budget : EVENT_BUDGET;
    size_t most = config->events_kept > 0 ? config->events_kept : SIZE_MAX;
    bool is_flood = floods(deed);
    bool is_over =
        tracee->spent >= (is_flood ? budget : budget * OTHERS_FACTOR) ||
        (tracee->spent >= OWN_SHARE && tracee->tracer->event_count >= (is_flood ? most / 2 : most));
    if (!is_over || tracee->pub.process->is_agent) {
        tracee->spent++;
        return false;
    }
    tracee->tracer->has_dropped = true;
    return true;
}

static void decode_entry(struct tracee *tracee, struct event *event, const struct __ptrace_syscall_info *info)
{
    struct call *call = &event->call;
    size_t kept = call->data_wanted;
    call_free(call);
    call_init(call);
    call->data_wanted = kept;
    call->memory = (struct memory){memory_read, tracee};
    call->row = tracee->tracer->rows[info->seccomp.nr];
    call->deed = tracee->tracer->deeds[info->seccomp.nr];
    for (int i = 0; i < SYSCALL_ARGS; i++)
        call->arg[i] = info->seccomp.args[i];
    events_decode(tracee->tracer, event);
    object_of_entry(tracee, event);
    early_note(tracee, event, info->instruction_pointer);
}

/* The event that was begun before, when its call comes again. */
static struct event *take_again(struct tracee *tracee, const struct __ptrace_syscall_info *info)
{
    struct event *event = tracee->again.event;
    tracee->again.event = NULL;
    event->signal = 0;
    tracee->moved = tracee->again.moved;
    if (tracee->moved == 0) /* else its arguments are only those of its rest */
        decode_entry(tracee, event, info);
    return event;
}

/* Whoever has sent one to a stranger is known for it, and those whom he makes: of a flood of calls not each is kept. Whom a pidfd leads to is not asked. */
static void note_signal(struct tracee *tracee, const struct __ptrace_syscall_info *info)
{
    const struct deed_row *deed = tracee->tracer->deeds[info->seccomp.nr];
    if (!deed || strcmp(deed->word, "kill") != 0)
        return;
    tracee->pub.process->has_killed = true;
    if (tracee->pub.process->is_agent)
        return;
    pid_t pid = (pid_t)info->seccomp.args[0];
    if (info->seccomp.nr == (uint64_t)SCMP_SYS(pidfd_send_signal) || pid <= 0 ||
        !tasks_know(tracee->tracer, pid))
        tracee->pub.process->has_signalled = true;
}

static struct event *take_new(struct tracee *tracee, const struct __ptrace_syscall_info *info, bool *is_over)
{
    struct tracer *tracer = tracee->tracer;
    uint64_t nr = info->seccomp.nr;
    again_settle(tracee);
    if (!tracee->again.event)
        ruling_take(tracee); /* of a call that will not come again */
    tracee->moved = 0;
    *is_over = call_is_over_budget(tracee, tracer->deeds[nr]);
    note_signal(tracee, info);
    bool is_unmapping = strcmp(tracer->rows[nr]->name, "munmap") == 0;
    bool is_logged = !*is_over && !is_unmapping && !idle_expects(tracee, tracer->rows[nr]);
    struct event *event =
        is_logged ? events_new(tracer, tracee) : events_scratch(tracer, tracee, &tracee->scratch);
    if (event)
        decode_entry(tracee, event, info);
    if (event)
        event->is_unwatched = *is_over;
    if (event && is_unmapping && event->object.kind == OBJECT_NONE)
        return NULL; /* the loader's or malloc's: nothing that anybody shares */
    return event && is_unmapping && !*is_over ? events_promote(tracer, &tracee->scratch) : event;
}

/* The limit of tasks, and no child that the tracer does not get to see. */
static struct ruling rule_on_clone(struct tracee *tracee, struct event *event)
{
    struct tracer *tracer = tracee->tracer;
    int most = tracer->config.max_tasks;
    event->zombies = 0; /* it may come again */
    if (most > 0 && zombies_fill(tracer, (size_t)most, &event->zombies))
        return (struct ruling){.kind = RULING_FAIL, .error = EAGAIN};
    if (call_is(&event->call, "clone") && event->call.arg[0] & CLONE_UNTRACED)
        registers_set_arg(tracee, 0, event->call.arg[0] & ~(uint64_t)CLONE_UNTRACED);
    if (call_is(&event->call, "clone") && event->call.arg[0] & CLONE_FILES &&
        !(event->call.arg[0] & CLONE_THREAD))
        ((struct member *)tracee->pub.process)->is_shared = true;
    return (struct ruling){.kind = RULING_GO};
}

static bool is_clone(const struct event *event)
{
    return call_is(&event->call, "clone") || call_is(&event->call, "fork") || call_is(&event->call, "vfork");
}

static bool is_exec(const struct event *event)
{
    return call_is(&event->call, "execve") || call_is(&event->call, "execveat");
}

void ruling_keep(struct tracee *tracee, struct ruling held)
{
    held.kind = held.error ? RULING_FAIL : held.bytes > 0 ? RULING_SHORTEN : RULING_GO;
    tracee->after_hold = held;
}

struct ruling ruling_take(struct tracee *tracee)
{
    struct ruling ruling = tracee->after_hold;
    tracee->after_hold = (struct ruling){.kind = RULING_GO};
    return ruling;
}

static struct ruling rule(struct tracee *tracee, struct event *event, bool is_second)
{
    struct tracer *tracer = tracee->tracer;
    struct ruling ruling = {.kind = RULING_GO};
    if (is_clone(event))
        ruling = rule_on_clone(tracee, event);
    if (ruling.kind == RULING_GO && !is_second && tracer->config.hooks.entry)
        ruling = tracer->config.hooks.entry(tracer->config.hooks.context, &tracee->pub, event);
    else if (ruling.kind == RULING_GO && is_second)
        ruling = ruling_take(tracee);
    return ruling;
}

static void apply(struct tracee *tracee, struct event *event, bool is_over)
{
    tracee->phase = is_over ? PHASE_UNWATCHED : PHASE_CALL;
    switch (tracee->ruling.kind) {
    case RULING_GO: break;
    case RULING_HOLD:
        ruling_keep(tracee, tracee->ruling);
        registers_void_call(tracee, -ENOSYS);
        tracee->phase = PHASE_SKIPPED;
        break;
    case RULING_FAIL:
        event->is_injected = true;
        registers_void_call(tracee, -tracee->ruling.error);
        tracee->phase = PHASE_CALL;
        break;
    case RULING_SHORTEN:
        if (shorten_call(tracee, event))
            tracee->phase = PHASE_CALL;
        else
            tracee->ruling.kind = RULING_GO;
        break;
    }
    resume(tracee, 0);
}

/* Where was this made? is asked when it is found to be left behind, or held open. */
static bool makes_something(const struct call *call)
{
    bool is_get = call->has_ipc && call_knows(call, PARAM_MODE);
    return call->made[0] >= 0 || is_get || (call->deed && strcmp(call->deed->word, "mkfifo") == 0) ||
           strcmp(call->row->name, "bind") == 0 || strcmp(call->row->name, "sem_open") == 0;
}

/* Of calls that went well only the last few keep their stacks; where something was made or failed may be asked for much later. */
void call_remember(struct tracee *tracee, struct event *event)
{
    struct event **slot = &tracee->recent[tracee->recent_next++ % RECENT_STACKS];
    struct event *old = *slot;
    bool is_kept = tracee->tracer->stack_count <= tracee->tracer->config.stacks_kept;
    if (old && old != event && old->call.is_done && old->call.error == 0 && !makes_something(&old->call) &&
        !is_kept)
        stack_release(old);
    *slot = tracee->last = event;
}

void enter_call(struct tracee *tracee, const struct __ptrace_syscall_info *info)
{
    bool is_over = false, is_second = again_matches(tracee, info);
    struct event *event = is_second ? take_again(tracee, info) : take_new(tracee, info, &is_over);
    tracee->nr = info->seccomp.nr;
    tracee->ip = info->instruction_pointer;
    tracee->sp = info->stack_pointer;
    tracee->pub.now = event;
    tracee->has_vforked = false;
    if (!event) {
        tracee->phase = PHASE_CODE;
        resume(tracee, 0);
        return;
    }
    event->is_inner = library_is_around(tracee, event);
    garbage_note(tracee->tracer, &event->call);
    if (event != tracee->scratch)
        call_remember(tracee, event);
    bool is_wanted =
        event->call.wait != WAIT_NONE || (event != tracee->scratch && event->counts &&
                                          tracee->tracer->stack_count < tracee->tracer->config.stacks_kept);
    if (is_wanted && !event->stack)
        stack_capture(tracee, event);
    unwritten_note(tracee, event);
    tracee->ruling = rule(tracee, event, is_second);
    if (tracee->ruling.kind == RULING_GO) {
        if (is_exec(event))
            preload_at_entry(tracee, event);
        socket_linger(tracee, event);
    }
    if ((tracee->ruling.kind == RULING_GO || tracee->ruling.kind == RULING_SHORTEN) &&
        held_pipe_refuse(tracee, event))
        tracee->ruling = (struct ruling){.kind = RULING_GO};
    apply(tracee, event, is_over);
}

/* An event that is to outlive its call moves from the task's scratch into the log. */
static void keep_event(struct tracee *tracee)
{
    if (tracee->pub.now != tracee->scratch)
        return;
    tracee->pub.now = events_promote(tracee->tracer, &tracee->scratch);
    call_remember(tracee, tracee->pub.now);
}

/* The exit stop of a call that was made void to be held: back to its instruction. */
void leave_skipped(struct tracee *tracee)
{
    registers_step_back(tracee);
    keep_event(tracee);
    tracee->again = (struct again){
        .event = tracee->pub.now, .ip = tracee->ip, .sp = tracee->sp, .nr = tracee->nr, .is_held = true};
    tracee->phase = PHASE_HELD;
    tracee->is_before = true;
    tracee->pub.state = TASK_HELD;
    tracee->pub.is_held_after = false;
}

/* A call has given its result: decode it again, and keep account of what it changed. */
void finish_event(struct tracee *tracee, struct event *event, int64_t result)
{
    struct call *call = &event->call;
    call->result = result;
    call->is_done = true;
    call->error = result < 0 && result >= -4095 ? (int)-result : 0;
    if (call->row->traits & CALL_BY_EXIT)
        events_decode(tracee->tracer, event);
    event->is_own_limit = own_limit_failed(tracee, event);
    object_of_exit(tracee, event);
    timer_note(tracee, event);
    if (!event->stack && (call->error != 0 || makes_something(call)))
        stack_capture_result(tracee, event);
}

void call_hold_after(struct tracee *tracee)
{
    tracee->phase = PHASE_HELD;
    tracee->is_before = false;
    tracee->pub.state = TASK_HELD;
    tracee->pub.is_held_after = true;
}

/* True when the call's owner wants its task held behind it. */
bool call_is_to_be_held(struct tracee *tracee, struct event *event)
{
    struct trace_hooks *hooks = &tracee->tracer->config.hooks;
    idle_note(tracee, event);
    return hooks->exit && hooks->exit(hooks->context, &tracee->pub, event);
}

void leave_call(struct tracee *tracee, int64_t result)
{
    struct event *event = tracee->pub.now;
    tracee->phase = PHASE_CODE;
    tracee->has_vforked = false;
    shorten_restore(tracee, event, result);
    if (event && is_exec(event))
        preload_at_exit(tracee, event, result);
    if (tracee->ruling.kind == RULING_FAIL) {
        result = -tracee->ruling.error;
        registers_set_result(tracee, result);
    }
    struct ruling ruling = tracee->ruling;
    tracee->ruling.kind = RULING_GO;
    if (event && result > 0 && event == tracee->scratch && event->call.data_len > (size_t)result) {
        keep_event(tracee); /* it may go on */
        event = tracee->pub.now;
    }
    if (!event || partial_goes_on(tracee, event, result)) {
        resume(tracee, 0);
        return;
    }
    result = partial_total(tracee, event, result);
    if ((result <= -RESTART_FIRST && result >= -RESTART_LAST) || (result == -EINTR && !event->is_injected)) {
        keep_event(tracee);
        again_note(tracee, result);
        ruling_keep(tracee, ruling);
        resume(tracee, 0);
        return;
    }
    finish_event(tracee, event, result);
    bool is_one_more = event == tracee->scratch && idle_repeats(tracee, event);
    if (is_one_more && tracee->last)
        tracee->last->repeats++;
    if (event == tracee->scratch && !is_one_more) {
        keep_event(tracee);
        event = tracee->pub.now;
    }
    attached_note(tracee->tracer, event);
    if (call_is_to_be_held(tracee, event)) {
        call_hold_after(tracee);
        return;
    }
    tracee->pub.now = NULL;
    resume(tracee, 0);
}
