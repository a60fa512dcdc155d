/* Files that a build makes in /dev/shm, where that is the machine's: POSIX shared memory and semaphores. See broker.h for the theory.
 *
 * Layer: sandbox, private to the room. Sources: open(2), openat2(2), shm_overview(7), sem_overview(7), seccomp_unotify(2).
 */
#ifndef IPCGRADE_SANDBOX_BROKER_FILES_H
#define IPCGRADE_SANDBOX_BROKER_FILES_H

#include <stdbool.h>

#include "sandbox/broker.h"
#include "sandbox/broker_question.h"

/* Is it one of the calls that may make a file? */
bool broker_makes_file(const struct broker_question *question);

/* Make the file, and give it to who asks: its descriptor, or an errno below 0. *is_left: the kernel is to do the call itself, since it makes none there. */
long broker_make_file(struct broker *broker, const struct broker_question *question, bool *is_left);

/* Remove what was made and still has a name there, whatever it is called by now, and forget it. */
void broker_remove_files(struct broker *broker);

#endif
