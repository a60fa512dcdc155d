/* For tests only: whatever temporary folders and files a program of tests makes are gone when it has ended, also those of a check that failed or was killed, and when the
 * program itself is killed.
 *
 * mkdtemp(3) and its like are put in front of the C library's, for what is tested, too: each path that they make is noted in a memory file that all forked processes share. The program
 * removes at its end what is still there of it. A process apart does so where the program comes to no end: it waits for its death.
 */
#ifndef IPCGRADE_BASE_PLACES_TEST_H
#define IPCGRADE_BASE_PLACES_TEST_H

#include <dlfcn.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PLACES_FD = 900 }; /* above what tests count or expect */

static struct {
    pid_t owner, guard;
    int notes; /* absolute paths, each with its NUL */
} made_places = {0, 0, -1};

static inline int places_remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    remove(path);
    return 0;
}

static inline void places_sweep(void)
{
    char path[PATH_MAX];
    ssize_t len;
    for (off_t at = 0; (len = pread(made_places.notes, path, sizeof path - 1, at)) > 0;) {
        path[len] = '\0';
        nftw(path, places_remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
        at += (off_t)strlen(path) + 1;
    }
}

static inline void places_wait_for_death(int program)
{
    struct pollfd death = {program, POLLIN, 0};
    while (poll(&death, 1, -1) < 0)
        ;
    places_sweep();
    _exit(0);
}

/* From here on. Called by run_suite(); earlier only by who makes places before. */
static inline void places_guard(void)
{
    if (made_places.owner == getpid())
        return;
    int program = (int)syscall(SYS_pidfd_open, getpid(), 0), notes = memfd_create("places", MFD_CLOEXEC);
    made_places.owner = getpid();
    made_places.notes = fcntl(notes, F_DUPFD_CLOEXEC, PLACES_FD);
    close(notes);
    made_places.guard = program < 0 ? -1 : fork(); /* without it only a killed program leaves something */
    if (made_places.guard == 0) {
        setsid(); /* who ends the program by a signal to its group does not end this one */
        places_wait_for_death(program);
    }
    if (program >= 0)
        close(program);
}

static inline void places_end(void)
{
    places_sweep();
    if (made_places.guard > 0) {
        kill(made_places.guard, SIGKILL);
        waitpid(made_places.guard, NULL, 0);
    }
    close(made_places.notes);
    made_places.notes = -1;
    made_places.owner = 0;
}

static inline void places_note(const char *path)
{
    char whole[PATH_MAX];
    if (made_places.notes >= 0 && realpath(path, whole) &&
        write(made_places.notes, whole, strlen(whole) + 1) != (ssize_t)strlen(whole) + 1)
        perror("tests: a temporary place is not noted");
}

__attribute__((weak)) char *mkdtemp(char *template)
{
    char *(*real)(char *) = dlsym(RTLD_NEXT, "mkdtemp"), *made = real(template);
    if (made)
        places_note(made);
    return made;
}

__attribute__((weak)) int mkstemp(char *template)
{
    int (*real)(char *) = dlsym(RTLD_NEXT, "mkstemp"), made = real(template);
    if (made >= 0)
        places_note(template);
    return made;
}

__attribute__((weak)) int mkstemps(char *template, int suffixlen)
{
    int (*real)(char *, int) = dlsym(RTLD_NEXT, "mkstemps"), made = real(template, suffixlen);
    if (made >= 0)
        places_note(template);
    return made;
}

__attribute__((weak)) int mkostemp(char *template, int flags)
{
    int (*real)(char *, int) = dlsym(RTLD_NEXT, "mkostemp"), made = real(template, flags);
    if (made >= 0)
        places_note(template);
    return made;
}

#endif
