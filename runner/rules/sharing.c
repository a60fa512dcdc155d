/* not-shared: semaphores, mutexes and condition variables that several processes use, and that are not made for it. What lies where is known from the call that has made it; that a waking
 * has missed its waiter, from the word that the waiter waits at.
 */
#include "rules/facts.h"

#include <linux/futex.h>
#include <sys/uio.h>

static void shared_event(struct study *study, const struct event *event);
static void shared_stands(struct study *study, const struct waits *waits);

const struct rule rule_not_shared = {
    .id = "not-shared",
    .severity = SEVERITY_ERROR,
    .law = "A semaphore, mutex or condition variable that several processes use lies in shared memory and is "
           "made for it.",
    .see = "sem_init(3) (pshared), pthread_mutexattr_setpshared(3)",
    .silent = "Semaphores that only one process uses. Where sem_init() was given 0 and the memory is not "
              "shared either, a forked child may have its copy to itself, as one has that waits at it, too. "
              "Processes that have one memory (CLONE_VM, vfork).",
    .event = shared_event,
    .stands = shared_stands,
};

/* Memory of its own a process may have made a semaphore in itself, whatever others do at the same address in theirs. */
static const struct event *made_by(const struct study *study, const struct event *use)
{
    const struct event *made = NULL;
    for (size_t i = (size_t)use->number; i > 0; i--) {
        const struct event *old = tracer_event(study_tracer(study), i - 1);
        if (!old->call.row || !is_call(old, "sem_init") || !has_succeeded(old) ||
            !object_same(&old->object, &use->object))
            continue;
        if (old->process == use->process)
            return old;
        made = made ? made : old;
    }
    return made;
}

static bool is_descendant(const struct study *study, int process, int ancestor)
{
    while (process >= 0 && process != ancestor)
        process = tracer_process(study_tracer(study), (size_t)process)->parent;
    return process >= 0;
}

static void shared_event(struct study *study, const struct event *event)
{
    bool is_use = is_deed(event, "sem_wait") || is_deed(event, "sem_post") || is_deed(event, "sem_trywait");
    const struct event *made = is_use && event->object.kind == OBJECT_OTHER ? made_by(study, event) : NULL;
    if (!made || made->process == event->process || !is_descendant(study, event->process, made->process) ||
        have_same_memory(study, event->process, made->process, event))
        return;
    bool is_in_shared_memory = event->object.device != 0, is_for_several = made->call.arg[1] != 0;
    if (is_in_shared_memory == is_for_several)
        return;
    finding_add(study, &rule_not_shared, SEVERITY_ERROR,
                &(struct place){made->process, made, event, "another process uses it in"},
                is_for_several ? "the semaphore is meant for several processes and does not lie in shared "
                                 "memory: after fork() each has one of its own"
                               : "the second argument is 0, and another process uses the semaphore: whoever "
                                 "waits in one process is not woken by the other");
}

/* A futex call that only processes of one memory may use, at shared memory whose word is no longer what the call waits for: it was changed, and the waking went to
 * another process's memory. */
static bool has_missed_wake(const struct wait *wait)
{
    const struct call *call = &wait->task->now->call;
    int word;
    struct iovec local = {&word, sizeof word},
                 remote = {(void *)(uintptr_t)call->arg[0], sizeof word}; // NOLINT: an address
    struct object_id object;
    bool is_private = strcmp(call->row->name, "futex") == 0 && (call->arg[1] & FUTEX_PRIVATE_FLAG);
    return is_private && task_futex_object(wait->task, &object) && object.device != 0 &&
           process_vm_readv(wait->task->tid, &local, 1, &remote, 1, 0) == (ssize_t)sizeof word &&
           word != (int)call->arg[2];
}

/* The process waits at its copy itself: it posts for that. */
static bool waits_at(const struct study *study, int process, const struct object_id *object)
{
    for (size_t i = 0; i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->process == process && event->call.row &&
            (is_deed(event, "sem_wait") || is_deed(event, "sem_trywait")) &&
            object_same(&event->object, object))
            return true;
    }
    return false;
}

/* Another process has posted what has the same address there, in memory that is not shared: that was its own copy. */
static const struct event *post_elsewhere(const struct study *study, const struct wait *wait)
{
    bool is_copy = wait->wait_for == WAIT_FOR_POST && wait->object.kind == OBJECT_OTHER &&
                   wait->object.device == 0 && wait->object.number != 0;
    for (size_t i = 0; is_copy && i < tracer_event_count(study_tracer(study)); i++) {
        const struct event *event = tracer_event(study_tracer(study), i);
        if (event->call.row && is_deed(event, "sem_post") && event->process != wait->task->process->index &&
            object_same(&event->object, &wait->object) &&
            (is_descendant(study, event->process, wait->task->process->index) ||
             is_descendant(study, wait->task->process->index, event->process)) &&
            !have_same_memory(study, event->process, wait->task->process->index, event) &&
            !waits_at(study, event->process, &wait->object))
            return event;
    }
    return NULL;
}

static void shared_stands(struct study *study, const struct waits *waits)
{
    for (size_t i = 0; i < waits->count; i++) {
        const struct wait *wait = &waits->items[i];
        const struct event *post = post_elsewhere(study, wait);
        if (post)
            finding_add(
                study, &rule_not_shared, SEVERITY_ERROR,
                &(struct place){wait->task->process->index, wait->event, post, "another process uses it in"},
                "the semaphore does not lie in shared memory: after fork() each process has one of its "
                "own, and what the other one posts is not this");
        if (has_missed_wake(wait))
            finding_add(
                study, &rule_not_shared, SEVERITY_ERROR,
                &(struct place){.process = wait->task->process->index, .event = wait->event},
                "what it waits for has come, and it was not woken: the object lies in shared memory and "
                "was not made to be shared (pshared, PTHREAD_PROCESS_SHARED)");
    }
}
