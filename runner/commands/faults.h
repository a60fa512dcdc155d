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

struct fault {
    struct site at; /* nth 0: none, the run is only recorded */
    int signal;     /* sent to a process instead of making the call fail; or 0 */
    enum role to;   /* ... to one of those of this role that live */
    int which;      /* counted from 0, round and round */
};

/* ---- which error ---------------------------------------------------------------------------------------------------------------- */

/* Never seen to fail, or what fails is not ours to survive. */
static const char *const spared[] = {
    "exit",
    "exit_group",
    "rt_sigreturn",
    "restart_syscall",
    "getpid",
    "gettid",
    "getppid",
    "getuid",
    "geteuid",
    "getgid",
    "getegid",
    "getpgrp",
    "umask",
    "sched_yield",
    "set_robust_list",
    "set_tid_address",
    "rseq",
    "arch_prctl",
    "munmap",
    "rt_sigprocmask",
    "rt_sigaction",
    "futex",
    "execve",
    "brk",
    "clock_gettime",
    "clock_nanosleep",
    NULL,
};

static const struct {
    const char *call;
    int error;
} errors[] = {
    {"clone", EAGAIN},    {"fork", EAGAIN},       {"mmap", ENOMEM},      {"mremap", ENOMEM},
    {"mprotect", ENOMEM}, {"openat", EMFILE},     {"open", EMFILE},      {"pipe2", EMFILE},
    {"socket", EMFILE},   {"socketpair", EMFILE}, {"dup", EMFILE},       {"dup2", EMFILE},
    {"dup3", EMFILE},     {"fcntl", EMFILE},      {"write", ENOSPC},     {"wait4", EINTR},
    {"waitid", EINTR},    {"poll", EINTR},        {"ppoll", EINTR},      {"pidfd_open", EMFILE},
    {"sendfile", ENOSPC}, {"mkdir", ENOSPC},      {"mkdirat", ENOSPC},   {"symlink", ENOSPC},
    {"sendmsg", ENOBUFS}, {"recvmsg", ENOMEM},    {"signalfd4", EMFILE}, {"memfd_create", EMFILE},
    {"getrandom", EINTR}, {"ptrace", EIO},
};

static inline bool is_spared(int number)
{
    char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
    bool is = name == NULL;
    for (const char *const *one = spared; !is && *one; one++)
        is = strcmp(*one, name) == 0;
    free(name);
    return is;
}

static inline int error_of(int number)
{
    char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
    int error = EIO;
    for (size_t i = 0; name && i < sizeof errors / sizeof *errors; i++)
        if (strcmp(errors[i].call, name) == 0)
            error = errors[i].error;
    free(name);
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
        snprintf(text, sizeof text, "%s %s %d", role_words[fault->at.role], name ? name : "?", fault->at.nth);
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
    char first[32], second[32];
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
        ck_assert_int_eq(sscanf(text, "%31s %31s %d", first, second, &fault.at.nth), 3);
        fault.at.number = seccomp_syscall_resolve_name(second);
    }
    fault.at.role = role_named(first);
    return fault;
}

#endif
