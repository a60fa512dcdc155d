/* Probes; see doctor.h. Each step runs in a forked child that ends with the step's errno as its status, so that nothing of it remains. */
#include "sandbox/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "sandbox/doctor_remedy.h"
#include "sandbox/doctor_room.h"
#include "sandbox/fence.h"
#include "sandbox/ground.h"
#include "sandbox/sandbox_private.h"

struct patient {
    const char *agent_path;
    unsigned lacks; /* of a sandbox that was made */
    bool has_sandbox;
    int sandbox_error;
};

/* ---- steps: each returns 0 or the errno ------------------------------------------------------------------------------ */

static int step_user_namespace(const struct patient *patient)
{
    struct ground ground;
    struct err err = {0};
    int hold[2];
    (void)patient;
    ground_choose(&ground, 0);
    if (pipe2(hold, O_CLOEXEC) < 0)
        return errno;
    pid_t pid = (pid_t)syscall(SYS_clone, (unsigned long)CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0) {
        char end;
        close(hold[1]);
        _exit(read(hold[0], &end, 1) != 0);
    }
    if (pid < 0)
        return errno;
    bool is_mapped = ground_map(&ground, pid, &err);
    close(hold[1]);
    waitpid(pid, NULL, 0);
    return is_mapped ? 0 : err.number;
}

/* The child's part of step_trace(): it may be traced only when it is dumpable, which the copy of a runner that has changed its user is not. */
static _Noreturn void be_traced(int ready, int hold)
{
    struct sock_filter rows[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof rows / sizeof *rows, .filter = rows};
    char end;
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    close(ready);
    if (read(hold, &end, 1) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
        _exit(errno);
    syscall(SYS_getppid);
    _exit(0);
}

/* A RET_TRACE filter in a seized child, which must stop for it and let its memory be read. */
static int step_trace(const struct patient *patient)
{
    static const int word = 1;
    int copy = 0, ready[2], hold[2], status;
    struct iovec here = {&copy, sizeof copy}, there = {(void *)&word, sizeof word};
    char end;
    (void)patient;
    if (pipe2(ready, O_CLOEXEC) < 0 || pipe2(hold, O_CLOEXEC) < 0)
        return errno;
    pid_t pid = fork();
    if (pid < 0)
        return errno;
    if (pid == 0) {
        close(hold[1]);
        be_traced(ready[1], hold[0]);
    }
    close(ready[1]);
    (void)!read(ready[0], &end, 1);
    if (ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL) < 0) {
        int number = errno;
        kill(pid, SIGKILL);
        return number;
    }
    close(hold[1]);
    waitpid(pid, &status, 0);
    if (WIFEXITED(status))
        return WEXITSTATUS(status) ? WEXITSTATUS(status) : EPROTO;
    if (status >> 8 != (SIGTRAP | PTRACE_EVENT_SECCOMP << 8))
        return EPROTO;
    return process_vm_readv(pid, &here, 1, &there, 1, 0) == (ssize_t)sizeof copy ? 0 : errno;
}

static int step_queue(const struct patient *patient)
{
    (void)patient;
    int id = msgget(IPC_PRIVATE, 0600);
    return id < 0 || msgctl(id, IPC_RMID, NULL) < 0 ? errno : 0;
}

static int step_semaphores(const struct patient *patient)
{
    (void)patient;
    int id = semget(IPC_PRIVATE, 1, 0600);
    return id < 0 || semctl(id, 0, IPC_RMID) < 0 ? errno : 0;
}

static int step_segment(const struct patient *patient)
{
    (void)patient;
    int id = shmget(IPC_PRIVATE, 1, 0600);
    return id < 0 || shmctl(id, IPC_RMID, NULL) < 0 ? errno : 0;
}

static int step_message_copy(const struct patient *patient)
{
    struct {
        long type;
        char text;
    } message = {1, 'x'};
    (void)patient;
    int id = msgget(IPC_PRIVATE, 0600);
    bool is_copied = id >= 0 && msgsnd(id, &message, 1, IPC_NOWAIT) == 0 &&
                     msgrcv(id, &message, 1, 0, MSG_COPY | IPC_NOWAIT) == 1;
    int number = errno;
    if (id >= 0)
        msgctl(id, IPC_RMID, NULL);
    return is_copied ? 0 : number;
}

static int step_posix_queue(const struct patient *patient)
{
    char name[64];
    (void)patient;
    snprintf(name, sizeof name, "ipcgrade-doctor-%d", (int)getpid());
    long fd = syscall(SYS_mq_open, name, O_RDWR | O_CREAT | O_EXCL, 0600, NULL);
    if (fd < 0 && errno == EMFILE && !sandbox_is_shared())
        return 0; /* this user's room is used up, but a sandbox has a user of its own */
    return fd < 0 || syscall(SYS_mq_unlink, name) < 0 ? errno : 0;
}

/* Without a name where that is possible, so that whoever is killed here leaves nothing. */
static int step_posix_memory(const struct patient *patient)
{
    char name[64];
    (void)patient;
    cleanup_fd int nameless = open("/dev/shm", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
    if (nameless >= 0)
        return 0;
    snprintf(name, sizeof name, "/dev/shm/ipcgrade-doctor-%d", (int)getpid());
    cleanup_fd int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd < 0 || unlink(name) < 0 ? errno : 0;
}

static int step_agent(const struct patient *patient)
{
    struct stat status;
    if (!patient->agent_path || stat(patient->agent_path, &status) < 0)
        return ENOENT;
    return S_ISREG(status.st_mode) && access(patient->agent_path, X_OK) == 0 ? 0 : EACCES;
}

static int step_make(const struct patient *patient)
{
    (void)patient;
    return access("/usr/bin/make", X_OK) == 0 ? 0 : errno;
}

static int step_compiler(const struct patient *patient)
{
    (void)patient;
    return access("/usr/bin/cc", X_OK) == 0 ? 0 : errno;
}

static int in_child(int (*step)(const struct patient *), const struct patient *patient)
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(step(patient));
    if (pid < 0)
        return errno;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EPROTO;
}

/* That it could not be tried (no process, no descriptor) says nothing. */
bool doctor_can_trace(void)
{
    static const int refusals[] = {EPERM, EACCES, ENOSYS, EINVAL, EPROTO};
    int error = in_child(step_trace, NULL);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (refusals[i] == error)
            return false;
    return true;
}

static int step_directory(const struct patient *patient)
{
    return patient->lacks & LACKS_MOUNT_NS ? room_directory() : 0;
}

static int step_terminal(const struct patient *patient)
{
    return patient->lacks & LACKS_DEVPTS ? room_terminal() : 0;
}

/* It stands where mounts do not. */
static int step_fence(const struct patient *patient)
{
    return !(patient->lacks & LACKS_MOUNT_NS) || fence_is_there() ? 0 : errno;
}

static int step_limits(const struct patient *patient)
{
    (void)patient;
    return room_limits();
}

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

/* A row is a step that is tried, or a bit that the sandbox lacked. */
static const struct probe {
    const char *name;
    int (*step)(const struct patient *patient);
    unsigned lack;
    const char *lost;
    const char *(*remedy)(void);
} probes[] = {
    {N_("tracing (ptrace and seccomp)"), step_trace, 0, N_("Nothing can be graded."), remedy_trace},
    {N_("the agent"), step_agent, 0, N_("Cases with puppets or stand-ins cannot be played."), remedy_agent},
    {N_("make"), step_make, 0, N_("Submissions cannot be built."), remedy_tools},
    {N_("a C compiler"), step_compiler, 0, N_("Submissions cannot be built."), remedy_tools},
    {N_("user namespaces"), step_user_namespace, LACKS_USER_NS,
     N_("An ordinary user gets no isolation; root changes users instead."), remedy_namespaces},
    {N_("pid namespace"), NULL, LACKS_PID_NS, N_("A submission sees the machine's processes."),
     remedy_namespaces},
    {N_("mount namespace"), NULL, LACKS_MOUNT_NS, N_("A submission uses the machine's /tmp."),
     remedy_namespaces},
    {N_("Landlock"), step_fence, 0, N_("A submission can read and write what its user can."), remedy_fence},
    {N_("IPC namespace"), NULL, LACKS_IPC_NS, N_("Cases run one by one; IPC objects are the machine's."),
     remedy_namespaces},
    {N_("network namespace"), NULL, LACKS_NET_NS, N_("A submission can reach the network."),
     remedy_namespaces},
    {N_("UTS namespace"), NULL, LACKS_UTS_NS, N_("A submission sees the machine's name."), remedy_namespaces},
    {N_("own /proc"), NULL, LACKS_PROC, N_("A submission sees the machine's /proc."), remedy_namespaces},
    {N_("own terminals"), NULL, LACKS_DEVPTS, N_("Terminals are the machine's; ttyname() finds no name."),
     remedy_namespaces},
    {N_("own POSIX queues"), NULL, LACKS_MQUEUE, N_("Left POSIX message queues are not seen."),
     remedy_namespaces},
    {N_("a place for cases"), step_directory, 0, N_("Nothing can be played: every case has a folder there."),
     remedy_directory},
    {N_("terminals"), step_terminal, 0, N_("Cases in which a program has a terminal are skipped."),
     remedy_terminal},
    {N_("limits of processes"), step_limits, 0,
     N_("A case that fails is skipped: the limits may have done it."), remedy_limits},
    {N_("a second user"), NULL, LACKS_OTHER_USER, N_("Cases about permissions are skipped."),
     remedy_other_user},
    {N_("System V queues"), step_queue, LACKS_SYSV, N_("Cases about msgget, msgsnd, msgrcv are skipped."),
     remedy_sysv},
    {N_("System V semaphores"), step_semaphores, LACKS_SYSV, N_("Cases about semget and semop are skipped."),
     remedy_sysv},
    {N_("System V shared memory"), step_segment, LACKS_SYSV, N_("Cases about shmget and shmat are skipped."),
     remedy_sysv},
    {N_("looking into queues"), step_message_copy, 0, N_("Messages in a queue are counted, but not shown."),
     remedy_copy},
    {N_("POSIX queues"), step_posix_queue, 0, N_("Cases about mq_open are skipped."), remedy_posix_queue},
    {N_("POSIX shared memory"), step_posix_memory, 0, N_("Cases about shm_open and sem_open are skipped."),
     remedy_memory},
};

_Static_assert(sizeof probes / sizeof *probes <= DOCTOR_ROWS, "the caller has room for all rows");

static void try_sandbox(struct patient *patient)
{
    const struct sandbox_config config = {.wants_other_user = true};
    struct sandbox *sandbox;
    struct err err = {0};
    patient->has_sandbox = sandbox_open(&sandbox, &config, &err);
    patient->sandbox_error = err.number;
    patient->lacks = ~0U;
    if (!patient->has_sandbox)
        return;
    patient->lacks = sandbox_lacks(sandbox);
    if (ground_must_join(&sandbox->ground, true))
        patient->lacks |= LACKS_OTHER_USER;
    sandbox_close(sandbox);
}

/* Why a namespace is not there: the errno of making it alone. 0 when it works alone. */
static int try_namespace(int flag, const struct patient *patient)
{
    int user = patient->lacks & LACKS_USER_NS ? 0 : CLONE_NEWUSER;
    pid_t pid = (pid_t)syscall(SYS_clone, (unsigned long)(flag | user) | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        _exit(0);
    if (pid < 0)
        return errno;
    waitpid(pid, NULL, 0);
    return 0;
}

static int flag_of(unsigned lack)
{
    switch (lack) {
    case LACKS_PID_NS: return CLONE_NEWPID;
    case LACKS_MOUNT_NS: return CLONE_NEWNS;
    case LACKS_IPC_NS: return CLONE_NEWIPC;
    case LACKS_NET_NS: return CLONE_NEWNET;
    case LACKS_UTS_NS: return CLONE_NEWUTS;
    default: return 0;
    }
}

static bool is_wall(const struct probe *probe)
{
    enum { WALLS = LACKS_USER_NS | LACKS_PID_NS | LACKS_MOUNT_NS | LACKS_IPC_NS | LACKS_NET_NS };
    return (probe->lack & WALLS) || probe->step == step_fence;
}

static struct doctor_row examine(const struct probe *probe, const struct patient *patient)
{
    int error = probe->step ? in_child(probe->step, patient) : 0;
    bool is_lacking = probe->lack & patient->lacks;
    struct doctor_row row = {.name = _(probe->name),
                             .is_there = error == 0 && !is_lacking,
                             .is_wall = is_wall(probe),
                             .error = error,
                             .lost = _(probe->lost),
                             .remedy = ""};
    if (!row.is_there) {
        bool is_full = probe->step == step_posix_queue && error == EMFILE;
        if (is_full)
            row.lost = _("A case about mq_open that fails for want of room is skipped.");
        row.remedy = is_full ? remedy_full_queues() : probe->remedy();
        if (error == 0 && flag_of(probe->lack))
            row.error = try_namespace(flag_of(probe->lack), patient);
        if (row.error == 0)
            row.error = patient->sandbox_error;
    }
    return row;
}

size_t doctor_examine(const char *agent_path, struct doctor_row *rows)
{
    struct patient patient = {.agent_path = agent_path};
    size_t count = sizeof probes / sizeof *probes;
    try_sandbox(&patient);
    for (size_t i = 0; i < count; i++)
        rows[i] = examine(&probes[i], &patient);
    return count;
}
