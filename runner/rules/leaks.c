/* leak-sysv, leak-posix, leak-fifo, leak-socket-file, detach-missing: what is left when the program has ended. */
#include "rules/facts.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/text.h"

extern const struct rule rule_leak_sysv, rule_leak_posix, rule_leak_fifo, rule_leak_socket_file;

/* ---- objects ------------------------------------------------------------------------------------------------------------- */

/* The signal by which somebody has ended who knew the object, SIGKILL before others; 0: all have ended by themselves. */
static int signal_of_user(const struct study *study, const struct object_id *object)
{
    int signal = 0;
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)) && signal != SIGKILL; i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        const struct process *process = tracer_process(study_tracer(study), (size_t)event->process);
        bool uses =
            event->call.row && (object_same(&event->object, object) || object_same(&event->made[0], object));
        if (uses && process->is_dead && (process->wait_status & 0x7f))
            signal = process->wait_status & 0x7f;
    }
    return signal;
}

static bool has_key(const struct study *study, const struct object_id *segment)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && is_deed(event, "shmget") && event->call.ipc_key != IPC_PRIVATE &&
            object_same(&event->object, segment))
            return true;
    }
    return false;
}

/* What cannot be looked into may have told others of it: the environment of another program, memory that others can find. */
static bool may_be_told_unseen(const struct study *study, const struct event *making)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || !event->counts || !has_succeeded(event))
            continue;
        bool is_file = event->object.kind == OBJECT_FILE || event->object.kind == OBJECT_SHM;
        if ((is_deed(event, "exec") && event->number > making->number) ||
            (is_call(event, "mmap") && is_file && (event->call.arg[3] & MAP_SHARED)) ||
            (is_deed(event, "shmat") && has_key(study, &event->object)))
            return true;
    }
    return false;
}

/* With a key others find it, and it may be meant for them; one that was made with IPC_PRIVATE is lost unless its number was told. Who was killed by SIGKILL,
 * perhaps by us, could not clean up; who was killed otherwise could have caught that. */
static enum severity severity_of(const struct study *study, const struct left_object *left)
{
    bool is_private = left->id.device == 0 && left->event && left->event->call.ipc_key == 0;
    int signal = signal_of_user(study, &left->id);
    if (signal == SIGKILL)
        return SEVERITY_NOTE;
    bool is_lost = is_private && signal == 0 && !is_identifier_told(study, left->id.number) &&
                   !may_be_told_unseen(study, left->event);
    return is_lost ? SEVERITY_ERROR : SEVERITY_WARNING;
}

static void leak_end(struct study *study, const struct ledger *ledger, const struct rule *rule,
                     unsigned long long kinds)
{
    cleanup_free struct left_object *left = NULL;
    size_t count = ledger ? ledger_find(ledger, study_tracer(study), &left) : 0;
    for (size_t i = 0; i < count; i++) {
        if (!(kinds >> left[i].id.kind & 1))
            continue;
        enum severity severity = severity_of(study, &left[i]);
        finding_add(
            study, rule, severity,
            &(struct place){.process = left[i].event ? left[i].event->process : -1, .event = left[i].event},
            "%s %s is still there when the program has ended%s", _(object_kind_noun(left[i].id.kind)),
            left[i].name, severity == SEVERITY_ERROR ? _(", and nobody else can find it") : "");
    }
}

#define KIND(kind) (1ULL << (kind))

static void leak_sysv_end(struct study *study, const struct ledger *ledger)
{
    leak_end(study, ledger, &rule_leak_sysv,
             KIND(OBJECT_QUEUE) | KIND(OBJECT_SEMAPHORES) | KIND(OBJECT_SEGMENT));
}

static void leak_posix_end(struct study *study, const struct ledger *ledger)
{
    leak_end(study, ledger, &rule_leak_posix, KIND(OBJECT_SHM) | KIND(OBJECT_SEM) | KIND(OBJECT_MQ));
}

static void leak_fifo_end(struct study *study, const struct ledger *ledger)
{
    leak_end(study, ledger, &rule_leak_fifo, KIND(OBJECT_FIFO));
}

static void leak_socket_end(struct study *study, const struct ledger *ledger)
{
    leak_end(study, ledger, &rule_leak_socket_file, KIND(OBJECT_UNIX) | KIND(OBJECT_UNIX_DGRAM));
}

const struct rule rule_leak_sysv = {
    .id = "leak-sysv",
    .severity = SEVERITY_ERROR,
    .law = "A System V object that the program has made is removed when nobody needs it any more.",
    .see = "svipc(7), msgctl(2), semctl(2), shmctl(2) (IPC_RMID)",
    .silent =
        "Objects that were there before. An error only for IPC_PRIVATE objects whose identifier was "
        "never written anywhere and cannot stand in the environment of another program or in memory that "
        "others find, and whose users have ended by themselves; what has a key may be meant for others: a "
        "warning. A note when SIGKILL has ended one of the users, who could not clean up.",
    .end = leak_sysv_end,
};

const struct rule rule_leak_posix = {
    .id = "leak-posix",
    .severity = SEVERITY_WARNING,
    .law = "A POSIX object that the program has made is unlinked when nobody needs it any more.",
    .see = "shm_overview(7), sem_overview(7), mq_overview(7)",
    .silent = "Objects that were there before.",
    .end = leak_posix_end,
};

const struct rule rule_leak_fifo = {
    .id = "leak-fifo",
    .severity = SEVERITY_WARNING,
    .law = "A FIFO that the program has made is unlinked when nobody needs it any more.",
    .see = "mkfifo(3), unlink(2)",
    .silent = "FIFOs that were there before.",
    .end = leak_fifo_end,
};

const struct rule rule_leak_socket_file = {
    .id = "leak-socket-file",
    .severity = SEVERITY_WARNING,
    .law = "The file of a UNIX socket is unlinked by the server that has bound it; the next bind fails with "
           "EADDRINUSE else.",
    .see = "unix(7), bind(2)",
    .silent = "Files that were there before.",
    .end = leak_socket_end,
};

/* ---- detach-missing ------------------------------------------------------------------------------------------------------ */

static void detach_end(struct study *study, const struct ledger *ledger);

const struct rule rule_detach_missing = {
    .id = "detach-missing",
    .severity = SEVERITY_NOTE,
    .law = "A segment that was attached is detached before the program ends by itself.",
    .see = "shmdt(2)",
    .silent =
        "Programs that were killed or have executed another one; the kernel detaches then, and at every end.",
    .end = detach_end,
};

static bool is_detached_later(const struct study *study, const struct event *attach)
{
    for (size_t i = (size_t)attach->number + 1; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || event->process != attach->process)
            continue;
        if (is_deed(event, "exec") && event->call.error == 0)
            return true;
        if (is_call(event, "shmdt") && has_succeeded(event) &&
            event->call.arg[0] == (uint64_t)attach->call.result)
            return true;
    }
    return false;
}

static void detach_end(struct study *study, const struct ledger *ledger)
{
    (void)ledger;
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (!event->call.row || !event->counts || !is_deed(event, "shmat") || !has_succeeded(event))
            continue;
        const struct process *process = tracer_process(study_tracer(study), (size_t)event->process);
        bool has_ended = process->is_dead && (process->wait_status & 0x7f) == 0;
        if (has_ended && !is_detached_later(study, event))
            finding_add(study, &rule_detach_missing, SEVERITY_NOTE,
                        &(struct place){.process = event->process, .event = event},
                        "the segment is still attached when the program ends");
    }
}
