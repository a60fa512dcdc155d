/* The proofs: who is blocked, whether a turn is over, whether the scene is at rest.
 *
 * Theory of operation. A task is *blocked* when its entry into a waiting call was seen, its exit was not, and the kernel says that it sleeps
 * interruptibly and is off the run queue. D instead of S is no proof (a task waits for the disk there), with one exception: the parent of a vfork is in D
 * until its child executes or ends, and is judged by that child, which is a task of the scene itself.
 *
 * That every single one is blocked does not yet mean that all are blocked at the same moment. So a second pass reads the same states and the same
 * counts of context switches: then nobody ran between the two passes, and all of them were blocked at once. Whoever could wake another is such
 * a task, a timer, or the runner.
 *
 * Nothing here touches a tracee: reading /proc does not interrupt anybody.
 */
#include "trace/tracer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

enum verdict {
    VERDICT_MOVES,    /* a status of it will come, or it computes */
    VERDICT_UNSEEN,   /* it sleeps in a call that is not followed: what ends it, nobody knows */
    VERDICT_UNPROVED, /* it may just be going to sleep */
    VERDICT_SLEEPS,
    VERDICT_SLEEPS_ON, /* ... beyond the owner's patience */
    VERDICT_LIMITED,   /* blocked; time may end it */
    VERDICT_WAITS_ON,  /* ... but not before the owner's patience ends */
    VERDICT_BLOCKED,
    VERDICT_IDLES,
    VERDICT_STAYS, /* held, stopped, or the empty shell of a leader */
};

/* A task whose exits are not asked for may have left the call that it was last seen to enter. */
static bool is_still_in(const struct tracee *tracee)
{
    char text[256];
    cleanup_file FILE *file = procfs_open(tracee->tracer, tracee->pub.tid, "syscall");
    return file && fgets(text, sizeof text, file) && strtoull(text, NULL, 10) == tracee->nr && text[0] != 'r';
}

static bool waits_for_signal(const struct call *call)
{
    return call_is(call, "pause") || call_is(call, "rt_sigsuspend") || call_is(call, "rt_sigtimedwait") ||
           (call->fd_count == 0 && (call_is(call, "poll") || call_is(call, "ppoll") ||
                                    call_is(call, "select") || call_is(call, "pselect6")));
}

/* The signals that end this wait and let the program go on: those that it has asked for (they are not blocked while it waits), and those that have a handler. Who is
 * killed by an alarm does not wait for it. */
static uint64_t ending_signals(struct tracee *tracee, const struct call *call)
{
    uint64_t wanted = 0;
    if (call_is(call, "rt_sigtimedwait") && !memory_read(tracee, call->arg[0], &wanted, sizeof wanted))
        wanted = UINT64_MAX;
    return (wanted | tracee->seen[0].caught) & ~tracee->seen[0].blocked;
}

/* It waits for a timer of its own, and nobody will be there before that is due. Not so with a watchdog, which is set to kill it, or is due when nobody will wait
 * for it any more. */
static bool waits_for_timer(struct tracee *tracee, const struct call *call)
{
    const struct member *member = (const struct member *)tracee->pub.process;
    return waits_for_signal(call) &&
           timer_gives(member, ending_signals(tracee, call), tracee->tracer->horizon_ns);
}

/* Told by the limit that was asked for, not by what is left of it: that is the same in every play. */
static bool goes_on_too_long(const struct tracee *tracee, const struct call *call)
{
    uint64_t lasts_ns = tracee->tracer->config.lasts_ns;
    return lasts_ns > 0 && call->wait_ns > 0 && (uint64_t)call->wait_ns >= lasts_ns;
}

/* What kind of wait is it, timers of its own included? */
static enum verdict sort_of_wait(struct tracee *tracee)
{
    const struct event *event = tracee->pub.now;
    const struct call *call = &event->call;
    bool has_timer = timer_pending((struct member *)tracee->pub.process, tracee->seen[0].pending, now_ns());
    bool is_too_long = !has_timer && goes_on_too_long(tracee, call);
    if (call->wait == WAIT_TIME)
        return is_too_long ? VERDICT_SLEEPS_ON : VERDICT_SLEEPS;
    if (has_timer)
        return waits_for_timer(tracee, call) ? VERDICT_SLEEPS : VERDICT_LIMITED;
    struct watched watched = watched_by(tracee, event);
    if (watched.timers > 0 && watched.timers == watched.count)
        return VERDICT_SLEEPS;
    if (watched.timers + watched.unknown > 0 || socket_is_limited(tracee, call) ||
        terminal_ends_read(tracee, event))
        return VERDICT_LIMITED;
    if (call->wait == WAIT_LIMITED)
        return is_too_long ? VERDICT_WAITS_ON : VERDICT_LIMITED;
    return VERDICT_BLOCKED;
}

/* No wait was entered. Who sleeps all the same is not kept from going on by others who want the processor, nor, in these places, by a disk. Before it has executed anything it
 * waits for us. */
static enum verdict look_at_unseen(struct tracee *tracee)
{
    const struct process *process = tracee->pub.process;
    const struct seen *seen = &tracee->seen[0];
    bool is_asleep = (process->has_entered || process->program[0]) && procfs_see(tracee, &tracee->seen[0]) &&
                     seen->is_off &&
                     (seen->state == 'S' || (seen->state == 'D' && procfs_is_own_wait(tracee)));
    return is_asleep ? VERDICT_UNSEEN : VERDICT_MOVES;
}

static enum verdict verdict_by_kernel(struct tracee *tracee)
{
    const struct event *now = tracee->pub.now;
    if (!now || (now->call.wait == WAIT_NONE && !tracee->has_vforked))
        return look_at_unseen(tracee);
    if (!procfs_see(tracee, &tracee->seen[0]))
        return VERDICT_MOVES;
    const struct seen *seen = &tracee->seen[0];
    if (!seen->is_off)
        return VERDICT_UNPROVED;
    if (tracee->has_vforked)
        return seen->state == 'D' || seen->state == 'S' ? VERDICT_BLOCKED : VERDICT_UNPROVED;
    if (seen->state == 'Z' || seen->state == 'X')
        return VERDICT_MOVES; /* its status will come */
    if (seen->state == 'D' && procfs_is_own_wait(tracee))
        return VERDICT_UNSEEN;
    if (seen->state != 'S')
        return VERDICT_UNPROVED; /* between the two files that were read it may have run: R; or it is stopped for us */
    if (tracee->phase == PHASE_UNWATCHED && !is_still_in(tracee))
        return look_at_unseen(tracee);
    return sort_of_wait(tracee);
}

/* A leader that called pthread_exit stays a zombie while its threads live. */
static bool is_empty_shell(const struct tracee *tracee)
{
    pid_t ppid;
    if (!tracee->is_leaving || tracee->pub.tid != tracee->pub.process->pid)
        return false;
    for (size_t i = 0; i < tracee->tracer->task_count; i++) {
        const struct tracee *other = tracee->tracer->tasks[i];
        if (other != tracee && other->pub.process == tracee->pub.process)
            return procfs_state(tracee->tracer, tracee->pub.tid, &ppid) == 'Z';
    }
    return false;
}

/* Whoever is stopped stays so, unless it has just been killed or continued: then it runs already, though its status has not come yet. A timer of its own may do that. */
static enum verdict look_at_stopped(const struct tracee *tracee)
{
    static const uint64_t going_on = 1ull << (SIGCONT - 1) | 1ull << (SIGKILL - 1);
    pid_t ppid;
    char state = procfs_state(tracee->tracer, tracee->pub.tid, &ppid);
    if (state != 't' && state != 'T')
        return VERDICT_MOVES;
    bool is_limited = tracee->pub.state == TASK_STOPPED &&
                      timer_gives((const struct member *)tracee->pub.process, going_on, 0);
    return is_limited ? VERDICT_LIMITED : VERDICT_STAYS;
}

static enum verdict first_look(struct tracee *tracee)
{
    if (tracee->phase == PHASE_HELD || tracee->phase == PHASE_READY || tracee->pub.state == TASK_STOPPED)
        return look_at_stopped(tracee);
    if (tracee->phase == PHASE_PARKED)
        return VERDICT_MOVES;
    if (tracee->is_leaving)
        return is_empty_shell(tracee) ? VERDICT_STAYS : VERDICT_MOVES;
    enum verdict verdict = verdict_by_kernel(tracee);
    bool may_poll = verdict == VERDICT_MOVES || verdict == VERDICT_UNSEEN || verdict == VERDICT_UNPROVED ||
                    verdict == VERDICT_SLEEPS || verdict == VERDICT_SLEEPS_ON;
    return may_poll && idle_holds(tracee) ? VERDICT_IDLES : verdict;
}

static void set_state(struct tracee *tracee, enum verdict verdict)
{
    tracee->pub.sleeps_unseen = verdict == VERDICT_UNSEEN;
    switch (verdict) {
    case VERDICT_MOVES:
    case VERDICT_UNSEEN:
    case VERDICT_UNPROVED: tracee->pub.state = TASK_RUNNING; break;
    case VERDICT_SLEEPS:
    case VERDICT_SLEEPS_ON: tracee->pub.state = TASK_SLEEPING; break;
    case VERDICT_LIMITED:
    case VERDICT_WAITS_ON:
        if (tracee->pub.state == TASK_STOPPED)
            break;
    /* fall through */
    case VERDICT_BLOCKED: tracee->pub.state = TASK_BLOCKED; break;
    case VERDICT_IDLES: tracee->pub.state = TASK_IDLING; break;
    case VERDICT_STAYS:
        if (tracee->is_leaving)
            tracee->pub.state = TASK_BLOCKED; /* nothing of it is left that could run */
        break;
    }
}

/* The second pass over those that are blocked: has anybody run since the first? */
static bool stood_still(const struct tracer *tracer)
{
    for (size_t i = 0; i < tracer->task_count; i++) {
        struct tracee *tracee = tracer->tasks[i];
        bool is_asleep = tracee->pub.state == TASK_BLOCKED || tracee->pub.state == TASK_SLEEPING;
        if (!is_asleep || tracee->is_leaving)
            continue;
        if (!procfs_see(tracee, &tracee->seen[1]) || !tracee->seen[1].is_off ||
            tracee->seen[1].state != tracee->seen[0].state ||
            tracee->seen[1].switches != tracee->seen[0].switches) {
            tracee->pub.state = TASK_RUNNING;
            return false;
        }
    }
    return true;
}

/* A child whose maker was killed inside the clone may be on its way to its first stop, where nobody has heard of it yet. */
static bool is_complete(struct tracer *tracer)
{
    if (tracer->may_have_unseen)
        tracer->may_have_unseen = procfs_any_unknown(tracer);
    return !tracer->may_have_unseen;
}

/* What is given from now on may be what ends their waits; what was given before is not. */
static void mark_blocked(const struct tracer *tracer)
{
    for (size_t i = 0; i < tracer->task_count; i++) {
        const struct task *task = &tracer->tasks[i]->pub;
        if (task->state == TASK_BLOCKED && task->now)
            task->now->blocked_at = tracer->event_count;
    }
}

/* Who sleeps between its looks may end with them, and a timer may end any polling: also what another one polls for. */
static bool is_polling_timed(struct tracee *tracee)
{
    struct member *member = (struct member *)tracee->pub.process;
    return tracee->idle->has_slept || timer_pending(member, tracee->seen[0].pending, now_ns()) ||
           watched_may_have_timer(tracee);
}

static bool is_any_polling_timed(const struct tracer *tracer)
{
    for (size_t i = 0; i < tracer->task_count; i++)
        if (tracer->tasks[i]->pub.state == TASK_IDLING && is_polling_timed(tracer->tasks[i]))
            return true;
    return false;
}

/* While others still run, or time has not done yet what it will, who polls may be waiting for that with good reason: on a slow machine they take as long as they take, and on a fast one it asks
 * more often in the same time. So how often it asks between two proofs counts only if neither has seen such a thing. */
static void forgive_polling(const struct tracer *tracer)
{
    for (size_t i = 0; i < tracer->task_count; i++)
        if (idle_is_known(tracer->tasks[i]))
            tracer->tasks[i]->idle->excused = tracer->tasks[i]->idle->looks;
}

bool tracer_outlasts(const struct tracer *tracer)
{
    return tracer->outlasts;
}

void tracer_wait_until(struct tracer *tracer, uint64_t horizon_ns)
{
    tracer->horizon_ns = horizon_ns;
}

enum scene scene_prove(struct tracer *tracer)
{
    unsigned seen[VERDICT_STAYS + 1] = {0};
    tracer->outlasts = false;
    for (size_t i = 0; i < tracer->task_count; i++) {
        enum verdict verdict = first_look(tracer->tasks[i]);
        set_state(tracer->tasks[i], verdict);
        seen[verdict == VERDICT_UNSEEN ? VERDICT_MOVES : verdict]++;
    }
    unsigned sleeping = seen[VERDICT_SLEEPS] + seen[VERDICT_SLEEPS_ON];
    bool is_anybody_awaited =
        seen[VERDICT_MOVES] + sleeping + seen[VERDICT_UNPROVED] + seen[VERDICT_LIMITED] > 0 ||
        is_any_polling_timed(tracer);
    if (is_anybody_awaited || tracer->was_anybody_awaited)
        forgive_polling(tracer);
    tracer->was_anybody_awaited = is_anybody_awaited;
    if (seen[VERDICT_MOVES] > 0 || seen[VERDICT_SLEEPS] > 0)
        return seen[VERDICT_UNPROVED] > 0 && seen[VERDICT_MOVES] == 0 ? SCENE_UNPROVED : SCENE_MOVING;
    /* Between the two passes: then nothing was on its way while nobody ran. Garbage first: what is closed there may be an end of a connection, or of a terminal. */
    enum garbage_look garbage = seen[VERDICT_UNPROVED] == 0 ? garbage_look(tracer) : GARBAGE_LEFT;
    enum internet internet = seen[VERDICT_UNPROVED] == 0 ? internet_look(tracer) : INTERNET_MOVES;
    bool are_flushed = seen[VERDICT_UNPROVED] > 0 || terminals_flush(tracer);
    if (garbage == GARBAGE_LEFT || internet == INTERNET_MOVES || !is_complete(tracer) || !stood_still(tracer))
        return SCENE_UNPROVED;
    bool may_change = seen[VERDICT_LIMITED] > 0 || seen[VERDICT_IDLES] > 0 || internet == INTERNET_WAITS ||
                      !are_flushed || garbage == GARBAGE_MAY_BE;
    unsigned too_long = seen[VERDICT_SLEEPS_ON] + seen[VERDICT_WAITS_ON];
    tracer->outlasts = !may_change && too_long > 0;
    if (seen[VERDICT_SLEEPS_ON] > 0)
        return SCENE_MOVING;
    mark_blocked(tracer);
    return may_change || too_long > 0 ? SCENE_TURN_OVER : SCENE_AT_REST;
}

uint64_t scene_spinning(const struct tracer *tracer, const struct task **who)
{
    uint64_t most = 0;
    for (size_t i = 0; i < tracer->task_count; i++) {
        struct tracee *tracee = tracer->tasks[i];
        if (!idle_is_known(tracee) || tracee->idle->has_slept)
            continue;
        uint64_t looks = tracee->idle->looks - tracee->idle->excused;
        if (looks > most) {
            most = looks;
            if (who)
                *who = &tracee->pub;
        }
    }
    return most;
}
