/* Building a submission; see build.h.
 *
 * The shell that runs the command tells its status through its standard error, which the command itself does not have.
 */
#include "sandbox/build.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "sandbox/build_control.h"
#include "sandbox/build_time.h"
#include "sandbox/build_tools.h"
#include "sandbox/sandbox.h"
#include "sandbox/submission.h"

enum { DISK = 256 << 20, PROCESSES = 512, OPEN_FILES = 256 };
static const rlim_t memory_bytes = 4ULL << 30;

struct build {
    const struct build_request *request;
    struct build_outcome *outcome;
    struct sandbox *sandbox;
    size_t printed;
    struct bytes status_text;
    struct build_time time; /* of all that runs */
    bool is_in_doubt;       /* it failed, and nobody knows yet whether anything can be built here */
    int unread;             /* the errno for which what it prints could not be read, or 0 */
};

static void note(struct build *build, const char *name, const char *what)
{
    bytes_print(&build->outcome->output, "ipcgrade: %s: %s\n", name, what);
}

/* Whoever has only his C files in a folder is graded all the same, and is told. */
static bool put_makefile(struct build *build, struct err *err)
{
    const char *makefile = build->request->makefile;
    bool is_there;
    if (!makefile || build->outcome->is_too_large)
        return true;
    if (!submission_has_makefile(build->request->submission, &is_there, err))
        return false;
    if (is_there)
        return true;
    cleanup_fd int fd = open(makefile, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || err_sys(err, "open %s", makefile);
    note(build, "Makefile", _("there is none; the one of the handout is taken"));
    return sandbox_put(build->sandbox, fd, "Makefile", 0644, err);
}

/* ---- running --------------------------------------------------------------------------------------------------------- */

/* After all that has come was read: may there be more? */
static bool is_open_still(struct build *build, ssize_t len)
{
    if (len == 0 || errno == EAGAIN || errno == EINTR)
        return len < 0;
    build->unread = errno;
    return false;
}

/* Take what has come. False at the end of it. */
static bool read_output(struct build *build, int fd)
{
    char part[16384];
    ssize_t len;
    while ((len = read(fd, part, sizeof part)) > 0) {
        build->printed += (size_t)len;
        if (!bytes_add(&build->outcome->output, part, (size_t)len, BUILD_OUTPUT))
            build->outcome->is_cut = true;
        if (build->printed > BUILD_FLOOD) {
            build->outcome->is_flood = true;
            return true;
        }
    }
    return is_open_still(build, len);
}

static bool read_status(struct build *build, int fd)
{
    enum { STATUS_TEXT = 64 };
    char part[STATUS_TEXT];
    ssize_t len;
    while ((len = read(fd, part, sizeof part)) > 0)
        bytes_add(&build->status_text, part, (size_t)len, STATUS_TEXT);
    return is_open_still(build, len);
}

/* Until the shell has ended: then its standard error does. Somebody in the background may keep the standard output open; that counts for nothing. */
static bool follow(struct build *build, const struct spawned *shell, struct err *err)
{
    struct pollfd wait[] = {{.fd = shell->from_stderr, .events = POLLIN},
                            {.fd = shell->from_stdout, .events = POLLIN}};
    for (;;) {
        if (!build_time_look(&build->time, build->sandbox, err))
            return false;
        if (build->time.is_over) {
            build->outcome->is_timed_out = true;
            return true;
        }
        if (poll(wait, 2, build_time_left_ms(&build->time)) < 0 && errno != EINTR)
            return err_sys(err, "wait for the build");
        if (wait[1].revents && !read_output(build, shell->from_stdout))
            wait[1].fd = -1;
        if (build->outcome->is_flood)
            return true;
        if (wait[0].revents && !read_status(build, shell->from_stderr))
            break;
    }
    read_output(build, shell->from_stdout);
    errno = build->unread;
    return errno == 0 || err_sys(err, "read what the build prints");
}

static void close_streams(struct spawned *shell)
{
    close(shell->from_stdout);
    close(shell->from_stderr);
}

/* The shell's first line is empty, and written before anything of the submission runs: where it is missing, the shell was killed before it was one, and that is no failed build. */
static bool has_begun(struct build *build, struct err *err)
{
    if (build->status_text.len == 0)
        return build->outcome->is_timed_out || build->outcome->is_flood ||
               (sandbox_answers(build->sandbox, err) &&
                err_set(err, "the shell of the build ended before it began"));
    memmove(build->status_text.data, build->status_text.data + 1, build->status_text.len--);
    return true;
}

/* Where /tmp is the machine's, a compiler that is killed would leave its files there. */
static void name_temporary(const struct build *build, struct bytes *to)
{
    bool has_own = !(sandbox_lacks(build->sandbox) & LACKS_MOUNT_NS);
    bytes_print(to, "TMPDIR=%s%s", has_own ? "/tmp" : sandbox_directory(build->sandbox),
                has_own ? "" : "/" BUILD_OWN_NAMES "tmp");
}

/* Run `command` by the shell in the submission's directory. */
static bool run(struct build *build, const char *command, struct err *err)
{
    cleanup_bytes struct bytes script = {0}, path = {0}, temporary = {0};
    bytes_print(&script,
                "exec 9>&2 2>&1\necho >&9\n[ -d \"$TMPDIR\" ] || /bin/mkdir -m 700 \"$TMPDIR\" 2>&-\n"
                "(\n%s\n) 9>&-\nstatus=$?\nexec >&- 2>&-\necho $status >&9\n",
                command);
    name_temporary(build, &temporary);
    bytes_print(&path, "PATH=%s/" BUILD_TOOLS ":/usr/local/bin:/usr/bin:/bin",
                sandbox_directory(build->sandbox));
    char *argv[] = {"sh", "-c", (char *)bytes_text(&script), NULL};
    char *envp[] = {(char *)bytes_text(&path),
                    (char *)bytes_text(&temporary),
                    "HOME=/tmp",
                    "LANG=C.UTF-8",
                    "TERM=dumb",
                    "MAKEFLAGS=k",
                    NULL};
    struct spawn spawn = {.path = "/bin/sh",
                          .argv = argv,
                          .envp = envp,
                          .in = SPAWN_NONE,
                          .out = SPAWN_PIPE,
                          .cpu_seconds = BUILD_CPU_SECONDS,
                          .memory_bytes = memory_bytes,
                          .file_bytes = DISK,
                          .nofile = OPEN_FILES,
                          .processes = PROCESSES};
    struct spawned shell;
    bytes_clear(&build->status_text);
    if (!sandbox_spawn(build->sandbox, &spawn, &shell, err))
        return false;
    bool is_gone = sandbox_go(build->sandbox, &shell, err) && follow(build, &shell, err);
    close_streams(&shell);
    return is_gone && has_begun(build, err) && sandbox_kill_all(build->sandbox, err);
}

static bool run_build(struct build *build, struct err *err)
{
    struct build_outcome *outcome = build->outcome;
    outcome->status = -1;
    if (outcome->is_too_large) {
        note(build, _("the submission"), _("too many or too large files: nothing was built"));
        return true;
    }
    if (!run(build, build->request->command ? build->request->command : "make", err))
        return false;
    char *end;
    const char *text = bytes_text(&build->status_text);
    long status = strtol(text, &end, 10);
    if (end != text && *end == '\n')
        outcome->status = (int)status;
    if (outcome->is_cut)
        bytes_print(&outcome->output, "\n");
    if (outcome->is_timed_out)
        note(build, _("the build"), _("stopped: it took longer than the safety limit allows"));
    if (outcome->is_flood)
        note(build, _("the build"), _("stopped: it printed too much"));
    outcome->is_ok = outcome->status == 0 && !outcome->is_timed_out && !outcome->is_flood;
    if (!outcome->is_ok && sandbox_refuses_objects(build->sandbox))
        note(build, _("the build"),
             _("this machine lets it make no System V object and no POSIX queue (ipcgrade doctor)"));
    build->is_in_doubt = !outcome->is_ok;
    return true;
}

/* In one word for the shell. */
static void quote(struct bytes *to, const char *text)
{
    bytes_print(to, "'");
    for (; *text; text++)
        bytes_print(to, *text == '\'' ? "'\\''" : "%c", *text);
    bytes_print(to, "'");
}

/* Whatever the build has put where something of ours is to be, shut folders too. */
static bool clear_place(struct build *build, const char *program, const char *driver, struct err *err)
{
    cleanup_bytes struct bytes command = {0};
    bytes_print(&command, "/bin/chmod u+rwx . && for place in ");
    quote(&command, program);
    bytes_print(&command, " ");
    quote(&command, driver);
    bytes_print(&command,
                "; do [ -d \"$place\" ] && /bin/chmod -R u+rwx \"$place\"; /bin/rm -rf \"$place\"; done");
    return run(build, bytes_text(&command), err);
}

static bool link_driver(struct build *build, const struct build_program *program, struct err *err)
{
    cleanup_bytes struct bytes command = {0}, driver = {0};
    struct err why = {0};
    bytes_print(&driver, ".%s-driver.c", program->name);
    /* A program of that name which the submission has made itself is not the one that is graded. */
    if (!clear_place(build, program->name, bytes_text(&driver), err))
        return false;
    /* Only now, when nothing of the student runs, so that what is compiled is what the grader wrote. The name stands in reports. */
    cleanup_fd int source = open(program->driver, O_RDONLY | O_CLOEXEC);
    if (source < 0)
        return err_sys(err, "open the driver %s", program->driver);
    if (!sandbox_put(build->sandbox, source, bytes_text(&driver), 0644, &why)) {
        if (why.number == 0 || why.number == EPIPE || err_is_of_machine(why.number)) {
            if (err)
                *err = why;
            return false;
        }
        build->outcome->is_ok = false;
        note(build, program->name, _("no room was left for what it is linked with"));
        return true;
    }
    /* A library that was not handed in is no failure, as with any program. */
    bytes_print(&command, "[ -e ");
    quote(&command, program->library);
    bytes_print(&command, " ] || exit 0\n/usr/bin/cc -std=gnu17 -Wall -g -I. -o ");
    quote(&command, program->name);
    bytes_print(&command, " ");
    quote(&command, bytes_text(&driver));
    bytes_print(&command, " ");
    quote(&command, program->library);
    bytes_print(&command, " -lpthread -lrt");
    bool was_ok = build->outcome->is_ok;
    if (!run(build, bytes_text(&command), err))
        return false;
    build->outcome->is_ok = was_ok && strcmp(bytes_text(&build->status_text), "0\n") == 0;
    return true;
}

static bool link_drivers(struct build *build, struct err *err)
{
    for (size_t i = 0; i < build->request->program_count; i++) {
        const struct build_program *program = &build->request->programs[i];
        if (program->library && program->driver && !build->outcome->is_too_large &&
            !link_driver(build, program, err))
            return false;
    }
    return true;
}

/* ---- what is taken out ----------------------------------------------------------------------------------------------- */

/* Into memory: so there is nothing on a disk that could be full, closed, or left behind. */
static bool copy_out(int from, int to, const char *name, struct err *err)
{
    char part[65536];
    ssize_t len;
    size_t total = 0;
    while ((len = read(from, part, sizeof part)) > 0 && (total += (size_t)len) <= BUILD_PROGRAM)
        for (ssize_t at = 0, written; at < len; at += written)
            if ((written = write(to, part + at, (size_t)(len - at))) < 0)
                return err_sys(err, "keep the program %s", name);
    return (len == 0 && lseek(to, 0, SEEK_SET) == 0) || err_sys(err, "copy the program %s", name);
}

static bool is_program(struct build *build, const struct stat *status, const char *name)
{
    const char *why = !S_ISREG(status->st_mode)         ? _("not a plain file")
                      : !(status->st_mode & 0111)       ? _("not executable")
                      : status->st_size > BUILD_PROGRAM ? _("too large")
                                                        : NULL;
    if (why)
        note(build, name, why);
    return !why;
}

static bool take_program(struct build *build, size_t index, struct err *err)
{
    const char *name = build->request->programs[index].name;
    cleanup_fd int fd = -1;
    struct err why = {0};
    if (!sandbox_take(build->sandbox, name, &fd, &why)) {
        if (why.number == ELOOP)
            note(build, name, _("a symbolic link, not a program"));
        bool is_theirs = err_is_of_name(why.number); /* all else is the machine's doing, or ours */
        if (!is_theirs && err)
            *err = why;
        return is_theirs;
    }
    struct stat status;
    if (fstat(fd, &status) < 0)
        return err_sys(err, "look at the program %s", name);
    if (!is_program(build, &status, name))
        return true;
    int *own = &build->outcome->programs[index];
    *own = memfd_create(name, MFD_CLOEXEC);
    return *own >= 0 ? copy_out(fd, *own, name, err) : err_sys(err, "make room for the program %s", name);
}

static bool take_programs(struct build *build, struct err *err)
{
    for (size_t i = 0; i < build->outcome->program_count; i++)
        if (!take_program(build, i, err))
            return false;
    return true;
}

/* ---- all together ---------------------------------------------------------------------------------------------------- */

static bool prepare(struct build *build, struct err *err)
{
    struct build_outcome *outcome = build->outcome;
    const struct sandbox_config config = {.hidden = build->request->hidden,
                                          .disk_bytes = DISK,
                                          .filter = build->request->filter,
                                          .filter_length = build->request->filter_length,
                                          .held = build->request->held};
    unsigned seconds = build->request->wall_seconds ? build->request->wall_seconds : BUILD_WALL_SECONDS;
    outcome->programs = malloc((build->request->program_count + 1) * sizeof *outcome->programs);
    if (!outcome->programs)
        return err_sys(err, "make room for programs");
    while (outcome->program_count < build->request->program_count)
        outcome->programs[outcome->program_count++] = -1;
    build_time_begin(&build->time, seconds, build->request->patience_seconds);
    if (!sandbox_open(&build->sandbox, &config, err))
        return false;
    outcome->source_root = strdup(sandbox_directory(build->sandbox));
    if (!outcome->source_root)
        return err_sys(err, "make room for the name of the sources' folder");
    return submission_copy(build->sandbox, build->request->submission, &outcome->output,
                           &outcome->is_too_large, err) &&
           put_makefile(build, err) && build_put_tools(build->sandbox, err);
}

bool build_submission(const struct build_request *request, struct build_outcome *outcome, struct err *err)
{
    struct build build = {.request = request, .outcome = outcome};
    cleanup_fd int watch = clock_watch();
    *outcome = (struct build_outcome){.status = -1};
    bool is_done = prepare(&build, err) && run_build(&build, err) && link_drivers(&build, err) &&
                   take_programs(&build, err);
    sandbox_close(build.sandbox);
    bytes_free(&build.status_text);
    /* Only now: where the machine's disk is all that limits a build, it is full before. */
    is_done = is_done && (!build.is_in_doubt || build_control(watch, err));
    if (!is_done)
        build_outcome_free(outcome);
    return is_done;
}

void build_outcome_free(struct build_outcome *outcome)
{
    for (size_t i = 0; i < outcome->program_count; i++)
        if (outcome->programs[i] >= 0)
            close(outcome->programs[i]);
    free(outcome->programs);
    free(outcome->source_root);
    bytes_free(&outcome->output);
    *outcome = (struct build_outcome){0};
}
