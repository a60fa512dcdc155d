/* The seccomp program that every tracee loads.
 *
 * Calls of the vocabulary stop for the tracer (RET_TRACE), all others run free. Of fcntl, futex and setsockopt only the commands that matter are traced, of
 * mmap only shared mappings: those are told apart by their argument, here, so that the rest costs nothing. What could blind the tracer or leave the sandbox is refused with
 * EPERM; clone3 with ENOSYS, since its flags lie in memory, where another thread could change them after we looked (glibc then uses clone). So is a second way to read, write or
 * wait (kernel AIO, the newer futex calls): nobody would see what is done there. Calls of
 * another architecture's numbering kill: none of the checks would hold for them.
 *
 * Here is what is asked; filter_write.c has the program written and proves it against this.
 */
#include "trace/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "probe/mark.h"

static const char *const denied[] = {
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "kcmp",
    "unshare",
    "setns",
    "seccomp",
    "mount",
    "umount",
    "umount2",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "mount_setattr",
    "pivot_root",
    "chroot",
    "bpf",
    "perf_event_open",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "io_setup",
    "io_destroy",
    "io_submit",
    "io_cancel",
    "io_getevents",
    "io_pgetevents",
    "keyctl",
    "add_key",
    "request_key",
    "userfaultfd",
    NULL,
};

/* As if the kernel were older. clone3 and the newer futexes: above. membarrier waits for all processors where no signal wakes it, as for a disk, and libraries that know it do without. */
static const char *const unknown[] = {"clone3", "membarrier", NULL};

static const int traced_fcntl[] = {F_DUPFD, F_DUPFD_CLOEXEC, F_SETFD,      F_SETLK,    F_SETLKW,
                                   F_GETLK, F_OFD_SETLK,     F_OFD_SETLKW, F_OFD_GETLK};
static const int traced_futex[] = {FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_LOCK_PI, FUTEX_LOCK_PI2,
                                   FUTEX_WAIT_REQUEUE_PI};

/* futex_wake, futex_wait, futex_requeue, which older libraries have no names for; the C library does without. */
static const int newer_futexes[] = {454, 455, 456};

/* Signals that nobody can block, which a descriptor would send to anybody of the same user (F_SETOWN), and no call would be seen. */
static const uint64_t deadly[] = {SIGKILL, SIGSTOP};

/* What a fork or a queue may be refused for. Who has set one himself has done it himself, whatever it is when we look. */
static const int traced_limits[] = {RLIMIT_NPROC, RLIMIT_MSGQUEUE, RLIMIT_AS, RLIMIT_DATA, RLIMIT_STACK};

/* Of all levels; others than SOL_SOCKET are told apart later. */
static const int traced_options[] = {SO_RCVTIMEO, SO_SNDTIMEO, SO_RCVTIMEO_NEW, SO_SNDTIMEO_NEW,
                                     SO_REUSEADDR};

/* A name that this machine's libseccomp does not know cannot be called by that number here either, or is too new to be used. */
static int number_of(const char *name)
{
    int number = seccomp_syscall_resolve_name(name);
    return number == __NR_SCMP_ERROR ? -1 : number;
}

static void add(struct filter_rules *rules, uint32_t action, int number, struct filter_where where)
{
    if (number < 0)
        return;
    if (rules->count < FILTER_RULES)
        rules->items[rules->count++] = (struct filter_rule){action, number, where};
    else
        rules->is_cut = true;
}

static void refuse(struct filter_rules *rules, const char *name, int error)
{
    add(rules, SCMP_ACT_ERRNO((unsigned)error), number_of(name), FILTER_ANY);
}

/* `argument`: which one says the command. */
static void trace_commands(struct filter_rules *rules, const char *name, unsigned argument, uint64_t mask,
                           const int *commands, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add(rules, SCMP_ACT_TRACE(0), number_of(name), FILTER_WHERE(argument, mask, (uint64_t)commands[i]));
}

/* A mapping that others can see: shared, with a file or only with children. What the loader and malloc map is not. */
static void trace_mmap(struct filter_rules *rules)
{
    enum { FLAGS = 3 };
    add(rules, SCMP_ACT_TRACE(0), SCMP_SYS(mmap), FILTER_WHERE(FLAGS, MAP_SHARED, MAP_SHARED));
}

/* One in a namespace of its own would have capabilities there, and the depths of the kernel would lie open to it. */
static const uint64_t spaces[] = {CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                                  CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET};
enum { SPACES = sizeof spaces / sizeof *spaces };

/* A thread with a descriptor table of its own: what it keeps open there, no look at its process would find (and unshare is refused). So the table is one for all threads, or there is no thread. */
static void refuse_clones(struct filter_rules *rules)
{
    for (size_t i = 0; i < SPACES; i++)
        add(rules, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), FILTER_WHERE(0, spaces[i], spaces[i]));
    add(rules, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone),
        FILTER_WHERE(0, CLONE_THREAD | CLONE_FILES, CLONE_THREAD));
}

/* All others: processes, and threads that share the table. */
static void trace_clone(struct filter_rules *rules)
{
    const uint64_t thread = CLONE_THREAD | CLONE_FILES;
    uint64_t all = 0;
    for (size_t i = 0; i < SPACES; i++)
        all |= spaces[i];
    add(rules, SCMP_ACT_TRACE(0), SCMP_SYS(clone), FILTER_WHERE(0, all | CLONE_THREAD, 0));
    add(rules, SCMP_ACT_TRACE(0), SCMP_SYS(clone), FILTER_WHERE(0, all | thread, thread));
}

/* The same by another door: as a kernel says that does not know the flag. */
static void rule_on_close_range(struct filter_rules *rules, bool is_unshared, uint32_t action)
{
    enum { FLAGS = 2 };
    const uint64_t flag = CLOSE_RANGE_UNSHARE;
    add(rules, action, SCMP_SYS(close_range), FILTER_WHERE(FLAGS, flag, is_unshared ? flag : 0));
}

/* The protocols of the IPC exercises and what the C library asks the kernel's tables by. The others are seldom used and seldom looked at, and some know no network namespace. */
static bool is_known_family(int family)
{
    static const int known[] = {AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i] == family)
            return true;
    return false;
}

static void rule_on_families(struct filter_rules *rules, bool is_known, uint32_t action)
{
    for (int family = 0; family < AF_MAX; family++)
        if (is_known_family(family) == is_known)
            add(rules, action, SCMP_SYS(socket), FILTER_WHERE(0, UINT32_MAX, (uint64_t)family));
}

static void trace_row(struct filter_rules *rules, const struct call_row *row)
{
    int number = number_of(row->name);
    if (number == SCMP_SYS(clone3))
        return;
    if (number == SCMP_SYS(clone))
        trace_clone(rules);
    else if (number == SCMP_SYS(close_range))
        rule_on_close_range(rules, false, SCMP_ACT_TRACE(0));
    else if (number == SCMP_SYS(socket))
        rule_on_families(rules, true, SCMP_ACT_TRACE(0));
    else if (number == SCMP_SYS(fcntl))
        trace_commands(rules, row->name, 1, UINT32_MAX, traced_fcntl,
                       sizeof traced_fcntl / sizeof *traced_fcntl);
    else if (number == SCMP_SYS(futex))
        trace_commands(rules, row->name, 1, (unsigned)FUTEX_CMD_MASK, traced_futex,
                       sizeof traced_futex / sizeof *traced_futex);
    else if (number == SCMP_SYS(mmap))
        trace_mmap(rules);
    else if (number == SCMP_SYS(setsockopt))
        trace_commands(rules, row->name, 2, UINT32_MAX, traced_options,
                       sizeof traced_options / sizeof *traced_options);
    else
        add(rules, SCMP_ACT_TRACE(0), number, FILTER_ANY);
}

static void trace_rows(struct filter_rules *rules, const struct call_row *row)
{
    for (; row && row->name; row++)
        if (row->traits & CALL_DENIED)
            refuse(rules, row->name, EPERM);
        else
            trace_row(rules, row);
}

static void trace_vocabulary(struct filter_rules *rules)
{
    for (const struct mechanism *const *m = vocabulary; *m; m++) {
        trace_rows(rules, (*m)->calls);
        for (const struct deed_row *deed = (*m)->deeds; deed && deed->word; deed++)
            trace_rows(rules, deed->calls);
    }
}

/* Limits are everybody's own: one who sets them for a puppet, or for a program that is about to fork, makes it fail where nothing is wrong. */
static void refuse_foreign_limits(struct filter_rules *rules)
{
    add(rules, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prlimit64),
        (struct filter_where){2, {FILTER_IS_NOT(0, 0), FILTER_IS_NOT(2, 0)}});
}

static void trace_limits(struct filter_rules *rules)
{
    for (size_t i = 0; i < sizeof traced_limits / sizeof *traced_limits; i++) {
        const uint64_t limit = (uint64_t)traced_limits[i];
        add(rules, SCMP_ACT_TRACE(0), SCMP_SYS(setrlimit), FILTER_WHERE(0, UINT32_MAX, limit));
        add(rules, SCMP_ACT_TRACE(0), SCMP_SYS(prlimit64),
            (struct filter_where){2, {FILTER_IS(0, UINT64_MAX, 0), FILTER_IS(1, UINT32_MAX, limit)}});
    }
}

/* Nobody may wait at the end of a connection: when the kernel itself closes what nobody can receive any more, the whole machine waits with it. A program that is followed is
 * answered by the tracer (socket_linger()), another is told that it was done. */
static void rule_on_linger(struct filter_rules *rules, uint32_t action)
{
    add(rules, action, SCMP_SYS(setsockopt),
        (struct filter_where){2,
                              {FILTER_IS(1, UINT32_MAX, SOL_SOCKET), FILTER_IS(2, UINT32_MAX, SO_LINGER)}});
}

/* Nobody who is not followed may hold a pipe (held_pipe.c), whatever he splices: who takes bytes along by it knows of files for which he has to do it himself. */
static void refuse_splices(struct filter_rules *rules)
{
    refuse(rules, "splice", EINVAL);
    refuse(rules, "sendfile", EINVAL);
}

static void deny(struct filter_rules *rules)
{
    for (const char *const *name = unknown; *name; name++)
        refuse(rules, *name, ENOSYS);
    for (size_t i = 0; i < sizeof newer_futexes / sizeof *newer_futexes; i++)
        add(rules, SCMP_ACT_ERRNO(ENOSYS), newer_futexes[i], FILTER_ANY);
    refuse_clones(rules);
    rule_on_close_range(rules, true, SCMP_ACT_ERRNO(EINVAL));
    rule_on_families(rules, false, SCMP_ACT_ERRNO(EAFNOSUPPORT));
    for (const char *const *name = denied; *name; name++)
        refuse(rules, *name, EPERM);
    refuse_foreign_limits(rules);
    /* A lease keeps a file from whoever wants to look at it. */
    add(rules, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(fcntl), FILTER_WHERE(1, UINT32_MAX, F_SETLEASE));
    add(rules, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prctl), FILTER_WHERE(0, UINT32_MAX, PR_SET_SECCOMP));
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
        add(rules, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(fcntl),
            (struct filter_where){2,
                                  {FILTER_IS(1, UINT32_MAX, F_SETSIG), FILTER_IS(2, UINT32_MAX, deadly[i])}});
    add(rules, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prctl),
        (struct filter_where){2, {FILTER_IS(0, UINT32_MAX, PR_SET_DUMPABLE), FILTER_IS(1, UINT32_MAX, 0)}});
}

static void trace_all(struct filter_rules *rules)
{
    trace_vocabulary(rules);
    trace_limits(rules);
    rule_on_linger(rules, SCMP_ACT_TRACE(0));
    add(rules, SCMP_ACT_TRACE(0), SCMP_SYS(restart_syscall), FILTER_ANY);
    add(rules, SCMP_ACT_TRACE(0), AGENT_MARKER, FILTER_ANY);
    add(rules, SCMP_ACT_TRACE(0), PROBE_MARKER, FILTER_ANY);
}

bool filter_rules_make(bool is_traced, struct filter_rules *rules, struct err *err)
{
    *rules = (struct filter_rules){0};
    deny(rules);
    if (is_traced) {
        trace_all(rules);
    } else {
        rule_on_linger(rules, SCMP_ACT_ERRNO(0));
        refuse_splices(rules);
    }
    return !rules->is_cut || err_set(err, "more than %d rules for system calls", FILTER_RULES);
}

bool tracer_filter(struct sock_filter **filter, size_t *length, struct err *err)
{
    struct filter_rules rules;
    return filter_rules_make(true, &rules, err) && filter_write(&rules, filter, length, err);
}

bool tracer_filter_untraced(struct sock_filter **filter, size_t *length, struct err *err)
{
    struct filter_rules rules;
    return filter_rules_make(false, &rules, err) && filter_write(&rules, filter, length, err);
}
