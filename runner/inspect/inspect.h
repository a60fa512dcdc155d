/* Objects of a case, seen and made from inside the sandbox: given objects are made, states are read, leftovers are listed.
 *
 * The runner asks with a struct question; inspect_answer() runs in the sandbox's init (sandbox.h, sandbox_answer_fn) and replies.
 * inspect_* functions below are the runner's side; each sends one question through `ask`, which the caller binds to sandbox_ask().
 *
 * Layer: inspect (may name base and calls).
 * Sources: msgctl(2) (IPC_STAT, MSG_COPY in msgrcv(2)), semctl(2), shmctl(2), proc(5) (sysvipc), mq_overview(7), fifo(7), unix(7).
 */
#ifndef IPCGRADE_INSPECT_INSPECT_H
#define IPCGRADE_INSPECT_INSPECT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/err.h"
#include "calls/vocabulary.h"

struct inspector { /* the way to init */
    bool (*ask)(void *context, const void *question, size_t len, struct bytes *reply, struct err *err);
    void *context;
    bool is_shared;   /* its folders are the machine's */
    bool has_own_ids; /* nobody else on the machine is the student's user */
};

/* The same as SANDBOX_STUDENT_UID and SANDBOX_OTHER_UID: however users are numbered outside, the owner of the case's directory is the student. */
enum { INSPECT_STUDENT_UID = 1000, INSPECT_OTHER_UID = 1001 };

enum { INSPECT_MESSAGES = 256, INSPECT_VALUES = 256, INSPECT_TEXT = 1 << 20 };

/* How an object is found. */
struct identity_of {
    enum object_kind kind;
    char path[PATH_MAX]; /* fifo, file, dir, unix: inside, relative to the case's directory or absolute */
    int key;             /* System V */
    bool is_private;     /* System V made with IPC_PRIVATE: found by id */
    int id;              /* System V identifier when known, else -1 */
};

struct object_message {
    long type;
    size_t len;
    char *text; /* owned */
};

/* What an object holds; only what its kind has is set. */
struct object_state {
    bool is_there;
    bool is_closed;     /* its owner lets nobody look: of what it holds nothing is known */
    bool is_remembered; /* a port of which a connection is (TIME_WAIT): free to whoever says SO_REUSEADDR */
    struct object_id id;
    mode_t mode;
    uid_t owner; /* as the sandbox counts */
    uint64_t size;
    struct bytes text; /* file or segment contents, at most INSPECT_TEXT */
    struct object_message *messages;
    size_t message_count;
    bool are_messages_known;            /* false where the kernel has no MSG_COPY: then only `count` */
    uint64_t count, capacity, attached; /* capacity: msg_qbytes; of a POSIX queue its mq_maxmsg */
    uint64_t message_size;              /* of a POSIX queue: mq_msgsize */
    uint64_t value;                     /* of a POSIX semaphore */
    int values[INSPECT_VALUES];
    size_t value_count;
    pid_t last_sender, last_receiver; /* queues: lspid, lrpid; semaphores: sempid of the first; inner pids */
    int waiting_more[INSPECT_VALUES], waiting_zero[INSPECT_VALUES]; /* semaphores: GETNCNT, GETZCNT */
    int last_pid[INSPECT_VALUES];                                   /* semaphores: GETPID */
};

/* Read it, changing nothing that a student could see more than attach, receive and change times: what its owner has closed is opened for a moment. A missing object is no failure:
 * is_there is false. False with EACCES: it is closed by somebody whom this sandbox has nothing to do with. */
bool inspect_state(const struct inspector *inspector, const struct identity_of *which,
                   struct object_state *state, struct err *err);
void object_state_free(struct object_state *state);

/* Make a given object. `state` says mode, owner, size, text, messages, values, capacity; zero or absent members mean the defaults (mode 0600, the student's user,
 * empty, the system's capacity and message_size); owner is INSPECT_OTHER_UID, or INSPECT_STUDENT_UID or 0 for the student. A directory's default mode is 0700. The id comes back in `id` (device and inode, or the IPC identifier). */
bool inspect_make(const struct inspector *inspector, const struct identity_of *which,
                  const struct object_state *state, bool has_mode, struct object_id *id, struct err *err);

/* What the kernel says of one socket, found by its inode. */
struct socket_facts {
    bool is_there, is_listening;
    uint64_t peer;   /* inode of the other end; 0: none, or a connection that nobody has accepted yet */
    uint64_t unread; /* bytes that have come and were not read */
    uint64_t waiting,
        backlog; /* listening: connections that wait to be accepted; how many may (0: not known) */
};

/* `kind`: OBJECT_UNIX (also datagrams and pairs), OBJECT_TCP or OBJECT_UDP. One that is not there is no failure. */
bool inspect_socket(const struct inspector *inspector, enum object_kind kind, uint64_t inode,
                    struct socket_facts *facts, struct err *err);

/* One thing that exists now. */
struct found {
    struct object_id id;
    char name[256]; /* path from the case's directory or absolute; key as 0x%08x; "/name" */
    int key;
    uid_t owner;
    mode_t mode;
    uint64_t size;       /* bytes, messages or semaphores */
    pid_t creator, last; /* inner pids where the kernel tells (cpid, lpid), else 0 */
    uint64_t attached;
};
struct found_list {
    struct found *items;
    size_t count;
};

/* Every System V object, POSIX shared memory and semaphore (/dev/shm), message queue (/dev/mqueue), FIFO and socket file (below the case's directory, /tmp,
 * /dev/shm) that the sandbox sees, in a stable order. */
bool inspect_list(const struct inspector *inspector, struct found_list *list, struct err *err);
void found_list_free(struct found_list *list);

/* Remove a System V object, whoever owns it. */
bool inspect_remove(const struct inspector *inspector, const struct identity_of *which, struct err *err);

/* Device and inode of a path inside (following no symbolic link at its end); kind is set by file type. False with err->number ENOENT when missing. */
bool inspect_path(const struct inspector *inspector, const char *path, struct object_id *id, struct err *err);

/* Key that ftok(3) gives inside, or -1. */
bool inspect_ftok(const struct inspector *inspector, const char *path, int project, int *key,
                  struct err *err);

/* ---- what programs make on a machine that all share ----
 *
 * Nobody but us knows whose such an object is: it has the owner that all of its user's objects have. So init is told before a program can make one, and again what has come of it. When
 * nobody asks any more, inspect_unmake() takes away what is left of it. */

/* A task is about to make this: `which` is of a System V kind with a key or private, of OBJECT_MQ, or of OBJECT_FILE, whose absolute path (or "": it is not known) may lead to where POSIX objects
 * lie. One for each task: a new one takes the place of the old one. `process` is its thread group, both as the sandbox counts. `*was` is what has that name now: kind OBJECT_NONE, nothing;
 * OBJECT_ANY, that cannot be known. */
bool inspect_expect(const struct inspector *inspector, const struct identity_of *which, pid_t task,
                    pid_t process, struct object_id *was, struct err *err);

/* What the task has made: kind OBJECT_NONE, nothing. */
bool inspect_settle(const struct inspector *inspector, pid_t task, const struct object_id *made,
                    struct err *err);

/* The task has ended, and nobody saw what came of its call: so it is looked for. *found: what it has made, if that is one thing and nobody else's for all that can be seen; else kind
 * OBJECT_NONE. */
bool inspect_settle_unseen(const struct inspector *inspector, pid_t task, struct object_id *found,
                           struct err *err);

/* What does not go with the case's directory. Each side of a fork(2) has its own: what init has made, it knows alone. */
struct inspect_made {
    struct made_thing {
        struct identity_of which;
        struct object_id id;
    } * things; /* given, and POSIX queues of programs; owned */
    size_t count;
    struct object_id *claims; /* of programs; owned */
    size_t claim_count, claim_room;
    struct expectation *expected; /* owned */
    size_t expected_count, expected_room;
};

/* The answering side, for struct sandbox_config. `context` is a struct inspect_made, zeroed at first, or NULL; the current directory of init is the case's directory. */
void inspect_answer(void *context, const void *question, size_t len, struct bytes *reply);

/* Where that lies on the machine itself, when nobody asks any more: takes away what is left of it. For struct sandbox_config, too. */
void inspect_unmake(void *context);

/* Asks this very process, where no sandbox is between: `ipcgrade trace`, tests. */
extern const struct inspector inspector_here;

#endif
