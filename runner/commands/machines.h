/* For tests only: machines that allow less than this one. Each is made in a process that is about to execute ipcgrade; nothing of it outlives that process.
 *
 * What a container, a distribution or a shell refuses is refused here by the same means where that can be had (mounts, capabilities, limits, masks of
 * signals), else by a seccomp filter that gives the errno that would come.
 *
 * Sources: Docker's default seccomp profile (moby, profiles/seccomp/default.json); apparmor.d(5), userns; capabilities(7); proc(5), hidepid;
 * crontab(5); make's manual, "Job Slots".
 */
#ifndef IPCGRADE_COMMANDS_MACHINES_H
#define IPCGRADE_COMMANDS_MACHINES_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <mntent.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A user that no other process of this machine is, so that RLIMIT_NPROC counts only our own. */
enum { ORDINARY_BASE = 61000, ORDINARY_COUNT = 3000 };

static inline uid_t ordinary_user(void)
{
    return ORDINARY_BASE + (uid_t)getppid() % ORDINARY_COUNT;
}

/* Whom the children of this process become. */
static inline uid_t ordinary_child(void)
{
    return ORDINARY_BASE + (uid_t)getpid() % ORDINARY_COUNT;
}

/* The program and what it needs, in a folder where any user may execute it, whoever may enter the one that it was built in (a clone in the home of root, say). */
static inline bool copy_program(const char *place)
{
    const char *build = getenv("IPCGRADE_BUILD");
    char command[PATH_MAX * 3];
    int len = snprintf(
        command, sizeof command,
        "cd '%s' && cp -R ipcgrade ipcgrade-agent ipcgrade-probe.so locale '%s' && chmod -R a+rX '%s'",
        build ? build : "build", place, place);
    return len < (int)sizeof command && system(command) == 0;
}

/* In the child that becomes the machine: anything that goes wrong ends it with a status that no command of ours has. */
enum { NOT_MADE = 99 };

static inline void must(bool is_done, const char *what)
{
    if (is_done)
        return;
    fprintf(stderr, "the machine cannot be made: %s: %s\n", what, strerror(errno));
    _exit(NOT_MADE);
}

/* ---- refused calls ------------------------------------------------------------------------------------------------------------ */

struct refusal {
    const char *call; /* NULL ends the list */
    int number;       /* errno */
    int argument; /* the refused calls are those in which this argument has one of these bits; no bits: all */
    unsigned long bits;
};

enum { MOST_BITS = 64 };

static inline void refuse_one(scmp_filter_ctx filter, const struct refusal *refusal)
{
    int call = seccomp_syscall_resolve_name(refusal->call);
    must(call != __NR_SCMP_ERROR, refusal->call);
    if (!refusal->bits)
        must(seccomp_rule_add(filter, SCMP_ACT_ERRNO(refusal->number), call, 0) == 0, refusal->call);
    for (int i = 0; i < MOST_BITS; i++) {
        unsigned long bit = refusal->bits & (1UL << i);
        struct scmp_arg_cmp has = {(unsigned)refusal->argument, SCMP_CMP_MASKED_EQ, bit, bit};
        if (bit)
            must(seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(refusal->number), call, 1, &has) == 0,
                 refusal->call);
    }
}

/* Root may load a filter without giving up setuid programs, as container engines do. */
static inline void refuse(const struct refusal *refusals)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    must(filter != NULL, "seccomp_init");
    if (geteuid() == 0)
        seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
    for (; refusals->call; refusals++)
        refuse_one(filter, refusals);
    must(seccomp_load(filter) == 0, "seccomp_load");
    seccomp_release(filter);
}

enum {
    NEW_NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                     CLONE_NEWPID | CLONE_NEWNET,
};

static const struct refusal container_refusals[] = {
    {"clone", EPERM, 0, NEW_NAMESPACES},
    {"clone3", ENOSYS, 0, 0},
    {"unshare", EPERM, 0, 0},
    {"setns", EPERM, 0, 0},
    {"mount", EPERM, 0, 0},
    {"umount2", EPERM, 0, 0},
    {"pivot_root", EPERM, 0, 0},
    {"bpf", EPERM, 0, 0},
    {"perf_event_open", EPERM, 0, 0},
    {"quotactl", EPERM, 0, 0},
    {NULL, 0, 0, 0},
};

/* AppArmor lets an unprivileged user namespace be made, but its capabilities are void. */
static const struct refusal void_refusals[] = {
    {"mount", EACCES, 0, 0},      {"umount2", EACCES, 0, 0}, {"pivot_root", EACCES, 0, 0},
    {"sethostname", EPERM, 0, 0}, {NULL, 0, 0, 0},
};

/* To start the loopback interface takes a capability, too. */
static inline void refuse_interfaces(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    must(filter && seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                                    SCMP_A1(SCMP_CMP_EQ, SIOCSIFFLAGS)) == 0,
         "refuse SIOCSIFFLAGS");
    must(seccomp_load(filter) == 0, "seccomp_load");
    seccomp_release(filter);
}

static const struct refusal trace_refusals[] = {{"ptrace", EPERM, 0, 0}, {NULL, 0, 0, 0}};

static const struct refusal queue_refusals[] = {
    {"mq_open", ENOSYS, 0, 0},
    {"mq_unlink", ENOSYS, 0, 0},
    {"mq_timedsend", ENOSYS, 0, 0},
    {"mq_timedreceive", ENOSYS, 0, 0},
    {"mq_notify", ENOSYS, 0, 0},
    {"mq_getsetattr", ENOSYS, 0, 0},
    {NULL, 0, 0, 0},
};

static const struct refusal sysv_refusals[] = {
    {"msgget", ENOSYS, 0, 0}, {"msgctl", ENOSYS, 0, 0},     {"msgsnd", ENOSYS, 0, 0},
    {"msgrcv", ENOSYS, 0, 0}, {"semget", ENOSYS, 0, 0},     {"semctl", ENOSYS, 0, 0},
    {"semop", ENOSYS, 0, 0},  {"semtimedop", ENOSYS, 0, 0}, {"shmget", ENOSYS, 0, 0},
    {"shmctl", ENOSYS, 0, 0}, {"shmat", ENOSYS, 0, 0},      {"shmdt", ENOSYS, 0, 0},
    {NULL, 0, 0, 0},
};

/* ---- capabilities ------------------------------------------------------------------------------------------------------------- */

/* What Docker leaves to root in a container. */
enum { CONTAINER_CAPABILITIES_COUNT = 14 };
static const int container_capabilities[CONTAINER_CAPABILITIES_COUNT] = {
    CAP_CHOWN,   CAP_DAC_OVERRIDE, CAP_FSETID,           CAP_FOWNER,
    CAP_MKNOD,   CAP_NET_RAW,      CAP_SETGID,           CAP_SETUID,
    CAP_SETFCAP, CAP_SETPCAP,      CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT,
    CAP_KILL,    CAP_AUDIT_WRITE,
};

static inline unsigned long long container_mask(void)
{
    unsigned long long mask = 0;
    for (int i = 0; i < CONTAINER_CAPABILITIES_COUNT; i++)
        mask |= 1ULL << container_capabilities[i];
    return mask;
}

/* Keep these capabilities only, over execve(2) too. */
static inline void keep_capabilities(unsigned long long mask)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{(unsigned)mask, (unsigned)mask, 0},
                                             {(unsigned)(mask >> 32), (unsigned)(mask >> 32), 0}};
    for (int i = 0; i <= CAP_LAST_CAP; i++)
        if (!(mask & (1ULL << i)))
            prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
    struct __user_cap_data_struct now[2];
    must(syscall(SYS_capget, &head, now) == 0, "capget");
    for (int i = 0; i < 2; i++)
        data[i].permitted = data[i].effective = data[i].permitted & now[i].permitted;
    must(syscall(SYS_capset, &head, data) == 0, "capset");
}

static inline void be_ordinary(void)
{
    uid_t user = ordinary_user();
    if (geteuid() != 0)
        return;
    must(setgroups(0, NULL) == 0 && setresgid(user, user, user) == 0 && setresuid(user, user, user) == 0,
         "change to an ordinary user");
}

/* ---- containers --------------------------------------------------------------------------------------------------------------- */

/* Docker's, as it comes. */
static inline void container(void)
{
    refuse(container_refusals);
    keep_capabilities(container_mask());
}

static inline void tracing_container(void)
{
    refuse(container_refusals);
    keep_capabilities(container_mask() | 1ULL << CAP_SYS_PTRACE);
}

static inline void user_in_container(void)
{
    refuse(container_refusals);
    be_ordinary();
}

/* ---- mounts ------------------------------------------------------------------------------------------------------------------- */

static inline void own_mounts(void)
{
    must(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "own mounts");
}

static inline void bind_read_only(const char *path)
{
    must(mount(path, path, NULL, MS_BIND, NULL) == 0 &&
             mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0,
         path);
}

/* A container sees none but its own; here a chroot or another container may have one, and the kernel lets a fresh one be mounted as long as any that is not masked can be seen. */
static inline void take_other_procs_away(void)
{
    FILE *mounts = setmntent("/proc/self/mounts", "re");
    must(mounts != NULL, "/proc/self/mounts");
    for (struct mntent *entry; (entry = getmntent(mounts));)
        if (strcmp(entry->mnt_type, "proc") == 0 && strcmp(entry->mnt_dir, "/proc") != 0)
            must(umount2(entry->mnt_dir, MNT_DETACH) == 0 || errno == EINVAL || errno == ENOENT,
                 entry->mnt_dir);
    endmntent(mounts);
}

/* What every container engine does to /proc: what tells of the machine is covered, what steers it is read-only. A fresh /proc cannot be mounted then. */
static inline void mask_proc(void)
{
    static const char *const covered[] = {"/proc/acpi", "/proc/scsi", "/sys/firmware"};
    own_mounts();
    take_other_procs_away();
    for (size_t i = 0; i < sizeof covered / sizeof *covered; i++)
        must(mount("tmpfs", covered[i], "tmpfs", MS_RDONLY, NULL) == 0 || errno == ENOENT, covered[i]);
    bind_read_only("/proc/sys");
    bind_read_only("/proc/irq");
}

/* Less for temporary files than the agent needs. */
static inline void tiny_directory(void)
{
    own_mounts();
    must(mount("tmpfs", "/mnt", "tmpfs", 0, "size=512k,mode=1777") == 0, "a small file system");
    setenv("TMPDIR", "/mnt", 1);
}

/* /tmp itself is as small, and nobody has named another place. The folder of the test, which lies there, is shown in it. */
static inline void tiny_slash_tmp(void)
{
    char here[PATH_MAX], there[PATH_MAX + sizeof "/mnt"];
    own_mounts();
    must(getcwd(here, sizeof here) && strncmp(here, "/tmp/", strlen("/tmp/")) == 0, "a folder in /tmp");
    snprintf(there, sizeof there, "/mnt%s", here + strlen("/tmp"));
    must(mount("tmpfs", "/mnt", "tmpfs", 0, "size=512k,mode=1777") == 0, "a small file system");
    must(mkdir(there, 0755) == 0 && mount(here, there, NULL, MS_BIND, NULL) == 0, there);
    must(mount("/mnt", "/tmp", NULL, MS_MOVE, NULL) == 0 && chdir(here) == 0, "a small /tmp");
    unsetenv("TMPDIR");
}

static inline void limit(__rlimit_resource_t resource, rlim_t value)
{
    struct rlimit both = {value, value};
    must(setrlimit(resource, &both) == 0, "setrlimit");
}

/* A /dev with the usual six and what else is asked for, but without shm, mqueue and pts. */
static inline void poor_dev(void)
{
    static const char *const nodes[] = {"null", "zero", "full", "random", "urandom", "tty"};
    own_mounts();
    must(mount("tmpfs", "/mnt", "tmpfs", 0, "mode=0755") == 0, "a new /dev");
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
        char from[64], to[64];
        snprintf(from, sizeof from, "/dev/%s", nodes[i]);
        snprintf(to, sizeof to, "/mnt/%s", nodes[i]);
        must(mknod(to, S_IFREG | 0666, 0) == 0 && mount(from, to, NULL, MS_BIND, NULL) == 0, from);
    }
    must(mount("/mnt", "/dev", NULL, MS_MOVE, NULL) == 0, "/dev");
}

/* The machine's own terminals in such a /dev. */
static inline void lend_terminals(void)
{
    must(mkdir("/dev/pts", 0755) == 0 &&
             mount("devpts", "/dev/pts", "devpts", 0, "newinstance,ptmxmode=0666") == 0 &&
             symlink("pts/ptmx", "/dev/ptmx") == 0,
         "terminals");
}

/* What container engines put into /dev, with objects of its own. */
static inline void container_dev(void)
{
    static const char *const links[][2] = {{"/proc/self/fd", "/dev/fd"},
                                           {"/proc/self/fd/0", "/dev/stdin"},
                                           {"/proc/self/fd/1", "/dev/stdout"},
                                           {"/proc/self/fd/2", "/dev/stderr"}};
    poor_dev();
    lend_terminals();
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        must(symlink(links[i][0], links[i][1]) == 0, links[i][1]);
    must(mkdir("/dev/shm", 0755) == 0 && mount("tmpfs", "/dev/shm", "tmpfs", 0, "mode=1777") == 0,
         "shared memory");
    must(mkdir("/dev/mqueue", 0755) == 0 && mount("mqueue", "/dev/mqueue", "mqueue", 0, NULL) == 0,
         "POSIX queues");
}

#endif
