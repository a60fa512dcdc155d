/* Whether a call failed by a limit that its program has set itself, by zombies that it has left, or by what its file asks for.
 *
 * What a limit is when the call has failed says only half of it: another thread may have lowered it before and raised it since. So who ever sets one of these (filter.c) is
 * known for it from then on, and with him those that he makes. What he sets it to is not asked for: it lies in memory that others may change.
 */
#include "trace/tracer.h"

#include <errno.h>
#include <seccomp.h>
#include <string.h>
#include <sys/resource.h>

void own_limit_note(struct tracee *tracee, const struct __ptrace_syscall_info *info)
{
    const uint64_t nr = info->seccomp.nr;
    if (nr == (uint64_t)SCMP_SYS(setrlimit) ||
        (nr == (uint64_t)SCMP_SYS(prlimit64) && info->seccomp.args[2] != 0))
        ((struct member *)tracee->pub.process)->has_set_limits = true;
}

/* Looked at while the task stands behind the call. Labels: proc_pid_limits(5). */
static bool is_below(const struct tracee *tracee, const char *label, rlim_t limit)
{
    const struct member *member = (const struct member *)tracee->pub.process;
    return member->has_set_limits || procfs_limit(tracee->tracer, tracee->pub.tid, label) < limit;
}

/* What a process of the case began with: its part, or what this machine has if that is less. */
static rlim_t queue_bytes_given(const struct tracer *tracer)
{
    struct rlimit own;
    rlim_t part = tracer->config.queue_bytes;
    return getrlimit(RLIMIT_MSGQUEUE, &own) == 0 && own.rlim_max < part ? own.rlim_max : part;
}

static bool own_fork_failed(const struct tracee *tracee, struct event *event)
{
    struct rlimit own;
    if (getrlimit(RLIMIT_NPROC, &own) == 0 && is_below(tracee, "\nMax processes", own.rlim_cur))
        return true;
    return !event->is_injected && zombies_are_to_blame(tracee->tracer, &event->zombies);
}

bool own_limit_failed(const struct tracee *tracee, struct event *event)
{
    const struct call *call = &event->call;
    const char *word = call->deed ? call->deed->word : "";
    if (strcmp(word, "fork") == 0 && call->error == EAGAIN)
        return own_fork_failed(tracee, event);
    if (strcmp(word, "exec") == 0 && (call->error == ENOMEM || call->error == EAGAIN))
        return ((const struct member *)tracee->pub.process)->has_set_limits ||
               (call->error == ENOMEM && lost_by_its_file(tracee));
    return call->error == EMFILE && strcmp(word, "mq_open") == 0 &&
           (procfs_has_no_descriptor(tracee->tracer, tracee->pub.tid) ||
            is_below(tracee, "\nMax msgqueue size", queue_bytes_given(tracee->tracer)));
}
