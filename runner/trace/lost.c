/* Programs that the kernel could not load when it was too late to go back.
 *
 * Theory of operation. An execve(2) that meets a program which has no room, or places that no process has, gives its error when the old image has gone already. So nothing is there to go back
 * to, and the kernel ends the process by a SIGSEGV of its own, which is delivered behind the exit of that call and before a single instruction. That is the doing of the file, and not of the
 * machine; but for ENOMEM, which may be either's. There the file is asked what room it wants. It is the one that /proc calls the process's program now, whatever its name leads to by now, and
 * nobody can write to it while the process stands there. What a student's own interpreter takes is not known, so that is charged to who named it.
 */
#include "trace/tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

/* The first stack and its arguments, the loader, the kernel's own pages. */
enum { BESIDE_BYTES = 16 << 20 };

/* A file of a kind that nobody executes cannot be there. */
static struct loading_need need_of(const struct tracee *tracee)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/exe", (int)tracee->pub.tid);
    cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
        return loading_need(fd);
    image_missed(tracee, "exe");
    return (struct loading_need){0};
}

static uint64_t limit_of(const struct tracee *tracee)
{
    return procfs_limit(tracee->tracer, tracee->pub.tid, "\nMax address space");
}

static bool is_too_large(uint64_t bytes, uint64_t limit)
{
    return limit < BESIDE_BYTES || bytes > limit - BESIDE_BYTES;
}

bool lost_by_its_file(const struct tracee *tracee)
{
    const struct loading_need need = need_of(tracee);
    return !need.is_all || is_too_large(need.bytes, limit_of(tracee));
}

/* The process is still our own copy, which brings no such fault on itself, or its image has gone: a student's program that goes on behind a failed execve may do so. */
static bool has_no_image(struct tracee *tracee)
{
    char byte;
    return !tracee->pub.process->program[0] || !memory_read(tracee, tracee->ip, &byte, sizeof byte);
}

void lost_note(struct tracee *tracee, int signal, const siginfo_t *info)
{
    const struct call *call = tracee->last ? &tracee->last->call : NULL;
    bool is_lost = signal == SIGSEGV && info->si_code == SI_KERNEL && call && call->is_done && call->deed &&
                   strcmp(call->deed->word, "exec") == 0 && call->error != 0 && has_no_image(tracee);
    if (!is_lost)
        return;
    const struct loading_need need = need_of(tracee);
    const uint64_t limit = limit_of(tracee);
    tracee->pub.process->lost = (struct lost){.error = call->error,
                                              .bytes = need.bytes,
                                              .limit = limit,
                                              .is_too_large = call->error == ENOMEM && need.bytes > 0 &&
                                                              is_too_large(need.bytes, limit),
                                              .is_impossible = need.is_impossible};
}

void lost_text(const struct lost *lost, struct bytes *to)
{
    enum { MIB = 1 << 20 };
    if (lost->is_impossible)
        bytes_print(to, "%s", _("its file asks for addresses that no process has"));
    else if (lost->is_too_large)
        bytes_print(to, _("its file asks for %llu MiB of memory, and the limit is %llu MiB"),
                    (unsigned long long)((lost->bytes + MIB - 1) / MIB),
                    (unsigned long long)(lost->limit / MIB));
    else
        bytes_print(to, _("the kernel could not load its file: %s"), error_words(lost->error));
}
