/* Namespaces and ids. Everything is decided by trying: the whole set at once (the usual case costs nothing more), and only when
 * that is refused each kind for itself.
 */
#include "sandbox/ground.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sandbox/account.h"
#include "sandbox/sandbox.h"

static const struct {
    int flag;
    unsigned lack;
} kinds[] = {
    {CLONE_NEWUSER, LACKS_USER_NS}, {CLONE_NEWPID, LACKS_PID_NS}, {CLONE_NEWNS, LACKS_MOUNT_NS},
    {CLONE_NEWIPC, LACKS_IPC_NS},   {CLONE_NEWNET, LACKS_NET_NS}, {CLONE_NEWUTS, LACKS_UTS_NS},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static const struct {
    const char *word;
    unsigned lack;
} words[] = {
    {"user", LACKS_USER_NS}, {"pid", LACKS_PID_NS},    {"mount", LACKS_MOUNT_NS},   {"ipc", LACKS_IPC_NS},
    {"net", LACKS_NET_NS},   {"uts", LACKS_UTS_NS},    {"proc", LACKS_PROC},        {"mqueue", LACKS_MQUEUE},
    {"sysv", LACKS_SYSV},    {"devpts", LACKS_DEVPTS}, {"other", LACKS_OTHER_USER},
};

unsigned ground_without(void)
{
    const char *list = getenv("IPCGRADE_WITHOUT");
    unsigned without = 0;
    while (list && *list) {
        size_t len = strcspn(list, ",");
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (strlen(words[i].word) == len && strncmp(words[i].word, list, len) == 0)
                without |= words[i].lack;
        list += len + (list[len] == ',');
    }
    return without;
}

/* capget(2), both words of the effective set in one. 0 where it cannot be asked. */
static uint64_t effective_capabilities(void)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (syscall(SYS_capget, &head, data) < 0)
        return 0;
    return data[0].effective | (uint64_t)data[1].effective << 32;
}

bool ground_has_capabilities(uint64_t wanted)
{
    return (effective_capabilities() & wanted) == wanted;
}

/* Root of a container may have been left without what it takes to give files and processes to others; then it is like any user. */
static bool can_be_root(void)
{
    return geteuid() == 0 &&
           ground_has_capabilities(1ULL << CAP_SETUID | 1ULL << CAP_SETGID | 1ULL << CAP_CHOWN);
}

static void choose_identity(struct ground *ground)
{
    bool has_user_ns = ground->flags & CLONE_NEWUSER;
    ground->change = ground->is_root ? IDENTITY_SETUID : has_user_ns ? IDENTITY_NESTED : IDENTITY_SAME;
    ground->lacks &= ~(unsigned)LACKS_OTHER_USER;
    if (!ground->is_root) {
        ground->lacks |= LACKS_OTHER_USER;
        ground->outer_student = getuid();
        ground->student = ground->other = has_user_ns ? 0 : getuid();
        return;
    }
    ground->outer_student = ground->base + 1;
    ground->student = has_user_ns ? SANDBOX_STUDENT_UID : ground->outer_student;
    ground->other = ground->student + (SANDBOX_OTHER_UID - SANDBOX_STUDENT_UID);
}

/* This process has become a student's user itself (ground_join()), which is for good, and is the only one that has. */
static bool has_joined_alone;

void ground_choose(struct ground *ground, unsigned without)
{
    *ground = (struct ground){.lacks = without, .is_root = can_be_root()};
    ground->is_root = ground->is_root && place_choose_row(&ground->row);
    for (size_t i = 0; i < KINDS; i++)
        if (!(without & kinds[i].lack))
            ground->flags |= kinds[i].flag;
    choose_identity(ground);
    ground->has_own_ids = ground->is_root || has_joined_alone;
    ground->lacks |= without;
}

bool ground_hold(struct ground *ground, struct place *place, struct err *err)
{
    unsigned lacks = ground->lacks;
    if (!ground->is_root)
        return true;
    if (!place_take(place, &ground->row, &ground->base, &ground->has_own_ids, err))
        return false;
    choose_identity(ground);
    ground->lacks |= lacks;
    return true;
}

/* No stack is given: the child goes on in a copy of this one, as after fork. */
static pid_t clone_like_fork(int flags)
{
    return (pid_t)syscall(SYS_clone, (unsigned long)flags | SIGCHLD, 0, 0, 0, 0);
}

static pid_t clone_on_account(const struct ground *ground)
{
    struct account account;
    account_enter(&account, ground);
    pid_t pid = clone_like_fork(ground->flags);
    if (account_leave(&account, ground, pid == 0) || pid <= 0)
        return pid;
    int error = errno;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    errno = error;
    return -1;
}

static bool try_flags(int flags)
{
    pid_t pid = clone_like_fork(flags);
    if (pid == 0)
        _exit(0);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return pid > 0;
}

bool ground_is_shared(const struct ground *ground)
{
    static const uint64_t needed = 1ULL << CAP_SYS_PTRACE | 1ULL << CAP_SYS_ADMIN | 1ULL << CAP_KILL;
    if (!ground->is_root)
        return true;
    return (ground->flags & CLONE_NEWUSER) && !ground_has_capabilities(needed);
}

/* The full set was refused: find out what goes. */
static void reduce_flags(struct ground *ground)
{
    int good = 0;
    for (size_t i = 0; i < KINDS; i++) {
        if (!(ground->flags & kinds[i].flag))
            continue;
        if (try_flags(good | kinds[i].flag))
            good |= kinds[i].flag;
        else
            ground->lacks |= kinds[i].lack;
    }
    ground->flags = good;
    unsigned lacks = ground->lacks;
    choose_identity(ground);
    ground->lacks |= lacks;
}

/* Init looks at objects that only their owner may read. Among the machine's objects root may do that, root of a user namespace may not. */
static void stay_root_for_objects(struct ground *ground)
{
    if (!ground->is_root || (ground->flags & CLONE_NEWIPC))
        return;
    unsigned lacks = ground->lacks;
    ground->flags &= ~CLONE_NEWUSER;
    choose_identity(ground);
    ground->lacks |= lacks;
}

pid_t ground_clone(struct ground *ground, struct err *err)
{
    stay_root_for_objects(ground);
    pid_t pid = clone_on_account(ground);
    if (pid < 0 && ground->flags) {
        reduce_flags(ground);
        stay_root_for_objects(ground);
        pid = clone_on_account(ground);
    }
    if (pid < 0)
        err_sys(err, "fork the sandbox's init");
    return pid;
}

/* execve(2) would set them anew for user 0, setresuid(2) takes them from anybody else: they are kept over the one, and go with the other. */
bool ground_keep_capabilities(struct err *err)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    if (syscall(SYS_capget, &head, data) < 0)
        return err_sys(err, "read the capabilities");
    for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
        data[i].effective = data[i].permitted;
    return syscall(SYS_capset, &head, data) == 0 || err_sys(err, "keep the capabilities");
}

bool ground_must_join(const struct ground *ground, bool wants_other_user)
{
    if (!ground->is_root || (ground->flags & CLONE_NEWUSER))
        return false;
    bool can_look = (ground->flags & CLONE_NEWIPC) || ground_has_capabilities(1ULL << CAP_IPC_OWNER);
    return !ground_has_capabilities(1ULL << CAP_SYS_PTRACE) || (!can_look && !wants_other_user);
}

int ground_death_signal(void)
{
    int signal_number = 0;
    prctl(PR_GET_PDEATHSIG, &signal_number, 0, 0, 0);
    return signal_number;
}

void ground_die_with(pid_t parent, int signal_number)
{
    prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0);
    if (signal_number && getppid() != parent)
        raise(signal_number);
}

bool ground_join(const struct ground *ground, struct err *err)
{
    uid_t uid = ground->outer_student;
    pid_t parent = getppid();
    int signal_number = ground_death_signal();
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 ||
        setresuid(uid, uid, uid) < 0)
        return err_sys(err, "become the user that is to be traced");
    has_joined_alone = ground->has_own_ids;
    ground_die_with(parent, signal_number); /* else the worker would outlive the grader */
    return ground_keep_capabilities(err);
}

bool ground_write(const char *path, const char *text, struct err *err)
{
    cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
    size_t len = strlen(text);
    if (fd < 0 || write(fd, text, len) != (ssize_t)len)
        return err_sys(err, "write %s", path);
    return true;
}

static bool write_for(pid_t init, const char *file, const char *text, struct err *err)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)init, file);
    return ground_write(path, text, err);
}

bool ground_map(const struct ground *ground, pid_t init, struct err *err)
{
    char uids[128], gids[128];
    if (!(ground->flags & CLONE_NEWUSER))
        return true;
    if (ground->is_root) {
        snprintf(uids, sizeof uids, "0 %u 1\n1000 %u 1\n1001 %u 1\n", ground->base, ground->outer_student,
                 ground->outer_student + 1);
        return write_for(init, "uid_map", uids, err) && write_for(init, "gid_map", uids, err);
    }
    snprintf(uids, sizeof uids, "0 %u 1\n", getuid());
    snprintf(gids, sizeof gids, "0 %u 1\n", getgid());
    return write_for(init, "uid_map", uids, err) && write_for(init, "setgroups", "deny", err) &&
           write_for(init, "gid_map", gids, err);
}

bool ground_nest(struct err *err)
{
    if (unshare(CLONE_NEWUSER) < 0)
        return err_sys(err, "enter the student's user namespace");
    return ground_write("/proc/self/uid_map", "1000 0 1\n", err) &&
           ground_write("/proc/self/setgroups", "deny", err) &&
           ground_write("/proc/self/gid_map", "1000 0 1\n", err);
}

/* fork() in init, but the number of the child is free again afterwards: what numbers the student's processes have must not depend on
 * who grades (clone(2), set_tid). A kernel or a filter that does not know it takes the number. */
static pid_t fork_out_of_turn(void)
{
    pid_t number = getpid() + 1;
    struct clone_args args = {.exit_signal = SIGCHLD, .set_tid = (uintptr_t)&number, .set_tid_size = 1};
    pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
    bool is_unknown = pid < 0 && (errno == ENOSYS || errno == EPERM || errno == EINVAL || errno == E2BIG);
    return is_unknown ? fork() : pid;
}

/* In a child of init's, which ends with the errno: nothing of the trial remains. */
static int try_nesting(void)
{
    struct err why = {0};
    int status = 0;
    pid_t pid = fork_out_of_turn();
    if (pid == 0) {
        prctl(PR_SET_DUMPABLE, 1, 0, 0,
              0); /* as whoever is spawned does: else our files in /proc are not ours */
        _exit(ground_nest(&why) ? 0 : why.number);
    }
    if (pid < 0)
        return errno;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

bool ground_can_nest(const struct ground *ground, bool *is_refused, struct err *err)
{
    *is_refused = false;
    if (ground->change != IDENTITY_NESTED)
        return true;
    errno = try_nesting();
    *is_refused = errno == EPERM || errno == EACCES || errno == ENOSPC || errno == EUSERS;
    return errno == 0 || err_sys(err, "enter a user namespace inside the sandbox's");
}
