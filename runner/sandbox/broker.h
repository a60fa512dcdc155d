/* Objects of the machine itself, made by init for a build that asks for one, and files in /dev/shm.
 *
 * Theory: nobody follows a build's calls, and where it has neither an IPC namespace nor a user of its own, nobody could say later which objects of the machine it has made. So the kernel asks
 * init at each call that would make or find one (seccomp_unotify(2)): init, which is the same user, makes the call itself, remembers what came of it, and gives that to the build. What init has not
 * made for it the build does not get; what it has is removed with the end of all. The arguments are init's own copies, so nothing can be changed behind its back.
 *
 * The same holds of POSIX shared memory and semaphores, where there is no mount namespace: each call that may make a file asks, and where that would lie in /dev/shm, init makes it. All others
 * the kernel does as if nobody had been asked.
 *
 * Layer: sandbox, private to the room. Sources: seccomp_unotify(2), Documentation/userspace-api/seccomp_filter.rst of the kernel, sysvipc(7), mq_overview(7).
 */
#ifndef IPCGRADE_SANDBOX_BROKER_H
#define IPCGRADE_SANDBOX_BROKER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

enum { BROKER_LINES = 8 }; /* more are not answered: their processes make no objects */
enum { BROKER_FILES = 1024 };

/* What a process has that the sandbox starts, before it changes it. */
enum { BROKER_MASK = 022 };

struct broker_object;

struct broker {
    /* One to each process that was started: a socket over which its listener is to come, then that listener. 0: free. */
    struct broker_line {
        int fd;
        bool is_listener;
        unsigned asked;
    } lines[BROKER_LINES];
    struct broker_object *objects; /* all that were made, but those that were found to be gone; owned */
    size_t count, segment_bytes, semaphores;
    ino_t files[BROKER_FILES]; /* the same in /dev/shm, by their inodes */
    size_t file_count;
};

/* In init, before a process is forked: the end that it is to have, which the caller closes. -1: it cannot be. */
int broker_invite(struct broker *broker);

/* In that process: give init the listener of its filter, over that end. Takes the listener. */
bool broker_hand_over(int end, int listener, struct err *err);

/* Fill the places of BROKER_LINES descriptors to wait for, and answer whoever has asked. */
void broker_wait(const struct broker *broker, struct pollfd *waits);
void broker_answer(struct broker *broker, const struct pollfd *waits);

/* When all are killed: remove what was made for them, and forget them. */
void broker_end(struct broker *broker);

#endif
