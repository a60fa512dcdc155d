/* Timers that still run, so that "nothing will ever happen any more" is not said while an alarm is pending.
 *
 * The kernel tells nobody how an alarm, an itimer or a POSIX timer of another process stands; so a ledger is kept from the calls that arm them. A
 * timer that fires once has fired when its signal was seen: delivered, waiting behind a signal mask, or taken by sigwait or from a
 * signalfd. One that waits for a time of day may be due at any time: the clock may be set. So the tracer never asks for the time of day. Timers that count the CPU time of a process that waits do not move. What a timerfd has left stands in fdinfo: watched.c.
 */
#include "trace/tracer.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

enum { ITIMER = -1, TAKEN_UNSEEN_NS = 50000000 };
static const uint64_t some_time = UINT64_MAX; /* when, hangs on a clock that anybody may set meanwhile */

static struct timer *find(struct member *member, int id)
{
    for (size_t i = 0; i < member->timer_count; i++)
        if (member->timers[i].id == id)
            return &member->timers[i];
    return NULL;
}

static struct timer *find_or_add(struct member *member, int id)
{
    struct timer *timer = find(member, id);
    if (timer)
        return timer;
    struct timer *grown = realloc(member->timers, (member->timer_count + 1) * sizeof *grown);
    if (!grown)
        return NULL;
    member->timers = grown;
    timer = &grown[member->timer_count++];
    *timer = (struct timer){.id = id, .signal = SIGALRM, .is_clock = true};
    return timer;
}

/* `from_ns`: before the kernel armed it, so that its signal never comes before it is due here. */
static void arm(struct timer *timer, uint64_t from_ns, uint64_t value_ns, uint64_t interval_ns)
{
    timer->due_ns = value_ns > 0 ? from_ns + value_ns : 0;
    timer->interval_ns = interval_ns;
}

static void note_create(struct member *member, const struct event *event)
{
    const struct call *call = &event->call;
    struct timer *timer = call_knows(call, PARAM_ID) ? find_or_add(member, (int)call->value[PARAM_ID]) : NULL;
    int64_t clock = call->value[PARAM_TYPE];
    if (!timer)
        return;
    *timer = (struct timer){.id = timer->id, .signal = (int)call->value[PARAM_SIG]};
    timer->is_clock = clock != CLOCK_PROCESS_CPUTIME_ID && clock != CLOCK_THREAD_CPUTIME_ID && clock >= 0;
    timer->can_be_set = clock == CLOCK_REALTIME || clock == CLOCK_TAI;
    if (call->value[PARAM_OP] == SIGEV_NONE)
        timer->is_clock = false;
}

static void note_settime(struct member *member, const struct event *event)
{
    const struct call *call = &event->call;
    struct timer *timer = find(member, (int)call->value[PARAM_ID]);
    uint64_t value = (uint64_t)call->value[PARAM_VALUE];
    if (!timer)
        return;
    bool is_absolute = value > 0 && call->value[PARAM_FLAGS] & TIMER_ABSTIME;
    if (is_absolute)
        value = value > event->time_ns ? value - event->time_ns : 1; /* both are of CLOCK_MONOTONIC */
    arm(timer, event->time_ns, value, (uint64_t)call->value[PARAM_LEN]);
    if (is_absolute && timer->can_be_set)
        timer->due_ns = some_time;
}

static void note_delete(struct member *member, const struct event *event)
{
    const struct call *call = &event->call;
    struct timer *timer = find(member, (int)call->value[PARAM_ID]);
    if (timer)
        *timer = member->timers[--member->timer_count];
}

static void note_itimer(struct member *member, const struct event *event)
{
    const struct call *call = &event->call;
    struct timer *timer;
    if (call->value[PARAM_TYPE] == ITIMER_REAL && (timer = find_or_add(member, ITIMER)))
        arm(timer, event->time_ns, (uint64_t)call->value[PARAM_VALUE], (uint64_t)call->value[PARAM_LEN]);
}

static void note_taken(struct member *member, const struct event *event)
{
    const struct call *call = &event->call;
    timer_signal(member, (int)call->result);
}

void timer_note(struct tracee *tracee, const struct event *event)
{
    static const struct {
        const char *name;
        void (*note)(struct member *, const struct event *);
    } rows[] = {{"alarm", note_itimer},        {"setitimer", note_itimer},
                {"timer_create", note_create}, {"timer_settime", note_settime},
                {"timer_delete", note_delete}, {"rt_sigtimedwait", note_taken}};
    const char *name = event->call.row->name;
    if (event->call.error != 0 || !strchr("astr", name[0]))
        return;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, name) == 0)
            rows[i].note((struct member *)tracee->pub.process, event);
}

/* A child begins without timers: fork(2), timer_create(2), setitimer(2). */
void timer_inherit(struct member *child)
{
    child->timers = NULL;
    child->timer_count = 0;
}

/* An exec keeps the alarm and drops POSIX timers. */
void timer_exec(struct member *member)
{
    size_t kept = 0;
    for (size_t i = 0; i < member->timer_count; i++)
        if (member->timers[i].id == ITIMER)
            member->timers[kept++] = member->timers[i];
    member->timer_count = kept;
}

void timer_signal(struct member *member, int signal)
{
    uint64_t now = member->timer_count > 0 ? now_ns() : 0;
    for (size_t i = 0; i < member->timer_count; i++) {
        struct timer *timer = &member->timers[i];
        bool may_be_due = timer->due_ns > 0 && (timer->due_ns <= now || timer->due_ns == some_time);
        if (timer->signal == signal && may_be_due && timer->interval_ns == 0)
            timer->due_ns = 0;
    }
}

bool timer_pending(struct member *member, uint64_t waiting_signals, uint64_t now)
{
    for (size_t i = 0; i < member->timer_count; i++) {
        struct timer *timer = &member->timers[i];
        if (timer->due_ns == 0 || !timer->is_clock)
            continue;
        bool is_late = timer->due_ns != some_time && timer->due_ns + TAKEN_UNSEEN_NS <= now;
        bool is_over = (timer->due_ns <= now || timer->due_ns == some_time) && timer->interval_ns == 0;
        bool waits = timer->signal > 0 && (waiting_signals >> (timer->signal - 1) & 1);
        /* Long over, and still nobody was seen to get the signal: it was taken on a way that is not traced. */
        if (is_over && (waits || is_late))
            timer->due_ns = 0;
        else
            return true;
    }
    return false;
}

bool timer_gives(const struct member *member, uint64_t signals, uint64_t horizon)
{
    for (size_t i = 0; i < member->timer_count; i++) {
        const struct timer *timer = &member->timers[i];
        bool is_in_time = horizon == 0 || timer->due_ns == some_time || timer->due_ns <= horizon;
        bool is_meant = timer->signal == 0 || (signals >> (timer->signal - 1) & 1);
        if (timer->due_ns != 0 && timer->is_clock && is_in_time && is_meant)
            return true;
    }
    return false;
}
