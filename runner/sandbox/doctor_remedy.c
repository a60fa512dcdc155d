/* What helps; see doctor_remedy.h. */
#include "sandbox/doctor_remedy.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "sandbox/ground.h"

#define MQUEUE_MAGIC 0x19800202 /* as statfs(2) lists it; no header has it */

static bool reads(const char *path, const char *value)
{
    char text[16] = "";
    cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd >= 0 && read(fd, text, sizeof text - 1) > 0 && strncmp(text, value, strlen(value)) == 0;
}

/* Not every engine leaves a file that says so: a filter of system calls that we did not load, or a root that may not do what root may, tell as much. */
static bool is_container(void)
{
    return access("/.dockerenv", F_OK) == 0 || access("/run/.containerenv", F_OK) == 0 ||
           prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_FILTER ||
           (geteuid() == 0 && !ground_has_capabilities(1ULL << CAP_SYS_ADMIN));
}

static bool can_make_user_namespace(void)
{
    pid_t pid = (pid_t)syscall(SYS_clone, (unsigned long)CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        _exit(0);
    return pid > 0 && waitpid(pid, NULL, 0) == pid;
}

/* Ubuntu's switch is the machine's, and is seen in its containers, too. There the engine's own refusal comes first, and is the one to be lifted; where a namespace can be made, and is of
 * no use, it is the switch. */
static bool is_restricted_by_apparmor(void)
{
    return reads("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1") &&
           (!is_container() || can_make_user_namespace());
}

/* What root needs to write maps of ids, or to change to another user: some engines are told to leave it nothing. */
static bool is_root_without_ids(void)
{
    return geteuid() == 0 &&
           !ground_has_capabilities(1ULL << CAP_SETUID | 1ULL << CAP_SETGID | 1ULL << CAP_CHOWN);
}

const char *remedy_namespaces(void)
{
    if (reads("/proc/sys/kernel/unprivileged_userns_clone", "0"))
        return _("as root: sysctl -w kernel.unprivileged_userns_clone=1");
    if (is_restricted_by_apparmor())
        return _("as root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
    if (reads("/proc/sys/user/max_user_namespaces", "0"))
        return _("as root: sysctl -w user.max_user_namespaces=10000");
    if (is_root_without_ids() && can_make_user_namespace())
        return _("start the container with: --cap-add=SETUID --cap-add=SETGID --cap-add=SETFCAP "
                 "--cap-add=CHOWN");
    if (is_container())
        return _("start the container with: --cap-add=SYS_ADMIN --security-opt seccomp=unconfined "
                 "--security-opt apparmor=unconfined --security-opt systempaths=unconfined");
    return _("run ipcgrade as root, or on a kernel with user namespaces (CONFIG_USER_NS)");
}

/* A fence around POSIX queues, too, is worse than none: programs that do nothing wrong would fail. */
const char *remedy_fence(void)
{
    struct statfs status;
    bool is_mounted = statfs("/dev/mqueue", &status) == 0 && status.f_type == MQUEUE_MAGIC;
    if (!is_mounted)
        return _("as root: mkdir -p /dev/mqueue; mount -t mqueue mqueue /dev/mqueue");
    return _("use a kernel from 5.19 on with Landlock (CONFIG_SECURITY_LANDLOCK, lsm=landlock,...)");
}

const char *remedy_trace(void)
{
    if (reads("/proc/sys/kernel/yama/ptrace_scope", "3"))
        return _("ptrace is switched off until the next boot: as root, set kernel.yama.ptrace_scope=1 in "
                 "/etc/sysctl.conf, "
                 "then restart");
    if (reads("/proc/sys/kernel/yama/ptrace_scope", "2") && geteuid() != 0)
        return _("as root: sysctl -w kernel.yama.ptrace_scope=1");
    if (is_container())
        return _("start the container with: --cap-add=SYS_PTRACE --security-opt seccomp=unconfined");
    return remedy_filters();
}

const char *remedy_filters(void)
{
    return _("use a kernel with ptrace and seccomp filters (CONFIG_SECCOMP_FILTER)");
}

const char *remedy_sysv(void)
{
    return _("use a kernel with System V IPC (CONFIG_SYSVIPC); under gVisor or WSL 1 there is none");
}

const char *remedy_copy(void)
{
    return _("use a kernel with CONFIG_CHECKPOINT_RESTORE");
}

const char *remedy_posix_queue(void)
{
    return _("use a kernel with CONFIG_POSIX_MQUEUE");
}

const char *remedy_full_queues(void)
{
    return _("remove queues that nobody needs: ls -l /dev/mqueue shows them, rm removes them");
}

const char *remedy_memory(void)
{
    return _("as root: mount -t tmpfs tmpfs /dev/shm");
}

const char *remedy_agent(void)
{
    return _("in the project's directory: make");
}

const char *remedy_tools(void)
{
    return _("as root: apt-get install build-essential");
}

const char *remedy_directory(void)
{
    return _("set TMPDIR to a folder that can be written and has 64 MiB free");
}

const char *remedy_terminal(void)
{
    return _("as root: mkdir -p /dev/pts; mount -t devpts -o ptmxmode=0666 devpts /dev/pts; ln -s pts/ptmx "
             "/dev/ptmx");
}

const char *remedy_limits(void)
{
    return _(
        "raise the hard limits, in /etc/security/limits.conf or by: docker run --ulimit; ulimit -Ha shows "
        "them");
}

const char *remedy_processes(void)
{
    return _("allow more processes: docker run --pids-limit, TasksMax= of systemd, or ulimit -u");
}

const char *remedy_other_user(void)
{
    if (is_root_without_ids())
        return _("start the container with: --cap-add=SETUID --cap-add=SETGID --cap-add=CHOWN "
                 "--cap-add=SYS_PTRACE");
    if (geteuid() == 0)
        return _("start the container with: --cap-add=SYS_PTRACE");
    return _("run ipcgrade as root");
}
