/* For tests only: a run of ipcgrade of which one system call is made to fail, or of which one process is killed at one.
 *
 * Theory of operation: the processes of ipcgrade are traced by this test, from the runner's first call in main() on: the runner, its workers, the sandboxes' inits, the leaders of sessions,
 * and what will be the student's process until it reports that it is ready; there it is let go, so that the worker can trace it, and the student's own calls are never touched. A call is
 * named by the role of its process, its name, and how many of its kind the role had made: no clock is asked, and a run can be repeated. A call that is to fail is made void at its
 * entry, and its result is replaced at its exit; close(2) is done all the same, as the kernel does.
 *
 * Sources: ptrace(2), "Syscall-stops", PTRACE_GET_SYSCALL_INFO.
 */
#ifndef IPCGRADE_COMMANDS_FAULTS_H
#define IPCGRADE_COMMANDS_FAULTS_H

#include <check.h>
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum role { ROLE_RUNNER, ROLE_WORKER, ROLE_INIT, ROLE_LEADER, ROLE_CHILD, ROLES };
static const char *const role_words[ROLES] = {"runner", "worker", "init", "leader", "child"};

enum { MOST_NUMBERS = 512, MOST_TRACED = 256 };

/* Which call is meant: the nth of that kind in that role, counted from 1. `number` -1: the nth call of any kind. */
struct site {
    enum role role;
    int number, nth;
};

struct fault {
    struct site at; /* nth 0: none, the run is only recorded */
    int signal;     /* sent to the process instead of making the call fail; or 0 */
    enum role to;   /* ... to the first process of this role that lives */
};

struct traced_run {
    int counts[ROLES][MOST_NUMBERS]; /* calls that were made */
    int all[ROLES];
    bool was_reached;
    int status; /* of the runner, as wait(2) gives it */
};

struct traced {
    pid_t pid; /* 0: the place is free */
    enum role role;
    bool makes_init; /* the clone(2) that it is in is the one that makes an init */
    int error;       /* the call that it is in fails with it; 0: it does not */
};

struct tracing {
    struct traced places[MOST_TRACED];
    struct fault fault;
    struct traced_run *run;
    pid_t runner;
    bool has_begun; /* main() has */
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

static inline const char *site_text(const struct site *site)
{
    static char text[128];
    char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, site->number);
    snprintf(text, sizeof text, "%s: %s %d", role_words[site->role], name ? name : "call", site->nth);
    free(name);
    return text;
}

/* ---- tracing -------------------------------------------------------------------------------------------------------------------- */

enum {
    TRACE_OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                    PTRACE_O_EXITKILL
};

static inline struct traced *traced_find(struct tracing *tracing, pid_t pid)
{
    for (size_t i = 0; i < MOST_TRACED; i++)
        if (tracing->places[i].pid == pid)
            return &tracing->places[i];
    return NULL;
}

static inline struct traced *traced_add(struct tracing *tracing, pid_t pid, enum role role)
{
    struct traced *place = traced_find(tracing, pid);
    place = place ? place : traced_find(tracing, 0);
    ck_assert_ptr_nonnull(place);
    *place = (struct traced){.pid = pid, .role = role};
    return place;
}

static inline void strike(struct tracing *tracing)
{
    tracing->run->was_reached = true;
    for (size_t i = 0; i < MOST_TRACED; i++)
        if (tracing->places[i].pid && tracing->places[i].role == tracing->fault.to) {
            kill(tracing->places[i].pid, tracing->fault.signal);
            return;
        }
}

static inline bool is_met(const struct tracing *tracing, enum role role, int number)
{
    const struct site *at = &tracing->fault.at;
    if (at->nth == 0 || at->role != role || tracing->run->was_reached)
        return false;
    return at->number < 0 ? tracing->run->all[role] == at->nth
                          : at->number == number && tracing->run->counts[role][number] == at->nth;
}

static inline void entered(struct tracing *tracing, struct traced *traced,
                           const struct __ptrace_syscall_info *info)
{
    int number = (int)info->entry.nr;
    if (number < 0 || number >= MOST_NUMBERS)
        return;
    tracing->has_begun = tracing->has_begun || number == SYS_fcntl; /* the first call in main() */
    if (!tracing->has_begun)
        return;
    traced->makes_init = number == SYS_clone && !(info->entry.args[0] & CLONE_CHILD_SETTID); /* no fork(3) */
    tracing->run->counts[traced->role][number]++;
    tracing->run->all[traced->role]++;
    if (!is_met(tracing, traced->role, number))
        return;
    if (tracing->fault.signal) {
        strike(tracing);
        return;
    }
    tracing->run->was_reached = true;
    traced->error = error_of(number);
    if (number != SYS_close)
        ptrace(PTRACE_POKEUSER, traced->pid, offsetof(struct user, regs.orig_rax), -1L);
}

static inline void left(struct traced *traced)
{
    if (traced->error)
        ptrace(PTRACE_POKEUSER, traced->pid, offsetof(struct user, regs.rax), (long)-traced->error);
    traced->error = 0;
}

static inline void let_go(struct traced *traced)
{
    ptrace(PTRACE_DETACH, traced->pid, NULL, 0);
    traced->pid = 0;
}

/* True when the process was let go: it reports that it waits to be traced by the worker. */
static inline bool stopped_at_call(struct tracing *tracing, struct traced *traced)
{
    struct __ptrace_syscall_info info = {0};
    ptrace(PTRACE_GET_SYSCALL_INFO, traced->pid, sizeof info, &info);
    if (info.op == PTRACE_SYSCALL_INFO_EXIT)
        left(traced);
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
        return false;
    if (traced->role == ROLE_CHILD && info.entry.nr == SYS_sendmsg) {
        let_go(traced);
        return true;
    }
    entered(tracing, traced, &info);
    return false;
}

/* ROLES: nobody that we look at, as the children in which a worker tries whether it can trace: they must be free to be traced. */
static inline enum role role_of_child(const struct traced *parent)
{
    switch (parent->role) {
    case ROLE_RUNNER: return parent->makes_init ? ROLE_INIT : ROLE_WORKER;
    case ROLE_WORKER: return parent->makes_init ? ROLE_INIT : ROLES;
    case ROLE_INIT: return ROLE_LEADER;
    case ROLE_LEADER: return ROLE_CHILD;
    case ROLE_CHILD:
    case ROLES: break;
    }
    return ROLES;
}

static inline void forked(struct tracing *tracing, const struct traced *parent)
{
    unsigned long pid = 0;
    ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &pid);
    traced_add(tracing, (pid_t)pid, role_of_child(parent));
}

/* One stop; the process goes on. */
static inline void stopped(struct tracing *tracing, struct traced *traced, int status)
{
    int signal = WSTOPSIG(status), event = status >> 16;
    pid_t pid = traced->pid;
    if (traced->role == ROLES) {
        let_go(traced);
        return;
    }
    if (signal == (SIGTRAP | 0x80)) {
        if (stopped_at_call(tracing, traced))
            return;
        signal = 0;
    } else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) {
        forked(tracing, traced);
        signal = 0;
    } else if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) {
        ptrace(PTRACE_LISTEN, pid, NULL, 0);
        return;
    } else if (event) {
        signal = 0;
    }
    ptrace(PTRACE_SYSCALL, pid, NULL, signal);
}

/* Until every process has ended: of the run, and whoever it left behind, as we take in orphans. A new process may stop before we have heard of its making: it
 * waits, and its stop is seen again when it is known. */
static inline void follow(struct tracing *tracing)
{
    int status;
    pid_t pid;
    int early[MOST_TRACED];
    pid_t early_pids[MOST_TRACED];
    size_t early_count = 0;
    while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
        struct traced *traced = pid > 0 ? traced_find(tracing, pid) : NULL;
        if (pid == tracing->runner && !WIFSTOPPED(status))
            tracing->run->status = status;
        if (pid > 0 && WIFSTOPPED(status) && !traced && early_count < MOST_TRACED) {
            early_pids[early_count] = pid;
            early[early_count++] = status;
        } else if (traced && WIFSTOPPED(status)) {
            stopped(tracing, traced, status);
        } else if (traced) {
            traced->pid = 0;
        }
        for (size_t i = 0; i < early_count; i++)
            if ((traced = traced_find(tracing, early_pids[i]))) {
                stopped(tracing, traced, early[i]);
                early_pids[i] = early_pids[--early_count];
                early[i] = early[early_count];
                i--;
            }
    }
}

/* Run `argv` with standard output and error in the files out and err of this directory. Returns when nobody is left. */
static inline void run_with_fault(const char *const *argv, const struct fault *fault, struct traced_run *run)
{
    struct tracing *tracing = calloc(1, sizeof *tracing);
    int status = 0;
    ck_assert_ptr_nonnull(tracing);
    *run = (struct traced_run){0};
    tracing->fault = *fault;
    tracing->run = run;
    tracing->runner = fork();
    if (tracing->runner == 0) {
        if (!freopen("/dev/null", "r", stdin) || !freopen("out", "w", stdout) || !freopen("err", "w", stderr))
            _exit(126);
        raise(SIGSTOP);
        execv(argv[0], (char *const *)argv);
        _exit(127);
    }
    ck_assert_int_eq(waitpid(tracing->runner, &status, WUNTRACED), tracing->runner);
    ck_assert_int_eq(ptrace(PTRACE_SEIZE, tracing->runner, NULL, TRACE_OPTIONS), 0);
    traced_add(tracing, tracing->runner, ROLE_RUNNER);
    kill(tracing->runner, SIGCONT);
    follow(tracing);
    free(tracing);
}

#endif
