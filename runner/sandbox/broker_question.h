/* One question of the broker's, and what can be had from, and given to, who asks.
 *
 * Layer: sandbox, private to the room. Sources: seccomp_unotify(2), process_vm_readv(2).
 */
#ifndef IPCGRADE_SANDBOX_BROKER_QUESTION_H
#define IPCGRADE_SANDBOX_BROKER_QUESTION_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct broker_question {
    int listener;
    const struct seccomp_notif *notif;
};

/* From the memory of who asks; false where it cannot be read, or he has gone and another has his number. */
bool broker_read(const struct broker_question *question, uint64_t address, void *to, size_t len);

/* The same of a text; false where it does not end within `room`, too. */
bool broker_read_text(const struct broker_question *question, uint64_t address, char *to, size_t room);

/* Give him a copy of the descriptor: the number that it has with him, or an errno below 0. `flags`: O_CLOEXEC or 0. */
long broker_give(const struct broker_question *question, int fd, unsigned flags);

#endif
