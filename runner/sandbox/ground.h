/* What a sandbox stands on: which namespaces this machine allows, and who the students are outside and inside.
 *
 * As root the ids inside are mapped to ids that nobody has: no process of a student is ever the machine's root, any person, or another runner's student.
 * As an ordinary user there is one id to map. Init is then user 0 of the sandbox (devpts can only be mounted where that user exists),
 * and each spawned process enters a user namespace of its own below it, in which it is user 1000.
 * Without user namespaces root takes plain ones and changes the user; an ordinary user has no isolation at all.
 *
 * Layer: sandbox, private to the room. Sources: user_namespaces(7), clone(2).
 */
#ifndef IPCGRADE_SANDBOX_GROUND_H
#define IPCGRADE_SANDBOX_GROUND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/err.h"
#include "sandbox/place.h"

enum identity_change {
    IDENTITY_SETUID, /* the child changes to student or other */
    IDENTITY_NESTED, /* the child enters a user namespace in which its only id is the student's */
    IDENTITY_SAME,   /* it stays who the runner is */
};

struct ground {
    unsigned lacks;   /* LACKS_ bits of sandbox.h, as far as known */
    int flags;        /* CLONE_NEW... that work here */
    bool is_root;     /* the runner may give files to other users */
    bool has_own_ids; /* the students' ids outside are those of this sandbox alone */
    enum identity_change change;
    uid_t base;           /* first of the ids outside: root, student, other; only where is_root */
    struct place_row row; /* that the base is of */
    uid_t student;        /* as init counts */
    uid_t other;
    uid_t outer_student; /* as the runner counts */
    rlim_t
        queue_bytes; /* POSIX queues of all its processes together, where neighbours have the same user; 0: as many as this user may have */
};

/* Decide what to try. `without` has the LACKS_ bits that are not to be tried (again). */
void ground_choose(struct ground *ground, unsigned without);

/* The LACKS_ bits that the environment variable IPCGRADE_WITHOUT names ("user,pid,..."), to play a poorer machine. */
unsigned ground_without(void);

/* Take a place among the ids that no other sandbox has, for as long as it is held. Where all are taken (by a program that has the machine's network, say) the ids are not the sandbox's own.
 * Where there is nothing to take the place stays empty. */
bool ground_hold(struct ground *ground, struct place *place, struct err *err);

/* Fork init into its namespaces; what the kernel refuses is taken from ground->flags and added to ground->lacks. Returns as fork does. */
pid_t ground_clone(struct ground *ground, struct err *err);

/* Has this process all capabilities of the set (bits, as in capabilities(7))? */
bool ground_has_capabilities(uint64_t wanted);

/* Make all capabilities that are permitted effective. */
bool ground_keep_capabilities(struct err *err);

/* Must the runner become the student's user on this ground? So it is where root may not trace another user's processes, without CAP_SYS_PTRACE, as in a container, and without a
 * user namespace to have it in. And where it could trace, but not look at objects that only their owner may read (CAP_IPC_OWNER), unless the case needs a second user more. */
bool ground_must_join(const struct ground *ground, bool wants_other_user);

/* Then the calling process becomes the student's user, for good, and keeps its capabilities: whoever has the same ids may trace (ptrace(2), "Ptrace access mode
 * checking"). There is no second user any more. */
bool ground_join(const struct ground *ground, struct err *err);

/* Is what the kernel counts for this sandbox counted with its neighbours'? So it is where all have one user outside, and where root needs the rights over a namespace that only its
 * maker has (user_namespaces(7)): it must make all of them as the same user then. */
bool ground_is_shared(const struct ground *ground);

/* Write the id maps of the new init; the runner's part, init waits meanwhile. */
bool ground_map(const struct ground *ground, pid_t init, struct err *err);

/* By which signal the parent's death is to be told to the calling process (0: none). Whoever changes one of its ids, of setfsuid(2) too, asks before: the kernel forgets it then. */
int ground_death_signal(void);

/* Die again with the parent, whose death was to be told by this signal (0: none). A parent that has died meanwhile could not tell us. */
void ground_die_with(pid_t parent, int signal_number);

/* In a child of init: enter the nested namespace of IDENTITY_NESTED. */
bool ground_nest(struct err *err);

/* In init: will ground_nest() be allowed? Some machines let a user namespace be made, but nothing be done in it (Ubuntu from 24.04 on, by AppArmor; another one below it may be one too
 * many). `*is_refused`: the machine's rules say no, so that this user's namespaces are of no use; else something else went wrong. */
bool ground_can_nest(const struct ground *ground, bool *is_refused, struct err *err);

/* Write a short text into a file of /proc in one write. */
bool ground_write(const char *path, const char *text, struct err *err);

#endif
