/* Who could end a wait for a child, a lock, a mutex, a thread.
 *
 * The owner of a lock is read from the kernel's table (lock_table.h). A mutex of the thread library keeps its owner's thread number eight bytes behind its futex word (the glibc
 * ABI: pthread_mutex_t begins with lock, count, owner); it is believed only when a task of the scene has that number. pthread_join() waits for the word that holds the number of the
 * thread itself.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "diagnosis/helpers.h"
#include "diagnosis/lock_table.h"

static bool is_call(const struct call *call, const char *name)
{
    return strcmp(call->row->name, name) == 0;
}

/* Does the call wait for this child? wait4: -1 any, 0 and below -1 a group (taken for any); waitid likewise. */
static bool is_waited_for(const struct call *call, const struct process *child)
{
    int64_t id = call->value[PARAM_ID];
    if (is_call(call, "waitid"))
        return call->value[PARAM_TYPE] != P_PID || id == child->inner_pid;
    return id <= 0 || id == child->inner_pid;
}

void helpers_of_wait(const struct search *search, struct wait *wait)
{
    wait->wait_for = WAIT_FOR_CHILD;
    for (size_t i = 0; i < tracer_process_count(search->tracer); i++) {
        const struct process *child = tracer_process(search->tracer, i);
        if (child->is_dead || child->parent != wait->task->process->index ||
            !is_waited_for(&wait->event->call, child))
            continue;
        helper_add(wait, &(struct helper){.help = HELP_CHILD, .process = child->index, .fd = -1});
    }
}

void helpers_of_pause(const struct search *search, struct wait *wait)
{
    (void)search;
    wait->wait_for = WAIT_FOR_SIGNAL;
}

/* ---- locks --------------------------------------------------------------------------------------------------------------- */

static const struct event *last_lock(const struct search *search, const struct process *owner,
                                     const struct object_id *object)
{
    for (size_t i = tracer_event_count(search->tracer); i > 0; i--) {
        const struct event *event = tracer_event(search->tracer, i - 1);
        bool is_lock =
            event->call.row && event->call.deed &&
            (strcmp(event->call.deed->word, "lock") == 0 || strcmp(event->call.deed->word, "flock") == 0);
        if (is_lock && event->process == owner->index && event->call.is_done && event->call.error == 0 &&
            object_same(&event->object, object))
            return event;
    }
    return NULL;
}

static const struct process *process_of_pid(const struct search *search, pid_t pid)
{
    for (size_t i = 0; i < tracer_process_count(search->tracer); i++)
        if (!tracer_process(search->tracer, i)->is_dead && tracer_process(search->tracer, i)->pid == pid)
            return tracer_process(search->tracer, i);
    return NULL;
}

void helpers_of_lock(const struct search *search, struct wait *wait)
{
    const struct process *owner = process_of_pid(search, lock_holder_of(wait->task->process->pid));
    wait->wait_for = WAIT_FOR_LOCK;
    if (owner)
        helper_add(wait, &(struct helper){.help = HELP_OWNER,
                                          .process = owner->index,
                                          .fd = -1,
                                          .origin = last_lock(search, owner, &wait->object)});
}

/* ---- threads ------------------------------------------------------------------------------------------------------------- */

/* A thread's number as its own pid namespace counts, or 0. */
static long inner_tid(pid_t tid)
{
    char path[64], line[256];
    long inner = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)tid);
    cleanup_file FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "NSpid:", 6) == 0) {
            const char *last = strrchr(line, '\t');
            inner = last ? strtol(last, NULL, 10) : 0;
        }
    return inner;
}

static const struct task *task_of_number(const struct search *search, long number)
{
    for (size_t i = 0; number > 0 && i < tracer_task_count(search->tracer); i++)
        if (inner_tid(tracer_task(search->tracer, i)->tid) == number)
            return tracer_task(search->tracer, i);
    return NULL;
}

void helpers_of_futex(const struct search *search, struct wait *wait)
{
    enum { LOCK, COUNT, OWNER, WORDS };
    int words[WORDS] = {0};
    struct iovec local = {words, sizeof words},
                 remote = {(void *)(uintptr_t)wait->event->call.arg[0], sizeof words}; // NOLINT: an address
    wait->wait_for = WAIT_FOR_OTHER;
    if (process_vm_readv(wait->task->tid, &local, 1, &remote, 1, 0) != (ssize_t)sizeof words)
        return;
    const struct task *joined = task_of_number(search, words[LOCK]), *owner = NULL;
    if (joined && joined->process == wait->task->process && joined != wait->task) {
        wait->wait_for = WAIT_FOR_THREAD;
        helper_add(wait,
                   &(struct helper){
                       .help = HELP_THREAD, .process = joined->process->index, .tid = joined->tid, .fd = -1});
    } else if (words[LOCK] == 2 && (owner = task_of_number(search, words[OWNER]))) {
        wait->wait_for = WAIT_FOR_MUTEX;
        helper_add(wait,
                   &(struct helper){
                       .help = HELP_OWNER, .process = owner->process->index, .tid = owner->tid, .fd = -1});
    }
}
