/* lock-order, lock-lost, lock-ignored, lock-inherited, left-locked: locks of files, and what stays locked when its owner is gone. */
#include "base/text.h"
#include "rules/facts.h"
#include "rules/handling.h"
#include "rules/stranded.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

static bool is_record_lock(const struct event *event, bool wants)
{
    int64_t cmd = event->call.value[PARAM_CMD];
    bool is_lock = is_deed(event, "lock") && (cmd == F_SETLK || cmd == F_SETLKW);
    return is_lock && (event->call.value[PARAM_TYPE] != F_UNLCK) == wants;
}

/* ---- which bytes --------------------------------------------------------------------------------------------------------- */

static bool asks_for_lock(const struct event *event)
{
    bool is_flock = is_deed(event, "flock") && !(event->call.value[PARAM_OP] & LOCK_UN);
    return is_flock || (is_deed(event, "lock") && !call_asks_for_lock(&event->call) &&
                        event->call.value[PARAM_TYPE] != F_UNLCK);
}

/* When it was refused it had the lock of other bytes of the file, by which it may go on. */
static bool has_other_bytes(const struct study *study, const struct event *refused)
{
    bool has = false;
    for (size_t i = 0; i < refused->number; i++) {
        const struct event *old = tracer_event(study_tracer(study), i);
        if (!old->call.row || old->process != refused->process || !has_succeeded(old) ||
            !object_same(&old->object, &refused->object))
            continue;
        if (is_deed(old, "close") || is_deed(old, "lock"))
            has = is_deed(old, "lock") && asks_for_lock(old);
    }
    return has;
}

/* The writing is to the bytes whose lock was refused, as far as that is known. */
static bool is_within(const struct study *study, const struct event *refused, const struct event *writing)
{
    if (is_deed(refused, "flock"))
        return true;
    if (!is_call(writing, "pwrite64") || !call_knows(&refused->call, PARAM_START))
        return !has_other_bytes(study, refused);
    int64_t at = (int64_t)writing->call.arg[3], start = refused->call.value[PARAM_START],
            len = refused->call.value[PARAM_LEN];
    return at + (int64_t)writing->call.arg[2] > start && (len == 0 || at < start + len);
}

/* ---- lock-order ---------------------------------------------------------------------------------------------------------- */

static void order_event(struct study *study, const struct event *event);

const struct rule rule_lock_order = {
    .id = "lock-order",
    .severity = SEVERITY_ERROR,
    .law = "Locks are taken by everybody in the same order; who is told EDEADLK has no lock.",
    .see = "fcntl(2) (F_SETLKW, EDEADLK)",
    .silent =
        "A process that gives a lock back after EDEADLK and gets the lock later, or neither writes to the "
        "file nor unlocks what it has not got: it has given up. An error only when it says nothing; else a "
        "warning.",
    .event = order_event,
};

/* The next call of the process, in whichever thread: the locks are the process's. */
static const struct event *next_of_any_thread(const struct study *study, const struct event *event)
{
    for (size_t i = (size_t)event->number + 1; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *next = tracer_event(study_tracer(study), i);
        if (next->call.row && next->process == event->process)
            return next;
    }
    return NULL;
}

/* It lets go of what it has, and comes to the lock in the end. */
static bool is_taken_again(const struct study *study, const struct event *refused)
{
    bool has_let_go = false;
    for (const struct event *next = next_of_any_thread(study, refused); next;
         next = next_of_any_thread(study, next)) {
        has_let_go |= is_record_lock(next, false) || is_deed(next, "close");
        if (has_let_go && is_record_lock(next, true) && has_succeeded(next) &&
            object_same(&next->object, &refused->object) &&
            next->call.value[PARAM_START] == refused->call.value[PARAM_START])
            return true;
    }
    return false;
}

static bool is_same_range(const struct event *event, const struct event *other)
{
    return event->call.value[PARAM_START] == other->call.value[PARAM_START] &&
           event->call.value[PARAM_LEN] == other->call.value[PARAM_LEN];
}

/* At least the bytes of the other one; 0 bytes: to the end of the file. */
static bool covers(const struct event *event, const struct event *other)
{
    int64_t start = event->call.value[PARAM_START], len = event->call.value[PARAM_LEN];
    int64_t wanted = other->call.value[PARAM_START], wanted_len = other->call.value[PARAM_LEN];
    return start <= wanted && (len == 0 || (wanted_len > 0 && wanted + wanted_len <= start + len));
}

/* It writes to the file, or gives back what it has not got: the victim of a deadlock that rolls back does neither. */
static bool goes_on_without(const struct study *study, const struct event *refused)
{
    for (const struct event *next = next_of_task(study, refused); next; next = next_of_task(study, next)) {
        if (!object_same(&next->object, &refused->object))
            continue;
        if (is_record_lock(next, true) && has_succeeded(next) && covers(next, refused))
            return false;
        if ((is_deed(next, "write") && is_within(study, refused, next)) || is_deed(next, "truncate") ||
            (is_record_lock(next, false) && is_same_range(next, refused)))
            return true;
    }
    return false;
}

static void order_event(struct study *study, const struct event *event)
{
    if (event->call.error != EDEADLK || !is_record_lock(event, true) || is_taken_again(study, event) ||
        !goes_on_without(study, event))
        return;
    finding_add(study, &rule_lock_order, is_failure_told(study, event) ? SEVERITY_WARNING : SEVERITY_ERROR,
                &(struct place){.process = event->process, .event = event},
                "the kernel refuses the lock, since another process holds it and waits for one of ours: two "
                "orders; it goes on without the lock");
}

/* ---- lock-lost ----------------------------------------------------------------------------------------------------------- */

static void lost_event(struct study *study, const struct event *event);

const struct rule rule_lock_lost = {
    .id = "lock-lost",
    .severity = SEVERITY_ERROR,
    .law = "While a file is locked by fcntl() or lockf(), no other descriptor of it is closed.",
    .see = "fcntl(2), \"Record locking and file descriptors\"; close(2)",
    .silent = "Locks of open file descriptions and of flock(), which stay. An error when the process writes "
              "to the file afterwards without having locked it again, a warning when it only unlocks it.",
    .event = lost_event,
};

/* The lock that the process has on the file by another descriptor than the one that is closed now, which is still open. */
static const struct event *lock_held(const struct study *study, const struct event *closing)
{
    for (size_t i = (size_t)closing->number; i > 0; i--) {
        const struct event *old = tracer_event(study_tracer(study), i - 1);
        if (!old->call.row || old->process != closing->process || !has_succeeded(old) ||
            !object_same(&old->object, &closing->object))
            continue;
        if (is_record_lock(old, false) || is_deed(old, "close"))
            return NULL;
        if (!is_record_lock(old, true))
            continue;
        const struct descriptor *locked = history_find(study_history(study), closing->process, old->call.fd);
        bool is_open = locked && object_same(&locked->object, &closing->object);
        return is_open && old->call.fd != closing->call.fd ? old : NULL;
    }
    return NULL;
}

/* What the process does first that it should do under the lock: writing (error), or giving it back. */
static const struct event *goes_on(const struct study *study, const struct event *closing)
{
    for (size_t i = (size_t)closing->number + 1; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *next = tracer_event(study_tracer(study), i);
        if (!next->call.row || next->process != closing->process || !has_succeeded(next) ||
            !object_same(&next->object, &closing->object))
            continue;
        if (is_record_lock(next, true) || is_deed(next, "close"))
            return NULL;
        if (is_record_lock(next, false) || is_deed(next, "write") || is_deed(next, "truncate"))
            return next;
    }
    return NULL;
}

static void lost_event(struct study *study, const struct event *event)
{
    bool *is_any = study_room(study, &rule_lock_lost, sizeof *is_any);
    *is_any |= is_record_lock(event, true);
    if (!*is_any || !is_call(event, "close") || !has_succeeded(event) || event->object.kind != OBJECT_FILE)
        return;
    const struct event *lock = lock_held(study, event), *next = lock ? goes_on(study, event) : NULL;
    if (next)
        finding_add(study, &rule_lock_lost, is_record_lock(next, false) ? SEVERITY_WARNING : SEVERITY_ERROR,
                    &(struct place){event->process, event, lock, "locked by"},
                    "closing descriptor %d of the file lets go of the lock that was taken by descriptor %d",
                    event->call.fd, lock->call.fd);
}

/* ---- lock-ignored --------------------------------------------------------------------------------------------------------- */

static void ignored_event(struct study *study, const struct event *event);

const struct rule rule_lock_ignored = {
    .id = "lock-ignored",
    .severity = SEVERITY_ERROR,
    .law = "Who has not got the lock of a file does not write to it.",
    .see = "fcntl(2) (F_SETLK), lockf(3), flock(2)",
    .silent =
        "Processes that get the lock later, or do not write to the file after they have been refused "
        "it, or write to other bytes of it; other threads than the one that was refused. A warning where "
        "the file is open for appending, for which the lock may not be meant.",
    .event = ignored_event,
};

/* It writes to the file, and nobody of its process has asked for the lock again: another thread may have got it for all of them. One that writes itself may have the
 * lock by an open() of its own. */
static const struct event *writes_without(const struct study *study, const struct event *refused)
{
    const struct tracer *tracer = study_tracer(study);
    for (size_t i = (size_t)refused->number + 1; i < tracer_event_count(tracer); i++) {
        const struct event *next = tracer_event(tracer, i);
        if (next->process != refused->process || !next->call.row || !has_succeeded(next) ||
            !object_same(&next->object, &refused->object))
            continue;
        if (asks_for_lock(next) || is_deed(next, "close"))
            return NULL;
        bool is_writing =
            is_deed(next, "truncate") || (is_deed(next, "write") && is_within(study, refused, next));
        if (is_writing && next->tid == refused->tid)
            return next;
    }
    return NULL;
}

/* By O_APPEND whole lines stay whole without a lock, too. */
static bool appends(const struct study *study, const struct event *writing)
{
    const struct descriptor *own = history_find(study_history(study), writing->process, writing->call.fd);
    return own && own->origin && (own->origin->call.value[PARAM_FLAGS] & O_APPEND);
}

static void ignored_event(struct study *study, const struct event *event)
{
    int error = event->call.error;
    bool is_refused = error == EAGAIN || error == EACCES || error == EBADF || error == EINVAL;
    const struct event *next = is_refused && asks_for_lock(event) ? writes_without(study, event) : NULL;
    if (next)
        finding_add(study, &rule_lock_ignored, appends(study, next) ? SEVERITY_WARNING : SEVERITY_ERROR,
                    &(struct place){event->process, event, next, "it writes all the same in"},
                    "it has not got the lock (%s), and goes on as if it had", errno_name(error));
}

/* ---- lock-inherited ------------------------------------------------------------------------------------------------------- */

static void inherited_event(struct study *study, const struct event *event);

const struct rule rule_lock_inherited = {
    .id = "lock-inherited",
    .severity = SEVERITY_WARNING,
    .law = "Processes that shall exclude each other by flock() have each opened the file.",
    .see = "flock(2), \"NOTES\"; fork(2)",
    .silent = "A lock that only one process has asked for, and that others inherit: then it is held until "
              "the last of them ends. Processes that never had it at the same time.",
    .event = inherited_event,
};

static bool takes_alone(const struct event *event)
{
    return is_deed(event, "flock") && (event->call.value[PARAM_OP] & LOCK_EX) && has_succeeded(event);
}

/* What opened the file by which the event works. */
static const struct event *opening_of(const struct study *study, const struct event *event)
{
    const struct descriptor *own = history_find(study_history(study), event->process, event->call.fd);
    return own ? own->origin : NULL;
}

/* Another process has the lock by the same opening now: it has taken it, and not given it back. */
static const struct event *holder_of(const struct study *study, const struct event *event)
{
    const struct event *origin = opening_of(study, event), *holder = NULL;
    for (size_t i = 0; origin && i < event->number; i++) {
        const struct event *old = tracer_event(study_tracer(study), i);
        if (holder && is_deed(old, "exit") && old->process == holder->process)
            holder = NULL; /* it can do nothing under the lock any more */
        if (!old->call.row || !is_deed(old, "flock") || !has_succeeded(old) ||
            !object_same(&old->object, &event->object))
            continue;
        if (event->call.value[PARAM_OP] & LOCK_UN || !takes_alone(old))
            holder = NULL;
        else if (old->process != event->process && opening_of(study, old) == origin)
            holder = old;
    }
    return holder;
}

static void inherited_event(struct study *study, const struct event *event)
{
    const struct event *holder = takes_alone(event) ? holder_of(study, event) : NULL;
    const struct process *other =
        holder ? tracer_process(study_tracer(study), (size_t)holder->process) : NULL;
    if (other)
        finding_add(study, &rule_lock_inherited, SEVERITY_WARNING,
                    &(struct place){event->process, event, holder, "the other one has it since"},
                    "[%s %d] has the lock, too: both got the descriptor from one open(), and to flock() they "
                    "are one",
                    other->program, (int)other->pid);
}

/* ---- left-locked --------------------------------------------------------------------------------------------------------- */

static void left_stands(struct study *study, const struct waits *waits);

const struct rule rule_left_locked = {
    .id = "left-locked",
    .severity = SEVERITY_ERROR,
    .law = "Nobody ends while he holds a lock that others wait for.",
    .see = "pthread_mutexattr_setrobust(3), semop(2) (SEM_UNDO)",
    .silent = "Only when everything is at rest. An error when the owner of a mutex is known to be dead, or "
              "nobody is left who could give the semaphore; else a warning.",
    .stands = left_stands,
};

static void left_stands(struct study *study, const struct waits *waits)
{
    bool is_over = how_stranded(study, waits) == STRANDED_FOR_EVER;
    for (size_t i = 0; i < waits->count; i++) {
        const struct wait *wait = &waits->items[i];
        const struct event *taking = NULL;
        const struct process *owner = dead_owner(study, wait, &taking);
        bool is_mutex = wait->wait_for != WAIT_FOR_VALUE && wait->wait_for != WAIT_FOR_POST;
        if (owner)
            finding_add(study, &rule_left_locked, is_over || is_mutex ? SEVERITY_ERROR : SEVERITY_WARNING,
                        &(struct place){wait->task->process->index, wait->event, taking, "taken by"},
                        is_mutex ? "it waits for a mutex that %s[%s %d] had locked when it ended: nobody can "
                                   "unlock it any more"
                                 : "it waits for a semaphore that %s[%s %d] had taken when it ended, and "
                                   "nobody gives back",
                        owner->is_dead ? "" : _("a thread of "), owner->program, (int)owner->pid);
    }
}
