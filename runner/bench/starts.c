/* What it costs to start /bin/true: plainly, in our sandbox, and in bubblewrap with the same namespaces and a comparable root.
 *
 *     starts ROUNDS [without-bwrap]
 *
 * Each round starts it once each way, one after the other, and prints lines `ROUND<tab>NAME<tab>NANOSECONDS`. An end is always waited for: our sandbox is measured from
 * sandbox_open() to the end of sandbox_close(), bubblewrap from its fork to its end.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "bench/argument.h"
#include "sandbox/sandbox.h"

static char *const plain[] = {"/bin/true", NULL};

/* System directories read-only, fresh /proc, /dev and /tmp, no capabilities, another user: what ours does too. Links as Debian 12 has them. */
static char *const bubblewrap[] = {
    "bwrap",   "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts",
    "--uid",   "1000",           "--gid",         "1000",          "--ro-bind",     "/usr",
    "/usr",    "--symlink",      "usr/bin",       "/bin",          "--symlink",     "usr/lib",
    "/lib",    "--symlink",      "usr/lib64",     "/lib64",        "--proc",        "/proc",
    "--dev",   "/dev",           "--tmpfs",       "/tmp",          "--tmpfs",       "/case",
    "--chdir", "/case",          "--cap-drop",    "ALL",           "--new-session", "/bin/true",
    NULL};

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* As a shell would: fork and exec. */
static bool run(char *const argv[])
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[0], argv);
        _exit(127);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool run_sandboxed(double at[4], struct err *err)
{
    const struct sandbox_config config = {.disk_bytes = 0};
    const struct spawn spawn = {
        .path = plain[0], .argv = plain, .envp = environ, .in = SPAWN_NONE, .out = SPAWN_NONE};
    struct sandbox *sandbox = NULL;
    struct spawned spawned;
    at[0] = now_ns();
    if (!sandbox_open(&sandbox, &config, err))
        return false;
    at[1] = now_ns();
    bool is_started = sandbox_spawn(sandbox, &spawn, &spawned, err) && sandbox_go(sandbox, &spawned, err);
    if (is_started) {
        char text[512];
        cleanup_fd int from = spawned.from_stderr; /* its end of file is the end of /bin/true */
        struct pollfd wait = {.fd = from, .events = POLLIN};
        while (poll(&wait, 1, -1) > 0 && read(from, text, sizeof text) > 0)
            ;
    }
    at[2] = now_ns();
    sandbox_close(sandbox);
    at[3] = now_ns();
    return is_started;
}

static bool one_round(long round, bool with_bubblewrap, struct err *err)
{
    double at[4], begun = now_ns();
    if (!run(plain))
        return err_set(err, "/bin/true could not be run");
    printf("%ld\tfork and exec\t%.0f\n", round, now_ns() - begun);
    if (!run_sandboxed(at, err))
        return false;
    printf("%ld\tour sandbox\t%.0f\n", round, at[3] - at[0]);
    printf("%ld\t  of it open\t%.0f\n", round, at[1] - at[0]);
    printf("%ld\t  of it run\t%.0f\n", round, at[2] - at[1]);
    printf("%ld\t  of it close\t%.0f\n", round, at[3] - at[2]);
    if (!with_bubblewrap)
        return true;
    begun = now_ns();
    if (!run(bubblewrap))
        return err_set(err, "bwrap could not run /bin/true");
    printf("%ld\tbubblewrap\t%.0f\n", round, now_ns() - begun);
    return true;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    long rounds = argc > 1 ? argument_number(argv[1]) : 50;
    bool with_bubblewrap = argc < 3;
    for (long round = 0; round < rounds; round++) {
        if (one_round(round, with_bubblewrap, &err))
            continue;
        err_print(stderr, &err);
        return 3;
    }
    return 0;
}
