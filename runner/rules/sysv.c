/* init-race, rmid-early, world-writable, key-is-minus-one: the traps of System V IPC. */
#include "rules/facts.h"
#include "rules/handling.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/sem.h>

/* ---- key-is-minus-one ----------------------------------------------------------------------------------------------------- */

static void key_event(struct study *study, const struct event *event);

const struct rule rule_key_is_minus_one = {
    .id = "key-is-minus-one",
    .severity = SEVERITY_ERROR,
    .law = "The -1 of an ftok() that has failed is not used as a key.",
    .see = "ftok(3)",
    .silent = "Every other key.",
    .event = key_event,
};

static void key_event(struct study *study, const struct event *event)
{
    bool is_get = is_deed(event, "msgget") || is_deed(event, "semget") || is_deed(event, "shmget");
    if (is_get && event->call.ipc_key == -1)
        finding_add(study, &rule_key_is_minus_one, SEVERITY_ERROR,
                    &(struct place){.process = event->process, .event = event},
                    "the key is -1, which is what ftok() gives when it fails: every program that makes this "
                    "mistake meets the same object");
}

/* ---- init-race ------------------------------------------------------------------------------------------------------------ */

static void init_event(struct study *study, const struct event *event);

const struct rule rule_init_race = {
    .id = "init-race",
    .severity = SEVERITY_ERROR,
    .law =
        "A semaphore gets its first value before anybody else can use it, and only from whoever has made it.",
    .see = "semget(2), \"NOTES\"; semctl(2) (SETVAL, SETALL); sem_otime",
    .silent =
        "Sets made with IPC_PRIVATE or IPC_EXCL by the one who gives the value: the others wait for "
        "sem_otime; who looks at that (IPC_STAT) while he has the lock of a file; a further value from "
        "whom does not make the set (no IPC_CREAT), or has it from its maker. An error only when another "
        "process had used the set before this one gave it its first value, not only to wait, and nobody "
        "another value before; a note when no other process of the run could have met it.",
    .event = init_event,
};

/* The semget() by which the process got the set. */
static const struct event *get_of(const struct study *study, const struct event *event)
{
    for (size_t i = (size_t)event->number; i > 0; i--) {
        const struct event *old = tracer_event(study_tracer(study), i - 1);
        if (!old->call.row || !is_deed(old, "semget") || !object_same(&old->object, &event->object))
            continue;
        for (int who = event->process; who >= 0;
             who = tracer_process(study_tracer(study), (size_t)who)->parent)
            if (old->process == who)
                return old;
    }
    return NULL;
}

static bool gives_value(const struct event *event)
{
    int64_t cmd = event->call.value[PARAM_CMD];
    return is_deed(event, "semctl") && (cmd == SETVAL || cmd == SETALL) && has_succeeded(event);
}

static bool is_active_after(const struct study *study, int process, const struct event *event)
{
    for (size_t i = (size_t)event->number + 1; i < tracer_event_count(study_tracer(study)); i++)
        if (tracer_event(study_tracer(study), i)->process == process &&
            !is_deed(tracer_event(study_tracer(study), i), "exit"))
            return true;
    return false;
}

/* The use of the set by another process, which goes on, when it had no value before from this one or from whom it has the set: who has given one may do so again between two rounds,
 * and who does not make sets means another thing by it. */
static const struct event *use_by_another(const struct study *study, const struct event *event,
                                          const struct event *get)
{
    for (size_t i = 0; i < event->number; i++) {
        const struct event *old = tracer_event(study_tracer(study), i);
        if (!old->call.row || !object_same(&old->object, &event->object))
            continue;
        bool is_maker = old->process == event->process || old->process == get->process;
        if (gives_value(old) && (is_maker || !(get->call.value[PARAM_FLAGS] & IPC_CREAT)))
            return NULL;
        if (is_deed(old, "semop") && old->process != event->process &&
            is_active_after(study, old->process, event))
            return old;
    }
    return NULL;
}

/* It could only wait: Linux gives a new set the value 0, though nobody should rely on that. */
static bool only_waits(const struct study *study, const struct event *use)
{
    for (size_t i = 0; i < use->number; i++) {
        const struct event *old = tracer_event(study_tracer(study), i);
        if (old->call.row && object_same(&old->object, &use->object) &&
            (gives_value(old) || (is_deed(old, "semop") && old->call.ops[0].op > 0)))
            return false;
    }
    return use->call.op_count > 0 && use->call.ops[0].op < 0;
}

/* Somebody had given it another value before: then this may be no first value but a signal. */
static bool is_another_value(const struct study *study, const struct event *event)
{
    for (size_t i = 0; i < event->number; i++) {
        const struct event *old = tracer_event(study_tracer(study), i);
        if (old->call.row && gives_value(old) && object_same(&old->object, &event->object))
            return old->call.arg[2] == SETVAL && event->call.arg[2] == SETVAL &&
                   (int)old->call.arg[3] != (int)event->call.arg[3];
    }
    return false;
}

/* Another process looks for the set by itself before it has its value, or gives it one, too. */
static const struct event *rival(const struct study *study, const struct event *event)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *other = tracer_event(study_tracer(study), i);
        bool is_rival = other->call.row && other->process != event->process &&
                        object_same(&other->object, &event->object) &&
                        (gives_value(other) || (is_deed(other, "semget") && i < event->number));
        if (is_rival)
            return other;
    }
    return NULL;
}

/* It has looked at the set since it got it, and the lock of a file keeps others from doing the same. */
static bool is_looked_at_alone(const struct study *study, const struct event *event, const struct event *get)
{
    bool is_locked = false, has_looked = false;
    for (size_t i = 0; i < event->number; i++) {
        const struct event *old = tracer_event(study_tracer(study), i);
        if (!old->call.row || old->process != event->process || !has_succeeded(old))
            continue;
        if (is_deed(old, "flock"))
            is_locked = !(old->call.value[PARAM_OP] & LOCK_UN);
        else if (is_deed(old, "lock") && !call_asks_for_lock(&old->call))
            is_locked = old->call.value[PARAM_TYPE] != F_UNLCK;
        has_looked |= is_deed(old, "semctl") && old->call.value[PARAM_CMD] == IPC_STAT &&
                      object_same(&old->object, &event->object) && old->number > get->number;
    }
    return is_locked && has_looked;
}

static void init_event(struct study *study, const struct event *event)
{
    const struct event *get = gives_value(event) ? get_of(study, event) : NULL;
    if (!get || get->call.ipc_key == IPC_PRIVATE || (get->call.value[PARAM_FLAGS] & IPC_EXCL) ||
        is_looked_at_alone(study, event, get))
        return;
    const struct event *use = use_by_another(study, event, get), *other = rival(study, event);
    if (use)
        finding_add(study, &rule_init_race,
                    is_another_value(study, event) || only_waits(study, use) ? SEVERITY_WARNING
                                                                             : SEVERITY_ERROR,
                    &(struct place){event->process, event, use, "the other one had used it in"},
                    "it sets the value of a set that another process was using already");
    else if (get->call.value[PARAM_FLAGS] & IPC_CREAT)
        finding_add(study, &rule_init_race, other ? SEVERITY_WARNING : SEVERITY_NOTE,
                    &(struct place){event->process, event, other ? other : get,
                                    other ? "another process does" : "it got the set by"},
                    "every process that finds the set sets its value again: without IPC_EXCL nobody knows "
                    "who has made it");
}

/* ---- rmid-early ----------------------------------------------------------------------------------------------------------- */

static void rmid_event(struct study *study, const struct event *event);

const struct rule rule_rmid_early = {
    .id = "rmid-early",
    .severity = SEVERITY_ERROR,
    .law = "Nobody removes an object that another process of the program still uses.",
    .see = "msgctl(2), semctl(2) (IPC_RMID, EIDRM)",
    .silent =
        "When the process that meets the removal ends with status 0 and no message is lost, or waits for a "
        "message that nobody has sent and does not say the error's name: then it was the sign to stop. An "
        "error only when it "
        "tells of the failure and its status "
        "is not 0. Removals by programs outside.",
    .event = rmid_event,
};

static const struct event *removal_before(const struct study *study, const struct event *event)
{
    for (size_t i = tracer_event_count(study_tracer(study)); i > 0; i--) {
        const struct event *old = tracer_event(study_tracer(study), i - 1);
        bool is_removal = old->call.row && old->call.has_ipc && call_knows(&old->call, PARAM_CMD) &&
                          old->call.value[PARAM_CMD] == IPC_RMID && has_succeeded(old);
        if (is_removal && old->process != event->process && object_same(&old->object, &event->object))
            return old;
    }
    return NULL;
}

/* Messages that were sent to the queue before its removal and that nobody has received. */
static int64_t unreceived(const struct study *study, const struct event *removal)
{
    int64_t count = 0;
    for (size_t i = 0; i < removal->number; i++) {
        const struct event *old = tracer_event(study_tracer(study), i);
        if (old->call.row && has_succeeded(old) && object_same(&old->object, &removal->object))
            count += is_deed(old, "msgsnd") - is_deed(old, "msgrcv");
    }
    return count;
}

static void rmid_event(struct study *study, const struct event *event)
{
    bool is_use = is_deed(event, "msgsnd") || is_deed(event, "msgrcv") || is_deed(event, "semop") ||
                  is_deed(event, "shmat");
    const struct process *process = tracer_process(study_tracer(study), (size_t)event->process);
    if (!is_use || (event->call.error != EIDRM && event->call.error != EINVAL))
        return;
    const struct event *removal = removal_before(study, event);
    bool has_ended_well = process->is_dead && process->wait_status == 0;
    bool has_lost = removal && is_deed(event, "msgrcv") && unreceived(study, removal) > 0;
    bool is_said = is_error_said(study, event), is_end = is_deed(event, "msgrcv") && !is_said;
    if (!removal || ((has_ended_well || is_end) && !has_lost))
        return;
    bool is_certain = !has_ended_well && is_said;
    finding_add(study, &rule_rmid_early, is_certain ? SEVERITY_ERROR : SEVERITY_WARNING,
                &(struct place){event->process, event, removal, "removed by"},
                has_lost
                    ? "the object has been removed while this process still needed it (%s), with messages "
                      "in it that nobody has received"
                    : "the object has been removed while this process still needed it (%s)",
                errno_name(event->call.error));
}

/* ---- world-writable ------------------------------------------------------------------------------------------------------- */

static void world_event(struct study *study, const struct event *event);

const struct rule rule_world_writable = {
    .id = "world-writable",
    .severity = SEVERITY_WARNING,
    .law = "An object that is made is not writable by everybody.",
    .see = "svipc(7), mkfifo(3), umask(2)",
    .silent = "Plain files; modes that the umask makes harmless are named all the same where no umask "
              "applies (System V); a mode that decimal-mode tells of.",
    .event = world_event,
};

static void world_event(struct study *study, const struct event *event)
{
    const struct call *call = &event->call;
    bool is_sysv = is_deed(event, "msgget") || is_deed(event, "semget") || is_deed(event, "shmget");
    bool makes = is_sysv && (call->value[PARAM_FLAGS] & IPC_CREAT);
    extern const struct rule rule_decimal_mode;
    if (makes && has_succeeded(event) && (call->value[PARAM_MODE] & 0002) &&
        !is_told_of(study, &rule_decimal_mode, event))
        finding_add(study, &rule_world_writable, SEVERITY_WARNING,
                    &(struct place){.process = event->process, .event = event},
                    "mode 0%03o: every user of the machine may write to it",
                    (unsigned)call->value[PARAM_MODE]);
}
