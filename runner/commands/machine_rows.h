/* For machines_test.c only: the table of machines, and what is checked on each of them. sandbox/README.md tells it to people.
 *
 * How a machine is made poor is in machines.h.
 */
#ifndef IPCGRADE_COMMANDS_MACHINE_ROWS_H
#define IPCGRADE_COMMANDS_MACHINE_ROWS_H

#include <mqueue.h>

#include "commands/machines.h"

/* The cases in the order of the letters in a row of the table. */
static const char *const ids[] = {"c/closed", "c/fifo",   "c/mq",      "c/other", "c/pipe",    "c/queue",
                                  "c/sem",    "c/socket", "c/standin", "c/stuck", "c/terminal"};
enum { CASES = sizeof ids / sizeof *ids };

#define ALL "PPPPPPPPPFP"      /* passed, and the one that must be is failed */
#define ORDINARY "PPPsPPPPPFP" /* but for the second user */
#define BARE                                                                                                 \
    "PPssPPPPsFP" /* no namespace: no second user, no queues of its own, nothing in another's place */
#define NOTHING "sssssssssss"

static void good(void)
{
}

static void rootless_container(void)
{
    refuse(container_refusals);
    keep_capabilities(0);
}

static void masked_container(void)
{
    mask_proc();
    container();
}

static void void_namespaces(void)
{
    be_ordinary();
    refuse(void_refusals);
}

/* The map of a root that may not set ids is refused by the kernel itself. */
static void unmapped(void)
{
    keep_capabilities(~(1ULL << CAP_SETUID | 1ULL << CAP_SETGID | 1ULL << CAP_SETFCAP));
}

static void masked_proc(void)
{
    mask_proc();
    be_ordinary();
}

static void hidden_pids(void)
{
    own_mounts();
    must(mount("proc", "/proc", "proc", 0, "hidepid=2") == 0, "hidepid");
    be_ordinary();
}

static void no_proc(void)
{
    own_mounts();
    must(umount2("/proc", MNT_DETACH) == 0, "take /proc away");
}

static void no_ptrace(void)
{
    refuse(trace_refusals);
}

static void no_ptrace_for_a_user(void)
{
    no_ptrace();
    be_ordinary();
}

static void no_filters(void)
{
    refuse((const struct refusal[]){{"seccomp", EINVAL, 0, 0}, {NULL, 0, 0, 0}});
}

static void no_foreign_memory(void)
{
    refuse((const struct refusal[]){
        {"process_vm_readv", EPERM, 0, 0}, {"process_vm_writev", EPERM, 0, 0}, {NULL, 0, 0, 0}});
}

static void no_queues(void)
{
    refuse(queue_refusals);
    be_ordinary();
}

/* Another program of this user's has all its queues. They live as long as ipcgrade, which inherits them. */
static void full_queues(void)
{
    mqd_t queue;
    be_ordinary();
    while ((queue = mq_open("/ipcgrade-full", O_RDWR | O_CREAT | O_EXCL, 0600, NULL)) >= 0)
        must(mq_unlink("/ipcgrade-full") == 0 && fcntl(queue, F_SETFD, 0) == 0, "keep a queue");
    must(errno == EMFILE, "fill the user's queues");
}

static void no_system_v(void)
{
    refuse(sysv_refusals);
}

static void read_only_root(void)
{
    own_mounts();
    must(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0, "a read-only root");
    be_ordinary();
}

static void read_only_container(void)
{
    own_mounts();
    must(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0, "a read-only root");
    container();
}

static void no_shared_memory(void)
{
    poor_dev();
    lend_terminals();
    user_in_container();
}

static void no_shared_memory_but_namespaces(void)
{
    poor_dev();
    be_ordinary();
}

static void no_terminals(void)
{
    poor_dev();
    user_in_container();
}

static void tiny_tmp(void)
{
    tiny_directory();
    be_ordinary();
}

static void tiny_tmp_in_container(void)
{
    tiny_directory();
    container();
}

static void few_descriptors(void)
{
    limit(RLIMIT_NOFILE, 64);
    be_ordinary();
}

static void little_memory(void)
{
    limit(RLIMIT_AS, 256 << 20);
    be_ordinary();
}

static void small_files(void)
{
    limit(RLIMIT_FSIZE, 4096);
    be_ordinary();
}

static void few_processes(void)
{
    limit(RLIMIT_NPROC, 3);
    be_ordinary();
}

static void enough_processes(void)
{
    limit(RLIMIT_NPROC, 40);
    user_in_container();
}

static void no_terminal(void)
{
    must(setsid() >= 0, "a session of its own");
}

static void locale_c(void)
{
    unsetenv("LANGUAGE");
    setenv("LC_ALL", "C", 1);
}

static void locale_korean(void)
{
    unsetenv("LANGUAGE");
    setenv("LC_ALL", "ko_KR.UTF-8", 1);
}

/* As in a recipe without "+": what names the job server is there, its descriptors are not. */
static void below_make(void)
{
    setenv("MAKEFLAGS", "n -j3 --jobserver-auth=33,34", 1);
    setenv("MFLAGS", "-n -j3", 1);
    setenv("MAKELEVEL", "2", 1);
    setenv("MAKEOVERRIDES", "CC=false", 1);
}

static void cron(void)
{
    clearenv();
    setenv("PATH", "/usr/bin:/bin", 1);
    setenv("SHELL", "/bin/sh", 1);
    must(setsid() >= 0, "a session of its own");
}

static void no_environment(void)
{
    clearenv();
    be_ordinary();
}

static void no_input(void)
{
    close(STDIN_FILENO);
}

static void no_output(void)
{
    close(STDOUT_FILENO);
}

static void no_errors(void)
{
    close(STDERR_FILENO);
}

static void no_input_no_errors(void)
{
    close(STDIN_FILENO);
    close(STDERR_FILENO);
}

static void no_streams(void)
{
    no_output();
    no_input_no_errors();
}

static void closed_mask(void)
{
    umask(0777);
    be_ordinary();
}

static void open_mask(void)
{
    umask(0);
    be_ordinary();
}

static void ignored_signals(void)
{
    signal(SIGCHLD, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    be_ordinary();
}

static void blocked_signals(void)
{
    sigset_t all;
    sigfillset(&all);
    must(sigprocmask(SIG_SETMASK, &all, NULL) == 0, "block all signals");
    be_ordinary();
}

static void ordinary(void)
{
    unsetenv("HOME");
    be_ordinary();
}

/* One machine. `cases` has a letter for each of ids[]: (P)assed, (F)ailed, (s)kipped, (B)roken; NULL: there is no report, and `says` is on standard error. */
static const struct machine {
    const char *name;
    void (*make)(void);
    const char *cases;
    const char *doctor; /* the doctor says so; NULL: nothing is missing; "": it is not asked */
    const char *says;
} machines[] = {
    {"root", good, ALL, NULL, NULL},
    {"an ordinary user, without HOME", ordinary, ORDINARY, "run ipcgrade as root", NULL},
    {"a container, as root", container, BARE, "--cap-add=SYS_PTRACE", NULL},
    {"a container with SYS_PTRACE", tracing_container, "PPsPPPPPsFP", "--cap-add=SYS_ADMIN", NULL},
    {"a container, all capabilities dropped", rootless_container, BARE, "--cap-add=SYS_ADMIN", NULL},
    {"a container, as a user", user_in_container, BARE, "--cap-add=SYS_ADMIN", NULL},
    {"a container that masks /proc", masked_container, BARE, "systempaths=unconfined", NULL},
    {"user namespaces without capabilities", void_namespaces, BARE, "mount namespace", NULL},
    {"ids that cannot be mapped", unmapped, ORDINARY, "a second user", NULL},
    {"a masked /proc", masked_proc, ORDINARY, "own /proc", NULL},
    {"/proc with hidepid", hidden_pids, ORDINARY, "run ipcgrade as root", NULL},
    {"no /proc", no_proc, NULL, "", "/proc is not mounted"},
    {"no ptrace", no_ptrace, NOTHING, "tracing", NULL},
    {"no ptrace, as a user", no_ptrace_for_a_user, NOTHING, "tracing", NULL},
    {"no seccomp filters", no_filters, NULL, "tracing", "seccomp filter"},
    {"no reading of a process's memory", no_foreign_memory, NOTHING, "tracing", NULL},
    {"no POSIX queues", no_queues, "PPssPPPPPFP", "CONFIG_POSIX_MQUEUE", NULL},
    {"POSIX queues used up", full_queues, "PPssPPPPPFP", "remove queues", NULL},
    {"no System V IPC", no_system_v, "sPPsPsPPPFP", "System V IPC", NULL},
    {"a read-only root", read_only_root, ORDINARY, "run ipcgrade as root", NULL},
    {"a container with a read-only root", read_only_container, NULL, "set TMPDIR", "Read-only file system"},
    {"no /dev/shm, in a container", no_shared_memory, "PPssPPsPsFP", "mount -t tmpfs tmpfs /dev/shm", NULL},
    {"no /dev/shm, but namespaces", no_shared_memory_but_namespaces, ORDINARY,
     "mount -t tmpfs tmpfs /dev/shm", NULL},
    {"no terminals, in a container", no_terminals, NOTHING, "mount -t devpts", NULL},
    {"a tiny TMPDIR", tiny_tmp, ORDINARY, "run ipcgrade as root", NULL},
    {"a tiny TMPDIR in a container", tiny_tmp_in_container, "BBBBBBBBBBB", "set TMPDIR", NULL},
    {"64 descriptors", few_descriptors, "PPPsPPPPPsP", "raise the hard limits", NULL},
    {"256 MiB for a process", little_memory, "PPPsPPPPPsP", "raise the hard limits", NULL},
    {"files of 4 KiB", small_files, NULL, "raise the hard limits", "File too large"},
    {"3 processes", few_processes, NULL, "", "Resource temporarily unavailable"},
    {"40 processes, in a container", enough_processes, BARE, "raise the hard limits", NULL},
    {"no controlling terminal", no_terminal, ALL, NULL, NULL},
    {"locale C", locale_c, ALL, NULL, NULL},
    {"locale ko_KR.UTF-8", locale_korean, ALL, NULL, NULL},
    {"below make -j -n", below_make, ALL, NULL, NULL},
    {"cron", cron, ALL, NULL, NULL},
    {"no environment", no_environment, ORDINARY, "run ipcgrade as root", NULL},
    {"no standard input", no_input, ALL, NULL, NULL},
    {"no standard output", no_output, NULL, "", "write the json report: Bad file descriptor"},
    {"no standard error", no_errors, ALL, NULL, NULL},
    {"no standard input and error", no_input_no_errors, ALL, NULL, NULL},
    {"no standard streams", no_streams, NULL, "", ""},
    {"umask 777", closed_mask, ORDINARY, "run ipcgrade as root", NULL},
    {"umask 0", open_mask, ORDINARY, "run ipcgrade as root", NULL},
    {"SIGCHLD and SIGPIPE ignored", ignored_signals, ORDINARY, "run ipcgrade as root", NULL},
    {"all signals blocked", blocked_signals, ORDINARY, "run ipcgrade as root", NULL},
};

#endif
