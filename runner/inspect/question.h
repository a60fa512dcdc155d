/* What passes between the two sides of inspect.h. Both are the same program on the same machine, so structs travel as they are; what they point to
 * (text, messages) follows behind them, see state_pack().
 *
 * Layer: inspect, private to the room.
 */
#ifndef IPCGRADE_INSPECT_QUESTION_H
#define IPCGRADE_INSPECT_QUESTION_H

#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "inspect/inspect.h"

enum question_kind {
    QUESTION_STATE,
    QUESTION_MAKE,
    QUESTION_LIST,
    QUESTION_REMOVE,
    QUESTION_PATH,
    QUESTION_FTOK,
    QUESTION_SOCKET,
    QUESTION_EXPECT,
    QUESTION_SETTLE
};

struct question {
    enum question_kind kind;
    struct identity_of which;
    struct object_state state; /* QUESTION_MAKE */
    bool has_mode;
    bool may_open;               /* what is closed, for the look */
    bool is_shared, has_own_ids; /* QUESTION_LIST: as in struct inspector */
    int project;                 /* QUESTION_FTOK */
    uint64_t inode;              /* QUESTION_SOCKET */
    pid_t task, process;         /* QUESTION_EXPECT, QUESTION_SETTLE: who is to make it */
    bool is_seen;                /* QUESTION_SETTLE: how it has ended: */
    struct object_id made;
    uid_t student; /* his number here, which only the answering side knows */
};

struct answer {
    bool is_done;
    struct err err; /* when not */
    struct object_state state;
    struct object_id id;
    int key;
    struct socket_facts socket;
    size_t found_count; /* so many struct found follow */
};

enum { PACK_MAX = 4 << 20, ANSWER_MAX = 8 << 20 };

/* Append what the state points to. */
bool state_pack(const struct object_state *state, struct bytes *to);

/* Let the state (a copy of the packed one) point to its own copy of what was packed. */
bool state_unpack(struct object_state *state, const char *data, size_t len, struct err *err);

/* Each kind of object is one row: how it is looked at, made and removed. They run in init, and owners are the kernel's numbers here; NULL: cannot be done. */
struct object_ways {
    enum object_kind kind;
    bool (*look)(const struct identity_of *which, struct object_state *state, struct err *err);
    /* Sets id->kind (of System V also the number) as soon as something is there: if the rest fails, it is removed. */
    bool (*make)(const struct identity_of *which, const struct object_state *state, mode_t mode,
                 struct object_id *id, struct err *err);
    bool (*remove)(const struct identity_of *which, struct err *err);
};
extern const struct object_ways queue_ways, semaphores_ways, segment_ways; /* sysv.c */
extern const struct object_ways sem_ways;                                  /* posix_semaphore.c */
extern const struct object_ways fifo_ways, file_ways, dir_ways, socket_ways, posix_ways; /* files.c */
extern const struct object_ways memory_ways;                                             /* files.c */
extern const struct object_ways post_ways;                                               /* posix.c */
extern const struct object_ways port_ways;                                               /* port.c */

/* answer.c: */
const struct object_ways *ways_of_kind(unsigned kind);
bool take_away(const struct object_ways *way, const struct identity_of *which, struct err *err);

/* made.c: `made` may be NULL. */
bool made_note(struct inspect_made *made, const struct identity_of *which, const struct object_id *id,
               struct err *err);
bool made_claim(struct inspect_made *made, const struct object_id *id, struct err *err);
bool made_is_claimed(const struct inspect_made *made, const struct object_id *id);

/* What a program was about to make when that was last heard of. */
struct expectation {
    pid_t task, process;
    struct identity_of which;
    struct object_id was; /* what has had that name; see inspect_expect() */
    int64_t mark;         /* IPC_PRIVATE: what is made has a higher number; -1: that is not known */
};

/* expected.c: the answering side of inspect_expect() and inspect_settle(). */
bool expected_note(const struct question *question, struct inspect_made *made, struct object_id *was,
                   struct err *err);
bool expected_settle(const struct question *question, struct inspect_made *made, struct object_id *found,
                     struct err *err);
/* Claim what was made by those of whom nobody has heard any more. They have ended. */
void expected_settle_all(uid_t student, struct inspect_made *made);

/* files.c: */
void path_of(const struct identity_of *which, char *to, size_t room);
enum object_kind kind_of_mode(mode_t mode);
bool path_look(const struct identity_of *which, struct object_state *state, struct err *err);
bool path_give(const char *path, const struct object_state *state, mode_t mode, enum object_kind kind,
               struct object_id *id, struct err *err); /* owner and mode of what was just made */
bool path_remove(const struct identity_of *which, struct err *err);

/* sysv.c: */
union semaphore_argument { /* semctl(2): the caller has to define it */
    int value;
    struct semid_ds *status;
    unsigned short *values;
};
int sysv_id(const struct identity_of *which); /* -1: there is none */

/* closed.c: what its owner has closed. */
enum { OPENED_MOST = 16 };
struct opened {
    uid_t student; /* his number */
    struct object_id id;
    mode_t mode; /* that it has again afterwards */
    uid_t owner;
    bool is_students; /* it is the student who has closed it, or its folder */
    bool is_astray;   /* on the way there lies a link of the student's */
    struct {
        int fd;
        mode_t mode;
    } paths[OPENED_MOST]; /* unlocked, the first one first */
    size_t count;
    uid_t before; /* who we were */
    bool is_set;
    union {
        struct msqid_ds queue;
        struct semid_ds set;
        struct shmid_ds segment;
    } was;
};

/* For a look at what answers EACCES. closed_again() in any case, and only then anything else. */
bool closed_open(const struct question *question, struct opened *opened);
void closed_again(struct opened *opened);
void closed_tell(const struct opened *opened, struct object_state *state); /* what anybody may know */

/* Add bits to the mode of a student's file or folder. False: it is nobody's whom we may do that to. */
bool closed_unlock(uid_t student, int fd, mode_t bits, mode_t *was);

/* owner.c: users as the case names them, whatever their numbers are here. */
bool owner_learn(uid_t *student, struct err *err); /* he owns the directory that we are in */
uid_t owner_inside(uid_t student, uid_t uid);      /* as struct object_state says it */
uid_t owner_to_set(uid_t student, uid_t owner);    /* as the kernel wants it */
bool owner_is_ours(uid_t uid);                     /* nothing needs to be given away */
bool owner_is_students(uid_t student, uid_t uid);  /* his, or the second user's */

/* peer.c: */
bool socket_look(enum object_kind kind, uint64_t inode, struct socket_facts *facts, struct err *err);

/* listing.c: every object that is there, appended to *found as struct found; or POSIX objects alone, in no order. */
bool list_all(const struct question *question, struct bytes *found, size_t *count, struct err *err);
bool list_posix(const struct question *question, struct bytes *found, size_t *count, struct err *err);

/* tables.c: the System V objects of a kind (OBJECT_ANY: of each), whoever may look at them. Owners are the kernel's numbers here. */
struct table_row {
    struct found found;
    uid_t maker;
    bool is_used; /* a message was sent or received, an operation done, the memory attached */
};
typedef void table_see(void *context, const struct table_row *row);
bool table_each(enum object_kind kind, table_see *see, void *context, struct err *err);

#endif
