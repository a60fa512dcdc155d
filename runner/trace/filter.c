/* The seccomp program that every tracee loads.
 *
 * Calls of the vocabulary stop for the tracer (RET_TRACE), all others run free. Of fcntl, futex and setsockopt only the commands that matter are traced, of
 * mmap only shared mappings: those are told apart by their argument, here, so that the rest costs nothing. What could blind the tracer or leave the sandbox is refused with
 * EPERM; clone3 with ENOSYS, since its flags lie in memory, where another thread could change them after we looked (glibc then uses clone). Calls of
 * another architecture's numbering kill: none of the checks would hold for them.
 *
 * libseccomp only writes to a descriptor, so the program is exported through a memfd.
 */
#include "trace/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
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
    "keyctl",
    "add_key",
    "request_key",
    "userfaultfd",
    NULL,
};

static const int traced_fcntl[] = {F_DUPFD, F_DUPFD_CLOEXEC, F_SETFD,      F_SETLK,    F_SETLKW,
                                   F_GETLK, F_OFD_SETLK,     F_OFD_SETLKW, F_OFD_GETLK};
static const int traced_futex[] = {FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_LOCK_PI, FUTEX_LOCK_PI2,
                                   FUTEX_WAIT_REQUEUE_PI};

/* Of all levels; others than SOL_SOCKET are told apart later. */
static const int traced_options[] = {SO_RCVTIMEO, SO_SNDTIMEO, SO_REUSEADDR};

static void cleanup_filter_fn(scmp_filter_ctx *filter)
{
    if (*filter)
        seccomp_release(*filter);
}
#define cleanup_filter __attribute__((cleanup(cleanup_filter_fn)))

/* A name that this machine's libseccomp does not know cannot be called by that number here either, or is too new to be used. */
static int number_of(const char *name)
{
    int number = seccomp_syscall_resolve_name(name);
    return number == __NR_SCMP_ERROR ? -1 : number;
}

static int refuse(scmp_filter_ctx filter, const char *name, int error)
{
    int number = number_of(name);
    return number < 0 ? 0 : seccomp_rule_add(filter, SCMP_ACT_ERRNO((unsigned)error), number, 0);
}

/* `argument`: which one says the command. */
static int trace_commands(scmp_filter_ctx filter, const char *name, unsigned argument, uint64_t mask,
                          const int *commands, size_t count)
{
    int problem = 0;
    for (size_t i = 0; i < count && problem == 0; i++)
        problem = seccomp_rule_add(filter, SCMP_ACT_TRACE(0), number_of(name), 1,
                                   SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, mask, (uint64_t)commands[i]));
    return problem;
}

/* A mapping that others can see: shared, with a file or only with children. What the loader and malloc map is not. */
static int trace_mmap(scmp_filter_ctx filter)
{
    return seccomp_rule_add(filter, SCMP_ACT_TRACE(0), SCMP_SYS(mmap), 1,
                            SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_SHARED, MAP_SHARED));
}

/* One in a namespace of its own would have capabilities there, and the depths of the kernel would lie open to it. */
static const uint64_t spaces[] = {CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                                  CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET};
enum { SPACES = sizeof spaces / sizeof *spaces };

static int refuse_spaces(scmp_filter_ctx filter)
{
    int problem = 0;
    for (size_t i = 0; i < SPACES && problem == 0; i++)
        problem = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                   SCMP_A0(SCMP_CMP_MASKED_EQ, spaces[i], spaces[i]));
    return problem;
}

static int trace_clone(scmp_filter_ctx filter)
{
    uint64_t all = 0;
    for (size_t i = 0; i < SPACES; i++)
        all |= spaces[i];
    return seccomp_rule_add(filter, SCMP_ACT_TRACE(0), SCMP_SYS(clone), 1,
                            SCMP_A0(SCMP_CMP_MASKED_EQ, all, 0));
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

static int rule_on_families(scmp_filter_ctx filter, bool is_known, uint32_t action)
{
    int problem = 0;
    for (int family = 0; family < AF_MAX && problem == 0; family++)
        if (is_known_family(family) == is_known)
            problem = seccomp_rule_add(filter, action, SCMP_SYS(socket), 1,
                                       SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffff, (uint64_t)family));
    return problem;
}

static int trace_row(scmp_filter_ctx filter, const struct call_row *row)
{
    int number = number_of(row->name);
    if (number < 0 || number == SCMP_SYS(clone3))
        return 0;
    if (number == SCMP_SYS(clone))
        return trace_clone(filter);
    if (number == SCMP_SYS(socket))
        return rule_on_families(filter, true, SCMP_ACT_TRACE(0));
    if (number == SCMP_SYS(fcntl))
        return trace_commands(filter, row->name, 1, 0xffffffff, traced_fcntl,
                              sizeof traced_fcntl / sizeof *traced_fcntl);
    if (number == SCMP_SYS(futex))
        return trace_commands(filter, row->name, 1, (unsigned)FUTEX_CMD_MASK, traced_futex,
                              sizeof traced_futex / sizeof *traced_futex);
    if (number == SCMP_SYS(mmap))
        return trace_mmap(filter);
    if (number == SCMP_SYS(setsockopt))
        return trace_commands(filter, row->name, 2, 0xffffffff, traced_options,
                              sizeof traced_options / sizeof *traced_options);
    return seccomp_rule_add(filter, SCMP_ACT_TRACE(0), number, 0);
}

static int trace_rows(scmp_filter_ctx filter, const struct call_row *row)
{
    int problem = 0;
    for (; row && row->name && problem == 0; row++)
        problem = row->traits & CALL_DENIED ? refuse(filter, row->name, EPERM) : trace_row(filter, row);
    return problem;
}

static int trace_vocabulary(scmp_filter_ctx filter)
{
    int problem = 0;
    for (const struct mechanism *const *m = vocabulary; *m && problem == 0; m++) {
        problem = trace_rows(filter, (*m)->calls);
        for (const struct deed_row *deed = (*m)->deeds; deed && deed->word && problem == 0; deed++)
            problem = trace_rows(filter, deed->calls);
    }
    return problem;
}

static int deny(scmp_filter_ctx filter)
{
    int problem = refuse(filter, "clone3", ENOSYS);
    if (problem == 0)
        problem = refuse_spaces(filter);
    if (problem == 0)
        problem = rule_on_families(filter, false, SCMP_ACT_ERRNO(EAFNOSUPPORT));
    for (const char *const *name = denied; *name && problem == 0; name++)
        problem = refuse(filter, *name, EPERM);
    if (problem == 0)
        problem = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prctl), 1,
                                   SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffff, PR_SET_SECCOMP));
    if (problem == 0)
        problem = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prctl), 2,
                                   SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffff, PR_SET_DUMPABLE),
                                   SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, 0));
    return problem;
}

static int trace_all(scmp_filter_ctx filter)
{
    int problem = trace_vocabulary(filter);
    if (problem == 0)
        problem = seccomp_rule_add(filter, SCMP_ACT_TRACE(0), SCMP_SYS(restart_syscall), 0);
    if (problem == 0)
        problem = seccomp_rule_add(filter, SCMP_ACT_TRACE(0), AGENT_MARKER, 0);
    if (problem == 0)
        problem = seccomp_rule_add(filter, SCMP_ACT_TRACE(0), PROBE_MARKER, 0);
    return problem;
}

static int fill(scmp_filter_ctx filter, bool is_traced)
{
    int problem = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (problem == 0)
        problem = deny(filter);
    if (problem == 0 && is_traced)
        problem = trace_all(filter);
    /* A tree instead of a ladder of a hundred comparisons; older libraries do not have it, and work. */
    (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    return problem;
}

static bool read_back(int fd, struct sock_filter **program, size_t *length, struct err *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0 || info.st_size <= 0)
        return err_sys(err, "measure the seccomp filter");
    cleanup_free char *bytes = malloc((size_t)info.st_size);
    if (!bytes || pread(fd, bytes, (size_t)info.st_size, 0) != info.st_size)
        return err_sys(err, "read the seccomp filter back");
    *program = (struct sock_filter *)(void *)steal_ptr(&bytes);
    *length = (size_t)info.st_size / sizeof **program;
    return true;
}

/* Returns 0 or a negative errno. */
static int write_filter(bool is_traced, int fd)
{
    cleanup_filter scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
    int problem = context ? fill(context, is_traced) : -ENOMEM;
    return problem == 0 ? seccomp_export_bpf(context, fd) : problem;
}

/* In a process apart: where memory is out, libseccomp 2.5 frees things twice, or goes round for ever. The limit is a thousand times what it takes. */
static bool write_apart(bool is_traced, int fd, struct err *err)
{
    enum { CPU_SECONDS = 5 };
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        setrlimit(RLIMIT_CPU, &(struct rlimit){CPU_SECONDS, CPU_SECONDS});
        _exit(-write_filter(is_traced, fd));
    }
    if (pid < 0)
        return err_sys(err, "fork for the seccomp filter");
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return err_sys(err, "wait for the seccomp filter");
    if (!WIFEXITED(status))
        return err_set(err, "write the seccomp filter: the library ended by SIG%s",
                       sigabbrev_np(WTERMSIG(status)));
    errno = WEXITSTATUS(status);
    return errno == 0 || err_sys(err, "write the seccomp filter");
}

static bool make(bool is_traced, struct sock_filter **filter, size_t *length, struct err *err)
{
    cleanup_fd int fd = memfd_create("filter", MFD_CLOEXEC);
    if (fd < 0)
        return err_sys(err, "make a memory file for the seccomp filter");
    return write_apart(is_traced, fd, err) && read_back(fd, filter, length, err);
}

bool tracer_filter(struct sock_filter **filter, size_t *length, struct err *err)
{
    return make(true, filter, length, err);
}

bool tracer_filter_untraced(struct sock_filter **filter, size_t *length, struct err *err)
{
    return make(false, filter, length, err);
}
