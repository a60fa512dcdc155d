/* For tests only: which system call of ipcgrade fails, and with what; or who of its processes is killed at which call. In words, too, so that a test can say it and be told it. */
#ifndef IPCGRADE_COMMANDS_FAULTS_H
#define IPCGRADE_COMMANDS_FAULTS_H

#include <check.h>
#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum role { ROLE_RUNNER, ROLE_WORKER, ROLE_INIT, ROLE_LEADER, ROLE_CHILD, ROLES };
static const char *const role_words[ROLES] = {"runner", "worker", "init", "leader", "child"};

enum { MOST_NUMBERS = 512 };

/* Which call is meant: the nth of that kind in that role, counted from 1. `number` -1: the nth call of any kind. */
struct site {
    enum role role;
    int number, nth;
};

/* No error: the call is done, of half of the bytes that were asked for. */
enum { SHORT_COUNT = 1 << 16 };

struct fault {
    struct site at; /* nth 0: none, the run is only recorded */
    int error;      /* errno, SHORT_COUNT */
    int signal;     /* sent to a process instead of making the call fail; or 0 */
    enum role to;   /* ... to one of those of this role that live */
    int which;      /* counted from 0, round and round */
};

/* ---- which error ---------------------------------------------------------------------------------------------------------------- */

/* Never seen to fail, or what fails is not ours to survive. */
static const struct spared {
    const char *call, *why;
} spared[] = {
    {"exit", "it cannot fail"},
    {"exit_group", "it cannot fail"},
    {"getpid", "it cannot fail"},
    {"gettid", "it cannot fail"},
    {"getppid", "it cannot fail"},
    {"getuid", "it cannot fail"},
    {"geteuid", "it cannot fail"},
    {"getgid", "it cannot fail"},
    {"getegid", "it cannot fail"},
    {"getpgrp", "it cannot fail"},
    {"umask", "it cannot fail"},
    {"sched_yield", "it cannot fail"},
    {"rt_sigreturn", "it cannot fail, and its result is what was interrupted"},
    {"restart_syscall", "the kernel's own, in the place of a call that was made to fail itself"},
    {"set_robust_list", "the C library's own in each new process, which looks at no error"},
    {"set_tid_address", "the C library's own in each new process; it cannot fail"},
    {"rseq", "the C library's own, which does without"},
    {"arch_prctl", "the dynamic loader's own, before main()"},
    {"munmap",
     "it fails for a wrong address only, and nobody looks: what stays mapped goes with the process"},
    {"rt_sigprocmask", "it fails for a wrong argument only"},
    {"rt_sigaction", "it fails for a wrong argument only"},
    {"futex", "the C library's own locks, for which one thread never waits"},
    {"execve",
     "who executes has been let go, for the worker to trace: judge/play_killed_test.c, faults_want_test.c"},
    {"brk", "the C library asks for a mapping instead; allocations that fail are faults_want_test.c's"},
    {"clock_gettime", "it makes no system call but on a machine without the vDSO"},
    {"clock_nanosleep", "who sleeps looks at what he waits for afterwards, however short it was"},
};

enum { ERRORS_OF_A_CALL = 3 };

/* What the kernel may answer, the likeliest first. */
static const struct call_errors {
    const char *call;
    int errors[ERRORS_OF_A_CALL + 1]; /* 0 ends them */
} errors[] = {
    {"clone", {EAGAIN, ENOMEM}},
    {"fork", {EAGAIN, ENOMEM}},
    {"mmap", {ENOMEM, EAGAIN}},
    {"mremap", {ENOMEM}},
    {"mprotect", {ENOMEM, EACCES}},
    {"openat", {EMFILE, EACCES, ENOMEM}},
    {"open", {EMFILE, EACCES}},
    {"access", {EIO, EACCES}},
    {"pipe2", {EMFILE, ENFILE}},
    {"socket", {EMFILE, ENOBUFS}},
    {"socketpair", {EMFILE, ENOBUFS}},
    {"bind", {EIO, EADDRINUSE}},
    {"dup", {EMFILE}},
    {"dup2", {EMFILE, EINTR}},
    {"dup3", {EMFILE, EINTR}},
    {"fcntl", {EMFILE}},
    {"read", {EIO, SHORT_COUNT}},
    {"pread64", {EIO, SHORT_COUNT}},
    {"write", {ENOSPC, EIO, SHORT_COUNT}},
    {"pwrite64", {ENOSPC, SHORT_COUNT}},
    {"sendfile", {ENOSPC, SHORT_COUNT}},
    {"wait4", {EINTR}},
    {"waitid", {EINTR}},
    {"poll", {EINTR, ENOMEM}},
    {"ppoll", {EINTR, ENOMEM}},
    {"pidfd_open", {EMFILE, ENOMEM}},
    {"mkdir", {ENOSPC, EACCES}},
    {"mkdirat", {ENOSPC, EACCES}},
    {"symlink", {ENOSPC, EACCES}},
    {"rename", {EIO, EACCES}},
    {"sendmsg", {ENOBUFS, EINTR}},
    {"recvmsg", {ENOMEM, EINTR}},
    {"sendto", {EIO, EINTR}},
    {"recvfrom", {EIO, EINTR}},
    {"signalfd4", {EMFILE, ENOMEM}},
    {"memfd_create", {EMFILE, ENOMEM}},
    {"getrandom", {EINTR, SHORT_COUNT}},
    {"ptrace", {EIO, ESRCH}},
    {"mount", {EIO, ENOMEM}},
    {"setresuid", {EIO, EAGAIN}},
    {"seccomp", {EIO, ENOMEM}},
    {"msgget", {EIO, ENOSPC}},
    {"semget", {EIO, ENOSPC}},
    {"shmget", {EIO, ENOSPC}},
    {"mq_open", {EIO, ENOSPC}},
};

/* Of any other call. */
static const struct call_errors usual_errors = {"", {EIO, EACCES}};

/* NULL: it is made to fail. */
static inline const char *why_spared(const char *call)
{
    for (size_t i = 0; i < sizeof spared / sizeof *spared; i++)
        if (strcmp(spared[i].call, call) == 0)
            return spared[i].why;
    return NULL;
}

static inline bool is_spared(int number)
{
    char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
    bool is = !name || why_spared(name);
    free(name);
    return is;
}

/* 0 ends them. */
static inline const int *errors_of(int number)
{
    char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
    const struct call_errors *found = &usual_errors;
    for (size_t i = 0; name && i < sizeof errors / sizeof *errors; i++)
        if (strcmp(errors[i].call, name) == 0)
            found = &errors[i];
    free(name);
    return found->errors;
}

/* ---- in words --------------------------------------------------------------------------------------------------------------------- */

static inline const char *error_word(int error)
{
    return error == SHORT_COUNT ? "SHORT" : strerrorname_np(error);
}

static inline int error_named(const char *word)
{
    int error = strcmp(word, "SHORT") == 0 ? SHORT_COUNT : 1;
    while (error < SHORT_COUNT && (!strerrorname_np(error) || strcmp(strerrorname_np(error), word) != 0))
        error++;
    return error;
}

/* What is done, as IPCGRADE_FAULT takes it, so that it can be done again. */
static inline const char *fault_text(const struct fault *fault)
{
    static char text[160];
    char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, fault->at.number);
    if (fault->signal)
        snprintf(text, sizeof text, "SIG%s to %s %d at %s %d of the %s", sigabbrev_np(fault->signal),
                 role_words[fault->to], fault->which, name ? name : "call", fault->at.nth,
                 role_words[fault->at.role]);
    else
        snprintf(text, sizeof text, "%s %s %d %s", role_words[fault->at.role], name ? name : "?",
                 fault->at.nth, error_word(fault->error));
    free(name);
    return text;
}

static inline enum role role_named(const char *word)
{
    int role = 0;
    while (role < ROLES && strcmp(role_words[role], word) != 0)
        role++;
    ck_assert_msg(role < ROLES, "IPCGRADE_FAULT: no role is called %s", word);
    return (enum role)role;
}

static inline struct fault fault_of(const char *text)
{
    struct fault fault = {.at.number = -1};
    char first[32], second[32], error[32] = "";
    ck_assert_ptr_nonnull(text);
    // NOLINTNEXTLINE(cert-err34-c): what was read is counted
    if (sscanf(text, "SIG%31s to %31s %d at", first, second, &fault.which) == 3) {
        fault.to = role_named(second);
        for (int signal = 1; signal < SIGRTMIN && !fault.signal; signal++)
            if (sigabbrev_np(signal) && strcmp(sigabbrev_np(signal), first) == 0)
                fault.signal = signal;
        const char *at = strstr(text, " at ");
        ck_assert_ptr_nonnull(at);
        // NOLINTNEXTLINE(cert-err34-c): what was read is counted
        ck_assert_int_eq(sscanf(at, " at %31s %d of the %31s", second, &fault.at.nth, first), 3);
        if (strcmp(second, "call") != 0)
            fault.at.number = seccomp_syscall_resolve_name(second);
    } else {
        // NOLINTNEXTLINE(cert-err34-c): what was read is counted
        ck_assert_int_ge(sscanf(text, "%31s %31s %d %31s", first, second, &fault.at.nth, error), 3);
        fault.at.number = seccomp_syscall_resolve_name(second);
        fault.error = *error ? error_named(error) : *errors_of(fault.at.number);
    }
    fault.at.role = role_named(first);
    return fault;
}

#endif
