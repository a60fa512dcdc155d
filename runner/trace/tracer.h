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

#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
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
    uint64_t looks;   /* calls that only asked for something */
    uint64_t excused; /* of them, when the rounds were found, or when they were last forgiven: proof.c */
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

enum { SHORTENED_ROOM = 576 };

struct shortened { /* what is to be as it was at the exit of a shortened call: shorten.c */
    uint64_t arg[6];
    uint64_t place; /* below the stack, of what lies in `below` meanwhile; 0: nothing */
    unsigned char below[SHORTENED_ROOM];
};

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
    struct shortened shortened;
    uint64_t ip, sp; /* at the entry */
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
    uint64_t entry; /* address of the breakpoint, until it has entered; 0: none was set */
    long entry_word;
    bool is_preloaded;               /* LD_PRELOAD was put into its environment */
    uint64_t probe_start, probe_end; /* the probe's text in it; 0: not met yet */
    bool has_layout;
    int layout;                        /* maps.h */
    bool has_loader;                   /* it was looked for: */
    uint64_t loader_start, loader_end; /* 0: none of the system's */
    bool is_shared;        /* its descriptor table is shared with another process: nothing is cached */
    bool is_cloning;       /* one of its tasks ended inside a clone */
    bool has_set_limits;   /* own_limit.c; inherited */
    unsigned died_in_turn; /* when it is dead: the tracer's turn */
    uint64_t cpu_ns;       /* cpu.c: processor time, as it was last seen */
    bool is_gone; /* it is dead and somebody has taken its status: its number is nobody's, or another's */
};

/* What is known of an object beside its identity. */
struct known_object {
    struct object_id id;
    char name[64];
    char path[256];  /* as the runner can reach it, or "" */
    unsigned links;  /* names that it was given since */
    bool is_made;    /* a tracee made it */
    bool is_removed; /* and one removed it */
    bool is_packets; /* a pipe that was made with O_DIRECT, which its reading end does not tell */
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

/* One of the names of a UNIX socket: socket_name.c. */
struct socket_name {
    char *path;            /* owned */
    uint64_t number;       /* of the socket: the same for all its names; counted from 1 */
    struct object_id file; /* that stands there, or OBJECT_NONE */
};

/* Events that have attached a segment or made a shared mapping: attached.c. */
enum { ATTACHED_BITS = 14 };
struct attachments {
    struct attachment {
        uint64_t event; /* its number */
        uint32_t older; /* the next of its bucket, its place + 1; 0: none */
    } * items;          /* owned */
    size_t count, room;
    uint32_t buckets[1 << ATTACHED_BITS]; /* the newest of each, its place + 1; 0: none */
    uint64_t factor;                      /* odd; 0: nobody has attached anything */
};

/* What may lie in sockets that nobody can reach: garbage.c. */
struct garbage {
    size_t messages; /* with descriptors, that were sent so far */
    size_t statuses; /* of the tracer's, when it was looked at last */
    size_t layers;   /* looked at since */
    bool is_gone;
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
    size_t strayed;         /* lines of /proc/PID/maps that were read in vain for it: library.c */

    struct known_object *objects; /* owned */
    size_t object_count, object_room;
    uint32_t object_buckets[OBJECT_BUCKETS]; /* the newest of each, its place + 1; 0: none */

    struct attachments attachments;

    struct known_socket *sockets; /* owned */
    size_t socket_count, socket_room;
    struct socket_name *socket_names; /* of UNIX sockets; owned */
    size_t socket_name_count, socket_name_room;
    uint64_t socket_numbers; /* how many sockets have them */
    uint64_t socket_device;
    bool has_internet;  /* a tracee made a TCP or UDP socket */
    bool has_terminals; /* a tracee made a pair of pseudo terminals */
    struct garbage garbage;

    size_t statuses;    /* handled so far */
    uint64_t pumped_ns; /* our own processor time for that */

    bool is_frozen;
    bool may_have_unseen;     /* a task ended inside a clone: its child may not have come yet */
    bool has_wchan;           /* this kernel tells where a task waits */
    bool outlasts;            /* tracer_outlasts() */
    bool was_anybody_awaited; /* at the last proof */
    uint64_t horizon_ns;      /* tracer_wait_until() */
    unsigned turn;
    struct maps maps;
    struct reader reader;
    int readers_lost;            /* that died of a question */
    struct unwinding *unwinding; /* in the reader: the search that is going on */
};

#include "trace/parts.h"

#endif
