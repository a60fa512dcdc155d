/* The stage: everything that lives while one case is played. Plain data, shared by the modules of this room.
 *
 * Actors (students' programs, puppets, stand-ins) are numbered as the tracer's process->actor; `actor_of` maps a scenario's name to that number.
 */
#ifndef IPCGRADE_JUDGE_STAGE_H
#define IPCGRADE_JUDGE_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/order.h"
#include "base/bytes.h"
#include "base/err.h"
#include "cases/scenario.h"
#include "inspect/inspect.h"
#include "judge/play.h"
#include "sandbox/sandbox.h"
#include "trace/trace.h"

enum role { ROLE_STUDENT, ROLE_PUPPET, ROLE_STANDIN };

struct outlet {        /* one output of an actor, read by the runner at once */
    int fd;            /* or -1 */
    struct bytes seen; /* all of it */
    size_t taken;      /* what looks have consumed */
};

struct actor {
    int name; /* index into scenario->names */
    const char *word;
    enum role role;
    const struct start *start; /* students: the step that started it */
    int main;    /* index of its process: started, or (stand-ins) the latest that executed it; -1: none yet */
    int starts;  /* stand-ins: how often it was executed */
    char **args; /* stand-ins: the latest arguments; NULL-terminated, owned */

    struct spawned spawned; /* descriptors are -1 where there is none */
    int report_fd;          /* readable when execve has ended; -1: not waited for */
    int exec_error;         /* it could not be executed: errno */
    struct outlet out, err;
    struct bytes input; /* still to be written to its standard input */
    size_t input_done;
    bool has_terminal_input;
    bool input_ends; /* end of file follows */
    int ends_given;  /* how often a terminal gave its end of file in this turn */

    const struct hold *trap;    /* armed */
    const struct hold *trapped; /* armed last, for telling */
    bool gathers;               /* the trap has caught a thread of several: rulings.c */
    pid_t held;                 /* the task that a trap caught, 0: none */

    const struct deed *order; /* agents: the deed that was ordered last */
    int ordered; /* agents: index of the process that has it; a stand-in may have been executed again since */
    bool is_busy;  /* agents: no reply yet */
    bool is_ready; /* agents: at the marker, can take orders */
    struct reply reply;
    char *got; /* bytes that the reply brought; owned */

    bool is_crash_told;    /* its main process crashed, which was told already */
    bool end_is_asked;     /* a step asked for exit, killed or ends: any */
    uint64_t signals_sent; /* bit (1 << signal): the case sent it */
    unsigned killed_asked; /* a `killed` asked for a crash signal; bit set below 32 */
};

/* What this play has made where others make the same, as claims.c has seen it. */
struct claims {
    struct object_id *made; /* owned */
    size_t made_count, made_room;
    bool is_sorted;
    struct claim_pending {
        pid_t task;
        int process;          /* index */
        struct object_id was; /* see inspect_expect() */
        bool is_exclusive;    /* what it opens it has made */
    } * pending;              /* init has been told that these are about to make something; owned */
    size_t pending_count, pending_room;
};

struct thing {      /* what a scenario's object is now */
    char path[256]; /* identity as text: path or name */
    int key;
    struct object_id given; /* identity when it was made under `given` */
    bool was_removed;       /* a `do` removed it */
};

struct injected { /* injected.h */
    int64_t met;  /* calls that count and came before the one that is meant */
    pid_t taker;  /* who is in a call that is to come short; 0: nobody */
    bool is_done; /* it was reached */
};

struct stage {
    const struct play_request *request;
    const struct scenario *scenario;
    struct case_result *result;
    struct sandbox *sandbox;
    struct tracer *tracer;
    int clock_watch; /* of base/clock.h */
    struct inspector inspector;
    struct actor *actors;
    size_t actor_count;
    int *actor_of;             /* per name: number of the actor, or -1 */
    struct thing *things;      /* per name */
    struct injected *injected; /* per injection */
    struct found_list before;  /* what was there before (no IPC namespace) */
    struct claims claims;
    struct limits limits;
    char probe[256]; /* the probe as programs inside find it */
    uint64_t began_ns;
    uint64_t cpu_look_ns; /* when the processor time of all is looked at again (turn.c) */
    uint64_t
        own_ns; /* of the time since then: what the program has slept or waited for time to pass (turn.c) */

    enum scene scene;   /* as of the end of the last turn */
    size_t step;        /* that is being played */
    struct bytes cause; /* the last act in words: "peer closed w (step 4)" */
    int cause_step;     /* its step; AT_THE_END for the end of the case */
    bool has_never;     /* a `never` was broken by this event: */
    size_t never;
    uint64_t never_event;
    const char *limit;  /* a safety limit that struck, in words, or NULL */
    bool limit_is_ours; /* the runner was starved: broken, not failed */
    int points;         /* hundredths, own points of the case, going down by costs */
    bool is_over;       /* the play has ended before its last step */
    struct err trouble; /* the runner's own; text "" for none */
    bool
        is_shut_out; /* it is that the kernel lets us not look at an object, which is not the student's doing */
};

/* The runner's own trouble: the case is broken. Keeps the first. Returns false. */
bool stage_broke(struct stage *stage, const struct err *err);

struct actor *stage_actor(struct stage *stage, int name); /* the actor of that name, or NULL for an object */
struct process *stage_main(const struct stage *stage,
                           const struct actor *actor); /* its main process, or NULL before it started */
uint64_t stage_now_ns(void);

/* Was the object on the machine before the play began? */
bool stage_had(const struct stage *stage, const struct object_id *id);

/* Does the process belong to whom the case speaks of? */
bool stage_is_who(const struct stage *stage, const struct who *who, const struct process *process);

/* Was the call made by whom the case speaks of, as the process belonged then? */
bool stage_made_by(const struct stage *stage, const struct who *who, const struct event *event);

/* The one process that is meant where one is meant (exit, signal, fds): the started process, or the held one; for .child the first living child, else the first. NULL: none. */
struct process *stage_one(const struct stage *stage, const struct who *who);

#endif
