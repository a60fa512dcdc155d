/* The tracer: every task of the scene, every traced call, and what the kernel says of who waits.
 *
 * It makes events and holds or releases tasks; it knows no YAML and judges nothing. One tracer serves one case or one `ipcgrade trace`; it is single-threaded and
 * uses waitpid(-1, __WALL), so its process must have no other children that it does not want to hear of.
 *
 * Layer: trace (may name base, calls, agent/order.h).
 * Sources: ptrace(2), seccomp(2), proc(5), libseccomp's manual.
 */
#ifndef IPCGRADE_TRACE_TRACE_H
#define IPCGRADE_TRACE_TRACE_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "agent/order.h"
#include "base/err.h"
#include "calls/call.h"
#include "calls/vocabulary.h"

struct tracer;
struct stack_capture;  /* registers and some stack: see source.h */
struct unwritten_list; /* unwritten.h */

/* Sockets. A socket that has a name, or is connected to one that has, is that name: an object of no device, whose number is the port (tcp,
 * udp) or counts the paths that were seen (unix, unix_dgram). So both ends of a connection are one object, and so is every connection
 * that was accepted there. A socket without a name is its own inode. */

/* ---- what others read ----------------------------------------------------------------------------------------------- */

/* Of a process that the kernel has ended by SIGSEGV within an execve, as it could not load the program and not go back either. */
struct lost {
    int error;          /* that the call gave; 0: it is not so */
    uint64_t bytes;     /* of address space that the program's file asks for, at least; 0: not known */
    uint64_t limit;     /* bytes that it may have; RLIM_INFINITY: any */
    bool is_too_large;  /* it asks for more than that, or for so much that no room is left beside it */
    bool is_impossible; /* it has places that no process has */
};

/* Why, in words. Appends. */
void lost_text(const struct lost *lost, struct bytes *to);

struct process {
    int index;            /* in the tracer's list; stable */
    pid_t pid, inner_pid; /* as the runner counts; as its own pid namespace counts */
    int parent;           /* index of the process that made it, or -1 */
    int actor;     /* set by tracer_seize(), inherited by children; the owner of the hooks may change it */
    bool is_main;  /* it was seized, not found as somebody's child */
    bool is_agent; /* it executes the agent */
    bool counts;   /* its calls count as the submission's (the `image` hook sets it; inherited over fork) */
    bool has_entered; /* it has passed the entry point of what it executes */
    bool has_probe;   /* its library calls are seen: the probe has come up in it */
    bool is_static;   /* they are not: it is a static program */
    bool
        has_signalled; /* it, or who made it, has sent a signal to a group, to all, or to nobody of the scene */
    bool has_killed;   /* it has sent a signal, or tried to: also where the log has no room for it */
    bool is_sanitized; /* they are not: a sanitizer's library insists on being the first */
    char program[64];  /* base name of what it executes */
    struct object_id image;
    bool is_dead;
    int wait_status; /* valid when dead: wait(2) */
    struct event *
        crash; /* no call, but where it was when SIGSEGV, SIGBUS, SIGFPE, SIGILL or SIGABRT came last, for source_find(); or NULL. After SIGSEGV and SIGBUS of the kernel's own call.arg[0] is the address that was touched, call.arg[1] the signal, else 0; call.arg[2] is the signal where the process has brought it on itself: by a fault, or by abort(3) */
    struct lost lost;
    int zombies_at_end; /* children that had ended and that it had not waited for when it ended itself */
    bool is_group_killed_by_us; /* the runner itself killed it (cleaning up) */
};

enum task_state {
    TASK_RUNNING,  /* or not yet proved to be anything else */
    TASK_BLOCKED,  /* proved: in a call that a process, the runner or a signal can end, time limit or not */
    TASK_SLEEPING, /* in a wait that time alone ends */
    TASK_IDLING,   /* it polls: two equal rounds that changed nothing */
    TASK_HELD,     /* stopped by a ruling, or an agent without orders */
    TASK_STOPPED,  /* by job control */
    TASK_DEAD,
};

/* `number` of an event that is not in the log: a call over the budget, or one more round of a task that idles. Such an event is overwritten by its task's
 * next call. */
#define EVENT_NOT_LOGGED UINT64_MAX

struct event {
    uint64_t number;  /* counts from 0, by the entry of the call */
    uint64_t time_ns; /* CLOCK_MONOTONIC, of the entry */
    int process;      /* index */
    int actor;        /* of its process at that time: who executes a stand-in belongs to another one later */
    pid_t tid;
    struct call call; /* call.is_done says whether the exit was seen */
    struct object_id
        object; /* what call.fd, call.path, or the IPC identifier led to; kind OBJECT_NONE: nothing or not known */
    struct object_id
        into; /* splice, tee, sendfile, copy_file_range: what is written to (object is what is read from); of a datagram
                 socket that has a name itself: to whom */
    struct object_id made[2]; /* what the made descriptors lead to */
    char object_name[64];     /* for people: "box", "pipe", "key 0x0000002a", "the terminal" */
    bool counts;              /* made by a program of the submission, not by its loader: early.c */
    bool is_injected;
    bool is_refused; /* by us: a splice that would hold a pipe (held_pipe.c) */
    bool
        is_own_limit; /* EAGAIN of a fork, EMFILE of mq_open, ENOMEM of execve, by a limit that the program has set itself, or that is lower than what the runner or the sandbox has given, by a full table of descriptors, or by a file that asks for more than there may be: the program's own doing, or the case's */
    int zombies; /* of a fork that was refused: how many had ended, were not waited for, and stood in its way */
    bool is_inner;  /* a library function made it, not the program itself: sem_wait's futex, popen's pipe */
    bool was_there; /* sem_open: what it names was there before */
    bool is_cut;    /* the task ended inside the call: there is no result */
    bool is_unwatched; /* over the budget: nobody will hear of its result */
    uint64_t
        blocked_at; /* how many events were logged when the task was last proved to be blocked in it; 0: never */
    size_t repeats; /* rounds of idling that followed and are not in the log: calls with the same results */
    int signal; /* the call was interrupted by it, else 0. is_done: it gave EINTR; else it began again, as another event */
    struct unwritten_list *
        unwritten; /* of a fork, exec, exit or unlocking: what streams held at its entry; owned by the event; NULL: nothing, or it is not known */
    struct stack_capture
        *stack; /* at possibly blocking entries and failing exits; owned by the event; may be NULL */
};

struct task {
    pid_t tid;
    struct process *process;
    enum task_state
        state; /* as of the last scene_prove() for BLOCKED, SLEEPING, IDLING; the others are always right */
    struct event *now;  /* the call that it is in, or NULL: in its own code or in a call that is not traced */
    bool is_ready;      /* an agent at its marker, without orders */
    bool is_held_after; /* HELD at the exit of now's call (else before it) */
    bool
        sleeps_unseen; /* RUNNING, but as of the last scene_prove() asleep, in a call that is not traced or is not known to wait */
};

/* ---- what the owner of a tracer decides ----------------------------------------------------------------------------- */

enum ruling_kind {
    RULING_GO,
    RULING_HOLD, /* at entry: nothing of the call has happened; a signal is handled first, then the call comes again */
    RULING_FAIL,    /* at entry: the call does not happen and gives -error */
    RULING_SHORTEN, /* at entry: at most `bytes` move, where task_may_come_short(); event->is_injected says at its exit whether they did */
};
/* RULING_HOLD with an error, or bytes: what is to be done with the call when it comes again. */
struct ruling {
    enum ruling_kind kind;
    int error;
    int64_t bytes;
};

struct trace_hooks { /* each may be NULL */
    void *context;
    struct ruling (*entry)(void *context, struct task *task, const struct event *event);
    bool (*exit)(void *context, struct task *task,
                 const struct event *event); /* true: hold it after the call */
    void (*made)(void *context,
                 struct process *child); /* a new process; actor and counts are inherited already */
    void (*image)(
        void *context,
        struct process *
            process); /* it has executed something: set actor, counts. is_agent is set already, and may be changed */
    bool (*preloads)(void *context, struct process *process,
                     const char *path); /* the program that it is about to execute is to get the probe */
    bool (*is_system)(void *context,
                      const char *path); /* the file is the system's, not the submission's (early.c) */
    void (*entered)(void *context,
                    struct process *process); /* it stands at its entry point (prlimit(2) time) */
    void (*ended)(void *context, struct process *process);
    void (*ready)(void *context,
                  struct task *agent); /* an agent stands at its marker: first time, or with a reply */
    void (*signalled)(void *context, struct task *task, int signal,
                      pid_t inner_sender); /* a signal is about to be delivered */
};

struct tracer_config {
    struct trace_hooks hooks;
    struct object_id agent; /* device and inode of the agent's executable; number 0: none */
    const char
        *probe_path; /* where tracees find the probe; absolute; NULL: none. Borrowed for the tracer's life */
    const char *probe_file; /* the same file where the tracer finds it */
    int max_tasks;          /* further clones give EAGAIN; zombies count, too; 0: no limit */
    int tasks_promised;     /* to the programs, where the machine has room for so many; 0: none */
    size_t data_kept;       /* bytes of data kept per event; 0: CALL_DATA_SHOWN */
    size_t
        all_data_kept; /* of all events together; then CALL_DATA_SHOWN of each that is not an agent's; 0: no limit */
    long
        event_budget; /* reads, writes and other floods per task that are seen in full; then entries only. 0: 50000 */
    size_t events_kept; /* of all tasks together, half of it for floods (1.7 KiB each); 0: no limit */
    bool
        is_not_graded; /* who is followed may wait at the end of a connection (socket(7), SO_LINGER) and hold a pipe (held_pipe.c) */
    bool wants_stacks;    /* capture stacks for source lines: of calls that wait, fail or make something */
    size_t stacks_kept;   /* of so many calls more, whatever they do (4 us and 2 KiB each) */
    uint64_t queue_bytes; /* of POSIX queues, which a process begins with (RLIMIT_MSGQUEUE); 0: not known */
    uint64_t lasts_ns;    /* the owner's patience: tracer_outlasts(); 0: without end */
};

/* Blocks SIGCHLD in the calling process until tracer_free(); children that are forked meanwhile inherit that. */
bool tracer_new(struct tracer **tracer, const struct tracer_config *config, struct err *err);
void tracer_free(struct tracer *tracer); /* kills what is left of the tracees; safe on NULL */

/* The seccomp program that every tracee loads after it was seized (RET_TRACE for the vocabulary's calls, EPERM for what is denied, death for foreign
 * architectures). Allocated; caller frees *filter. */
bool tracer_filter(struct sock_filter **filter, size_t *length, struct err *err);

/* The same refusals for a process that nobody traces, as in a build. */
bool tracer_filter_untraced(struct sock_filter **filter, size_t *length, struct err *err);

/* Seize a process that waits to be let go (sandbox_spawn()). It belongs to `actor`. */
bool tracer_seize(struct tracer *tracer, pid_t pid, int actor, struct process **process, struct err *err);

/* Handle the statuses that are there (waitpid with WNOHANG until none is left, or many were handled). Returns how many. Errors of the tracer itself (not of tracees that were killed)
 * are kept: tracer_trouble(). */
size_t tracer_pump(struct tracer *tracer);
const char *tracer_trouble(const struct tracer *tracer); /* NULL, or what broke */

/* Becomes readable when there is a status to handle (signalfd(2) of SIGCHLD, which is blocked). Owned by the tracer. */
int tracer_poll_fd(const struct tracer *tracer);

size_t tracer_process_count(const struct tracer *tracer);
struct process *tracer_process(const struct tracer *tracer, size_t index);
size_t tracer_task_count(const struct tracer *tracer); /* living tasks */
size_t tracer_tasks_made(const struct tracer *tracer); /* the dead too */
/* How long the living tasks and the tracer itself have stood on run queues so far, added up: between two looks at the same tasks, at least the time in which somebody could have gone on
 * and was not given a processor (proc_pid_schedstat; 0 where the kernel does not count it). */
uint64_t tracer_starved_ns(const struct tracer *tracer);
/* Processor time of all processes so far, the dead too: the kernel's, so that it is the same on a busy machine. */
uint64_t tracer_cpu_ns(struct tracer *tracer);
/* What it has taken us to follow them, in processor time, too: without looking for a proof, which waits for others as often as not. */
uint64_t tracer_own_cpu_ns(const struct tracer *tracer);
struct task *tracer_task(const struct tracer *tracer, size_t index);
struct task *tracer_main_task(const struct tracer *tracer,
                              const struct process *process); /* any living task of it; NULL when dead */
size_t tracer_event_count(const struct tracer *tracer);
const struct event *tracer_event(const struct tracer *tracer, size_t number);
bool tracer_dropped_detail(
    const struct tracer *tracer); /* some task went over the budget, or there was too much data */

/* Children of the process that have ended and are not waited for now (from /proc); living children. */
int process_zombies(const struct tracer *tracer, const struct process *process);
int process_children(const struct tracer *tracer, const struct process *process);

/* Descriptors open in a living process, sorted; returns how many were put into `fds`. */
size_t process_fds(const struct process *process, int *fds, size_t room);
/* What descriptor `fd` of it leads to. */
bool process_object(const struct process *process, int fd, struct object_id *id);

/* The paths that a UNIX socket was known by, for an object of that kind and of no device, the newest (0) first; "": there are no more. Absolute, or as it was written
 * where the directory was not known. */
const char *tracer_socket_path(const struct tracer *tracer, const struct object_id *id, size_t which);

/* The descriptors that a task waits for in poll, select or epoll, of which it must be in a call now; returns how many were put into `watched`. What an
 * epoll watches is asked of the kernel (proc(5), fdinfo). */
size_t task_watched(const struct task *task, struct call_fd *watched, size_t room);

/* The library call (sem_wait, pclose) that the wait which the task is in now is a part of; NULL: none, or it is not seen. */
struct event *task_library(const struct task *task);
/* What lies at the address of a futex wait that the task is in now: false when it is in none, or nothing is mapped there. */
bool task_futex_object(const struct task *task, struct object_id *id);

/* A descriptor of our own for the open file behind that of the task (pidfd_getfd(2)): to open the entry in /proc would make a new end. The caller's to close; -1 with errno. */
int task_borrow(const struct task *task, int fd);

/* Would this call, which the task stands at the entry of, wait, if it were made now? What is not known may. Also looks whether its descriptor is non-blocking, and has something for it
 * (fdinfo, poll; 15 us), which call.wait cannot know. */
bool task_would_wait(const struct task *task, const struct event *event);

/* May this call, which the task stands at the entry of, come up short at `bytes` and be right: does it ask for more of a stream or a file, and can it be shown less? Datagrams and other packets would lose their rest,
 * MSG_PEEK takes nothing, and MSG_WAITALL promises all. */
bool task_may_come_short(const struct task *task, const struct event *event, int64_t bytes);

/* The task is held in front of a wait for another thread (futex(2), sem_wait(3), what can be polled), and what it would wait for has come: made now, the call would not wait. Of other calls it
 * is not known: false. */
bool task_wait_is_over(const struct task *task);

/* Somebody is in splice or sendfile, and may hold a pipe by it: whoever asks how much is in that would wait. */
bool tracer_may_hold_pipes(const struct tracer *tracer);

/* ---- acting --------------------------------------------------------------------------------------------------------- */

void tracer_release(struct tracer *tracer, struct task *task); /* a HELD task that is no agent */
/* Write the order and `data` into a ready agent's mailbox and let it go. */
bool tracer_order(struct tracer *tracer, struct task *agent, const struct order *order, const void *data,
                  struct err *err);
/* Read the reply of a ready agent; got (reply->got_len bytes) goes to *got if not NULL, caller frees. */
bool tracer_reply(struct tracer *tracer, struct task *agent, struct reply *reply, char **got,
                  struct err *err);

/* Frozen: no task passes a traced call; whoever comes to an entry waits there. Thawing lets them go. */
void tracer_freeze(struct tracer *tracer, bool is_frozen);

/* A new act begins: forget what idling saw so far. */
void tracer_begin_turn(struct tracer *tracer);

/* ---- proofs (proof.c) ----------------------------------------------------------------------------------------------- */

enum scene {
    SCENE_MOVING,   /* somebody can go on: wait for the next status */
    SCENE_UNPROVED, /* everybody may be waiting, but it is not proved yet: look again soon */
    SCENE_TURN_OVER, /* nobody can go on without the case, but time still may change something, or somebody idles */
    SCENE_AT_REST, /* nothing will ever happen without the case */
};

/* Who waits for a signal of a timer that is due later (CLOCK_MONOTONIC) keeps no turn open: the owner will not wait so long. 0: for any. */
void tracer_wait_until(struct tracer *tracer, uint64_t horizon_ns);

/* As of the last scene_prove(): nobody can go on but by a wait whose own limit is as long as `lasts_ns` or longer. So nothing will happen before the owner has lost
 * patience, and he need not wait for that. */
bool tracer_outlasts(const struct tracer *tracer);

/* Judge every task from the kernel's state (two passes) and set task->state. Changes nothing in the tracees. Statuses
 * that are not handled yet are no danger: whose they are is stopped, not asleep, and so is not proved to be blocked. */
enum scene scene_prove(struct tracer *tracer);

/* A task that has been idling without ever sleeping, and how often it has asked for something since its rounds were found, while nobody else went on and no sleep, time limit or timer was to
 * end that; 0 when there is none. No machine is too slow for that, and none too fast. Who only takes a semaphore and gives it back, again and again, may be at work on what it guards. */
uint64_t scene_spinning(const struct tracer *tracer, const struct task **who);

#endif
