/* For machines_test.c only: one function for each machine of machine_rows.h, which makes it of the parts in machines.h. */
#ifndef IPCGRADE_COMMANDS_MACHINE_MAKERS_H
#define IPCGRADE_COMMANDS_MACHINE_MAKERS_H

#include <mqueue.h>

#include "commands/machine_answers.h"
#include "commands/machines.h"

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
    refuse_interfaces();
}

/* Ubuntu from 24.04 on: the namespace is made, and nothing can be done in it; a process of it may not even map its own ids. */
static void restricted_namespaces(void)
{
    show_restriction();
    refuse_maps(OWN_MAP);
    void_namespaces();
}

/* All else can be done there. */
static void maps_refused_inside(void)
{
    refuse_maps(OWN_MAP);
    be_ordinary();
}

/* The runner itself is confined in the same way. */
static void maps_refused_to_the_runner(void)
{
    show_restriction();
    refuse_maps(RUNNERS_MAP);
    be_ordinary();
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

static void tiny_system_tmp(void)
{
    tiny_slash_tmp();
    be_ordinary();
}

static void tiny_system_tmp_for_root(void)
{
    tiny_slash_tmp();
}

static void tiny_system_tmp_in_container(void)
{
    tiny_slash_tmp();
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

/* What malloc(3) takes, and nothing that is shared or read-only. */
static void little_data(void)
{
    limit(RLIMIT_DATA, 256 << 20);
    be_ordinary();
}

/* Enough for all that a build writes, and less than what a case promises. */
static void files_for_a_build(void)
{
    limit(RLIMIT_FSIZE, 4 << 20);
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

/* The group of a container counts root's processes, too. */
static void hardly_any_processes(void)
{
    limit_processes(3);
}

/* Not always enough for one case beside another; which of them is refused is chance. */
static void some_processes(void)
{
    limit_processes(12);
}

static void enough_for_one(void)
{
    limit_processes(16);
    container();
}

static void little_processor_time(void)
{
    limit(RLIMIT_CPU, 4);
    be_ordinary();
}

static void small_stack(void)
{
    limit(RLIMIT_STACK, 1 << 20);
    be_ordinary();
}

static void no_locked_memory(void)
{
    limit(RLIMIT_MEMLOCK, 0);
    be_ordinary();
}

static void no_queued_signals(void)
{
    limit(RLIMIT_SIGPENDING, 0);
    be_ordinary();
}

static void no_bytes_of_queues(void)
{
    limit(RLIMIT_MSGQUEUE, 0);
    be_ordinary();
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

#endif
