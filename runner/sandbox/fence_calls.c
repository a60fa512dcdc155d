/* Filters in place of namespaces; see fence.h. A filter sees the numbers that a call is given, and nothing that they point to. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/ioprio.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/broker.h"
#include "sandbox/fence.h"
#include "sandbox/procs.h"

static bool load(struct sock_filter *rows, size_t count, struct err *err)
{
    struct sock_fprog program = {.len = (unsigned short)count, .filter = rows};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0 || err_sys(err, "load a filter");
}

bool fence_can_ask(void)
{
    const uint32_t action = SECCOMP_RET_USER_NOTIF;
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

/* -1: it is not loaded. */
static int load_to_listen(const struct sock_filter *rows, size_t count, unsigned flags)
{
    struct sock_fprog program = {.len = (unsigned short)count, .filter = (struct sock_filter *)rows};
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER | flags,
                        &program);
}

/* The rows of fence_makers(): those that name calls which make objects, and files; the last says what comes of them. */
enum { OBJECTS_FROM = 1, FILES_FROM = 5, FILES_TO = 9, MAKERS = 15 };

static void leave_out(struct sock_filter *rows, int from, int to)
{
    enum { NO_CALL = -1 };
    for (int i = from; i < to; i++)
        rows[i].k = (unsigned)NO_CALL;
}

/* Who waits for init's answer is woken by nothing but his death: else what was made for him would be there when he asks again. A kernel that knows this (5.19) also does a call itself if it is told to. */
static int listen_to(struct sock_filter *rows, bool has_objects, bool has_files)
{
    enum { WAIT_KILLABLE = 1 << 5 };
    int listener = load_to_listen(rows, MAKERS, WAIT_KILLABLE);
    if (listener >= 0 || !has_objects)
        return listener;
    if (has_files)
        leave_out(rows, FILES_FROM, FILES_TO);
    return load_to_listen(rows, MAKERS, 0);
}

bool fence_makers(int broker, bool has_objects, bool has_files, struct err *err)
{
    struct sock_filter rows[MAKERS] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mq_open, 12, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_msgget, 11, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_semget, 10, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_shmget, 9, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_creat, 8, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 7, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_open, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 2, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
        BPF_STMT(BPF_JMP | BPF_JA, 1),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_CREAT, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
    };
    if (!has_objects)
        leave_out(rows, OBJECTS_FROM, FILES_FROM);
    if (!has_files)
        leave_out(rows, FILES_FROM, FILES_TO);
    int listener = broker >= 0 ? listen_to(rows, has_objects, has_files) : -1;
    if (listener >= 0)
        return broker_hand_over(broker, listener, err);
    leave_out(rows, FILES_FROM, FILES_TO);
    rows[MAKERS - 1].k = SECCOMP_RET_ERRNO | EACCES;
    return !has_objects || load(rows, MAKERS, err);
}

/* ---- calls that name a process ------------------------------------------------------------------------------------------- */

enum { GUARDS_ROOM = 192 };

struct guard {
    unsigned call, argument, value;
    bool is_but; /* all but this value are refused */
};

/* "If it is this call, and its argument is (not) that, EPERM." */
static size_t guard(struct sock_filter *rows, const struct guard *guard)
{
    const unsigned short low =
        (unsigned short)(offsetof(struct seccomp_data, args) + guard->argument * sizeof(uint64_t));
    const struct sock_filter part[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, guard->call, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, low),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, guard->value, guard->is_but, !guard->is_but),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
    memcpy(rows, part, sizeof part);
    return sizeof part / sizeof *part;
}

/* "If somebody else's limit is set, EPERM", as the filter of all says (trace/filter.c): to ask for one is nobody's harm. The address of the new limit has two halves. */
static size_t guard_limits(struct sock_filter *rows)
{
    enum { WHOSE = offsetof(struct seccomp_data, args), NEW = WHOSE + 2 * sizeof(uint64_t) };
    static const struct sock_filter part[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prlimit64, 0, 7),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, WHOSE),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 5, 0),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, NEW),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, NEW + sizeof(uint32_t)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
    memcpy(rows, part, sizeof part);
    return sizeof part / sizeof *part;
}

/* "If a process is called by one of these numbers, alone or as a group, EPERM." Pids have 32 bits, and a jump 8. */
static size_t guard_numbers(struct sock_filter *rows, const struct fence_ours *ours)
{
    static const unsigned calls[] = {
        SYS_kill, SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_pidfd_open};
    enum { CALLS = sizeof calls / sizeof *calls };
    const unsigned tests = 2 * (unsigned)ours->count;
    size_t at = 0;
    rows[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (unsigned i = 0; i < CALLS; i++)
        rows[at++] =
            (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i], (uint8_t)(CALLS - i), 0);
    rows[at++] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 1 + tests + 2); /* to the end of this part */
    rows[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args));
    for (unsigned i = 0; i < tests; i++) {
        unsigned number = (unsigned)ours->numbers[i / 2];
        rows[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, i % 2 ? 0U - number : number,
                                                  (uint8_t)(tests - i), 0);
    }
    rows[at++] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 1);
    rows[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    return at;
}

/* By 0 whoever signals means himself. */
static void add(struct fence_ours *ours, pid_t number)
{
    for (size_t i = 0; i < ours->count; i++)
        if (ours->numbers[i] == number)
            return;
    if (number > 0 && ours->count < FENCE_OURS)
        ours->numbers[ours->count++] = number;
}

void fence_find_ours(struct fence_ours *ours)
{
    struct proc_stat stat;
    *ours = (struct fence_ours){.count = 0};
    add(ours, getpid());
    for (pid_t pid = getppid(); pid > 0; pid = procs_stat(pid, 0, &stat) ? stat.parent : 0) {
        add(ours, pid);
        add(ours, getpgid(pid));
    }
}

bool fence_calls(const struct fence_ours *ours, struct err *err)
{
    static const struct guard guards[] = {
        {SYS_kill, 0, 0xffffffff, false},
        /* Of himself alone, by the number that nobody has: a user's processes are all that he has on this machine. */
        {SYS_setpriority, 0, PRIO_PROCESS, true},
        {SYS_setpriority, 1, 0, true},
        {SYS_ioprio_set, 0, IOPRIO_WHO_PROCESS, true},
        {SYS_ioprio_set, 1, 0, true},
        {SYS_sched_setscheduler, 0, 0, true},
        {SYS_sched_setparam, 0, 0, true},
        {SYS_sched_setattr, 0, 0, true},
    };
    struct sock_filter rows[GUARDS_ROOM];
    size_t count = 0;
    for (size_t i = 0; i < sizeof guards / sizeof *guards; i++)
        count += guard(&rows[count], &guards[i]);
    count += guard_numbers(&rows[count], ours);
    count += guard_limits(&rows[count]);
    rows[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    return load(rows, count, err);
}
