/* Starting a command under the tracer.
 *
 * It is forked as it stands, seized, and let go over a pipe; then it loads the filter and executes. What goes wrong on that way comes back over a second
 * pipe, which an exec closes. It gets the caller's mask of signals and keeps his dispositions: what nohup(1) or a shell's & has made it ignore stays ignored.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "trace/run_private.h"
#include "trace/trace.h"

static void child_side(const struct run *run, int go, int report, char *const argv[])
{
    struct sock_fprog program = {(unsigned short)run->filter_length, run->filter};
    char word;
    sigprocmask(SIG_SETMASK, &run->mask, NULL);
    signal(SIGCHLD, run->on_child);
    if (run->options->in_child)
        run->options->in_child();
    if (read(go, &word, 1) == 1 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
        execvp(argv[0], argv);
    int error = errno;
    (void)!write(report, &error, sizeof error);
    _exit(127);
}

bool start_command(struct run *run, char *const argv[], struct process **process, int *report,
                   struct err *err)
{
    int go[2], back[2];
    if (pipe2(go, O_CLOEXEC) != 0)
        return err_sys(err, "make a pipe");
    cleanup_fd int go_read = go[0], go_write = go[1];
    if (pipe2(back, O_CLOEXEC) != 0)
        return err_sys(err, "make a pipe");
    cleanup_fd int back_read = back[0], back_write = back[1];
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0)
        return err_sys(err, "make a process for %s", argv[0]);
    if (pid == 0) {
        close(go_write); /* it waits for a word of ours, or our end */
        child_side(run, go_read, back_write, argv);
    }
    if (!tracer_seize(run->tracer, pid, 0, process, err)) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        return false;
    }
    *report = steal_fd(&back_read);
    return write(go_write, "", 1) == 1 || err_sys(err, "let %s go", argv[0]);
}
