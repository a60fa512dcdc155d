/* A run of `ipcgrade watch`; see run.h.
 *
 * It is asked to end by SIGTERM. During the build that ends it at once, with nothing found; while cases are played the pool takes the signal, and what is known by
 * then is written.
 */
#include "commands/run.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "commands/command.h"

/* ---- in the run ------------------------------------------------------------------------------------------------------------ */

static size_t count_waiting(const struct plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->suite->count; i++)
        count += plan->states[i] == PLAN_WAITING;
    return count;
}

static bool build_and_play(struct session *session, struct known *known, struct grading *grading,
                           struct submission *submission, struct err *err)
{
    if (!session_build(session, grading, submission, err))
        return false;
    if (!known_settle(known, submission, &grading->plan))
        return err_set(err, "no memory for the cases");
    grading->result.planned = count_waiting(&grading->plan);
    return session_play(session, grading, submission, err);
}

static int play(struct session *session, struct known *known, int found)
{
    struct grading grading = {0};
    struct submission submission = {0};
    struct err err = {0};
    cleanup_file FILE *to = fdopen(found, "w");
    bool is_played = (to || err_sys(&err, "write what a run finds")) &&
                     grading_new(&grading, &session->request, &err) &&
                     build_and_play(session, known, &grading, &submission, &err) &&
                     (known_write(known, &grading, to) || err_sys(&err, "write what a run finds"));
    if (!is_played)
        err_print(stderr, &err);
    submission_free(&submission);
    grading_free(&grading);
    return is_played ? EXIT_FULL : EXIT_BROKEN;
}

/* ---- in the parent --------------------------------------------------------------------------------------------------------- */

/* As they were when the program began: the parent takes them from a descriptor. */
static void release_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

bool run_start(struct run *run, const struct session *session, const struct known *known, struct err *err)
{
    pid_t parent = getpid();
    cleanup_fd int found = memfd_create("ipcgrade-run", MFD_CLOEXEC);
    *run = RUN_NONE;
    if (found < 0)
        return err_sys(err, "make a file for a run");
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct session own = *session;
        struct known mine = *known;
        own.request.suite = session->suite;
        own.request.only = own.patterns;
        own.request.agent_path = own.agent;
        own.request.hidden = own.hidden;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(EXIT_BROKEN);
        release_signals();
        _exit(play(&own, &mine, steal_fd(&found)));
    }
    int pidfd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    if (pidfd < 0) {
        err_sys(err, "start a run");
        if (pid > 0 && kill(pid, SIGKILL) == 0)
            waitpid(pid, NULL, 0);
        return false;
    }
    *run = (struct run){pid, pidfd, steal_fd(&found)};
    return true;
}

bool run_end(struct run *run, bool is_cut, struct known *known, struct err *err)
{
    int status = 0;
    if (!run->pid)
        return true;
    if (is_cut)
        kill(run->pid, SIGTERM);
    while (waitpid(run->pid, &status, 0) < 0 && errno == EINTR)
        ;
    close(run->pidfd);
    cleanup_file FILE *from = fdopen(run->found, "r");
    bool is_read = from ? fseek(from, 0, SEEK_SET) == 0 : err_sys(err, "read what a run has found");
    *run = RUN_NONE;
    if (WIFSIGNALED(status) && !(is_cut && WTERMSIG(status) == SIGTERM))
        return err_set(err, "a run was killed by SIG%s", sigabbrev_np(WTERMSIG(status)));
    return is_read && known_read(known, from, err) &&
           !(WIFEXITED(status) && WEXITSTATUS(status) != EXIT_FULL);
}
