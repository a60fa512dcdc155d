/* Who could end a wait for another thread: a mutex, a lock for readers and writers, a condition variable, a barrier, the end of a thread.
 *
 * They all wait in futex(2). Which function of the thread library that is, the frames of the stack tell; where they do not (a stripped static program), only what the memory
 * says is believed. A mutex keeps its owner's thread number eight bytes behind its futex word (the glibc ABI: pthread_mutex_t begins with lock, count, owner), a lock for readers
 * and writers keeps its writer's 24 bytes behind its beginning; it is believed only when a task of the scene has that number. pthread_join() waits for the word that holds the
 * number of the thread itself.
 */
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "base/cleanup.h"
#include "diagnosis/helpers.h"
#include "trace/source.h"

static const char *const functions[] = {"pthread_cond_wait",
                                        "pthread_cond_timedwait",
                                        "pthread_cond_clockwait",
                                        "pthread_barrier_wait",
                                        "pthread_rwlock_rdlock",
                                        "pthread_rwlock_wrlock",
                                        "pthread_mutex_lock",
                                        "sem_wait",
                                        NULL};
static const enum wait_for waited_for[] = {WAIT_FOR_CONDITION, WAIT_FOR_CONDITION, WAIT_FOR_CONDITION,
                                           WAIT_FOR_BARRIER,   WAIT_FOR_RWLOCK,    WAIT_FOR_RWLOCK,
                                           WAIT_FOR_MUTEX,     WAIT_FOR_POST};

long thread_number(pid_t tid)
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
    for (size_t i = 0; number > 0 && i < tracer_task_count(search->tracer); i++) {
        const struct task *task = tracer_task(search->tracer, i);
        bool is_here = task->process->pid == task->process->inner_pid; /* no namespace is in between */
        if ((is_here ? task->tid : thread_number(task->tid)) == number)
            return task;
    }
    return NULL;
}

static void add_task(struct wait *wait, const struct task *task, enum help help)
{
    helper_add(wait, &(struct helper){.help = help,
                                      .process = task->process->index,
                                      .tid = task->tid,
                                      .fd = -1,
                                      .through = -1,
                                      .is_probable = help == HELP_SIBLING});
}

static bool read_words(const struct wait *wait, uint64_t address, int *words, size_t size)
{
    struct iovec local = {words, size}, remote = {(void *)(uintptr_t)address, size}; // NOLINT: an address
    return process_vm_readv(wait->task->tid, &local, 1, &remote, 1, 0) == (ssize_t)size;
}

/* Every other thread that could signal, or come to the barrier. In shared memory it may be another process's. */
static void add_siblings(const struct search *search, struct wait *wait)
{
    bool is_private = (wait->event->call.arg[1] & FUTEX_PRIVATE_FLAG) != 0;
    for (size_t i = 0; i < tracer_task_count(search->tracer); i++) {
        const struct task *task = tracer_task(search->tracer, i);
        bool is_own = task->process == wait->task->process;
        if (task != wait->task && is_own)
            add_task(wait, task, HELP_SIBLING);
    }
    wait->is_alone = is_private && wait->helper_count == 0;
}

/* pthread_rwlock_t: readers, writers, wrphase_futex, writers_futex, pad3, pad4, cur_writer. It waits for wrphase_futex or writers_futex. */
static void find_writer(const struct search *search, struct wait *wait)
{
    enum { PHASE_AT = 8, FUTEX_AT = 12, WRITER = 6, WORDS };
    uint64_t address = wait->event->call.arg[0];
    for (unsigned at = PHASE_AT; at <= FUTEX_AT; at += FUTEX_AT - PHASE_AT) {
        int words[WORDS];
        const struct task *writer = NULL;
        if (read_words(wait, address - at, words, sizeof words))
            writer = task_of_number(search, words[WRITER]);
        if (writer) {
            add_task(wait, writer, HELP_OWNER);
            return;
        }
    }
}

static void find_owner(const struct search *search, struct wait *wait)
{
    enum { LOCK, COUNT, OWNER, WORDS };
    enum { LOCKED = 2 /* and somebody waits */ };
    int words[WORDS] = {0};
    if (!read_words(wait, wait->event->call.arg[0], words, sizeof words))
        return;
    const struct task *joined = task_of_number(search, words[LOCK]), *owner = NULL;
    if (wait->wait_for == WAIT_FOR_OTHER && joined && joined->process == wait->task->process &&
        joined != wait->task) {
        wait->wait_for = WAIT_FOR_THREAD;
        add_task(wait, joined, HELP_THREAD);
        return;
    }
    /* The futex word of a robust or priority-inheriting one is its owner's number itself. */
    int number = words[LOCK] == LOCKED ? words[OWNER] : words[LOCK] & FUTEX_TID_MASK;
    bool is_mutex = wait->wait_for == WAIT_FOR_MUTEX || words[LOCK] == LOCKED;
    if (is_mutex && (owner = task_of_number(search, number))) {
        wait->wait_for = WAIT_FOR_MUTEX;
        add_task(wait, owner, HELP_OWNER);
    } else if (wait->wait_for == WAIT_FOR_MUTEX) {
        wait->gone_owner = number;
        wait->is_lost = words[LOCK] == 0;
    }
}

/* Where the thing begins that the futex is a part of: a mutex and a semaphore begin with it. */
static uint64_t beginning(const struct search *search, const struct wait *wait)
{
    char name[sizeof wait->variable];
    uint64_t address = wait->event->call.arg[0];
    bool is_inside = wait->wait_for == WAIT_FOR_CONDITION || wait->wait_for == WAIT_FOR_BARRIER ||
                     wait->wait_for == WAIT_FOR_RWLOCK;
    if (!is_inside || !source_variable(search->tracer, wait->event, address, name, sizeof name))
        return address;
    const char *plus = strrchr(name, '+');
    uint64_t offset = plus ? strtoull(plus + 1, NULL, 10) : 0;
    enum { LARGEST = 48 }; /* a pthread_cond_t or pthread_rwlock_t */
    return offset < LARGEST ? address - offset : address;
}

void helpers_of_futex(struct search *search, struct wait *wait)
{
    int function = source_inside(search->tracer, wait->event, functions);
    wait->wait_for = function < 0 ? WAIT_FOR_OTHER : waited_for[function];
    if (wait->wait_for == WAIT_FOR_CONDITION || wait->wait_for == WAIT_FOR_BARRIER)
        add_siblings(search, wait);
    else if (wait->wait_for == WAIT_FOR_RWLOCK)
        find_writer(search, wait);
    else if (wait->wait_for != WAIT_FOR_POST)
        find_owner(search, wait);
    source_variable(search->tracer, wait->event, beginning(search, wait), wait->variable,
                    sizeof wait->variable);
}
