/* For tests of this room only: an ordinary user who grades, played by root. */
#ifndef IPCGRADE_JUDGE_ORDINARY_H
#define IPCGRADE_JUDGE_ORDINARY_H

#include <check.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Where it may: nobody else's objects come and go here, another run of the same test's least of all. */
static inline void leave_machines_objects(void)
{
    unshare(CLONE_NEWIPC);
    if (unshare(CLONE_NEWNS) != 0)
        return;
    ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    ck_assert_int_eq(mount("shm", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777"), 0);
}

/* For good, in a process of its own; nothing where we are one. What is played is carried to the directory, where he may read it. */
static inline void become_ordinary(const char *directory)
{
    enum { FIRST_USER = 61000, USERS_COUNT = 3000 };
    const uid_t user = FIRST_USER + (uid_t)getpid() % USERS_COUNT;
    const char *build = getenv("IPCGRADE_BUILD") ? getenv("IPCGRADE_BUILD") : "build";
    char command[2048];
    if (geteuid() != 0)
        return;
    snprintf(command, sizeof command,
             "mkdir -p '%s/build/fixtures' && cp -r '%s/fixtures/programs' '%s/build/fixtures' && "
             "cp '%s/ipcgrade-agent' '%s/ipcgrade-probe.so' '%s/build' && mkdir '%s/fixtures' && "
             "cp -r fixtures/programs '%s/fixtures' && chown -R %u '%s'",
             directory, build, directory, build, build, directory, directory, directory, user, directory);
    ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c): the shell copies
    ck_assert_int_eq(chdir(directory), 0);
    setenv("IPCGRADE_BUILD", "build", 1);
    ck_assert_int_eq(setresgid(user, user, user) + setresuid(user, user, user), 0);
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* to be traced */
}

#endif
