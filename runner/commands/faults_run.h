/* For tests only: a run of ipcgrade of which one system call is made to fail, or of which one process is killed at one (faults.h).
 *
 * Theory of operation: the processes of ipcgrade are traced by this test, from the runner's first call in main() on: the runner, its workers, the sandboxes' inits, the leaders of sessions,
 * and what will be the student's process until it reports that it is ready; there it is let go, so that the worker can trace it, and the student's own calls are never touched. A call is
 * named by the role of its process, its name, and how many of its kind the role had made: no clock is asked, and a run can be repeated. A call that is to fail is made void at its
 * entry, and its result is replaced at its exit; close(2) is done all the same, as the kernel does.
 *
 * Sources: ptrace(2), "Syscall-stops", PTRACE_GET_SYSCALL_INFO.
 */
#ifndef IPCGRADE_COMMANDS_FAULTS_RUN_H
#define IPCGRADE_COMMANDS_FAULTS_RUN_H

#include <sched.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands/faults.h"
#include "commands/faults_where.h"

enum { MOST_TRACED = 256 };

struct traced_run {
    int counts[ROLES][MOST_NUMBERS]; /* calls that were made */
    int all[ROLES];
    bool was_reached, was_struck; /* the call was made; somebody of that role lived then */
    int status;                   /* of the runner, as wait(2) gives it */
};

struct traced {
    pid_t pid; /* 0: the place is free */
    enum role role;
    bool is_let_go;  /* the worker's to trace; it waits to be executed, or has been */
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

static inline bool executes_the_same(pid_t one, pid_t other)
{
    char path[64], texts[2][512] = {"", ""};
    pid_t pids[] = {one, other};
    ssize_t lengths[2];
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "/proc/%d/exe", (int)pids[i]);
        lengths[i] = readlink(path, texts[i], sizeof texts[i]);
    }
    return lengths[0] > 0 && lengths[0] == lengths[1] && memcmp(texts[0], texts[1], (size_t)lengths[0]) == 0;
}

static inline char state_of(pid_t pid)
{
    char path[64], state = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file || fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        state = 0;
    if (file)
        fclose(file);
    return state;
}

/* Of a process that was let go: is it ours still? While its master stands in a call nobody can tell it to execute, and while it sleeps it has not been told. One that runs comes to
 * sleep, or was told before and comes to execute. */
static inline bool waits_to_be_executed(const struct tracing *tracing, pid_t pid)
{
    char state = 'R';
    while (executes_the_same(tracing->runner, pid) && strchr("RD", state = state_of(pid)) && state)
        sched_yield();
    return state == 'S';
}

/* The worker is the master of what it plays, the runner of what it builds, when there is no worker. */
static inline bool its_master_stands(const struct tracing *tracing)
{
    enum role stands = tracing->fault.at.role;
    for (size_t i = 0; stands == ROLE_RUNNER && i < MOST_TRACED; i++)
        if (tracing->places[i].pid && tracing->places[i].role == ROLE_WORKER)
            return false;
    return stands == ROLE_RUNNER || stands == ROLE_WORKER;
}

static inline bool is_target(const struct tracing *tracing, const struct traced *place)
{
    return place->pid && place->role == tracing->fault.to &&
           (!place->is_let_go || (its_master_stands(tracing) && waits_to_be_executed(tracing, place->pid)));
}

static inline void strike(struct tracing *tracing)
{
    pid_t targets[MOST_TRACED];
    int count = 0;
    tracing->run->was_reached = true;
    for (size_t i = 0; i < MOST_TRACED; i++)
        if (is_target(tracing, &tracing->places[i]))
            targets[count++] = tracing->places[i].pid;
    tracing->run->was_struck =
        count > 0 && kill(targets[tracing->fault.which % count], tracing->fault.signal) == 0;
}

static inline bool is_met(const struct tracing *tracing, enum role role, int number)
{
    const struct site *at = &tracing->fault.at;
    if (at->nth == 0 || at->role != role || tracing->run->was_reached)
        return false;
    return at->number < 0 ? tracing->run->all[role] == at->nth
                          : at->number == number && tracing->run->counts[role][number] == at->nth;
}

/* Where bytes may come in parts: what an anonymous inode gives (a signal, say) comes as a whole. */
static inline bool may_be_parted(pid_t pid, int fd)
{
    char path[64], target[64] = "";
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, fd);
    return readlink(path, target, sizeof target - 1) > 0 && strncmp(target, "anon_inode:", 11) != 0;
}

/* Half of the bytes that the call asks for. */
static inline void shorten(pid_t pid, const struct __ptrace_syscall_info *info)
{
    int number = (int)info->entry.nr;
    bool is_random = number == SYS_getrandom, is_file = number == SYS_sendfile;
    size_t place = is_random ? offsetof(struct user, regs.rsi)
                   : is_file ? offsetof(struct user, regs.r10)
                             : offsetof(struct user, regs.rdx);
    long count = (long)info->entry.args[is_random ? 1 : is_file ? 3 : 2];
    if (count > 1 && (is_random || may_be_parted(pid, (int)info->entry.args[0])))
        ptrace(PTRACE_POKEUSER, pid, place, count / 2);
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
    if (getenv("IPCGRADE_FAULT"))
        print_where(traced->pid);
    if (tracing->fault.error == SHORT_COUNT) {
        shorten(traced->pid, info);
        return;
    }
    traced->error = tracing->fault.error;
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
    traced->is_let_go = true;
    if (traced->role != ROLE_CHILD)
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

/* His parent tells of him. What made him is known only as long as the parent stands in that call, and his own first stop may come later. */
static inline void announced(struct tracing *tracing, const struct traced *parent)
{
    unsigned long pid = 0;
    if (ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &pid) == 0 && !traced_find(tracing, (pid_t)pid) &&
        kill((pid_t)pid, 0) == 0)
        traced_add(tracing, (pid_t)pid, role_of_child(parent));
}

/* Whoever stops before that is known by his parent, too, who is in the call still. Where that one was killed in it, nobody would announce him, and he belongs to
 * whoever takes in orphans: to nobody that we look at, if that is us. */
static inline struct traced *adopt(struct tracing *tracing, pid_t pid)
{
    char path[64];
    int ppid = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    // NOLINTNEXTLINE(cert-err34-c): what was read is counted
    if (file && fscanf(file, "%*d (%*[^)]) %*c %d", &ppid) != 1)
        ppid = 0;
    if (file)
        fclose(file);
    const struct traced *parent = ppid > 0 ? traced_find(tracing, ppid) : NULL;
    return traced_add(tracing, pid, parent ? role_of_child(parent) : ROLES);
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
    } else if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) {
        ptrace(PTRACE_LISTEN, pid, NULL, 0);
        return;
    } else if (event) {
        signal = 0;
        if (event != PTRACE_EVENT_STOP)
            announced(tracing, traced);
    }
    ptrace(PTRACE_SYSCALL, pid, NULL, signal);
}

/* Until every process has ended: of the run, and whoever it left behind, as we take in orphans. */
static inline void follow(struct tracing *tracing)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
        struct traced *traced = pid > 0 ? traced_find(tracing, pid) : NULL;
        if (pid == tracing->runner && !WIFSTOPPED(status))
            tracing->run->status = status;
        if (pid > 0 && WIFSTOPPED(status))
            stopped(tracing, traced ? traced : adopt(tracing, pid), status);
        else if (traced)
            traced->pid = 0;
    }
}

/* Run `argv` on the machine that `make` makes, with standard output and error in the files out and err of this directory. Returns when nobody is left. */
static inline void run_with_fault(const char *const *argv, void (*make)(void), const struct fault *fault,
                                  struct traced_run *run)
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
        make();
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
