/* See stranded.h. What is not certain to be closed is open: then nothing is said.
 *
 * Memory that a wait lies in is looked up in /proc/PID/maps (proc_pid_maps(5)): private memory, anonymous shared memory ("/dev/zero (deleted)"), a private segment
 * ("/SYSV00000000"), and files that have no name any more can be reached by nobody outside.
 */
#include "rules/stranded.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/uio.h>

#include "base/cleanup.h"
#include "rules/facts.h"
#include "trace/mapping.h"

/* ---- what nobody outside can reach --------------------------------------------------------------------------------------- */

/* glibc makes the file of a named semaphore under another name, which is what the map shows of it, and links it: that says nothing of its real name. */
static bool is_closed_mapping(const struct mapping *mapping)
{
    if (!mapping->is_shared)
        return true;
    if (strstr(mapping->path, "/shm/sem."))
        return false;
    if (strncmp(mapping->path, "/SYSV", 5) == 0)
        return strncmp(mapping->path, "/SYSV00000000", 13) == 0;
    return mapping->is_nameless;
}

static bool is_closed_memory(pid_t pid, uint64_t address)
{
    struct mapping mapping;
    return mapping_at(pid, address, &mapping) && is_closed_mapping(&mapping);
}

/* Somebody of the scene has done this to what is waited for. */
static bool is_done_to(const struct study *study, const struct wait *wait, const char *word)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && !event->is_inner && is_deed(event, word) && has_succeeded(event) &&
            object_same(&event->object, &wait->object))
            return true; /* what sem_open() does inside itself is nobody's removal */
    }
    return false;
}

/* By which the scene got the System V object; NULL: it did not make it. */
static const struct event *making_of(const struct study *study, const struct wait *wait)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && event->call.has_ipc && makes_identifier(event) && has_succeeded(event) &&
            (event->call.ipc_key == 0 || (event->call.value[PARAM_FLAGS] & IPC_CREAT)) &&
            object_same(&event->object, &wait->object))
            return event;
    }
    return NULL;
}

static bool is_pipe_made_here(const struct study *study, const struct wait *wait)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && (is_deed(event, "pipe") || is_deed(event, "socketpair")) &&
            has_succeeded(event) &&
            (object_same(&event->made[0], &wait->object) || object_same(&event->made[1], &wait->object)))
            return true;
    }
    return false;
}

/* Those of the scene work with each other by it: whoever waits is not one who waits for clients. */
static bool is_in_use_here(const struct study *study, const struct wait *wait)
{
    static const char *const words[] = {"msgsnd", "mq_send", "semop", "semctl", "sem_post"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (is_done_to(study, wait, words[i]))
            return true;
    return false;
}

/* One alone who waits at a semaphore may wait for another program; several have it for themselves. */
static bool are_several(const struct study *study)
{
    return tracer_process_count(study_tracer(study)) > 1;
}

static enum reach reach_of_object(const struct study *study, const struct wait *wait)
{
    const struct event *making = making_of(study, wait);
    if (is_pipe_made_here(study, wait) ||
        (making && making->call.ipc_key == 0 && !is_identifier_told(study, wait->object.number)) ||
        (wait->object.kind == OBJECT_MQ && is_done_to(study, wait, "mq_unlink")))
        return REACH_NOBODY;
    bool is_ours = making || wait->object.kind == OBJECT_MQ;
    bool is_semaphore = wait->wait_for == WAIT_FOR_VALUE || wait->wait_for == WAIT_FOR_ZERO;
    return is_ours && ((is_semaphore && are_several(study)) || is_in_use_here(study, wait)) ? REACH_BY_NAME
                                                                                            : REACH_ANYBODY;
}

static enum reach reach_of_memory(const struct study *study, const struct wait *wait)
{
    if (is_closed_memory(wait->task->process->pid, wait->event->call.arg[0]) ||
        is_done_to(study, wait, "sem_unlink"))
        return REACH_NOBODY;
    bool is_semaphore = wait->wait_for == WAIT_FOR_POST;
    return !is_semaphore || are_several(study) || is_in_use_here(study, wait) ? REACH_BY_NAME : REACH_ANYBODY;
}

enum reach reach_of(const struct study *study, const struct wait *wait)
{
    switch (wait->wait_for) {
    case WAIT_FOR_CHILD:
    case WAIT_FOR_THREAD: return REACH_NOBODY;
    case WAIT_FOR_LOCK: return wait->helper_count > 0 ? REACH_NOBODY : REACH_ANYBODY; /* its owner is here */
    case WAIT_FOR_BYTES:
    case WAIT_FOR_ROOM:
    case WAIT_FOR_MESSAGE:
    case WAIT_FOR_QUEUE:
    case WAIT_FOR_VALUE:
    case WAIT_FOR_ZERO: return reach_of_object(study, wait);
    case WAIT_FOR_POST:
    case WAIT_FOR_MUTEX:
    case WAIT_FOR_RWLOCK:
    case WAIT_FOR_CONDITION:
    case WAIT_FOR_BARRIER: return reach_of_memory(study, wait);
    case WAIT_FOR_OTHER: return is_call(wait->event, "futex") ? reach_of_memory(study, wait) : REACH_ANYBODY;
    case WAIT_FOR_READER:
    case WAIT_FOR_WRITER:
    case WAIT_FOR_CONNECTION:
    case WAIT_FOR_ACCEPT:
    case WAIT_FOR_SIGNAL:
    case WAIT_FOR_ANY: return REACH_ANYBODY;
    }
    return REACH_ANYBODY;
}

/* A handler may post a semaphore or write to a pipe (signal-safety(7)): programs end themselves so. A futex of which no more is known may be a semaphore's. */
static bool can_come_from_handler(const struct wait *wait)
{
    return wait->wait_for == WAIT_FOR_POST || wait->wait_for == WAIT_FOR_BYTES ||
           (wait->wait_for == WAIT_FOR_OTHER && is_call(wait->event, "futex"));
}

enum stranded how_stranded(const struct study *study, const struct waits *waits)
{
    enum stranded how = STRANDED_FOR_EVER;
    if (waits->count == 0 || waits->count != tracer_task_count(study_tracer(study)))
        return STRANDED_NOT;
    for (size_t i = 0; i < waits->count; i++) {
        const struct wait *wait = &waits->items[i];
        enum reach reach = reach_of(study, wait);
        bool is_ready = catches_signals(wait->task->process);
        if (reach == REACH_ANYBODY || (is_ready && can_come_from_handler(wait)))
            return STRANDED_NOT;
        if (reach == REACH_BY_NAME || is_ready)
            how = STRANDED_PROBABLY;
    }
    return how;
}

/* ---- owners that are dead ------------------------------------------------------------------------------------------------ */

static bool lives(const struct study *study, pid_t tid)
{
    for (size_t i = 0; i < tracer_task_count(study_tracer(study)); i++)
        if (tracer_task(study_tracer(study), i)->tid == tid)
            return true;
    return false;
}

/* The process whose task had that number, which is no task any more; NULL: there was none. */
static const struct process *of_dead_task(const struct study *study, pid_t tid)
{
    const struct tracer *tracer = study_tracer(study);
    if (tid <= 0 || lives(study, tid))
        return NULL;
    for (size_t i = tracer_event_count(tracer); i > 0; i--)
        if (tracer_event(tracer, i - 1)->tid == tid && tracer_event(tracer, i - 1)->process >= 0)
            return tracer_process(tracer, (size_t)tracer_event(tracer, i - 1)->process);
    return NULL;
}

/* glibc's pthread_mutex_t begins with lock, count, owner; 2 is a lock that somebody waits for. Numbers are compared where no pid namespace is in between. */
static const struct process *dead_owner_of_mutex(const struct study *study, const struct wait *wait)
{
    enum { LOCK, COUNT, OWNER, WORDS };
    int words[WORDS] = {0};
    const struct process *process = wait->task->process;
    struct iovec local = {words, sizeof words},
                 remote = {(void *)(uintptr_t)wait->event->call.arg[0], sizeof words}; // NOLINT: an address
    if (!is_call(wait->event, "futex") || process->pid != process->inner_pid ||
        process_vm_readv(wait->task->tid, &local, 1, &remote, 1, 0) != (ssize_t)sizeof words)
        return NULL;
    if (words[LOCK] != 2)
        return NULL;
    const struct process *dead = of_dead_task(study, words[OWNER]);
    /* A thread that has made no call while it lived: its number was never met. */
    return !dead && wait->gone_owner > 0 && !lives(study, wait->gone_owner) ? process : dead;
}

static bool has_undo(const struct event *taking)
{
    for (int i = 0; i < taking->call.op_count; i++)
        if (taking->call.ops[i].flags & SEM_UNDO)
            return true;
    return false;
}

const struct process *dead_owner(const struct study *study, const struct wait *wait,
                                 const struct event **taking)
{
    const struct process *dead = NULL;
    if (wait->wait_for != WAIT_FOR_VALUE && wait->wait_for != WAIT_FOR_POST)
        return dead_owner_of_mutex(study, wait);
    for (size_t i = 0; i < wait->helper_count; i++) {
        const struct helper *helper = &wait->helpers[i];
        const struct process *process = tracer_process(study_tracer(study), (size_t)helper->process);
        if (helper->help != HELP_TAKEN)
            continue;
        if (!process->is_dead || !helper->origin || has_undo(helper->origin))
            return NULL; /* somebody may give back yet, or it was given back */
        dead = process;
        *taking = helper->origin;
    }
    return dead;
}
