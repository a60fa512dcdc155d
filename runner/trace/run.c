/* Any command under the tracer, with one line for each call; see run.h.
 *
 * The command is forked as it stands, seized, and let go over a pipe; then it loads the filter and executes. What can go wrong on that way comes back over
 * a second pipe, which an exec closes. Calls are told when they end (several processes are told in the order of their results); those that wait when
 * nobody can go on are told once as unfinished, so that a hanging program shows where it hangs.
 */
#include "trace/run.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "trace/ledger.h"
#include "trace/source.h"
#include "trace/trace.h"

enum { STACKS_KEPT = 20000 }; /* 40 MiB */

struct run {
    const struct trace_run_options *options;
    struct trace_run_result *result;
    struct tracer *tracer;
    struct process *main;
    struct object_id *system; /* files of the system that were opened for reading; owned */
    size_t system_count;
    uint64_t told; /* events up to this number were told as waiting; one more than the last */
};

/* ---- telling ---------------------------------------------------------------------------------------------------------- */

/* `tid`: a thread beside the first is told from it; 0: the process is meant. */
static void tell_who(const struct run *run, const struct process *process, pid_t tid)
{
    const char *on = run->options->color ? "\033[36m" : "", *off = run->options->color ? "\033[0m" : "";
    fprintf(run->options->to, "%s[%s %d", on, process->program, (int)process->pid);
    if (tid != 0 && tid != process->pid)
        fprintf(run->options->to, _(" thread %d"), (int)tid);
    fprintf(run->options->to, "]%s ", off);
}

static void tell_source(const struct run *run, const struct event *event)
{
    struct source_at at;
    bool is_asked = event->call.error != 0 || event->call.wait != WAIT_NONE;
    if (run->options->wants_source && is_asked && source_find(run->tracer, event, NULL, &at))
        fprintf(run->options->to, _("  at %s:%d"), at.file, at.line);
}

static void tell_object(const struct run *run, const struct event *event)
{
    bool is_new = event->call.fd >= 0 || event->call.has_ipc; /* a path stands in the call itself */
    if (is_new && event->object_name[0] != '\0') {
        cleanup_free char *name = text_printable(event->object_name, strlen(event->object_name), 64);
        fprintf(run->options->to, "  (%s)", name);
    }
}

static void tell_call(const struct run *run, const struct event *event, const char *more)
{
    cleanup_free char *line = call_text(&event->call);
    const char *on = run->options->color && event->call.error ? "\033[31m" : "", *off = *on ? "\033[0m" : "";
    tell_who(run, tracer_process(run->tracer, (size_t)event->process), event->tid);
    fprintf(run->options->to, "%s%s%s%s", on, line, off, more);
    tell_object(run, event);
    tell_source(run, event);
    fputc('\n', run->options->to);
    run->result->calls++;
    run->result->failed += event->call.error != 0;
}

/* ---- what tells nothing ----------------------------------------------------------------------------------------------- */

static bool is_plain(const struct object_id *id)
{
    return id->kind == OBJECT_FILE || id->kind == OBJECT_DIR;
}

/* Libraries, locales, settings: what every program reads and nobody shares. */
static bool is_system_path(const char *path)
{
    static const char *const roots[] = {"/usr", "/lib", "/lib64", "/etc", "/proc", "/sys"};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        size_t len = strlen(roots[i]);
        if (strncmp(path, roots[i], len) == 0 && (path[len] == '/' || path[len] == '\0'))
            return true;
    }
    return false;
}

static bool is_known_system(const struct run *run, const struct object_id *id)
{
    for (size_t i = 0; i < run->system_count; i++)
        if (object_same(&run->system[i], id))
            return true;
    return false;
}

static void note_system(struct run *run, const struct object_id *id)
{
    if (is_known_system(run, id))
        return;
    struct object_id *grown = reallocarray(run->system, run->system_count + 1, sizeof *grown);
    if (!grown)
        return; /* then a line too many is told */
    run->system = grown;
    run->system[run->system_count++] = *id;
}

/* Does the call only read a file of the system? */
static bool is_of_system(struct run *run, const struct event *event)
{
    const struct call *call = &event->call;
    const struct object_id *id = &event->object;
    bool is_open = call->deed && strcmp(call->deed->word, "open") == 0;
    if (!is_open)
        return is_plain(id) && call->path[0] == '\0' && is_known_system(run, id);
    bool is_read = is_system_path(call->path) &&
                   (call->value[PARAM_FLAGS] & (O_WRONLY | O_RDWR | O_CREAT)) == 0 &&
                   (is_plain(id) || id->kind == OBJECT_NONE);
    if (is_read && is_plain(id))
        note_system(run, id);
    return is_read;
}

static bool is_wanted(struct run *run, const struct event *event)
{
    bool is_own = event->counts && !event->is_inner && !is_of_system(run, event);
    return event->call.row && (run->options->wants_all || is_own);
}

static bool at_exit(void *context, struct task *task, const struct event *event)
{
    struct run *run = context;
    (void)task;
    if (is_wanted(run, event))
        tell_call(run, event, "");
    return false;
}

static void at_image(void *context, struct process *process)
{
    (void)context;
    process->counts = true;
}

/* Whatever is executed is looked at; nothing else would be asked for. */
static bool at_exec(void *context, struct process *process, const char *path)
{
    (void)context, (void)process, (void)path;
    return true;
}

static void at_end(void *context, struct process *process)
{
    const struct run *run = context;
    int status = process->wait_status;
    if (process->program[0] == '\0')
        return; /* the command could not be executed; that is told as an error */
    tell_who(run, process, 0);
    if (WIFSIGNALED(status))
        fprintf(run->options->to, _("+++ killed by %s%s +++\n"), signal_name(WTERMSIG(status)),
                WTERMSIG(status) == SIGSYS ? _(" (a 32-bit call?)") : "");
    else
        fprintf(run->options->to, _("+++ exited with %d +++\n"), WEXITSTATUS(status));
}

static bool is_crash(int signal)
{
    return signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL || signal == SIGABRT;
}

static void at_signal(void *context, struct task *task, int signal, pid_t sender)
{
    const struct run *run = context;
    const struct event *crash = task->process->crash;
    struct source_at at;
    if (!task->process->has_entered && !run->options->wants_all)
        return;
    tell_who(run, task->process, task->tid);
    if (sender > 0)
        fprintf(run->options->to, _("--- %s from process %d ---"), signal_name(signal), (int)sender);
    else
        fprintf(run->options->to, "--- %s ---", signal_name(signal));
    if (run->options->wants_source && is_crash(signal) && crash && source_find(run->tracer, crash, NULL, &at))
        fprintf(run->options->to, _("  at %s:%d"), at.file, at.line);
    fputc('\n', run->options->to);
}

/* Nobody goes on: whoever waits is told, each wait once. */
static void tell_waiting(struct run *run)
{
    uint64_t last = run->told;
    for (size_t i = 0; i < tracer_task_count(run->tracer); i++) {
        const struct task *task = tracer_task(run->tracer, i);
        const struct event *function = task_library(task), *now = function ? function : task->now;
        if (!now || task->state != TASK_BLOCKED || task->now->number < run->told || !is_wanted(run, now))
            continue;
        tell_call(run, now, _(" waits"));
        last = task->now->number + 1 > last ? task->now->number + 1 : last;
    }
    run->told = last;
    fflush(run->options->to);
}

/* They are killed as they stand; what they were waiting for has been told. */
static void end_all(struct run *run)
{
    run->result->was_ended = true;
    for (size_t i = 0; i < tracer_process_count(run->tracer); i++) {
        const struct process *process = tracer_process(run->tracer, i);
        if (!process->is_dead)
            kill(process->pid, SIGKILL);
    }
}

static void nobody_goes_on(struct run *run, enum scene scene)
{
    tell_waiting(run);
    if (run->options->stands)
        run->options->stands(run->options->context, run->tracer, scene);
    if (run->options->is_ended_at_rest && scene == SCENE_AT_REST)
        end_all(run);
}

/* ---- the command ------------------------------------------------------------------------------------------------------ */

struct start {
    int go[2];     /* the parent's word that it is traced */
    int report[2]; /* the child's errno */
    struct sock_filter *filter;
    size_t length;
};

static void start_free(struct start *start)
{
    for (int i = 0; i < 2; i++) {
        if (start->go[i] >= 0)
            close(start->go[i]);
        if (start->report[i] >= 0)
            close(start->report[i]);
    }
    free(start->filter);
}

static void child_side(const struct start *start, const sigset_t *mask, char *const argv[])
{
    struct sock_fprog program = {(unsigned short)start->length, start->filter};
    char word;
    sigprocmask(SIG_SETMASK, mask, NULL);
    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    close(start->go[1]);
    if (read(start->go[0], &word, 1) == 1 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
        execvp(argv[0], argv);
    int error = errno;
    (void)!write(start->report[1], &error, sizeof error);
    _exit(127);
}

static bool start_command(struct run *run, struct start *start, const sigset_t *mask, char *const argv[],
                          struct err *err)
{
    if (pipe2(start->go, O_CLOEXEC) != 0 || pipe2(start->report, O_CLOEXEC) != 0)
        return err_sys(err, "make a pipe");
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0)
        return err_sys(err, "make a process for %s", argv[0]);
    if (pid == 0)
        child_side(start, mask, argv);
    if (!tracer_seize(run->tracer, pid, 0, &run->main, err)) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        return false;
    }
    close(start->report[1]);
    start->report[1] = -1;
    return write(start->go[1], "", 1) == 1 || err_sys(err, "let %s go", argv[0]);
}

static bool follow(struct run *run, struct err *err)
{
    struct pollfd wait = {.fd = tracer_poll_fd(run->tracer), .events = POLLIN};
    /* How soon the proof is tried again changes how soon a line is told, never which. */
    const struct timespec soon = {.tv_nsec = 50000};
    bool may_wait = false; /* something has happened since the waiting calls were told */
    while (tracer_task_count(run->tracer) > 0 && !tracer_trouble(run->tracer)) {
        if (tracer_pump(run->tracer) > 0) {
            may_wait = true;
            continue;
        }
        enum scene scene = may_wait ? scene_prove(run->tracer) : SCENE_AT_REST;
        if (may_wait && (scene == SCENE_TURN_OVER || scene == SCENE_AT_REST))
            nobody_goes_on(run, scene);
        bool is_unproved = scene == SCENE_UNPROVED;
        may_wait = may_wait && is_unproved;
        if (ppoll(&wait, 1, is_unproved ? &soon : NULL, NULL) < 0 && errno != EINTR)
            return err_sys(err, "wait for the command");
    }
    const char *trouble = tracer_trouble(run->tracer);
    return !trouble || err_set(err, "%s", trouble);
}

static bool started(const struct run *run, const struct start *start, const char *program, struct err *err)
{
    int error = 0;
    (void)run;
    if (read(start->report[0], &error, sizeof error) != sizeof error)
        return true;
    errno = error;
    return err_sys(err, "execute %s", program);
}

static bool run_traced(struct run *run, struct start *start, const sigset_t *mask, char *const argv[],
                       struct err *err)
{
    cleanup_ledger struct ledger ledger = {0};
    if (!tracer_filter(&start->filter, &start->length, err) || !ledger_begin(&ledger, err) ||
        !start_command(run, start, mask, argv, err) || !follow(run, err) ||
        !started(run, start, argv[0], err))
        return false;
    run->result->wait_status = run->main->wait_status;
    run->result->processes = tracer_process_count(run->tracer);
    run->result->is_cut = tracer_dropped_detail(run->tracer);
    if (run->options->ended)
        run->options->ended(run->options->context, run->tracer, &ledger);
    run->result->left = ledger_tell(&ledger, run->tracer, run->options->to);
    fflush(run->options->to);
    return true;
}

bool trace_run(char *const argv[], const struct trace_run_options *options, struct trace_run_result *result,
               struct err *err)
{
    struct run run = {.options = options, .result = result};
    struct start start = {.go = {-1, -1}, .report = {-1, -1}};
    struct tracer_config config = {
        .hooks = {.context = &run,
                  .exit = at_exit,
                  .image = at_image,
                  .preloads = at_exec,
                  .ended = at_end,
                  .signalled = at_signal},
        .probe_path = options->probe,
        .probe_file = options->probe,
        .wants_stacks = options->wants_source,
        .stacks_kept = STACKS_KEPT,
    };
    struct sigaction ignore = {.sa_handler = SIG_IGN}, old_int, old_quit;
    sigset_t mask;
    *result = (struct trace_run_result){0};
    sigprocmask(SIG_BLOCK, NULL, &mask);
    if (!tracer_new(&run.tracer, &config, err))
        return false;
    sigaction(SIGINT, &ignore, &old_int);
    sigaction(SIGQUIT, &ignore, &old_quit);
    bool is_done = run_traced(&run, &start, &mask, argv, err);
    sigaction(SIGINT, &old_int, NULL);
    sigaction(SIGQUIT, &old_quit, NULL);
    start_free(&start);
    tracer_free(run.tracer);
    free(run.system);
    return is_done;
}
