/* For tests only: a suite that sees none of the machine's processes. */
#ifndef IPCGRADE_COMMANDS_SUITE_APART_H
#define IPCGRADE_COMMANDS_SUITE_APART_H

#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/run_test.h"

/* Where it may, with numbers of processes of its own: who looks through all of them (ipcgrade without namespaces, of which each call stops for us) finds few. A test that is killed takes with
 * it whatever it has left. */
static inline int run_suite_apart(Suite *suite)
{
    int status = 0;
    if (unshare(CLONE_NEWNS | CLONE_NEWPID) < 0)
        return run_suite(suite);
    pid_t pid = fork();
    if (pid == 0) {
        bool is_apart = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
                        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
                        mount("proc", "/proc", "proc", 0, NULL) == 0;
        exit(is_apart ? run_suite(suite) : EXIT_FAILURE);
    }
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

#endif
