/* Who waits for what, and who could end the wait: the wait-for graph of a scene in which nobody can go on.
 *
 * A node is a task that is blocked. Its *helpers* are the processes that could end its wait by what they hold or are: the other end of a pipe, a child,
 * a lock. A helper that waits itself leads to its own node; nodes that lead back to themselves are a deadlock. Only what the kernel or the event log says is a fact; a helper that
 * is inferred (a process that has used this queue before) is marked `is_probable`.
 *
 * Ask it only while everything stands still (scene_prove() gave TURN_OVER or AT_REST). Nothing here changes a tracee.
 *
 * Layer: diagnosis (may name base, calls, trace, inspect).
 * Sources: proc(5) (fd, fdinfo, locks), pidfd_getfd(2), pipe(7), fifo(7), semctl(2) (GETPID), msgctl(2), futex(2).
 */
#ifndef IPCGRADE_DIAGNOSIS_WAITS_H
#define IPCGRADE_DIAGNOSIS_WAITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "diagnosis/descriptors.h"
#include "diagnosis/lock_table.h"
#include "inspect/inspect.h"
#include "trace/trace.h"

enum wait_for {
    WAIT_FOR_BYTES,   /* read: bytes or end of file of a pipe, FIFO or socket pair */
    WAIT_FOR_ROOM,    /* write: it is full */
    WAIT_FOR_READER,  /* open of a FIFO for writing */
    WAIT_FOR_WRITER,  /* open of a FIFO for reading */
    WAIT_FOR_MESSAGE, /* msgrcv, mq_receive */
    WAIT_FOR_QUEUE,   /* msgsnd, mq_send: the queue is full */
    WAIT_FOR_VALUE,   /* semop: enough in a semaphore */
    WAIT_FOR_ZERO,    /* semop with 0 */
    WAIT_FOR_POST,    /* sem_wait */
    WAIT_FOR_CHILD,
    WAIT_FOR_LOCK,       /* fcntl, flock */
    WAIT_FOR_MUTEX,      /* a futex that has an owner */
    WAIT_FOR_RWLOCK,     /* pthread_rwlock_rdlock, pthread_rwlock_wrlock */
    WAIT_FOR_CONDITION,  /* pthread_cond_wait */
    WAIT_FOR_BARRIER,    /* pthread_barrier_wait */
    WAIT_FOR_THREAD,     /* pthread_join */
    WAIT_FOR_CONNECTION, /* accept */
    WAIT_FOR_ACCEPT,     /* connect: the backlog is full */
    WAIT_FOR_SIGNAL,
    WAIT_FOR_ANY,   /* poll, select, epoll: one of several */
    WAIT_FOR_OTHER, /* anything else: nothing is known of who could end it */
};

enum help { /* what makes somebody a helper */
            HELP_WRITE_END,
            HELP_READ_END,
            HELP_CHILD,
            HELP_TAKEN, /* has taken from the semaphore and not given back */
            HELP_OWNER, /* owns the lock or mutex */
            HELP_USER,  /* has used the object: probable */
            HELP_PARTY, /* lives in the same scene and waits, too: probable (the order in which FIFOs are opened) */
            HELP_THREAD,   /* is the thread that is waited for */
            HELP_PEER,     /* has the other end of the connection */
            HELP_LISTENER, /* has the listening socket at which the connection waits to be accepted */
            HELP_SIBLING,  /* another thread of the same process: probable (condition variables) */
};

struct helper {
    enum help help;
    int process; /* index */
    pid_t tid;   /* of the one thread that is meant, or 0 */
    int fd;      /* through which it holds the object, or -1 */
    int through; /* poll: which of the descriptors that are waited for it could make ready; else -1 */
    const struct event *origin; /* of that descriptor, or the call by which it took; NULL: not known */
    size_t
        unwritten; /* bytes that it has given to its stream of that descriptor, and that no write has carried there yet */
    bool is_probable;
    bool is_undone; /* HELP_TAKEN: with SEM_UNDO; the kernel gives it back when the process ends */
    int wait;       /* index of its own wait, or -1: it does not wait */
};

enum { WAIT_HELPERS = 32, WAIT_TYPES = 16 };

struct wait {
    const struct task *task;
    const struct event *event; /* its call */
    enum wait_for wait_for;
    struct object_id object;
    const char *name; /* of the object, for people; "" when there is none. Borrowed */
    bool has_amount;
    int amount,
        room; /* bytes in the pipe, and that it can hold; messages likewise (POSIX); the value of a POSIX semaphore, and how many wait for it */
    const struct call_op *hindered; /* semop: the operation that cannot be done; borrowed, or NULL */
    bool has_state;                 /* of a System V queue or semaphore set; owned */
    struct object_state state;
    bool has_socket,
        has_peer; /* what the kernel says of its own socket (of the listening one: accept, connect) and of the other end */
    struct socket_facts socket, peer;
    struct lock_held lock; /* WAIT_FOR_LOCK: the one in the way; pid 0: not known */
    char variable
        [64]; /* of the program's: the mutex, condition variable, semaphore; "" when it is not known */
    const struct event *change; /* the call that changed the semaphore last; NULL: not known */
    struct helper helpers[WAIT_HELPERS];
    size_t helper_count;
    int gone_owner; /* WAIT_FOR_MUTEX without a helper: the number of the thread that had it last, which is not there any more; 0: not known */
    bool
        is_alone; /* condition variable, barrier, semaphore: it lies in its process's own memory, which has no other thread */
    bool is_lost; /* WAIT_FOR_MUTEX: nobody has it, but it was not woken */
    bool is_more; /* there are more helpers than are kept */
    bool
        is_open; /* somebody outside of the scene can end it, too: by connecting, by typing, by what was open before */
    bool
        is_doomed; /* it has helpers, and each of them waits (all its threads do) and is doomed itself: nobody in the scene can end it */
};

struct waits {
    const struct tracer *tracer; /* borrowed */
    struct wait *items;          /* owned */
    size_t count;
    size_t cycle[64]; /* indices of waits, doomed, each of which waits for the next, the last for the first */
    size_t cycle_count;     /* 0: no cycle; 1: it waits for itself */
    bool is_cycle_probable; /* one of its edges is */
};

/* Find all. `inspector` asks for the state of System V objects; NULL: they are not asked. The history must have been played to the end; it, the tracer and
 * its events are borrowed by *waits. Let go with waits_free(). */
void waits_find(struct waits *waits, struct tracer *tracer, const struct history *history,
                const struct inspector *inspector);
void waits_free(struct waits *waits);

/* "write_end", "child" ..: for those who print it as data. */
const char *help_word(enum help help);

/* A thread's number as its own pid namespace counts; 0 when it is not there. */
long thread_number(pid_t tid);

/* The first wait of a process, or NULL. */
const struct wait *waits_of(const struct waits *waits, const struct process *process);

#endif
