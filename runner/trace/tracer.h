/* Inside the tracer room: what its files share. Nobody outside of trace/ includes this.
 *
 * A tracee is our side of a task. It is in one *phase*; the phase says what its next stop means:
 *
 *   PHASE_CODE       in its own code, or in a call that is not traced
 *   PHASE_CALL       let into a traced call; the exit stop is wanted
 *   PHASE_UNWATCHED  let into a traced call whose exit is not wanted (over the budget)
 *   PHASE_SKIPPED    its call was made void so that it can be held in front of it; the exit stop follows at once
 *   PHASE_HELD       stopped by a ruling; `is_before`: at the instruction of the call that it will make again
 *   PHASE_READY      an agent, stopped at its marker
 *   PHASE_PARKED     stopped at the entry of a call because the scene is frozen
 *   PHASE_DEAD
 */
#ifndef IPCGRADE_TRACE_TRACER_H
#define IPCGRADE_TRACE_TRACER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/types.h>

#include "probe/mark.h"
#include "trace/maps.h"
#include "trace/reader.h"
#include "trace/trace.h"
#include "trace/unwritten.h"

struct unwinding;

enum phase {
    PHASE_CODE,
    PHASE_CALL,
    PHASE_UNWATCHED,
    PHASE_SKIPPED,
    PHASE_HELD,
    PHASE_READY,
    PHASE_PARKED,
    PHASE_DEAD
};

enum {
    TASK_BUCKETS = 256,
    OBJECT_BUCKETS = 1 << 16,
    EVENTS_PER_CHUNK = 64,
    CACHED_FDS = 64,
    RECENT_STACKS = 32,
    IDLE_RING = 256, /* calls that idling looks back on */
};

/* A call that has been entered and may come again: held in front of, or interrupted by a signal. */
struct again {
    struct event *event; /* NULL: none */
    uint64_t ip, sp;
    uint64_t nr;
    bool is_held;   /* it was held by a ruling and not made */
    bool is_hard;   /* the kernel gave -EINTR itself, it will not restart the call */
    uint64_t moved; /* bytes that it has written already: partial.c */
};

struct idle_entry {
    uint64_t print;  /* fingerprint of call and result */
    int64_t taken;   /* of semaphores; 0 when nothing */
    uint64_t own_ns; /* processor time of its process by then */
    const struct call_row *row;
    uint8_t sort; /* enum idle_sort, idle.c */
};

struct idle {
    unsigned turn; /* the tracer's turn that `count` belongs to */
    unsigned count;
    bool has_slept;
    unsigned period;  /* of the rounds that were found last; 0: none */
    bool is_poll;     /* they look and sleep */
    uint64_t cost_ns; /* idle_cost_ns() when they were found, or when somebody else was last seen to run */
    struct idle_entry ring[IDLE_RING];
};

struct seen { /* by one pass of a proof */
    char state;
    bool is_off; /* off the run queue */
    uint64_t switches;
    uint64_t pending; /* signals that wait for delivery, to the task or its process; bit (signal - 1) */
    uint64_t blocked, caught; /* in this wait; by a handler */
};

enum { LIBRARY_DEPTH = 4 };

struct library_call { /* that the task is in; library.c */
    struct event *event;
    uint64_t frame; /* of the wrapper: pairs entry and exit */
    int function;   /* enum probe_function */
    bool is_over;   /* the budget */
};

enum preload { PRELOAD_NOT, PRELOAD_STATIC, PRELOAD_SANITIZED, PRELOAD_DONE };

struct tracee {
    struct task pub; /* first: a struct task * is a struct tracee * */
    struct tracer *tracer;
    struct tracee *next; /* in its bucket */
    enum phase phase;
    bool is_before;           /* PHASE_HELD: in front of the call */
    bool is_leaving;          /* PTRACE_EVENT_EXIT was seen */
    bool is_stepping;         /* resumed by PTRACE_SINGLESTEP, to see where a handler starts */
    bool has_vforked;         /* between EVENT_VFORK and its exit */
    struct ruling ruling;     /* of the call that it is in */
    struct ruling after_hold; /* of the call that it is held before, when that comes again */
    uint64_t saved[6];        /* arguments to be restored at the exit (shortened calls) */
    uint64_t ip, sp;          /* at the entry */
    uint64_t nr;
    uint64_t moved; /* of a write that goes on */
    struct again again;
    long spent;                                 /* calls, for the budget */
    struct event *scratch;                      /* for calls that are not logged; owned */
    struct event *library_scratch;              /* the same for library calls; owned */
    struct library_call library[LIBRARY_DEPTH]; /* the innermost is the last */
    int library_count;
    enum preload preload;                /* of the execve that it is in */
    struct event *last;                  /* the one before, for the line where the task is */
    struct event *recent[RECENT_STACKS]; /* whose stacks may be let go in turn */
    unsigned recent_next;
    struct idle *idle; /* owned */
    uint64_t mailbox;  /* agents */
    int wchan_fd, status_fd;
    struct seen seen[2];
};

struct fd_cache {
    bool is_known[CACHED_FDS];
    struct object_id id[CACHED_FDS];
};

struct timer {
    int id;          /* POSIX timer, or -1: ITIMER_REAL (alarm, setitimer) */
    int signal;      /* 0: none comes */
    bool is_clock;   /* runs on while its process sleeps */
    bool can_be_set; /* its clock */
    uint64_t due_ns; /* CLOCK_MONOTONIC; 0: not armed */
    uint64_t interval_ns;
};

struct member {         /* our side of a process */
    struct process pub; /* first */
    struct tracer *tracer;
    struct fd_cache fds;
    struct timer *timers; /* owned */
    size_t timer_count;
    uint64_t entry; /* address of the breakpoint, 0: none */
    long entry_word;
    bool is_preloaded;               /* LD_PRELOAD was put into its environment */
    uint64_t probe_start, probe_end; /* the probe's text in it; 0: not met yet */
    bool has_layout;
    int layout;          /* maps.h */
    bool is_shared;      /* its descriptor table is shared with another process: nothing is cached */
    bool is_cloning;     /* one of its tasks ended inside a clone */
    bool has_set_limits; /* own_limit.c; inherited */
    uint64_t cpu_ns;     /* cpu.c: processor time, as it was last seen */
    bool is_gone; /* it is dead and somebody has taken its status: its number is nobody's, or another's */
};

/* What is known of an object beside its identity. */
struct known_object {
    struct object_id id;
    char name[64];
    char path[256];  /* as the runner can reach it, or "" */
    bool is_made;    /* a tracee made it */
    bool is_removed; /* and one removed it */
    uint64_t event;  /* that made it */
    uint32_t older;  /* the next of its bucket, its place + 1; 0: none */
};

/* What is known of a socket that a tracee made: socket.c. */
struct known_socket {
    uint64_t device, number; /* of the socket itself */
    enum object_kind kind;
    struct object_id own,
        peer; /* its name, and whose it is connected to or last sent to; OBJECT_NONE: none */
    bool limits_reading, limits_writing; /* SO_RCVTIMEO, SO_SNDTIMEO, and _NEW */
};

struct tracer {
    struct tracer_config config;
    int signal_fd;
    sigset_t old_mask;
    void (*old_handler)(int); /* of SIGCHLD */
    bool has_mask;
    char trouble[256];

    struct tracee *buckets[TASK_BUCKETS];
    struct tracee **tasks; /* living, in order of appearance; owned */
    size_t task_count, task_room;
    struct tracee **dead; /* owned: others may still look at them */
    size_t dead_count, dead_room;
    struct member **members; /* owned */
    size_t member_count, member_room;

    struct event **chunks; /* of EVENTS_PER_CHUNK each; owned */
    size_t chunk_count, chunk_room;
    size_t event_count;
    size_t data_count; /* bytes of data in them */
    bool has_dropped;
    uint64_t dead_cpu_ns; /* of processes that have ended */
    size_t stack_count;   /* captured so far */
    size_t result_stacks; /* of them, of calls that have failed or made something */

    const struct call_row **rows; /* by system call number; owned */
    const struct deed_row **deeds;
    size_t row_count;
    uint64_t pipe_device;
    const struct call_row *functions[PROBE_FUNCTIONS];
    const struct deed_row *function_deeds[PROBE_FUNCTIONS];
    struct object_id probe; /* as /proc/PID/maps numbers it */

    struct known_object *objects; /* owned */
    size_t object_count, object_room;
    uint32_t object_buckets[OBJECT_BUCKETS]; /* the newest of each, its place + 1; 0: none */

    struct known_socket *sockets; /* owned */
    size_t socket_count, socket_room;
    char **socket_paths; /* names of UNIX sockets, each once; owned */
    size_t socket_path_count, socket_path_room;
    uint64_t socket_device;
    bool has_internet;  /* a tracee made a TCP or UDP socket */
    bool has_terminals; /* a tracee made a pair of pseudo terminals */

    bool is_frozen;
    bool has_attached;    /* somebody has attached a segment or made a shared mapping */
    bool may_have_unseen; /* a task ended inside a clone: its child may not have come yet */
    bool has_wchan;       /* this kernel tells where a task waits */
    uint64_t horizon_ns;  /* tracer_wait_until() */
    unsigned turn;
    struct maps maps;
    struct reader reader;
    struct unwinding *unwinding; /* in the reader: the search that is going on */
};

/* trouble: keeps the first sentence */
void tracer_set_trouble(struct tracer *tracer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* tasks.c */
struct tracee *tasks_find(struct tracer *tracer, pid_t tid);
struct tracee *tasks_add(struct tracer *tracer, pid_t tid, struct member *member);
void tasks_rename(struct tracer *tracer, struct tracee *tracee, pid_t tid);
void tasks_bury(struct tracer *tracer, struct tracee *tracee); /* from the living to the dead */
struct member *tasks_member(struct tracer *tracer, pid_t pid); /* living process */
struct member *tasks_new_member(struct tracer *tracer, pid_t pid, struct member *parent);
/* A task that nobody knows yet: from its FORK event (maker not NULL) or from its first stop. NULL: it has vanished or is none of ours. */
struct tracee *tasks_adopt(struct tracer *tracer, pid_t tid, struct tracee *maker);
bool tasks_grow(void *array, size_t count, size_t *room, size_t size);
void tasks_free(struct tracer *tracer);

/* events.c */
struct event *events_new(struct tracer *tracer, struct tracee *tracee);
void events_decode(struct tracer *tracer,
                   struct event *event); /* its call, and count what is kept of its data */
/* `scratch`: which of its two scratch events */
struct event *events_scratch(struct tracer *tracer, struct tracee *tracee, struct event **scratch);
struct event *events_promote(struct tracer *tracer,
                             struct event **scratch); /* the scratch event becomes one of the log */
void events_free(struct tracer *tracer);
bool memory_read(void *context, uint64_t address, void *to, size_t len); /* context: struct tracee */
uint64_t now_ns(void);

/* enter.c: entries and exits of calls */
void enter_call(struct tracee *tracee, const struct __ptrace_syscall_info *info);
void leave_call(struct tracee *tracee, int64_t result);
void leave_skipped(struct tracee *tracee);
void finish_event(struct tracee *tracee, struct event *event,
                  int64_t result); /* fills in the result and its consequences */

bool call_is_over_budget(struct tracee *tracee, const struct deed_row *deed);
void call_remember(struct tracee *tracee, struct event *event);      /* of the last few the stacks are kept */
bool call_is_to_be_held(struct tracee *tracee, struct event *event); /* it is over: tells its owner */
void call_hold_after(struct tracee *tracee);

/* own_limit.c: limits that a program has set itself */
void own_limit_note(struct tracee *tracee, const struct __ptrace_syscall_info *info);
bool own_limit_failed(const struct tracee *tracee, const struct call *call);

/* cpu.c: while the process is there */
void cpu_note(struct member *member);

/* library.c: calls that the probe announces */
bool library_learn(struct tracer *tracer, struct err *err);
bool library_mark(struct tracee *tracee,
                  const struct __ptrace_syscall_info *info); /* false: nobody's, to be passed by */
bool library_is_around(const struct tracee *tracee, const struct event *inner);
void library_cut(struct tracee *tracee); /* it ended inside */

/* preload.c */
void preload_at_entry(struct tracee *tracee, const struct event *event); /* of an exec */
void preload_at_exit(struct tracee *tracee, const struct event *event, int64_t result);

/* loading.c: what a program's file allows; `fd` is an open plain file of anybody's making */
enum preload loading_look(int fd);

/* again.c: interrupted calls */
bool again_matches(const struct tracee *tracee, const struct __ptrace_syscall_info *info);
void again_note(struct tracee *tracee, int64_t result);
int again_signal(struct tracee *tracee, int signal); /* returns the ptrace request to resume with */
void again_stepped(struct tracee *tracee);
void again_settle(struct tracee *tracee);              /* it will not come again: what it gave is final */
uint64_t signals_ignored(const struct tracee *tracee); /* bit (signal - 1) */

/* enter.c: a call that is held before is ruled upon once; what else was decided then waits until it comes again. */
void ruling_keep(struct tracee *tracee, struct ruling held);
struct ruling ruling_take(struct tracee *tracee);

/* partial.c */
bool partial_goes_on(struct tracee *tracee, struct event *event,
                     int64_t result); /* it comes again for the rest */
int64_t partial_total(struct tracee *tracee, const struct event *event,
                      int64_t result); /* what the program is given */

/* registers.c */
bool registers_void_call(struct tracee *tracee, int64_t result); /* at the entry: do nothing, give `result` */
bool registers_step_back(struct tracee *tracee); /* at the exit: to the instruction of the call */
bool registers_set_result(struct tracee *tracee, int64_t result);
bool registers_set_arg(struct tracee *tracee, int index, uint64_t value);
bool registers_set_nr(struct tracee *tracee, uint64_t nr);
bool registers_skip_breakpoint(struct tracee *tracee,
                               uint64_t entry); /* true: it stood behind that breakpoint */
bool registers_handler_result(struct tracee *tracee,
                              int64_t *result); /* at a handler's start: what the call will give */
bool request(struct tracee *tracee, int what, uintptr_t address,
             uintptr_t data); /* ptrace; ESRCH is passed over */

/* stops.c */
void resume(struct tracee *tracee, int signal);
void resume_by(struct tracee *tracee, int what, int signal);

/* image.c */
void image_changed(struct tracee *tracee);
bool image_entered(struct tracee *tracee);

/* object.c */
void object_of_fd(struct tracee *tracee, int fd, struct object_id *id);
void object_of_entry(struct tracee *tracee, struct event *event);
void object_of_exit(struct tracee *tracee, struct event *event);
void object_forget_fd(struct member *member, int fd); /* -1: all */
struct known_object *object_known(struct tracer *tracer, const struct object_id *id);
bool object_of_path(struct tracee *tracee, const struct call *call, const char *path, struct object_id *id);
/* Name the object of the event, by its descriptor or, with fd -1, by what the call says. */
void object_name(struct tracee *tracee, struct event *event, int fd);
void object_name_path(struct known_object *known, const struct tracee *tracee, const struct call *call,
                      const char *path); /* a name for people, and the whole path */
struct known_object *object_learn(struct tracer *tracer, const struct object_id *id); /* NULL: no memory */
void object_removed(struct tracer *tracer, const struct object_id *id);
int object_open_program(const struct tracee *tracee,
                        const struct call *exec); /* O_PATH, the caller's; -1: it is not there */

/* function_object.c */
void object_of_function(struct tracee *tracee, struct event *event);
void object_of_function_exit(struct tracee *tracee, struct event *event);
/* The semaphore at an address; `name` is for people. */
bool object_of_sem(struct tracee *tracee, uint64_t address, struct object_id *id, char *name, size_t room);

/* socket.c */
bool socket_learn_device(struct tracer *tracer);
void socket_resolve(struct tracer *tracer, struct object_id *id); /* a socket of its own becomes its name */
void socket_of_entry(struct tracee *tracee, struct event *event);
void socket_of_exit(struct tracee *tracee, const struct event *event); /* before its objects are looked up */
void socket_made_file(struct tracee *tracee,
                      struct event *event); /* of bind(2): the name in the file system */
bool socket_is_limited(struct tracee *tracee, const struct call *call);
bool socket_print_name(const struct tracer *tracer, const struct object_id *id, char *to, size_t room);
void socket_free(struct tracer *tracer);

/* internet.c */
enum internet { INTERNET_STILL, INTERNET_WAITS, INTERNET_MOVES };
enum internet internet_look(struct tracer *tracer);

/* timer.c */
void timer_note(struct tracee *tracee, const struct event *event);
void timer_inherit(struct member *child);
void timer_exec(struct member *member);
void timer_signal(struct member *member, int signal);
bool timer_pending(struct member *member, uint64_t waiting_signals, uint64_t now);
/* One that is due until `horizon` (0: at any time), with one of these signals. */
bool timer_gives(const struct member *member, uint64_t signals, uint64_t horizon);

/* watched.c */
struct watched {
    int count;   /* things that are waited for */
    int timers;  /* timers that run among them */
    int unknown; /* and what may be one */
};
struct watched watched_by(struct tracee *tracee, const struct event *event);

/* terminal.c */
struct stat;
bool terminal_is_master(const struct stat *info);
bool terminal_ends_read(const struct tracee *tracee, const struct event *event); /* by its time limit */
bool terminals_flush(struct tracer *tracer); /* false: something may still be on its way through one */

/* idle.c */
void idle_note(struct tracee *tracee, const struct event *event);
bool idle_holds(struct tracee *tracee);
bool idle_repeats(struct tracee *tracee,
                  const struct event *event);       /* the call is one more of an idle round */
bool idle_is_known(const struct tracee *tracee);    /* proved in this turn */
uint64_t idle_cost_ns(const struct tracee *tracee); /* processor time of the task and of its tracer */
bool idle_expects(const struct tracee *tracee,
                  const struct call_row *row); /* it idles, and this call comes next */

/* stack.c */
int layout_of(struct tracee *tracee); /* of what its process has mapped; -1: there is none */
void stack_capture(struct tracee *tracee, struct event *event);
/* The same of a call that has failed or made something. These stacks are kept to the end, so a flood of such calls has no more than so many; who waits after it still has one. */
void stack_capture_result(struct tracee *tracee, struct event *event);
void stack_of_crash(struct tracee *tracee, int signal, const siginfo_t *info);
void stack_release(struct event *event);

/* unwritten.c: at the entry of a call that copies the streams of its process, or loses what they hold */
void unwritten_note(struct tracee *tracee, struct event *event);
void unwritten_release(struct event *event);

/* source.c */
void source_forget(struct tracer *tracer);

/* procfs.c: what cannot be read of a task that is there makes trouble for the tracer, which breaks the case. */
bool procfs_missed(struct tracer *tracer, pid_t tid, const char *file); /* errno says why; false */
FILE *procfs_open(struct tracer *tracer, pid_t tid, const char *file);
bool procfs_only_ignored(pid_t tid); /* signals wait for delivery, and all of them are ignored */
bool procfs_see(struct tracee *tracee, struct seen *seen);
uint64_t procfs_cpu_ns(pid_t tid);
uint64_t procfs_starved_ns(pid_t tid); /* runnable, and not given a processor */
bool procfs_is_ours(struct tracer *tracer, pid_t tid);
bool procfs_any_unknown(
    struct tracer *tracer); /* a process that is traced by us and has not come to a stop yet */
bool procfs_ids(struct tracer *tracer, pid_t tid, pid_t *tgid, pid_t *ppid, pid_t *inner);
uint64_t procfs_limit(pid_t tid, const char *label); /* soft; RLIM_INFINITY when it cannot be read, too */
bool procfs_has_no_descriptor(pid_t tid);            /* all that its limit allows are taken */
char procfs_state(struct tracer *tracer, pid_t pid,
                  pid_t *ppid); /* 'Z' ..., or NUL: there is no such process */

#endif
