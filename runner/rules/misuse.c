/* refused-call, use-after-removal, removed-twice: calls that could never have gone well. */
#include "rules/facts.h"
#include "rules/handling.h"

#include <errno.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>

/* ---- what has been removed ------------------------------------------------------------------------------------------------------------ */

static bool is_removal(const struct event *event)
{
    bool is_ctl = is_deed(event, "msgctl") || is_deed(event, "semctl") || is_deed(event, "shmctl");
    return is_ctl && event->call.value[PARAM_CMD] == IPC_RMID;
}

static bool is_unlinking(const struct event *event)
{
    return is_deed(event, "shm_unlink") || is_deed(event, "sem_unlink") || is_deed(event, "mq_unlink");
}

static bool is_removed_error(int error)
{
    return error == EINVAL || error == EIDRM;
}

/* The last successful removal of the same System V object before the event. */
static const struct event *removal_before(const struct study *study, const struct event *event)
{
    for (size_t i = (size_t)event->number; event->object.kind != OBJECT_NONE && i > 0; i--) {
        const struct event *old = tracer_event(study_tracer(study), i - 1);
        if (old->call.row && is_removal(old) && has_succeeded(old) &&
            object_same(&old->object, &event->object))
            return old;
    }
    return NULL;
}

/* ---- refused-call -------------------------------------------------------------------------------------------------------- */

static void refused_event(struct study *study, const struct event *event);

const struct rule rule_refused_call = {
    .id = "refused-call",
    .severity = SEVERITY_ERROR,
    .law = "No message and no operation is lost because the kernel has refused its arguments.",
    .see = "msgop(2), semop(2), semctl(2), mq_send(3), mq_receive(3)",
    .silent = "Refusals that another cause explains (an identifier of -1, a removal); a receiver that asks "
              "again with more room or MSG_NOERROR, or leaves it to another one; who has the object to "
              "himself and finds a limit by "
              "trying. An error only when the process goes on as if nothing had "
              "been, and says nothing; else a warning.",
    .event = refused_event,
};

static bool is_type_refused(const struct call *call)
{
    return call_knows(call, PARAM_TYPE) && call->value[PARAM_TYPE] <= 0 && call->ipc_id >= 0;
}

static bool is_on_set(const struct call *call)
{
    return call->ipc_id >= 0 && (!call_knows(call, PARAM_CMD) || call->value[PARAM_CMD] == SETVAL ||
                                 call->value[PARAM_CMD] == SETALL);
}

static bool is_size_refused(const struct call *call)
{
    return call_knows(call, PARAM_TYPE) && call->value[PARAM_TYPE] > 0 && call->ipc_id >= 0;
}

static bool is_address(const struct call *call)
{
    return call->arg[0] != (uint64_t)-1;
}

static bool is_descriptor(const struct call *call)
{
    return call->fd >= 0;
}

enum refusal_trait {
    MAY_ASK_AGAIN = 1, /* a later success of the same call takes it back */
    IS_HARMLESS = 2,   /* a warning at most */
    IS_LIMIT = 4,      /* of the kernel's: who has the object to himself may find it by trying */
};

static const struct refusal {
    const char *deed;
    int error;
    bool (*is_meant)(const struct call *call); /* or NULL: always */
    unsigned traits;
    const char *text;
} refusals[] = {
    {"msgsnd", EINVAL, is_type_refused, 0, "the type of a message is greater than 0; this one is not sent"},
    {"msgsnd", EINVAL, is_size_refused, IS_LIMIT, "no message may have that size: it is not sent"},
    {"msgsnd", EAGAIN, NULL, MAY_ASK_AGAIN | IS_HARMLESS,
     "the queue is full: the message is not sent, and never again"},
    {"msgsnd", EFAULT, NULL, 0, "the message lies where the process has no memory: it is not sent"},
    {"msgrcv", E2BIG, NULL, MAY_ASK_AGAIN,
     "the message is longer than the room that is offered: it stays in the queue and is never received"},
    {"msgrcv", EFAULT, NULL, 0, "the buffer lies where the process has no memory"},
    {"semop", EFBIG, NULL, 0, "the set has no semaphore of that number: nothing is done"},
    {"semop", ERANGE, NULL, IS_LIMIT, "the value would become too large: nothing is done"},
    {"semop", EFAULT, NULL, 0, "the operations lie where the process has no memory: nothing is done"},
    {"semctl", EINVAL, is_on_set, 0, "the set has no semaphore of that number: nothing is set"},
    {"semctl", ERANGE, is_on_set, IS_LIMIT,
     "the value is none that a semaphore can have: nothing is set (is the fourth argument a union semun?)"},
    {"semctl", EFAULT, is_on_set, 0,
     "the values lie where the process has no memory (is the fourth argument a union semun?)"},
    {"shmdt", EINVAL, is_address, IS_HARMLESS,
     "nothing is attached that begins at that address: whatever was meant stays as it is"},
    {"truncate", EINVAL, NULL, 0,
     "the object is not open for writing, or the size is none: it keeps the size that it has"},
    {"mq_receive", EMSGSIZE, NULL, MAY_ASK_AGAIN,
     "the room that is offered is smaller than mq_msgsize: nothing is received, however short the message "
     "is"},
    {"mq_send", EMSGSIZE, NULL, MAY_ASK_AGAIN, "the message is longer than mq_msgsize: it is not sent"},
    {"mq_send", EAGAIN, NULL, MAY_ASK_AGAIN | IS_HARMLESS,
     "the queue is full: the message is not sent, and never again"},
    {"mq_send", EBADF, is_descriptor, 0, "the queue is not open for sending"},
    {"mq_receive", EBADF, is_descriptor, 0, "the queue is not open for receiving"},
};

/* Of a device or a pipe nobody expects a size. */
static bool has_no_size(const struct event *event)
{
    return is_deed(event, "truncate") && event->object.kind != OBJECT_FILE &&
           event->object.kind != OBJECT_SHM;
}

static const struct refusal *refusal_of(const struct event *event)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (event->call.error == refusals[i].error && is_deed(event, refusals[i].deed) &&
            !has_no_size(event) && (!refusals[i].is_meant || refusals[i].is_meant(&event->call)))
            return &refusals[i];
    return NULL;
}

/* The same call went well before, and nobody else has to do with the object. */
static bool is_limit_sought(const struct study *study, const struct event *event)
{
    bool went_well = false;
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *old = tracer_event(study_tracer(study), i);
        if (!old->call.row || !object_same(&old->object, &event->object))
            continue;
        if (old->process != event->process)
            return false;
        went_well |= old->number < event->number && old->call.deed == event->call.deed && has_succeeded(old);
    }
    return went_well;
}

/* What it was to bring about has come: another process receives what was too long for this one, or has given the object that size. */
static bool is_done_by_another(const struct study *study, const struct event *event)
{
    bool is_receive = is_deed(event, "msgrcv") || is_deed(event, "mq_receive");
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *other = tracer_event(study_tracer(study), i);
        if (!other->call.row || other->call.deed != event->call.deed || other->process == event->process ||
            !has_succeeded(other) || !object_same(&other->object, &event->object))
            continue;
        bool is_longer = other->call.result > (int64_t)event->call.arg[2];
        bool is_as_large = other->call.value[PARAM_SIZE] == event->call.value[PARAM_SIZE];
        if ((is_receive && is_longer) || (is_deed(event, "truncate") && is_as_large))
            return true;
    }
    return false;
}

static void refused_event(struct study *study, const struct event *event)
{
    const struct refusal *refusal = event->call.error ? refusal_of(event) : NULL;
    bool is_removed = event->call.error == EINVAL && removal_before(study, event);
    if (!refusal || is_removed || ((refusal->traits & IS_LIMIT) && is_limit_sought(study, event)) ||
        ((refusal->traits & MAY_ASK_AGAIN) && later_success(study, event)) ||
        is_done_by_another(study, event))
        return;
    bool is_certain = !(refusal->traits & IS_HARMLESS) && !is_failure_told(study, event);
    finding_add(study, &rule_refused_call, is_certain ? SEVERITY_ERROR : SEVERITY_WARNING,
                &(struct place){.process = event->process, .event = event}, "%s", refusal->text);
}

/* ---- use-after-removal, removed-twice -------------------------------------------------------------------------------------- */

static void after_event(struct study *study, const struct event *event);

const struct rule rule_use_after_removal = {
    .id = "use-after-removal",
    .severity = SEVERITY_ERROR,
    .law = "Who has removed an object does not use it any more.",
    .see = "msgctl(2), semctl(2), shmctl(2) (IPC_RMID)",
    .silent = "Other processes and threads than the one that has removed it: to them the removal may be a "
              "sign; a removal by the handler of a signal. A warning when "
              "the process tells of the failure.",
    .event = after_event,
};

/* Somebody has sent the process, or a group, a signal between the two. */
static bool is_signalled_between(const struct study *study, const struct event *from, const struct event *to)
{
    const struct process *process = tracer_process(study_tracer(study), (size_t)to->process);
    for (size_t i = from ? (size_t)from->number : 0; i < to->number; i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        bool is_sent = event->call.row && is_call(event, "kill") && has_succeeded(event);
        if (is_sent && ((int)event->call.arg[0] == process->inner_pid || (int)event->call.arg[0] <= 0))
            return true;
    }
    return false;
}

/* A wait at the object was interrupted shortly before, or a signal has come since the call before: it was the handler that has removed it, and by that the next wait comes to its
 * end. */
static bool is_removed_by_handler(const struct study *study, const struct event *removal)
{
    enum { IN_HANDLER = 4 };
    const struct event *old = previous_of_task(study, removal);
    if (is_signalled_between(study, old, removal))
        return true;
    for (int i = 0; old && i < IN_HANDLER; i++, old = previous_of_task(study, old))
        if (old->call.error == EINTR && object_same(&old->object, &removal->object))
            return true;
    return false;
}

static void after_event(struct study *study, const struct event *event)
{
    bool is_use = is_deed(event, "msgsnd") || is_deed(event, "msgrcv") || is_deed(event, "semop") ||
                  is_deed(event, "shmat");
    const struct event *removal =
        is_use && is_removed_error(event->call.error) ? removal_before(study, event) : NULL;
    if (removal && removal->tid == event->tid && !is_removed_by_handler(study, removal))
        finding_add(study, &rule_use_after_removal,
                    is_failure_told(study, event) ? SEVERITY_WARNING : SEVERITY_ERROR,
                    &(struct place){event->process, event, removal, "removed by"},
                    "it uses an object that it has removed itself (%s)", errno_name(event->call.error));
}

static void twice_event(struct study *study, const struct event *event);

const struct rule rule_removed_twice = {
    .id = "removed-twice",
    .severity = SEVERITY_WARNING,
    .law = "An object is removed once, by whoever is responsible for it.",
    .see = "msgctl(2), semctl(2), shmctl(2) (IPC_RMID); shm_unlink(3), sem_unlink(3), mq_unlink(3)",
    .silent = "Names that are unlinked before they are made, to be sure; objects that were made anew in "
              "between.",
    .event = twice_event,
};

/* What the last thing was that somebody did to the existence of the name: its unlinking, or its making (NULL). */
static const struct event *unlinking_before(const struct study *study, const struct event *event)
{
    for (size_t i = (size_t)event->number; i > 0; i--) {
        const struct event *old = tracer_event(study_tracer(study), i - 1);
        if (!old->call.row || !has_succeeded(old) || strcmp(old->call.path, event->call.path) != 0)
            continue;
        return old->call.deed == event->call.deed ? old : NULL;
    }
    return NULL;
}

/* The next that the process does by the name is to make it: it was unlinked to be sure. */
static bool is_made_next(const struct study *study, const struct event *event)
{
    for (size_t i = (size_t)event->number + 1; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *next = tracer_event(study_tracer(study), i);
        if (next->process == event->process && next->call.row && has_succeeded(next) &&
            strcmp(next->call.path, event->call.path) == 0)
            return next->call.deed != event->call.deed;
    }
    return false;
}

static void twice_event(struct study *study, const struct event *event)
{
    const struct event *first = NULL;
    if (is_removal(event) && is_removed_error(event->call.error))
        first = removal_before(study, event);
    else if (is_unlinking(event) && event->call.error == ENOENT && !is_made_next(study, event))
        first = unlinking_before(study, event);
    if (first)
        finding_add(study, &rule_removed_twice, SEVERITY_WARNING,
                    &(struct place){event->process, event, first, "removed by"},
                    "it has been removed before: should another object have got the same name or number by "
                    "now, that one would be gone");
}
