/* Dealing with who asks; see broker_question.h. */
#include "sandbox/broker_question.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <sys/uio.h>

/* How much there was; 0: nothing. */
static size_t read_some(const struct broker_question *question, uint64_t address, void *to, size_t len)
{
    struct iovec here = {to, len},
                 there = {(void *)(uintptr_t)address, len}; // NOLINT(performance-no-int-to-ptr)
    ssize_t got = process_vm_readv((pid_t)question->notif->pid, &here, 1, &there, 1, 0);
    bool is_his =
        got > 0 && ioctl(question->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &question->notif->id) == 0;
    return is_his ? (size_t)got : 0;
}

bool broker_read(const struct broker_question *question, uint64_t address, void *to, size_t len)
{
    return read_some(question, address, to, len) == len;
}

bool broker_read_text(const struct broker_question *question, uint64_t address, char *to, size_t room)
{
    return memchr(to, '\0', read_some(question, address, to, room));
}

long broker_give(const struct broker_question *question, int fd, unsigned flags)
{
    struct seccomp_notif_addfd add = {.id = question->notif->id, .srcfd = (unsigned)fd, .newfd_flags = flags};
    int number = ioctl(question->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
    return number < 0 ? -errno : number;
}
