/* For tests only: machines that refuse by what is behind a call's arguments, or by how much there is already, which no list of calls can tell.
 *
 * Maps of ids: the kernel asks a process of ours, apart from all others, for each write of the length in question (seccomp_unotify(2)), which looks at the file. Such a question goes
 * before the one that the runner's own tracer is asked (seccomp(2)), so the length must be one that no program of the sample writes.
 * Processes: a group of the kernel's own (cgroups(7), "pids"), which counts root's, too.
 */
#ifndef IPCGRADE_COMMANDS_MACHINE_ANSWERS_H
#define IPCGRADE_COMMANDS_MACHINE_ANSWERS_H

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "commands/machines.h"

/* ---- maps of ids -------------------------------------------------------------------------------------------------------------- */

/* What the runner writes for an ordinary user, and what a process of the sandbox writes for itself. */
enum { RUNNERS_MAP = sizeof "0 61000 1\n" - 1, OWN_MAP = sizeof "1000 0 1\n" - 1 };

static inline bool is_map_of_users(const struct seccomp_notif *asked)
{
    static const char name[] = "/uid_map";
    char link[64], target[PATH_MAX];
    snprintf(link, sizeof link, "/proc/%u/fd/%d", asked->pid, (int)asked->data.args[0]);
    ssize_t len = readlink(link, target, sizeof target - 1);
    target[len > 0 ? len : 0] = '\0';
    return len >= (ssize_t)sizeof name && strcmp(target + len - (sizeof name - 1), name) == 0;
}

/* As long as anybody is on this machine. Who has died meanwhile wants no answer. */
static inline _Noreturn void answer_writes(int listener)
{
    struct pollfd wait = {.fd = listener, .events = POLLIN};
    while (poll(&wait, 1, -1) >= 0 && !(wait.revents & POLLHUP)) {
        struct seccomp_notif asked = {0};
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0)
            continue;
        bool is_refused = is_map_of_users(&asked);
        struct seccomp_notif_resp answer = {.id = asked.id,
                                            .error = is_refused ? -EPERM : 0,
                                            .flags = is_refused ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE};
        ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
    _exit(0);
}

/* A sibling, so that whoever this process becomes has no child that it does not know, and with the same descriptors until then. Root still, who may look at anybody's. It stands outside of
 * the filter, which is loaded later. */
static inline int start_answering(void)
{
    int numbers[2], listener;
    must(pipe2(numbers, O_CLOEXEC) == 0, "pipe2");
    long pid = syscall(SYS_clone, (unsigned long)CLONE_FILES | CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
    must(pid >= 0, "clone");
    if (pid > 0)
        return numbers[1];
    if (read(numbers[0], &listener, sizeof listener) != (ssize_t)sizeof listener)
        _exit(NOT_MADE);
    answer_writes(listener);
}

/* Whoever writes a map of user ids in one write of this length gets EPERM. */
static inline void refuse_maps(unsigned long length)
{
    int told = start_answering();
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    must(filter && seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0) == 0, "seccomp_init");
    must(seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(write), 1, SCMP_A2(SCMP_CMP_EQ, length)) == 0,
         "ask for each write");
    must(seccomp_load(filter) == 0, "seccomp_load");
    int listener = seccomp_notify_fd(filter);
    must(listener >= 0 && write(told, &listener, sizeof listener) == (ssize_t)sizeof listener,
         "tell who answers");
}

/* The switch of Ubuntu's AppArmor, as /proc shows it there. */
static inline void show_restriction(void)
{
    static const char path[] = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";
    own_mounts();
    must(mount("tmpfs", "/proc/sys/kernel", "tmpfs", 0, "mode=0755") == 0, "a /proc/sys/kernel");
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    must(fd >= 0 && write(fd, "1\n", 2) == 2 && close(fd) == 0, path);
}

/* ---- processes ---------------------------------------------------------------------------------------------------------------- */

/* Where groups are mounted for us alone. */
static const char groups_place[] = "/mnt";

/* Each test has one of its own; all who ask are children of the test. */
static inline const char *group_path(void)
{
    static char path[64];
    snprintf(path, sizeof path, "%s/ipcgrade-machine-%d", groups_place, (int)getppid());
    return path;
}

/* The second version only where it has the controller without our doing: to switch it on would be to change the tester's machine. */
static inline bool mount_groups(void)
{
    char text[256] = "";
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return false;
    if (mount("cgroup2", groups_place, "cgroup2", 0, NULL) == 0) {
        int fd = open("/mnt/cgroup.subtree_control", O_RDONLY | O_CLOEXEC);
        bool has_pids = fd >= 0 && read(fd, text, sizeof text - 1) > 0 && strstr(text, "pids");
        close(fd);
        if (has_pids)
            return true;
        umount2(groups_place, MNT_DETACH);
    }
    return mount("cgroup", groups_place, "cgroup", 0, "pids") == 0;
}

/* In a child, so that nothing of it remains. */
static inline bool can_limit_processes(void)
{
    int status = 1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(!mount_groups() || mkdir(group_path(), 0755) < 0 || rmdir(group_path()) < 0);
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static inline void write_number(const char *file, long number)
{
    char path[128], text[32];
    snprintf(path, sizeof path, "%s/%s", group_path(), file);
    int len = snprintf(text, sizeof text, "%ld\n", number);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    must(fd >= 0 && write(fd, text, (size_t)len) == len && close(fd) == 0, path);
}

static inline void limit_processes(long most)
{
    must(mount_groups() && (mkdir(group_path(), 0755) == 0 || errno == EEXIST), "a group of processes");
    write_number("pids.max", most);
    write_number("cgroup.procs", getpid());
    must(umount2(groups_place, MNT_DETACH) == 0, "put the groups away");
}

/* When all of it have ended. */
static inline void remove_group(void)
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(!mount_groups() || (rmdir(group_path()) < 0 && errno != ENOENT));
    must(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0, "remove the group of processes");
}

#endif
