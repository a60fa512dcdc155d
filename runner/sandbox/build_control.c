/* Building a program that certainly compiles; see build_control.h. */
#include "sandbox/build_control.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "sandbox/sandbox.h"

enum { MOST_SAID = 4096 };

static const char script[] =
    "printf 'int main(void)\\n{\\n    return 0;\\n}\\n' >control.c && make -s control && "
    "./control && echo built >&2";
static const char built[] = "built\n";

/* Until its standard error ends: with the last process that has it. */
static bool listen_to(int fd, struct bytes *said, struct err *err)
{
    char part[1024];
    for (;;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        if (poll(&wait, 1, -1) < 0 && errno != EINTR)
            return err_sys(err, "wait for a build of our own");
        ssize_t len = read(fd, part, sizeof part);
        if (len == 0)
            return true;
        if (len < 0 && errno != EAGAIN && errno != EINTR)
            return err_sys(err, "read what a build of our own prints");
        if (len > 0)
            bytes_add(said, part, (size_t)len, MOST_SAID);
    }
}

static bool run(struct sandbox *sandbox, struct bytes *said, struct err *err)
{
    char *argv[] = {"sh", "-c", (char *)script, NULL};
    char *envp[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp", "LANG=C.UTF-8", NULL};
    const struct spawn spawn = {
        .path = "/bin/sh", .argv = argv, .envp = envp, .in = SPAWN_NONE, .out = SPAWN_NONE};
    struct spawned shell;
    if (!sandbox_spawn(sandbox, &spawn, &shell, err))
        return false;
    cleanup_fd int from = shell.from_stderr;
    return sandbox_go(sandbox, &shell, err) && listen_to(from, said, err);
}

bool build_control(int clock_watch, struct err *err)
{
    const struct sandbox_config config = {.files = NULL};
    cleanup_bytes struct bytes said = {0};
    struct sandbox *sandbox = NULL;
    if (clock_was_set(clock_watch))
        return err_set(err, "somebody set this machine's clock while the submission was built");
    if (!sandbox_open(&sandbox, &config, err))
        return false;
    bool is_run = run(sandbox, &said, err);
    sandbox_close(sandbox);
    if (!is_run)
        return false;
    const char *text = bytes_text(&said);
    size_t len = strlen(text), end = sizeof built - 1;
    return (len >= end && strcmp(text + len - end, built) == 0) ||
           err_set(err, "this machine cannot build the shortest program: %.*s", (int)strcspn(text, "\n"),
                   text);
}
